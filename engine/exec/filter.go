package exec

import (
	"cmp"
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// filterOp keeps the rows for which every predicate is true. A later predicate runs only over the rows that the earlier ones
// kept. Predicates without columns of the input are tested first, and the input is not opened unless they are true.
type filterOp struct {
	ctx   *eval.Ctx
	in    Operator
	once  []*eval.Program
	preds predicates
	state filterState
	first int // rows of the first part of a batch; 0: all
	rest  partial
	out   vector.Batch
	later later
}

type filterState uint8

const (
	filterClosed filterState = iota // the input is not open yet
	filterOpen
	filterEnded // the predicates without columns are not true
)

// predicates is a list of conditions that must all be true.
type predicates struct {
	programs []*eval.Program
	bufs     [2][]int32
}

// keep returns the places of the rows of b that pass. With an error, failed is the place of its row, and sel ends before it.
func (p *predicates) keep(ctx *eval.Ctx, b *vector.Batch) (sel []int32, failed int, err error) {
	if p.bufs[0] == nil {
		p.bufs = [2][]int32{make([]int32, 0, vector.InitialRows), make([]int32, 0, vector.InitialRows)}
	}
	cur := *b
	if len(p.programs) == 0 && cur.Sel == nil {
		p.bufs[0] = p.bufs[0][:0]
		for i := range cur.N {
			p.bufs[0] = append(p.bufs[0], int32(i))
		}
		return p.bufs[0], 0, nil
	}
	for i, prog := range p.programs {
		sel, n, err2 := prog.Select(ctx, &cur, p.bufs[i%2])
		p.bufs[i%2] = sel
		if err2 != nil {
			// Of an earlier row than any error so far: rows behind that one are no longer in cur.
			failed, err = cur.Row(n), err2
		}
		cur.Sel = sel
		if len(sel) == 0 && err == nil {
			return sel, 0, nil
		}
	}
	return cur.Sel, failed, err
}

func (b *builder) filter(n *plan.Filter) (Operator, error) {
	in, err := b.filtered(n)
	if err != nil {
		return nil, err
	}
	once, each := plan.SplitOnce(n.Preds, n.Input)
	ps, err := b.compileAll(plan.ByCost(each), n.Input.Columns())
	if err != nil {
		return nil, err
	}
	o := &filterOp{ctx: b.ctx, in: in, preds: predicates{programs: ps}, first: firstPart(each)}
	o.once, err = b.compileAll(once, nil)
	return o, err
}

// filtered is the filter's input. In a scope that is opened for many outer rows, rows that are the same for all of them are kept by the
// keys that predicates compare with outer columns.
func (b *builder) filtered(n *plan.Filter) (Operator, error) {
	if scan, ok := n.Input.(*plan.CTEScan); ok && b.again && b.constant(scan) {
		store, places, err := b.cteColumns(scan)
		if err != nil {
			return nil, err
		}
		if op, err := b.keyed(store, places, scan.Columns(), n.Preds); op != nil || err != nil {
			return op, err
		}
	}
	if !b.again || !b.worthKeeping(n.Input) {
		return b.build(n.Input)
	}
	store, err := b.keep(nil, n.Input.Columns())
	if err != nil {
		return nil, err
	}
	op, err := b.keyed(store, store.all(), store.cols, n.Preds)
	if err != nil {
		return nil, err
	}
	if op == nil {
		return b.build(n.Input)
	}
	b.again = false
	store.in, err = b.build(n.Input)
	b.again = true
	return op, err
}

func (o *filterOp) Open(ctx context.Context) error {
	o.later, o.state, o.rest = later{}, filterClosed, partial{step: o.first}
	if len(o.once) > 0 {
		return nil
	}
	o.state = filterOpen
	return o.in.Open(ctx)
}

func (o *filterOp) Ready() bool {
	return o.later.err != nil || o.state == filterEnded || o.rest.some() || o.state == filterOpen && o.in.Ready()
}

// begin tests the predicates without columns.
func (o *filterOp) begin(ctx context.Context) error {
	o.ctx.Context = ctx
	for _, p := range o.once {
		v, err := one(o.ctx, p)
		if err != nil {
			return err
		}
		if v.Null || v.I == 0 {
			o.state = filterEnded
			return nil
		}
	}
	o.state = filterOpen
	return o.in.Open(ctx)
}

func (o *filterOp) Close() error { return o.in.Close() }

func (o *filterOp) Next(ctx context.Context) (*vector.Batch, error) {
	if o.state == filterClosed {
		if err := o.begin(ctx); err != nil {
			return nil, err
		}
	}
	if o.state == filterEnded {
		return nil, nil
	}
	for {
		if err := cmp.Or(o.later.take(), ctx.Err()); err != nil {
			return nil, err
		}
		if !o.rest.some() {
			b, err := o.in.Next(ctx)
			if b == nil || err != nil || len(o.preds.programs) == 0 {
				return b, err
			}
			o.rest.start(b)
		}
		o.ctx.Context = ctx
		b := o.rest.next()
		sel, _, err := o.preds.keep(o.ctx, b)
		if _, o.later.err = o.rest.done(b, b.Rows(), err); err != nil {
			o.rest = partial{}
		}
		if len(sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}
		return &o.out, nil
	}
}
