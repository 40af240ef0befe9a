package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// windowOp sorts its input by partition and order and then computes the calls, some rows of a partition at a time. Rows come out in that
// order, as they do in PostgreSQL.
type windowOp struct {
	ctx    *eval.Ctx
	in     Operator
	node   *plan.Window
	types  []sqltype.Type // input columns, then computed inputs
	ncols  int
	inputs computed // what of partition and order is no column
	calls  []windowCall
	turns  []int         // the calls in the order in which they are computed
	lates  []*lateColumn // arguments and filters that are no columns
	frame  windowFrameBounds
	sorter *sorter
	rows   *windowRows
	part   partition
	places []int32 // 0, 1, 2 …
	st     *NodeStats
	size   windowSize

	done  bool
	next  int
	sel   []int32 // rows of a block that are wanted, where some are not
	all   vector.Batch
	outs  []*vector.Vector
	later later
}

// windowCall is one call with the places of its arguments among the columns of rows.
type windowCall struct {
	call   *plan.WindowCall
	args   []int
	filter int // place of the filter, -1 none
	types  []sqltype.Type
	eval   windowEval
}

// windowEval computes a call's results. Rows come in order, partition after partition.
type windowEval interface {
	// begin is called before a partition's rows.
	begin(p *partition)
	// add adds the results of rows from to to at the end of out. With an error it tells how many rows before the one that failed it
	// has done.
	add(p *partition, from, to int, out *vector.Vector) (done int, err error)
}

func (b *builder) window(n *plan.Window) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	o := &windowOp{ctx: b.ctx, in: in, node: n, ncols: len(cols), types: columnTypes(cols), st: b.nodeStats(n), places: sequence(0, vector.BatchRows)}
	at := make(map[plan.ColID]int, len(cols))
	for i, c := range cols {
		at[c.ID] = i
	}
	var es []plan.Expr
	place := func(e plan.Expr) int {
		if ref, ok := e.(*plan.ColRef); ok {
			if k, ok := at[ref.ID]; ok {
				return k
			}
		}
		es = append(es, e)
		o.types = append(o.types, e.Type())
		return len(o.types) - 1
	}
	var parts, order []sortColumn
	for _, e := range n.Partition {
		parts = append(parts, sortColumn{col: place(e), typ: e.Type()})
	}
	for _, k := range n.Order {
		order = append(order, sortColumn{col: place(k.Expr), typ: k.Expr.Type(), desc: k.Desc, first: k.NullsFirst})
	}
	if o.inputs, err = b.computed(es, cols); err != nil {
		return nil, err
	}
	if err = o.makeCalls(b, cols, at); err != nil {
		return nil, err
	}
	if o.frame, err = b.frameBounds(n, order); err != nil {
		return nil, err
	}
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	o.sorter = newSorter(mem, o.types, append(append([]sortColumn(nil), parts...), order...))
	o.size = newWindowSize(mem, o.outs, n)
	o.rows = &windowRows{mem: mem, types: o.types, parts: parts, order: order}
	for i := range o.calls {
		if o.calls[i].eval, err = o.evaluator(&o.calls[i]); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// makeCalls finds the columns of the calls' arguments, or makes them where they are none.
func (o *windowOp) makeCalls(b *builder, cols []plan.Column, at map[plan.ColID]int) error {
	place := func(e plan.Expr) (int, error) {
		if ref, ok := e.(*plan.ColRef); ok {
			if k, ok := at[ref.ID]; ok {
				return k, nil
			}
		}
		return o.late(b, e, cols)
	}
	var aggregates []int
	for i := range o.node.Calls {
		call := &o.node.Calls[i]
		c := windowCall{call: call, filter: -1}
		for _, a := range call.Args {
			k, err := place(onlyWhere(call.Filter, a))
			if err != nil {
				return err
			}
			c.args, c.types = append(c.args, k), append(c.types, a.Type())
		}
		if call.Filter != nil {
			var err error
			if c.filter, err = place(call.Filter); err != nil {
				return err
			}
		}
		o.calls = append(o.calls, c)
		o.outs = append(o.outs, vector.NewFlat(call.Out.Type, 0))
		if windowFunctions()[call.Fn.Kernel] != nil {
			o.turns = append(o.turns, i)
		} else {
			aggregates = append(aggregates, i)
		}
	}
	// ExecWindowAgg computes a row's functions before its aggregates.
	o.turns = append(o.turns, aggregates...)
	return nil
}

// onlyWhere guards an argument by its call's filter: of rows that the filter drops it is not evaluated, and cannot fail.
func onlyWhere(filter, arg plan.Expr) plan.Expr {
	if _, column := arg.(*plan.ColRef); column || filter == nil || plan.IsVolatile(filter) {
		return arg
	}
	null := &plan.Const{T: arg.Type(), Value: sqltype.NullValue()}
	return &plan.Case{Whens: []plan.When{{Cond: filter, Result: arg}}, Else: null, T: arg.Type()}
}

func (o *windowOp) evaluator(c *windowCall) (windowEval, error) {
	if f := windowFunctions()[c.call.Fn.Kernel]; f != nil {
		return f(c), nil
	}
	if aggregators()[c.call.Fn.Kernel] == nil {
		return nil, pgerr.Internal("no window kernel %q", c.call.Fn.Kernel)
	}
	return newFrameAgg(o, c), nil
}

func (o *windowOp) Open(ctx context.Context) error {
	if err := o.release(); err != nil {
		return err
	}
	return o.in.Open(ctx)
}

func (o *windowOp) Ready() bool { return o.done }

func (o *windowOp) Close() error {
	err := o.release()
	if err2 := o.in.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *windowOp) release() error {
	o.done, o.next, o.later, o.part = false, 0, later{}, partition{}
	for i := range o.calls {
		if a, ok := o.calls[i].eval.(interface{ release() }); ok {
			a.release()
		}
	}
	for _, l := range o.lates {
		l.release(o)
	}
	o.size.release()
	err := o.sorter.release()
	if err2 := o.rows.release(); err == nil {
		err = err2
	}
	return err
}

func (o *windowOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := o.later.take(); err != nil {
		return nil, err
	}
	if !o.done {
		if err := o.run(ctx); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o.part.ctx, o.ctx.Context = ctx, ctx
	o.size.release()
	for o.next < o.rows.n {
		block, err := o.rows.give(o.next)
		if err != nil {
			return nil, err
		}
		o.sel = o.sel[:0]
		for _, v := range o.outs {
			v.Reset(0)
		}
		from := o.next
		o.next, err = o.compute(block, from)
		out := &vector.Batch{N: block.n, Cols: append(append([]*vector.Vector(nil), block.cols[:o.ncols]...), o.outs...)}
		switch {
		case len(o.node.While) > 0:
			out.Sel = o.sel
		case from > block.base:
			out.Sel = o.places[from-block.base : o.next-block.base]
		default:
			// The columns are longer than the results, but no row counts that has none.
			out = out.Head(o.next - block.base)
		}
		if out.Rows() > 0 {
			o.later.err = err
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// compute makes the results for a block's rows from a row on, and tells where it ended: before an error, or where the results are large.
func (o *windowOp) compute(b rowBlock, from int) (int, error) {
	p := &o.part
	end := b.base + b.n
	var failed error
	for at := from; at < end; {
		if at >= p.hi {
			p.begin(o, at)
			for i := range o.calls {
				o.calls[i].eval.begin(p)
			}
			o.size.begin()
		}
		to := min(end, p.hi)
		if p.over {
			at = to
			continue
		}
		to = min(to, at+o.size.step)
		p.segment(at, to)
		done, err := o.segment(b, at, to)
		if err == nil {
			err = o.size.grown(o.outs, done-at)
		}
		if wanted := o.wanted(b, at, done); wanted < done {
			p.over, done, err = true, wanted, nil
		}
		if len(o.node.While) > 0 {
			for row := at; row < done; row++ {
				o.sel = append(o.sel, int32(row-b.base))
			}
		}
		if at = to; err != nil {
			failed, end = err, done
		} else if o.size.full() {
			end = at
		}
	}
	o.fill(b.n)
	for _, v := range o.outs {
		v.Finish()
	}
	return end, failed
}

// fill makes results of n rows: those without one do not count, but columns are all as long.
func (o *windowOp) fill(n int) {
	for _, v := range o.outs {
		if v.N < n {
			v.Extend(n - v.N)
		}
	}
}

// segment makes the results for rows at to to, which are of one partition, and tells where it ended before an error.
func (o *windowOp) segment(b rowBlock, at, to int) (int, error) {
	p := &o.part
	o.fill(at - b.base)
	var failed error
	var first int // row in whose frame that aggregate failed whose error stands
	for _, i := range o.turns {
		e := o.calls[i].eval
		agg, _ := e.(interface{ failedAt() int })
		last := to
		if failed != nil && agg != nil && to < b.base+b.n {
			last++ // PostgreSQL takes the frame's rows into all aggregates one by one: another one may fail before
		}
		if at == last {
			continue
		}
		done, err := e.add(p, at, last, o.outs[i])
		if err == nil || at+done == to && failed != nil && agg.failedAt() >= first {
			continue
		}
		failed, to, first = err, at+done, -1
		if agg != nil {
			first = agg.failedAt()
		}
	}
	if o.frame.startRange != nil || o.frame.endRange != nil {
		// PostgreSQL finds where a row's frame is, whoever asks for it or not.
		if starts, _, err := p.frames(to - at); err != nil {
			return at + len(starts), err
		}
	}
	return to, failed
}

// wanted is the first of rows at to to from which on the partition's rows are not wanted.
func (o *windowOp) wanted(b rowBlock, at, to int) int {
	for _, l := range o.node.While {
		for i := range o.calls {
			if o.calls[i].call.Out.ID != l.Call {
				continue
			}
			vals := o.outs[i].I64[at-b.base : to-b.base]
			for k, v := range vals {
				if v > l.Most {
					to = at + k
					break
				}
			}
		}
	}
	return to
}

func (o *windowOp) run(ctx context.Context) error {
	o.ctx.Context = ctx
	if err := o.frame.begin(o.ctx); err != nil {
		return err
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
		err = o.inputs.each(o.ctx, b, func(b *vector.Batch, cols []*vector.Vector) error {
			if len(cols) > 0 {
				o.all = vector.Batch{Cols: append(append(o.all.Cols[:0], b.Cols...), cols...), N: b.N, Sel: b.Sel}
				b = &o.all
			}
			return o.sorter.add(ctx, b)
		})
		if err != nil {
			return err
		}
	}
	if err := o.sorter.finish(ctx); err != nil {
		return err
	}
	o.st.sorted(o.sorter.used)
	if err := o.rows.take(ctx, o.sorter); err != nil {
		return err
	}
	o.done = true
	return o.in.Close()
}
