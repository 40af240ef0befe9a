package vector

// Batch is some rows of some columns. Sel, where it is not nil, lists the rows that count, in ascending order of place;
// columns then hold more rows than the batch has.
type Batch struct {
	Cols []*Vector
	N    int     // rows held by each column
	Sel  []int32 // nil: all N rows
}

// Rows is the number of rows that count.
func (b *Batch) Rows() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.N
}

// Row maps the i-th row that counts to its place in the columns.
func (b *Batch) Row(i int) int {
	if b.Sel != nil {
		return int(b.Sel[i])
	}
	return i
}

// Compact returns a batch without a selection, copying only where there is one.
func (b *Batch) Compact() *Batch {
	if b.Sel == nil {
		return b
	}
	out := &Batch{Cols: make([]*Vector, len(b.Cols)), N: len(b.Sel)}
	for i, c := range b.Cols {
		out.Cols[i] = Gather(nil, c, b.Sel)
	}
	return out
}

// Head returns the first n rows that count, sharing the columns.
func (b *Batch) Head(n int) *Batch { return b.Slice(0, n) }

// Slice returns the rows from (inclusive) to (exclusive) among those that count, sharing the columns.
func (b *Batch) Slice(from, to int) *Batch {
	if from == 0 && to >= b.Rows() {
		return b
	}
	if b.Sel != nil {
		return &Batch{Cols: b.Cols, N: b.N, Sel: b.Sel[from:to]}
	}
	sel := make([]int32, to-from)
	for i := range sel {
		sel[i] = int32(from + i)
	}
	return &Batch{Cols: b.Cols, N: b.N, Sel: sel}
}

// MemBytes is the memory of the columns' buffers.
func (b *Batch) MemBytes() int64 {
	var n int64
	for _, c := range b.Cols {
		n += c.MemBytes()
	}
	return n
}
