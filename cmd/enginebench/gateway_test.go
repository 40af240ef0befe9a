package enginebench

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/wire"
)

// The environment of a gateway process: the rows of the largest table, the memory of a query in MiB, and where a service is that
// gives pages.
const (
	gatewayVariable = "ENGINEBENCH_GATEWAY_ROWS"
	memoryVariable  = "ENGINEBENCH_GATEWAY_MEMORY"
	pagesVariable   = "ENGINEBENCH_GATEWAY_PAGES"
)

// gateway is the product in a process of its own, so that its threads and its memory are its own.
type gateway struct {
	*running.Process
	url, control string
}

// startGateway runs this test binary as a gateway over rows in its memory, in the schema bench, and over a service that gives pages,
// in the schema pages, unless its address is empty. It runs on one core until it is told otherwise.
func startGateway(tb testing.TB, rows int64, pages string) *gateway {
	tb.Helper()
	p := running.StartProgram(tb, os.Args[0], []string{
		gatewayVariable + "=" + strconv.FormatInt(rows, 10), memoryVariable + "=" + strconv.Itoa(*memoryFlag), "GOMAXPROCS=1",
		pagesVariable + "=" + pages,
	})
	return &gateway{Process: p, url: p.Line("postgres"), control: p.Line("control")}
}

// tell has the gateway do what control offers.
func (g *gateway) tell(tb testing.TB, path string) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, g.control+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		tb.Fatalf("%s: %s", path, res.Status)
	}
}

// gatewayMain is the process's main function.
func gatewayMain(rows string) int {
	if err := serveMemory(rows); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serveMemory(text string) error {
	rows, err1 := strconv.ParseInt(text, 10, 64)
	mib, err2 := strconv.ParseInt(os.Getenv(memoryVariable), 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go leaveWithParent(stop)
	list := tables(rows)
	source := newMemory(list)
	runtime.GC() // what making them left
	lc := net.ListenConfig{}
	web, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	postgres, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	site := &http.Server{Handler: control(list), ReadHeaderTimeout: time.Minute}
	var work sync.WaitGroup
	work.Go(func() { _ = site.Serve(web) })
	root := "http://" + web.Addr().String()
	services := []engine.ServiceOptions{{Schema: "bench", Profile: profile.Generic(), Client: odata.Config{Root: root}, Source: source}}
	if pages := os.Getenv(pagesVariable); pages != "" {
		services = append(services, engine.ServiceOptions{Schema: "pages", Profile: profile.Generic(), Client: odata.Config{Root: pages}})
	}
	e, err := engine.New(engine.Options{
		Database: "bench", Users: []engine.User{{Name: "bench", Password: "bench"}}, Logger: zerolog.Nop(),
		Limits:   engine.Limits{QueryMemory: mib << 20, ServerMemory: 2 * mib << 20},
		Services: services,
	})
	if err != nil {
		return err
	}
	e.Start(context.WithoutCancel(ctx))
	err = e.WaitMetadata(ctx)
	server := wire.NewServer(wire.Options{Backend: e, Logger: zerolog.Nop()})
	work.Go(func() { _ = server.Serve(context.WithoutCancel(ctx), postgres) })
	if err == nil {
		fmt.Println("postgres postgres://bench:bench@" + postgres.Addr().String() + "/bench?sslmode=disable")
		fmt.Println("control " + root)
		<-ctx.Done()
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ending), site.Close())
	work.Wait()
	return errors.Join(err, e.Close())
}

// leaveWithParent ends the process when the tests that started it are gone, however they went.
func leaveWithParent(stop func()) {
	parent := os.Getppid()
	for range time.Tick(time.Second) {
		if os.Getppid() != parent {
			stop()
			return
		}
	}
}

// control is the gateway's metadata, as a service gives it, and what the tests may have the process do.
func control(list []table) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /$metadata", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write([]byte(csdl(list)))
	})
	do := func(path string, f func(r *http.Request) error) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := f(r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}
	do("/cores", func(r *http.Request) error {
		n, err := strconv.Atoi(r.FormValue("n"))
		if err == nil {
			runtime.GOMAXPROCS(n)
		}
		return err
	})
	// What earlier queries left is no memory of the next one's.
	do("/collect", func(*http.Request) error {
		debug.FreeOSMemory()
		return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // proc(5): VmHWM begins anew
	})
	do("/profile", func(r *http.Request) error {
		f, err := os.Create(filepath.Clean(r.FormValue("file")))
		if err != nil {
			return err
		}
		return pprof.StartCPUProfile(f)
	})
	do("/profiled", func(*http.Request) error {
		pprof.StopCPUProfile()
		return nil
	})
	return mux
}

// csdl is the tables' metadata.
func csdl(list []table) string {
	var b strings.Builder
	b.WriteString(xml.Header + `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>` +
		`<Schema Namespace="Bench" xmlns="http://docs.oasis-open.org/odata/ns/edm">`)
	for _, t := range list {
		fmt.Fprintf(&b, `<EntityType Name="%s"><Key><PropertyRef Name="%s"/></Key>`, t.name, t.columns[0].name)
		for _, c := range t.columns {
			fmt.Fprintf(&b, `<Property Name="%s" Type="%s" Nullable="%t" %s/>`, c.name, c.edm, c.nullable, c.facets)
		}
		b.WriteString(`</EntityType>`)
	}
	b.WriteString(`<EntityContainer Name="Container">`)
	for _, t := range list {
		fmt.Fprintf(&b, `<EntitySet Name="%s" EntityType="Bench.%s"/>`, t.name, t.name)
	}
	b.WriteString(`</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
	return b.String()
}
