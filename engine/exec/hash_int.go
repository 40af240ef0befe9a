package exec

import (
	"math/bits"
	"unsafe"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// intKeys keeps keys of one integer-like column: the key stands in its slot.
type intKeys struct {
	s      []intSlot
	mask   uint64
	keys   []int64 // by number
	null   int32   // the number of null, -1: it is not there
	budget *vector.Budget

	vals []int64 // of a batch
	at   []uint32
}

type intSlot struct {
	key int64
	num int32 // number + 1; 0: free
}

// intKind reports the kinds whose values are equal if they are the same integer.
func intKind(k sqltype.Kind) bool {
	return k == sqltype.KindBool || k == sqltype.KindInt16 || k == sqltype.KindInt32 || k == sqltype.KindInt64
}

const (
	keySeed = 0x9e3779b97f4a7c15
	keyMul  = 0xd6e8feb86659fd93
)

func mixWords(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^x, keyMul)
	return hi ^ lo ^ keySeed
}

// hashInt spreads integers over all 64 bits.
func hashInt(x int64) uint64 {
	hi, lo := bits.Mul64(uint64(x)^keySeed, keyMul)
	return hi ^ lo
}

func (t *intKeys) len() int { return len(t.keys) }

func (t *intKeys) reserve(b *vector.Batch) error {
	n := len(t.keys) + b.Rows()
	var err error
	if t.keys, err = extend(t.budget, t.keys, n); err != nil {
		return err
	}
	size := tableSize(n)
	if size <= len(t.s) {
		return nil
	}
	const each = int64(unsafe.Sizeof(intSlot{}))
	if size, err = ahead(t.budget, size, len(t.s), each); err != nil {
		return err
	}
	old := t.s
	t.s, t.mask = make([]intSlot, size), uint64(size-1)
	for _, s := range old {
		if s.num == 0 {
			continue
		}
		p := hashInt(s.key) & t.mask
		for t.s[p].num != 0 {
			p = (p + 1) & t.mask
		}
		t.s[p] = s
	}
	t.budget.Shrink(int64(len(old)) * each)
	return nil
}

func (t *intKeys) insert(b *vector.Batch, nums []int32) {
	v := b.Cols[0]
	vals := loadInts(v, b, &t.vals)
	if hasNulls(v) {
		for i, x := range vals {
			if v.IsNull(b.Row(i)) {
				if t.null < 0 {
					t.null = int32(len(t.keys))
					t.keys = append(t.keys, 0)
				}
				nums[i] = t.null
				continue
			}
			nums[i] = t.add(x, hashInt(x)&t.mask)
		}
		return
	}
	s, mask := t.s, t.mask
	nums = nums[:len(vals)]
	if len(s) < touchSlots {
		for i, x := range vals {
			p := hashInt(x) & mask
			if e := &s[p]; e.num > 0 && e.key == x {
				nums[i] = e.num - 1
				continue
			}
			nums[i] = t.add(x, p)
		}
		return
	}
	for i, p := range t.touch(vals) {
		x := vals[i]
		if e := &s[p]; e.num > 0 && e.key == x {
			nums[i] = e.num - 1
			continue
		}
		nums[i] = t.add(x, uint64(p))
	}
}

// add searches on from slot p and takes the first free one for a key that is not there.
func (t *intKeys) add(x int64, p uint64) int32 {
	for {
		e := &t.s[p]
		if e.num == 0 {
			t.keys = append(t.keys, x)
			e.key, e.num = x, int32(len(t.keys))
			return e.num - 1
		}
		if e.key == x {
			return e.num - 1
		}
		p = (p + 1) & t.mask
	}
}

// touch gives the place where the search for each value begins, and loads all of them at once: a search in a large table then does not wait
// for one slot after another.
func (t *intKeys) touch(vals []int64) []uint32 {
	if cap(t.at) < len(vals) {
		t.at = make([]uint32, max(len(vals), vector.BatchRows))
	}
	at := t.at[:len(vals)]
	var sum int32
	for i, x := range vals {
		p := hashInt(x) & t.mask
		at[i] = uint32(p)
		sum += t.s[p].num
	}
	keep(sum)
	return at
}

// keep makes the compiler believe that what was loaded is needed.
//
//go:noinline
func keep(int32) {}

func (t *intKeys) lookup(b *vector.Batch, nums []int32) {
	v := b.Cols[0]
	vals := loadInts(v, b, &t.vals)
	if len(t.s) == 0 {
		fill(nums[:len(vals)], -1)
		return
	}
	s, mask := t.s, t.mask
	nums = nums[:len(vals)]
	if len(s) < touchSlots {
		for i, x := range vals {
			nums[i] = findInt(s, mask, x, hashInt(x)&mask)
		}
	} else {
		for i, p := range t.touch(vals) {
			nums[i] = findInt(s, mask, vals[i], uint64(p))
		}
	}
	if hasNulls(v) {
		for i := range nums {
			if v.IsNull(b.Row(i)) {
				nums[i] = t.null
			}
		}
	}
}

func findInt(s []intSlot, mask uint64, x int64, p uint64) int32 {
	for {
		e := &s[p]
		if e.num == 0 {
			return -1
		}
		if e.key == x {
			return e.num - 1
		}
		p = (p + 1) & mask
	}
}

func (t *intKeys) hash(b *vector.Batch, out []uint64) {
	v := b.Cols[0]
	for i, x := range loadInts(v, b, &t.vals) {
		out[i] = hashInt(x)
	}
	if hasNulls(v) {
		for i := range out {
			if v.IsNull(b.Row(i)) {
				out[i] = keySeed
			}
		}
	}
}

// loadInts gives the values of the rows of b that count; that of a null is undefined. They stand in the vector or in buf, which grows.
func loadInts(v *vector.Vector, b *vector.Batch, buf *[]int64) []int64 {
	n := b.Rows()
	if v.Kind == sqltype.KindInt64 && v.Form == vector.Flat && b.Sel == nil {
		return v.I64[:n]
	}
	if cap(*buf) < n {
		*buf = make([]int64, max(n, vector.InitialRows))
	}
	vals := (*buf)[:n]
	switch v.Kind {
	case sqltype.KindBool:
		for i := range vals {
			vals[i] = 0
			if r := b.Row(i); !v.IsNull(r) && v.Physical().Bools[v.Index(r)] {
				vals[i] = 1
			}
		}
	case sqltype.KindInt16:
		widen(vals, v.Physical().I16, v, b.Sel)
	case sqltype.KindInt32:
		widen(vals, v.Physical().I32, v, b.Sel)
	default:
		widen(vals, v.Physical().I64, v, b.Sel)
	}
	return vals
}

// widen reads integers of a vector of any form.
func widen[T int16 | int32 | int64](dst []int64, src []T, v *vector.Vector, sel []int32) {
	switch {
	case v.Form != vector.Flat:
		for i := range dst {
			r := i
			if sel != nil {
				r = int(sel[i])
			}
			dst[i] = 0
			if !v.IsNull(r) {
				dst[i] = int64(src[v.Index(r)])
			}
		}
	case sel == nil:
		for i, x := range src[:len(dst)] {
			dst[i] = int64(x)
		}
	default:
		for i, r := range sel[:len(dst)] {
			dst[i] = int64(src[r])
		}
	}
}

// hasNulls reports whether some row may be null; a flat vector whose bits are all set has none.
func hasNulls(v *vector.Vector) bool {
	if v.Form == vector.Flat && v.Valid != nil {
		return v.CountNulls() > 0
	}
	return v.MayHaveNulls()
}

func (t *intKeys) gather(dst *vector.Vector, _, from, n int) {
	dst.Reset(n)
	keys := t.keys[from : from+n]
	switch dst.Kind {
	case sqltype.KindBool:
		for i, x := range keys {
			dst.Bools[i] = x != 0
		}
	case sqltype.KindInt16:
		for i, x := range keys {
			dst.I16[i] = int16(x)
		}
	case sqltype.KindInt32:
		for i, x := range keys {
			dst.I32[i] = int32(x)
		}
	default:
		copy(dst.I64, keys)
	}
	if at := int(t.null) - from; at >= 0 && at < n {
		dst.SetNull(at)
	}
}

func (t *intKeys) release() {
	t.budget.Shrink(int64(len(t.s)) * int64(unsafe.Sizeof(intSlot{})))
	forget(t.budget, t.keys)
	t.s, t.mask, t.keys, t.null = nil, 0, nil, -1
}
