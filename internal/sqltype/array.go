package sqltype

import (
	"encoding/binary"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// MaxDims is the greatest number of dimensions of an array.
const MaxDims = 6

// maxArrayItems is PostgreSQL's MaxArraySize.
const maxArrayItems = 134217727

// Dim is one dimension of an array.
type Dim struct{ Len, Lower int32 }

// Array is an opened array. Elems are in row-major order; an array without elements has no dimensions.
type Array struct {
	ElemOID uint32
	Dims    []Dim
	Elems   []Value
}

// NewArray returns a one-dimensional array that starts at 1.
func NewArray(elem uint32, values []Value) Array {
	a := Array{ElemOID: elem, Elems: values}
	if len(values) > 0 {
		a.Dims = []Dim{{int32(len(values)), 1}}
	}
	return a
}

// DecodeArray opens the array in a Value's S. Elements are taken as they are: whatever came from outside was checked by
// ParseBinary.
func DecodeArray(s string) (Array, error) { return decodeArray([]byte(s), nil, -1) }

// ArrayDims are the dimensions of the array in a Value's S, which is not opened: none where it has no elements.
func ArrayDims(s string) ([]Dim, error) {
	dims, _, err := arrayHead([]byte(s[:min(len(s), 12+8*MaxDims)]), nil)
	return dims.Dims, err
}

func invalidArray(format string, args ...any) error {
	return pgerr.Newf(pgerr.InvalidBinaryRepresentation, format, args...)
}

// decodeArray reads array_send's form. accept checks the element type and says which it is taken for; nil accepts all.
func decodeArray(b []byte, accept func(elem uint32) (uint32, error), typmod int32) (Array, error) {
	a, b, err := arrayHead(b, accept)
	if err != nil || a.Dims == nil {
		return a, err
	}
	items := int64(1)
	for _, d := range a.Dims {
		items *= int64(d.Len)
	}
	if int64(len(b)) < 4*items {
		return a, wrongSize(len(b), int(4*items))
	}
	elem := Type{a.ElemOID, typmod}
	c, ok := codecOf(a.ElemOID)
	if !ok {
		return a, unsupportedType(elem)
	}
	if accept == nil {
		c = trusted(elem, c)
	}
	a.Elems = make([]Value, items)
	for i := range a.Elems {
		v, rest, err := decodeItem(b, elem, c)
		if err != nil {
			return a, err
		}
		a.Elems[i], b = v, rest
	}
	if len(b) != 0 {
		return a, wrongSize(1, 0)
	}
	return a, nil
}

// arrayHead reads what stands before the elements, which are rest. Without any there are no dimensions.
func arrayHead(b []byte, accept func(elem uint32) (uint32, error)) (a Array, rest []byte, err error) {
	if len(b) < 4 {
		return a, b, wrongSize(len(b), 4)
	}
	be := binary.BigEndian
	dims := int32(be.Uint32(b))
	switch { // a fault of what is there comes before that of what is not
	case dims < 0:
		return a, b, invalidArray("invalid number of dimensions: %d", dims)
	case dims > MaxDims:
		return a, b, pgerr.Newf(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", dims, MaxDims)
	case len(b) < 8:
		return a, b, wrongSize(len(b), 8)
	}
	if flags := be.Uint32(b[4:]); flags > 1 {
		return a, b, invalidArray("invalid array flags")
	}
	if len(b) < 12 {
		return a, b, wrongSize(len(b), 12)
	}
	a.ElemOID = be.Uint32(b[8:])
	b = b[12:]
	if accept != nil {
		var err error
		if a.ElemOID, err = accept(a.ElemOID); err != nil {
			return a, b, err
		}
	}
	if len(b) < int(dims)*8 {
		return a, b, wrongSize(len(b), int(dims)*8)
	}
	items := int64(1)
	for range dims {
		d := Dim{int32(be.Uint32(b)), int32(be.Uint32(b[4:]))}
		b = b[8:]
		if err := d.Check(); err != nil {
			return a, b, err
		}
		if items *= int64(d.Len); items > maxArrayItems {
			return a, b, pgerr.Newf(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayItems)
		}
		a.Dims = append(a.Dims, d)
	}
	if dims == 0 || items == 0 {
		a.Dims = nil
	}
	return a, b, nil
}

// Check is the error, of PostgreSQL's ArrayCheckBounds, for a length below 0 or a last subscript beyond int4.
func (d Dim) Check() error {
	if d.Len < 0 {
		return pgerr.Newf(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayItems)
	}
	if int64(d.Lower)+int64(d.Len) > 1<<31-1 {
		return pgerr.Newf(pgerr.ProgramLimitExceeded, "array lower bound is too large: %d", d.Lower)
	}
	return nil
}

// decodeItem reads the length and the bytes of one element of an array or a record.
func decodeItem(b []byte, t Type, c codec) (Value, []byte, error) {
	if len(b) < 4 {
		return Value{}, nil, wrongSize(len(b), 4)
	}
	n := int32(binary.BigEndian.Uint32(b))
	b = b[4:]
	if n == -1 {
		return NullValue(), b, nil
	}
	if n < 0 || int(n) > len(b) {
		return Value{}, nil, wrongSize(0, 1)
	}
	v, err := c.recv(b[:n], t, defaults{})
	return v, b[n:], err
}

// trusted gives a codec that reads what this package has written, without checking it again: a timestamp that was rounded and a zone that
// was moved may be out of the range that a client's may have.
func trusted(t Type, c codec) codec {
	switch {
	case t.OID == OIDTimestamp, t.OID == OIDTimestampTZ, t.OID == OIDTime:
		c.recv = func(b []byte, _ Type, _ Env) (Value, error) {
			if len(b) != 8 {
				return Value{}, wrongSize(len(b), 8)
			}
			return Int(int64(binary.BigEndian.Uint64(b))), nil
		}
	case t.OID == OIDTimeTZ:
		c.recv = func(b []byte, _ Type, _ Env) (Value, error) {
			if len(b) != 12 {
				return Value{}, wrongSize(len(b), 12)
			}
			return Value{Iv: Interval{Micros: int64(binary.BigEndian.Uint64(b)), Months: int32(binary.BigEndian.Uint32(b[8:]))}}, nil
		}
	case t.OID == OIDJSONB:
		c.recv = func(b []byte, _ Type, _ Env) (Value, error) { return Text(string(b[min(1, len(b)):])), nil }
	case t.Kind() == KindBytes:
		c.recv = byteaRecv
	}
	return c
}

func appendItem(dst []byte, v Value, t Type, c codec) []byte {
	if v.Null {
		return append(dst, 0xff, 0xff, 0xff, 0xff)
	}
	at := len(dst)
	dst = c.send(append(dst, 0, 0, 0, 0), v, t, defaults{})
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// Encode closes an array into the form of a Value's S.
func (a Array) Encode() string { return a.encode(false) }

// encode drops the dimensions of an array without elements, which only int2vector and oidvector keep.
func (a Array) encode(keepEmpty bool) string {
	be := binary.BigEndian
	nulls := uint32(0)
	for i := range a.Elems {
		if a.Elems[i].Null {
			nulls = 1
			break
		}
	}
	dims := a.Dims
	if len(a.Elems) == 0 && !keepEmpty {
		dims = nil
	}
	dst := make([]byte, 0, 12+8*len(dims)+12*len(a.Elems))
	dst = be.AppendUint32(dst, uint32(len(dims)))
	dst = be.AppendUint32(dst, nulls)
	dst = be.AppendUint32(dst, a.ElemOID)
	for _, d := range dims {
		dst = be.AppendUint32(dst, uint32(d.Len))
		dst = be.AppendUint32(dst, uint32(d.Lower))
	}
	elem := Of(a.ElemOID)
	c, ok := codecOf(a.ElemOID)
	if !ok {
		c = codec{send: textSend}
	}
	for i := range a.Elems {
		dst = appendItem(dst, a.Elems[i], elem, c)
	}
	return string(dst)
}

// EncodeArray closes an array into a Value.
func EncodeArray(a Array) Value { return Text(a.Encode()) }

// firstGenbkiOID is where OIDs begin that are not the same in every PostgreSQL (FirstGenbkiObjectId). A client may have such a
// one from elsewhere.
const firstGenbkiOID = 10000

// elementsOf checks that elements have the type that the array's has.
func elementsOf(t Type) func(elem uint32) (uint32, error) {
	want := t.Info().Elem
	return func(elem uint32) (uint32, error) {
		if elem == want || elem >= firstGenbkiOID || want >= firstGenbkiOID {
			return want, nil
		}
		return 0, pgerr.Newf(pgerr.DatatypeMismatch, "binary data has array element type %d (%s) instead of expected %d (%s)",
			elem, FormatType(elem, -1), want, FormatType(want, -1))
	}
}

func arrayRecv(b []byte, t Type, _ Env) (Value, error) {
	a, err := decodeArray(b, elementsOf(t), t.Typmod)
	if err != nil {
		return Value{}, err
	}
	return EncodeArray(a), nil
}

func arraySend(dst []byte, v Value, _ Type, _ Env) []byte { return append(dst, v.S...) }
