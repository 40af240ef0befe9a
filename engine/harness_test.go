package engine_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/odata/simulator"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	goleak.VerifyTestMain(m)
}

const database = "warehouse"

// users are those of every gateway here, and the oracle's roles.
func users() []engine.User {
	return []engine.User{
		{Name: "analyst", Password: "secret"},
		{Name: "limited", Password: "secret", Services: []string{"second"}},
		{Name: "nobody", Password: "secret", Services: []string{}},
		{Name: "monitor", Password: "secret", MemberOf: []string{"pg_monitor"}},
		{Name: "killer", Password: "secret", MemberOf: []string{"pg_signal_backend"}},
	}
}

// gateway is an engine behind the real protocol on a loopback port.
type gateway struct {
	address string
	engine  *engine.Engine
}

func (g *gateway) dsn(user, more string) string {
	return "postgres://" + user + ":secret@" + g.address + "/" + database + "?sslmode=disable" + more
}

// serve starts a gateway that ends with the test. o is completed.
func serve(t *testing.T, o engine.Options) *gateway {
	t.Helper()
	o.Database = database
	if o.Users == nil {
		o.Users = users()
	}
	e, err := engine.New(o)
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
		grace, stop := context.WithTimeout(context.Background(), 10*time.Second)
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
	return &gateway{address: listener.Addr().String(), engine: e}
}

// ready waits for the metadata of all services.
func (g *gateway) ready(t *testing.T) *gateway {
	t.Helper()
	if err := g.engine.WaitMetadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

// lastDay is the last day of the sample warehouses here.
func lastDay() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }

// warehouse starts a sample service that ends with the test.
func warehouse(t *testing.T, o simulator.Options) *simulator.Server {
	t.Helper()
	if o.Devices == 0 {
		o.Devices = 40
	}
	if o.Days == 0 {
		o.Days = 5
	}
	o.Until, o.NoAuth = lastDay(), true
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

// front hands requests to a sample service through a test.
func front(t *testing.T, s *simulator.Server, between func(next http.Handler) http.Handler) string {
	t.Helper()
	web := httptest.NewServer(between(s.Handler()))
	t.Cleanup(web.Close)
	return web.URL + "/ReportingService/DataWarehouseFEService"
}

// service are the options of a service at a URL.
func service(schema, url string, p *profile.Profile) engine.ServiceOptions {
	return engine.ServiceOptions{Schema: schema, Profile: p, Client: odata.Config{
		Root: url, Custom: []query.Option{{Name: "api-version", Value: "v1.0"}},
		Retry: odata.Retry{Attempts: 2, Base: 10 * time.Millisecond},
	}}
}

// connect opens a connection that ends with the test.
func connect(t *testing.T, dsn string, change ...func(*pgconn.Config)) *pgconn.PgConn {
	t.Helper()
	c, err := dial(t.Context(), dsn, change...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hangUp(t, c) })
	return c
}

func dial(ctx context.Context, dsn string, change ...func(*pgconn.Config)) (*pgconn.PgConn, error) {
	cfg, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	for _, f := range change {
		f(cfg)
	}
	return pgconn.ConnectConfig(ctx, cfg)
}

func hangUp(t *testing.T, c *pgconn.PgConn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Logf("closing a connection: %v", err)
	}
}
