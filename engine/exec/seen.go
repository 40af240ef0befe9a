package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// seenRows tells new rows from those that came before, for a recursive query without ALL. While the rows fit, a new one is known at once.
// Later the last rows are in a table and those before in files (seen_runs.go), of which filters know what is surely not there: what a round
// costs grows with its own rows, not with those that were seen. Rows that may be in a file wait in another table, or in files where they
// are many, until settle looks them up.
type seenRows struct {
	types []sqltype.Type
	mem   *memory
	limit int64        // of the memory; 0: none
	yield func() error // gives back what others keep in the same memory

	recent  *seenTable
	runs    []*seenRun
	filters *vector.Budget
	asked   *seenTable // rows of the round that may be in a run
	parts   partFiles  // they, where they are too many; nil: the table has all of them

	part   int           // that settle is at
	r      *spill.Reader // of the part; nil between parts
	left   *vector.Batch // of r, that did not fit into the table
	found  []bool        // of asked, what was seen before; nil until that is known
	next   int           // of asked, to be given
	picked []hashedRow

	all    []int // places of all columns
	nums   []int32
	sel    []int32
	doubt  []int32
	fresh  []int32
	hashes []uint64
	sels   [][]int32
	out    vector.Batch
	given  *vector.Batch
}

// What of the memory each may take; the rest is for what reads and writes files.
const (
	firstShare  = 0.75 // the table, while there are no files
	recentShare = 0.25
	filterShare = 0.375
	askedShare  = 0.125

	// askedParts is how many files the rows of a round are divided among that may have been seen: a power of two.
	askedParts = 16
)

func newSeenRows(types []sqltype.Type, mem *memory, limit int64, yield func() error) *seenRows {
	s := &seenRows{types: types, mem: mem, limit: limit, yield: yield, all: make([]int, len(types)), given: newOutput(types)}
	for i := range s.all {
		s.all[i] = i
	}
	s.recent = newSeenTable(types, mem.Budget, s.share(firstShare), recentClaim)
	s.asked = newSeenTable(types, mem.Budget, s.share(askedShare), askedClaim)
	s.filters = vector.NewBudget(mem.Budget, "query", s.share(filterShare))
	return s
}

func (s *seenRows) share(of float64) int64 { return int64(of * float64(s.limit)) }

// add returns the new ones among the rows of b that count, nil if there are none or it is not known yet.
func (s *seenRows) add(ctx context.Context, b *vector.Batch) (*vector.Batch, error) {
	out, err := s.addAll(ctx, b)
	n := b.Rows()
	if !s.mem.full(err) || n == 1 {
		return out, err
	}
	// The table does not take so many rows at once.
	var sel []int32
	for _, half := range []*vector.Batch{b.Slice(0, n/2), b.Slice(n/2, n)} {
		out, err := s.add(ctx, half)
		if err != nil {
			return nil, err
		}
		if out == nil {
			continue
		}
		for i := range out.Rows() {
			sel = append(sel, int32(out.Row(i)))
		}
	}
	if len(sel) == 0 {
		return nil, nil
	}
	s.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}
	return &s.out, nil
}

func (s *seenRows) addAll(ctx context.Context, b *vector.Batch) (*vector.Batch, error) {
	if len(s.runs) == 0 {
		out, err := s.insert(b)
		if !s.mem.full(err) {
			return out, err
		}
		if s.recent.len() == 0 {
			return s.keep(ctx, b)
		}
		if err := s.spill(ctx); err != nil {
			return nil, err
		}
	}
	s.hash(b)
	s.nums = growInts(s.nums, b.Rows())
	s.recent.table.lookup(b, s.nums)
	s.sel, s.doubt = s.sel[:0], s.doubt[:0]
	for i, h := range s.hashes {
		switch {
		case s.nums[i] >= 0:
		case s.mayHold(h):
			s.doubt = append(s.doubt, int32(b.Row(i)))
		default:
			s.sel = append(s.sel, int32(b.Row(i)))
		}
	}
	if len(s.doubt) > 0 {
		if err := s.ask(&vector.Batch{Cols: b.Cols, N: b.N, Sel: s.doubt}); err != nil {
			return nil, err
		}
	}
	if len(s.sel) == 0 {
		return nil, nil
	}
	return s.keep(ctx, &vector.Batch{Cols: b.Cols, N: b.N, Sel: s.sel})
}

// hash sets hashes to those of the rows of b that count.
func (s *seenRows) hash(b *vector.Batch) {
	s.hashes = growWords(s.hashes, b.Rows())
	eval.HashColumns(b, s.all, s.hashes)
	for i, h := range s.hashes {
		s.hashes[i] = hashInt(int64(h))
	}
}

// mayHold is false if no run has rows with the hash.
func (s *seenRows) mayHold(h uint64) bool {
	for _, r := range s.runs {
		if r.filter.mayHold(h) {
			return true
		}
	}
	return false
}

// insert returns the rows that are not in the table, and puts them there.
func (s *seenRows) insert(b *vector.Batch) (*vector.Batch, error) {
	seen := int32(s.recent.len())
	s.nums = growInts(s.nums, b.Rows())
	if err := s.recent.insert(b, s.nums); err != nil {
		return nil, err
	}
	s.fresh = s.fresh[:0]
	for i, n := range s.nums[:b.Rows()] {
		if n >= seen { // numbers are handed out in order, so a first occurrence has the next one
			s.fresh = append(s.fresh, int32(b.Row(i)))
			seen++
		}
	}
	if len(s.fresh) == 0 {
		return nil, nil
	}
	s.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: s.fresh}
	return &s.out, nil
}

// keep is insert with room made, for rows that are in no run.
func (s *seenRows) keep(ctx context.Context, b *vector.Batch) (*vector.Batch, error) {
	relief := []func() error{s.yield, func() error { return s.spill(ctx) }, s.endReaders, s.endWriting, s.endFilters}
	if s.recent.full() { // it is not the others that take the memory
		relief[0], relief[1] = relief[1], relief[0]
	}
	var out *vector.Batch
	err := s.with(func() (err error) { out, err = s.insert(b); return err }, relief...)
	return out, err
}

// with does what needs memory, and as long as there is too little does it again after each relief.
func (s *seenRows) with(need func() error, relief ...func() error) error {
	err := need()
	for _, r := range relief {
		if !s.mem.full(err) {
			return err
		}
		if err := r(); err != nil {
			return err
		}
		err = need()
	}
	return err
}

// endReaders gives back what readers of runs have; they can go on.
func (s *seenRows) endReaders() error {
	for _, r := range s.runs {
		r.reader.Close()
	}
	return nil
}

// endWriting gives back the buffers of files that are written; more can be written.
func (s *seenRows) endWriting() error { return s.parts.rest() }

// endFilters does without filters: rows may be anywhere then.
func (s *seenRows) endFilters() error {
	for _, r := range s.runs {
		r.filter.release()
	}
	return nil
}

// read does what reads rows that others keep in the memory.
func (s *seenRows) read(ctx context.Context, need func() error) error {
	if s == nil {
		return need()
	}
	return s.with(need, s.endReaders, func() error { return s.spill(ctx) }, s.divide, s.yield, s.endWriting, s.endFilters)
}

// ask keeps rows that may be in a run until settle.
func (s *seenRows) ask(b *vector.Batch) error {
	if s.parts == nil {
		s.nums = growInts(s.nums, b.Rows())
		err := s.asked.insert(b, s.nums)
		if !s.mem.full(err) {
			return err
		}
		if err := s.divide(); err != nil {
			return err
		}
	}
	s.hash(b)
	return s.writeAsked(b)
}

// divide writes the rows that are asked to files by their hash.
func (s *seenRows) divide() error {
	if s.parts != nil {
		return nil
	}
	s.parts, s.sels, s.part = make(partFiles, askedParts), make([][]int32, askedParts), -1
	for from := 0; from < s.asked.len(); from += s.given.N {
		s.asked.gather(s.given, from, vector.BatchRows)
		s.hash(s.given)
		if err := s.writeAsked(s.given); err != nil {
			return err
		}
	}
	s.asked.release()
	return nil
}

func (s *seenRows) writeAsked(b *vector.Batch) error {
	sels := emptied(s.sels)
	for i, h := range s.hashes {
		part := h / (1 << 63 / askedParts * 2)
		sels[part] = append(sels[part], int32(b.Row(i)))
	}
	return s.parts.write(s.mem, s.types, b, sels)
}

// settle returns more of the round's new rows that add did not know of; nil when it has given them all.
func (s *seenRows) settle(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.found == nil {
			more, err := s.nextAsked(ctx)
			if err != nil || !more {
				return nil, err
			}
			if err := s.resolve(ctx); err != nil {
				return nil, err
			}
		}
		for s.next < s.asked.len() {
			out, err := s.give(ctx)
			if err != nil || out != nil {
				return out, err
			}
		}
		s.found, s.next = nil, 0
		s.asked.release()
	}
}

// give returns the new ones of some asked rows, nil if none of them is.
func (s *seenRows) give(ctx context.Context) (*vector.Batch, error) {
	for n := vector.BatchRows; ; n /= 2 {
		s.asked.gather(s.given, s.next, n)
		s.sel = s.sel[:0]
		for i := range s.given.N {
			if !s.found[s.next+i] {
				s.sel = append(s.sel, int32(i))
			}
		}
		var out *vector.Batch
		var err error
		if len(s.sel) > 0 {
			out, err = s.keep(ctx, &vector.Batch{Cols: s.given.Cols, N: s.given.N, Sel: s.sel})
		}
		if !s.mem.full(err) || n == 1 {
			s.next += s.given.N
			return out, err
		}
	}
}

// nextAsked fills the table with rows that are asked; false if there are no more.
func (s *seenRows) nextAsked(ctx context.Context) (bool, error) {
	if s.parts == nil {
		return s.asked.len() > 0, nil
	}
	if s.part < 0 {
		if err := s.parts.rest(); err != nil {
			return false, err
		}
	}
	for {
		if s.r == nil {
			if s.part++; s.part == len(s.parts) {
				err := s.parts.close()
				s.parts = nil
				return false, err
			}
			if s.parts[s.part] == nil {
				continue
			}
			s.r = s.parts[s.part].Reader()
		}
		more, err := s.readAsked(ctx)
		if err != nil {
			return false, err
		}
		if !more {
			s.r.Close()
			s.r = nil
			if err := s.parts.take(s.part).Close(); err != nil {
				return false, err
			}
		}
		if s.asked.len() > 0 {
			return true, nil
		}
	}
}

// readAsked reads of the part as much as the table takes; false at the part's end.
func (s *seenRows) readAsked(ctx context.Context) (bool, error) {
	relief := []func() error{s.endReaders, s.yield, func() error { return s.spill(ctx) }, s.endFilters}
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if s.left == nil {
			err := s.with(func() (err error) { s.left, err = s.r.Next(); return err }, relief...)
			if s.left == nil || err != nil {
				return false, err
			}
		}
		n := s.left.Rows()
		s.nums = growInts(s.nums, n)
		if err := s.asked.insert(s.left, s.nums); err == nil {
			s.left = nil
			continue
		} else if !s.mem.full(err) {
			return false, err
		}
		if s.asked.len() > 0 {
			return true, nil
		}
		for ; n > 0; n /= 2 {
			some := s.left.Slice(0, n)
			err := s.with(func() error { return s.asked.insert(some, s.nums[:n]) }, relief...)
			if err == nil {
				if s.left = s.left.Slice(n, s.left.Rows()); s.left.Rows() == 0 {
					s.left = nil
				}
				return true, nil
			}
			if !s.mem.full(err) || n == 1 {
				return false, err
			}
		}
	}
}

// resolve finds out which of the asked rows were seen.
func (s *seenRows) resolve(ctx context.Context) error {
	s.found, s.next = make([]bool, s.asked.len()), 0
	if s.parts != nil { // since a row was asked, others of its part became new
		for from := 0; from < len(s.found); from += s.given.N {
			s.asked.gather(s.given, from, vector.BatchRows)
			s.nums = growInts(s.nums, s.given.N)
			s.recent.table.lookup(s.given, s.nums)
			for i, n := range s.nums {
				s.found[from+i] = n >= 0
			}
		}
	}
	rows := s.asked.byHash(s.all)
	for _, r := range s.runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.picked = s.picked[:0]
		for _, a := range rows {
			if !s.found[a.num] && r.filter.mayHold(a.hash) {
				s.picked = append(s.picked, a)
			}
		}
		if err := s.find(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether a row was seen. It is asked when nothing waits for settle.
func (s *seenRows) has(ctx context.Context, b *vector.Batch) (bool, error) {
	s.nums = growInts(s.nums, 1)
	s.recent.table.lookup(b, s.nums)
	if s.nums[0] >= 0 || len(s.runs) == 0 {
		return s.nums[0] >= 0, nil
	}
	s.hash(b)
	h := s.hashes[0]
	if !s.mayHold(h) {
		return false, nil
	}
	defer s.asked.release()
	if err := s.with(func() error { return s.asked.insert(b, s.nums) }, s.yield, s.endReaders, func() error { return s.spill(ctx) }, s.endFilters); err != nil {
		return false, err
	}
	s.found = append(s.found[:0], false)
	for i := len(s.runs) - 1; i >= 0 && !s.found[0]; i-- {
		if !s.runs[i].filter.mayHold(h) {
			continue
		}
		s.picked = append(s.picked[:0], hashedRow{hash: h})
		if err := s.find(ctx, s.runs[i]); err != nil {
			return false, err
		}
	}
	return s.found[0], nil
}

func (s *seenRows) close() error {
	if s == nil {
		return nil
	}
	s.recent.release()
	s.asked.release()
	s.r.Close()
	s.r, s.left, s.found, s.next = nil, nil, nil, 0
	err := s.parts.close()
	s.parts = nil
	for _, r := range s.runs {
		if err2 := r.close(); err == nil {
			err = err2
		}
	}
	s.runs = nil
	return err
}
