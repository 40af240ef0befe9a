package eval_test

import (
	"fmt"
	"testing"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// TestHashAgreesWithEquality checks over the samples of every type that the vector order is that of sqltype.Compare, and that equal rows
// have equal hashes in every form of vector.
func TestHashAgreesWithEquality(t *testing.T) {
	t.Parallel()
	for name, texts := range samples() {
		info, ok := sqltype.ByName(name)
		if !ok || len(texts) == 0 {
			continue
		}
		typ := sqltype.Of(info.OID)
		v := vector.New(typ)
		for _, s := range texts {
			if val, err := sqltype.ParseText(typ, s, nil); err == nil {
				v.Append(val)
			}
		}
		v.Append(sqltype.NullValue())
		v.Finish()
		dict := asDictionary(v, 7)
		hashes, dictHashes := make([]uint64, v.N), make([]uint64, v.N)
		eval.HashVector(v, nil, hashes)
		eval.HashVector(dict, nil, dictHashes)
		cmp := eval.Comparator(typ)
		for i := range v.N {
			if hashes[i] != dictHashes[i] {
				t.Errorf("%s: row %d has another hash as a dictionary entry", name, i)
			}
			for j := range v.N {
				equal := eval.RowsEqual([]*vector.Vector{v}, i, []*vector.Vector{dict}, j, []eval.Compare{cmp})
				if equal && hashes[i] != hashes[j] {
					t.Errorf("%s: rows %d and %d are equal but their hashes differ", name, i, j)
				}
				if v.IsNull(i) || v.IsNull(j) {
					continue
				}
				if a, b := cmp(v, i, dict, j), sqltype.Compare(typ, v.Value(i), v.Value(j)); sign(a) != sign(b) {
					t.Errorf("%s: order of rows %d and %d is %d, by value %d", name, i, j, a, b)
				}
			}
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// TestHashColumnsFollowsTheSelection checks that out[i] belongs to the i-th row that counts.
func TestHashColumnsFollowsTheSelection(t *testing.T) {
	t.Parallel()
	v := vector.New(sqltype.Of(sqltype.OIDText))
	for i := range 10 {
		v.Append(sqltype.Text(fmt.Sprint(i % 3)))
	}
	all, some := make([]uint64, 10), make([]uint64, 3)
	eval.HashColumns(&vector.Batch{Cols: []*vector.Vector{v}, N: 10}, []int{0}, all)
	eval.HashColumns(&vector.Batch{Cols: []*vector.Vector{v}, N: 10, Sel: []int32{1, 4, 8}}, []int{0}, some)
	if some[0] != all[1] || some[1] != all[4] || some[2] != all[8] || all[1] != all[4] || all[1] == all[8] {
		t.Fatalf("all %v, selected %v", all, some)
	}
}
