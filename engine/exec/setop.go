package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

func (b *builder) setOp(n *plan.SetOp) (Operator, error) {
	l, err := b.build(n.L)
	if err != nil {
		return nil, err
	}
	r, err := b.build(n.R)
	if err != nil {
		return nil, err
	}
	if l, err = b.pick(l, n.L.Columns(), n.LeftIn); err != nil {
		return nil, err
	}
	if r, err = b.pick(r, n.R.Columns(), n.RightIn); err != nil {
		return nil, err
	}
	types := columnTypes(n.Cols)
	if n.Kind == plan.Union {
		all := &appendOp{l: l, r: r, lazy: b.lazy[n]}
		if n.All {
			return all, nil
		}
		return b.distinctRows(n, all, types)
	}
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	s := setRows{kind: n.Kind, all: n.All, l: l, r: r, types: types, mem: mem, limit: b.limitOf(mem), each: 8, st: b.nodeStats(n)}
	s.keys = vector.NewBudget(mem.Budget, "query", s.limit-s.limit/4)
	if left, right := plan.Rows(n.L), plan.Rows(n.R); s.byKey(left, right) {
		s.each = 16 // the other side's too
		return &keyedSetOp{setRows: s, first: s.chosen(left, right)}, nil
	}
	return &setOp{setRows: s}, nil
}

// setRows is what INTERSECT and EXCEPT have in common: two sides that are read one after the other, in rounds: first the inputs, then files
// of what did not fit.
type setRows struct {
	kind  plan.SetOpKind
	all   bool
	l, r  Operator
	types []sqltype.Type
	mem   *memory
	keys  *vector.Budget // of the table: not the whole memory, for files are written and read beside it
	limit int64
	st    *NodeStats

	begun  bool
	level  int
	rounds []setRound // that are still to come, the next one last
	file   [2]*fileRows
	ended  [2]bool // the side has no more rows in this round
	inputs bool    // the round reads the inputs
	parts  [2]*hashParts
	table  *hashTable
	full   bool
	each   int64   // bytes of a key's counts
	extra  int64   // charged for them
	counts []int64 // by key

	nums   []int32
	sel    []int32
	lost   []int32
	hashes []uint64
	out    vector.Batch
}

// setRound is two files with rows of the same part; nil: none.
type setRound struct {
	files [2]*spill.File
	level int
}

const (
	leftSide  = 0
	rightSide = 1
)

// byKey reports whether what comes out is a key as it came first and not the left row at hand. It matters where equal values may look different
// (1.5 and 1.50). PostgreSQL shows the first of equal rows of one side, as often as rows come out: of the left one for EXCEPT, and of the one
// with fewer rows for INTERSECT.
func (s *setRows) byKey(left, right float64) bool {
	for _, t := range s.types {
		if !intKind(t.Kind()) && t.Kind() != sqltype.KindUUID && (t.Kind() != sqltype.KindBytes || t.OID == sqltype.OIDBPChar || !textual(t.OID)) {
			return s.all || s.kind == plan.Intersect && right < left
		}
	}
	return false
}

func (s *setRows) open(ctx context.Context) error {
	if err := s.release(); err != nil {
		return err
	}
	if err := s.r.Open(ctx); err != nil {
		return err
	}
	return s.l.Open(ctx)
}

func (s *setRows) Close() error {
	err := s.release()
	if err2 := s.l.Close(); err == nil {
		err = err2
	}
	if err2 := s.r.Close(); err == nil {
		err = err2
	}
	return err
}

func (s *setRows) release() (err error) {
	s.forget()
	for side := range s.file {
		if err2 := s.file[side].close(); err == nil {
			err = err2
		}
		if err2 := s.parts[side].close(); err == nil {
			err = err2
		}
		s.file[side], s.parts[side] = nil, nil
	}
	for _, r := range s.rounds {
		for _, f := range r.files {
			if err2 := f.Close(); err == nil {
				err = err2
			}
		}
	}
	s.rounds, s.begun, s.level = nil, false, 0
	return err
}

// forget gives up the keys of a round.
func (s *setRows) forget() {
	s.table.release()
	s.keys.Shrink(s.extra)
	s.table, s.counts, s.extra, s.full = nil, nil, 0, false
}

// next begins the next round; false when there is none.
func (s *setRows) next() (bool, error) {
	if !s.begun {
		s.begun, s.inputs, s.ended = true, true, [2]bool{}
		s.table = newHashTable(s.types, s.keys)
		return true, nil
	}
	s.st.passed(s.mem)
	s.forget()
	if err := s.divide(); err != nil {
		return false, err
	}
	k := len(s.rounds) - 1
	if k < 0 {
		return false, nil
	}
	r := s.rounds[k]
	s.rounds = s.rounds[:k]
	s.inputs, s.level = false, r.level
	for side, f := range r.files {
		if s.ended[side] = f == nil; f != nil {
			s.file[side] = openFile(f)
			if err := s.file[side].r.Claim(); err != nil {
				return false, err
			}
		}
	}
	s.table = newHashTable(s.types, s.keys)
	return true, nil
}

// divide makes rounds of the files that were written.
func (s *setRows) divide() error {
	n := 0
	for _, p := range s.parts {
		if p != nil {
			n = len(p.files)
		}
		if err := p.rest(s.st); err != nil {
			return err
		}
	}
	for i := range n {
		s.rounds = append(s.rounds, setRound{files: [2]*spill.File{s.parts[leftSide].take(i), s.parts[rightSide].take(i)}, level: s.level + 1})
	}
	s.parts = [2]*hashParts{}
	return nil
}

// read gives the next rows of a side in this round.
func (s *setRows) read(ctx context.Context, side int) (*vector.Batch, error) {
	if s.ended[side] {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := s.l
	if side == rightSide {
		in = s.r
	}
	var b *vector.Batch
	var err error
	if s.inputs {
		b, err = in.Next(ctx)
	} else {
		b, err = s.file[side].r.Next()
	}
	if b != nil || err != nil {
		return b, err
	}
	s.ended[side] = true
	if s.inputs {
		return nil, in.Close()
	}
	err = s.file[side].close()
	s.file[side] = nil
	return nil, err
}

// insert numbers rows in nums, adding keys while there is memory; then -1 stands for those that are not there.
func (s *setRows) insert(b *vector.Batch) error {
	s.nums = growInts(s.nums, b.Rows())
	if !s.full {
		err := s.add(b, s.nums)
		if err == nil || !s.mem.full(err) {
			return err
		}
		if s.full = true; s.table.len() == 0 { // a round must know one key at least
			if err := s.add(b.Head(1), s.nums[:1]); err != nil {
				return err
			}
		}
	}
	s.table.lookup(b, s.nums)
	return nil
}

func (s *setRows) add(b *vector.Batch, nums []int32) error {
	room := s.table.len() + b.Rows()
	if room > cap(s.counts) {
		room = max(room, 2*cap(s.counts))
		if err := s.keys.Grow(int64(room) * s.each); err != nil {
			return err
		}
		counts := make([]int64, len(s.counts), room)
		copy(counts, s.counts)
		s.keys.Shrink(s.extra)
		s.counts, s.extra = counts, int64(room)*s.each
	}
	if err := s.table.insert(b, nums); err != nil {
		return err
	}
	s.counts = s.counts[:s.table.len()]
	return nil
}

func (s *setRows) lookup(b *vector.Batch) {
	s.nums = growInts(s.nums, b.Rows())
	s.table.lookup(b, s.nums)
}

// spill writes the rows without a number to the side's files.
func (s *setRows) spill(b *vector.Batch, side int) error {
	s.lost = s.lost[:0]
	for i, num := range s.nums {
		if num < 0 {
			s.lost = append(s.lost, int32(b.Row(i)))
		}
	}
	if len(s.lost) == 0 {
		return nil
	}
	if s.parts[side] == nil {
		s.parts[side] = newHashParts(s.mem, s.types, s.level, max(leastParts, filesFor(s.limit)/2))
	}
	s.hashes = growWords(s.hashes, len(s.lost))
	s.table.hash(&vector.Batch{Cols: b.Cols, N: b.N, Sel: s.lost}, s.hashes)
	return s.parts[side].write(b, s.lost, s.hashes)
}

// setOp counts the right side's rows by key and then lets left rows through as they come. With ALL, a left row uses one right row up; without, the
// first of equal left rows decides for all.
type setOp struct {
	setRows
	counted bool // the right side of the round
}

func (o *setOp) Open(ctx context.Context) error {
	o.counted = false
	return o.open(ctx)
}
func (o *setOp) Ready() bool { return o.counted && (!o.inputs || o.l.Ready()) }

func (o *setOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if !o.counted {
			more, err := o.next()
			if err != nil || !more {
				return nil, err
			}
			if err := o.count(ctx); err != nil {
				return nil, err
			}
			o.counted = true
		}
		b, err := o.read(ctx, leftSide)
		if err != nil {
			return nil, err
		}
		if b == nil {
			o.counted = false
			continue
		}
		if err := o.pass(b); err != nil {
			return nil, err
		}
		if len(o.sel) == 0 {
			continue
		}
		o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: o.sel}
		return &o.out, nil
	}
}

func (o *setOp) count(ctx context.Context) error {
	for {
		b, err := o.read(ctx, rightSide)
		if b == nil || err != nil {
			return err
		}
		if err := o.insert(b); err != nil {
			return err
		}
		for _, n := range o.nums {
			if n >= 0 {
				o.counts[n]++
			}
		}
		if o.full {
			if err := o.spill(b, rightSide); err != nil {
				return err
			}
		}
	}
}

// pass finds the left rows that come out. Only EXCEPT without ALL must remember those that have no right row.
func (o *setOp) pass(b *vector.Batch) error {
	if o.kind == plan.Except && !o.all {
		if err := o.insert(b); err != nil {
			return err
		}
	} else {
		o.lookup(b)
	}
	if o.full {
		if err := o.spill(b, leftSide); err != nil {
			return err
		}
	}
	o.sel = o.sel[:0]
	for i, n := range o.nums {
		if n < 0 && !o.full && o.kind == plan.Except || n >= 0 && o.passes(n) {
			o.sel = append(o.sel, int32(b.Row(i)))
		}
	}
	return nil
}

// passes decides for a left row. A count of -1 says that one of its key decided already.
func (o *setOp) passes(n int32) bool {
	c := o.counts[n]
	if o.all {
		if c > 0 {
			o.counts[n]--
			return o.kind == plan.Intersect
		}
		return o.kind == plan.Except
	}
	if c < 0 {
		return false
	}
	o.counts[n] = -1
	return (c > 0) == (o.kind == plan.Intersect)
}
