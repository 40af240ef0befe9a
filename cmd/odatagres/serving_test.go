package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func scalar[T any](t *testing.T, c *pgx.Conn, sql string) T {
	t.Helper()
	var v T
	if err := c.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestDemo(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := running.Start(t, []string{"TMPDIR=" + temp}, "demo", "--listen", "127.0.0.1:0", "--devices", "50", "--days", "5", "--until", running.LastDay)
		address := p.Line("postgres")
		if !regexp.MustCompile(`^postgres://demo:demo@127\.0\.0\.1:\d+/warehouse$`).MatchString(address) {
			t.Errorf("the address is %s", address)
		}
		p.Match(`^ 20261120 \| Compliant `) // the answer's last rows begin
		c := connect(t, address)
		if n := scalar[int](t, c, "select count(*) from devices"); n < 50 {
			t.Errorf("%d devices", n)
		}
		p.Signal(signal)
		if code := p.Wait(); code != 0 {
			t.Errorf("%v: exit code %d", signal, code)
		}
		out := p.Output()
		if !regexp.MustCompile(`\Awarehouse http://127\.0\.0\.1:\d+/ReportingService/DataWarehouseFEService\npostgres postgres://\S+\n\n`).MatchString(out) {
			t.Errorf("the output begins\n%s", out)
		}
		for _, word := range []string{
			"warehouse=> explain select", "QUERY PLAN", "Request: GET /devicePropertyHistories?api-version=v1.0&$filter=dateKey%20ge%2020261118&$select=",
			"   day    |", " 20261120 | Compliant ",
		} {
			if !strings.Contains(out, word) {
				t.Errorf("the output lacks %q:\n%s", word, out)
			}
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%v left %v, %v", signal, left, err)
		}
	}
}

func TestDemoQuiet(t *testing.T) {
	t.Parallel()
	g := running.Demo(t, "--quiet", "--devices", "20", "--days", "2")
	connect(t, g.URL)
	g.Stop()
	if out := g.Output(); strings.Count(out, "\n") != 2 {
		t.Errorf("the output is\n%s", out)
	}
}

func TestSecretsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	p := running.Start(t, []string{"W=one two"}, "simulate", "--profile", "intune", "--listen", "127.0.0.1:0", "--devices", "5", "--days", "1", "--client-secret", "env:W")
	if line := p.Line("oauth"); !strings.HasSuffix(line, "/token sample one two") {
		t.Errorf("oauth %s", line)
	}
	_, stderr, code := running.Run(t, nil, "simulate", "--profile", "intune", "--client-secret", "env:NONE")
	if code != exitFault {
		t.Errorf("exit code %d", code)
	}
	oneLiner(t, stderr, "NONE is not set")
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	path := running.Config(t, "listen: "+taken+"\n", running.Service{Schema: "s", Profile: "generic", URL: "http://127.0.0.1:1/s"})
	for _, args := range [][]string{
		{"demo", "--devices", "5", "--days", "1", "--listen", taken},
		{"demo", "--devices", "5", "--days", "1", "--listen", "127.0.0.1:0", "--warehouse-listen", taken},
		{"simulate", "--profile", "full", "--devices", "5", "--days", "1", "--listen", taken},
		{"serve", "--config", path},
	} {
		_, stderr, code := running.Run(t, running.Environment(), args...)
		if code != exitFault || !strings.Contains(stderr, "address already in use") {
			t.Errorf("%v ended with %d and %s", args, code, stderr)
		}
	}
}

func TestServeKeepsItsState(t *testing.T) {
	t.Parallel()
	w := running.Simulate(t, "--profile", "intune", "--devices", "20", "--days", "2")
	dir := filepath.Join(t.TempDir(), "state")
	spill := filepath.Join(dir, "spill")
	if err := os.MkdirAll(spill, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"odatagres-page-1", "somebody-elses"} {
		if err := os.WriteFile(filepath.Join(spill, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	state := "state_dir: " + dir + "\n"
	g := running.ServeWith(t, state, w.Intune())
	oid := scalar[uint32](t, connect(t, g.URL), "select 'devices'::regclass::oid")
	if code := g.Stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	secret, err := os.ReadFile(filepath.Join(dir, secretFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{".": 0o700, "spill": 0o700, secretFile: 0o600, "server.key": 0o600, "attnums.json": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if left, err := os.ReadDir(spill); err != nil || len(left) != 1 || left[0].Name() != "somebody-elses" {
		t.Errorf("the spill directory holds %v, %v", left, err)
	}

	// The service is gone: the metadata on disk serves the catalog, and the secret is the same one.
	w.Stop()
	g = running.ServeWith(t, state, w.Intune())
	c := connect(t, g.URL)
	if again := scalar[uint32](t, c, "select 'devices'::regclass::oid"); again != oid {
		t.Errorf("OID %d became %d", oid, again)
	}
	_, err = c.Exec(t.Context(), "select * from devices")
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "HV00N" {
		t.Errorf("reading gave %v", err)
	}
	if again, err := os.ReadFile(filepath.Join(dir, secretFile)); err != nil || !bytes.Equal(again, secret) {
		t.Errorf("the secret changed: %v", err)
	}
}

func TestServeStartsWithoutItsService(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	root := "/ReportingService/DataWarehouseFEService"
	g := running.Serve(t, running.Service{
		Schema: "intune", Profile: "intune", URL: "http://" + address + root + "?api-version=v1.0", TokenURL: "http://" + address + "/sample/oauth2/v2.0/token",
	})
	config, err := pgx.ParseConfig(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	var warning *pgconn.Notice
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { warning = n }
	c, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	_, err = c.Exec(t.Context(), "select * from devices")
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "HV00N" {
		t.Errorf("reading gave %v", err)
	}
	if warning == nil || warning.Severity != "WARNING" || !strings.Contains(warning.Message, `"intune"`) {
		t.Errorf("connecting warned %v", warning)
	}
	if n := scalar[int](t, c, "select 1"); n != 1 {
		t.Error("the connection does not go on")
	}

	// It comes up later.
	running.Start(t, nil, "simulate", "--profile", "intune", "--devices", "5", "--days", "1", "--listen", address)
	deadline := time.Now().Add(40 * time.Second)
	for {
		var n int
		if err := c.QueryRow(t.Context(), "select count(*) from devices").Scan(&n); err == nil && n >= 5 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the service is not seen: %v", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// TestStatementsEndBeforeTheServer sends SIGTERM while a statement waits for its service.
func TestStatementsEndBeforeTheServer(t *testing.T) {
	t.Parallel()
	w := running.Simulate(t, "--profile", "intune", "--devices", "20", "--days", "2", "--latency", "1s")
	g := running.Serve(t, w.Intune())
	busy, idle := connect(t, g.URL), connect(t, g.URL)
	type answer struct {
		n   int
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		// One message: between the messages of the extended protocol the session is idle, and would end.
		a.err = busy.QueryRow(context.Background(), "select count(*) from devices", pgx.QueryExecModeSimpleProtocol).Scan(&a.n)
		answers <- a
	}()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if n := scalar[int](t, idle, "select count(*) from pg_stat_activity where state = 'active' and query like '%from devices'"); n == 1 {
			break
		}
		select {
		case a := <-answers:
			t.Fatalf("the statement was never seen to run, and gave %d, %v", a.n, a.err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the statement was never seen to run")
		}
	}
	g.Signal(syscall.SIGTERM)
	if a := <-answers; a.err != nil || a.n < 20 {
		t.Errorf("the statement gave %d, %v", a.n, a.err)
	}
	if code := g.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	_, err := idle.Exec(context.Background(), "select 1")
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "57P01" {
		t.Errorf("the idle session ended with %v", err)
	}
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	w := running.Simulate(t, "--profile", "intune", "--devices", "20", "--days", "2")
	g := running.ServeWith(t, "log: {level: info, format: json}\n", w.Intune())
	c := connect(t, g.URL)
	scalar[int](t, c, `select count(*) from devices where "deviceName" <> 'a literal'`)
	_, _ = c.Exec(t.Context(), "select 1/0")
	_ = c.Close(t.Context())
	g.Stop()
	log := g.Stderr()
	for _, word := range []string{`"user":"analyst"`, `"requests":1`, `"pages":1`, `"rows":1`, `"22012"`, `"duration"`, `"read_bytes"`} {
		if !strings.Contains(log, word) {
			t.Errorf("the log lacks %s:\n%s", word, log)
		}
	}
	for _, word := range []string{"a literal", running.Password, "sample-secret", "Bearer"} {
		if strings.Contains(log, word) {
			t.Errorf("the log tells %q:\n%s", word, log)
		}
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "{") {
			t.Errorf("not JSON: %s", line)
		}
	}
}
