package engine_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

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
	os.Exit(m.Run())
}

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	sim, err := simulator.New(simulator.Options{Profile: "intune", Devices: 50, Days: 5, Until: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(ctx, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	id, secret := sim.Credentials()
	e, err := engine.New(engine.Options{
		Database: "warehouse", Users: []engine.User{{Name: "demo", Password: "demo"}}, Logger: zerolog.Nop(),
		Services: []engine.ServiceOptions{{Schema: "intune", Profile: profile.Intune(), Client: odata.Config{
			Root: sim.URL(), Custom: []query.Option{{Name: "api-version", Value: "v1.0"}},
			Auth: odata.Auth{Kind: odata.AuthClientCredentials, TokenURL: sim.TokenURL(), ClientID: id, ClientSecret: secret, Scopes: []string{"https://api.manage.microsoft.com//.default"}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Start(ctx)
	if err := e.WaitMetadata(ctx); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := wire.NewServer(wire.Options{Backend: e, Logger: zerolog.Nop()})
	go srv.Serve(ctx, ln)
	fmt.Println("LISTEN", ln.Addr())
	conn, err := pgx.Connect(ctx, "postgres://demo:demo@"+ln.Addr().String()+"/warehouse?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var n int
	if err := conn.QueryRow(ctx, `select count(*) from devices`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	fmt.Println("devices", n)
	if d := os.Getenv("SMOKE"); d != "" {
		time.Sleep(time.Hour)
	}
}
