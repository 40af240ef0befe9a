package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// memberMasks finds rows for which x = ANY (…) over several columns is null: of the columns that are null on neither side all are equal. For
// each set of x's columns that are null, the subquery's rows are in tables by the columns that are left, so that x is looked up in each
// instead of being compared with all rows.
type memberMasks struct {
	budget *vector.Budget
	outer  map[uint64]map[uint64]*maskTable // by x's nulls, and by the nulls of both sides
	count  int
	nums   []int32
}

// maskTable is rows by the columns that are not null.
type maskTable struct {
	cols  []int
	table *hashTable // nil where no column is left: every row makes the test null
}

const (
	// mostMasks is how many tables are made; where there are more sets of nulls, rows are compared one by one.
	mostMasks = 64
	// mostMaskColumns have a bit each.
	mostMaskColumns = 64
	// maskShare of the memory they take at most.
	maskShare = 0.25
)

func newMemberMasks(mem *memory, limit int64) *memberMasks {
	return &memberMasks{budget: vector.NewBudget(mem.Budget, "query", int64(maskShare*float64(limit))), outer: map[uint64]map[uint64]*maskTable{}}
}

func (x *memberMasks) release() {
	if x == nil {
		return
	}
	for _, tables := range x.outer {
		for _, t := range tables {
			t.table.release()
		}
	}
	x.outer = nil
}

// nullMask is the set of columns that are null in a row.
func nullMask(cols []*vector.Vector, row int) uint64 {
	mask := uint64(0)
	for i, c := range cols {
		if c.IsNull(row) {
			mask |= 1 << i
		}
	}
	return mask
}

// unknown reports whether the test is null for one of the rows, for x with these nulls. Where there is no room for tables, all rows are
// looked at.
func (p *prepared) unknown(c context.Context, nulls uint64) (bool, error) {
	m := p.member
	if m.masks != nil {
		tables := m.masks.outer[nulls]
		if tables == nil {
			var err error
			if tables, err = p.fillMasks(c, nulls); err != nil && pgerr.CodeOf(err) != pgerr.OutOfMemory {
				return false, err
			}
		}
		if tables != nil {
			return m.masks.has(tables, m.key.Cols), nil
		}
		m.masks.release()
		m.masks = nil
	}
	unknown, err := p.scan(c, m.nulls)
	if err == nil && !unknown && nulls != 0 {
		unknown, err = p.scan(c, m.others)
	}
	return unknown, err
}

func (x *memberMasks) has(tables map[uint64]*maskTable, key []*vector.Vector) bool {
	x.nums = growInts(x.nums, 1)
	for _, t := range tables {
		if t.table == nil {
			return true
		}
		t.table.lookup(&vector.Batch{N: 1, Cols: pickColumns(key, t.cols)}, x.nums)
		if x.nums[0] >= 0 {
			return true
		}
	}
	return false
}

func pickColumns(cols []*vector.Vector, places []int) []*vector.Vector {
	out := make([]*vector.Vector, len(places))
	for i, p := range places {
		out[i] = cols[p]
	}
	return out
}

// fillMasks makes the tables for x with these nulls; none where there are too many or they take too much.
func (p *prepared) fillMasks(c context.Context, nulls uint64) (map[uint64]*maskTable, error) {
	m := p.member
	tables := map[uint64]*maskTable{}
	m.masks.outer[nulls] = tables
	spools := []*Spool{m.nulls, m.others}
	if nulls == 0 {
		spools = spools[:1] // the others are looked up by all columns
	}
	for _, s := range spools {
		ok, err := m.masks.add(c, p.ctx, m, s, nulls, tables)
		if err != nil || !ok {
			return nil, err
		}
	}
	return tables, nil
}

// add puts the rows of a spool into tables; false if there is no room.
func (x *memberMasks) add(c context.Context, ctx *eval.Ctx, m *membership, s *Spool, nulls uint64, tables map[uint64]*maskTable) (bool, error) {
	r := s.Reader()
	defer r.Close()
	for {
		if err := c.Err(); err != nil {
			return false, err
		}
		b, err := r.Next()
		if b == nil || err != nil {
			return err == nil, err
		}
		cols, _, err := m.inner.eval(ctx, b)
		if err != nil {
			return false, err
		}
		rows := map[uint64][]int32{}
		for i := range b.Rows() {
			row := b.Row(i)
			both := nulls | nullMask(cols, row)
			rows[both] = append(rows[both], int32(row))
		}
		for both, sel := range rows {
			t := tables[both]
			if t == nil {
				if t = x.table(m, both); t == nil {
					return false, nil
				}
				tables[both] = t
			}
			if t.table == nil {
				continue
			}
			x.nums = growInts(x.nums, len(sel))
			if err := t.table.insert(&vector.Batch{Cols: pickColumns(cols, t.cols), N: b.N, Sel: sel}, x.nums); err != nil {
				return false, err
			}
		}
	}
}

// table makes one more table, nil where there are too many.
func (x *memberMasks) table(m *membership, nulls uint64) *maskTable {
	if x.count++; x.count > mostMasks {
		return nil
	}
	t := &maskTable{}
	for i := range m.types {
		if nulls&(1<<i) == 0 {
			t.cols = append(t.cols, i)
		}
	}
	if len(t.cols) > 0 {
		types := make([]sqltype.Type, len(t.cols))
		for i, k := range t.cols {
			types[i] = m.types[k]
		}
		t.table = newHashTable(types, x.budget)
	}
	return t
}
