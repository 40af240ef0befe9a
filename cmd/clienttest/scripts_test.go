package clienttest

import (
	"testing"

	"github.com/odatagres/odatagres/wire/wiretest"
)

// TestScripts runs the protocol's scripts, which hold PostgreSQL's answers, against the whole server.
func TestScripts(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	wiretest.Walk(t, root+"/testdata/wire", wiretest.Config{Address: g.Address(), User: "demo", Password: "demo", Database: "warehouse"})
}
