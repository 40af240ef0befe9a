package bind_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// TestBind runs testdata/bind. Directives: bind (the plan), output (names and types), utility (the statement's struct);
// group-by-key turns that option on.
func TestBind(t *testing.T) {
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	b := &bind.Binder{ListUnimplemented: true}
	datadriven.Walk(t, "testdata/bind", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			env := environment(t)
			env.GroupByKey = d.HasArg("group-by-key")
			if d.HasArg("path") {
				var name string
				d.ScanArgs(t, "path", &name)
				env.SearchPath = strings.Split(name, "+")
			}
			bound, err := bindText(context.Background(), p, b, env, d.Input)
			if err != nil {
				e := pgerr.As(err)
				if e == nil {
					t.Fatal(err)
				}
				return fault(string(e.Code), e.Message, e.Detail, e.Hint, e.Position) + "\n"
			}
			if bound.Root != nil {
				if err := plan.Validate(bound.Root); err != nil {
					t.Fatalf("%s: %v\n%s", d.Input, err, tree(bound.Root))
				}
			}
			var out strings.Builder
			switch d.Cmd {
			case "bind":
				out.WriteString(tree(bound.Root))
			case "output":
				for _, o := range bound.Output {
					fmt.Fprintf(&out, "%s %s\n", o.Name, o.Type)
				}
			case "utility":
				raw, err := json.Marshal(bound.Utility)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&out, "%s %T %s\n", bound.Tag, bound.Utility, raw)
				for _, o := range bound.Output {
					fmt.Fprintf(&out, "%s %s\n", o.Name, o.Type)
				}
			default:
				t.Fatalf("unknown directive %q", d.Cmd)
			}
			if len(bound.Session) > 0 {
				fmt.Fprintf(&out, "session: %s\n", strings.Join(bound.Session, ", "))
			}
			return out.String()
		})
	})
}
