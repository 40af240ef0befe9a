package difftest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/odata/simulator"
	"github.com/odatagres/odatagres/wire"
)

// gateway is the product before the sample services: an engine behind the real protocol on a loopback port, and the services
// behind real HTTP.
type gateway struct {
	front *front // before the warehouse
	dsn   string
}

// gatewayOptions say what stands behind a gateway.
type gatewayOptions struct {
	// profile is what the gateway believes of the warehouse; the warehouse takes all of the standard unless it is intune.
	profile *profile.Profile
	// variants are those of the warehouse.
	variants []string
	// disable names phases of the planner to leave out.
	disable []string
	// memory is a query's; 0 takes the default.
	memory int64
	// rich adds the tables with values of every type.
	rich bool
	// between stands between the gateway and the warehouse.
	between func(http.Handler) http.Handler
}

// start makes a gateway that ends with the test.
func start(t *testing.T, o gatewayOptions) *gateway {
	t.Helper()
	so := warehouse()
	so.Variants = o.variants
	if o.profile.Name != "intune" {
		so.Profile = "full"
	}
	sim := startService(t, so)
	before := &front{handler: sim.Handler()}
	if o.between != nil {
		before.handler = o.between(before.handler)
	}
	web := httptest.NewServer(before)
	t.Cleanup(web.Close)
	types := startService(t, typesService())
	disable := map[string]bool{}
	for _, name := range o.disable {
		disable[name] = true
	}
	services := []engine.ServiceOptions{
		{Schema: "intune", Profile: o.profile, Client: odata.Config{
			Root: web.URL + "/ReportingService/DataWarehouseFEService", Custom: []query.Option{{Name: "api-version", Value: "v1.0"}},
			AllowOrigins: []odata.Origin{{Origin: sim.SecondOrigin()}},
		}},
		{Schema: "types", Profile: profile.Standard(), Client: odata.Config{Root: types.URL()}},
	}
	if o.rich {
		rich := httptest.NewServer(richService())
		t.Cleanup(rich.Close)
		services = append(services, engine.ServiceOptions{Schema: "rich", Profile: profile.Generic(), Client: odata.Config{Root: rich.URL}})
	}
	e, err := engine.New(engine.Options{
		Database: "warehouse", Users: []engine.User{{Name: "postgres", Password: "secret"}}, Logger: zerolog.Nop(),
		Clock: now, DisableRules: disable, Limits: engine.Limits{QueryMemory: o.memory, SpillDir: t.TempDir()},
		Services: services,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := wire.NewServer(wire.Options{Backend: e, Logger: zerolog.Nop()})
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// The test's own context ends before its cleanups run.
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ctx, listener); err != nil && ctx.Err() == nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		grace, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		cancel()
		if err := server.Shutdown(grace); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		serving.Wait()
		if err := e.Close(); err != nil {
			t.Errorf("closing the engine: %v", err)
		}
	})
	e.Start(ctx)
	if err := e.WaitMetadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &gateway{front: before, dsn: "postgres://postgres:secret@" + listener.Addr().String() + "/warehouse?sslmode=disable"}
}

func startService(t *testing.T, o simulator.Options) *simulator.Server {
	t.Helper()
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing a sample service: %v", err)
		}
	})
	return s
}

// pair is a connection to PostgreSQL and one to a gateway with the same rows.
type pair struct {
	*gateway
	oracle, ours *pgconn.PgConn
}

func startPair(t *testing.T, o gatewayOptions) *pair {
	t.Helper()
	server, db := database(t, o.variants...)
	g := start(t, o)
	return &pair{gateway: g, oracle: connect(t, server.DSNOf(db)+"&default_transaction_read_only=on"), ours: connect(t, g.dsn)}
}

// compare asks both and tells what differs.
func (p *pair) compare(t *testing.T, q *question, f format) string {
	t.Helper()
	diff, _ := p.compareAdvice(t, q, f)
	return diff
}

// compareAdvice is compare, and tells beside it what differs in an error's hint, detail or context.
func (p *pair) compareAdvice(t *testing.T, q *question, f format) (diff, advice string) {
	t.Helper()
	want, err := ask(t.Context(), p.oracle, q.sql, q.args, f)
	if err != nil {
		t.Fatalf("%s: PostgreSQL: %v", q.place, err)
	}
	got := p.answer(t, q, f)
	if got == nil {
		return "the connection is lost", ""
	}
	return differ(want, got, f, orders(q.sql) && q.tie == ""), differAdvice(want, got)
}

// answer asks the gateway; a lost connection is nil and replaced.
func (p *pair) answer(t *testing.T, q *question, f format) *answer {
	t.Helper()
	got, err := ask(t.Context(), p.ours, q.sql, q.args, f)
	if err != nil {
		t.Logf("%s: the gateway: %v", q.place, err)
		p.ours = connect(t, p.dsn)
		return nil
	}
	return got
}

// formats are the ways in which a case can be sent: a statement with parameters has no simple form.
func formats(q *question) []format {
	if len(q.args) > 0 {
		return []format{extendedText, extendedBinary}
	}
	return []format{simple, extendedText, extendedBinary}
}
