package engine_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/wire/wiretest"
)

// empty is a gateway without services, whose answers are PostgreSQL's own.
func empty(t *testing.T) wiretest.Config {
	t.Helper()
	g := serve(t, engine.Options{Logger: zerolog.Nop()})
	return wiretest.Config{Address: g.address, User: "analyst", Password: "secret", Database: database}
}

// TestProtocolScripts runs the protocol scripts, which hold PostgreSQL's answers.
func TestProtocolScripts(t *testing.T) {
	t.Parallel()
	wiretest.Walk(t, "../testdata/wire", empty(t))
}

// TestRandomSequences compares random messages of the extended protocol with PostgreSQL's answers.
func TestRandomSequences(t *testing.T) {
	t.Parallel()
	if err := prepareOracle(); err != nil {
		t.Fatal(err)
	}
	theirs := net.JoinHostPort("127.0.0.1", strconv.Itoa(theOracle.Port()))
	sequences := 300
	if testing.Short() {
		sequences = 30
	}
	wiretest.Differential(t, empty(t), wiretest.Config{Address: theirs, User: "analyst", Database: database}, sequences, 2)
}
