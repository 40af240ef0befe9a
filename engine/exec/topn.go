package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// topNOp keeps the first rows of an order. It collects up to twice as many as wanted and then drops the worse half; from then on rows that
// are not before the last one kept are not even copied. Memory is bounded by what is wanted, and where that is too much, runs are
// spilled as a sort's are.
type topNOp struct {
	ctx           *eval.Ctx
	in            Operator
	keys          sortKeys
	count, offset *eval.Program
	rows          *sorter
	worst         threshold
	skip          int64
	done          bool
	st            *NodeStats
	out           vector.Batch
}

func (b *builder) topN(n *plan.TopN) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	o := &topNOp{ctx: b.ctx, in: in, st: b.nodeStats(n)}
	if o.keys, err = b.sortKeys(n.Keys, n.Input.Columns(), n.Unread); err != nil {
		return nil, err
	}
	if o.count, o.offset, err = b.boundPrograms(n.Count, n.Offset); err != nil {
		return nil, err
	}
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	o.rows = newSorter(mem, o.keys.types, o.keys.columns)
	return o, nil
}

func (o *topNOp) Open(ctx context.Context) error {
	if err := o.end(); err != nil {
		return err
	}
	return o.in.Open(ctx)
}

func (o *topNOp) Ready() bool { return o.done }

func (o *topNOp) Close() error {
	err := o.end()
	if err2 := o.in.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *topNOp) end() error {
	o.done, o.skip, o.worst = false, 0, threshold{}
	return o.rows.release()
}

func (o *topNOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.done {
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	}
	for {
		b, err := o.rows.read(ctx, o.keys.width)
		if b == nil || err != nil {
			return nil, err
		}
		n := min(o.skip, int64(b.N))
		o.skip -= n
		if int(n) < b.N {
			return b.Slice(int(n), b.N), nil
		}
	}
}

func (o *topNOp) read(ctx context.Context) error {
	o.ctx.Context = ctx
	bounds, err := evalBounds(o.ctx, o.count, o.offset)
	if err != nil {
		return err
	}
	o.skip = bounds.offset
	o.rows.limit = bounds.count + bounds.offset
	for bounds.count > 0 {
		b, err := o.in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		o.ctx.Context = ctx
		if err := o.keys.each(o.ctx, b, func(b *vector.Batch) error { return o.take(ctx, b) }); err != nil {
			return err
		}
	}
	if err := o.rows.finish(ctx); err != nil {
		return err
	}
	o.st.sorted(o.rows.used)
	o.done = true
	return o.in.Close()
}

// take keeps those of the rows that may be among the first.
func (o *topNOp) take(ctx context.Context, b *vector.Batch) error {
	if o.worst.last != nil {
		if o.out = o.worst.pass(b); len(o.out.Sel) == 0 {
			return nil
		}
		b = &o.out
	}
	if err := o.rows.add(ctx, b); err != nil {
		return err
	}
	if o.rows.held() >= 2*o.rows.limit+vector.BatchRows {
		return o.shrink(ctx)
	}
	return nil
}

// shrink drops the rows that are not among the first, and finds what later rows must be before.
func (o *topNOp) shrink(ctx context.Context) error {
	last, err := o.rows.keepFirst(ctx)
	if err != nil {
		return err
	}
	o.worst.set(o.keys.columns, last)
	return nil
}

// held is the number of rows in memory.
func (s *sorter) held() int64 {
	if s.store == nil {
		return 0
	}
	return int64(s.store.n)
}

// keepFirst drops all rows in memory but the first ones up to the limit, and returns a copy of the last of them.
func (s *sorter) keepFirst(ctx context.Context) (*vector.Batch, error) {
	order, err := orderOf(ctx, s.store, s.keys, nil)
	if err != nil {
		return nil, err
	}
	s.order = order[s.limit-1 : s.limit]
	s.next, s.columns, s.out = 0, nil, nil
	last := s.gather(1, len(s.types))
	s.out = nil
	s.order, s.next = order[:s.limit], 0
	kept := newRowStore(s.types, s.mem.Budget)
	for s.next < len(s.order) {
		if err := kept.append(s.gather(vector.BatchRows, len(s.types))); err != nil {
			kept.release()
			s.order, s.columns, s.out = nil, nil, nil
			if s.mem.full(err) {
				return last, s.spill(ctx)
			}
			return nil, err
		}
	}
	s.store.release()
	s.store, s.order, s.columns, s.out, s.next = kept, nil, nil, nil, 0
	return last, nil
}

// threshold tells rows that cannot be among the first.
type threshold struct {
	keys   []sortColumn
	cmps   []compareFunc
	layout *keyLayout
	last   *vector.Batch
	word   uint64
	cols   []*vector.Vector
	words  []uint64
	buf    []uint64
	sel    []int32
}

// set makes last, a batch of one row, the row that others must be before.
func (t *threshold) set(keys []sortColumn, last *vector.Batch) {
	if t.layout == nil {
		stats := make([]keyStats, len(keys))
		for i, k := range keys {
			stats[i] = anyStats(k.typ)
		}
		t.keys, t.cmps, t.layout, t.cols = keys, keyComparators(keys), newLayout(keys, stats, false), make([]*vector.Vector, len(keys))
	}
	t.last = last
	t.word = t.load(last)[0]
}

// load gives the first words of the rows' keys.
func (t *threshold) load(b *vector.Batch) []uint64 {
	for i, k := range t.keys {
		t.cols[i] = b.Cols[k.col].Flatten()
	}
	if cap(t.words) < b.N {
		t.words, t.buf = make([]uint64, max(b.N, vector.BatchRows)), make([]uint64, max(b.N, vector.BatchRows))
	}
	t.words = t.words[:b.N]
	t.layout.load(t.words, 0, t.cols, t.buf)
	return t.words
}

// pass selects the rows of b that come before the last one kept. A row that is equal to it comes later.
func (t *threshold) pass(b *vector.Batch) vector.Batch {
	words, sel, worst := t.load(b), t.sel[:0], t.word
	keep := func(i int) bool {
		return compareKeys(t.keys, t.cmps, b, i, t.last, 0) < 0
	}
	if b.Sel == nil {
		for i, w := range words {
			if w <= worst && (w < worst || keep(i)) {
				sel = append(sel, int32(i))
			}
		}
	} else {
		for _, r := range b.Sel {
			if w := words[r]; w <= worst && (w < worst || keep(int(r))) {
				sel = append(sel, r)
			}
		}
	}
	t.sel = sel
	return vector.Batch{Cols: b.Cols, N: b.N, Sel: sel}
}
