package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// windowRows are a window's rows in order, partition after partition, each in the window's order. They lie in memory, or in a file of which
// some frames are held.
type windowRows struct {
	mem         *memory
	types       []sqltype.Type
	parts       []sortColumn // the partition's columns
	order       []sortColumn // those of the order within
	n           int
	chunks      []*vector.Batch // in memory, of vector.BatchRows rows but the last
	charged     int64
	file        *spill.File
	given       *windowFrame   // of the file, whose rows are given now
	frames      []*windowFrame // those that are looked at
	clock       int
	first       bitmap // first rows of partitions
	peers       bitmap // first rows of peer groups
	last        *vector.Batch
	partChanges []changes
	peerChanges []changes
}

// windowFrame is a frame of the file in memory.
type windowFrame struct {
	r     *spill.Reader
	block rowBlock
	used  int
}

// rowBlock is some rows one after another: row base+i of all stands at i in the columns.
type rowBlock struct {
	cols    []*vector.Vector
	base, n int
}

func (b *rowBlock) holds(row int) bool { return row >= b.base && row < b.base+b.n }

// heldFrames are the most frames of a file that are held beside the one whose rows are given.
const heldFrames = 8

// take has the rows of a finished sorter, which is empty afterwards.
func (w *windowRows) take(ctx context.Context, s *sorter) error {
	w.partChanges, w.peerChanges = changesOf(w.parts), changesOf(w.order)
	if s.inMemory() {
		return w.arrange(ctx, s)
	}
	if err := w.write(ctx, s.frame, func() (*vector.Batch, error) { return s.read(ctx, len(w.types)) }); err != nil {
		return err
	}
	return s.release()
}

func (w *windowRows) grow(n int64) error {
	if err := w.mem.Grow(n); err != nil {
		return err
	}
	w.charged += n
	return nil
}

// marks makes room for the marks of n rows.
func (w *windowRows) marks(n int) error {
	if err := w.grow(int64(n/64+1) * 16); err != nil {
		return err
	}
	w.first, w.peers = newBitmap(n), newBitmap(n)
	return nil
}

// arrange puts rows that lie in memory in their order, column by column, so that little is there twice. Where even that is too much they
// go to a file.
func (w *windowRows) arrange(ctx context.Context, s *sorter) error {
	store, order := s.store, s.order
	if err := w.marks(store.n); err != nil {
		if !w.mem.full(err) {
			return err
		}
		return w.writeRest(ctx, s, 0)
	}
	if inOrder(order) {
		w.chunks = store.chunks
		w.charged += store.charged
		*store = rowStore{types: store.types, budget: store.budget}
	} else {
		for at := 0; at < len(order); at += vector.BatchRows {
			w.chunks = append(w.chunks, &vector.Batch{N: min(vector.BatchRows, len(order)-at), Cols: make([]*vector.Vector, len(w.types))})
		}
		for k, t := range w.types {
			column := store.column(k)
			for i, c := range w.chunks {
				if i&63 == 0 {
					if err := ctx.Err(); err != nil {
						return err
					}
				}
				v := vector.NewFlat(t, 0)
				v.AppendRefs(column, order[i*vector.BatchRows:i*vector.BatchRows+c.N])
				if err := w.grow(v.MemBytes() + rowOverhead/int64(len(w.types))); err != nil {
					if !w.mem.full(err) {
						return err
					}
					return w.writeRest(ctx, s, k)
				}
				c.Cols[k] = v
			}
			freed := int64(0)
			for _, c := range store.chunks {
				freed += c.Cols[k].MemBytes()
				c.Cols[k] = vector.New(t)
			}
			freed = min(freed, store.charged)
			w.mem.Shrink(freed)
			store.charged -= freed
		}
	}
	if err := s.release(); err != nil {
		return err
	}
	for _, c := range w.chunks {
		w.mark(c)
	}
	return nil
}

func inOrder(order []vector.Ref) bool {
	for i, r := range order {
		if r != vector.Ref(i) {
			return false
		}
	}
	return true
}

// writeRest writes rows to a file of which columns before k are in order already.
func (w *windowRows) writeRest(ctx context.Context, s *sorter, k int) error {
	chunks, order, store := w.chunks, s.order, s.store
	columns := make([]*vector.Column, len(w.types))
	for j := k; j < len(columns); j++ {
		columns[j] = store.column(j)
	}
	out := newOutput(w.types)
	frame := max(leastFrame, min(mostFrame, w.mem.Used()/64, w.mem.floor/16))
	w.first, w.peers = nil, nil
	w.mem.Shrink(w.charged) // the chunks go while the file is written; it needs little
	w.charged = 0
	at := 0
	err := w.write(ctx, frame, func() (*vector.Batch, error) {
		if at == len(order) {
			return nil, nil
		}
		n := min(vector.BatchRows, len(order)-at)
		b := &vector.Batch{N: n, Cols: make([]*vector.Vector, len(w.types))}
		for j := range b.Cols {
			if j < k {
				b.Cols[j] = chunks[at/vector.BatchRows].Cols[j]
				continue
			}
			b.Cols[j] = out.Cols[j]
			b.Cols[j].Reset(0)
			b.Cols[j].AppendRefs(columns[j], order[at:at+n])
		}
		at += n
		return b, nil
	})
	if err != nil {
		return err
	}
	return s.release()
}

// write keeps rows that come in order in a file, in frames of some bytes.
func (w *windowRows) write(ctx context.Context, frame int64, next func() (*vector.Batch, error)) error {
	var err error
	if w.file, err = w.mem.file(w.types); err != nil {
		return err
	}
	w.chunks = nil
	for {
		b, err := next()
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.moreMarks(w.n + b.N); err != nil {
			return err
		}
		w.mark(b)
		rows := int(max(1, min(vector.BatchRows, frame/max(1, b.MemBytes()/int64(b.N)))))
		for at := 0; at < b.N; at += rows {
			if err := writeFrame(w.file, b.Slice(at, min(at+rows, b.N))); err != nil {
				return err
			}
		}
	}
	w.last = nil
	return w.file.Rest()
}

// moreMarks makes room for n rows where their number is not known ahead.
func (w *windowRows) moreMarks(n int) error {
	if n < len(w.first)*64 {
		return nil
	}
	more := max(n/64+1, len(w.first)+len(w.first)/2+16)
	if err := w.grow(int64(more-len(w.first)) * 16); err != nil {
		return err
	}
	w.first = append(make(bitmap, 0, more), w.first...)[:more]
	w.peers = append(make(bitmap, 0, more), w.peers...)[:more]
	return nil
}

// mark notes where partitions and peer groups begin among the next rows.
func (w *windowRows) mark(b *vector.Batch) {
	if b.N == 0 {
		return
	}
	for _, c := range w.partChanges {
		c.mark(w.first, w.n, b, w.last)
	}
	for _, c := range w.peerChanges {
		c.mark(w.peers, w.n, b, w.last)
	}
	if w.n == 0 {
		w.first.add(0)
	}
	from := w.n >> 6
	w.n += b.N
	for i := from; i <= (w.n-1)>>6; i++ {
		w.peers[i] |= w.first[i]
	}
	if w.file == nil {
		w.last = b
		return
	}
	// The rows are gone with the next read.
	if w.last == nil {
		w.last = newOutput(w.types)
	}
	for _, keys := range [][]sortColumn{w.parts, w.order} {
		for _, k := range keys {
			w.last.Cols[k.col].Reset(0)
			w.last.Cols[k.col].AppendSel(b.Cols[k.col], []int32{int32(b.N - 1)}, 1)
		}
	}
	w.last.N = 1
}

// changes finds rows that differ from the one before in a column.
type changes struct {
	col int
	cmp compareFunc
}

func changesOf(keys []sortColumn) []changes {
	out := make([]changes, len(keys))
	for i, k := range keys {
		out[i] = changes{col: k.col, cmp: comparatorOf(k.typ)}
	}
	return out
}

// mark adds to set the rows of b, of which the first is number base, that differ from the one before. before ends with the row before b.
func (c changes) mark(set bitmap, base int, b, before *vector.Batch) {
	v := b.Cols[c.col]
	if before != nil && before.N > 0 && c.differ(before.Cols[c.col], before.N-1, v, 0) {
		set.add(base)
	}
	if v.Valid == nil && v.Form == vector.Flat {
		switch v.Kind {
		case sqltype.KindInt32:
			markChanges(set, base, v.I32[:b.N])
			return
		case sqltype.KindInt64:
			markChanges(set, base, v.I64[:b.N])
			return
		case sqltype.KindInt16:
			markChanges(set, base, v.I16[:b.N])
			return
		}
	}
	for i := 1; i < b.N; i++ {
		if c.differ(v, i-1, v, i) {
			set.add(base + i)
		}
	}
}

func (c changes) differ(a *vector.Vector, i int, b *vector.Vector, j int) bool {
	x, y := a.IsNull(i), b.IsNull(j)
	return x != y || !x && c.cmp(a, i, b, j) != 0
}

func markChanges[T comparable](set bitmap, base int, vals []T) {
	for i := 1; i < len(vals); i++ {
		if vals[i] != vals[i-1] {
			set.add(base + i)
		}
	}
}

func (w *windowRows) chunk(row int) rowBlock {
	c := w.chunks[row>>vector.RefBits]
	return rowBlock{cols: c.Cols, base: row &^ (vector.BatchRows - 1), n: c.N}
}

// give returns rows around a row that are valid until its next call.
func (w *windowRows) give(row int) (rowBlock, error) {
	if w.file == nil {
		return w.chunk(row), nil
	}
	if w.given == nil {
		w.given = &windowFrame{r: w.file.Reader()}
	}
	if w.given.block.holds(row) {
		return w.given.block, nil
	}
	err := w.load(w.given, row)
	return w.given.block, err
}

// block returns rows around a row. It is valid until a few other blocks were asked for.
func (w *windowRows) block(row int) (rowBlock, error) {
	if w.file == nil {
		return w.chunk(row), nil
	}
	if w.given != nil && w.given.block.holds(row) {
		return w.given.block, nil
	}
	w.clock++
	var oldest *windowFrame
	for _, f := range w.frames {
		if f.block.holds(row) {
			f.used = w.clock
			return f.block, nil
		}
		if oldest == nil || f.used < oldest.used {
			oldest = f
		}
	}
	if len(w.frames) < heldFrames {
		f := &windowFrame{r: w.file.Reader()}
		err := w.load(f, row)
		if err == nil {
			w.frames = append(w.frames, f)
			return f.block, nil
		}
		f.r.Close()
		if !w.mem.full(err) || len(w.frames) == 0 {
			return rowBlock{}, err
		}
	}
	err := w.load(oldest, row)
	return oldest.block, err
}

// load reads the frame that holds a row.
func (w *windowRows) load(f *windowFrame, row int) error {
	f.used = w.clock
	if f.block.base+f.block.n != row || f.block.n == 0 { // else the next frame is the one
		f.r.SeekRow(int64(row))
	}
	f.block = rowBlock{}
	b, err := f.r.Next()
	if err != nil {
		return err
	}
	skipped := 0
	if b.Sel != nil {
		skipped = int(b.Sel[0])
	}
	f.block = rowBlock{cols: b.Cols, base: row - skipped, n: b.N}
	return nil
}

func (w *windowRows) release() error {
	if w == nil {
		return nil
	}
	for _, f := range w.frames {
		f.r.Close()
	}
	if w.given != nil {
		w.given.r.Close()
	}
	err := w.file.Close()
	w.mem.Shrink(w.charged)
	*w = windowRows{mem: w.mem, types: w.types, parts: w.parts, order: w.order}
	return err
}
