package exec

import (
	"cmp"
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// filterOp keeps the rows for which every predicate is true. A later predicate runs only over the rows that the earlier ones
// kept.
type filterOp struct {
	ctx   *eval.Ctx
	in    Operator
	preds predicates
	out   vector.Batch
	later later
}

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
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	ps, err := b.compileAll(n.Preds, n.Input.Columns())
	if err != nil {
		return nil, err
	}
	return &filterOp{ctx: b.ctx, in: in, preds: predicates{programs: ps}}, nil
}

func (o *filterOp) Open(ctx context.Context) error {
	o.later = later{}
	return o.in.Open(ctx)
}
func (o *filterOp) Ready() bool  { return o.later.err != nil || o.in.Ready() }
func (o *filterOp) Close() error { return o.in.Close() }

func (o *filterOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := cmp.Or(o.later.take(), ctx.Err()); err != nil {
			return nil, err
		}
		b, err := o.in.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		o.ctx.Context = ctx
		sel, _, err := o.preds.keep(o.ctx, b)
		o.later.err = err
		if len(sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}
		return &o.out, nil
	}
}
