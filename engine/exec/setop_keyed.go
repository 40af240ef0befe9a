package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// keyedSetOp is INTERSECT and EXCEPT whose rows are keys as they came first. It counts the rows of the side whose form is shown, then those of the
// other one, and gives each key as often as it is due.
type keyedSetOp struct {
	setRows
	first  int     // the side whose form is shown
	other  []int64 // rows of the other side, by key
	key    int     // that comes out next
	rest   int64   // how often it is still due
	filled bool
	rows   *vector.Batch // some keys, from number at on
	at     int
}

// chosen puts the side that is shown first.
func (s *setRows) chosen(left, right float64) int {
	if s.kind == plan.Intersect && right < left {
		return rightSide
	}
	return leftSide
}

func (o *keyedSetOp) Open(ctx context.Context) error {
	o.end()
	return o.open(ctx)
}
func (o *keyedSetOp) Ready() bool { return o.filled }
func (o *keyedSetOp) Close() error {
	o.end()
	return o.setRows.Close()
}

// end forgets a round's keys.
func (o *keyedSetOp) end() {
	o.other, o.filled, o.key, o.rest, o.at = nil, false, 0, 0, 0
}

func (o *keyedSetOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if !o.filled {
			o.end()
			more, err := o.next()
			if err != nil || !more {
				return nil, err
			}
			if err := o.fill(ctx); err != nil {
				return nil, err
			}
			o.filled = true
		}
		if b := o.due(); b != nil {
			return b, ctx.Err()
		}
		o.filled = false
	}
}

func (o *keyedSetOp) fill(ctx context.Context) error {
	for {
		b, err := o.read(ctx, o.first)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := o.insert(b); err != nil {
			return err
		}
		for _, n := range o.nums {
			if n >= 0 {
				o.counts[n]++
			}
		}
		if o.full {
			if err := o.spill(b, o.first); err != nil {
				return err
			}
		}
	}
	o.other = make([]int64, o.table.len())
	for {
		b, err := o.read(ctx, 1-o.first)
		if b == nil || err != nil {
			return err
		}
		o.lookup(b)
		for _, n := range o.nums {
			if n >= 0 {
				o.other[n]++
			}
		}
		if o.full {
			if err := o.spill(b, 1-o.first); err != nil {
				return err
			}
		}
	}
}

// times is how often a key comes out.
func (o *keyedSetOp) times(key int) int64 {
	n := o.counts[key] - o.other[key]
	if o.kind == plan.Intersect {
		n = min(o.counts[key], o.other[key])
	}
	switch {
	case o.all:
		return max(n, 0)
	case o.kind == plan.Except && o.other[key] > 0 || n <= 0:
		return 0
	}
	return 1
}

// due gives the next rows; nil when no key is left.
func (o *keyedSetOp) due() *vector.Batch {
	if o.rows == nil {
		o.rows = &vector.Batch{}
		for _, t := range o.types {
			o.rows.Cols = append(o.rows.Cols, vector.New(t))
		}
	}
	o.sel = o.sel[:0]
	for len(o.sel) == 0 {
		if o.rest == 0 && o.key >= o.table.len() {
			return nil
		}
		o.at = o.key
		if o.rest > 0 {
			o.at--
		}
		o.rows.N = min(o.table.len()-o.at, vector.BatchRows)
		for len(o.sel) < vector.BatchRows {
			if o.rest == 0 {
				if o.key >= o.at+o.rows.N {
					break
				}
				o.rest = o.times(o.key)
				o.key++
				continue
			}
			o.sel = append(o.sel, int32(o.key-1-o.at))
			o.rest--
		}
	}
	for k, c := range o.rows.Cols {
		o.table.gather(c, k, o.at, o.rows.N)
	}
	o.out.N = len(o.sel)
	if o.out.Cols == nil {
		o.out.Cols = make([]*vector.Vector, len(o.types))
	}
	for k, c := range o.rows.Cols {
		o.out.Cols[k] = vector.Gather(o.out.Cols[k], c, o.sel)
	}
	return &o.out
}
