package vector_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// kindsOIDs has a type of every kind.
func kindsOIDs() []uint32 {
	return []uint32{
		sqltype.OIDBool, sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDFloat4, sqltype.OIDFloat8, sqltype.OIDNumeric,
		sqltype.OIDInterval, sqltype.OIDUUID, sqltype.OIDText,
	}
}

func randomValue(t *testing.T, typ sqltype.Type, r *rand.Rand) sqltype.Value {
	t.Helper()
	if r.IntN(4) == 0 {
		return sqltype.NullValue()
	}
	n := int64(r.IntN(100) - 50)
	switch typ.Kind() {
	case sqltype.KindFloat32, sqltype.KindFloat64:
		return sqltype.Value{F: float64(n)}
	case sqltype.KindNumeric:
		text := strconv.FormatInt(n, 10) + ".50"
		if r.IntN(3) == 0 {
			text = "123456789012345678901234567890.5" + strconv.FormatInt(n*n, 10)
		}
		num, err := sqltype.ParseNumeric(text)
		if err != nil {
			t.Fatal(err)
		}
		return sqltype.Value{Num: num}
	case sqltype.KindInterval:
		return sqltype.Value{Iv: sqltype.Interval{Months: int32(n), Micros: n}}
	case sqltype.KindUUID:
		b := make([]byte, 16)
		b[3] = byte(n)
		return sqltype.Value{S: string(b)}
	case sqltype.KindBytes:
		return sqltype.Value{S: strconv.FormatInt(n, 10)[:r.IntN(2)] + "x"}
	case sqltype.KindBool:
		return sqltype.Bool(n > 0)
	}
	return sqltype.Int(n)
}

// randomVector is a vector of any form.
func randomVector(t *testing.T, typ sqltype.Type, n int, r *rand.Rand) *vector.Vector {
	t.Helper()
	switch r.IntN(3) {
	case 0:
		return vector.NewConstant(typ, randomValue(t, typ, r), n)
	case 1:
		d := &vector.Dict{Values: vector.NewFlat(typ, 0)}
		for d.Values.N < 5 {
			if v := randomValue(t, typ, r); !v.Null {
				d.Values.Append(v)
			}
		}
		v := vector.NewDictionary(typ, d)
		for range n {
			v.Codes = append(v.Codes, int32(r.IntN(6)-1))
		}
		v.N = n
		return v
	}
	v := vector.NewFlat(typ, 0)
	for range n {
		v.Append(randomValue(t, typ, r))
	}
	return v
}

func TestAppendSelIsAppendRowManyTimes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, oid := range kindsOIDs() {
		typ := sqltype.Of(oid)
		for range 200 {
			got, want := vector.NewFlat(typ, 0), vector.NewFlat(typ, 0)
			for range 1 + r.IntN(4) {
				src := randomVector(t, typ, 1+r.IntN(150), r)
				var sel []int32
				n := 1 + r.IntN(src.N)
				if r.IntN(2) == 0 {
					sel = []int32{}
					for range n {
						sel = append(sel, int32(r.IntN(src.N+1)-1))
					}
				}
				got.AppendSel(src, sel, n)
				for i := range n {
					switch {
					case sel == nil:
						want.AppendRow(src, i)
					case sel[i] < 0:
						want.Append(sqltype.NullValue())
					default:
						want.AppendRow(src, int(sel[i]))
					}
				}
			}
			if got.N != want.N {
				t.Fatalf("%v: %d rows, want %d", typ, got.N, want.N)
			}
			for i := range got.N {
				if g, w := got.Value(i), want.Value(i); g != w {
					t.Fatalf("%v: row %d is %v, want %v", typ, i, g, w)
				}
			}
			if typ.Kind() == sqltype.KindBytes && string(got.Data) != string(want.Data) {
				t.Fatalf("bytes of null rows were kept")
			}
		}
	}
}

func TestGatherIsSetRowManyTimes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, oid := range kindsOIDs() {
		typ := sqltype.Of(oid)
		var dst *vector.Vector
		for range 200 {
			src := randomVector(t, typ, 1+r.IntN(150), r)
			sel := []int32{}
			for range r.IntN(200) {
				sel = append(sel, int32(r.IntN(src.N+1)-1))
			}
			dst = vector.Gather(dst, src, sel)
			for i, row := range sel {
				want := sqltype.NullValue()
				if row >= 0 {
					want = src.Value(int(row))
				}
				if got := dst.Value(i); got != want {
					t.Fatalf("%v: row %d is %v, want %v", typ, i, got, want)
				}
			}
		}
	}
}
