package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// sorter puts rows in order, stably. What does not fit the memory is sorted in runs, which lie in files and are merged.
type sorter struct {
	mem   *memory
	types []sqltype.Type
	keys  []sortColumn
	limit int64 // rows that are wanted; 0: all

	store   *rowStore
	charged int64 // beyond the store's
	order   []vector.Ref
	columns []*vector.Column
	next    int

	runs   []*spill.File // in the order of their rows' arrival
	stats  []keyStats    // of all runs
	frame  int64         // bytes of a frame
	merger *merger
	used   sortUse
	out    *vector.Batch
}

// sortUse is what a sort needed, for EXPLAIN ANALYZE.
type sortUse struct{ memory, disk int64 }

func newSorter(mem *memory, types []sqltype.Type, keys []sortColumn) *sorter {
	return &sorter{mem: mem, types: types, keys: keys}
}

// begun returns the rows in memory.
func (s *sorter) begun() *rowStore {
	if s.store == nil {
		s.store = newRowStore(s.types, s.mem.Budget)
	}
	return s.store
}

// add keeps the rows of b that count.
func (s *sorter) add(ctx context.Context, b *vector.Batch) error {
	for done, n := 0, b.Rows(); done < n; {
		store := s.begun()
		before := store.n
		err := store.append(b.Slice(done, n))
		done += store.n - before
		if err == nil {
			err = s.reserve(int64(store.n) * sortBytes)
		}
		switch {
		case s.mem.full(err) && store.n > 0:
			if err := s.spill(ctx); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
	return nil
}

// reserve charges what sorting needs, some rows ahead.
func (s *sorter) reserve(n int64) error {
	if n <= s.charged {
		return nil
	}
	if n > sortBytes*vector.BatchRows {
		n += n / 16
	}
	if err := s.mem.Grow(n - s.charged); err != nil {
		return err
	}
	s.charged = n
	return nil
}

func (s *sorter) shrink(to int64) {
	s.mem.Shrink(s.charged - to)
	s.charged = to
}

// spill writes the rows in memory as a run.
func (s *sorter) spill(ctx context.Context) error {
	if s.stats == nil {
		s.stats = make([]keyStats, len(s.keys))
		held := s.mem.Used()
		s.frame = max(leastFrame, min(mostFrame, held/32, s.mem.floor/8))
	}
	order, err := orderOf(ctx, s.store, s.keys, s.stats)
	if err != nil {
		return err
	}
	if s.limit > 0 && int64(len(order)) > s.limit {
		order = order[:s.limit]
	}
	s.order, s.next, s.columns = order, 0, nil
	f, err := s.mem.file(s.types)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	held := int64(0) // more than is charged, if the last rows were too much
	for _, c := range s.store.chunks {
		held += c.MemBytes()
	}
	rows := s.frameRows(held, s.store.n)
	for s.next < len(s.order) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeFrame(f, s.gather(rows, len(s.types))); err != nil {
			return err
		}
	}
	s.used.disk += f.Bytes()
	s.used.memory = max(s.used.memory, s.mem.Used())
	s.order, s.columns, s.out = nil, nil, nil
	s.store.release()
	s.store = nil
	s.shrink(0)
	if err := f.Rest(); err != nil || len(s.runs) < mostRuns {
		return err
	}
	return s.collapse(ctx)
}

// mostRuns lie in files at once: above it they are merged early.
const mostRuns = 200

const (
	leastFrame = 2 << 10
	mostFrame  = 128 << 10
)

// frameRows is how many rows make a frame, so that many runs can be read at once.
func (s *sorter) frameRows(bytes int64, rows int) int {
	each := max(1, bytes/int64(max(rows, 1)))
	return int(max(1, min(vector.BatchRows, s.frame/each)))
}

// writeFrame writes rows as a frame of their own.
func writeFrame(f *spill.File, b *vector.Batch) error {
	if err := f.Write(b); err != nil {
		return err
	}
	return f.Flush()
}

// finish puts the rows in order. After it they are read, by read or, where all are in memory, by settle.
func (s *sorter) finish(ctx context.Context) error {
	if len(s.runs) > 0 {
		if s.store != nil && s.store.n > 0 {
			if err := s.spill(ctx); err != nil {
				return err
			}
		}
		s.store.release()
		s.store = nil
		s.shrink(0)
		return s.beginMerge(ctx)
	}
	order, err := orderOf(ctx, s.begun(), s.keys, nil)
	if err != nil {
		return err
	}
	s.order = order
	if s.limit > 0 && int64(len(order)) > s.limit {
		s.order = order[:s.limit]
	}
	s.used.memory = max(s.used.memory, s.store.charged+s.charged)
	s.shrink(min(s.charged, int64(cap(order))*4))
	return nil
}

// inMemory reports that no row was written to a file.
func (s *sorter) inMemory() bool { return len(s.runs) == 0 }

// read gives the next rows in order, of their columns the first ones; nil at the end.
func (s *sorter) read(ctx context.Context, columns int) (*vector.Batch, error) {
	if s.merger != nil {
		return s.merger.read(ctx, columns)
	}
	if s.next >= len(s.order) {
		return nil, nil
	}
	return s.gather(rowsAtOnce(s.store.charged, s.store.n), columns), nil
}

// gather copies the next rows in order.
func (s *sorter) gather(rows, columns int) *vector.Batch {
	for k := len(s.columns); k < columns; k++ {
		s.columns = append(s.columns, s.store.column(k))
	}
	if s.out == nil || len(s.out.Cols) != columns {
		s.out = newOutput(s.types[:columns])
	}
	refs := s.order[s.next:min(s.next+rows, len(s.order))]
	s.next += len(refs)
	s.out.N = len(refs)
	for k, c := range s.out.Cols {
		c.Reset(0)
		c.AppendRefs(s.columns[k], refs)
	}
	return s.out
}

func newOutput(types []sqltype.Type) *vector.Batch {
	b := &vector.Batch{Cols: make([]*vector.Vector, len(types))}
	for i, t := range types {
		b.Cols[i] = vector.NewFlat(t, 0)
	}
	return b
}

// release ends the sort and gives everything back; the sorter can be used anew.
func (s *sorter) release() error {
	if s == nil {
		return nil
	}
	var err error
	if s.merger != nil {
		s.merger.release()
		s.merger = nil
	}
	for _, f := range s.runs {
		if err2 := f.Close(); err == nil {
			err = err2
		}
	}
	s.store.release()
	s.shrink(0)
	*s = sorter{mem: s.mem, types: s.types, keys: s.keys, limit: s.limit, used: s.used}
	return err
}
