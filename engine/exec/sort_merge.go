package exec

import (
	"context"
	"slices"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// merger reads sorted runs as one. Of equal rows those of the earlier run come first.
type merger struct {
	mem     *memory
	types   []sqltype.Type
	keys    []sortColumn
	cmps    []compareFunc
	layout  *keyLayout
	sources []mergeSource
	tree    []int32 // losers of a tournament; at 0 the winner
	columns []*vector.Column
	keyCols []*vector.Vector
	buf     []uint64
	refs    []vector.Ref
	out     *vector.Batch
	charged int64
	left    int64 // rows that are still wanted; -1: all
}

// mergeSource is a run as it is read.
type mergeSource struct {
	r     *spill.Reader
	b     *vector.Batch // nil at the end
	words []uint64      // the first words of its rows' keys
	at    int
}

// sourceBytes is what a source needs beside its reader and the words of its rows.
const sourceBytes = 256

// newMerger opens as many of the runs as there is memory for, and at least two unless there is but one.
func (s *sorter) newMerger(runs []*spill.File) (*merger, error) {
	m := &merger{mem: s.mem, types: s.types, keys: s.keys, cmps: keyComparators(s.keys), left: -1, buf: make([]uint64, vector.BatchRows)}
	if s.limit > 0 {
		m.left = s.limit
	}
	m.layout = newLayout(s.keys, s.stats, false)
	m.keyCols = make([]*vector.Vector, len(s.keys))
	err := m.grow(3 * s.frame) // the rows that are made of the runs', and their frame
	for _, f := range runs {
		if err != nil {
			break
		}
		src := mergeSource{r: f.Reader()}
		if src.b, err = src.r.Next(); err == nil {
			// Frames of a file have about the same number of rows; texts that grow shorter may make it larger.
			if err = m.grow(sourceBytes + 8*int64(src.b.N)); err == nil {
				m.sources = append(m.sources, src)
				continue
			}
		}
		src.r.Close()
	}
	if err != nil && !(s.mem.full(err) && len(m.sources) >= 2) {
		m.release()
		return nil, err
	}
	return m, nil
}

// begin reads the first rows of all sources.
func (m *merger) begin() {
	for k := range m.types {
		m.columns = append(m.columns, vector.NewColumn(m.types[k].Kind(), len(m.sources)))
	}
	for i := range m.sources {
		m.taken(i)
	}
	m.tree = make([]int32, len(m.sources))
	m.refs = make([]vector.Ref, 0, vector.BatchRows)
	if len(m.sources) > 0 {
		m.tree[0] = m.play(1)
	}
}

func (m *merger) grow(n int64) error {
	if err := m.mem.Grow(n); err != nil {
		return err
	}
	m.charged += n
	return nil
}

// taken makes a source's batch readable.
func (m *merger) taken(i int) {
	src := &m.sources[i]
	src.at = 0
	if src.b == nil {
		return
	}
	for k, c := range src.b.Cols {
		m.columns[k].Set(i, c)
	}
	for k, key := range m.keys {
		m.keyCols[k] = src.b.Cols[key.col]
	}
	if cap(src.words) < src.b.N {
		src.words = make([]uint64, src.b.N)
	}
	src.words = src.words[:src.b.N]
	m.layout.load(src.words, 0, m.keyCols, m.buf)
}

// play finds the winner below a node of the tournament and keeps the losers. Source i stands at the leaf len(sources) + i.
func (m *merger) play(node int) int32 {
	if node >= len(m.sources) {
		return int32(node - len(m.sources))
	}
	a, b := m.play(2*node), m.play(2*node+1)
	if m.before(a, b) {
		m.tree[node] = b
		return a
	}
	m.tree[node] = a
	return b
}

// replay finds the winner after the last one's next row has come.
func (m *merger) replay() {
	w := m.tree[0]
	for node := (int(w) + len(m.sources)) / 2; node > 0; node /= 2 {
		if m.before(m.tree[node], w) {
			m.tree[node], w = w, m.tree[node]
		}
	}
	m.tree[0] = w
}

// before reports whether source a's row comes before source b's.
func (m *merger) before(a, b int32) bool {
	x, y := &m.sources[a], &m.sources[b]
	switch {
	case x.b == nil:
		return y.b == nil && a < b
	case y.b == nil:
		return true
	}
	if v, w := x.words[x.at], y.words[y.at]; v != w {
		return v < w
	}
	if !m.layout.exact || m.layout.bits > wordBits {
		if c := compareKeys(m.keys, m.cmps, x.b, x.at, y.b, y.at); c != 0 {
			return c < 0
		}
	}
	return a < b
}

// read gives the next rows in order, of their columns the first ones; nil at the end.
func (m *merger) read(ctx context.Context, columns int) (*vector.Batch, error) {
	return m.merge(ctx, vector.BatchRows, columns)
}

func (m *merger) merge(ctx context.Context, rows, columns int) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m.out == nil || len(m.out.Cols) != columns {
		m.out = newOutput(m.types[:columns])
	}
	for _, c := range m.out.Cols {
		c.Reset(0)
	}
	m.out.N = 0
	m.refs = m.refs[:0]
	if m.left >= 0 {
		rows = int(min(int64(rows), m.left))
	}
	for len(m.sources) > 0 && m.out.N+len(m.refs) < rows {
		w := m.tree[0]
		src := &m.sources[w]
		if src.b == nil {
			break
		}
		m.refs = append(m.refs, vector.Ref(w)<<vector.RefBits|vector.Ref(src.at))
		if src.at++; src.at == src.b.N {
			if m.copy(); textBytes(m.out.Cols) > batchBytes {
				rows = m.out.N
			}
			var err error
			if src.b, err = src.r.Next(); err != nil {
				return nil, err
			}
			m.taken(int(w))
		}
		m.replay()
	}
	m.copy()
	if m.left >= 0 {
		m.left -= int64(m.out.N)
	}
	if m.out.N == 0 {
		return nil, nil
	}
	return m.out, nil
}

// copy moves the rows that were chosen, before their sources read on.
func (m *merger) copy() {
	for k, c := range m.out.Cols {
		c.AppendRefs(m.columns[k], m.refs)
	}
	m.out.N += len(m.refs)
	m.refs = m.refs[:0]
}

func (m *merger) release() {
	for i := range m.sources {
		m.sources[i].r.Close()
	}
	m.mem.Shrink(m.charged)
	m.sources, m.charged = nil, 0
}

// beginMerge merges runs until all that are left can be read at once.
func (s *sorter) beginMerge(ctx context.Context) error {
	for {
		m, err := s.newMerger(s.runs)
		if err != nil {
			return err
		}
		if len(m.sources) == len(s.runs) {
			m.begin()
			s.merger = m
			return nil
		}
		most := len(m.sources)
		m.release()
		if err := s.mergePass(ctx, most); err != nil {
			return err
		}
	}
}

// mergePass makes fewer runs: where one merge leaves no more than can be read at once, it is as small as can be; else all are merged.
func (s *sorter) mergePass(ctx context.Context, most int) error {
	old := s.runs
	if few := len(old) - most + 1; few <= most {
		at := len(old) - few
		return s.mergeInto(ctx, at, few)
	}
	return s.mergeAll(ctx, most)
}

// collapse merges all runs into as few as one pass makes.
func (s *sorter) collapse(ctx context.Context) error {
	m, err := s.newMerger(s.runs)
	if err != nil {
		return err
	}
	most := len(m.sources)
	m.release()
	return s.mergeAll(ctx, most)
}

// mergeAll merges runs, so many at a time, once.
func (s *sorter) mergeAll(ctx context.Context, most int) error {
	for at := 0; at < len(s.runs); at++ {
		if err := s.mergeInto(ctx, at, min(most, len(s.runs)-at)); err != nil {
			return err
		}
	}
	return nil
}

// mergeInto replaces n runs from place at by one; fewer where memory has become short.
func (s *sorter) mergeInto(ctx context.Context, at, n int) error {
	if n < 2 {
		return nil
	}
	m, err := s.newMerger(s.runs[at : at+n])
	if err != nil {
		return err
	}
	defer m.release()
	n = len(m.sources)
	f, err := s.mem.file(s.types)
	if err != nil {
		return err
	}
	if err := s.writeMerged(ctx, m, f); err != nil {
		_ = f.Close() // the merge's error is what counts
		return err
	}
	old := partFiles(slices.Clone(s.runs[at : at+n]))
	s.runs = slices.Replace(s.runs, at, at+n, f)
	return old.close()
}

func (s *sorter) writeMerged(ctx context.Context, m *merger, f *spill.File) error {
	var bytes, rows int64
	for i := range m.sources {
		if b := m.sources[i].b; b != nil {
			bytes += b.MemBytes()
			rows += int64(b.N)
		}
	}
	m.begin()
	n := s.frameRows(bytes, int(rows))
	for {
		b, err := m.merge(ctx, n, len(s.types))
		if err != nil {
			return err
		}
		if b == nil {
			return f.Rest()
		}
		if err := writeFrame(f, b); err != nil {
			return err
		}
	}
}
