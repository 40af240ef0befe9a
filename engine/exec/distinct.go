package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// distinctOp passes the first row of each set of equal rows as soon as it comes.
type distinctOp struct {
	in     Operator
	places []int // columns that are compared; nil: all
	types  []plan.Column
	budget *vector.Budget
	table  *hashTable
	nums   []int32
	sel    []int32
	out    vector.Batch
}

func (b *builder) distinct(n *plan.Distinct) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	o := &distinctOp{in: in, types: cols, budget: b.rt.Budget}
	if n.On != nil {
		o.places = []int{}
		o.types = nil
		for _, id := range n.On {
			k := columnAt(cols, id)
			if k < 0 {
				return nil, pgerr.Internal("DISTINCT ON names column %d, which its input does not give", id)
			}
			o.places = append(o.places, k)
			o.types = append(o.types, cols[k])
		}
	}
	return o, nil
}

func columnAt(cols []plan.Column, id plan.ColID) int {
	for i, c := range cols {
		if c.ID == id {
			return i
		}
	}
	return -1
}

func (o *distinctOp) Open(ctx context.Context) error {
	o.table.release()
	o.table = newHashTable(columnTypes(o.types), o.budget)
	return o.in.Open(ctx)
}
func (o *distinctOp) Ready() bool { return o.in.Ready() }
func (o *distinctOp) Close() error {
	o.table.release()
	o.table = nil
	return o.in.Close()
}

func (o *distinctOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := o.in.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		keys := *b
		if o.places != nil {
			keys.Cols = make([]*vector.Vector, len(o.places))
			for i, p := range o.places {
				keys.Cols[i] = b.Cols[p]
			}
		}
		seen := int32(o.table.len())
		o.nums = growInts(o.nums, b.Rows())
		if err := o.table.insert(&keys, o.nums); err != nil {
			return nil, err
		}
		o.sel = o.sel[:0]
		for i, n := range o.nums[:b.Rows()] {
			if n >= seen { // numbers are handed out in order, so a first occurrence has the next one
				o.sel = append(o.sel, int32(b.Row(i)))
				seen++
			}
		}
		if len(o.sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: o.sel}
		return &o.out, nil
	}
}

func growInts(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n, max(n, vector.BatchRows))
	}
	return s[:n]
}
