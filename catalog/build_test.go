package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

const data = "../testdata/catalog"

func model(t testing.TB, name string) *edm.Model {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(data, "models", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := edm.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSnapshots prints what is made of a model. The directives:
//
//	tables model=FILE names=MODE profile=NAME [unique=Set.property] [type=Set.property] [only=TABLE]
//	oids model=FILE
//	references model=FILE profile=NAME
func TestSnapshots(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, filepath.Join(data, "snapshot"), func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			arg := func(key, byDefault string) string {
				v := byDefault
				d.MaybeScanArgs(t, key, &v)
				return v
			}
			svc := catalog.Service{
				Schema: "s", Model: model(t, arg("model", "")), Names: catalog.NameMode(arg("names", "service")),
				Profile: profile.ByName(arg("profile", "generic")), Columns: make(map[string]catalog.ColumnOverride),
			}
			if u := arg("unique", ""); u != "" {
				svc.Columns[u] = catalog.ColumnOverride{Unique: true}
			}
			if u := arg("type", ""); u != "" {
				svc.Columns[u] = catalog.ColumnOverride{Type: sqltype.Of(sqltype.OIDText), OnError: "null"}
			}
			s, err := catalog.Build(catalog.Options{Database: "db", Services: []catalog.Service{svc}})
			if err != nil {
				return err.Error()
			}
			var b strings.Builder
			switch d.Cmd {
			case "tables":
				tables(&b, s, arg("only", ""))
			case "oids":
				for _, r := range s.Relations() {
					fmt.Fprintf(&b, "%d %d %d %s\n", r.OID, r.RowType, r.ArrayType, r.Name)
				}
			case "references":
				references(&b, s)
			default:
				d.Fatalf(t, "unknown directive %s", d.Cmd)
			}
			return b.String()
		})
	})
}

func tables(b *strings.Builder, s *catalog.Snapshot, only string) {
	for _, r := range s.Relations() {
		if r.Kind != catalog.RelTable || only != "" && r.Name != only {
			continue
		}
		fmt.Fprintf(b, "%s (%s)%s\n", r.Name, r.EntitySet, comment(r.Comment))
		for _, c := range r.Columns {
			if c.Hidden {
				continue
			}
			null := ""
			if c.NotNull {
				null = " not null"
			}
			if c.OnError != "" {
				null += " on error " + c.OnError
			}
			fmt.Fprintf(b, "  %d %s %s%s <- %s%s\n", c.Attnum, c.Name, c.Type, null, strings.Join(c.Path, "/"), comment(c.Comment))
		}
		for _, k := range s.ConstraintsOf(r.OID) {
			fmt.Fprintf(b, "  %s: %s\n", k.Name, s.ConstraintDefinition(catalog.Path{"s"}, k))
		}
	}
}

func comment(c string) string {
	if c == "" {
		return ""
	}
	return fmt.Sprintf(" -- %q", c)
}

func references(b *strings.Builder, s *catalog.Snapshot) {
	names := func(r *catalog.Relation, cols []int) string {
		var ns []string
		for _, c := range cols {
			ns = append(ns, r.Columns[c].Name)
		}
		return "(" + strings.Join(ns, ", ") + ")"
	}
	for _, k := range s.Relationships() {
		what := "relationship"
		if k.Declared {
			what = "foreign key"
		}
		if k.Many {
			what += " to many"
		}
		fmt.Fprintf(b, "%s %s: %s%s -> %s%s by %s\n", what, k.Name, k.From.Name, names(k.From, k.FromCols), k.To.Name, names(k.To, k.ToCols), k.Origin)
	}
}
