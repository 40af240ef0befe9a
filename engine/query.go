package engine

import (
	"context"
	"errors"
	"math"
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
	onDemand   bool          // the first call asked for a number of rows
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
		s: s, bound: b, params: params, env: s.env(b.snap), caps: newCapabilities(s.e.services, b.snap),
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
	if err != nil {
		return err
	}
	q.root = q.caps.respell(root)
	return nil
}

// start makes and opens the operators.
func (q *queryRun) start(ctx context.Context) error {
	if err := q.s.e.entrance.enter(ctx, q.budget, exec.Floor(q.root, q.budget.Limit())); err != nil {
		return err
	}
	q.stats = &exec.Stats{Remote: q.spent()}
	op, err := exec.Build(q.root, q.output, q.runtime())
	if err != nil {
		return err
	}
	q.op = op
	return op.Open(q.ctx)
}

func (q *queryRun) runtime() *exec.Runtime {
	return &exec.Runtime{
		Context: q.ctx, Env: q.env, Params: q.params, Budget: q.budget, Spill: q.s.e.spill, Services: q.caps, Principal: q.s.conn.User, Snapshot: q.bound.snap,
		System: systemEnv{q.s, q.bound.snap}, Instrument: q.instrument, Stats: q.stats, Complete: q.complete,
	}
}

// complete tells a read what the catalog knows of its set, and whether pages are asked for on demand only: a client that
// limits its first Execute may never ask for more.
func (q *queryRun) complete(n *plan.Remote, r *odata.Request) {
	set := q.caps.entitySet(n.Scan.Service, n.Scan.EntitySet)
	r.Singleton = set != nil && set.Singleton
	key := q.caps.Key(n.Scan.TableOID)
	r.WholeKey = len(key) > 0
	for _, k := range key {
		r.WholeKey = r.WholeKey && slices.ContainsFunc(r.Columns, func(c odata.Column) bool { return c.Key && c.Path.Equal(k.Path) })
	}
	if q.onDemand && r.RowLimit <= 0 {
		r.RowLimit = math.MaxInt64
	}
}

// spent keeps what earlier attempts cost.
func (q *queryRun) spent() odata.Stats {
	if q.stats == nil {
		return odata.Stats{}
	}
	return q.stats.Remote
}

// hasFailed reports that an error ended the query. There may be none.
func (q *queryRun) hasFailed() bool { return q != nil && q.failed != nil }

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
		q.onDemand = most > 0
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
	switch {
	case err == nil, ctx.Err() != nil:
		return b, err
	case q.left:
		return nil, q.late(ctx, err)
	}
	return q.mend(ctx, err)
}

func (q *queryRun) attempt(ctx context.Context) (*vector.Batch, error) {
	if q.op == nil {
		if err := q.start(ctx); err != nil {
			return nil, err
		}
	}
	return q.op.Next(ctx)
}

// stop ends the operators.
func (q *queryRun) stop() error {
	defer q.s.e.entrance.leave(q.budget)
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
