package vector

import (
	"unsafe"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// RawBuffers is the number of buffers that RawBytes gives for vectors of the kind.
func RawBuffers(k sqltype.Kind) int {
	switch k {
	case sqltype.KindNumeric:
		return 5
	case sqltype.KindBytes:
		return 3
	default:
		return 2
	}
}

// RawBytes appends the buffers of a flat vector to dst, in this machine's byte order: validity (empty: no row is null), values, scales,
// offsets, data, as far as the kind has them. They alias the vector. Offsets of numbers are empty where none needs bytes.
func (v *Vector) RawBytes(dst [][]byte) [][]byte {
	v.finish()
	dst = append(dst, asBytes(v.Valid, min(len(v.Valid), words(v.N))))
	dst = v.fixedBytes(dst, v.N)
	switch {
	case !HasBytes(v.Kind):
		return dst
	case v.N == 0 || v.Kind == sqltype.KindNumeric && len(v.Data) == 0:
		return append(dst, nil, nil)
	}
	return append(dst, asBytes(v.Offsets, v.N+1), v.Data)
}

// fixedBytes appends the buffers whose size is given by the number of rows.
func (v *Vector) fixedBytes(dst [][]byte, n int) [][]byte {
	switch v.Kind {
	case sqltype.KindBool:
		return append(dst, asBytes(v.Bools, n))
	case sqltype.KindInt16:
		return append(dst, asBytes(v.I16, n))
	case sqltype.KindInt32:
		return append(dst, asBytes(v.I32, n))
	case sqltype.KindInt64:
		return append(dst, asBytes(v.I64, n))
	case sqltype.KindFloat32:
		return append(dst, asBytes(v.F32, n))
	case sqltype.KindFloat64:
		return append(dst, asBytes(v.F64, n))
	case sqltype.KindInterval:
		return append(dst, asBytes(v.Intervals, n))
	case sqltype.KindUUID:
		return append(dst, asBytes(v.UUIDs, n))
	case sqltype.KindNumeric:
		return append(dst, asBytes(v.I64, n), asBytes(v.Scales, n))
	}
	return dst
}

// LoadRaw makes the vector flat with n rows whose buffers have these sizes, as RawBytes gave them, and has fill write each of them.
// Buffers are reused. An error of fill is returned, and the vector is then undefined.
func (v *Vector) LoadRaw(n int, sizes []int, fill func(i int, buf []byte) error) error {
	v.Reset(n)
	if sizes[0] > 0 {
		v.Valid = make([]uint64, words(n))
		if err := fill(0, asBytes(v.Valid, len(v.Valid))); err != nil {
			return err
		}
	}
	next := 1
	for _, buf := range v.fixedBytes(nil, n) {
		if err := fill(next, buf); err != nil {
			return err
		}
		next++
	}
	if HasBytes(v.Kind) {
		return v.loadData(n, next, sizes, fill)
	}
	return nil
}

// loadData loads offsets and bytes, whose buffers are those from first on.
func (v *Vector) loadData(n, first int, sizes []int, fill func(i int, buf []byte) error) error {
	v.written = n
	if sizes[first] == 0 { // no row has bytes; Reset made all offsets 0
		return nil
	}
	if err := fill(first, asBytes(v.Offsets, n+1)); err != nil {
		return err
	}
	v.Data = resize(v.Data, sizes[first+1])
	return fill(first+1, v.Data)
}

// asBytes is the memory of the first n values.
func asBytes[T any](s []T, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), n*int(unsafe.Sizeof(s[0])))
}
