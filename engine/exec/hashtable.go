package exec

import (
	"math/bits"
	"unsafe"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// hashTable numbers distinct keys in the order of their first arrival. Equality is the = operator's, nulls are equal to nulls, and of equal
// keys the first one's form is kept (1.5 and 1.50).
//
// How keys are kept depends on their types: one integer stands in its slot, several of fixed width are words, one text or a mixture is a
// string of bytes that is the same for equal keys, and what has no such form is compared by the types' operators.
type hashTable struct {
	set   keySet
	codes dictionaryCodes
}

// keySet is a form of keeping keys. Its methods take a batch of key columns and answer for the rows that count.
type keySet interface {
	len() int
	// reserve makes and charges the room that the batch's rows need if all of them are new. After an error nothing has changed, else the next
	// insert of the batch cannot fail.
	reserve(b *vector.Batch) error
	insert(b *vector.Batch, nums []int32)
	lookup(b *vector.Batch, nums []int32)
	hash(b *vector.Batch, out []uint64)
	// gather writes a key column of the n keys from number from on.
	gather(dst *vector.Vector, col, from, n int)
	release()
}

func newHashTable(types []sqltype.Type, budget *vector.Budget) *hashTable {
	t := &hashTable{}
	words, fixed := layWords(types)
	switch {
	case len(types) == 1 && intKind(types[0].Kind()):
		t.set = &intKeys{budget: budget, null: -1}
	case fixed:
		t.set = &wordKeys{words: words, slots: slots{budget: budget}, rows: keyRows{store: newRowStore(types, budget)}}
	case len(types) == 1 && textual(types[0].OID):
		t.set = &byteKeys{slots: slots{budget: budget}, arena: arena{budget: budget}, trim: types[0].OID == sqltype.OIDBPChar, null: -1}
	case encodable(types):
		t.set = &byteKeys{
			slots: slots{budget: budget}, arena: arena{budget: budget}, null: -1, enc: &keyEncoder{}, rows: &keyRows{store: newRowStore(types, budget)},
		}
	default:
		t.set = &rowKeys{slots: slots{budget: budget}, rows: keyRows{store: newRowStore(types, budget)}, cmps: comparatorsOf(types)}
	}
	return t
}

// len is the number of keys.
func (t *hashTable) len() int { return t.set.len() }

// insert numbers the keys of the rows of b that count into nums (its length is b.Rows()), adding those that are new. After an error, which
// comes from the budget alone, the table is what it was.
func (t *hashTable) insert(b *vector.Batch, nums []int32) error {
	n := b.Rows()
	switch {
	case n == 0:
		return nil
	case n > 1 && allConstant(b.Cols):
		one := vector.Batch{Cols: b.Cols, N: 1}
		if err := t.insert(&one, nums[:1]); err != nil {
			return err
		}
		fill(nums[1:n], nums[0])
		return nil
	case t.codes.known(b, nums):
		rest := t.codes.rest(b)
		if rest.Rows() == 0 {
			return nil
		}
		if err := t.set.reserve(rest); err != nil {
			return err
		}
		t.codes.found = growInts(t.codes.found, rest.Rows())
		t.set.insert(rest, t.codes.found)
		t.codes.learn(nums)
		return nil
	}
	if err := t.set.reserve(b); err != nil {
		return err
	}
	t.set.insert(b, nums)
	return nil
}

// lookup finds the numbers of keys, -1 for those that are not there.
func (t *hashTable) lookup(b *vector.Batch, nums []int32) {
	n := b.Rows()
	switch {
	case n == 0:
	case t.set.len() == 0:
		fill(nums[:n], -1)
	case n > 1 && allConstant(b.Cols):
		t.set.lookup(&vector.Batch{Cols: b.Cols, N: 1}, nums[:1])
		fill(nums[1:n], nums[0])
	case t.codes.known(b, nums):
		if rest := t.codes.rest(b); rest.Rows() > 0 {
			t.codes.found = growInts(t.codes.found, rest.Rows())
			t.set.lookup(rest, t.codes.found)
			t.codes.learn(nums)
		}
	default:
		t.set.lookup(b, nums)
	}
}

// hash computes for each row that counts a hash of its key whose upper half the table does not use: partitions are told apart by it.
func (t *hashTable) hash(b *vector.Batch, out []uint64) { t.set.hash(b, out[:b.Rows()]) }

// gather writes a key column of the n keys from number from on.
func (t *hashTable) gather(dst *vector.Vector, col, from, n int) { t.set.gather(dst, col, from, n) }

func (t *hashTable) release() {
	if t == nil {
		return
	}
	t.set.release()
	t.codes = dictionaryCodes{}
}

func allConstant(cols []*vector.Vector) bool {
	for _, c := range cols {
		if c.Form != vector.Constant {
			return false
		}
	}
	return true
}

func fill(nums []int32, x int32) {
	for i := range nums {
		nums[i] = x
	}
}

// slots is an open-addressed table with linear probing of numbers and some bits of each key's hash.
type slots struct {
	s      []slot
	mask   uint64
	budget *vector.Budget
}

type slot struct {
	hash uint32 // the lower half: it gives the place too, so that the table grows without hashing again
	num  int32  // number + 1; 0: free
}

// leastSlots is the size that a table begins with.
const leastSlots = 32

// tableSize is the size for n keys: at most 5/8 of the slots are taken.
func tableSize(n int) int { return max(leastSlots, 1<<bits.Len64(uint64(n)*8/5)) }

// ahead is the next size, given the least one that does: where tables are not large yet they grow by more than they must, which saves moving
// keys. It is charged; the error is that of the least one.
func ahead(budget *vector.Budget, size, have int, each int64) (int, error) {
	if have > 0 && int64(size)*each <= 8<<20 && budget.Grow(2*int64(size)*each) == nil {
		return 2 * size, nil
	}
	return size, budget.Grow(int64(size) * each)
}

// reserve makes room for n keys.
func (t *slots) reserve(n int) error {
	size := tableSize(n)
	if size <= len(t.s) {
		return nil
	}
	const each = int64(unsafe.Sizeof(slot{}))
	size, err := ahead(t.budget, size, len(t.s), each)
	if err != nil {
		return err
	}
	old := t.s
	t.s, t.mask = make([]slot, size), uint64(size-1)
	for _, s := range old {
		if s.num == 0 {
			continue
		}
		p := uint64(s.hash) & t.mask
		for t.s[p].num != 0 {
			p = (p + 1) & t.mask
		}
		t.s[p] = s
	}
	t.budget.Shrink(int64(len(old)) * each)
	return nil
}

// touch loads the slots where the hashes begin, all of them at once, so that a search in a large table does not wait for one after another.
func (t *slots) touch(hashes []uint64) (sum int32) {
	if len(t.s) < touchSlots {
		return 0
	}
	for _, h := range hashes {
		sum += t.s[uint32(h)&uint32(t.mask)].num
	}
	return sum
}

// touchSlots is where a table outgrows the nearer caches.
const touchSlots = 1 << 14

func (t *slots) release() {
	t.budget.Shrink(int64(len(t.s)) * int64(unsafe.Sizeof(slot{})))
	t.s, t.mask = nil, 0
}

// extend gives s room for n values, charging before it grows.
func extend[T any](budget *vector.Budget, s []T, n int) ([]T, error) {
	if n <= cap(s) {
		return s, nil
	}
	var one T
	each := int64(unsafe.Sizeof(one))
	c := max(vector.InitialRows, 2*cap(s))
	for c < n {
		c *= 2
	}
	if err := budget.Grow(int64(c) * each); err != nil {
		return s, err
	}
	out := make([]T, len(s), c)
	copy(out, s)
	budget.Shrink(int64(cap(s)) * each)
	return out, nil
}

// forget gives back what extend charged.
func forget[T any](budget *vector.Budget, s []T) {
	var one T
	budget.Shrink(int64(cap(s)) * int64(unsafe.Sizeof(one)))
}

func growWords(s []uint64, n int) []uint64 {
	if cap(s) < n {
		return make([]uint64, n, max(n, vector.InitialRows))
	}
	return s[:n]
}
