package wire_test

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/backend"
	"github.com/odatagres/odatagres/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testUser, testPassword = "postgres", "pencil's point"

func newMemory() *memory {
	return &memory{users: map[string]backend.Credential{
		testUser: {Known: true, Password: testPassword},
		// SASLprep makes 1⁄2 of the half, as PostgreSQL and psql do; pgx and lib/pq do not.
		"prepared": {Known: true, Password: "a \u00bd"},
		// SASLprep refuses a control character, so the password is used raw.
		"raw": {Known: true, Password: "a\x01b"},
		// The verifier that PostgreSQL 15 made of the password pencil.
		"verified": {Known: true, Verifier: "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="},
	}}
}

// serve runs a server over the engine and returns its address. The server is shut down, and must end, when the test ends.
func serve(t testing.TB, engine *memory, options wire.Options) (address string, server *wire.Server) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	options.Backend = engine
	if os.Getenv("WIRE_TEST_LOG") != "" {
		options.Logger = zerolog.New(zerolog.NewTestWriter(t))
	}
	server = wire.NewServer(options)
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background(), l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, wire.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
		if n := engine.open.Load(); n != 0 {
			t.Errorf("%d sessions were not closed", n)
		}
	})
	return l.Addr().String(), server
}

func clientConfig(address string) wiretest.Config {
	return wiretest.Config{Address: address, User: testUser, Password: testPassword, Database: "postgres"}
}

func connect(t testing.TB, address string) *wiretest.Client {
	t.Helper()
	return connectWith(t, clientConfig(address))
}

func connectWith(t testing.TB, config wiretest.Config) *wiretest.Client {
	t.Helper()
	c, err := wiretest.Connect(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// exchangeNothing connects and leaves, as a port check does.
func exchangeNothing(t testing.TB, address string) error {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return conn.Close()
}
