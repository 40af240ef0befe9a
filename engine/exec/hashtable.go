package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// hashTable numbers distinct keys in the order of their first arrival. Keys are kept in a store; the table is open-addressed
// with linear probing and holds the number of each key and some bits of its hash.
type hashTable struct {
	keys    *rowStore
	cmps    []compareFunc
	slots   []slot
	mask    uint64
	budget  *vector.Budget
	charged int64
	hashes  []uint64 // of each key, to grow without hashing again
	scratch []uint64
}

type slot struct {
	hash uint32
	num  int32 // number + 1; 0: free
}

func newHashTable(types []sqltype.Type, budget *vector.Budget) *hashTable {
	t := &hashTable{keys: newRowStore(types, budget), cmps: comparatorsOf(types), budget: budget}
	t.slots = make([]slot, 64)
	t.mask = 63
	return t
}

// len is the number of keys.
func (t *hashTable) len() int { return t.keys.n }

// insert numbers the keys of the rows of b that count into nums (its length is b.Rows()), adding those that are new. Nulls are equal
// to nulls.
func (t *hashTable) insert(b *vector.Batch, nums []int32) error {
	t.scratch = hashRows(b, t.scratch)
	for i := range b.Rows() {
		row := b.Row(i)
		h := t.scratch[i]
		n, pos := t.find(h, b.Cols, row)
		if n < 0 {
			n = int32(t.keys.n)
			t.keys.add(b.Cols, row)
			t.hashes = append(t.hashes, h)
			t.slots[pos] = slot{hash: uint32(h >> 32), num: n + 1}
			if t.keys.n&(vector.BatchRows-1) == 0 {
				if err := t.keys.charge(); err != nil {
					return err
				}
			}
			if uint64(t.keys.n)*2 > t.mask {
				if err := t.grow(); err != nil {
					return err
				}
			}
		}
		nums[i] = n
	}
	return t.keys.charge()
}

// lookup finds the numbers of keys, -1 for those that are not there.
func (t *hashTable) lookup(b *vector.Batch, nums []int32) {
	t.scratch = hashRows(b, t.scratch)
	for i := range b.Rows() {
		nums[i], _ = t.find(t.scratch[i], b.Cols, b.Row(i))
	}
}

func (t *hashTable) find(h uint64, cols []*vector.Vector, row int) (num int32, pos uint64) {
	short := uint32(h >> 32)
	for p := h & t.mask; ; p = (p + 1) & t.mask {
		s := t.slots[p]
		if s.num == 0 {
			return -1, p
		}
		if s.hash == short {
			c, i := t.keys.at(int(s.num - 1))
			if eval.RowsEqual(c.Cols, i, cols, row, t.cmps) {
				return s.num - 1, p
			}
		}
	}
}

func (t *hashTable) grow() error {
	size := len(t.slots) * 2
	cost := int64(size)*8 + int64(t.keys.n)*8 - t.charged
	if err := t.budget.Grow(cost); err != nil {
		return err
	}
	t.charged += cost
	slots := make([]slot, size)
	mask := uint64(size - 1)
	for n, h := range t.hashes {
		p := h & mask
		for slots[p].num != 0 {
			p = (p + 1) & mask
		}
		slots[p] = slot{hash: uint32(h >> 32), num: int32(n) + 1}
	}
	t.slots, t.mask = slots, mask
	return nil
}

func (t *hashTable) release() {
	if t == nil {
		return
	}
	t.keys.release()
	t.budget.Shrink(t.charged)
	t.charged = 0
	t.slots, t.hashes = nil, nil
}
