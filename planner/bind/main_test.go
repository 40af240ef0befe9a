package bind_test

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	goleak.VerifyTestMain(m)
}

// snapshot holds the tables of testdata/model.xml in the schema s, and a service without metadata.
func snapshot(t testing.TB) *catalog.Snapshot {
	t.Helper()
	raw, err := os.ReadFile("testdata/model.xml")
	if err != nil {
		t.Fatal(err)
	}
	model, err := edm.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	s, err := catalog.Build(catalog.Options{
		Version: 1, Database: "postgres", System: system.Definitions(),
		Users:    []catalog.User{{Name: "analyst", AllServices: true}},
		Services: []catalog.Service{{Schema: "s", Model: model}, {Schema: "gone", Reason: "connection refused"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// values is how literals are read in a session at UTC.
type values struct{ snap *catalog.Snapshot }

func (v values) path() catalog.Path     { return catalog.Path{"pg_catalog", "s"} }
func (values) Location() *time.Location { return time.UTC }
func (values) DateOrder() string        { return "MDY" }
func (values) DateStyle() string        { return "ISO" }
func (values) IntervalStyle() string    { return "postgres" }
func (values) ExtraFloatDigits() int    { return 1 }
func (values) ByteaOutput() string      { return "hex" }
func (values) Now() time.Time           { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }
func (v values) RegOut(typ, oid uint32) (string, bool) {
	return system.RegOut(v.snap, v.path(), typ, oid)
}

func (v values) RegIn(typ uint32, name string) (uint32, error) {
	return system.RegIn(v.snap, v.path(), typ, name)
}

func environment(t testing.TB) bind.Env {
	s := snapshot(t)
	return bind.Env{
		Snapshot: s, Registry: builtin.Load(), SearchPath: []string{"s"}, User: "analyst", Database: "postgres", Values: values{s},
	}
}

var _ sqltype.Env = values{}
