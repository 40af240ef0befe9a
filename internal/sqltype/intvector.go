package sqltype

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// int2vector and oidvector are arrays of one dimension that start at 0 and have no nulls; their text is the numbers with
// blanks between.

// NewVector returns the Value of an int2vector or oidvector.
func NewVector(oid uint32, numbers []int64) Value {
	values := make([]Value, len(numbers))
	for i, n := range numbers {
		values[i] = Int(n)
	}
	a := NewArray(Of(oid).Info().Elem, values)
	if len(a.Dims) > 0 {
		a.Dims[0].Lower = 0
	}
	return EncodeArray(a)
}

func vectorIn(s string, t Type, _ Env) (Value, error) {
	var numbers []int64
	name, lo, hi := "smallint", int64(math.MinInt16), int64(math.MaxInt16)
	if t.OID == OIDOIDVector {
		name, lo, hi = "oid", math.MinInt32, math.MaxUint32
	}
	for rest := s; ; {
		for rest != "" && isSpace(rest[0]) {
			rest = rest[1:]
		}
		if rest == "" {
			break
		}
		end := 0
		if rest[0] == '-' || rest[0] == '+' {
			end = 1
		}
		for end < len(rest) && isDigit(rest[end]) {
			end++
		}
		n, ok, over := scanInt(rest[:end])
		switch {
		case !ok || end < len(rest) && !isSpace(rest[end]):
			return Value{}, syntaxError(name, rest)
		case over || n < lo || n > hi:
			return Value{}, valueRange(name, rest)
		}
		if name == "oid" {
			n = int64(uint32(n))
		}
		numbers = append(numbers, n)
		rest = rest[end:]
		if name == "smallint" && len(numbers) > 100 {
			return Value{}, pgerr.New(pgerr.InvalidParameterValue, "int2vector has too many elements")
		}
	}
	return NewVector(t.OID, numbers), nil
}

func vectorOut(dst []byte, v Value, _ Type, _ Env) []byte {
	a, err := DecodeArray(v.S)
	if err != nil {
		return dst
	}
	for i := range a.Elems {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = AppendInt(dst, a.Elems[i].I)
	}
	return dst
}

func vectorRecv(b []byte, t Type, _ Env) (Value, error) {
	bad := invalidArray("invalid %s data", t.Info().Name)
	a, err := decodeArray(b, func(elem uint32) error {
		if elem != t.Info().Elem {
			return bad
		}
		return nil
	}, -1)
	if err != nil {
		return Value{}, err
	}
	if len(a.Dims) > 1 || len(a.Dims) == 1 && a.Dims[0].Lower != 0 {
		return Value{}, bad
	}
	for i := range a.Elems {
		if a.Elems[i].Null {
			return Value{}, bad
		}
	}
	return EncodeArray(a), nil
}
