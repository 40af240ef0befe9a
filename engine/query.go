package engine

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/exec"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/planner"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/plan"
)

// queryRun is a planned query and, once its first row was asked for, its running operators.
//
// While no row has left, a refusal (400 or 501) or an answer that contradicts the request makes it plan again without what was
// refused. After that such an error ends it.
type queryRun struct {
	s      *Session
	bound  *bound
	output []plan.ColID
	params []sqltype.Value
	env    *sessionEnv
	caps   *capabilities
	root   plan.Node
	budget *vector.Budget

	ctx        context.Context // the portal's: requests live under it
	cancel     context.CancelFunc
	op         exec.Operator
	stats      *exec.Stats
	instrument bool
	left       bool          // rows have left
	rest       *vector.Batch // rows of the last batch that did not fit
	ended      bool
	failed     error // an error that was raised is raised again: the operators are in no state to go on
	planning   time.Duration
	began      time.Time
	running    time.Duration
}

// evalConsts evaluates expressions without columns for the planner.
type evalConsts struct{ ctx *eval.Ctx }

// EvalConst implements rules.Consts and pushdown.Consts.
func (c evalConsts) EvalConst(e plan.Expr) (sqltype.Value, error) { return eval.EvalConst(c.ctx, e) }

// Instant implements pushdown.Consts.
func (c evalConsts) Instant(k *plan.Const) (sqltype.Value, error) {
	want := sqltype.Of(sqltype.OIDTimestampTZ)
	cast, ok := builtin.Load().Cast(k.T.OID, want.OID)
	if !ok {
		return sqltype.Value{}, pgerr.Internal("no cast from %s to %s", k.T, want)
	}
	fn := builtin.Load().FunctionByOID(cast.Function)
	return c.EvalConst(&plan.Call{Fn: fn, Args: []plan.Expr{k}, T: want, Form: plan.FormImplicitCast})
}

// plan plans a bound query.
func (s *Session) plan(ctx context.Context, b *bound, output []bind.OutputColumn, params []sqltype.Value) (*queryRun, error) {
	q := &queryRun{
		s: s, bound: b, params: params, env: s.env(b.snap), caps: &capabilities{services: s.e.services, snap: b.snap},
		budget: vector.NewBudget(s.e.memory, "query", s.queryMemory()),
	}
	for _, o := range output {
		q.output = append(q.output, o.ID)
	}
	q.ctx, q.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := q.replan(); err != nil {
		q.cancel()
		return nil, err
	}
	return q, nil
}

func (s *Session) queryMemory() int64 { return s.e.opts.Limits.QueryMemory }

func (q *queryRun) replan() error {
	start := time.Now()
	ids := *q.bound.IDs
	root, err := planner.Plan(planner.Input{
		Root: q.bound.Root, Output: q.output, IDs: &ids, Params: q.params, Consts: evalConsts{&eval.Ctx{Env: q.env, Mem: q.budget}},
		Services: q.caps, Indexes: q.caps, Disable: q.s.e.opts.DisableRules,
	})
	q.planning += time.Since(start)
	q.root = root
	return err
}

// start makes and opens the operators.
func (q *queryRun) start() error {
	q.stats = &exec.Stats{Remote: q.spent()}
	op, err := exec.Build(q.root, q.output, &exec.Runtime{
		Context: q.ctx, Env: q.env, Params: q.params, Budget: q.budget, Services: q.caps, Principal: q.s.conn.User, Snapshot: q.bound.snap,
		System: systemEnv{q.s, q.bound.snap}, Instrument: q.instrument, Stats: q.stats,
	})
	if err != nil {
		return err
	}
	q.op = op
	return op.Open(q.ctx)
}

// spent keeps what earlier attempts cost.
func (q *queryRun) spent() odata.Stats {
	if q.stats == nil {
		return odata.Stats{}
	}
	return q.stats.Remote
}

func (q *queryRun) ready() bool {
	if q.rest != nil || q.ended || q.failed != nil {
		return true
	}
	return q.op != nil && q.op.Ready()
}

func (q *queryRun) next(ctx context.Context, most int) (*vector.Batch, error) {
	if q.failed != nil {
		return nil, q.failed
	}
	if q.began.IsZero() {
		q.began = time.Now()
	}
	start := time.Now()
	defer func() { q.running += time.Since(start) }()
	b := q.rest
	q.rest = nil
	if b == nil && !q.ended {
		var err error
		if b, err = q.batch(ctx); err != nil {
			q.failed = err
			return nil, errors.Join(err, q.stop())
		}
	}
	if b == nil {
		if !q.ended {
			q.ended = true
			if err := q.stop(); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	q.left = true
	if most > 0 && b.Rows() > most {
		q.rest = b.Slice(most, b.Rows())
		b = b.Slice(0, most)
	}
	return b, nil
}

// batch gets the next rows, planning again where that helps.
func (q *queryRun) batch(ctx context.Context) (*vector.Batch, error) {
	b, err := q.attempt(ctx)
	if err == nil || q.left || ctx.Err() != nil {
		return b, err
	}
	return q.mend(ctx, err)
}

func (q *queryRun) attempt(ctx context.Context) (*vector.Batch, error) {
	if q.op == nil {
		if err := q.start(); err != nil {
			return nil, err
		}
	}
	return q.op.Next(ctx)
}

// again closes the operators and runs the query without some conditions and options.
func (q *queryRun) again(ctx context.Context, without map[string]bool) (*vector.Batch, error) {
	if err := q.stop(); err != nil {
		return nil, err
	}
	q.caps = &capabilities{services: q.caps.services, snap: q.caps.snap, without: without}
	if err := q.replan(); err != nil {
		return nil, err
	}
	return q.attempt(ctx)
}

// mend plans again after a refusal or a lie, or returns the error.
func (q *queryRun) mend(ctx context.Context, err error) (*vector.Batch, error) {
	var lie *exec.Lie
	if errors.As(err, &lie) {
		keys := trusted(lie.Remote)
		q.learn(keys, "the service's answer contradicted the request")
		return q.again(ctx, setOf(keys))
	}
	return q.relent(ctx, err)
}

// refused is a set of which the service refused a read.
type refused struct {
	fault   *odata.Error // the first refusal
	err     error
	options [][]string // what is left out, one after the other; at last everything
	at      int        // which of them is left out now
}

// relent leaves options out of the reads that the service refused, one at a time for each set, since the sets of a query are read at
// once and any of them may be refused first. Something is learned only when the whole query is answered without it.
func (q *queryRun) relent(ctx context.Context, err error) (*vector.Batch, error) {
	sets := map[[2]string]*refused{}
	for {
		fault := asRefusal(err)
		if fault == nil {
			return nil, err
		}
		set := [2]string{fault.Service, fault.Set}
		r := sets[set]
		if r == nil {
			r = &refused{fault: fault, err: err, options: q.removable(fault)}
			if len(r.options) > 1 {
				r.options = append(r.options, slices.Concat(r.options...))
			}
			sets[set] = r
		} else {
			r.at++
		}
		if r.at >= len(r.options) {
			return nil, r.err
		}
		without := map[string]bool{}
		for _, r := range sets {
			for _, k := range r.options[r.at] {
				without[k] = true
			}
		}
		var b *vector.Batch
		if b, err = q.again(ctx, without); err != nil {
			continue
		}
		for _, r := range sets {
			q.learn(r.options[r.at], "the service refused it: "+r.fault.Message)
		}
		return b, nil
	}
}

// asRefusal is the error as a service's refusal of a request's options, or nil.
func asRefusal(err error) *odata.Error {
	fault := odata.AsError(err)
	if fault == nil || fault.Status != http.StatusBadRequest && fault.Status != http.StatusNotImplemented {
		return nil
	}
	return fault
}

func (q *queryRun) learn(keys []string, why string) {
	if err := q.s.e.services.learned.learn(keys, why); err != nil {
		q.s.e.opts.Logger.Warn().Err(err).Msg("learned capabilities are not kept")
	}
}

func setOf(keys []string) map[string]bool {
	out := map[string]bool{}
	for _, k := range keys {
		out[k] = true
	}
	return out
}

// trusted are the options that stand on the service's word in a read.
func trusted(r *plan.Remote) []string {
	var keys []string
	add := func(set bool, option string) {
		if set {
			keys = append(keys, optionKey(r.Scan.Service, r.Scan.EntitySet, option))
		}
	}
	add(r.Query.Top != nil, "$top")
	add(len(r.Query.OrderBy) > 0, "$orderby")
	add(r.Count, "$count")
	return keys
}

// removable lists what could be left out of the reads of the set that was refused, one by one: conditions from the last to the first, the
// profile's dearest last of them, then options.
func (q *queryRun) removable(fault *odata.Error) [][]string {
	var conditions, dear, options [][]string
	visit(q.root, func(n plan.Node) {
		r, ok := n.(*plan.Remote)
		if !ok || r.Scan.Service != fault.Service || fault.Set != "" && r.Scan.EntitySet != fault.Set {
			return
		}
		last := ""
		if p := q.caps.Profile(r.Scan.Service); p != nil {
			last = p.DropLast
		}
		for _, p := range slices.Backward(r.Pushed) {
			keys := conditionKeys(r, p.Pred)
			if p.Pred == nil || len(keys) == 0 {
				continue
			}
			if last != "" && slices.ContainsFunc(p.Conditions, func(c plan.Condition) bool { return c.Property == last }) {
				dear = append(dear, keys)
				continue
			}
			conditions = append(conditions, keys)
		}
		for _, k := range trusted(r) {
			options = append(options, []string{k})
		}
		if len(r.Query.Select) > 0 {
			options = append(options, []string{optionKey(r.Scan.Service, r.Scan.EntitySet, "$select")})
		}
	})
	return append(append(conditions, options...), dear...)
}

// visit calls f for every node, those inside subqueries too.
func visit(root plan.Node, f func(plan.Node)) {
	plan.Walk(root, func(n plan.Node) bool {
		f(n)
		for _, e := range plan.Exprs(n) {
			plan.WalkExpr(e, func(e plan.Expr) bool {
				if s, ok := e.(*plan.Subquery); ok {
					visit(s.Plan, f)
				}
				return true
			})
		}
		return true
	})
}

// stop ends the operators.
func (q *queryRun) stop() error {
	if q.op == nil {
		return nil
	}
	op := q.op
	q.op = nil
	return op.Close()
}

func (q *queryRun) close() error {
	err := q.stop()
	q.cancel()
	q.rest = nil
	q.ended = true
	return err
}

// drain runs the query to its end and drops the rows.
func (q *queryRun) drain(ctx context.Context) error {
	for {
		b, err := q.next(ctx, 0)
		if err != nil || b == nil {
			return err
		}
	}
}
