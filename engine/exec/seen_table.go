package exec

import (
	"cmp"
	"slices"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// seenTable is different rows in the order in which they came, with the memory that ordering them by their hashes needs.
type seenTable struct {
	types   []sqltype.Type
	table   *hashTable
	mem     *vector.Budget
	share   int64          // of mem, that the table may take unless one batch needs more; 0: all of it
	over    bool           // one batch needed more, and nothing is added to it
	budget  *vector.Budget // of the table, under mem
	claim   int64          // bytes of a row beside the table
	charged int64
}

const (
	recentClaim = 16       // a hashedRow
	askedClaim  = 2*16 + 1 // also among those picked for a run, and whether it was found
)

// hashedRow is the number of a row and its hash.
type hashedRow struct {
	hash uint64
	num  int32
}

func newSeenTable(types []sqltype.Type, mem *vector.Budget, share, claim int64) *seenTable {
	t := &seenTable{types: types, mem: mem, share: share, claim: claim}
	t.begin(share)
	return t
}

func (t *seenTable) begin(limit int64) {
	t.over = false
	t.budget = vector.NewBudget(t.mem, "query", limit)
	t.table = newHashTable(t.types, t.budget)
}

func (t *seenTable) len() int { return t.table.len() }

// insert numbers the rows of b that count. After an error, which comes from the budget alone, the table is what it was.
func (t *seenTable) insert(b *vector.Batch, nums []int32) error {
	if t.over && t.len() > 0 {
		return pgerr.New(pgerr.OutOfMemory, "out of memory")
	}
	err := t.insertShare(b, nums)
	if err == nil || t.len() > 0 || t.over {
		return err
	}
	t.table.release()
	t.begin(0)
	t.over = true
	return t.insertShare(b, nums)
}

func (t *seenTable) insertShare(b *vector.Batch, nums []int32) error {
	before, claimed := t.len(), t.claim*int64(b.Rows())
	if err := t.budget.Grow(claimed); err != nil {
		return err
	}
	if err := t.table.insert(b, nums); err != nil {
		t.budget.Shrink(claimed)
		return err
	}
	used := t.claim * int64(t.len()-before)
	t.budget.Shrink(claimed - used)
	t.charged += used
	return nil
}

// gather sets b, made by newOutput, to at most n rows from number from on.
func (t *seenTable) gather(b *vector.Batch, from, n int) {
	b.N = min(n, t.len()-from)
	for i, c := range b.Cols {
		t.table.gather(c, i, from, b.N)
	}
}

// byHash is all rows in the order of their hashes. The memory for it was charged.
func (t *seenTable) byHash(all []int) []hashedRow {
	rows := make([]hashedRow, 0, t.len())
	b := newOutput(t.types)
	hashes := make([]uint64, min(vector.BatchRows, t.len()))
	for len(rows) < t.len() {
		t.gather(b, len(rows), vector.BatchRows)
		eval.HashColumns(b, all, hashes[:b.N])
		for _, h := range hashes[:b.N] {
			rows = append(rows, hashedRow{hash: hashInt(int64(h)), num: int32(len(rows))})
		}
	}
	slices.SortFunc(rows, func(a, b hashedRow) int { return cmp.Compare(a.hash, b.hash) })
	return rows
}

// full reports that the table has a good part of its share.
func (t *seenTable) full() bool { return t.len() > 0 && t.budget.Used() >= t.share/2 }

// release empties the table, which can be used again.
func (t *seenTable) release() {
	t.table.release()
	t.budget.Shrink(t.charged)
	t.charged = 0
	t.begin(t.share)
}
