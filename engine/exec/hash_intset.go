package exec

import (
	"slices"
	"unsafe"

	"github.com/odatagres/odatagres/internal/vector"
)

// intSet is a set of integers, or of pairs of a group and an integer. A slot of its open-addressed table holds 32 neighbouring integers of a
// group, one bit for each: where they lie densely, a million of them is less than a processor's cache, and where they are far apart none
// takes more than a slot.
type intSet struct {
	s       []intWord
	mask    uint64
	n       int  // slots that are taken
	grouped bool // the first column is the group, a flat int4 without nulls
	null    bool // null was seen, or is not asked for
	budget  *vector.Budget

	// Of a batch: the values of the rows that count and are not null.
	vals   []int64
	groups []int32
	which  []int32 // order of these rows among those that count; nil: all
	nullAt int     // the first row with null; -1: there is none
	at     []uint32
	buf    []int64 // what these are kept in
	bufs   [2][]int32
}

// intWord is a slot.
type intWord struct {
	word  int64 // the integers without their lower bits
	group int32
	bits  uint32 // by the lower bits; 0: the slot is free
}

// slotBits of an integer are its place in a slot.
const slotBits = 5

// groupSpread keeps sums of words and groups apart.
const groupSpread = 0x2545f4914f6cdd1d

func hashIntWord(word int64, group int32) uint64 { return hashInt(word + int64(group)*groupSpread) }

func (t *intSet) empty() bool { return t.n == 0 && !t.null }

// mostLeap is the size up to which the table grows fourfold, which saves moving slots.
const mostLeap = 32 << 20

// reserve makes room for n more slots.
func (t *intSet) reserve(n int) error {
	size := tableSize(t.n + n)
	if size <= len(t.s) {
		return nil
	}
	const each = int64(unsafe.Sizeof(intWord{}))
	leap := 4 * len(t.s)
	if leap > size && int64(leap)*each <= mostLeap && t.budget.Grow(int64(leap)*each) == nil {
		size = leap
	} else if err := t.budget.Grow(int64(size) * each); err != nil {
		return err
	}
	old := t.s
	t.s, t.mask = make([]intWord, size), uint64(size-1)
	s, mask := t.s, t.mask
	for i := range old {
		e := &old[i]
		if e.bits == 0 {
			continue
		}
		p := hashIntWord(e.word, e.group) & mask
		for s[p].bits != 0 {
			p = (p + 1) & mask
		}
		s[p] = *e
	}
	t.budget.Shrink(int64(len(old)) * each)
	return nil
}

func (t *intSet) add(b *vector.Batch, fresh []int32) ([]int32, error) {
	if err := t.reserve(b.Rows()); err != nil {
		return fresh, err
	}
	t.load(b)
	begin := len(fresh)
	fresh = slices.Grow(fresh, b.Rows())
	s, mask, at := t.s, t.mask, t.places()
	for i, x := range t.vals {
		word, group, bit := x>>slotBits, int32(0), uint32(1)<<(uint(x)&(1<<slotBits-1))
		if t.groups != nil {
			group = t.groups[i]
		}
		p := uint64(at[i])
		for s[p].bits != 0 && (s[p].word != word || s[p].group != group) {
			p = (p + 1) & mask
		}
		e := &s[p]
		if e.bits&bit != 0 {
			continue
		}
		if e.bits == 0 {
			e.word, e.group = word, group
			t.n++
		}
		e.bits |= bit
		fresh = append(fresh, int32(i))
	}
	t.rename(fresh[begin:])
	return t.withNull(fresh, begin), nil
}

// sift still keeps what stands in a slot that is taken.
func (t *intSet) sift(b *vector.Batch, fresh, lost []int32) (_, _ []int32) {
	t.load(b)
	begin, first := len(fresh), len(lost)
	s, mask, at := t.s, t.mask, t.places()
	for i, x := range t.vals {
		word, group, bit := x>>slotBits, int32(0), uint32(1)<<(uint(x)&(1<<slotBits-1))
		if t.groups != nil {
			group = t.groups[i]
		}
		var e *intWord
		for p := uint64(at[i]); len(s) > 0 && s[p].bits != 0; p = (p + 1) & mask {
			if s[p].word == word && s[p].group == group {
				e = &s[p]
				break
			}
		}
		switch {
		case e == nil:
			lost = append(lost, int32(i))
		case e.bits&bit == 0:
			e.bits |= bit
			fresh = append(fresh, int32(i))
		}
	}
	t.rename(fresh[begin:])
	t.rename(lost[first:])
	return t.withNull(fresh, begin), lost
}

// places gives the slot where the search for each value begins. Those of a large table are loaded all at once, as intKeys does.
func (t *intSet) places() []uint32 {
	if cap(t.at) < len(t.vals) {
		t.at = make([]uint32, max(len(t.vals), vector.InitialRows))
	}
	at, mask := t.at[:len(t.vals)], t.mask
	if t.groups == nil {
		for i, x := range t.vals {
			at[i] = uint32(hashIntWord(x>>slotBits, 0) & mask)
		}
	} else {
		groups := t.groups[:len(t.vals)]
		for i, x := range t.vals {
			at[i] = uint32(hashIntWord(x>>slotBits, groups[i]) & mask)
		}
	}
	if len(t.s) >= touchSlots {
		var sum uint32
		for _, p := range at {
			sum += t.s[p].bits
		}
		keep(int32(sum))
	}
	return at
}

// load reads a batch.
func (t *intSet) load(b *vector.Batch) {
	v := b.Cols[len(b.Cols)-1]
	t.vals = loadInts(v, b, &t.buf)
	t.which, t.nullAt = nil, -1
	if hasNulls(v) {
		t.dropNulls(v, b)
	}
	if !t.grouped {
		return
	}
	from := b.Cols[0].I32
	if b.Sel == nil && t.which == nil {
		t.groups = from[:len(t.vals)]
		return
	}
	t.groups = growInts(t.bufs[0], len(t.vals))
	t.bufs[0] = t.groups
	for i := range t.groups {
		t.groups[i] = from[b.Row(t.order(i))]
	}
}

// dropNulls leaves out the rows whose value is null.
func (t *intSet) dropNulls(v *vector.Vector, b *vector.Batch) {
	vals := t.vals
	if cap(t.buf) < len(vals) {
		t.buf = make([]int64, max(len(vals), vector.InitialRows))
	}
	t.bufs[1] = growInts(t.bufs[1], len(vals))
	t.vals, t.which = t.buf[:len(vals)], t.bufs[1]
	k := 0
	for i, x := range vals {
		if v.IsNull(b.Row(i)) {
			if t.nullAt < 0 {
				t.nullAt = i
			}
			continue
		}
		t.vals[k], t.which[k] = x, int32(i)
		k++
	}
	t.vals, t.which = t.vals[:k], t.which[:k]
}

// order is the place of a value's row among those that count.
func (t *intSet) order(i int) int {
	if t.which == nil {
		return i
	}
	return int(t.which[i])
}

func (t *intSet) rename(list []int32) {
	if t.which == nil {
		return
	}
	for k, i := range list {
		list[k] = t.which[i]
	}
}

// withNull adds the first null to the fresh rows from begin on.
func (t *intSet) withNull(fresh []int32, begin int) []int32 {
	if t.nullAt < 0 || t.null {
		return fresh
	}
	t.null = true
	k, _ := slices.BinarySearch(fresh[begin:], int32(t.nullAt))
	return slices.Insert(fresh, begin+k, int32(t.nullAt))
}

// hash spreads whole slots: values that share one are of one part.
func (t *intSet) hash(b *vector.Batch, out []uint64) {
	t.load(b)
	if t.which != nil {
		for i := range out[:b.Rows()] {
			out[i] = keySeed
		}
	}
	for i, x := range t.vals {
		group := int32(0)
		if t.groups != nil {
			group = t.groups[i]
		}
		out[t.order(i)] = hashIntWord(x>>slotBits, group)
	}
}

func (t *intSet) release() {
	t.budget.Shrink(int64(len(t.s)) * int64(unsafe.Sizeof(intWord{})))
	t.s, t.mask, t.n = nil, 0, 0
}
