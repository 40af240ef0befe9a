package exec

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/odatagres/odatagres/internal/vector"
)

// sortBytes is what orderOf needs for a row: two pairs, or later the order itself, and some bits.
const sortBytes = 33

// comparedRows are so few that they are compared, not looked at first.
const comparedRows = 48

// orderOf sorts the rows of a store by key columns, stably, and returns their places in order. stats, where it is not nil, gets what is
// known of the values. It needs sortBytes a row, which the caller has charged.
func orderOf(ctx context.Context, s *rowStore, keys []sortColumn, stats []keyStats) ([]vector.Ref, error) {
	if s.n <= comparedRows && stats == nil {
		order := identity(s.n)
		return order, sortRows(ctx, order, compareRows(s, keys))
	}
	l, err := layoutOf(ctx, s, keys, stats)
	if err != nil {
		return nil, err
	}
	if l.bits == 0 && l.exact {
		return identity(s.n), nil
	}
	o := &ordering{ctx: ctx, store: s, layout: l, buf: make([]uint64, vector.BatchRows)}
	if rowBits := bits.Len(uint(s.n)); l.exact && l.bits+rowBits <= wordBits {
		return o.packed(rowBits)
	}
	return o.pairs()
}

func identity(n int) []vector.Ref {
	out := make([]vector.Ref, n)
	for i := range out {
		out[i] = vector.Ref(i)
	}
	return out
}

// layoutOf looks at all keys of a store. What it learns is added to stats.
func layoutOf(ctx context.Context, s *rowStore, keys []sortColumn, stats []keyStats) (*keyLayout, error) {
	own := make([]keyStats, len(keys))
	buf := make([]uint64, vector.BatchRows)
	for i := range keys {
		own[i].up, own[i].down = true, true
		for k, c := range s.chunks {
			if k&63 == 0 {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
			}
			own[i].gather(&keys[i], c.Cols[keys[i].col], buf)
		}
	}
	l := newLayout(keys, own, true)
	for i := range stats {
		stats[i].add(&own[i])
	}
	return l, nil
}

// ordering is a sort of the rows of a store.
type ordering struct {
	ctx    context.Context
	store  *rowStore
	layout *keyLayout
	buf    []uint64
}

// eachWord calls f with the first words of a chunk's rows, of which the first is row from.
func (o *ordering) eachWord(f func(from int, words []uint64)) error {
	words := make([]uint64, vector.BatchRows)
	cols := make([]*vector.Vector, len(o.layout.keys))
	from := 0
	for k, c := range o.store.chunks {
		if k&63 == 0 {
			if err := o.ctx.Err(); err != nil {
				return err
			}
		}
		for i, key := range o.layout.keys {
			cols[i] = c.Cols[key.col]
		}
		o.layout.load(words[:c.N], 0, cols, o.buf)
		f(from, words[:c.N])
		from += c.N
	}
	return nil
}

// packed sorts keys that fit one word together with the row.
func (o *ordering) packed(rowBits int) ([]vector.Ref, error) {
	shift := wordBits - o.layout.bits - rowBits
	a := make([]uint64, o.store.n)
	sorted, before := true, uint64(0)
	err := o.eachWord(func(from int, words []uint64) {
		to := a[from : from+len(words)]
		for i, w := range words {
			sorted = sorted && w >= before
			before = w
			to[i] = w>>shift | uint64(from+i)
		}
	})
	if err != nil {
		return nil, err
	}
	if sorted {
		return identity(len(a)), nil
	}
	r := radix{ctx: o.ctx, goroutines: sorters(len(a))}
	if err := r.sortPacked(a, make([]uint64, len(a)), rowBits+o.layout.bits, rowBits, false); err != nil {
		return nil, err
	}
	order := make([]vector.Ref, len(a))
	mask := uint64(1)<<rowBits - 1
	for i, x := range a {
		order[i] = vector.Ref(x & mask)
	}
	return order, nil
}

// pairs sorts by the first word, then those that are the same by the next, and by comparing where words do not say all.
func (o *ordering) pairs() ([]vector.Ref, error) {
	a := make([]pair, o.store.n)
	sorted, before := true, uint64(0)
	err := o.eachWord(func(from int, words []uint64) {
		to := a[from : from+len(words)]
		for i, w := range words {
			sorted = sorted && w >= before
			before = w
			to[i] = pair{w, uint32(from + i)}
		}
	})
	if err != nil {
		return nil, err
	}
	if !sorted || o.layout.words() > 1 {
		if err := o.byWords(a, sorted); err != nil {
			return nil, err
		}
	}
	var ties bitmap
	if !o.layout.exact {
		ties = tiesOf(a, nil)
	}
	order := make([]vector.Ref, len(a))
	for i := range a {
		order[i] = a[i].row
	}
	if ties == nil {
		return order, nil
	}
	compare := compareRows(o.store, o.layout.keys)
	return order, ties.runs(len(order), func(from, to int) error {
		if to-from > fewRows {
			return sortRows(o.ctx, order[from:to], compare)
		}
		slices.SortFunc(order[from:to], func(x, y vector.Ref) int {
			if c := compare(x, y); c != 0 {
				return c
			}
			return cmp.Compare(x, y)
		})
		return nil
	})
}

// byWords sorts pairs by all words. At the end pairs have the same key if and only if all their words are the same.
func (o *ordering) byWords(a []pair, sorted bool) error {
	b := make([]pair, len(a))
	r := radix{ctx: o.ctx, goroutines: sorters(len(a))}
	lowest := func(w int) int { return max(0, (w+1)*wordBits-o.layout.bits) }
	if !sorted {
		if err := r.sortPairs(a, b, wordBits, lowest(0), false); err != nil {
			return err
		}
	}
	if o.layout.words() == 1 {
		return nil
	}
	ties := tiesOf(a, nil)
	for w := 1; w < o.layout.words() && ties != nil; w++ {
		if err := o.loadTies(a, w, ties); err != nil {
			return err
		}
		err := ties.runs(len(a), func(from, to int) error {
			return r.sortPairs(a[from:to], b[from:to], wordBits, lowest(w), false)
		})
		if err != nil {
			return err
		}
		ties = tiesOf(a, ties)
	}
	if o.layout.exact {
		return nil
	}
	// Keys now stand for the words of different depths; the caller wants to know the ties alone.
	n := uint64(0)
	for i := range a {
		if !ties.has(i) {
			n++
		}
		a[i].key = n
	}
	return nil
}

// loadTies gives pairs that tie the next word.
func (o *ordering) loadTies(a []pair, w int, ties bitmap) error {
	l := o.layout
	cols, from := make([]*vector.Vector, len(l.keys)), make([]*vector.Column, len(l.keys))
	for i := range l.parts {
		p := &l.parts[i]
		if p.at < (w+1)*wordBits && p.at+p.width > w*wordBits && from[p.key] == nil {
			from[p.key] = o.store.column(l.keys[p.key].col)
			cols[p.key] = vector.New(l.keys[p.key].typ)
		}
	}
	words := make([]uint64, vector.BatchRows)
	places, refs := make([]int, 0, vector.BatchRows), make([]vector.Ref, 0, vector.BatchRows)
	flush := func() error {
		for i, c := range cols {
			if c != nil {
				c.Reset(0)
				c.AppendRefs(from[i], refs)
			}
		}
		l.load(words[:len(refs)], w, cols, o.buf)
		for i, at := range places {
			a[at].key = words[i]
		}
		places, refs = places[:0], refs[:0]
		return o.ctx.Err()
	}
	for i := range a {
		if !ties.has(i) && !ties.has(i+1) {
			continue
		}
		places, refs = append(places, i), append(refs, a[i].row)
		if len(refs) == vector.BatchRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// column names the rows of a column by their numbers.
func (s *rowStore) column(col int) *vector.Column {
	c := vector.NewColumn(s.types[col].Kind(), len(s.chunks))
	for i, chunk := range s.chunks {
		c.Set(i, chunk.Cols[col])
	}
	return c
}
