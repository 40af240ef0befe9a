package sqltype

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// AppendInt appends the decimal form of int2, int4 and int8.
func AppendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

func intBounds(oid uint32) (lo, hi int64, name string, size int) {
	switch oid {
	case OIDInt2:
		return math.MinInt16, math.MaxInt16, "smallint", 2
	case OIDInt4:
		return math.MinInt32, math.MaxInt32, "integer", 4
	}
	return math.MinInt64, math.MaxInt64, "bigint", 8
}

// IntRange is the error of a computed value that its integer type cannot hold.
func IntRange(oid uint32) error {
	_, _, name, _ := intBounds(oid)
	return pgerr.Newf(pgerr.NumericValueOutOfRange, "%s out of range", name)
}

func intIn(s string, t Type, _ Env) (Value, error) {
	lo, hi, name, _ := intBounds(t.OID)
	d := trimSpace(s)
	head := digitsHead(d)
	digits := head
	if digits != "" && !isDigit(digits[0]) {
		digits = digits[1:]
	}
	if digits == "" {
		return Value{}, syntaxError(name, s)
	}
	// The number is built as a negative one, whose range is wider. Digits that do not fit are an error before what follows
	// them is looked at.
	i := int64(0)
	for k := range len(digits) {
		c := int64(digits[k] - '0')
		if i < (lo+c)/10 {
			return Value{}, valueRange(name, s)
		}
		i = i*10 - c
	}
	switch {
	case head != d:
		return Value{}, syntaxError(name, s)
	case head[0] == '-':
		return Int(i), nil
	case i < -hi:
		return Value{}, valueRange(name, s)
	}
	return Int(-i), nil
}

// digitsHead returns the sign and the digits that s starts with.
func digitsHead(s string) string {
	n := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n = 1
	}
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[:n]
}

// scanInt reads an optional sign and decimal digits; over means that they do not fit int64.
func scanInt(s string) (i int64, ok, over bool) {
	d, neg := s, false
	if d != "" && (d[0] == '-' || d[0] == '+') {
		neg = d[0] == '-'
		d = d[1:]
	}
	if d == "" {
		return 0, false, false
	}
	for k := 0; k < len(d); k++ {
		c := d[k] - '0'
		if c > 9 {
			return 0, false, false
		}
		if i < (math.MinInt64+int64(c))/10 {
			over = true
			continue
		}
		i = i*10 - int64(c)
	}
	if !neg {
		if i == math.MinInt64 {
			over = true
		}
		i = -i
	}
	return i, true, over
}

func intOut(dst []byte, v Value, _ Type, _ Env) []byte { return AppendInt(dst, v.I) }

func intRecv(b []byte, t Type, _ Env) (Value, error) {
	_, _, _, size := intBounds(t.OID)
	if len(b) != size {
		return Value{}, wrongSize(len(b), size)
	}
	switch size {
	case 2:
		return Int(int64(int16(binary.BigEndian.Uint16(b)))), nil
	case 4:
		return Int(int64(int32(binary.BigEndian.Uint32(b)))), nil
	}
	return Int(int64(binary.BigEndian.Uint64(b))), nil
}

func intSend(dst []byte, v Value, t Type, _ Env) []byte {
	switch t.OID {
	case OIDInt2:
		return binary.BigEndian.AppendUint16(dst, uint16(v.I))
	case OIDInt4:
		return binary.BigEndian.AppendUint32(dst, uint32(v.I))
	}
	return binary.BigEndian.AppendUint64(dst, uint64(v.I))
}
