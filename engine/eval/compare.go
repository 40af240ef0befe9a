package eval

import (
	"bytes"
	"cmp"
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Compare orders row i of a and row j of b, neither null, as the type's default btree operator class does.
type Compare func(a *vector.Vector, i int, b *vector.Vector, j int) int

func fixedCompare[T fixed](op func(a, b T) int) Compare {
	return func(a *vector.Vector, i int, b *vector.Vector, j int) int {
		return op(buffer[T](a.Physical())[a.Index(i)], buffer[T](b.Physical())[b.Index(j)])
	}
}

// Comparator returns the order of a type's values. Types without an order (json, xid) get a total order all the same, which
// only the binder must not let a query see.
func Comparator(t sqltype.Type) Compare {
	switch t.OID {
	case sqltype.OIDTimeTZ:
		return fixedCompare(sqltype.CompareTimeTZ)
	case sqltype.OIDBPChar:
		return func(a *vector.Vector, i int, b *vector.Vector, j int) int {
			return bytes.Compare(trimBlanks(a.Bytes(i)), trimBlanks(b.Bytes(j)))
		}
	}
	switch t.Kind() {
	case sqltype.KindBool:
		return fixedCompare(compareBool)
	case sqltype.KindInt16:
		return fixedCompare(cmp.Compare[int16])
	case sqltype.KindInt32:
		return func(a *vector.Vector, i int, b *vector.Vector, j int) int {
			return cmp.Compare(a.Physical().I32[a.Index(i)], b.Physical().I32[b.Index(j)])
		}
	case sqltype.KindInt64:
		if t.OID == sqltype.OIDXID8 {
			return fixedCompare(func(a, b int64) int { return cmp.Compare(uint64(a), uint64(b)) })
		}
		return func(a *vector.Vector, i int, b *vector.Vector, j int) int {
			return cmp.Compare(a.Physical().I64[a.Index(i)], b.Physical().I64[b.Index(j)])
		}
	case sqltype.KindFloat32:
		return fixedCompare(compareFloat[float32])
	case sqltype.KindFloat64:
		return fixedCompare(compareFloat[float64])
	case sqltype.KindNumeric:
		return func(a *vector.Vector, i int, b *vector.Vector, j int) int { return a.Numeric(i).Cmp(b.Numeric(j)) }
	case sqltype.KindInterval:
		return fixedCompare(sqltype.CompareInterval)
	case sqltype.KindUUID:
		return fixedCompare(func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	}
	if byBytes(t.OID) {
		return func(a *vector.Vector, i int, b *vector.Vector, j int) int {
			return bytes.Compare(a.Bytes(i), b.Bytes(j))
		}
	}
	return func(a *vector.Vector, i int, b *vector.Vector, j int) int {
		return sqltype.Compare(t, aliasValue(a, i), aliasValue(b, j))
	}
}

// EqualByBytes reports whether values of the bytes-like type are equal if and only if their bytes are.
func EqualByBytes(oid uint32) bool { return byBytes(oid) }

// byBytes reports whether values of a bytes-like type are ordered by their bytes and equal only if those are.
func byBytes(oid uint32) bool {
	switch oid {
	case sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDName, sqltype.OIDChar, sqltype.OIDBytea, sqltype.OIDUnknown, sqltype.OIDCString,
		sqltype.OIDRefCursor, sqltype.OIDJSON, sqltype.OIDPGNodeTree, sqltype.OIDACLItem, sqltype.OIDVoid:
		return true
	}
	return false
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// compareFloat orders NaN behind everything and equal to itself, and takes -0 and 0 for equal.
func compareFloat[T float32 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case !math.IsNaN(float64(a)):
		return -1
	case !math.IsNaN(float64(b)):
		return 1
	}
	return 0
}

func trimBlanks(b []byte) []byte {
	n := len(b)
	for n > 0 && b[n-1] == ' ' {
		n--
	}
	return b[:n]
}

// RowsEqual reports whether row i of a and row j of b are equal as keys of a join or group: by the type's = operator, nulls
// equal to nulls.
func RowsEqual(a []*vector.Vector, i int, b []*vector.Vector, j int, order []Compare) bool {
	for k, v := range a {
		x, y := v.IsNull(i), b[k].IsNull(j)
		if x || y {
			if x != y {
				return false
			}
			continue
		}
		if order[k](v, i, b[k], j) != 0 {
			return false
		}
	}
	return true
}

// Comparators returns the order of each vector's type.
func Comparators(vs []*vector.Vector) []Compare {
	out := make([]Compare, len(vs))
	for i, v := range vs {
		out[i] = Comparator(v.Type)
	}
	return out
}

// float64bits is the bits that equal floats share.
func float64bits(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return 0x7ff8000000000000
	}
	return math.Float64bits(f)
}
