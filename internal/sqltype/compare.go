package sqltype

import (
	"math/bits"
	"strings"
)

// Compare orders two values of one type as its btree operators do. Nulls are greater than all others and equal to each
// other, as they are inside arrays and records.
func Compare(t Type, a, b Value) int {
	if a.Null || b.Null {
		return cmpInt(int64(b2i(a.Null)), int64(b2i(b.Null)))
	}
	switch t.Kind() {
	case KindBool, KindInt16, KindInt32:
		return cmpInt(a.I, b.I)
	case KindInt64:
		if t.OID == OIDXID8 {
			return cmpUint(uint64(a.I), uint64(b.I))
		}
		return cmpInt(a.I, b.I)
	case KindFloat32, KindFloat64:
		return CompareFloat(a.F, b.F)
	case KindNumeric:
		return a.Num.Cmp(b.Num)
	case KindInterval:
		if t.OID == OIDTimeTZ {
			return CompareTimeTZ(a.Iv, b.Iv)
		}
		return CompareInterval(a.Iv, b.Iv)
	}
	switch t.OID {
	case OIDBPChar:
		return strings.Compare(TrimBPChar(a.S), TrimBPChar(b.S))
	case OIDJSONB:
		v, errA := ParseJSONB(a.S)
		w, errB := ParseJSONB(b.S)
		if errA != nil || errB != nil {
			return strings.Compare(a.S, b.S)
		}
		return v.Compare(&w)
	case OIDOIDVector, OIDInt2Vector:
		return compareVectors(t.OID, a.S, b.S)
	}
	if i, ok := Lookup(t.OID); !ok || t.OID == OIDRecord {
		if !ok && HoldsArray(a.S) && HoldsArray(b.S) {
			return compareArrays(a.S, b.S)
		}
		return compareRecords(a.S, b.S)
	} else if i.IsArray || t.OID == OIDAnyArray {
		return compareArrays(a.S, b.S)
	}
	return strings.Compare(a.S, b.S)
}

func cmpUint(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Equal reports whether Compare gives 0.
func Equal(t Type, a, b Value) bool { return Compare(t, a, b) == 0 }

// CompareFloat orders NaN above everything and equal to itself, and -0 equal to 0.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return cmpInt(int64(b2i(a != a)), int64(b2i(b != b)))
}

// TrimBPChar drops the trailing blanks, which do not count in char(n).
func TrimBPChar(s string) string { return strings.TrimRight(s, " ") }

// span is an interval as microseconds with days of 24 hours and months of 30 days, in 128 bits.
func span(iv Interval) (hi int64, lo uint64) {
	days := int64(iv.Months)*30 + int64(iv.Days)
	h, l := bits.Mul64(absUint(days), uint64(MicrosPerDay))
	if days < 0 {
		var borrow uint64
		l, borrow = bits.Sub64(0, l, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	var carry uint64
	l, carry = bits.Add64(l, uint64(iv.Micros), 0)
	h, _ = bits.Add64(h, uint64(iv.Micros>>63), carry)
	return int64(h), l
}

// CompareInterval orders intervals by the length that they stand for: a day has 24 hours, a month 30 days.
func CompareInterval(a, b Interval) int {
	ah, al := span(a)
	bh, bl := span(b)
	if ah != bh {
		return cmpInt(ah, bh)
	}
	return cmpUint(al, bl)
}

// CompareTimeTZ orders by the point in UTC, then by the zone.
func CompareTimeTZ(a, b Interval) int {
	if c := cmpInt(a.Micros+int64(a.Months)*MicrosPerSecond, b.Micros+int64(b.Months)*MicrosPerSecond); c != 0 {
		return c
	}
	return cmpInt(int64(a.Months), int64(b.Months))
}

// compareVectors orders oidvector by length first (btoidvectorcmp); int2vector has no operators but those of arrays.
func compareVectors(oid uint32, a, b string) int {
	if oid == OIDInt2Vector {
		return compareArrays(a, b)
	}
	x, errX := DecodeArray(a)
	y, errY := DecodeArray(b)
	if errX != nil || errY != nil {
		return strings.Compare(a, b)
	}
	if c := cmpInt(int64(len(x.Elems)), int64(len(y.Elems))); c != 0 {
		return c
	}
	for i := range x.Elems {
		if c := cmpInt(x.Elems[i].I, y.Elems[i].I); c != 0 {
			return c
		}
	}
	return 0
}

// compareArrays orders by elements, then by their number, then by dimensions and bounds (array_cmp).
func compareArrays(a, b string) int {
	x, errX := DecodeArray(a)
	y, errY := DecodeArray(b)
	if errX != nil || errY != nil {
		return strings.Compare(a, b)
	}
	elem := Of(x.ElemOID)
	for i := range min(len(x.Elems), len(y.Elems)) {
		if c := Compare(elem, x.Elems[i], y.Elems[i]); c != 0 {
			return c
		}
	}
	if c := cmpInt(int64(len(x.Elems)), int64(len(y.Elems))); c != 0 {
		return c
	}
	if c := cmpInt(int64(len(x.Dims)), int64(len(y.Dims))); c != 0 {
		return c
	}
	for i := range x.Dims {
		if c := cmpInt(int64(x.Dims[i].Len), int64(y.Dims[i].Len)); c != 0 {
			return c
		}
	}
	for i := range x.Dims {
		if c := cmpInt(int64(x.Dims[i].Lower), int64(y.Dims[i].Lower)); c != 0 {
			return c
		}
	}
	return 0
}

func compareRecords(a, b string) int {
	x, errX := DecodeRecord(a)
	y, errY := DecodeRecord(b)
	if errX != nil || errY != nil {
		return strings.Compare(a, b)
	}
	for i := range min(len(x.Fields), len(y.Fields)) {
		if c := Compare(Of(x.Fields[i].OID), x.Fields[i].Value, y.Fields[i].Value); c != 0 {
			return c
		}
	}
	return cmpInt(int64(len(x.Fields)), int64(len(y.Fields)))
}
