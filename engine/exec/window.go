package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// windowOp sorts its input by partition and order and computes the calls partition by partition. Rows come out in that order,
// as they do in PostgreSQL.
type windowOp struct {
	ctx                    *eval.Ctx
	in                     Operator
	node                   *plan.Window
	types                  []sqltype.Type // input columns, then inputs
	ncols                  int
	inputs                 computed // partition, order, then each call's arguments
	calls                  []windowCall
	startOffset, endOffset *eval.Program
	startRange, endRange   *rangeBound // of a RANGE frame with offsets
	budget                 *vector.Budget

	store   *rowStore
	order   []int32
	results [][]sqltype.Value // per call, per sorted row
	charged int64
	done    bool
	next    int
}

// windowCall is one call with the places of its arguments in the store.
type windowCall struct {
	call   *plan.WindowCall
	args   []int
	filter int // place of the filter, -1 none
	types  []sqltype.Type
}

func (b *builder) window(n *plan.Window) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	o := &windowOp{ctx: b.ctx, in: in, node: n, ncols: len(cols), types: columnTypes(cols), budget: b.rt.Budget}
	es := append([]plan.Expr(nil), n.Partition...)
	for _, k := range n.Order {
		es = append(es, k.Expr)
	}
	for i := range n.Calls {
		c := windowCall{call: &n.Calls[i], filter: -1}
		for _, a := range n.Calls[i].Args {
			c.args = append(c.args, o.ncols+len(es))
			c.types = append(c.types, a.Type())
			es = append(es, a)
		}
		if f := n.Calls[i].Filter; f != nil {
			c.filter = o.ncols + len(es)
			es = append(es, f)
		}
		if windowFunctions()[n.Calls[i].Fn.Kernel] == nil && aggregators()[n.Calls[i].Fn.Kernel] == nil {
			return nil, pgerr.Internal("no window kernel %q", n.Calls[i].Fn.Kernel)
		}
		o.calls = append(o.calls, c)
	}
	for _, e := range es {
		o.types = append(o.types, e.Type())
	}
	if o.inputs, err = b.computed(es, cols); err != nil {
		return nil, err
	}
	if o.startRange, err = b.rangeBound(n, n.Frame.StartOffset, n.Frame.InRangeStart, n.Frame.Start, false); err != nil {
		return nil, err
	}
	if o.endRange, err = b.rangeBound(n, n.Frame.EndOffset, n.Frame.InRangeEnd, n.Frame.End, true); err != nil {
		return nil, err
	}
	o.startOffset, o.endOffset, err = b.boundPrograms(n.Frame.StartOffset, n.Frame.EndOffset)
	return o, err
}

func (o *windowOp) Open(ctx context.Context) error {
	o.release()
	return o.in.Open(ctx)
}
func (o *windowOp) Ready() bool { return o.done }
func (o *windowOp) Close() error {
	o.release()
	return o.in.Close()
}

func (o *windowOp) release() {
	o.store.release()
	o.budget.Shrink(o.charged)
	o.store, o.order, o.results, o.charged, o.done, o.next = nil, nil, nil, 0, false, 0
}

func (o *windowOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.done {
		if err := o.run(ctx); err != nil {
			return nil, err
		}
	}
	if o.next >= len(o.order) {
		return nil, nil
	}
	n := min(len(o.order)-o.next, vector.BatchRows)
	out := gatherBatch(nil, o.store, o.types[:o.ncols], o.order[o.next:o.next+n])
	for i, c := range o.calls {
		v := vector.NewFlat(c.call.Out.Type, n)
		for k := range n {
			v.SetValue(k, o.results[i][o.next+k])
		}
		v.Finish()
		out.Cols = append(out.Cols, v)
	}
	o.next += n
	return out, nil
}

func (o *windowOp) run(ctx context.Context) error {
	o.store = newRowStore(o.types, o.budget)
	for {
		b, err := o.in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		o.ctx.Context = ctx
		cols, _, err := o.inputs.eval(o.ctx, b)
		if err != nil {
			return err
		}
		all := &vector.Batch{Cols: append(append([]*vector.Vector(nil), b.Cols...), cols...), N: b.N, Sel: b.Sel}
		if err := o.store.append(all); err != nil {
			return err
		}
	}
	o.charged = int64(o.store.n) * int64(4+96*len(o.calls))
	if err := o.budget.Grow(o.charged); err != nil {
		o.charged = 0
		return err
	}
	o.order = make([]int32, o.store.n)
	for i := range o.order {
		o.order[i] = int32(i)
	}
	parts, peers := o.comparers()
	if err := sortRows(ctx, o.order, func(a, b int32) int {
		if c := parts(a, b); c != 0 {
			return c
		}
		return peers(a, b)
	}); err != nil {
		return err
	}
	o.results = make([][]sqltype.Value, len(o.calls))
	for i := range o.results {
		o.results[i] = make([]sqltype.Value, len(o.order))
	}
	for lo := 0; lo < len(o.order); {
		hi := lo + 1
		for hi < len(o.order) && parts(o.order[lo], o.order[hi]) == 0 {
			hi++
		}
		if err := o.partition(ctx, lo, hi, peers); err != nil {
			return err
		}
		lo = hi
	}
	o.done = true
	return o.in.Close()
}

// comparers order rows by partition and by the window's order.
func (o *windowOp) comparers() (parts, peers func(a, b int32) int) {
	np := len(o.node.Partition)
	var pk, ok []sortColumn
	for i := range np {
		pk = append(pk, sortColumn{col: o.ncols + i, typ: o.types[o.ncols+i]})
	}
	for i, k := range o.node.Order {
		ok = append(ok, sortColumn{col: o.ncols + np + i, typ: o.types[o.ncols+np+i], desc: k.Desc, first: k.NullsFirst})
	}
	p, q := compareRows(o.store, pk), compareRows(o.store, ok)
	return func(a, b int32) int { return p(uint32(a), uint32(b)) }, func(a, b int32) int { return q(uint32(a), uint32(b)) }
}

// partition is the part of the sorted rows that one run of the calls sees.
type partition struct {
	o          *windowOp
	ctx        context.Context
	lo, hi     int
	group      []int // for each row of the partition the number of its peer group
	first      []int // for each peer group its first row; one more at the end
	start, end int64 // offsets of the frame
	from, to   []int // for a RANGE frame with offsets: where it begins and ends, for each row
}

func (o *windowOp) partition(ctx context.Context, lo, hi int, peers func(a, b int32) int) error {
	p := &partition{o: o, ctx: ctx, lo: lo, hi: hi, group: make([]int, hi-lo)}
	for i := lo; i < hi; i++ {
		if i == lo || peers(o.order[i-1], o.order[i]) != 0 {
			p.first = append(p.first, i-lo)
		}
		p.group[i-lo] = len(p.first) - 1
	}
	p.first = append(p.first, hi-lo)
	var err error
	if p.start, err = o.frameOffset(o.startOffset, o.startRange, "starting"); err != nil {
		return err
	}
	if p.end, err = o.frameOffset(o.endOffset, o.endRange, "ending"); err != nil {
		return err
	}
	if err := p.ranges(); err != nil {
		return err
	}
	for i := range o.calls {
		c := &o.calls[i]
		out := o.results[i][lo:hi]
		if f := windowFunctions()[c.call.Fn.Kernel]; f != nil {
			if err := f(p, c, out); err != nil {
				return err
			}
			continue
		}
		if err := p.aggregate(c, out); err != nil {
			return err
		}
	}
	return nil
}

// frameOffset evaluates an offset: a number of rows or groups, or a distance, which goes to r and which in_range judges.
func (o *windowOp) frameOffset(p *eval.Program, r *rangeBound, which string) (int64, error) {
	if p == nil {
		return 0, nil
	}
	v, err := one(o.ctx, p)
	if err != nil {
		return 0, err
	}
	if v.Null {
		return 0, pgerr.Newf(pgerr.NullValueNotAllowed, "frame %s offset must not be null", which)
	}
	if r != nil {
		r.offset = v
		return 0, nil
	}
	if v.I < 0 {
		return 0, pgerr.Newf(pgerr.InvalidPrecedingOrFollowingSize, "frame %s offset must not be negative", which)
	}
	return v.I, nil
}

func (p *partition) rows() int { return p.hi - p.lo }

// value is an argument's value at a row of the partition.
func (p *partition) value(place, row int) sqltype.Value {
	c, i := p.o.store.at(int(p.o.order[p.lo+row]))
	return c.Cols[place].Value(i)
}

// frame is the rows [from, to) of the frame of a row, before exclusion.
func (p *partition) frame(row int) (from, to int) {
	f := p.o.node.Frame
	bound := func(kind plan.BoundKind, offset int64, end bool) int {
		n := p.rows()
		switch kind {
		case plan.UnboundedPreceding:
			return 0
		case plan.UnboundedFollowing:
			return n
		}
		step := int64(0)
		switch kind {
		case plan.OffsetPreceding:
			step = -min(offset, int64(n))
		case plan.OffsetFollowing:
			step = min(offset, int64(n))
		}
		if f.Mode == plan.FrameRows {
			at := row + int(step)
			if end {
				at++
			}
			return max(0, min(n, at))
		}
		g := p.group[row] + int(step)
		if end {
			g++
		}
		return p.first[max(0, min(len(p.first)-1, g))]
	}
	if p.o.startRange != nil {
		from = p.from[row]
	} else {
		from = bound(f.Start, p.start, false)
	}
	if p.o.endRange != nil {
		to = p.to[row]
	} else {
		to = bound(f.End, p.end, true)
	}
	return from, max(from, to)
}

// excluded reports whether EXCLUDE takes a row of the frame out.
func (p *partition) excluded(row, other int) bool {
	switch p.o.node.Frame.Exclude {
	case plan.ExcludeCurrentRow:
		return other == row
	case plan.ExcludeGroup:
		return p.group[other] == p.group[row]
	case plan.ExcludeTies:
		return other != row && p.group[other] == p.group[row]
	}
	return false
}

// aggregate computes an aggregate over each row's frame. A frame that begins where the last one did and only grew is continued.
func (p *partition) aggregate(c *windowCall, out []sqltype.Value) error {
	plain := p.o.node.Frame.Exclude == plan.ExcludeNoOthers
	var agg aggregator
	from, to := -1, -1
	for row := range out {
		if row&255 == 0 {
			if err := p.ctx.Err(); err != nil {
				return err
			}
		}
		f, t := p.frame(row)
		if !plain || agg == nil || f != from || t < to {
			agg = aggregators()[c.call.Fn.Kernel](aggCall{call: &plan.AggCall{Out: c.call.Out, Fn: c.call.Fn, Args: c.call.Args, Rows: c.call.Rows}, nargs: len(c.args), types: c.types, ctx: p.o.ctx})
			agg.grow(1)
			from, to = f, f
		} else if t == to && row > 0 {
			out[row] = out[row-1]
			continue
		}
		var rows []int32
		for r := to; r < t; r++ {
			if p.excluded(row, r) {
				continue
			}
			if c.filter >= 0 {
				if v := p.value(c.filter, r); v.Null || v.I == 0 {
					continue
				}
			}
			rows = append(rows, p.o.order[p.lo+r])
		}
		to = t
		if err := p.feed(agg, c, rows); err != nil {
			return err
		}
		v, err := agg.result(0)
		if err != nil {
			return err
		}
		out[row] = v
	}
	return nil
}

func (p *partition) feed(agg aggregator, c *windowCall, rows []int32) error {
	for len(rows) > 0 {
		n := min(len(rows), vector.BatchRows)
		args := make([]*vector.Vector, len(c.args))
		for i, place := range c.args {
			args[i] = vector.New(c.types[i])
			p.o.store.gather(args[i], place, rows[:n])
		}
		groups, at := make([]int32, n), make([]int32, n)
		for i := range at {
			at[i] = int32(i)
		}
		if err := agg.add(groups, at, args); err != nil {
			return err
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// gatherBatch fills a batch with the first len(types) columns of some rows of the store, reusing out.
func gatherBatch(out *vector.Batch, s *rowStore, types []sqltype.Type, rows []int32) *vector.Batch {
	if out == nil {
		out = &vector.Batch{Cols: make([]*vector.Vector, len(types))}
		for i, t := range types {
			out.Cols[i] = vector.New(t)
		}
	}
	out.N = len(rows)
	for k := range types {
		s.gather(out.Cols[k], k, rows)
	}
	return out
}
