package exec_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/exec"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	goleak.VerifyTestMain(m)
}

// bench is a catalog without services, and all that turns a text into operators.
type bench struct {
	snap    *catalog.Snapshot
	parser  *parser.Parser
	disable map[string]bool
	trust   bool // plans are not validated, for measurements
	spill   *spill.Dir
}

func newBench(t testing.TB) *bench {
	t.Helper()
	snap, err := catalog.Build(catalog.Options{
		Version: 1, Database: "postgres", System: system.Definitions(), Users: []catalog.User{{Name: "postgres", AllServices: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := parser.New(parser.Options{})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{snap: snap, parser: p}
}

// session is a session at UTC whose clock stands.
type session struct {
	eval.Env // of what is not overridden no test makes use
	snap     *catalog.Snapshot
}

func (session) Location() *time.Location      { return time.UTC }
func (session) DateOrder() string             { return "MDY" }
func (session) DateStyle() string             { return "ISO" }
func (session) IntervalStyle() string         { return "postgres" }
func (session) ExtraFloatDigits() int         { return 1 }
func (session) ByteaOutput() string           { return "hex" }
func (session) Now() time.Time                { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }
func (s session) StatementTime() time.Time    { return s.Now() }
func (s session) TransactionTime() time.Time  { return s.Now() }
func (s session) ClockTime() time.Time        { return s.Now() }
func (session) User() string                  { return "postgres" }
func (session) Random() float64               { return 0.5 }
func (session) Setting(string) (string, bool) { return "", false }
func (session) Notice(*pgerr.Error)           {}
func (s session) Snapshot() *catalog.Snapshot { return s.snap }
func (session) Live() any                     { return nil }
func (session) Database() string              { return "postgres" }
func (s session) RegOut(typ, oid uint32) (string, bool) {
	return system.RegOut(s.snap, catalog.Path{"pg_catalog"}, typ, oid)
}

func (s session) RegIn(typ uint32, name string) (uint32, error) {
	return system.RegIn(s.snap, catalog.Path{"pg_catalog"}, typ, name)
}

// systemEnv is the session as system relations see it.
type systemEnv struct{ session }

// services knows no service.
type services struct{}

func (services) Profile(string) *profile.Profile                     { return nil }
func (services) Custom(string) []query.Option                        { return nil }
func (services) Root(string) string                                  { return "" }
func (services) Refused(_, _, _ string, _ profile.Op) (string, bool) { return "", false }
func (services) NoOption(_, _, _ string) (string, bool)              { return "", false }
func (services) Rows(_, _ string) float64                            { return 0 }
func (services) Key(uint32) []query.Property                         { return nil }
func (services) Source(string) odata.Source                          { return nil }
func (services) Columns(*plan.Scan) []odata.Column                   { return nil }
func (services) ShortPage(string) bool                               { return false }
func (services) Fault(err error) error                               { return err }
func (services) Lied(*plan.Remote, plan.Expr)                        {}

type indexes struct{ snap *catalog.Snapshot }

func (ix indexes) IndexedAttnums(oid uint32) []int16 {
	rel := ix.snap.RelationByOID(oid)
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
func (c consts) Instant(*plan.Const) (sqltype.Value, error)   { return sqltype.NullValue(), nil }

// running is a planned statement with its operators.
type running struct {
	op     exec.Operator
	root   plan.Node
	output []bind.OutputColumn
	budget *vector.Budget
	env    session
	stats  *exec.Stats
}

// start plans a statement and makes its operators; memory 0 is no limit.
func (b *bench) start(ctx context.Context, sql string, memory int64, instrument bool) (*running, error) {
	stmts, release, err := b.parser.Parse(ctx, sql, nil)
	defer release()
	if err != nil {
		return nil, err
	}
	env := session{snap: b.snap}
	bound, err := (&bind.Binder{}).Bind(ctx, stmts[0], bind.Env{
		Snapshot: b.snap, Registry: builtin.Load(), SearchPath: []string{"pg_catalog"}, User: "postgres", Database: "postgres", Values: env,
	}, nil)
	if err != nil {
		return nil, err
	}
	r := &running{output: bound.Output, budget: vector.NewBudget(nil, "query", memory), env: env, stats: &exec.Stats{}}
	ids := make([]plan.ColID, len(bound.Output))
	for i, o := range bound.Output {
		ids[i] = o.ID
	}
	r.root, err = planner.Plan(planner.Input{
		Root: bound.Root, Output: ids, IDs: bound.IDs, Consts: consts{&eval.Ctx{Env: env}}, Services: services{}, Indexes: indexes{b.snap},
		Disable: b.disable, Check: b.check,
	})
	if err != nil {
		return nil, err
	}
	r.op, err = exec.Build(r.root, ids, &exec.Runtime{
		Context: ctx, Env: env, Budget: r.budget, Spill: b.spill, Services: services{}, Principal: "postgres", Snapshot: b.snap, System: systemEnv{env},
		Instrument: instrument, Stats: r.stats,
	})
	return r, err
}

func (b *bench) check(_ string, n plan.Node) error {
	if b.trust {
		return nil
	}
	return plan.Validate(n)
}

// rows reads up to limit rows (0: all) as text.
func (r *running) rows(ctx context.Context, limit int) ([]string, error) {
	var out []string
	for {
		b, err := r.op.Next(ctx)
		if err != nil || b == nil {
			return out, err
		}
		if b.Rows() == 0 {
			return out, errors.New("an operator gave an empty batch")
		}
		for i := range b.Rows() {
			var cells []string
			for k, c := range b.Cols {
				v := c.Value(b.Row(i))
				if v.Null {
					cells = append(cells, "NULL")
					continue
				}
				cells = append(cells, string(sqltype.AppendText(nil, r.output[k].Type, v, r.env)))
			}
			out = append(out, strings.Join(cells, "|"))
			if len(out) == limit {
				return out, nil
			}
		}
	}
}

// answer runs a statement to its end; an error stands as its SQLSTATE and text in the last line.
func (b *bench) answer(t testing.TB, sql string) []string {
	t.Helper()
	ctx := t.Context()
	r, err := b.start(ctx, sql, 0, false)
	if err != nil {
		return []string{failure(t, sql, err)}
	}
	if err := r.op.Open(ctx); err != nil {
		return []string{failure(t, sql, err)}
	}
	out, err := r.rows(ctx, 0)
	if err != nil {
		out = append(out, failure(t, sql, err))
	}
	r.close(t, sql)
	return out
}

// close ends the operators, twice, since Close is idempotent, and looks whether all memory came back.
func (r *running) close(t testing.TB, sql string) {
	t.Helper()
	for range 2 {
		if err := r.op.Close(); err != nil {
			t.Errorf("%s\nclose: %v", sql, err)
		}
	}
	if n := r.budget.Used(); n != 0 {
		t.Errorf("%s\n%d bytes are still charged after Close", sql, n)
	}
}

func failure(t testing.TB, sql string, err error) string {
	t.Helper()
	e := pgerr.As(err)
	if e.Code == pgerr.InternalError {
		t.Errorf("%s\n%v", sql, err)
	}
	return "ERROR " + string(e.Code) + ": " + e.Message
}

// ask puts the statement to PostgreSQL. Rows before an error do not come in the simple protocol's result, so they are read one by one.
func ask(t testing.TB, s *oracle.Server, sql string) []string {
	t.Helper()
	res, err := s.Query(t.Context(), sql)
	var out []string
	for _, r := range res {
		for _, row := range r.Rows {
			var cells []string
			for _, c := range row {
				if c == nil {
					cells = append(cells, "NULL")
				} else {
					cells = append(cells, *c)
				}
			}
			out = append(out, strings.Join(cells, "|"))
		}
	}
	if err != nil {
		return []string{pgFailure(err)}
	}
	return out
}

func readStatements(t testing.TB, path string) []string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, part := range strings.Split(string(raw), ";\n") {
		var lines []string
		for line := range strings.Lines(part) {
			if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			out = append(out, strings.TrimSpace(strings.Join(lines, "")))
		}
	}
	return out
}
