package spill

import (
	"slices"
	"sort"

	"github.com/odatagres/odatagres/internal/vector"
)

// Reader reads a file's rows in their order. Its batches are valid until its next call.
type Reader struct {
	f       *File
	next    int   // frame
	skip    int   // rows of that frame to pass over
	charged int64 // what the buffers of the file's largest frame need
	body    []byte
	out     *vector.Batch
	held    int // the frame in out, counted from 1; 0: none
	rows    int // that it has
}

// Reader starts at the first row. Its buffers are charged to the file's budget. The caller closes it.
func (f *File) Reader() *Reader { return &Reader{f: f} }

// SeekRow goes to a row, which is at most the number of rows in the file.
func (r *Reader) SeekRow(row int64) {
	frames := r.f.frames
	r.next = sort.Search(len(frames), func(i int) bool { return frames[i].row > row }) - 1
	r.skip = 0
	switch {
	case r.next < 0:
		r.next = 0
	case row >= r.f.rows:
		r.next = len(frames)
	default:
		r.skip = int(row - frames[r.next].row)
	}
}

// Claim takes the memory that reading needs before anything is read, so that what else takes memory until then leaves that much. It is an
// error (53200) if there is not so much.
func (r *Reader) Claim() error {
	if need := r.f.largest; need > r.charged {
		if err := r.f.budget.Grow(need - r.charged); err != nil {
			return err
		}
		r.charged = need
	}
	return nil
}

// Next returns the next frame's rows; nil at the end of what was flushed. It may be called again when more was written.
func (r *Reader) Next() (*vector.Batch, error) {
	if r.next >= len(r.f.frames) {
		return nil, nil
	}
	if r.next+1 != r.held {
		if err := r.read(); err != nil {
			return nil, err
		}
	}
	out := &vector.Batch{Cols: slices.Clone(r.out.Cols), N: r.rows}
	if r.skip > 0 {
		out = out.Slice(r.skip, r.rows)
	}
	r.next++
	r.skip = 0
	return out, nil
}

// read has the next frame's rows in out, where they stay until another frame is read.
func (r *Reader) read() error {
	r.held = 0
	at := r.f.frames[r.next].at
	var head [headerBytes]byte
	if _, err := r.f.f.ReadAt(head[:], at); err != nil {
		return ioError("read from", err)
	}
	h := parseHeader(head[:])
	if int64(h.stored) > r.f.size-at-headerBytes || h.rows > vector.BatchRows {
		return errDamaged
	}
	// What the largest frame needs is taken at once: a merge that could begin can go on.
	if need := max(r.f.largest, int64(h.memory+h.stored)); need > r.charged {
		if err := r.f.budget.Grow(need - r.charged); err != nil {
			return err
		}
		r.charged = need
	}
	if cap(r.body) < h.stored {
		r.body = make([]byte, h.stored)
	}
	r.body = r.body[:h.stored]
	if _, err := r.f.f.ReadAt(r.body, at+headerBytes); err != nil {
		return ioError("read from", err)
	}
	if r.out == nil {
		r.out = newBatch(r.f.types)
	}
	if err := readFrame(r.out, h, r.body); err != nil {
		return err
	}
	r.held, r.rows = r.next+1, r.out.N
	return nil
}

// Holds reports that a row is in the frame that was read last: going there and reading it costs nothing.
func (r *Reader) Holds(row int64) bool {
	if r.held == 0 {
		return false
	}
	first := r.f.frames[r.held-1].row
	return row >= first && row < first+int64(r.rows)
}

// Close gives the buffers' memory back. It is idempotent, and the file stays.
func (r *Reader) Close() {
	if r == nil {
		return
	}
	r.f.budget.Shrink(r.charged)
	r.charged, r.body, r.out, r.held = 0, nil, nil, 0
}
