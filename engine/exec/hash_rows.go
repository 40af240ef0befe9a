package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// keyRows are the keys of a set as they came first. New ones are noted one by one and copied together, a column at a time.
type keyRows struct {
	store *rowStore
	fresh []int32 // places of a batch's new keys
	room  int64   // charged for the next insert
}

// reserve charges what the batch's rows may add at the most.
func (k *keyRows) reserve(b *vector.Batch) error {
	need := k.store.room(b)
	if err := k.store.budget.Grow(need); err != nil {
		return err
	}
	k.room = need
	return nil
}

// note marks the i-th row that counts as a new key.
func (k *keyRows) note(b *vector.Batch, i int) { k.fresh = append(k.fresh, int32(b.Row(i))) }

// keep copies what was noted.
func (k *keyRows) keep(b *vector.Batch) {
	s := k.store
	s.budget.Shrink(k.room)
	k.room = 0
	for rest := k.fresh; len(rest) > 0; {
		c := s.chunk()
		take := min(len(rest), vector.BatchRows-c.N)
		for i, col := range c.Cols {
			col.AppendSel(b.Cols[i], rest[:take], take)
		}
		c.N += take
		s.n += take
		rest = rest[take:]
		if err := s.charge(); err != nil {
			// The room was charged until now. Should somebody else have taken it in between, it is charged with the next rows.
			continue
		}
	}
	k.fresh = k.fresh[:0]
}

func (k *keyRows) gather(dst *vector.Vector, col, from, n int) {
	dst.Reset(0)
	for n > 0 {
		c, at := k.store.at(from)
		take := min(n, c.N-at)
		if at == 0 {
			dst.AppendSel(c.Cols[col], nil, take)
		} else {
			dst.AppendSel(c.Cols[col], sequence(at, take), take)
		}
		from, n = from+take, n-take
	}
	dst.Finish()
}

// rowKeys keeps keys that only the operators of their types can compare.
type rowKeys struct {
	slots
	rows   keyRows
	cmps   []compareFunc
	hashes []uint64
}

func (t *rowKeys) len() int { return t.rows.store.n }

func (t *rowKeys) reserve(b *vector.Batch) error {
	if err := t.slots.reserve(t.len() + b.Rows()); err != nil {
		return err
	}
	return t.rows.reserve(b)
}

func (t *rowKeys) insert(b *vector.Batch, nums []int32) {
	t.hashes = hashRows(b, t.hashes)
	first := t.len()
	for i, h := range t.hashes {
		row := b.Row(i)
		p := uint64(uint32(h)) & t.mask
		for ; ; p = (p + 1) & t.mask {
			s := t.s[p]
			if s.num == 0 {
				t.rows.note(b, i)
				t.s[p] = slot{hash: uint32(h), num: int32(first + len(t.rows.fresh))}
				break
			}
			if s.hash == uint32(h) && t.equal(int(s.num-1), first, b, row) {
				break
			}
		}
		nums[i] = t.s[p].num - 1
	}
	t.rows.keep(b)
}

// equal compares with a key, which may be one of the batch's own that is not yet in the store.
func (t *rowKeys) equal(num, first int, b *vector.Batch, row int) bool {
	if num >= first {
		return eval.RowsEqual(b.Cols, int(t.rows.fresh[num-first]), b.Cols, row, t.cmps)
	}
	c, i := t.rows.store.at(num)
	return eval.RowsEqual(c.Cols, i, b.Cols, row, t.cmps)
}

func (t *rowKeys) lookup(b *vector.Batch, nums []int32) {
	t.hashes = hashRows(b, t.hashes)
	for i, h := range t.hashes {
		nums[i] = -1
		for p := uint64(uint32(h)) & t.mask; t.s[p].num != 0; p = (p + 1) & t.mask {
			if s := t.s[p]; s.hash == uint32(h) && t.equal(int(s.num-1), t.len(), b, b.Row(i)) {
				nums[i] = s.num - 1
				break
			}
		}
	}
}

func (t *rowKeys) hash(b *vector.Batch, out []uint64) {
	t.hashes = hashRows(b, t.hashes)
	copy(out, t.hashes)
}

func (t *rowKeys) gather(dst *vector.Vector, col, from, n int) { t.rows.gather(dst, col, from, n) }

func (t *rowKeys) release() {
	t.slots.release()
	t.rows.store.release()
}

// room is the most that the store can grow by with the rows of b.
func (s *rowStore) room(b *vector.Batch) int64 {
	n := b.Rows()
	held := 0
	if k := len(s.chunks); k > 0 && s.chunks[k-1].N < vector.BatchRows {
		held = s.chunks[k-1].N
	}
	rows := min(2*(held+n), vector.BatchRows) // a chunk's room doubles
	if more := held + n - vector.BatchRows; more > 0 {
		rows += (more + vector.BatchRows - 1) / vector.BatchRows * vector.BatchRows
	}
	rows = max(rows, vector.InitialRows)
	total := int64(rowOverhead * (2 + n/vector.BatchRows))
	for i, t := range s.types {
		total += int64(rows) * widthOf(t.Kind())
		if vector.HasBytes(t.Kind()) {
			total += 2*bytesOf(b.Cols[i], b) + s.lastData(i)
		}
	}
	return total
}

func (s *rowStore) lastData(col int) int64 {
	if len(s.chunks) == 0 {
		return 0
	}
	return int64(cap(s.chunks[len(s.chunks)-1].Cols[col].Data))
}

// widthOf is the bytes of a value of the kind in a vector, without what it has in Data, and with its validity.
func widthOf(k sqltype.Kind) int64 {
	switch k {
	case sqltype.KindBool:
		return 2
	case sqltype.KindInt16:
		return 3
	case sqltype.KindInt32, sqltype.KindFloat32, sqltype.KindBytes:
		return 5
	case sqltype.KindNumeric:
		return 14
	case sqltype.KindInterval, sqltype.KindUUID:
		return 17
	default:
		return 9
	}
}

// bytesOf is the bytes that the rows of b that count have in a column.
func bytesOf(v *vector.Vector, b *vector.Batch) int64 {
	p := v.Physical()
	if len(p.Data) == 0 {
		return 0
	}
	n := b.Rows()
	if v.Form == vector.Flat && b.Sel == nil && len(p.Offsets) > n {
		return int64(p.Offsets[n] - p.Offsets[0])
	}
	var sum int64
	for i := range n {
		if r := b.Row(i); !v.IsNull(r) {
			at := v.Index(r)
			sum += int64(p.Offsets[at+1] - p.Offsets[at])
		}
	}
	return sum
}
