package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// rowStore keeps rows in chunks of flat vectors and charges them to a budget.
type rowStore struct {
	types   []sqltype.Type
	chunks  []*vector.Batch
	n       int
	budget  *vector.Budget
	charged int64 // of full chunks and of the last one as it was measured
	last    int64 // measured size of the last chunk
	views   []columnView
}

func newRowStore(types []sqltype.Type, budget *vector.Budget) *rowStore {
	return &rowStore{types: types, budget: budget}
}

func (s *rowStore) chunk() *vector.Batch {
	if k := len(s.chunks); k > 0 && s.chunks[k-1].N < vector.BatchRows {
		return s.chunks[k-1]
	}
	b := &vector.Batch{Cols: make([]*vector.Vector, len(s.types))}
	for i, t := range s.types {
		b.Cols[i] = vector.NewFlat(t, 0)
	}
	s.chunks = append(s.chunks, b)
	s.last = 0
	return b
}

// append copies the rows of b that count.
func (s *rowStore) append(b *vector.Batch) error {
	most := rowsAtOnce(constantBytes(b.Cols), 1)
	for from, n := 0, b.Rows(); from < n; {
		c := s.chunk()
		take := min(n-from, vector.BatchRows-c.N, most)
		sel := b.Sel
		switch {
		case sel != nil:
			sel = sel[from : from+take]
		case from > 0:
			sel = sequence(from, take)
		}
		for k, col := range c.Cols {
			col.AppendSel(b.Cols[k], sel, take)
		}
		c.N += take
		s.n += take
		from += take
		if err := s.charge(); err != nil {
			return err
		}
	}
	return nil
}

func sequence(from, n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(from + i)
	}
	return out
}

// add copies one row; the caller charges.
func (s *rowStore) add(cols []*vector.Vector, row int) {
	c := s.chunk()
	for k, col := range c.Cols {
		col.AppendRow(cols[k], row)
	}
	c.N++
	s.n++
}

// addValues adds a row of scalars; the caller charges.
func (s *rowStore) addValues(vals []sqltype.Value) {
	c := s.chunk()
	for k, col := range c.Cols {
		col.Append(vals[k])
	}
	c.N++
	s.n++
}

// rowOverhead is charged per chunk for the vectors themselves.
const rowOverhead = 512

// charge takes what the last chunk has grown by.
func (s *rowStore) charge() error {
	if len(s.chunks) == 0 {
		return nil
	}
	now := s.chunks[len(s.chunks)-1].MemBytes() + rowOverhead
	if now <= s.last {
		return nil
	}
	if err := s.budget.Grow(now - s.last); err != nil {
		return err
	}
	s.charged += now - s.last
	s.last = now
	return nil
}

// at returns the chunk and the place in it of row i.
func (s *rowStore) at(i int) (*vector.Batch, int) {
	return s.chunks[i/vector.BatchRows], i % vector.BatchRows
}

// take empties the store and returns its chunks, which are charged no longer.
func (s *rowStore) take() []*vector.Batch {
	chunks := s.chunks
	s.release()
	return chunks
}

// truncate drops all chunks but the first n.
func (s *rowStore) truncate(n int) {
	if n >= len(s.chunks) {
		return
	}
	clear(s.chunks[n:])
	s.chunks, s.views, s.n = s.chunks[:n], nil, 0
	now := int64(0)
	for _, c := range s.chunks {
		s.last = c.MemBytes() + rowOverhead
		now += s.last
		s.n += c.N
	}
	s.budget.Shrink(s.charged - now)
	s.charged = now
}

// release gives the memory back.
func (s *rowStore) release() {
	if s == nil {
		return
	}
	s.budget.Shrink(s.charged)
	s.chunks, s.n, s.charged, s.last, s.views = nil, 0, 0, 0, nil
}

// types of a node's columns.
func typesOf(cols []*vector.Vector) []sqltype.Type {
	out := make([]sqltype.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

// scanStore points out at the rows of the store from next to the end of their chunk, and returns where to go on.
func scanStore(out *vector.Batch, s *rowStore, next int, places []int) int {
	c, i := s.at(next)
	n := min(c.N, s.n-(next-i))
	cols := out.Cols[:0]
	for _, p := range places {
		cols = append(cols, c.Cols[p])
	}
	*out = vector.Batch{Cols: cols, N: n}
	for k := i; i > 0 && k < n; k++ {
		out.Sel = append(out.Sel, int32(k))
	}
	return next - i + n
}
