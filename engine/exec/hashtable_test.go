package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// keyPools are values of each type, many of them equal to another one in a different form.
func keyPools(t testing.TB) map[uint32][]sqltype.Value {
	t.Helper()
	texts := map[uint32][]string{
		sqltype.OIDBool:        {"t", "f"},
		sqltype.OIDInt2:        {"0", "1", "-1", "32767", "-32768"},
		sqltype.OIDInt4:        {"0", "1", "-1", "2147483647", "-2147483648", "256", "65536"},
		sqltype.OIDInt8:        {"0", "1", "-1", "9223372036854775807", "-9223372036854775808", "4294967296"},
		sqltype.OIDFloat4:      {"0", "-0", "1.5", "NaN", "Infinity", "-Infinity"},
		sqltype.OIDFloat8:      {"0", "-0", "1.5", "NaN", "Infinity", "-Infinity", "1e300"},
		sqltype.OIDNumeric:     {"0", "0.00", "1.5", "1.50", "1.500", "-1.5", "10", "10.0", "NaN", "Infinity", "-Infinity", "123456789012345678901234567890", "123456789012345678901234567890.00", "0.000000000000000000000001"},
		sqltype.OIDText:        {"", "a", "b", "ab", "abc", "abcd", "abcde", "abcdefgh", "abcdefghi", "abcdefghabcdefgh", "a ", "a\u00e4"},
		sqltype.OIDBPChar:      {"", "  ", "a", "a ", "a   ", "b", "abcdefgh", "abcdefgh "},
		sqltype.OIDUUID:        {"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "01000000-0000-0000-0000-000000000000"},
		sqltype.OIDDate:        {"2026-01-01", "infinity", "-infinity", "2000-01-01"},
		sqltype.OIDTimestampTZ: {"2026-01-01 00:00:00+00", "infinity", "2000-01-01 00:00:00+00"},
		sqltype.OIDInterval:    {"1 mon", "30 days", "720:00:00", "-1 mon", "-30 days", "1 day -24:00:00", "00:00:00", "29 days 24:00:00", "-00:00:01", "-1 day 23:59:59"},
		sqltype.OIDTimeTZ:      {"12:00:00+00", "13:00:00+01", "12:00:00+01"},
		sqltype.OIDJSONB:       {`{"a": 1, "b": 2}`, `{"b": 2, "a": 1.0}`, `1`, `1.0`, `"x"`, `null`},
		sqltype.OIDInt4Array:   {"{}", "{1}", "{1,2}", "{NULL}"},
	}
	out := map[uint32][]sqltype.Value{}
	for oid, list := range texts {
		for _, s := range list {
			v, err := sqltype.ParseText(sqltype.Of(oid), s, nil)
			if err != nil {
				t.Fatalf("%d %q: %v", oid, s, err)
			}
			out[oid] = append(out[oid], v)
		}
	}
	return out
}

var keyShapes = [][]uint32{
	{sqltype.OIDBool},
	{sqltype.OIDInt2},
	{sqltype.OIDInt4},
	{sqltype.OIDInt8},
	{sqltype.OIDDate},
	{sqltype.OIDTimestampTZ},
	{sqltype.OIDFloat4},
	{sqltype.OIDFloat8},
	{sqltype.OIDNumeric},
	{sqltype.OIDText},
	{sqltype.OIDBPChar},
	{sqltype.OIDUUID},
	{sqltype.OIDInterval},
	{sqltype.OIDTimeTZ},
	{sqltype.OIDJSONB},
	{sqltype.OIDInt4Array},
	{sqltype.OIDInt4, sqltype.OIDInt4},
	{sqltype.OIDInt8, sqltype.OIDBool, sqltype.OIDInt2},
	{sqltype.OIDFloat8, sqltype.OIDFloat4},
	{sqltype.OIDUUID, sqltype.OIDDate},
	{sqltype.OIDInt8, sqltype.OIDInt8, sqltype.OIDInt8, sqltype.OIDInt8},
	{sqltype.OIDText, sqltype.OIDText},
	{sqltype.OIDText, sqltype.OIDInt4},
	{sqltype.OIDNumeric, sqltype.OIDBPChar, sqltype.OIDInterval},
	{sqltype.OIDBool, sqltype.OIDTimeTZ, sqltype.OIDFloat4, sqltype.OIDText, sqltype.OIDUUID},
	{sqltype.OIDJSONB, sqltype.OIDInt4},
	{},
}

// randomVector has values of the pool, and nulls, in any form.
func randomVector(r *rand.Rand, typ sqltype.Type, pool []sqltype.Value, dict *vector.Dict, n int) *vector.Vector {
	pick := func() sqltype.Value {
		if r.IntN(7) == 0 {
			return sqltype.NullValue()
		}
		return pool[r.IntN(len(pool))]
	}
	switch r.IntN(4) {
	case 0:
		return vector.NewConstant(typ, pick(), n)
	case 1, 2:
		v := vector.NewDictionary(typ, dict)
		v.N = n
		for range n {
			v.Codes = append(v.Codes, int32(r.IntN(dict.Values.N+1)-1))
		}
		return v
	}
	v := vector.NewFlat(typ, 0)
	for range n {
		v.Append(pick())
	}
	return v
}

// TestHashTable compares numbers with those of a search through all keys so far, for all forms of keys and vectors.
func TestHashTable(t *testing.T) {
	t.Parallel()
	pools := keyPools(t)
	for _, shape := range keyShapes {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(len(shape))))
			types := make([]sqltype.Type, len(shape))
			dicts := make([]*vector.Dict, len(shape))
			for i, oid := range shape {
				types[i] = sqltype.Of(oid)
				dicts[i] = &vector.Dict{ID: uint64(i), Values: vector.NewFlat(types[i], 0)}
				dicts[i].Values.Append(pools[oid][0])
			}
			for range 20 {
				budget := vector.NewBudget(nil, "query", 0)
				table := newHashTable(types, budget)
				want := naiveKeys{store: newRowStore(types, nil), cmps: comparatorsOf(types)}
				for range 30 {
					b := randomBatch(r, types, pools, dicts)
					if r.IntN(3) == 0 {
						want.compare(t, table, b, false)
					}
					want.compare(t, table, b, true)
				}
				want.gathered(t, table)
				if budget.Used() <= 0 {
					t.Fatal("the table charged nothing")
				}
				table.release()
				if n := budget.Used(); n != 0 {
					t.Fatalf("%d bytes are charged after release", n)
				}
			}
		})
	}
}

func randomBatch(r *rand.Rand, types []sqltype.Type, pools map[uint32][]sqltype.Value, dicts []*vector.Dict) *vector.Batch {
	b := &vector.Batch{N: 1 + r.IntN(50)}
	for i, typ := range types {
		pool := pools[typ.OID]
		if d := dicts[i].Values; d.N < len(pool) && r.IntN(5) == 0 { // a dictionary grows
			d.Append(pool[d.N])
		}
		b.Cols = append(b.Cols, randomVector(r, typ, pool, dicts[i], b.N))
	}
	if r.IntN(2) == 0 {
		b.Sel = []int32{}
		for i := range b.N {
			if r.IntN(2) == 0 {
				b.Sel = append(b.Sel, int32(i))
			}
		}
	}
	return b
}

// naiveKeys finds keys by looking at all of them.
type naiveKeys struct {
	store *rowStore
	cmps  []compareFunc
}

func (k *naiveKeys) number(b *vector.Batch, row int, add bool) int32 {
	for i := range k.store.n {
		if c, at := k.store.at(i); eval.RowsEqual(c.Cols, at, b.Cols, row, k.cmps) {
			return int32(i)
		}
	}
	if !add {
		return -1
	}
	k.store.add(b.Cols, row)
	return int32(k.store.n - 1)
}

func (k *naiveKeys) compare(t *testing.T, table *hashTable, b *vector.Batch, add bool) {
	t.Helper()
	nums := make([]int32, b.Rows())
	if add {
		if err := table.insert(b, nums); err != nil {
			t.Fatal(err)
		}
	} else {
		table.lookup(b, nums)
	}
	hashes := make([]uint64, b.Rows())
	table.hash(b, hashes)
	byNum := map[int32]uint64{}
	for i, got := range nums {
		if want := k.number(b, b.Row(i), add); got != want {
			t.Fatalf("row %d has number %d, not %d (add %v)", i, got, want, add)
		}
		if h, ok := byNum[got]; got >= 0 && ok && h != hashes[i] {
			t.Fatalf("equal keys have different hashes")
		}
		byNum[got] = hashes[i]
	}
	if table.len() != k.store.n {
		t.Fatalf("the table has %d keys, not %d", table.len(), k.store.n)
	}
}

// gathered compares the keys' forms: of equal ones the first is kept.
func (k *naiveKeys) gathered(t *testing.T, table *hashTable) {
	t.Helper()
	for col, typ := range k.store.types {
		for from := 0; from < k.store.n; from += 100 {
			n := min(100, k.store.n-from)
			v := vector.New(typ)
			table.gather(v, col, from, n)
			for i := range n {
				c, at := k.store.at(from + i)
				if got, want := v.Value(i), c.Cols[col].Value(at); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("key %d is %v, not %v", from+i, got, want)
				}
			}
		}
	}
}

// TestHashTableGrows goes through sizes where slots, keys and bytes move, and stays as it was where the budget refuses.
func TestHashTableGrows(t *testing.T) {
	t.Parallel()
	for _, shape := range [][]uint32{{sqltype.OIDInt8}, {sqltype.OIDInt4, sqltype.OIDFloat8}, {sqltype.OIDText}, {sqltype.OIDText, sqltype.OIDInt4}, {sqltype.OIDJSONB}} {
		types := make([]sqltype.Type, len(shape))
		for i, oid := range shape {
			types[i] = sqltype.Of(oid)
		}
		batch := func(from int) *vector.Batch {
			b := &vector.Batch{N: vector.BatchRows}
			for _, typ := range types {
				v := vector.NewFlat(typ, 0)
				for i := range b.N {
					x := int64(from + i)
					v.Append(sqltype.Value{I: x, F: float64(x), S: fmt.Sprint(x)})
				}
				b.Cols = append(b.Cols, v)
			}
			return b
		}
		budget := vector.NewBudget(nil, "query", 1<<20)
		table := newHashTable(types, budget)
		nums := make([]int32, vector.BatchRows)
		at := 0
		for ; ; at += vector.BatchRows {
			if err := table.insert(batch(at), nums); err != nil {
				break
			}
			if nums[0] != int32(at) || nums[len(nums)-1] != int32(at+len(nums)-1) {
				t.Fatalf("%v: keys from %d on have the numbers from %d on", shape, at, nums[0])
			}
		}
		if at < 5000 || table.len() != at {
			t.Fatalf("%v: %d keys came in, %d are there", shape, at, table.len())
		}
		for from := 0; from <= at; from += vector.BatchRows {
			table.lookup(batch(from), nums)
			want := int32(from)
			if from == at {
				want = -1
			}
			if nums[0] != want {
				t.Fatalf("%v: key %d has number %d", shape, from, nums[0])
			}
		}
		table.release()
		if n := budget.Used(); n != 0 {
			t.Fatalf("%v: %d bytes are charged after release", shape, n)
		}
	}
}
