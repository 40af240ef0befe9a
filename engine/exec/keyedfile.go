package exec

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// keyedFile is a file of rows ordered by the hash of their keys, with an index of its blocks: what a keyedSpool reads when its rows do not
// fit. Rows of one key stay in their order.
type keyedFile struct {
	mem     *memory
	types   []sqltype.Type // the rows' and the hash
	file    *spill.File
	blocks  []keyedBlock // ascending by hi
	charged int64
	readers []*spill.Reader // each holds a frame
	turn    int             // of readers, to read another frame
	reader  *spill.Reader   // of the block
	span    uint64          // hashes of a part, which is ordered by itself

	hash  uint64 // that is looked for
	block int    // to read next
	left  int    // rows of the block that were not read
	open  bool
	sel   []int32
}

// keyedBlock is some rows of the file whose hashes are from lo to hi.
type keyedBlock struct {
	lo, hi uint64
	row    int64
	n      int32
}

const (
	blockRows  = 256
	blockBytes = 32

	// keyedFrames are held at most, for keys that come again or lie near others.
	keyedFrames = 8
)

// newKeyedFile writes the rows of src, except for those with a null among their keys.
func newKeyedFile(ctx context.Context, mem *memory, src *Spool, keysOf func(*vector.Batch) ([]*vector.Vector, error)) (*keyedFile, error) {
	f := &keyedFile{mem: mem, types: append(append([]sqltype.Type(nil), src.types...), sqltype.Of(sqltype.OIDInt8))}
	parts := make(partFiles, partsFor(mem.Limit()))
	f.span = 1 << 63 / uint64(len(parts)) * 2
	err := f.divide(ctx, src, keysOf, parts)
	if err == nil {
		err = parts.rest()
	}
	if err == nil {
		f.file, err = mem.file(f.types)
	}
	for i, p := range parts {
		if p == nil {
			continue
		}
		if err == nil {
			err = f.addPart(ctx, p, uint64(i))
		}
		if err2 := p.Close(); err == nil {
			err = err2
		}
	}
	if err == nil {
		err = f.file.Rest()
	}
	if err != nil {
		_ = f.close()
		return nil, err
	}
	return f, nil
}

// readerOf goes to a row, by preference with a reader that holds its frame.
func (f *keyedFile) readerOf(row int64) *spill.Reader {
	for _, r := range f.readers {
		if r.Holds(row) {
			r.SeekRow(row)
			return r
		}
	}
	if len(f.readers) < keyedFrames {
		r := f.file.Reader()
		if len(f.readers) == 0 || r.Claim() == nil {
			f.readers = append(f.readers, r)
			r.SeekRow(row)
			return r
		}
	}
	f.turn = (f.turn + 1) % len(f.readers)
	r := f.readers[f.turn]
	r.SeekRow(row)
	return r
}

// keyHash is the order of rows in the file.
func keyHash(cols []*vector.Vector, b *vector.Batch, out []uint64) {
	all := make([]int, len(cols))
	for i := range all {
		all[i] = i
	}
	eval.HashColumns(&vector.Batch{Cols: cols, N: b.N, Sel: b.Sel}, all, out)
	for i, h := range out {
		out[i] = hashInt(int64(h))
	}
}

func (f *keyedFile) divide(ctx context.Context, src *Spool, keysOf func(*vector.Batch) ([]*vector.Vector, error), parts partFiles) error {
	r := src.Reader()
	defer r.Close()
	var hashes []uint64
	sels := make([][]int32, len(parts))
	column := vector.New(sqltype.Of(sqltype.OIDInt8))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.Next()
		if b == nil || err != nil {
			return err
		}
		keys, err := keysOf(b)
		if err != nil {
			return err
		}
		hashes = growWords(hashes, b.Rows())
		keyHash(keys, b, hashes)
		column.Reset(b.N)
		sels = emptied(sels)
		for i, h := range hashes {
			row := b.Row(i)
			if anyNull(keys, row) {
				continue
			}
			column.I64[row] = int64(h)
			sels[h/f.span] = append(sels[h/f.span], int32(row))
		}
		wide := vector.Batch{Cols: append(slices.Clone(b.Cols), column), N: b.N}
		if err := parts.write(f.mem, f.types, &wide, sels); err != nil {
			return err
		}
	}
}

// addPart appends the rows of a part in the order of their hashes; as they are where they do not fit.
func (f *keyedFile) addPart(ctx context.Context, part *spill.File, number uint64) error {
	store := newRowStore(f.types, f.mem.Budget)
	defer store.release()
	r := part.Reader()
	defer r.Close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.Next()
		if b == nil && err == nil {
			break
		}
		if err == nil {
			err = store.append(b)
		}
		if f.mem.full(err) {
			store.release()
			r.SeekRow(0)
			return f.addUnordered(ctx, r, number)
		}
		if err != nil {
			return err
		}
	}
	at := len(f.types) - 1
	type entry struct {
		hash uint64
		row  int32
	}
	if err := f.mem.Grow(int64(store.n) * 16); err != nil {
		if !f.mem.full(err) {
			return err
		}
		store.release()
		r.SeekRow(0)
		return f.addUnordered(ctx, r, number)
	}
	defer f.mem.Shrink(int64(store.n) * 16)
	order := make([]entry, 0, store.n)
	for _, c := range store.chunks {
		for _, h := range c.Cols[at].I64[:c.N] {
			order = append(order, entry{uint64(h), int32(len(order))})
		}
	}
	slices.SortStableFunc(order, func(a, b entry) int { return cmp.Compare(a.hash, b.hash) })
	out := vector.Batch{Cols: make([]*vector.Vector, len(f.types))}
	for i, t := range f.types {
		out.Cols[i] = vector.New(t)
	}
	rows := make([]int32, 0, blockRows)
	for len(order) > 0 {
		n := min(blockRows, len(order))
		rows = rows[:0]
		for _, e := range order[:n] {
			rows = append(rows, e.row)
		}
		for i, c := range out.Cols {
			store.gather(c, i, rows)
		}
		out.N = n
		if err := f.add(&out, order[0].hash, order[n-1].hash); err != nil {
			return err
		}
		order = order[n:]
	}
	return nil
}

// addUnordered appends a part's rows as they are: each block may have any hash of the part.
func (f *keyedFile) addUnordered(ctx context.Context, r *spill.Reader, number uint64) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.Next()
		if b == nil || err != nil {
			return err
		}
		if err := f.add(b, number*f.span, number*f.span+(f.span-1)); err != nil {
			return err
		}
	}
}

func (f *keyedFile) add(b *vector.Batch, lo, hi uint64) error {
	if err := f.mem.Grow(blockBytes); err != nil {
		return err
	}
	f.charged += blockBytes
	f.blocks = append(f.blocks, keyedBlock{lo: lo, hi: hi, row: f.file.Rows(), n: int32(b.Rows())})
	return f.file.Write(b)
}

// seek goes to the rows whose keys have the hash.
func (f *keyedFile) seek(h uint64) {
	f.hash, f.left, f.open = h, 0, true
	f.block = sort.Search(len(f.blocks), func(i int) bool { return f.blocks[i].hi >= h })
}

// next gives more of the rows with the hash that is looked for, nil when there are no more.
func (f *keyedFile) next() (*vector.Batch, error) {
	for {
		if f.left == 0 {
			if f.block >= len(f.blocks) || f.blocks[f.block].lo > f.hash {
				return nil, nil
			}
			f.left = int(f.blocks[f.block].n)
			f.reader = f.readerOf(f.blocks[f.block].row)
			f.block++
		}
		b, err := f.reader.Next()
		if err != nil {
			return nil, err
		}
		n := min(f.left, b.Rows())
		f.left -= n
		hashes := b.Cols[len(f.types)-1].I64
		f.sel = f.sel[:0]
		for i := range n {
			if row := b.Row(i); uint64(hashes[row]) == f.hash {
				f.sel = append(f.sel, int32(row))
			}
		}
		if len(f.sel) > 0 {
			return &vector.Batch{Cols: b.Cols, N: b.N, Sel: f.sel}, nil
		}
	}
}

func (f *keyedFile) close() error {
	if f == nil {
		return nil
	}
	for _, r := range f.readers {
		r.Close()
	}
	f.readers, f.reader = nil, nil
	f.mem.Shrink(f.charged)
	f.charged, f.blocks = 0, nil
	return f.file.Close()
}
