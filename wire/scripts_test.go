package wire_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/wiretest"
)

const scripts = "../testdata/wire"

// TestScripts runs the protocol scripts against this server over the small engine of these tests.
func TestScripts(t *testing.T) {
	address, _ := serve(t, newMemory(), wire.Options{})
	wiretest.Walk(t, scripts, clientConfig(address))
}

// TestScriptsPostgreSQL runs the same scripts against PostgreSQL, whose answers they hold.
func TestScriptsPostgreSQL(t *testing.T) {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(oracle.Start(t).Port()))
	wiretest.Walk(t, scripts, wiretest.Config{Address: address, User: "postgres", Database: "postgres"})
}

// TestRandomSequences compares the state machine with PostgreSQL's, message by message.
func TestRandomSequences(t *testing.T) {
	ours, _ := serve(t, newMemory(), wire.Options{})
	theirs := net.JoinHostPort("127.0.0.1", strconv.Itoa(oracle.Start(t).Port()))
	sequences := 300
	if testing.Short() {
		sequences = 30
	}
	wiretest.Differential(t, clientConfig(ours), wiretest.Config{Address: theirs, User: "postgres", Database: "postgres"}, sequences, 1)
}
