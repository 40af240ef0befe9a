package exec

import (
	"context"
	"errors"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// Build makes the operators of a plan. The batches of the root hold the columns named by output, in that order.
func Build(root plan.Node, output []plan.ColID, rt *Runtime) (Operator, error) {
	if rt.Stats == nil {
		rt.Stats = &Stats{}
	}
	rt.Stats.Nodes = map[plan.Node]*NodeStats{}
	b := &builder{
		rt: rt, ctx: &eval.Ctx{Env: rt.Env, Mem: rt.Budget}, ctes: map[int]*cteStore{},
		shared: newSharedReads(root, rt), outer: map[plan.ColID]int{}, cleanup: &[]func() error{}, mem: divide(root, rt.Budget, rt.Spill),
		lazy: mayStop(root),
	}
	op, err := b.whole(root, output)
	if err != nil {
		return nil, errors.Join(err, finish(b.cleanup)) // what operators that were made have reserved
	}
	return &rootOp{op: op, cleanup: b.cleanup}, nil
}

func (b *builder) whole(root plan.Node, output []plan.ColID) (Operator, error) {
	if err := b.mem.reserveReads(root, b.cleanup); err != nil {
		return nil, err
	}
	op, err := b.build(root)
	if err != nil {
		return nil, err
	}
	return b.pick(op, root.Columns(), output)
}

// finish ends what outlives the operators.
func finish(cleanup *[]func() error) error {
	var err error
	for _, f := range *cleanup {
		if err2 := f(); err == nil {
			err = err2
		}
	}
	return err
}

// rootOp ends what outlives its operators' Close: kept rows and prepared subqueries.
type rootOp struct {
	op      Operator
	cleanup *[]func() error
}

func (o *rootOp) Open(ctx context.Context) error                  { return o.op.Open(ctx) }
func (o *rootOp) Next(ctx context.Context) (*vector.Batch, error) { return o.op.Next(ctx) }
func (o *rootOp) Ready() bool                                     { return o.op.Ready() }

func (o *rootOp) Close() error {
	err := o.op.Close()
	if err2 := finish(o.cleanup); err == nil {
		err = err2
	}
	return err
}

// builder makes operators for one scope: the whole statement, a subquery, or the right side of an Apply.
type builder struct {
	rt     *Runtime
	ctx    *eval.Ctx
	outer  map[plan.ColID]int // columns of outer queries: slots of ctx.Outer
	ctes   map[int]*cteStore
	work   map[int]*workEntry // work tables in scope
	shared *sharedReads
	again  bool // the operators being built are opened many times
	mem    *operatorMemory
	lazy   map[*plan.SetOp]bool // unions whose right side may never be read
	// cleanup is called once at the statement's end.
	cleanup *[]func() error
}

// pick narrows and reorders the columns of op.
func (b *builder) pick(op Operator, have []plan.Column, want []plan.ColID) (Operator, error) {
	at := make(map[plan.ColID]int, len(have))
	for i, c := range have {
		at[c.ID] = i
	}
	places, same := make([]int, len(want)), len(want) == len(have)
	for i, id := range want {
		k, ok := at[id]
		if !ok {
			return nil, pgerr.Internal("column %d is not among the plan's", id)
		}
		places[i] = k
		same = same && k == i
	}
	if same {
		return op, nil
	}
	return &pickOp{in: op, places: places}, nil
}

func (b *builder) build(n plan.Node) (Operator, error) {
	if b.again && b.worthKeeping(n) {
		// What is below runs once, so nothing in it need be kept again.
		b.again = false
		op, err := b.build(n)
		b.again = true
		if err != nil {
			return nil, err
		}
		store, err := b.keep(op, n.Columns())
		if err != nil {
			return nil, err
		}
		return b.scanOf(store, store.all()), nil
	}
	op, err := b.operator(n)
	if err != nil || !b.rt.Instrument {
		return op, err
	}
	st := b.rt.Stats.Nodes[n]
	if st == nil {
		st = &NodeStats{}
		b.rt.Stats.Nodes[n] = st
	}
	return &instrumented{op: op, st: st}, nil
}

// worthKeeping: rows that cost something to make again and are the same every time.
func (b *builder) worthKeeping(n plan.Node) bool {
	switch n.(type) {
	case *plan.Values, *plan.FunctionScan, *plan.CTEScan, *plan.WorkTable:
		return false
	}
	return b.constant(n)
}

// constant reports whether n gives the same rows whenever its scope is opened: it names no outer columns, calls nothing
// volatile, and reads no CTE or work table that is another at the next opening.
func (b *builder) constant(n plan.Node) bool {
	return len(plan.FreeIDs(n)) == 0 && !plan.TreeIsVolatile(n) && !b.readsVarying(n)
}

// readsVarying reports whether n reads a work table, or a CTE that depends on outer columns, from outside of itself.
// Such a read has no free column, and gives other rows all the same.
func (b *builder) readsVarying(n plan.Node) bool {
	own, read := map[int]bool{}, map[int]bool{}
	plan.WalkDeep(n, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.With:
			for _, c := range n.CTEs {
				own[c.ID] = true
			}
		case *plan.Recursive:
			own[n.CTE] = true
		case *plan.WorkTable:
			read[n.CTE] = true
		case *plan.CTEScan:
			if s := b.ctes[n.CTE]; s == nil || s.varies {
				read[n.CTE] = true
			}
		}
	})
	for id := range read {
		if !own[id] {
			return true
		}
	}
	return false
}

// operator is the physical planning: one case per node.
func (b *builder) operator(n plan.Node) (Operator, error) {
	switch n := n.(type) {
	case *plan.Remote:
		return b.remote(n)
	case *plan.SystemScan:
		return b.system(n)
	case *plan.Values:
		return b.values(n)
	case *plan.FunctionScan:
		return b.functionScan(n)
	case *plan.Project:
		return b.project(n)
	case *plan.ProjectSet:
		return b.projectSet(n)
	case *plan.Filter:
		return b.filter(n)
	case *plan.Sort:
		return b.sort(n)
	case *plan.TopN:
		return b.topN(n)
	case *plan.Limit:
		return b.limit(n)
	case *plan.Distinct:
		return b.distinct(n)
	case *plan.Join:
		return b.join(n)
	case *plan.Apply:
		return b.apply(n)
	case *plan.Aggregate:
		return b.aggregate(n)
	case *plan.Window:
		return b.window(n)
	case *plan.SetOp:
		return b.setOp(n)
	case *plan.With:
		return b.with(n)
	case *plan.CTEScan:
		return b.cteScan(n)
	case *plan.Recursive:
		return b.recursive(n)
	case *plan.WorkTable:
		return b.workTable(n)
	case *plan.Scan:
		return nil, pgerr.Internal("the scan of %q was not planned", n.Table)
	default:
		return nil, pgerr.Internal("no operator for %T", n)
	}
}

// compile makes a program over the columns given.
func (b *builder) compile(e plan.Expr, cols []plan.Column) (*eval.Program, error) {
	l := eval.LayoutOf(cols)
	l.Outer = b.outer
	return eval.Compile(e, l, eval.Options{Params: b.rt.Params, Subqueries: &subqueries{b: b}})
}

func (b *builder) compileAll(es []plan.Expr, cols []plan.Column) ([]*eval.Program, error) {
	out := make([]*eval.Program, len(es))
	for i, e := range es {
		p, err := b.compile(e, cols)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

func columnTypes(cols []plan.Column) []sqltype.Type {
	out := make([]sqltype.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

// child is a builder for a scope whose operators see more outer columns: those of this scope, then extra. Its values live in a Ctx of its
// own, which the caller fills.
func (b *builder) child(extra []plan.ColID) *builder {
	c := &builder{rt: b.rt, mem: b.mem, ctes: b.ctes, work: b.work, shared: b.shared, cleanup: b.cleanup, lazy: b.lazy, outer: make(map[plan.ColID]int, len(b.outer)+len(extra)), again: true}
	for id, slot := range b.outer {
		c.outer[id] = slot
	}
	n := len(b.ctx.Outer)
	for _, slot := range b.outer {
		n = max(n, slot+1)
	}
	for _, id := range extra {
		c.outer[id] = n
		n++
	}
	c.ctx = &eval.Ctx{Env: b.rt.Env, Mem: b.rt.Budget, Outer: make([]sqltype.Value, n)}
	return c
}

// exprBatch is a batch without columns and one row, over which expressions without columns are evaluated.
func exprBatch() *vector.Batch { return &vector.Batch{N: 1} }
