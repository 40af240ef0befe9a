package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// topNOp keeps the first rows of an order. It collects up to twice as many as wanted and then drops the worse half, so that memory stays
// bounded by what is wanted and every row costs O(log n) comparisons.
type topNOp struct {
	ctx           *eval.Ctx
	in            Operator
	keys          sortKeys
	types         []sqltype.Type
	count, offset *eval.Program
	budget        *vector.Budget

	store *rowStore
	order []int32
	next  int
	done  bool
	out   *vector.Batch
}

func (b *builder) topN(n *plan.TopN) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	o := &topNOp{ctx: b.ctx, in: in, types: columnTypes(n.Input.Columns()), budget: b.rt.Budget}
	if o.keys, err = b.sortKeys(n.Keys, n.Input.Columns()); err != nil {
		return nil, err
	}
	if o.count, o.offset, err = b.boundPrograms(n.Count, n.Offset); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *topNOp) Open(ctx context.Context) error {
	o.release()
	return o.in.Open(ctx)
}
func (o *topNOp) Ready() bool { return o.done }
func (o *topNOp) Close() error {
	o.release()
	return o.in.Close()
}

func (o *topNOp) release() {
	o.store.release()
	o.store, o.order, o.next, o.done = nil, nil, 0, false
}

func (o *topNOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.done {
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	}
	if o.next >= len(o.order) {
		return nil, nil
	}
	n := min(len(o.order)-o.next, vector.BatchRows)
	o.out = gatherBatch(o.out, o.store, o.types, o.order[o.next:o.next+n])
	o.next += n
	return o.out, nil
}

func (o *topNOp) read(ctx context.Context) error {
	o.ctx.Context = ctx
	bounds, err := evalBounds(o.ctx, o.count, o.offset)
	if err != nil {
		return err
	}
	want := int(bounds.count + bounds.offset)
	types := append(append([]sqltype.Type(nil), o.types...), o.keys.types...)
	o.store = newRowStore(types, o.budget)
	for {
		b, err := o.in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		o.ctx.Context = ctx
		cols, _, err := o.keys.exprs.eval(o.ctx, b)
		if err != nil {
			return err
		}
		all := &vector.Batch{Cols: append(append([]*vector.Vector(nil), b.Cols...), cols...), N: b.N, Sel: b.Sel}
		if err := o.store.append(all); err != nil {
			return err
		}
		if o.store.n >= 2*want+vector.BatchRows {
			if err := o.shrink(ctx, types, want); err != nil {
				return err
			}
		}
	}
	if o.order, err = o.sorted(ctx); err != nil {
		return err
	}
	o.order = o.order[min(len(o.order), int(bounds.offset)):min(len(o.order), want)]
	o.done = true
	return o.in.Close()
}

func (o *topNOp) sorted(ctx context.Context) ([]int32, error) {
	order := make([]int32, o.store.n)
	for i := range order {
		order[i] = int32(i)
	}
	return order, sortRows(ctx, order, o.keys.comparer(o.store, len(o.types)))
}

func (o *topNOp) shrink(ctx context.Context, types []sqltype.Type, want int) error {
	order, err := o.sorted(ctx)
	if err != nil {
		return err
	}
	order = order[:want]
	kept := newRowStore(types, o.budget)
	for _, r := range order {
		c, i := o.store.at(int(r))
		kept.add(c.Cols, i)
		if err := kept.charge(); err != nil {
			kept.release()
			return err
		}
	}
	o.store.release()
	o.store = kept
	return nil
}
