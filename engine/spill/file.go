package spill

import (
	"errors"
	"os"

	"github.com/pierrec/lz4/v4"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

const (
	// frameBytes is when a frame is written even though it has fewer than vector.BatchRows rows.
	frameBytes = 128 << 10
	// step is how many rows are taken between two looks at a frame's size.
	step = 128
)

// File holds rows in the order in which they were written. It belongs to one goroutine, its readers too.
type File struct {
	dir    *Dir
	f      *os.File
	types  []sqltype.Type
	budget *vector.Budget

	frames  []frame
	rows    int64 // in frames
	size    int64
	largest int64         // what reading the largest frame needs
	pending *vector.Batch // rows that wait for a frame
	raw     []byte        // the frame being written
	charged int64
	closed  bool
}

// frame is where a frame stands, and its first row.
type frame struct{ at, row int64 }

// Rows is the number of rows written, those included that wait for a frame.
func (f *File) Rows() int64 {
	if f.pending == nil {
		return f.rows
	}
	return f.rows + int64(f.pending.N)
}

// Bytes is the size on disk.
func (f *File) Bytes() int64 { return f.size }

// Write adds the rows of b that count. They can be read after the next Flush.
func (f *File) Write(b *vector.Batch) error {
	if f.whole(b) {
		return f.writeFrame(b)
	}
	for from, n := 0, b.Rows(); from < n; {
		p := f.batch()
		take := min(n-from, vector.BatchRows-p.N, step)
		sel := b.Sel
		switch {
		case sel != nil:
			sel = sel[from : from+take]
		case from > 0 || take < b.N:
			sel = make([]int32, take)
			for i := range sel {
				sel[i] = int32(from + i)
			}
		}
		for k, col := range p.Cols {
			col.AppendSel(b.Cols[k], sel, take)
		}
		p.N += take
		from += take
		if p.N == vector.BatchRows || p.MemBytes() >= frameBytes {
			if err := f.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// whole reports whether b can be a frame as it is.
func (f *File) whole(b *vector.Batch) bool {
	if b.Sel != nil || b.N < vector.BatchRows/2 || b.N > vector.BatchRows || f.pending != nil && f.pending.N > 0 {
		return false
	}
	for _, c := range b.Cols {
		if c.Form != vector.Flat || c.N != b.N || vector.HasBytes(c.Kind) && len(c.Data) > 0 && c.Offsets[0] != 0 {
			return false
		}
	}
	return b.MemBytes() < 2*frameBytes
}

func (f *File) batch() *vector.Batch {
	if f.pending == nil {
		f.pending = newBatch(f.types)
	}
	return f.pending
}

func newBatch(types []sqltype.Type) *vector.Batch {
	b := &vector.Batch{Cols: make([]*vector.Vector, len(types))}
	for i, t := range types {
		b.Cols[i] = vector.NewFlat(t, 0)
	}
	return b
}

// Flush writes the rows that wait for a frame.
func (f *File) Flush() error {
	if f.pending == nil || f.pending.N == 0 {
		return nil
	}
	if err := f.writeFrame(f.pending); err != nil {
		return err
	}
	for _, c := range f.pending.Cols {
		c.Reset(0)
	}
	f.pending.N = 0
	return f.charge()
}

// Rest flushes and gives the buffers' memory back, for a file that will only be read.
func (f *File) Rest() error {
	if err := f.Flush(); err != nil {
		return err
	}
	f.pending, f.raw = nil, nil
	return f.charge()
}

// charge makes the budget agree with the buffers. Their size is bounded by a frame's, so they are measured afterwards.
func (f *File) charge() error {
	now := int64(cap(f.raw))
	if f.pending != nil {
		now += f.pending.MemBytes()
	}
	if now <= f.charged {
		f.budget.Shrink(f.charged - now)
		f.charged = now
		return nil
	}
	if err := f.budget.Grow(now - f.charged); err == nil {
		f.charged = now
		return nil
	}
	// Without memory to keep, buffers are made anew for every frame.
	f.pending, f.raw = nil, nil
	f.budget.Shrink(f.charged)
	f.charged = 0
	return nil
}

func (f *File) writeFrame(b *vector.Batch) error {
	if f.closed {
		return pgerr.Internal("a temporary file is written after its end")
	}
	c, ok := f.dir.compressors.Get().(*lz4.Compressor)
	if !ok {
		c = &lz4.Compressor{}
	}
	f.raw = appendFrame(f.raw[:0], b, c)
	f.dir.compressors.Put(c)
	if err := f.dir.Take(int64(len(f.raw))); err != nil {
		return err
	}
	n, err := f.f.WriteAt(f.raw, f.size)
	if err != nil {
		f.dir.Give(int64(len(f.raw) - n))
		f.size += int64(n) // given back by Close
		return ioError("write to", err)
	}
	f.frames = append(f.frames, frame{at: f.size, row: f.rows})
	f.size += int64(len(f.raw))
	f.rows += int64(b.N)
	h := parseHeader(f.raw)
	f.largest = max(f.largest, int64(h.memory+h.stored))
	return nil
}

// Close ends the file and gives its bytes and memory back. It is idempotent.
func (f *File) Close() error {
	if f == nil || f.closed {
		return nil
	}
	f.closed = true
	f.budget.Shrink(f.charged)
	f.dir.Give(f.size)
	f.dir.mu.Lock()
	f.dir.open--
	f.dir.mu.Unlock()
	f.charged, f.pending, f.raw, f.frames = 0, nil, nil, nil
	if err := f.f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return ioError("close", err)
	}
	return nil
}
