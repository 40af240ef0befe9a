package exec

import (
	"bytes"
	"encoding/binary"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// byteKeys keeps keys that are strings of bytes: one text as it is, or columns in a form that is the same for equal keys, and then beside it
// the columns as they came first.
type byteKeys struct {
	slots
	arena arena
	refs  []byteRef // by number
	trim  bool      // of a single text: blanks at the end do not count
	null  int32     // the number of a single text's null, -1: it is not there
	enc   *keyEncoder
	rows  *keyRows

	data   []byte   // of a batch
	spans  []span   // of its rows
	hashes []uint64 // of its rows
	near   []byteRef
}

// byteRef is where a key's bytes stand.
type byteRef struct {
	chunk, at uint32
	n         uint32 // bytes that are compared
	all       uint32 // with blanks at the end
}

// span is where a row's bytes stand in the batch's; n is -1 for null.
type span struct{ at, n, all int32 }

// textual reports the types whose values are equal if their bytes are, for bpchar without blanks at the end.
func textual(oid uint32) bool { return oid == sqltype.OIDBPChar || eval.EqualByBytes(oid) }

func (t *byteKeys) len() int { return len(t.refs) }

func (t *byteKeys) reserve(b *vector.Batch) error {
	n := t.len() + b.Rows()
	if err := t.slots.reserve(n); err != nil {
		return err
	}
	var err error
	if t.refs, err = extend(t.budget, t.refs, n); err != nil {
		return err
	}
	size := int64(0)
	if t.enc == nil {
		size = bytesOf(b.Cols[0], b)
	} else {
		size = t.enc.size(b)
	}
	if err := t.arena.reserve(int(size)); err != nil || t.rows == nil {
		return err
	}
	return t.rows.reserve(b)
}

func (t *byteKeys) insert(b *vector.Batch, nums []int32) {
	t.load(b)
	t.touchKeys()
	for i, h := range t.hashes {
		s := t.spans[i]
		if s.n < 0 {
			if t.null < 0 {
				t.null = int32(len(t.refs))
				t.refs = append(t.refs, byteRef{})
			}
			nums[i] = t.null
			continue
		}
		num, p := t.find(uint32(h), t.data[s.at:s.at+s.n])
		if num < 0 {
			num = int32(len(t.refs))
			ref := t.arena.add(t.data[s.at : s.at+s.all])
			ref.n = uint32(s.n)
			t.refs = append(t.refs, ref)
			t.s[p] = slot{hash: uint32(h), num: num + 1}
			if t.rows != nil {
				t.rows.note(b, i)
			}
		}
		nums[i] = num
	}
	if t.rows != nil {
		t.rows.keep(b)
	}
}

func (t *byteKeys) lookup(b *vector.Batch, nums []int32) {
	t.load(b)
	t.touchKeys()
	for i, h := range t.hashes {
		if s := t.spans[i]; s.n < 0 {
			nums[i] = t.null
		} else {
			nums[i], _ = t.find(uint32(h), t.data[s.at:s.at+s.n])
		}
	}
}

// touchKeys loads what most searches of a large table will look at, slots, then references, then bytes, each of them for all rows at once.
func (t *byteKeys) touchKeys() {
	if len(t.s) < touchSlots {
		return
	}
	if cap(t.near) < len(t.hashes) {
		t.near = make([]byteRef, max(len(t.hashes), vector.BatchRows))
	}
	near := t.near[:0]
	for _, h := range t.hashes {
		if num := t.s[uint32(h)&uint32(t.mask)].num; num > 0 {
			near = append(near, t.refs[num-1])
		}
	}
	sum := int32(0)
	for _, r := range near {
		if r.n > 0 {
			sum += int32(t.arena.chunks[r.chunk][r.at])
		}
	}
	keep(sum)
}

func (t *byteKeys) find(h uint32, key []byte) (num int32, p uint64) {
	for p = uint64(h) & t.mask; ; p = (p + 1) & t.mask {
		s := t.s[p]
		if s.num == 0 {
			return -1, p
		}
		if s.hash == h {
			if ref := t.refs[s.num-1]; int(ref.n) == len(key) && string(t.arena.chunks[ref.chunk][ref.at:ref.at+ref.n]) == string(key) {
				return s.num - 1, p
			}
		}
	}
}

func (t *byteKeys) hash(b *vector.Batch, out []uint64) {
	t.load(b)
	copy(out, t.hashes)
}

// load finds or makes the bytes of the rows that count, and their hashes.
func (t *byteKeys) load(b *vector.Batch) {
	n := b.Rows()
	if cap(t.spans) < n {
		t.spans = make([]span, max(n, vector.InitialRows))
	}
	t.spans = t.spans[:n]
	if t.enc != nil {
		t.data = t.enc.encode(b, t.spans)
	} else {
		t.loadText(b.Cols[0], b)
	}
	t.hashes = growWords(t.hashes, n)
	for i, s := range t.spans {
		if s.n < 0 {
			t.hashes[i] = keySeed
			continue
		}
		t.hashes[i] = hashKey(t.data[s.at : s.at+s.n])
	}
}

func (t *byteKeys) loadText(v *vector.Vector, b *vector.Batch) {
	p := v.Physical()
	t.data = p.Data
	if v.Form == vector.Flat && !hasNulls(v) && b.Sel == nil {
		at := p.Offsets[0]
		for i, end := range p.Offsets[1 : len(t.spans)+1] {
			t.spans[i] = span{at, end - at, end - at}
			at = end
		}
	} else {
		for i := range t.spans {
			r := b.Row(i)
			if v.IsNull(r) {
				t.spans[i] = span{n: -1}
				continue
			}
			k := v.Index(r)
			at := p.Offsets[k]
			n := p.Offsets[k+1] - at
			t.spans[i] = span{at, n, n}
		}
	}
	if t.trim {
		for i, s := range t.spans {
			if s.n > 0 {
				t.spans[i].n = int32(len(bytes.TrimRight(t.data[s.at:s.at+s.n], " ")))
			}
		}
	}
}

// hashKey hashes bytes, eight at a time; the last eight may overlap those before.
func hashKey(b []byte) uint64 {
	n := len(b)
	h := keySeed ^ uint64(n)
	switch {
	case n >= 8:
		last := leWord(b[n-8:])
		for ; len(b) > 8; b = b[8:] {
			h = mixWords(h, leWord(b))
		}
		return mixWords(h, last)
	case n >= 4:
		return mixWords(h, uint64(binary.LittleEndian.Uint32(b))|uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32)
	case n > 0:
		return mixWords(h, uint64(b[0])|uint64(b[n/2])<<8|uint64(b[n-1])<<16)
	}
	return mixWords(h, 0)
}

func leWord(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

func (t *byteKeys) gather(dst *vector.Vector, col, from, n int) {
	if t.rows != nil {
		t.rows.gather(dst, col, from, n)
		return
	}
	dst.Reset(n)
	for i, r := range t.refs[from : from+n] {
		if from+i == int(t.null) {
			dst.SetNull(i)
			continue
		}
		if r.all == 0 {
			dst.SetBytes(i, nil)
			continue
		}
		dst.SetBytes(i, t.arena.chunks[r.chunk][r.at:r.at+r.all])
	}
	dst.Finish()
}

func (t *byteKeys) release() {
	t.slots.release()
	t.arena.release()
	forget(t.budget, t.refs)
	t.refs, t.null = nil, -1
	if t.rows != nil {
		t.rows.store.release()
	}
}

// arena keeps bytes in chunks that never move.
type arena struct {
	chunks [][]byte // their lengths are what is used
	budget *vector.Budget
}

const (
	leastChunk = 1 << 10
	mostChunk  = 1 << 20
)

// reserve makes room for n bytes in the last chunk.
func (a *arena) reserve(n int) error {
	k := len(a.chunks)
	if k > 0 && cap(a.chunks[k-1])-len(a.chunks[k-1]) >= n {
		return nil
	}
	size := leastChunk
	if k > 0 {
		size = min(2*cap(a.chunks[k-1]), mostChunk)
	}
	size = max(size, n)
	if err := a.budget.Grow(int64(size)); err != nil {
		return err
	}
	a.chunks = append(a.chunks, make([]byte, 0, size))
	return nil
}

// add copies bytes for which there is room.
func (a *arena) add(b []byte) byteRef {
	k := len(a.chunks) - 1
	if k < 0 {
		return byteRef{n: uint32(len(b)), all: uint32(len(b))}
	}
	at := len(a.chunks[k])
	a.chunks[k] = append(a.chunks[k], b...)
	return byteRef{chunk: uint32(k), at: uint32(at), n: uint32(len(b)), all: uint32(len(b))}
}

func (a *arena) release() {
	for _, c := range a.chunks {
		a.budget.Shrink(int64(cap(c)))
	}
	a.chunks = nil
}
