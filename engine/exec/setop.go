package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

func (b *builder) setOp(n *plan.SetOp) (Operator, error) {
	l, err := b.build(n.L)
	if err != nil {
		return nil, err
	}
	r, err := b.build(n.R)
	if err != nil {
		return nil, err
	}
	if l, err = b.pick(l, n.L.Columns(), n.LeftIn); err != nil {
		return nil, err
	}
	if r, err = b.pick(r, n.R.Columns(), n.RightIn); err != nil {
		return nil, err
	}
	if n.Kind == plan.Union {
		all := &appendOp{l: l, r: r}
		if n.All {
			return all, nil
		}
		return &distinctOp{in: all, types: n.Cols, budget: b.rt.Budget}, nil
	}
	return &setOp{kind: n.Kind, all: n.All, l: l, r: r, cols: n.Cols, budget: b.rt.Budget}, nil
}

// appendOp gives the rows of the left input and then those of the right one.
type appendOp struct {
	l, r  Operator
	right bool
}

func (o *appendOp) Open(ctx context.Context) error {
	o.right = false
	if err := o.l.Open(ctx); err != nil {
		return err
	}
	return o.r.Open(ctx)
}

func (o *appendOp) Ready() bool {
	if o.right {
		return o.r.Ready()
	}
	return o.l.Ready()
}

func (o *appendOp) Close() error {
	err := o.l.Close()
	if err2 := o.r.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *appendOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.right {
		b, err := o.l.Next(ctx)
		if b != nil || err != nil {
			return b, err
		}
		o.right = true
		if err := o.l.Close(); err != nil {
			return nil, err
		}
	}
	return o.r.Next(ctx)
}

// setOp is INTERSECT and EXCEPT: it counts the right side's rows by value and then lets left rows through. With ALL, a left
// row uses one right row up; without, the first of equal left rows decides for all.
type setOp struct {
	kind   plan.SetOpKind
	all    bool
	l, r   Operator
	cols   []plan.Column
	budget *vector.Budget

	table  *hashTable
	extra  int64   // charged for counts
	counts []int64 // right rows left per value; -1: a left row of this value came out already
	nums   []int32
	sel    []int32
	out    vector.Batch
}

func (o *setOp) Open(ctx context.Context) error {
	o.release()
	if err := o.r.Open(ctx); err != nil {
		return err
	}
	return o.l.Open(ctx)
}
func (o *setOp) Ready() bool { return o.table != nil && o.l.Ready() }
func (o *setOp) Close() error {
	o.release()
	err := o.l.Close()
	if err2 := o.r.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *setOp) release() {
	o.table.release()
	o.budget.Shrink(o.extra)
	o.table, o.counts, o.extra = nil, nil, 0
}

func (o *setOp) count(ctx context.Context) error {
	o.table = newHashTable(columnTypes(o.cols), o.budget)
	for {
		b, err := o.r.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			return o.r.Close()
		}
		if err := o.number(b); err != nil {
			return err
		}
		for _, n := range o.nums {
			o.counts[n]++
		}
	}
}

func (o *setOp) number(b *vector.Batch) error {
	o.nums = growInts(o.nums, b.Rows())
	if err := o.table.insert(b, o.nums); err != nil {
		return err
	}
	for len(o.counts) < o.table.len() {
		o.counts = append(o.counts, 0)
	}
	now := int64(cap(o.counts)) * 8
	if err := o.budget.Grow(now - o.extra); err != nil {
		return err
	}
	o.extra = max(o.extra, now)
	return nil
}

func (o *setOp) Next(ctx context.Context) (*vector.Batch, error) {
	if o.table == nil {
		if err := o.count(ctx); err != nil {
			return nil, err
		}
	}
	for {
		b, err := o.l.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		if err := o.number(b); err != nil {
			return nil, err
		}
		o.sel = o.sel[:0]
		for i, n := range o.nums {
			if o.passes(n) {
				o.sel = append(o.sel, int32(b.Row(i)))
			}
		}
		if len(o.sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: o.sel}
		return &o.out, nil
	}
}

func (o *setOp) passes(n int32) bool {
	c := o.counts[n]
	if o.all {
		if c > 0 {
			o.counts[n]--
			return o.kind == plan.Intersect
		}
		return o.kind == plan.Except
	}
	if c < 0 {
		return false
	}
	o.counts[n] = -1
	return (c > 0) == (o.kind == plan.Intersect)
}
