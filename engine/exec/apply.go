package exec

import (
	"cmp"
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// applyOp opens its right side once for every left row, whose columns the right side uses as outer columns.
type applyOp struct {
	ctx            *eval.Ctx
	kind           plan.JoinKind
	l, r           Operator
	inner          *eval.Ctx // what the right side evaluates with
	slots          []slotOf  // outer columns from the left row
	above          int       // slots that come from this scope's own outer columns
	ltypes, rtypes []sqltype.Type
	rout           []int
	on             predicates

	left  *vector.Batch
	row   int
	open  bool
	hit   bool
	later later
	pairs *vector.Batch
	out   *vector.Batch
}

type slotOf struct{ slot, col int }

func (b *builder) apply(n *plan.Apply) (Operator, error) {
	switch n.Kind {
	case plan.Inner, plan.Left, plan.Semi, plan.Anti:
	default:
		return nil, pgerr.Internal("no Apply of kind %d", n.Kind)
	}
	l, err := b.build(n.L)
	if err != nil {
		return nil, err
	}
	child := b.child(n.Outer)
	r, err := child.build(n.R)
	if err != nil {
		return nil, err
	}
	lcols, rcols := n.L.Columns(), n.R.Columns()
	o := &applyOp{
		ctx: b.ctx, kind: n.Kind, l: l, r: r, inner: child.ctx, above: len(b.ctx.Outer), ltypes: columnTypes(lcols), rtypes: columnTypes(rcols),
	}
	for _, id := range n.Outer {
		k := columnAt(lcols, id)
		if k < 0 {
			return nil, pgerr.Internal("an Apply uses column %d, which its left side does not give", id)
		}
		o.slots = append(o.slots, slotOf{slot: child.outer[id], col: k})
	}
	if n.Kind == plan.Inner || n.Kind == plan.Left {
		if o.rout, err = places(rcols, n.RightOut, nil, n.Kind == plan.Left); err != nil {
			return nil, err
		}
	}
	ps, err := b.compileAll(n.On, append(append([]plan.Column(nil), lcols...), rcols...))
	if err != nil {
		return nil, err
	}
	o.on = predicates{programs: ps}
	return o, nil
}

func (o *applyOp) Open(ctx context.Context) error {
	o.left, o.row, o.open, o.later = nil, 0, false, later{}
	return o.l.Open(ctx)
}

func (o *applyOp) Ready() bool {
	if o.open {
		return o.r.Ready()
	}
	return o.left == nil && o.l.Ready()
}

func (o *applyOp) Close() error {
	err := o.r.Close()
	if err2 := o.l.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *applyOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := cmp.Or(o.later.take(), ctx.Err()); err != nil {
			return nil, err
		}
		if o.left == nil {
			b, err := o.l.Next(ctx)
			if b == nil || err != nil {
				return nil, err
			}
			o.left, o.row = b, 0
		}
		if !o.open {
			if err := o.begin(ctx); err != nil {
				return nil, err
			}
		}
		b, err := o.partners(ctx)
		if b != nil || err != nil {
			return b, err
		}
	}
}

// begin opens the right side for the current left row.
func (o *applyOp) begin(ctx context.Context) error {
	at := o.left.Row(o.row)
	copy(o.inner.Outer[:o.above], o.ctx.Outer)
	for _, s := range o.slots {
		o.inner.Outer[s.slot] = o.left.Cols[s.col].Value(at)
	}
	o.inner.Context = ctx
	o.open, o.hit = true, false
	return o.r.Open(ctx)
}

// end goes to the next left row.
func (o *applyOp) end() error {
	o.open = false
	o.row++
	if o.row >= o.left.Rows() {
		o.left = nil
	}
	return o.r.Close()
}

// partners gives the next rows for the current left row; nil when it has no more.
func (o *applyOp) partners(ctx context.Context) (*vector.Batch, error) {
	left, at := o.left, o.left.Row(o.row)
	b, err := o.r.Next(ctx)
	if err != nil {
		return nil, err
	}
	if b == nil {
		hit := o.hit
		if err := o.end(); err != nil {
			return nil, err
		}
		if !hit && (o.kind == plan.Left || o.kind == plan.Anti) {
			return o.give(left, at, nil, nil), nil
		}
		return nil, nil
	}
	sel := b.Sel
	if len(o.on.programs) > 0 {
		pairs := o.pairBatch(left, at, b)
		o.ctx.Context = ctx
		s, _, err := o.on.keep(o.ctx, pairs)
		if sel = s; err != nil {
			o.later.err = err
		}
		if len(sel) == 0 {
			return nil, nil
		}
	}
	o.hit = true
	switch o.kind {
	case plan.Semi, plan.Anti:
		o.later.err = nil // the first partner decides
		if err := o.end(); err != nil {
			return nil, err
		}
		if o.kind == plan.Semi {
			return o.give(left, at, nil, nil), nil
		}
		return nil, nil
	}
	return o.give(left, at, b, sel), nil
}

func (o *applyOp) pairBatch(left *vector.Batch, at int, b *vector.Batch) *vector.Batch {
	if o.pairs == nil {
		o.pairs = &vector.Batch{}
	}
	cols := o.pairs.Cols[:0]
	for i, t := range o.ltypes {
		cols = append(cols, vector.NewConstant(t, left.Cols[i].Value(at), b.N))
	}
	cols = append(cols, b.Cols...)
	*o.pairs = vector.Batch{Cols: cols, N: b.N, Sel: b.Sel}
	return o.pairs
}

// give makes result rows: the left row beside each selected right row, or alone if b is nil.
func (o *applyOp) give(left *vector.Batch, at int, b *vector.Batch, sel []int32) *vector.Batch {
	n := 1
	if b != nil {
		n = b.N
	}
	out := &vector.Batch{N: n, Sel: sel}
	for i, t := range o.ltypes {
		out.Cols = append(out.Cols, vector.NewConstant(t, left.Cols[i].Value(at), n))
	}
	for _, k := range o.rout {
		if b == nil {
			out.Cols = append(out.Cols, vector.NewNull(o.rtypes[k], n))
			continue
		}
		out.Cols = append(out.Cols, b.Cols[k])
	}
	o.out = out
	return out
}
