package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// distinctInput passes each value of a group once, for aggregates whose result does not depend on the order or form of their values: the first
// one goes on at once. When memory is full the values that are known still do not pass again, and rows with others are left to be sorted.
type distinctInput struct {
	seen    keySeen
	grouped bool // the group is part of the key
	full    bool
	group   *vector.Vector
	keys    vector.Batch
	fresh   pickedRows
	lost    pickedRows
}

// pickedRows are some of a feed's rows, by their order in it.
type pickedRows struct {
	places []int32
	rows   []int32
	groups []int32
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
	return &distinctInput{
		seen: newArgumentSeen(c.types[0], grouped, mem.Budget), grouped: grouped, group: vector.New(sqltype.Of(sqltype.OIDInt4)),
	}
}

// pass narrows f to the first rows of their values. rest are rows of which that cannot be told, nil where there are none.
func (d *distinctInput) pass(f *feed, mem *memory) (rest *feed, err error) {
	b := d.batch(f)
	d.fresh.places, d.lost.places = d.fresh.places[:0], d.lost.places[:0]
	if !d.full {
		if d.fresh.places, err = d.seen.add(b, d.fresh.places); err != nil {
			if !mem.full(err) {
				return nil, err
			}
			d.full = true
		}
	}
	if d.full {
		d.fresh.places, d.lost.places = d.seen.sift(b, d.fresh.places, d.lost.places)
		if len(d.lost.places) > 0 {
			rest = d.lost.of(f)
		}
	}
	*f = *d.fresh.of(f)
	return rest, nil
}

// batch makes the columns of a feed's keys.
func (d *distinctInput) batch(f *feed) *vector.Batch {
	b := &d.keys
	b.Cols, b.N, b.Sel = b.Cols[:0], f.n, f.rows
	if f.rows != nil {
		b.N, b.Sel = f.args[0].N, f.rows[:f.n]
	}
	if d.grouped {
		d.group.Reset(b.N)
		to := d.group.I32
		switch {
		case f.groups == nil:
			fill(to, f.group)
		case f.rows == nil:
			copy(to, f.groups[:f.n])
		default:
			for i, r := range b.Sel {
				to[r] = f.groups[i]
			}
		}
		b.Cols = append(b.Cols, d.group)
	}
	b.Cols = append(b.Cols, f.args[0])
	return b
}

// of makes a feed of the places in f.
func (p *pickedRows) of(f *feed) *feed {
	out := &feed{group: f.group, n: len(p.places), args: f.args, rows: p.places}
	if f.rows != nil {
		p.rows = growInts(p.rows, len(p.places))
		for k, i := range p.places {
			p.rows[k] = f.rows[i]
		}
		out.rows = p.rows
	}
	if f.groups != nil {
		p.groups = growInts(p.groups, len(p.places))
		for k, i := range p.places {
			p.groups[k] = f.groups[i]
		}
		out.groups = p.groups
	}
	return out
}
