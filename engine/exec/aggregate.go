package exec

import (
	"cmp"
	"context"
	"sort"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// aggregator is the state of one aggregate over all groups.
type aggregator interface {
	// grow makes states for groups up to n.
	grow(n int)
	// add feeds rows: groups[i] is the group of row rows[i]. It stops at the first row that fails and returns its error.
	add(groups, rows []int32, args []*vector.Vector) error
	// result is the value of a group.
	result(group int) (sqltype.Value, error)
	// width is the bytes of a group's state, and bytes what the states have besides.
	width() int64
	bytes() int64
}

// aggregateOp groups by hash. Groups come out in the order of their first row, grouping sets one after another; groups that did not fit the
// memory come behind (agg_spill.go).
type aggregateOp struct {
	ctx      *eval.Ctx
	in       Operator
	keys     computed
	keyTypes []sqltype.Type
	node     *plan.Aggregate
	calls    []aggCall
	sets     []*groupingSet
	mem      *memory
	limit    int64 // of the memory, 0: none
	spilled  spillLayout
	outTypes []sqltype.Type
	st       *NodeStats

	read   bool          // the input has ended
	passes []*groupPass  // whose groups are still to come out, the next one first
	parts  []spilledPart // that are still to be read, the next one last
	rows   aggRows
	out    vector.Batch
	outs   []*vector.Vector
}

// aggCall is an aggregate with its arguments: args, then direct arguments, then order keys.
type aggCall struct {
	call   *plan.AggCall
	inputs computed
	nargs  int // arguments that the aggregator gets
	filter *eval.Program
	types  []sqltype.Type // of inputs
	listed bool           // states keep its rows
	ctx    *eval.Ctx
}

// groupingSet is which keys are part of a set.
type groupingSet struct {
	keep    []bool
	grouped bool // some key is
	masked  []*vector.Vector
}

func (b *builder) aggregate(n *plan.Aggregate) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	o := &aggregateOp{ctx: b.ctx, in: in, node: n, outTypes: columnTypes(n.Columns()), st: b.nodeStats(n)}
	if o.mem, err = b.memory(); err != nil {
		return nil, err
	}
	o.limit = b.limitOf(o.mem)
	keys := make([]plan.Expr, len(n.Keys))
	for i, k := range n.Keys {
		keys[i] = k.Expr
		o.keyTypes = append(o.keyTypes, k.Expr.Type())
	}
	if o.keys, err = b.computed(keys, cols); err != nil {
		return nil, err
	}
	for i := range n.Aggs {
		c, err := b.aggCall(&n.Aggs[i], cols)
		if err != nil {
			return nil, err
		}
		o.calls = append(o.calls, c)
	}
	for _, places := range groupingSets(n) {
		s := &groupingSet{keep: make([]bool, len(o.keyTypes)), grouped: len(places) > 0, masked: make([]*vector.Vector, len(o.keyTypes))}
		for _, p := range places {
			s.keep[p] = true
		}
		for i, t := range o.keyTypes {
			if !s.keep[i] {
				s.masked[i] = vector.NewNull(t, 0)
			}
		}
		o.sets = append(o.sets, s)
	}
	o.spilled = o.layOut()
	return o, nil
}

func groupingSets(n *plan.Aggregate) [][]int {
	if n.Sets != nil {
		return n.Sets
	}
	all := make([]int, len(n.Keys))
	for i := range all {
		all[i] = i
	}
	return [][]int{all}
}

func (b *builder) aggCall(a *plan.AggCall, cols []plan.Column) (aggCall, error) {
	c := aggCall{call: a, nargs: len(a.Args), listed: listing()[a.Fn.Name], ctx: b.ctx}
	es := append([]plan.Expr(nil), a.Args...)
	if len(a.Direct) > 0 || isOrderedSet(a) { // an ordered-set aggregate aggregates what it orders by
		es = nil
		for _, k := range a.Order {
			es = append(es, k.Expr)
		}
		es = append(es, a.Direct...)
		c.nargs = len(es)
	}
	for _, k := range a.Order {
		es = append(es, k.Expr)
	}
	for _, e := range es {
		c.types = append(c.types, e.Type())
	}
	var err error
	if c.inputs, err = b.computed(es, cols); err != nil {
		return c, err
	}
	if a.Filter != nil {
		if c.filter, err = b.compile(a.Filter, cols); err != nil {
			return c, err
		}
	}
	if aggregators()[a.Fn.Kernel] == nil {
		return c, pgerr.Internal("no aggregate kernel %q", a.Fn.Kernel)
	}
	return c, nil
}

func isOrderedSet(a *plan.AggCall) bool {
	return orderedSets()[a.Fn.Name] && len(a.Order) > 0 && len(a.Args) == 0
}

func (o *aggregateOp) Open(ctx context.Context) error {
	if err := o.release(); err != nil {
		return err
	}
	return o.in.Open(ctx)
}
func (o *aggregateOp) Ready() bool { return o.read }
func (o *aggregateOp) Close() error {
	err := o.release()
	if err2 := o.in.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *aggregateOp) release() (err error) {
	for _, g := range o.passes {
		if err2 := g.release(); err == nil {
			err = err2
		}
	}
	for _, p := range o.parts {
		if err2 := p.file.Close(); err == nil {
			err = err2
		}
	}
	o.passes, o.parts, o.read = nil, nil, false
	return err
}

func (o *aggregateOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.read {
		if err := o.readInput(ctx); err != nil {
			return nil, err
		}
	}
	for {
		if len(o.passes) == 0 {
			more, err := o.readPart(ctx)
			if err != nil || !more {
				return nil, err
			}
		}
		g := o.passes[0]
		if g.next < g.len() {
			return o.results(ctx, g)
		}
		o.passes = o.passes[1:]
		if err := g.release(); err != nil {
			return nil, err
		}
	}
}

// readInput feeds all sets, side by side.
func (o *aggregateOp) readInput(ctx context.Context) error {
	for _, s := range o.sets {
		g := o.newPass(s, 0)
		o.passes = append(o.passes, g)
		if err := g.begin(); err != nil {
			return err
		}
	}
	for {
		b, err := o.in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		o.ctx.Context = ctx
		if err := o.take(ctx, b); err != nil {
			return err
		}
	}
	for _, g := range o.passes {
		if err := g.end(ctx); err != nil {
			return err
		}
	}
	o.read = true
	return o.in.Close()
}

// aggRows is rows with all that aggregates need of them.
type aggRows struct {
	keys  []*vector.Vector
	size  int     // rows that the columns hold
	rows  []int32 // those that count; nil: all
	n     int
	calls []callRows
}

// callRows is the rows that one aggregate gets.
type callRows struct {
	args  []*vector.Vector
	rows  []int32 // their places; nil: all that the columns hold
	n     int
	some  bool    // a filter chose them
	which []int32 // then: their order among the rows that count
	sel   []int32
}

// take gives the rows of a batch to all passes.
func (o *aggregateOp) take(ctx context.Context, b *vector.Batch) error {
	for todo := (partial{batch: b}); todo.some(); {
		part := todo.next()
		rows, err := o.evaluatePart(part)
		if _, err = todo.done(part, rows, err); err != nil {
			return err
		}
		for _, g := range o.passes {
			if err := g.add(ctx, &o.rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// evaluatePart evaluates as many rows of b as have values that can be had at once; eval.Full says of err that these are not all.
func (o *aggregateOp) evaluatePart(b *vector.Batch) (rows int, err error) {
	var full error
	for {
		rows, err = o.evaluate(b)
		if !eval.Full(err) {
			return rows, cmp.Or(err, full)
		}
		full, b = err, b.Head(rows) // all that is computed must end at the same row
	}
}

// evaluate computes keys, filters and arguments for a batch. rows is how many of its rows have them, where eval.Full is true of err.
func (o *aggregateOp) evaluate(b *vector.Batch) (rows int, err error) {
	r := &o.rows
	if r.keys, rows, err = o.keys.evalPart(o.ctx, b); err != nil {
		return rows, err
	}
	r.size, r.rows, r.n = b.N, b.Sel, b.Rows()
	if r.calls == nil {
		r.calls = make([]callRows, len(o.calls))
	}
	for i := range o.calls {
		c, out := &o.calls[i], &r.calls[i]
		in := *b
		out.rows, out.n, out.some = b.Sel, r.n, c.filter != nil
		if out.some {
			if out.sel == nil {
				out.sel = make([]int32, 0, vector.InitialRows)
			}
			if out.sel, _, err = c.filter.Select(o.ctx, b, out.sel[:0]); err != nil {
				return 0, err
			}
			out.rows, out.n, in.Sel = out.sel, len(out.sel), out.sel
			out.order(r)
			if out.n == 0 {
				continue
			}
		}
		var n int
		if out.args, n, err = c.inputs.evalPart(o.ctx, &in); err != nil {
			if eval.Full(err) {
				next := in.Row(n) // the first row that has no argument
				n = sort.Search(b.Rows(), func(i int) bool { return b.Row(i) >= next })
			}
			return n, err
		}
	}
	return r.n, nil
}

// order finds the chosen rows among those that count.
func (c *callRows) order(r *aggRows) {
	c.which = growInts(c.which, len(c.rows))
	if r.rows == nil {
		copy(c.which, c.rows)
		return
	}
	k := 0
	for i, row := range r.rows {
		if k < len(c.rows) && c.rows[k] == row {
			c.which[k] = int32(i)
			k++
		}
	}
}

// results makes the next batch of a pass's groups.
func (o *aggregateOp) results(ctx context.Context, g *groupPass) (*vector.Batch, error) {
	n, err := g.complete(ctx, min(g.len()-g.next, vector.BatchRows))
	if err != nil {
		return nil, err
	}
	if o.outs == nil {
		for _, t := range o.outTypes {
			o.outs = append(o.outs, vector.New(t))
		}
		o.out.Cols = make([]*vector.Vector, len(o.outs))
	}
	copy(o.out.Cols, o.outs)
	o.out.N = n
	for k, t := range o.keyTypes {
		if !g.set.keep[k] {
			o.out.Cols[k] = vector.NewNull(t, n)
			continue
		}
		g.table.gather(o.outs[k], k, g.next, n)
	}
	for i := range g.aggs {
		v := o.outs[len(o.keyTypes)+i]
		v.Reset(n)
		if err := g.aggs[i].write(v, g.next, n); err != nil {
			return nil, err
		}
		v.Finish()
	}
	for i, grouping := range o.node.Grouping {
		mask := int64(0)
		for _, k := range grouping.Keys {
			mask <<= 1
			if !g.set.keep[k] {
				mask |= 1
			}
		}
		at := len(o.keyTypes) + len(g.aggs) + i
		o.out.Cols[at] = vector.NewConstant(o.outTypes[at], sqltype.Int(mask), n)
	}
	g.done(n)
	return &o.out, nil
}
