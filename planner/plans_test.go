package planner_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/odata/simulator"
	"github.com/odatagres/odatagres/planner"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	goleak.VerifyTestMain(m)
}

// TestPlans runs testdata/plans: a statement and its EXPLAIN (COSTS OFF), requests included. Arguments of the directive plan:
//
//	profile=intune|standard|generic   what is known of the service
//	expect=(a,b) expect-not=(a,b)     phases that must, or must not, change the plan; parts of push: pushFilter, pushSelect,
//	                                  pushLimit, pushOrder, pushCount
//	disable=(a,b)                     phases and parts to leave out
//	refused=(set/property/op, set/$option)   what the service has refused before
//
// The tables are those of Intune's v1.0 in schema intune and of the types model in schema types. The plan is validated after
// every phase.
func TestPlans(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	datadriven.Walk(t, "../testdata/plans", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "plan" {
				d.Fatalf(t, "unknown directive %s", d.Cmd)
			}
			c := planCase{profile: "intune"}
			for _, a := range d.CmdArgs {
				switch a.Key {
				case "profile":
					c.profile = a.Vals[0]
				case "expect":
					c.expect = a.Vals
				case "expect-not":
					c.expectNot = a.Vals
				case "disable":
					c.disable = a.Vals
				case "refused":
					c.refused = a.Vals
				default:
					d.Fatalf(t, "unknown argument %s", a.Key)
				}
			}
			lines, fired, err := w.plan(t, c, d.Input)
			if err != nil {
				e := pgerr.As(err)
				if e.Code == pgerr.InternalError {
					d.Fatalf(t, "%v", err)
				}
				return fmt.Sprintf("ERROR %s: %s\n", e.Code, e.Message)
			}
			for _, name := range slices.Concat(c.expect, c.expectNot) {
				if _, known := fired[name]; !known {
					d.Fatalf(t, "there is no phase %s", name)
				}
			}
			for _, name := range c.expect {
				seen[name] = true
				if !fired[name] {
					t.Errorf("%s: %s did not change the plan\n%s", d.Pos, name, strings.Join(lines, "\n"))
				}
			}
			for _, name := range c.expectNot {
				if fired[name] {
					t.Errorf("%s: %s changed the plan\n%s", d.Pos, name, strings.Join(lines, "\n"))
				}
			}
			return strings.Join(lines, "\n") + "\n"
		})
	})
	for _, p := range append(parts(), phaseNames()...) {
		if !seen[p] && p != "push" {
			t.Errorf("no case expects %s to change a plan", p)
		}
	}
}

func parts() []string {
	return []string{"pushFilter", "pushSelect", "pushLimit", "pushOrder", "pushCount"}
}

func phaseNames() []string {
	var out []string
	for _, p := range planner.Phases() {
		out = append(out, p.Name)
	}
	return out
}

type planCase struct {
	profile                             string
	expect, expectNot, disable, refused []string
}

// world is the catalog of the sample services.
type world struct {
	snap   *catalog.Snapshot
	parser *parser.Parser
}

func newWorld(t *testing.T) *world {
	t.Helper()
	o := catalog.Options{Version: 1, Database: "warehouse", System: system.Definitions(), Users: []catalog.User{{Name: "analyst", AllServices: true}}}
	for _, s := range []struct{ model, profile, path string }{
		{"intune", "intune", "/ReportingService/DataWarehouseFEService/$metadata?api-version=v1.0"}, {"types", "full", "/types/$metadata"},
	} {
		o.Services = append(o.Services, catalog.Service{Schema: s.model, Model: metadata(t, s.model, s.profile)})
	}
	snap, err := catalog.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	p := parser.New(parser.Options{})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{snap: snap, parser: p}
}

// metadata asks a sample service for its $metadata.
func metadata(t *testing.T, model, prof string) *edm.Model {
	t.Helper()
	o := simulator.Options{Model: model, Profile: prof, Devices: 5, Days: 2, NoAuth: true, Until: now()}
	if model == "intune" {
		o.Variants = []string{"timestamp-on-facts"} // a set with both filter columns
	}
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	}()
	r := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, sim.URL()+"/$metadata?api-version=v1.0", nil)
	sim.Handler().ServeHTTP(r, req)
	m, err := edm.Parse(r.Body.Bytes())
	if err != nil {
		t.Fatalf("%d %v", r.Code, err)
	}
	return m
}

func now() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }

// plan plans a statement and tells which phases changed the plan.
func (w *world) plan(t *testing.T, c planCase, sql string) (lines []string, fired map[string]bool, err error) {
	t.Helper()
	ctx := context.Background()
	stmts, release, err := w.parser.Parse(ctx, sql, nil)
	defer release()
	if err != nil {
		return nil, nil, err
	}
	env := session{snap: w.snap}
	bound, err := (&bind.Binder{}).Bind(ctx, stmts[0], bind.Env{
		Snapshot: w.snap, Registry: builtin.Load(), SearchPath: []string{"intune", "types"}, User: "analyst", Database: "warehouse", Values: env,
	}, nil)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]plan.ColID, len(bound.Output))
	for i, o := range bound.Output {
		ids[i] = o.ID
	}
	sv := &services{snap: w.snap, profile: profile.ByName(c.profile), refused: map[string]bool{}}
	if sv.profile == nil {
		t.Fatalf("no profile %q", c.profile)
	}
	for _, r := range c.refused {
		sv.refused[strings.ReplaceAll(r, "_", " ")] = true
	}
	disable := map[string]bool{}
	for _, name := range c.disable {
		disable[name] = true
	}
	fired = map[string]bool{}
	for _, name := range append(parts(), phaseNames()...) {
		fired[name] = false
	}
	last := dump(bound.Root)
	root, err := planner.Plan(planner.Input{
		Root: bound.Root, Output: ids, IDs: bound.IDs, Consts: consts{&eval.Ctx{Env: env}}, Services: sv, Indexes: sv, Disable: disable,
		Check: func(phase string, n plan.Node) error {
			now := dump(n)
			fired[phase] = fired[phase] || now != last
			last = now
			if err := plan.Validate(n); err != nil {
				return pgerr.Internal("after %s: %v\n%s", phase, err, now)
			}
			return nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	plan.WalkDeep(root, func(n plan.Node) {
		r, ok := n.(*plan.Remote)
		if !ok {
			return
		}
		fired["pushFilter"] = fired["pushFilter"] || r.Query.Filter != nil
		fired["pushSelect"] = fired["pushSelect"] || len(r.Query.Select) > 0
		fired["pushLimit"] = fired["pushLimit"] || r.Query.Top != nil
		fired["pushOrder"] = fired["pushOrder"] || len(r.Query.OrderBy) > 0
		fired["pushCount"] = fired["pushCount"] || r.Count
	})
	return planner.ExplainText(root, planner.ExplainOptions{}), fired, nil
}

// dump writes everything of a plan that a phase could change.
func dump(root plan.Node) string {
	var b strings.Builder
	var node func(n plan.Node, depth int)
	node = func(n plan.Node, depth int) {
		fmt.Fprintf(&b, "%*s%T", depth*2, "", n)
		if j, ok := n.(*plan.Join); ok {
			fmt.Fprintf(&b, " %d", j.Kind)
		}
		if w, ok := n.(*plan.Window); ok {
			fmt.Fprintf(&b, " while %v", w.While)
		}
		for _, c := range n.Columns() {
			fmt.Fprintf(&b, " %d", c.ID)
		}
		b.WriteByte('\n')
		for _, e := range plan.Exprs(n) {
			refs := plan.Set{}
			plan.Refs(e, refs)
			fmt.Fprintf(&b, "%*s%s %v\n", depth*2+2, "", plan.FormatExpr(e, plan.ExprFormat{}), refs)
			plan.WalkExpr(e, func(e plan.Expr) bool {
				if s, ok := e.(*plan.Subquery); ok {
					node(s.Plan, depth+2)
				}
				return true
			})
		}
		if s, ok := n.(*plan.SystemScan); ok && s.Lookup != nil {
			fmt.Fprintf(&b, "%*slookup %d\n", depth*2, "", s.Lookup.Attnum)
		}
		for _, c := range n.Children() {
			node(c, depth+1)
		}
	}
	node(root, 0)
	return b.String()
}

// services is what the pushdown and the rules ask, with one profile for all sets.
type services struct {
	snap    *catalog.Snapshot
	profile *profile.Profile
	refused map[string]bool
}

func (s *services) Profile(string) *profile.Profile { return s.profile }

func (s *services) Custom(service string) []query.Option {
	if service == "intune" {
		return []query.Option{{Name: "api-version", Value: "v1.0"}}
	}
	return nil
}

func (s *services) Root(string) string { return "https://warehouse.example/odata" }

func (s *services) Refused(_, set, property string, op profile.Op) (string, bool) {
	return "the service refused it before", s.refused[set+"/"+property+"/"+op.String()]
}

func (s *services) NoOption(_, set, option string) (string, bool) {
	return "the service refused it before", s.refused[set+"/"+option]
}

func (s *services) Rows(string, string) float64 { return 10000 }

func (s *services) Key(oid uint32) []query.Property {
	rel := s.snap.RelationByOID(oid)
	var out []query.Property
	for _, k := range rel.Key {
		out = append(out, query.Property{Path: rel.Columns[k].Path, Type: rel.Columns[k].Edm})
	}
	return out
}

func (s *services) IndexedAttnums(oid uint32) []int16 {
	rel := s.snap.RelationByOID(oid)
	if rel == nil || rel.System == nil {
		return nil
	}
	var out []int16
	for _, k := range rel.System.Indexed() {
		out = append(out, rel.Columns[k].Attnum)
	}
	return out
}

type consts struct{ ctx *eval.Ctx }

func (c consts) EvalConst(e plan.Expr) (sqltype.Value, error) { return eval.EvalConst(c.ctx, e) }

func (c consts) Instant(k *plan.Const) (sqltype.Value, error) {
	cast, _ := builtin.Load().Cast(k.T.OID, sqltype.OIDTimestampTZ)
	return c.EvalConst(&plan.Call{Fn: builtin.Load().FunctionByOID(cast.Function), Args: []plan.Expr{k}, T: sqltype.Of(sqltype.OIDTimestampTZ)})
}

// session is a session at UTC whose clock stands.
type session struct {
	eval.Env // of what is not overridden no case makes use
	snap     *catalog.Snapshot
}

func (session) Location() *time.Location      { return time.UTC }
func (session) DateOrder() string             { return "MDY" }
func (session) DateStyle() string             { return "ISO" }
func (session) IntervalStyle() string         { return "postgres" }
func (session) ExtraFloatDigits() int         { return 1 }
func (session) ByteaOutput() string           { return "hex" }
func (session) Now() time.Time                { return now() }
func (session) StatementTime() time.Time      { return now() }
func (session) TransactionTime() time.Time    { return now() }
func (session) ClockTime() time.Time          { return now() }
func (session) User() string                  { return "analyst" }
func (session) Setting(string) (string, bool) { return "", false }
func (session) Notice(*pgerr.Error)           {}

func (s session) RegOut(typ, oid uint32) (string, bool) {
	return system.RegOut(s.snap, catalog.Path{"pg_catalog"}, typ, oid)
}

func (s session) RegIn(typ uint32, name string) (uint32, error) {
	return system.RegIn(s.snap, catalog.Path{"pg_catalog"}, typ, name)
}
