package exec

import (
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Spool keeps rows in the order in which they came, for readers that begin anywhere and again: in memory, or all of them in a file once
// they do not fit. A reader keeps its place when the rows move. Spool and readers belong to one goroutine.
type Spool struct {
	types []sqltype.Type
	mem   *memory
	store *rowStore
	file  *spill.File
}

// NewSpool returns an empty spool. Its memory is charged to budget; files are made in dir, which may be nil.
func NewSpool(types []sqltype.Type, budget *vector.Budget, dir *spill.Dir) *Spool {
	return newSpool(types, &memory{Budget: budget, dir: dir})
}

func newSpool(types []sqltype.Type, mem *memory) *Spool {
	return &Spool{types: types, mem: mem, store: newRowStore(types, mem.Budget)}
}

// Rows is the number of rows.
func (s *Spool) Rows() int64 {
	if s.file != nil {
		return s.file.Rows()
	}
	return int64(s.store.n)
}

// Append copies the rows of b that count.
func (s *Spool) Append(b *vector.Batch) error {
	if s.file != nil {
		return s.file.Write(b)
	}
	n := s.store.n
	err := s.store.append(b)
	if !s.mem.full(err) {
		return err
	}
	n = s.store.n - n
	if err := s.yield(); err != nil || n == b.Rows() {
		return err
	}
	return s.file.Write(b.Slice(n, b.Rows()))
}

// yield moves the rows to a file.
func (s *Spool) yield() error {
	if s == nil || s.file != nil {
		return nil
	}
	var err error
	if s.file, err = s.mem.file(s.types); err != nil {
		return err
	}
	chunks := s.store.take()
	for i, c := range chunks {
		chunks[i] = nil
		if err := s.file.Write(c); err != nil {
			return err
		}
	}
	return nil
}

// Close forgets the rows and gives memory and file back. The spool is then empty and can be used again.
func (s *Spool) Close() error {
	if s == nil {
		return nil
	}
	s.store.release()
	f := s.file
	s.file = nil
	return f.Close()
}

// Reader starts at the first row. The caller closes it before the spool, or at least before its memory is looked at.
func (s *Spool) Reader() *SpoolReader { return &SpoolReader{spool: s} }

// SpoolReader reads a spool's rows from a place on.
type SpoolReader struct {
	spool *Spool
	next  int64
	file  *spill.File // that reader reads
	from  *spill.Reader
	at    int64 // of reader
	out   vector.Batch
}

// SeekRow goes to a row, which is at most the number of rows.
func (r *SpoolReader) SeekRow(row int64) { r.next = row }

// Next returns some of the rows from the reader's place on, valid until its next call; nil at the end. It may be called again when more
// were added.
func (r *SpoolReader) Next() (*vector.Batch, error) {
	s := r.spool
	if r.next >= s.Rows() {
		return nil, nil
	}
	if s.file == nil {
		r.chunk()
		return &r.out, nil
	}
	if r.file != s.file {
		r.Close()
		r.file, r.from, r.at = s.file, s.file.Reader(), 0
	}
	if r.at != r.next {
		r.from.SeekRow(r.next)
	}
	b, err := r.from.Next()
	if b == nil && err == nil { // the rest has not been written
		if err = s.file.Flush(); err == nil {
			r.from.SeekRow(r.next)
			b, err = r.from.Next()
		}
	}
	if err != nil {
		return nil, err
	}
	r.next += int64(b.Rows())
	r.at = r.next
	return b, nil
}

// chunk points at the rows of the store up to the end of their chunk.
func (r *SpoolReader) chunk() {
	c, i := r.spool.store.at(int(r.next))
	r.out = vector.Batch{Cols: append(r.out.Cols[:0], c.Cols...), N: c.N, Sel: r.out.Sel[:0]}
	if i == 0 {
		r.out.Sel = nil
	}
	for k := i; i > 0 && k < c.N; k++ {
		r.out.Sel = append(r.out.Sel, int32(k))
	}
	r.next += int64(c.N - i)
}

// Close gives the reader's memory back. It can go on reading afterwards.
func (r *SpoolReader) Close() {
	if r == nil {
		return
	}
	r.from.Close()
	r.file, r.from = nil, nil
}
