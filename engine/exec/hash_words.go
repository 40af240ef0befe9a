package exec

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// wordKeys keeps keys of several fixed-width columns packed into words that are the same for equal keys, and beside them the columns as
// they came first.
type wordKeys struct {
	slots
	words wordLayout
	keys  []uint64 // words.n for each number
	rows  keyRows

	packed []uint64 // of a batch
	hashes []uint64
}

// wordLayout says where each column stands in a key's words. A last field holds a bit for each null.
type wordLayout struct {
	n      int // words of a key
	fields []wordField
	nulls  wordField
}

type wordField struct {
	word  int
	shift uint
}

// mostKeyWords is where packing costs more than bytes do.
const mostKeyWords = 4

// layWords packs columns of these types; false where one has no fixed form or they are too wide.
func layWords(types []sqltype.Type) (l wordLayout, ok bool) {
	if len(types) == 0 || len(types) > 16 {
		return l, false
	}
	var used []uint // bits of each word
	place := func(width uint) wordField {
		for w := range used {
			if at := (used[w] + width - 1) / width * width; at+width <= 64 {
				used[w] = at + width
				return wordField{w, at}
			}
		}
		used = append(used, width)
		return wordField{len(used) - 1, 0}
	}
	for _, t := range types {
		switch t.Kind() {
		case sqltype.KindBool:
			l.fields = append(l.fields, place(8))
		case sqltype.KindInt16:
			l.fields = append(l.fields, place(16))
		case sqltype.KindInt32, sqltype.KindFloat32:
			l.fields = append(l.fields, place(32))
		case sqltype.KindInt64, sqltype.KindFloat64:
			l.fields = append(l.fields, place(64))
		case sqltype.KindUUID:
			l.fields = append(l.fields, wordField{len(used), 0})
			used = append(used, 64, 64)
		default:
			return l, false
		}
	}
	l.nulls = place(16)
	l.n = len(used)
	return l, l.n <= mostKeyWords
}

func (t *wordKeys) len() int { return t.rows.store.n }

func (t *wordKeys) reserve(b *vector.Batch) error {
	n := t.len() + b.Rows()
	if err := t.slots.reserve(n); err != nil {
		return err
	}
	var err error
	if t.keys, err = extend(t.budget, t.keys, n*t.words.n); err != nil {
		return err
	}
	return t.rows.reserve(b)
}

func (t *wordKeys) insert(b *vector.Batch, nums []int32) {
	t.pack(b)
	keep(t.touch(t.hashes))
	w, first := t.words.n, t.len()
	n := first
	for i, h := range t.hashes {
		key := t.packed[i*w : i*w+w]
		num, p := t.find(uint32(h), key)
		if num < 0 {
			num = int32(n)
			n++
			t.keys = append(t.keys, key...)
			t.s[p] = slot{hash: uint32(h), num: int32(n)}
			t.rows.note(b, i)
		}
		nums[i] = num
	}
	t.rows.keep(b)
}

func (t *wordKeys) lookup(b *vector.Batch, nums []int32) {
	t.pack(b)
	keep(t.touch(t.hashes))
	w := t.words.n
	for i, h := range t.hashes {
		nums[i], _ = t.find(uint32(h), t.packed[i*w:i*w+w])
	}
}

func (t *wordKeys) find(h uint32, key []uint64) (num int32, p uint64) {
	p = uint64(h) & t.mask
search:
	for ; ; p = (p + 1) & t.mask {
		s := t.s[p]
		if s.num == 0 {
			return -1, p
		}
		if s.hash != h {
			continue
		}
		have := t.keys[int(s.num-1)*len(key):][:len(key)]
		for k, x := range key {
			if have[k] != x {
				continue search
			}
		}
		return s.num - 1, p
	}
}

func (t *wordKeys) hash(b *vector.Batch, out []uint64) {
	t.pack(b)
	copy(out, t.hashes)
}

// pack makes the words and hashes of the rows that count.
func (t *wordKeys) pack(b *vector.Batch) {
	n, w := b.Rows(), t.words.n
	t.packed = growWords(t.packed, n*w)
	clear(t.packed)
	for k, v := range b.Cols {
		f := t.words.fields[k]
		packKeyColumn(t.packed, w, f, v, b.Sel)
		if !hasNulls(v) {
			continue
		}
		for i := range n {
			if v.IsNull(b.Row(i)) {
				t.packed[i*w+t.words.nulls.word] |= 1 << (t.words.nulls.shift + uint(k))
			}
		}
	}
	t.hashes = growWords(t.hashes, n)
	packed := t.packed
	if w == 1 {
		for i, x := range packed[:n] {
			t.hashes[i] = hashInt(int64(x))
		}
		return
	}
	for i := range t.hashes {
		h := uint64(keySeed)
		for _, x := range packed[i*w : i*w+w] {
			h = mixWords(h, x)
		}
		t.hashes[i] = h
	}
}

// packKeyColumn writes a column's bits. Nulls leave zeros.
func packKeyColumn(dst []uint64, w int, f wordField, v *vector.Vector, sel []int32) {
	p := v.Physical()
	switch v.Kind {
	case sqltype.KindBool:
		packField(dst, w, f, p.Bools, v, sel, func(x bool) uint64 {
			if x {
				return 1
			}
			return 0
		})
	case sqltype.KindInt16:
		packField(dst, w, f, p.I16, v, sel, func(x int16) uint64 { return uint64(uint16(x)) })
	case sqltype.KindInt32:
		packField(dst, w, f, p.I32, v, sel, func(x int32) uint64 { return uint64(uint32(x)) })
	case sqltype.KindInt64:
		packField(dst, w, f, p.I64, v, sel, func(x int64) uint64 { return uint64(x) })
	case sqltype.KindFloat32:
		packField(dst, w, f, p.F32, v, sel, func(x float32) uint64 {
			switch {
			case x == 0:
				return 0
			case x != x:
				return 0x7fc00000
			}
			return uint64(math.Float32bits(x))
		})
	case sqltype.KindFloat64:
		packField(dst, w, f, p.F64, v, sel, equalBits)
	case sqltype.KindUUID:
		packField(dst, w, f, p.UUIDs, v, sel, func(x [16]byte) uint64 { return leWord(x[:8]) })
		packField(dst, w, wordField{f.word + 1, 0}, p.UUIDs, v, sel, func(x [16]byte) uint64 { return leWord(x[8:]) })
	}
}

// equalBits is the bits that equal floats share.
func equalBits(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case x != x:
		return 0x7ff8000000000000
	}
	return math.Float64bits(x)
}

func packField[T any](dst []uint64, w int, f wordField, src []T, v *vector.Vector, sel []int32, form func(T) uint64) {
	at := f.word
	if v.Form != vector.Flat || hasNulls(v) {
		n := len(dst) / w
		for i := range n {
			r := i
			if sel != nil {
				r = int(sel[i])
			}
			if !v.IsNull(r) {
				dst[at] |= form(src[v.Index(r)]) << f.shift
			}
			at += w
		}
		return
	}
	if sel != nil {
		for _, r := range sel {
			dst[at] |= form(src[r]) << f.shift
			at += w
		}
		return
	}
	for _, x := range src[:len(dst)/w] {
		dst[at] |= form(x) << f.shift
		at += w
	}
}

func (t *wordKeys) gather(dst *vector.Vector, col, from, n int) { t.rows.gather(dst, col, from, n) }

func (t *wordKeys) release() {
	t.slots.release()
	forget(t.budget, t.keys)
	t.keys = nil
	t.rows.store.release()
}
