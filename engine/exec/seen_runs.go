package exec

import (
	"context"
	"sort"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// seenRun is a file of different rows in the order of their hashes, which are its last column. No row is in two runs.
type seenRun struct {
	mem    *memory
	file   *spill.File
	reader *spill.Reader
	blocks []seenBlock
	filter seenFilter
	level  int // how often its rows were merged
}

// seenBlock is a frame of a run: its first row, and the hashes that it begins and ends with.
type seenBlock struct {
	row    int64
	lo, hi uint64
}

const (
	seenBlockBytes = 24
	// A block is what is read to look a row up.
	runBlockRows  = 256
	runBlockBytes = 8 << 10
	// runFan is how many runs of one level become one of the next: a row is written again for each level, and looked up in at most
	// runFan-1 runs of each.
	runFan = 4
)

func (r *seenRun) close() error {
	if r == nil {
		return nil
	}
	r.filter.release()
	r.reader.Close()
	r.mem.Shrink(int64(len(r.blocks)) * seenBlockBytes)
	r.blocks = nil
	return r.file.Close()
}

// runWriter makes a run of rows that come in the order of their hashes.
type runWriter struct {
	of  *seenRows
	run *seenRun
	out *vector.Batch
	lo  uint64
	hi  uint64
}

func (s *seenRows) newRun(level int) (*runWriter, error) {
	types := append(append([]sqltype.Type(nil), s.types...), sqltype.Of(sqltype.OIDInt8))
	file, err := s.mem.file(types)
	if err != nil {
		return nil, err
	}
	run := &seenRun{mem: s.mem, file: file, level: level, filter: seenFilter{budget: s.filters}}
	return &runWriter{of: s, run: run, out: newOutput(types)}, nil
}

func (w *runWriter) add(cols []*vector.Vector, row int, hash uint64) error {
	if w.out.N == 0 {
		w.lo = hash
	}
	w.hi = hash
	size, last := 0, len(w.out.Cols)-1
	for k, c := range w.out.Cols[:last] {
		c.AppendRow(cols[k], row)
		size += len(c.Data) + 8*c.N
	}
	h := w.out.Cols[last]
	h.I64[h.Extend(1)] = int64(hash)
	w.out.N++
	if w.out.N == runBlockRows || size >= runBlockBytes {
		return w.block()
	}
	return nil
}

func (w *runWriter) block() error {
	if w.out.N == 0 {
		return nil
	}
	r := w.run
	if err := w.of.with(func() error { return r.mem.Grow(seenBlockBytes) }, w.of.yield, w.of.endReaders, w.of.endWriting, w.of.endFilters); err != nil {
		return err
	}
	r.blocks = append(r.blocks, seenBlock{row: r.file.Rows(), lo: w.lo, hi: w.hi})
	if err := writeFrame(r.file, w.out); err != nil {
		return err
	}
	for _, c := range w.out.Cols {
		c.Reset(0)
	}
	w.out.N = 0
	return nil
}

// end is the run.
func (w *runWriter) end() (*seenRun, error) {
	err := w.block()
	if err == nil {
		err = w.run.file.Rest()
	}
	if err != nil {
		_ = w.run.close()
		return nil, err
	}
	w.run.reader = w.run.file.Reader()
	return w.run, nil
}

// spill moves the table's rows to a run.
func (s *seenRows) spill(ctx context.Context) error {
	t := s.recent
	if t.len() == 0 {
		return nil
	}
	level := 0
	if len(s.runs) == 0 { // that was a larger table
		level = 1
	}
	w, err := s.newRun(level)
	if err != nil {
		return err
	}
	rows := t.byHash(s.all)
	one := newOutput(s.types)
	for i, r := range rows {
		if i%lookRows == 0 {
			err = ctx.Err()
		}
		for k, c := range one.Cols {
			t.table.gather(c, k, int(r.num), 1)
		}
		if err == nil {
			err = w.add(one.Cols, 0, r.hash)
		}
		if err != nil {
			_ = w.run.close()
			return err
		}
	}
	run, err := w.end()
	if err != nil {
		return err
	}
	t.share = s.share(recentShare)
	t.release()
	run.filter = newSeenFilter(s.filters, int64(len(rows)))
	for _, r := range rows {
		run.filter.add(r.hash)
	}
	s.runs = append(s.runs, run)
	return s.mergeRuns(ctx)
}

// mergeRuns makes one run of the last ones where there are enough of their level.
func (s *seenRows) mergeRuns(ctx context.Context) error {
	for {
		at := len(s.runs) - runFan
		if at < 0 || s.runs[at].level > s.runs[len(s.runs)-1].level {
			return nil
		}
		run, err := s.merge(ctx, s.runs[at:])
		if err != nil {
			return err
		}
		old := s.runs[at:]
		s.runs = append(s.runs[:at:at], run)
		for _, r := range old {
			if err := r.close(); err != nil {
				return err
			}
		}
	}
}

// runCursor reads a run in its order.
type runCursor struct {
	r    *spill.Reader
	b    *vector.Batch
	at   int
	hash uint64
}

// next goes to the next row; false at the end.
func (c *runCursor) next() (bool, error) {
	c.at++
	if c.b == nil || c.at == c.b.N {
		var err error
		if c.b, err = c.r.Next(); c.b == nil || err != nil {
			return false, err
		}
		c.at = 0
	}
	c.hash = uint64(c.b.Cols[len(c.b.Cols)-1].I64[c.at])
	return true, nil
}

func (s *seenRows) merge(ctx context.Context, runs []*seenRun) (*seenRun, error) {
	w, err := s.newRun(runs[0].level + 1)
	if err != nil {
		return nil, err
	}
	rows := int64(0)
	for _, r := range runs {
		rows += r.file.Rows()
		r.filter.release() // nothing is looked up while they are merged
	}
	w.run.filter = newSeenFilter(s.filters, rows)
	if err := s.mergeInto(ctx, w, runs); err != nil {
		_ = w.run.close()
		return nil, err
	}
	return w.end()
}

func (s *seenRows) mergeInto(ctx context.Context, w *runWriter, runs []*seenRun) error {
	var cursors []*runCursor
	for _, r := range runs {
		r.reader.SeekRow(0)
		if err := s.claim(r); err != nil {
			return err
		}
		c := &runCursor{r: r.reader}
		more, err := c.next()
		if err != nil {
			return err
		}
		if more {
			cursors = append(cursors, c)
		}
	}
	for n := 0; len(cursors) > 0; n++ {
		if n%lookRows == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		least := 0
		for i, c := range cursors {
			if c.hash < cursors[least].hash {
				least = i
			}
		}
		c := cursors[least]
		if err := w.add(c.b.Cols, c.at, c.hash); err != nil {
			return err
		}
		w.run.filter.add(c.hash)
		more, err := c.next()
		if err != nil {
			return err
		}
		if !more {
			cursors = append(cursors[:least], cursors[least+1:]...)
		}
	}
	return nil
}

// claim takes the memory that reading a run needs.
func (s *seenRows) claim(r *seenRun) error {
	return s.with(r.reader.Claim, s.yield, s.endReaders, s.endWriting, s.endFilters)
}

// find marks those of the picked rows that are in the run.
func (s *seenRows) find(ctx context.Context, r *seenRun) error {
	if len(s.picked) == 0 {
		return nil
	}
	if err := s.claim(r); err != nil {
		return err
	}
	k := 0
	for left := s.picked; len(left) > 0; {
		h := left[0].hash
		k += sort.Search(len(r.blocks)-k, func(i int) bool { return r.blocks[k+i].hi >= h })
		if k == len(r.blocks) {
			return nil
		}
		if r.blocks[k].lo > h {
			left = left[1:]
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.findIn(r, r.blocks[k], left); err != nil {
			return err
		}
		hi := r.blocks[k].hi
		for len(left) > 0 && left[0].hash < hi {
			left = left[1:]
		}
		// Rows with the block's last hash may be in the next block too.
		if k++; k == len(r.blocks) || r.blocks[k].lo > hi {
			for len(left) > 0 && left[0].hash == hi {
				left = left[1:]
			}
		}
	}
	return nil
}

// findIn marks those rows that are in the block; they are in the order of their hashes.
func (s *seenRows) findIn(r *seenRun, block seenBlock, rows []hashedRow) error {
	r.reader.SeekRow(block.row)
	b, err := r.reader.Next()
	if err != nil {
		return err
	}
	last := len(s.types)
	s.fresh = s.fresh[:0]
	for i, x := range b.Cols[last].I64[:b.N] {
		for len(rows) > 0 && rows[0].hash < uint64(x) {
			rows = rows[1:]
		}
		if len(rows) == 0 {
			break
		}
		if rows[0].hash == uint64(x) {
			s.fresh = append(s.fresh, int32(i))
		}
	}
	if len(s.fresh) == 0 {
		return nil
	}
	s.nums = growInts(s.nums, len(s.fresh))
	s.asked.table.lookup(&vector.Batch{Cols: b.Cols[:last], N: b.N, Sel: s.fresh}, s.nums)
	for _, n := range s.nums {
		if n >= 0 {
			s.found[n] = true
		}
	}
	return nil
}
