package exec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// seenModel tells rows apart by their keys as text.
type seenModel struct {
	seen map[string]bool
	lost map[string]bool
	hash map[string]uint64
}

func newSeenModel() *seenModel {
	return &seenModel{seen: map[string]bool{}, lost: map[string]bool{}, hash: map[string]uint64{}}
}

func seenKey(b *vector.Batch, i int) (key string, null bool) {
	for _, c := range b.Cols {
		row := b.Row(i)
		if c.IsNull(row) {
			key, null = key+"|null", true
			continue
		}
		if v := c.Value(row); c.Kind == sqltype.KindBytes {
			key += "|" + v.S
		} else {
			key += fmt.Sprintf("|%d", v.I)
		}
	}
	return key, null
}

// check compares what a set said of a batch. Rows that it cannot know are lost, always.
func (m *seenModel) check(t *testing.T, b *vector.Batch, set keySeen, fresh, lost []int32, full, noNulls bool) {
	t.Helper()
	hashes := make([]uint64, b.Rows())
	set.hash(b, hashes)
	if !slices.IsSorted(fresh) || !slices.IsSorted(lost) {
		t.Fatalf("the rows are in another order: %v, %v", fresh, lost)
	}
	if len(lost) > 0 && !full {
		t.Fatal("rows are lost while there is memory")
	}
	next := func(list *[]int32, i int) bool {
		if len(*list) == 0 || (*list)[0] != int32(i) {
			return false
		}
		*list = (*list)[1:]
		return true
	}
	for i := range b.Rows() {
		key, null := seenKey(b, i)
		passes, isLost := next(&fresh, i), next(&lost, i)
		if null && noNulls {
			if passes || isLost {
				t.Fatalf("row %d (%s) passes", i, key)
			}
			continue
		}
		if h, ok := m.hash[key]; ok && h != hashes[i] {
			t.Fatalf("%s has two hashes", key)
		}
		m.hash[key] = hashes[i]
		switch {
		case isLost:
			if passes || m.seen[key] {
				t.Fatalf("%s is lost after it was seen", key)
			}
			m.lost[key] = true
			continue
		case m.lost[key]:
			t.Fatalf("%s was lost and is known again", key)
		}
		if passes == m.seen[key] {
			t.Fatalf("row %d (%s) is new: %v", i, key, passes)
		}
		m.seen[key] = true
	}
	if len(fresh)+len(lost) > 0 {
		t.Fatalf("rows come twice: %v, %v", fresh, lost)
	}
}

// intPool has extremes, neighbours of them, values near and far from each other.
func intPool(r *rand.Rand, typ sqltype.Type, n int) []sqltype.Value {
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	switch typ.Kind() {
	case sqltype.KindBool:
		return []sqltype.Value{sqltype.Bool(false), sqltype.Bool(true)}
	case sqltype.KindInt16:
		least, most = math.MinInt16, math.MaxInt16
	case sqltype.KindInt32:
		least, most = math.MinInt32, math.MaxInt32
	}
	var out []sqltype.Value
	for i := range int64(40) {
		out = append(out, sqltype.Int(least+i), sqltype.Int(most-i), sqltype.Int(i-20))
	}
	for len(out) < n {
		x := int64(r.Uint64())
		if least != math.MinInt64 {
			x = least + int64(r.Uint64()%uint64(most-least+1))
		}
		out = append(out, sqltype.Int(x))
	}
	return out
}

// TestKeySeen compares with a map, for integers of all kinds in all forms of vectors, alone and in groups, and for other keys, with much memory
// and with so little that most keys are lost.
func TestKeySeen(t *testing.T) {
	t.Parallel()
	for _, oid := range []uint32{sqltype.OIDBool, sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDDate, sqltype.OIDText} {
		for _, grouped := range []bool{false, true} {
			for _, argument := range []bool{false, true} {
				for _, limit := range []int64{0, 2 << 20, 200 << 10, 40 << 10, 600} {
					t.Run(fmt.Sprintf("%d grouped %v argument %v limit %d", oid, grouped, argument, limit), func(t *testing.T) {
						t.Parallel()
						testKeySeen(t, sqltype.Of(oid), grouped, argument, limit)
					})
				}
			}
		}
	}
}

func testKeySeen(t *testing.T, typ sqltype.Type, grouped, argument bool, limit int64) {
	r := rand.New(rand.NewPCG(uint64(typ.OID), uint64(limit)))
	pool := intPool(r, typ, 8000)
	if typ.OID == sqltype.OIDText {
		for i := range pool {
			pool[i].S = fmt.Sprint(pool[i].I)
		}
	}
	dict := &vector.Dict{ID: 1, Values: vector.NewFlat(typ, 0)}
	for i := range 200 {
		dict.Values.Append(pool[i%len(pool)])
	}
	budget := vector.NewBudget(nil, "query", limit)
	var set keySeen
	switch {
	case argument:
		set = newArgumentSeen(typ, grouped, budget)
	case grouped:
		set = newKeySeen([]sqltype.Type{sqltype.Of(sqltype.OIDInt4), typ}, budget)
	default:
		set = newKeySeen([]sqltype.Type{typ}, budget)
	}
	noNulls := argument && intKind(typ.Kind())
	m, full := newSeenModel(), false
	var fresh, lost []int32
	var err error
	for range 30 {
		b := &vector.Batch{N: 1 + r.IntN(vector.BatchRows)}
		b.Cols = []*vector.Vector{seenColumn(r, typ, pool, dict, b.N)}
		if grouped {
			groups := vector.NewFlat(sqltype.Of(sqltype.OIDInt4), b.N)
			for i := range groups.I32 {
				groups.I32[i] = int32(r.IntN(3))
			}
			b.Cols = []*vector.Vector{groups, b.Cols[0]}
		}
		if r.IntN(2) == 0 {
			b.Sel = []int32{}
			for i := range b.N {
				if r.IntN(3) > 0 {
					b.Sel = append(b.Sel, int32(i))
				}
			}
		}
		fresh, lost = fresh[:0], lost[:0]
		if !full {
			if fresh, err = set.add(b, fresh); err != nil {
				if full = true; len(fresh) > 0 {
					t.Fatalf("after an error %d rows pass", len(fresh))
				}
			}
		}
		if full {
			fresh, lost = set.sift(b, fresh, lost)
		}
		m.check(t, b, set, fresh, lost, full, noNulls)
	}
	if limit == 0 && full || limit == 600 && !full {
		t.Fatalf("with %d bytes memory was full: %v", limit, full)
	}
	if limit == 0 && (budget.Used() <= 0 || set.empty()) {
		t.Fatal("the set charged nothing")
	}
	set.release()
	if n := budget.Used(); n != 0 {
		t.Fatalf("%d bytes are charged after release", n)
	}
}

// seenColumn has values of the pool in any form, often many neighbours, sometimes nulls.
func seenColumn(r *rand.Rand, typ sqltype.Type, pool []sqltype.Value, dict *vector.Dict, n int) *vector.Vector {
	switch r.IntN(4) {
	case 0:
		return randomVector(r, typ, pool, dict, n)
	case 1:
		v := vector.NewFlat(typ, 0)
		for range n {
			v.Append(pool[r.IntN(min(len(pool), 300))])
		}
		return v
	default:
		v := vector.NewFlat(typ, 0)
		for range n {
			v.Append(pool[r.IntN(len(pool))])
		}
		return v
	}
}

// TestIntSetIsSmall sees that neighbours share slots, and that the table of a million of them is small.
func TestIntSetIsSmall(t *testing.T) {
	t.Parallel()
	budget := vector.NewBudget(nil, "query", 2<<20)
	set := newKeySeen([]sqltype.Type{sqltype.Of(sqltype.OIDInt4)}, budget)
	v := vector.NewFlat(sqltype.Of(sqltype.OIDInt4), vector.BatchRows)
	count := 0
	for k := range 1_048_576 * 2 / vector.BatchRows {
		for i := range v.I32 {
			v.I32[i] = int32((k*vector.BatchRows+i)*7919%1_048_576 - 500_000)
		}
		fresh, err := set.add(&vector.Batch{Cols: []*vector.Vector{v}, N: v.N}, nil)
		if err != nil {
			t.Fatal(err)
		}
		count += len(fresh)
	}
	if count != 1_048_576 {
		t.Errorf("%d values, not a mebi", count)
	}
	set.release()
}
