package profile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/odata/edm"
)

// typeOf gives a column type for a case: an Edm name, with /7 for a precision.
func typeOf(t *testing.T, name string) edm.Type {
	t.Helper()
	name, precision, has := strings.Cut(name, "/")
	for _, k := range edm.Kinds() {
		if strings.EqualFold(strings.TrimPrefix(k.Name, "Edm."), name) {
			typ := edm.Of(k.Kind)
			if has {
				if _, err := fmt.Sscan(precision, &typ.Facets.Precision); err != nil {
					t.Fatal(err)
				}
			}
			return typ
		}
	}
	t.Fatalf("no type %s", name)
	return edm.Type{}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var name string
			d.ScanArgs(t, "profile", &name)
			p := ByName(name)
			if p == nil {
				t.Fatalf("no profile %s", name)
			}
			var b strings.Builder
			for _, line := range strings.Split(d.Input, "\n") {
				f := strings.Fields(line)
				switch d.Cmd {
				case "filter": // property type
					for _, op := range Ops() {
						v, why := p.FilterVerdict("set", f[0], op, typeOf(t, f[1]))
						fmt.Fprintf(&b, "%s %s: %s", line, op, v)
						if why != "" {
							fmt.Fprintf(&b, " (%s)", why)
						}
						b.WriteByte('\n')
					}
				case "order": // type null|not-null
					for _, desc := range []bool{false, true} {
						for _, first := range []bool{false, true} {
							proof, why := p.OrderVerdict("set", "p", typeOf(t, f[0]), f[1] == "null", desc, first)
							fmt.Fprintf(&b, "%s desc=%v nulls-first=%v: %d %s\n", line, desc, first, proof, why)
						}
					}
				case "exclusive":
					fmt.Fprintf(&b, "%v\n", p.Exclusive("set", f[0], f[1]))
				}
			}
			return b.String()
		})
	})
}

// TestProfilesExplain: whatever is not exact has a reason for EXPLAIN.
func TestProfilesExplain(t *testing.T) {
	t.Parallel()
	for _, p := range All() {
		if ByName(p.Name) == nil || p.Reason == "" {
			t.Errorf("%s: not found by its name, or without a reason", p.Name)
		}
		for option, have := range map[string]bool{
			"select": p.Select || p.NoSelect != "", "orderby": len(p.OrderBy) > 0 || p.NoOrderBy != "", "top": p.Top || p.NoTop != "",
			"skip": p.Skip || p.NoSkip != "", "count": p.Count || p.NoCount != "",
		} {
			if !have {
				t.Errorf("%s: no reason against $%s", p.Name, option)
			}
		}
		for _, k := range edm.Kinds() {
			for _, op := range Ops() {
				v, why := p.FilterVerdict("set", "p", op, edm.Of(k.Kind))
				if (v != Exact) != (why != "") {
					t.Errorf("%s: %s %s is %s, because %q", p.Name, k.Name, op, v, why)
				}
				if v != Local && (k.JSON == edm.JSONAny || k.JSON == edm.JSONNone) {
					t.Errorf("%s: %s %s is %s", p.Name, k.Name, op, v)
				}
			}
			if proof, why := p.OrderVerdict("set", "p", edm.Of(k.Kind), false, false, false); proof != SameOrder && why == "" {
				t.Errorf("%s: order of %s has no reason", p.Name, k.Name)
			}
		}
	}
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	p := Generic()
	p.Unique = []string{"devices.deviceId", "*.id"}
	if !p.IsUnique("devices", "deviceId") || p.IsUnique("users", "deviceId") || !p.IsUnique("users", "id") {
		t.Error("unique columns")
	}
	if got := Intune().OtherSpellings("dateKey"); fmt.Sprint(got) != "[DateKey]" {
		t.Errorf("%v", got)
	}
	if got := Intune().OtherSpellings("deviceKey"); got != nil {
		t.Errorf("%v", got)
	}
}
