package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// distinctInput passes each value of a group once, for aggregates whose result does not depend on the order or form of their values: the first
// one goes on at once. When memory is full the values that are known still do not pass again, and rows with others are left to be sorted.
type distinctInput struct {
	table  *hashTable
	byRow  bool // the group is part of the key
	full   bool
	group  *vector.Vector
	keys   vector.Batch
	nums   []int32
	rows   []int32
	groups []int32
	places []int32
}

// unordered names the aggregates that may get their distinct values in any order, by what they aggregate.
func unordered(c *aggCall) bool {
	if !c.call.Distinct || len(c.call.Order) > 0 || c.nargs == 0 {
		return false
	}
	switch c.call.Fn.Name {
	case "count", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor":
		return true
	case "sum", "avg":
		return intKind(c.types[0].Kind())
	case "min", "max":
		return intKind(c.types[0].Kind()) || c.types[0].Kind() == sqltype.KindBytes && textual(c.types[0].OID) && c.types[0].OID != sqltype.OIDBPChar
	}
	return false
}

func newDistinctInput(c *aggCall, grouped bool, mem *memory) *distinctInput {
	types := c.types[:c.nargs]
	if grouped {
		types = append([]sqltype.Type{sqltype.Of(sqltype.OIDInt4)}, types...)
	}
	return &distinctInput{table: newHashTable(types, mem.Budget), byRow: grouped, group: vector.New(sqltype.Of(sqltype.OIDInt4))}
}

// pass narrows f to the first rows of their values. rest are rows of which that cannot be told, nil where there are none.
func (d *distinctInput) pass(f *feed, mem *memory) (rest *feed, err error) {
	b := &d.keys
	b.Cols, b.N, b.Sel = b.Cols[:0], f.n, f.rows
	if f.rows != nil {
		b.N = f.args[0].N
	}
	if d.byRow {
		d.group.Reset(b.N)
		for i := range f.n {
			r, g := i, f.group
			if f.rows != nil {
				r = int(f.rows[i])
			}
			if f.groups != nil {
				g = f.groups[i]
			}
			d.group.I32[r] = g
		}
		b.Cols = append(b.Cols, d.group)
	}
	b.Cols = append(b.Cols, f.args...)
	d.nums = growInts(d.nums, f.n)
	seen := int32(d.table.len())
	if !d.full {
		if err := d.table.insert(b, d.nums); err != nil {
			if !mem.full(err) {
				return nil, err
			}
			d.full = true
		}
	}
	if d.full {
		d.table.lookup(b, d.nums)
		d.places = d.places[:0]
		for i, num := range d.nums {
			if num < 0 {
				d.places = append(d.places, int32(i))
			}
		}
		all := *f
		f.n = 0
		if len(d.places) == 0 {
			return nil, nil
		}
		rest = d.pick(&all)
		return rest, nil
	}
	d.places = d.places[:0]
	for i, num := range d.nums {
		if num == seen {
			d.places = append(d.places, int32(i))
			seen++
		}
	}
	*f = *d.pick(f)
	return nil, nil
}

// pick takes some of f's rows.
func (d *distinctInput) pick(f *feed) *feed {
	out := &feed{group: f.group, n: len(d.places), args: f.args, rows: d.places}
	if f.rows != nil {
		d.rows = growInts(d.rows, len(d.places))
		for k, i := range d.places {
			d.rows[k] = f.rows[i]
		}
		out.rows = d.rows
	}
	if f.groups != nil {
		d.groups = growInts(d.groups, len(d.places))
		for k, i := range d.places {
			d.groups[k] = f.groups[i]
		}
		out.groups = d.groups
	}
	return out
}
