package exec

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// joinTable finds the rows of a store by the values of some of its columns. It is made when all rows are there, so its size is known and
// nothing moves. Rows with a null among the keys are not in it.
//
// Keys that fit 64 bits and are equal when their bits are (integers, dates, several small ones packed) are looked up by themselves: in an
// array over their range where that is not much larger than their number, as keys of dimensions mostly are, else in slots that hold the
// key. Other keys go by their hash, 32 bits of which are in the slot, and are compared.
type joinTable struct {
	store  *rowStore
	keys   []int // columns of the store
	kind   tableKind
	widths []uint // bits of each packed key
	cmps   []compareFunc

	base  int64    // direct: the least key
	heads []int32  // direct: 1 + the first row, 0 is none
	slots []uint64 // hashed: 32 bits of the hash, then 1 + the first row
	wide  []wideSlot
	shift uint
	next  []int32 // the next row with the same key, -1; nil where no key occurs twice
	cost  int64

	codes  []int64 // scratch: packed keys of a batch
	hashes []uint64
	dicts  map[int]*dictRows
}

type tableKind uint8

const (
	tableEmpty tableKind = iota
	tableDirect
	tableWide
	tableHashed
)

type wideSlot struct {
	key int64
	row int32 // 1 + the first row
}

// directSpread is how much larger than the number of rows the range of keys may be for an array over it.
const directSpread = 8

// bitsOf is the width of values that are equal when their bits are; 0 for other types.
func bitsOf(t sqltype.Type) uint {
	if t.OID == sqltype.OIDTimeTZ {
		return 0
	}
	switch t.Kind() {
	case sqltype.KindBool:
		return 1
	case sqltype.KindInt16:
		return 16
	case sqltype.KindInt32:
		return 32
	case sqltype.KindInt64:
		return 64
	}
	return 0
}

// packing gives the width of each key if all of them fit 64 bits.
func packing(types []sqltype.Type) []uint {
	var sum uint
	widths := make([]uint, len(types))
	for i, t := range types {
		w := bitsOf(t)
		if sum += w; w == 0 || sum > 64 {
			return nil
		}
		widths[i] = w
	}
	return widths
}

func newJoinTable(store *rowStore, keys []int) *joinTable {
	t := &joinTable{store: store, keys: keys}
	types := make([]sqltype.Type, len(keys))
	for i, k := range keys {
		types[i] = store.types[k]
	}
	t.widths = packing(types)
	t.cmps = comparatorsOf(types)
	return t
}

// slotsFor is the number of slots for n keys: a power of two, of which at most two thirds are taken.
func slotsFor(n int) int {
	return 1 << bits.Len(uint(max(n+n/2, 16)))
}

// fill puts all rows of the store in the table. On an error (53200) nothing stays charged.
func (t *joinTable) fill() error {
	n := t.store.n
	if n == 0 {
		return nil
	}
	if t.widths != nil {
		return t.fillPacked(n)
	}
	cost := int64(slotsFor(n))*8 + int64(n)*8
	if err := t.charge(cost); err != nil {
		return err
	}
	t.kind = tableHashed
	t.slots = make([]uint64, slotsFor(n))
	t.shift = uint(64 - bits.TrailingZeros(uint(len(t.slots))))
	hashes := make([]uint64, n)
	null := t.eachChunk(func(first int, b *vector.Batch) {
		eval.HashColumns(b, t.keys, hashes[first:first+b.N])
	})
	for r := n - 1; r >= 0; r-- {
		if null == nil || !null[r] {
			t.link(hashes[r], int32(r))
		}
	}
	t.uncharge(int64(n) * 8) // the hashes
	return t.chargeNext()
}

// eachChunk shows f every chunk of the store and returns which rows have a null among their keys; nil if none has.
func (t *joinTable) eachChunk(f func(first int, b *vector.Batch)) (null []bool) {
	for i, c := range t.store.chunks {
		first := i << vector.RefBits
		f(first, c)
		for _, k := range t.keys {
			v := c.Cols[k]
			if v.Valid == nil {
				continue
			}
			for j := range c.N {
				if v.IsNull(j) {
					if null == nil {
						null = make([]bool, t.store.n)
					}
					null[first+j] = true
				}
			}
		}
	}
	return null
}

func (t *joinTable) fillPacked(n int) error {
	scratch := int64(n) * 8
	if err := t.charge(scratch); err != nil {
		return err
	}
	codes := make([]int64, n)
	null := t.eachChunk(func(first int, b *vector.Batch) {
		t.pack(b, t.keys, codes[first:first+b.N])
	})
	lo, hi, some := int64(math.MaxInt64), int64(math.MinInt64), false
	for r, c := range codes {
		if null != nil && null[r] {
			continue
		}
		lo, hi, some = min(lo, c), max(hi, c), true
	}
	if !some {
		t.uncharge(scratch)
		return nil
	}
	var err error
	if span := uint64(hi) - uint64(lo); span < uint64(n)*directSpread || span < 1024 {
		err = t.fillDirect(codes, null, lo, int(span)+1)
	} else {
		err = t.fillWide(codes, null)
	}
	if err != nil {
		return err
	}
	t.uncharge(scratch)
	return t.chargeNext()
}

func (t *joinTable) fillDirect(codes []int64, null []bool, lo int64, span int) error {
	if err := t.charge(int64(span) * 4); err != nil {
		return err
	}
	t.kind, t.base, t.heads = tableDirect, lo, make([]int32, span)
	for r := len(codes) - 1; r >= 0; r-- {
		if null != nil && null[r] {
			continue
		}
		h := &t.heads[codes[r]-lo]
		if *h != 0 {
			t.chain(int32(r), *h-1)
		}
		*h = int32(r) + 1
	}
	return nil
}

func (t *joinTable) fillWide(codes []int64, null []bool) error {
	size := slotsFor(len(codes))
	if err := t.charge(int64(size) * 16); err != nil {
		return err
	}
	t.kind, t.wide = tableWide, make([]wideSlot, size)
	t.shift = uint(64 - bits.TrailingZeros(uint(size)))
	mask := uint64(size - 1)
	for r := len(codes) - 1; r >= 0; r-- {
		if null != nil && null[r] {
			continue
		}
		k := codes[r]
		for p := hashInt(k) >> t.shift; ; p = (p + 1) & mask {
			s := &t.wide[p]
			if s.row == 0 {
				s.key, s.row = k, int32(r)+1
				break
			}
			if s.key == k {
				t.chain(int32(r), s.row-1)
				s.row = int32(r) + 1
				break
			}
		}
	}
	return nil
}

// chain puts row before follower, which has the same key.
func (t *joinTable) chain(row, follower int32) {
	if t.next == nil {
		t.next = make([]int32, t.store.n)
		for i := range t.next {
			t.next[i] = -1
		}
	}
	t.next[row] = follower
}

// link puts a row of the store in the slots.
func (t *joinTable) link(h uint64, row int32) {
	mask := uint64(len(t.slots) - 1)
	tag := h << 32
	for p := h >> t.shift; ; p = (p + 1) & mask {
		s := t.slots[p]
		if s == 0 {
			t.slots[p] = tag | uint64(row+1)
			return
		}
		if other := int32(uint32(s)) - 1; s&^math.MaxUint32 == tag && t.sameKeys(row, other) {
			t.chain(row, other)
			t.slots[p] = tag | uint64(row+1)
			return
		}
	}
}

// sameKeys compares the keys of two rows of the store, neither with a null.
func (t *joinTable) sameKeys(a, b int32) bool {
	ca, i := t.store.at(int(a))
	cb, j := t.store.at(int(b))
	for k, col := range t.keys {
		if t.cmps[k](ca.Cols[col], i, cb.Cols[col], j) != 0 {
			return false
		}
	}
	return true
}

func (t *joinTable) charge(n int64) error {
	if err := t.store.budget.Grow(n); err != nil {
		t.release()
		return err
	}
	t.cost += n
	return nil
}

func (t *joinTable) uncharge(n int64) {
	t.store.budget.Shrink(n)
	t.cost -= n
}

// chargeNext charges the chains, if there are any.
func (t *joinTable) chargeNext() error {
	if t.next == nil {
		return nil
	}
	return t.charge(int64(len(t.next)) * 4)
}

func (t *joinTable) release() {
	if t == nil {
		return
	}
	t.store.budget.Shrink(t.cost)
	t.cost, t.kind = 0, tableEmpty
	t.heads, t.slots, t.wide, t.next, t.dicts = nil, nil, nil, nil, nil
}

// pack writes the keys of the rows of b that count into codes. What it writes for a null means nothing.
func (t *joinTable) pack(b *vector.Batch, cols []int, codes []int64) {
	clear(codes)
	var shift uint
	for i, w := range t.widths {
		packColumn(codes, b.Cols[cols[i]], b.Sel, shift, len(t.widths) == 1)
		shift += w
	}
}

func packColumn(codes []int64, v *vector.Vector, sel []int32, shift uint, alone bool) {
	if v.Form != vector.Flat {
		v, sel = vector.Gather(nil, v, sel), nil
	}
	switch v.Kind {
	case sqltype.KindBool:
		for i := range codes {
			if v.Bools[place(sel, i)] {
				codes[i] |= 1 << shift
			}
		}
	case sqltype.KindInt16:
		packInts(codes, v.I16, sel, shift, alone, math.MaxUint16)
	case sqltype.KindInt32:
		packInts(codes, v.I32, sel, shift, alone, math.MaxUint32)
	case sqltype.KindInt64:
		packInts(codes, v.I64, sel, shift, true, -1)
	}
}

func place(sel []int32, i int) int {
	if sel != nil {
		return int(sel[i])
	}
	return i
}

// packInts keeps the sign of a key that is alone, so that its range is what it looks like.
func packInts[T int16 | int32 | int64](codes []int64, vals []T, sel []int32, shift uint, alone bool, mask int64) {
	switch {
	case alone && sel == nil:
		vals = vals[:len(codes)]
		for i := range codes {
			codes[i] = int64(vals[i])
		}
	case alone:
		for i, r := range sel[:len(codes)] {
			codes[i] = int64(vals[r])
		}
	default:
		for i := range codes {
			codes[i] |= int64(vals[place(sel, i)]) & mask << shift
		}
	}
}

// lookup finds for each row of b that counts the first row of the store with its keys, -1 if there is none. cols are the keys' columns in
// b.
func (t *joinTable) lookup(b *vector.Batch, cols []int, first []int32) {
	n := b.Rows()
	first = first[:n]
	if t.kind == tableEmpty {
		fill(first, -1)
		return
	}
	if t.kind == tableHashed {
		if len(cols) == 1 && b.Cols[cols[0]].Form == vector.Dictionary {
			t.lookupCodes(b, cols[0], first)
			return
		}
		t.lookupHashed(b, cols, first)
	} else {
		if cap(t.codes) < n {
			t.codes = make([]int64, max(n, vector.BatchRows))
		}
		codes := t.codes[:n]
		t.pack(b, cols, codes)
		if t.kind == tableDirect {
			t.lookupDirect(codes, first)
		} else {
			t.lookupWide(codes, first)
		}
	}
	for _, c := range cols {
		v := b.Cols[c]
		if !v.MayHaveNulls() {
			continue
		}
		for i := range first {
			if v.IsNull(b.Row(i)) {
				first[i] = -1
			}
		}
	}
}

func (t *joinTable) lookupDirect(codes []int64, first []int32) {
	heads, base := t.heads, uint64(t.base)
	first = first[:len(codes)]
	for i, c := range codes {
		d := uint64(c) - base
		if d < uint64(len(heads)) {
			first[i] = heads[d] - 1
		} else {
			first[i] = -1
		}
	}
}

func (t *joinTable) lookupWide(codes []int64, first []int32) {
	wide, shift, mask := t.wide, t.shift&63, uint64(len(t.wide)-1)
	first = first[:len(codes)]
	for i, c := range codes {
		p := hashInt(c) >> shift
		for {
			s := &wide[p&mask]
			if s.row == 0 || s.key == c {
				first[i] = s.row - 1
				break
			}
			p++
		}
	}
}

func (t *joinTable) lookupHashed(b *vector.Batch, cols []int, first []int32) {
	n := len(first)
	if cap(t.hashes) < n {
		t.hashes = make([]uint64, max(n, vector.BatchRows))
	}
	hashes := t.hashes[:n]
	eval.HashColumns(b, cols, hashes)
	if len(cols) == 1 && b.Cols[cols[0]].Form == vector.Flat && eval.EqualByBytes(b.Cols[cols[0]].Type.OID) {
		t.lookupBytes(b, b.Cols[cols[0]], hashes, first)
		return
	}
	for i, h := range hashes {
		first[i] = t.find(h, b.Cols, cols, b.Row(i))
	}
}

// lookupBytes is lookupHashed for one flat column whose values are equal only if their bytes are.
func (t *joinTable) lookupBytes(b *vector.Batch, v *vector.Vector, hashes []uint64, first []int32) {
	w := t.store.view(t.keys[0])
	slots, shift, mask := t.slots, t.shift&63, uint64(len(t.slots)-1)
	for i, h := range hashes {
		first[i] = -1
		r := b.Row(i)
		var key []byte
		if v.Valid == nil || v.Valid[r>>6]&(1<<(uint(r)&63)) != 0 {
			key = v.Data[v.Offsets[r]:v.Offsets[r+1]]
		}
		tag := h << 32
		for p := h >> shift; ; p++ {
			s := slots[p&mask]
			if s == 0 {
				break
			}
			if s&^math.MaxUint32 != tag {
				continue
			}
			if row := int32(uint32(s)) - 1; bytes.Equal(w.bytesOf(row), key) {
				first[i] = row
				break
			}
		}
	}
}

// find looks one row up. Its keys may be null, and the result then means nothing.
func (t *joinTable) find(h uint64, from []*vector.Vector, cols []int, row int) int32 {
	mask, tag := uint64(len(t.slots)-1), h<<32
	for p := h >> t.shift; ; p = (p + 1) & mask {
		s := t.slots[p]
		if s == 0 {
			return -1
		}
		if s&^math.MaxUint32 != tag {
			continue
		}
		r := int32(uint32(s)) - 1
		c, i := t.store.at(int(r))
		same := true
		for k, col := range t.keys {
			v := from[cols[k]]
			if v.IsNull(row) {
				return -1
			}
			if t.cmps[k](c.Cols[col], i, v, row) != 0 {
				same = false
				break
			}
		}
		if same {
			return r
		}
	}
}

// dictRows is what was found for the entries of a dictionary; entries are looked up when they first occur.
type dictRows struct {
	id   uint64
	rows []int32 // -2: not looked up
}

// lookupCodes looks the entries of a dictionary up once each.
func (t *joinTable) lookupCodes(b *vector.Batch, col int, first []int32) {
	v := b.Cols[col]
	d := t.dicts[col]
	if d == nil || d.id != v.Dict.ID {
		d = &dictRows{id: v.Dict.ID}
		if t.dicts == nil {
			t.dicts = map[int]*dictRows{}
		}
		t.dicts[col] = d
	}
	entries := []*vector.Vector{v.Dict.Values}
	for i := range first {
		code := v.Codes[b.Row(i)]
		if code < 0 {
			first[i] = -1
			continue
		}
		for int(code) >= len(d.rows) {
			d.rows = append(d.rows, -2)
		}
		if d.rows[code] == -2 {
			var h [1]uint64
			eval.HashColumns(&vector.Batch{Cols: entries, N: int(code) + 1, Sel: []int32{code}}, []int{0}, h[:])
			d.rows[code] = t.find(h[0], entries, []int{0}, int(code))
		}
		first[i] = d.rows[code]
	}
}
