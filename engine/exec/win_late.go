package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// lateColumn is an argument or a filter that is computed when a call looks at it. PostgreSQL evaluates it for no other row, so an error of a
// row that no call looks at is none; here it is computed ahead for the rows behind, whose errors wait until they are looked at.
type lateColumn struct {
	program *eval.Program
	held    []*lateRows
	clock   int
	step    int // rows that are computed ahead
	sel     []int32
}

// lateRows are the column's values for some rows of a block one after another; in col they stand where the block has them.
type lateRows struct {
	base     int
	from, to int // within the block
	col      *vector.Vector
	err      error // of row to
	used     int
	charged  int64
}

const (
	// heldLate are the most blocks for which a column is held: where frames begin and end, and what is between.
	heldLate = 4
	// leastAhead is computed ahead at first: a call may look at one row of a partition only.
	leastAhead = 16
)

// late makes a column that is computed late, and says where calls find it: behind those of the rows.
func (o *windowOp) late(b *builder, e plan.Expr, cols []plan.Column) (int, error) {
	p, err := b.compile(e, cols)
	if err != nil {
		return 0, err
	}
	o.lates = append(o.lates, &lateColumn{program: p})
	return len(o.types) + len(o.lates) - 1, nil
}

// ready has the values of a column at rows of a block, which are in ascending order. It says for how many of them: at least for the first,
// unless that row's evaluation fails. Of the rows behind those another call may have to be made.
func (o *windowOp) ready(b *rowBlock, place int, rows []int32) (col *vector.Vector, n int, err error) {
	if place < len(o.types) {
		return b.cols[place], len(rows), nil
	}
	m, err := o.lateAt(b, place, int(rows[0]))
	if err != nil {
		return nil, 0, err
	}
	for n = len(rows); int(rows[n-1]) >= m.to; n-- {
	}
	return m.col, n, nil
}

// lateAt has a late column's values at a row of a block and at some others.
func (o *windowOp) lateAt(b *rowBlock, place, row int) (*lateRows, error) {
	l := o.lates[place-len(o.types)]
	var m *lateRows
	for _, h := range l.held {
		if h.base == b.base {
			m = h
			break
		}
	}
	if m == nil || !m.has(row) {
		if m != nil && m.err != nil && m.to == row {
			return nil, m.err
		}
		var err error
		if m, err = l.compute(o, b, m, row); err != nil {
			return nil, err
		}
	}
	l.clock++
	m.used = l.clock
	return m, nil
}

func (m *lateRows) has(row int) bool { return row >= m.from && row < m.to }

// compute evaluates the column from a row of the block on, into m where that holds other rows of the block.
func (l *lateColumn) compute(o *windowOp, b *rowBlock, m *lateRows, first int) (*lateRows, error) {
	from, to := first, b.n
	switch {
	case m == nil && first == 0 && l.step >= vector.BatchRows: // rows are looked at one after another
	case m != nil && m.err == nil && first < m.from: // backwards
		from = 0
	default:
		l.step = min(vector.BatchRows, max(leastAhead, 2*l.step))
		to = min(b.n, first+l.step)
	}
	if m == nil {
		m = l.slot(o)
	}
	for {
		err := l.fill(o, m, b, from, to)
		if err != nil { // for want of memory
			l.forgetOthers(o, m)
			err = l.fill(o, m, b, first, first+1)
		}
		switch {
		case err != nil:
			m.clear(o)
			return nil, err
		case m.has(first):
			return m, nil
		case m.err != nil && m.to == first:
			return nil, m.err
		}
		from = first // a row before it fails, which nobody asked for
	}
}

// fill evaluates rows [from, to) of the block, or fewer.
func (l *lateColumn) fill(o *windowOp, m *lateRows, b *rowBlock, from, to int) error {
	p := l.program
	m.clear(o)
	m.base, m.from, m.to = b.base, from, from
	v, n, err := p.EvalPart(o.ctx, &vector.Batch{Cols: b.cols[:o.ncols], N: b.n, Sel: o.places[from:to]})
	if eval.Full(err) {
		err = nil
	}
	m.err = err
	if n == 0 {
		return nil
	}
	if m.col == nil {
		m.col = vector.NewFlat(p.Type(), 0)
	}
	m.col.Type = p.Type()
	m.col.Reset(0)
	if from == 0 {
		m.col.AppendSel(v, o.places[:n], n)
	} else {
		sel := l.sel[:0]
		for range from {
			sel = append(sel, -1)
		}
		sel = append(sel, o.places[from:from+n]...)
		l.sel = sel
		m.col.AppendSel(v, sel, len(sel))
	}
	m.col.Finish()
	size := m.col.MemBytes()
	if err := o.rows.mem.Grow(size); err != nil {
		return err
	}
	m.charged, m.to = size, from+n
	return nil
}

// slot is where rows of another block may be held.
func (l *lateColumn) slot(o *windowOp) *lateRows {
	if len(l.held) < heldLate {
		l.held = append(l.held, &lateRows{base: -1})
		return l.held[len(l.held)-1]
	}
	oldest := l.held[0]
	for _, m := range l.held[1:] {
		if m.used < oldest.used {
			oldest = m
		}
	}
	oldest.clear(o)
	return oldest
}

func (l *lateColumn) forgetOthers(o *windowOp, keep *lateRows) {
	for _, m := range l.held {
		if m != keep {
			m.clear(o)
			m.col = nil
		}
	}
}

func (m *lateRows) clear(o *windowOp) {
	o.rows.mem.Shrink(m.charged)
	m.base, m.from, m.to, m.err, m.charged = -1, 0, 0, nil, 0
}

func (l *lateColumn) release(o *windowOp) {
	for _, m := range l.held {
		m.clear(o)
	}
	l.held, l.step = nil, 0
}
