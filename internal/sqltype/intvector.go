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
	a := Array{ElemOID: Of(oid).Info().Elem, Dims: []Dim{{int32(len(values)), 0}}, Elems: values}
	return Text(a.encode(true))
}

func vectorIn(s string, t Type, _ Env) (Value, error) {
	read := int2Head
	if t.OID == OIDOIDVector {
		read = oidHead
	}
	var numbers []int64
	for rest := s; ; {
		for rest != "" && isSpace(rest[0]) {
			rest = rest[1:]
		}
		if rest == "" {
			return NewVector(t.OID, numbers), nil
		}
		if t.OID == OIDInt2Vector && len(numbers) == maxInt2Vector {
			return Value{}, pgerr.New(pgerr.InvalidParameterValue, "int2vector has too many elements")
		}
		n, after, err := read(rest)
		if err != nil {
			return Value{}, err
		}
		numbers, rest = append(numbers, n), after
	}
}

// maxInt2Vector is how many columns an index may have, and more (FUNC_MAX_ARGS).
const maxInt2Vector = 100

func int2Head(s string) (n int64, rest string, err error) {
	head := digitsHead(s)
	n, ok, over := scanInt(head)
	rest = s[len(head):]
	switch {
	case !ok:
		return 0, s, syntaxError("smallint", s)
	case over || n < math.MinInt16 || n > math.MaxInt16:
		return 0, s, valueRange("smallint", s)
	case rest != "" && rest[0] != ' ':
		return 0, s, syntaxError("smallint", s)
	}
	return n, rest, nil
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
	a, err := decodeArray(b, elementsOf(t), -1)
	if err != nil {
		return Value{}, err
	}
	if string(b[:4]) == "\x00\x00\x00\x00" || len(a.Dims) > 1 || len(a.Dims) == 1 && a.Dims[0].Lower != 0 {
		return Value{}, bad
	}
	for i := range a.Elems {
		if a.Elems[i].Null {
			return Value{}, bad
		}
	}
	a.Dims = []Dim{{int32(len(a.Elems)), 0}}
	return Text(a.encode(true)), nil
}
