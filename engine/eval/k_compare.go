package eval

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// comparison is one of the six comparisons, by the suffix that PostgreSQL gives the function.
type comparison string

var comparisons = []comparison{"eq", "ne", "lt", "le", "gt", "ge"}

// holds reports whether the comparison is true for an order of c.
func (k comparison) holds(c int) bool {
	switch k {
	case "eq":
		return c == 0
	case "ne":
		return c != 0
	case "lt":
		return c < 0
	case "le":
		return c <= 0
	case "gt":
		return c > 0
	default:
		return c >= 0
	}
}

// intComparisons makes the six comparisons of two integer types.
func intComparisons[A, B integer](prefix, suffix string) []Kernel {
	var out []Kernel
	for _, k := range comparisons {
		out = append(out, Kernel{Name: prefix + string(k) + suffix, Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
			compareInts(k, viewOf[A](v[0]), viewOf[B](v[1]), out.Bools, sel)
		}})
	}
	return out
}

// floatComparisons makes the six comparisons of two float types.
func floatComparisons[A, B float](prefix string) []Kernel {
	var out []Kernel
	for _, k := range comparisons {
		out = append(out, Kernel{Name: prefix + string(k), Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
			compareFloats(k, viewOf[A](v[0]), viewOf[B](v[1]), out.Bools, sel)
		}})
	}
	return out
}

// fixedComparisons makes the six comparisons of fixed-size types from their order.
func fixedComparisons[A, B fixed](prefix, suffix string, order func(A, B) int) []Kernel {
	var out []Kernel
	for _, k := range comparisons {
		out = append(out, two(prefix+string(k)+suffix, func(a A, b B) bool { return k.holds(order(a, b)) }))
	}
	return out
}

// byteComparisons makes the six comparisons of bytes-like types; trim prepares each side.
func byteComparisons(names [6]string, trimA, trimB func([]byte) []byte) []Kernel {
	var out []Kernel
	for i, k := range comparisons {
		out = append(out, Kernel{Name: names[i], Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
			compareTexts(k, v[0], v[1], trimA, trimB, out.Bools, sel)
		}})
	}
	return out
}

// valueComparisons makes the six comparisons of a type that is compared as a whole value.
func valueComparisons(prefix string) []Kernel {
	var out []Kernel
	for _, k := range comparisons {
		out = append(out, scalar(prefix+string(k), func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if err := comparable2(c.ArgTypes[0], a[0], a[1], k != "eq" && k != "ne"); err != nil {
				return sqltype.Value{}, err
			}
			return sqltype.Bool(k.holds(sqltype.Compare(c.ArgTypes[0], a[0], a[1]))), nil
		}))
	}
	return out
}

// suffixed names the six comparisons prefix + suffix.
func suffixed(prefix, suffix string) [6]string {
	var n [6]string
	for i, k := range comparisons {
		n[i] = prefix + string(k) + suffix
	}
	return n
}

// numericComparisons makes the six comparisons of numbers.
func numericComparisons() []Kernel {
	var out []Kernel
	for _, k := range comparisons {
		out = append(out, Kernel{Name: "numeric_" + string(k), Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
			compareNumerics(k, v[0], v[1], out.Bools, sel)
		}})
	}
	return out
}

func bothUnsigned(a, b int64) int { return cmp.Compare(uint64(a), uint64(b)) }

func compareUUID(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }

// comparisonKernels are the functions of =, <>, <, <=, > and >=, and the btree support functions.
func comparisonKernels() []Kernel {
	var ks []Kernel
	add := func(more []Kernel) { ks = append(ks, more...) }
	add(intComparisons[int16, int16]("int2", ""))
	add(intComparisons[int32, int32]("int4", ""))
	add(intComparisons[int64, int64]("int8", ""))
	add(intComparisons[int16, int32]("int24", ""))
	add(intComparisons[int16, int64]("int28", ""))
	add(intComparisons[int32, int16]("int42", ""))
	add(intComparisons[int32, int64]("int48", ""))
	add(intComparisons[int64, int16]("int82", ""))
	add(intComparisons[int64, int32]("int84", ""))
	add(intComparisons[int64, int64]("oid", ""))
	add(intComparisons[int32, int32]("date_", ""))
	add(intComparisons[int64, int64]("timestamp_", ""))
	add(intComparisons[int64, int64]("time_", ""))
	add(fixedComparisons("xid8", "", bothUnsigned))
	add(fixedComparisons("bool", "", compareBool))
	add(floatComparisons[float32, float32]("float4"))
	add(floatComparisons[float64, float64]("float8"))
	add(floatComparisons[float32, float64]("float48"))
	add(floatComparisons[float64, float32]("float84"))
	add(fixedComparisons("interval_", "", sqltype.CompareInterval))
	add(fixedComparisons("timetz_", "", sqltype.CompareTimeTZ))
	add(fixedComparisons("uuid_", "", compareUUID))
	add(numericComparisons())
	add(byteComparisons([6]string{"texteq", "textne", "text_lt", "text_le", "text_gt", "text_ge"}, nil, nil))
	add(byteComparisons(suffixed("bpchar", ""), trimBlanks, trimBlanks))
	add(byteComparisons(suffixed("bytea", ""), nil, nil))
	add(byteComparisons(suffixed("name", ""), nil, nil))
	add(byteComparisons(suffixed("name", "text"), nil, nil))
	add(byteComparisons(suffixed("text", "name"), nil, nil))
	add(byteComparisons(suffixed("char", ""), nil, nil))
	add(byteComparisons([6]string{"", "", "text_pattern_lt", "text_pattern_le", "text_pattern_gt", "text_pattern_ge"}, nil, nil)[2:])
	add(byteComparisons([6]string{"", "", "bpchar_pattern_lt", "bpchar_pattern_le", "bpchar_pattern_gt", "bpchar_pattern_ge"}, trimBlanks, trimBlanks)[2:])
	add(valueComparisons("array_"))
	add(valueComparisons("record_"))
	add(valueComparisons("jsonb_"))
	add(valueComparisons("tid"))
	add(valueComparisons("oidvector"))
	ks = append(ks,
		scalar("xideq", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Bool(uint32(a[0].I) == uint32(a[1].I)), nil
		}),
		scalar("xidneq", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Bool(uint32(a[0].I) != uint32(a[1].I)), nil
		}),
		two("cideq", func(a, b int64) bool { return a == b }),
		scalar("aclitem_eq", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) { return sqltype.Bool(a[0].S == a[1].S), nil }),
	)
	return append(ks, btreeKernels()...)
}

// btreeKernels are the three-way comparisons of btree, and the choosers behind max and min.
func btreeKernels() []Kernel {
	order := func(name string) Kernel {
		return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if err := comparable2(c.ArgTypes[0], a[0], a[1], true); err != nil {
				return sqltype.Value{}, err
			}
			return sqltype.Int(int64(sqltype.Compare(c.ArgTypes[0], a[0], a[1]))), nil
		})
	}
	var ks []Kernel
	for _, n := range []string{
		"btint4cmp", "btint8cmp", "btfloat4cmp", "btfloat8cmp", "btoidcmp", "btnamecmp", "bttextcmp",
		"btboolcmp", "btarraycmp", "btrecordcmp", "bpcharcmp", "btbpchar_pattern_cmp", "bttext_pattern_cmp", "byteacmp",
		"date_cmp", "time_cmp", "timetz_cmp", "timestamp_cmp", "interval_cmp", "numeric_cmp", "uuid_cmp", "jsonb_cmp", "xid8cmp", "bttidcmp",
		"btoidvectorcmp",
	} {
		ks = append(ks, order(n))
	}
	// These two give the difference instead of its sign.
	ks = append(ks, scalar("btint2cmp", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		return sqltype.Int(a[0].I - a[1].I), nil
	}), scalar("btcharcmp", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		return sqltype.Int(int64(charByte(a[0].S)) - int64(charByte(a[1].S))), nil
	}))
	for _, n := range []string{"btint24cmp", "btint28cmp", "btint42cmp", "btint48cmp", "btint82cmp", "btint84cmp"} {
		ks = append(ks, scalar(n, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(cmp.Compare(a[0].I, a[1].I))), nil
		}))
	}
	for _, n := range []string{"btfloat48cmp", "btfloat84cmp"} {
		ks = append(ks, scalar(n, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(compareFloat(a[0].F, a[1].F))), nil
		}))
	}
	for _, n := range []string{"btnametextcmp", "bttextnamecmp"} {
		ks = append(ks, scalar(n, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(strings.Compare(a[0].S, a[1].S))), nil
		}))
	}
	for _, n := range []string{
		"int2", "int4", "int8", "float4", "float8", "oid", "date_", "time_", "timetz_", "timestamp_", "interval_", "numeric_", "text_", "bpchar_",
		"array_", "tid", "xid8_",
	} {
		ks = append(ks, chooser(n+"larger", 1), chooser(n+"smaller", -1))
	}
	return ks
}

// chooser returns the argument that is larger (sign 1) or smaller.
func chooser(name string, sign int) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		if err := arrayComparable(c.ArgTypes[0], true); err != nil {
			return sqltype.Value{}, err
		}
		o := sqltype.Compare(c.ArgTypes[0], a[0], a[1]) * sign
		if o > 0 || o == 0 && c.ArgTypes[0].OID == sqltype.OIDBPChar { // of equal values the second, of equal char(n) the first
			return a[0], nil
		}
		return a[1], nil
	})
}

// comparable2 refuses rows that PostgreSQL cannot compare: of different width, or with different types in a column; and rows or
// arrays over a type without comparison. It stops where the comparison does: at the first column that differs.
func comparable2(t sqltype.Type, a, b sqltype.Value, order bool) error {
	if t.OID != sqltype.OIDRecord && t.Info().TypType != 'c' {
		return arrayComparable(t, order)
	}
	if t.OID != sqltype.OIDRecord && sqltype.HoldsArray(a.S) {
		return nil
	}
	x, err := sqltype.DecodeRecord(a.S)
	if err != nil {
		return err
	}
	y, err := sqltype.DecodeRecord(b.S)
	if err != nil {
		return err
	}
	for i := 0; i < len(x.Fields) && i < len(y.Fields); i++ {
		f, g := x.Fields[i], y.Fields[i]
		if f.OID != g.OID {
			return errRecordTypes(f.OID, g.OID, i+1)
		}
		if err := typeComparable(f.OID, order); err != nil {
			return err
		}
		if f.Value.Null != g.Value.Null || !f.Value.Null && sqltype.Compare(sqltype.Of(f.OID), f.Value, g.Value) != 0 {
			return nil
		}
	}
	if len(x.Fields) != len(y.Fields) {
		return errRecordWidth()
	}
	return nil
}

// arrayComparable refuses to compare arrays over a type without comparison (array_eq, array_cmp); no other type is refused.
func arrayComparable(t sqltype.Type, order bool) error {
	if elem := sqltype.ElemOf(t.OID); elem != 0 && t.Info().IsArray {
		return typeComparable(elem, order)
	}
	return nil
}

// typeComparable is an error for types without an operator class of equality, or of order: PostgreSQL's type cache looks for it, at
// arrays' elements, when an array or a row is compared.
func typeComparable(oid uint32, order bool) error {
	of := oid
	if elem := sqltype.ElemOf(oid); elem != 0 && sqltype.Of(oid).Info().IsArray {
		of = elem
	}
	switch {
	case of == sqltype.OIDJSON, of == sqltype.OIDUnknown:
	case order && (of == sqltype.OIDXID || of == sqltype.OIDCID || of == sqltype.OIDACLItem):
	default:
		return nil
	}
	what := "an equality operator"
	if order {
		what = "a comparison function"
	}
	return pgerr.Newf(pgerr.UndefinedFunction, "could not identify %s for type %s", what, sqltype.FormatType(oid, -1))
}

// CheckOrder is the error of a value that max and min would compare and whose elements have no order.
func CheckOrder(t sqltype.Type) error { return arrayComparable(t, true) }

// charByte is the byte of a "char", which is 0 for an empty one.
func charByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}
