package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// keySeen tells the first rows of their keys from those that come again. Keys are equal as in hashTable. Rows are named by their order among
// the rows of a batch that count.
type keySeen interface {
	// add appends to fresh the rows whose keys are new. After an error, which comes from the budget alone, nothing has changed.
	add(b *vector.Batch, fresh []int32) ([]int32, error)
	// sift takes no more memory. It appends to fresh the rows whose keys are new and could be kept, and to lost those of whose keys it cannot
	// tell, now or later: a key that is lost once always is.
	sift(b *vector.Batch, fresh, lost []int32) (_, _ []int32)
	// hash is that of hashTable: equal keys have equal ones.
	hash(b *vector.Batch, out []uint64)
	empty() bool
	release()
}

// newKeySeen is for keys of these types.
func newKeySeen(types []sqltype.Type, budget *vector.Budget) keySeen {
	if len(types) == 1 && intKind(types[0].Kind()) {
		return &intSet{budget: budget}
	}
	return &numberedKeys{table: newHashTable(types, budget)}
}

// newArgumentSeen is for the argument of an aggregate: each value counts once, or once in each group if rows have their group's number as
// their first column. It may leave rows with null out.
func newArgumentSeen(arg sqltype.Type, grouped bool, budget *vector.Budget) keySeen {
	switch {
	case intKind(arg.Kind()):
		return &intSet{budget: budget, grouped: grouped, null: true}
	case grouped:
		return newKeySeen([]sqltype.Type{sqltype.Of(sqltype.OIDInt4), arg}, budget)
	default:
		return newKeySeen([]sqltype.Type{arg}, budget)
	}
}

// numberedKeys are keys of any types, in a table.
type numberedKeys struct {
	table *hashTable
	nums  []int32
}

// add finds new keys by their numbers, which are handed out in order: a first occurrence has the next one.
func (s *numberedKeys) add(b *vector.Batch, fresh []int32) ([]int32, error) {
	next := int32(s.table.len())
	s.nums = growInts(s.nums, b.Rows())
	if err := s.table.insert(b, s.nums); err != nil {
		return fresh, err
	}
	for i, num := range s.nums {
		if num == next {
			fresh = append(fresh, int32(i))
			next++
		}
	}
	return fresh, nil
}

func (s *numberedKeys) sift(b *vector.Batch, fresh, lost []int32) (_, _ []int32) {
	s.nums = growInts(s.nums, b.Rows())
	s.table.lookup(b, s.nums)
	for i, num := range s.nums {
		if num < 0 {
			lost = append(lost, int32(i))
		}
	}
	return fresh, lost
}

func (s *numberedKeys) hash(b *vector.Batch, out []uint64) { s.table.hash(b, out) }
func (s *numberedKeys) empty() bool                        { return s.table.len() == 0 }
func (s *numberedKeys) release()                           { s.table.release() }
