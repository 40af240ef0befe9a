package vector

import "github.com/odatagres/odatagres/internal/sqltype"

// Reset makes the vector flat with n rows of undefined value and no nulls; buffers are kept. Rows of a bytes-like vector
// must then be written in ascending order; rows that are never written are empty.
func (v *Vector) Reset(n int) {
	v.Form, v.N, v.Valid, v.Codes, v.Dict, v.written = Flat, n, nil, nil, nil, 0
	switch v.Kind {
	case sqltype.KindBool:
		v.Bools = resize(v.Bools, n)
	case sqltype.KindInt16:
		v.I16 = resize(v.I16, n)
	case sqltype.KindInt32:
		v.I32 = resize(v.I32, n)
	case sqltype.KindInt64:
		v.I64 = resize(v.I64, n)
	case sqltype.KindFloat32:
		v.F32 = resize(v.F32, n)
	case sqltype.KindFloat64:
		v.F64 = resize(v.F64, n)
	case sqltype.KindInterval:
		v.Intervals = resize(v.Intervals, n)
	case sqltype.KindUUID:
		v.UUIDs = resize(v.UUIDs, n)
	case sqltype.KindNumeric:
		v.I64, v.Scales = resize(v.I64, n), resize(v.Scales, n)
		v.Offsets, v.Data = resize(v.Offsets, n+1), v.Data[:0]
		clear(v.Offsets)
	default:
		v.Offsets, v.Data = resize(v.Offsets, n+1), v.Data[:0]
		clear(v.Offsets)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	c := max(InitialRows, cap(s))
	for c < n {
		c *= 2
	}
	return make([]T, n, c)
}

// SetNull makes the row null.
func (v *Vector) SetNull(row int) {
	if v.Valid == nil {
		v.Valid = make([]uint64, words(max(v.N, 1)))
		for i := range v.Valid {
			v.Valid[i] = ^uint64(0)
		}
	}
	v.Valid[row>>6] &^= 1 << (uint(row) & 63)
	if HasBytes(v.Kind) {
		v.fill(row)
		if v.Kind == sqltype.KindNumeric {
			v.I64[row], v.Scales[row] = 0, 0
		}
	}
}

// SetBytes writes a bytes-like row. Rows come in ascending order.
func (v *Vector) SetBytes(row int, b []byte) {
	v.fill(row)
	v.Data = append(v.Data, b...)
	v.Offsets[row+1] = int32(len(v.Data))
	v.written = row + 1
}

// SetString is SetBytes for a string.
func (v *Vector) SetString(row int, s string) {
	v.fill(row)
	v.Data = append(v.Data, s...)
	v.Offsets[row+1] = int32(len(v.Data))
	v.written = row + 1
}

// EndBytes closes a row whose bytes the caller has appended to Data itself, beginning when StartBytes was called.
func (v *Vector) EndBytes(row int) {
	v.Offsets[row+1] = int32(len(v.Data))
	v.written = row + 1
}

// StartBytes prepares a row whose bytes the caller appends to Data.
func (v *Vector) StartBytes(row int) { v.fill(row) }

// SetNumeric writes a numeric row. Rows come in ascending order.
func (v *Vector) SetNumeric(row int, n sqltype.Numeric) {
	v.fill(row)
	v.I64[row], v.Scales[row] = n.Coef, n.Scale
	if n.Scale == sqltype.ScaleOverflow {
		v.Data = append(v.Data, n.Ext...)
	}
	v.Offsets[row+1] = int32(len(v.Data))
	v.written = row + 1
}

// fill closes the rows between the last one written and row, which stay empty.
func (v *Vector) fill(row int) {
	end := int32(len(v.Data))
	for i := v.written; i <= row; i++ {
		v.Offsets[i+1] = end
	}
	if row >= v.written {
		if v.written == 0 {
			v.Offsets[0] = 0
		}
		v.written = row
	}
}

// finish closes the rows after the last one written. Kernels and operators that leave rows unwritten at the end call
// Finish.
func (v *Vector) finish() {
	if HasBytes(v.Kind) && v.written < v.N {
		end := int32(len(v.Data))
		for i := v.written; i < v.N; i++ {
			v.Offsets[i+1] = end
		}
		v.written = v.N
	}
}

// Finish closes a bytes-like vector after its last written row; a no-op for other kinds.
func (v *Vector) Finish() { v.finish() }

// SetValue writes a scalar into the row. Bytes-like rows come in ascending order.
func (v *Vector) SetValue(row int, val sqltype.Value) {
	if val.Null {
		v.SetNull(row)
		return
	}
	switch v.Kind {
	case sqltype.KindBool:
		v.Bools[row] = val.I != 0
	case sqltype.KindInt16:
		v.I16[row] = int16(val.I)
	case sqltype.KindInt32:
		v.I32[row] = int32(val.I)
	case sqltype.KindInt64:
		v.I64[row] = val.I
	case sqltype.KindFloat32:
		v.F32[row] = float32(val.F)
	case sqltype.KindFloat64:
		v.F64[row] = val.F
	case sqltype.KindNumeric:
		v.SetNumeric(row, val.Num)
	case sqltype.KindInterval:
		v.Intervals[row] = val.Iv
	case sqltype.KindUUID:
		copy(v.UUIDs[row][:], val.S)
	default:
		v.SetString(row, val.S)
	}
}

// Grow makes room for one more row at the end of a flat vector and returns its index; the value is undefined.
func (v *Vector) Grow() int {
	row := v.N
	v.N++
	switch v.Kind {
	case sqltype.KindBool:
		v.Bools = append(v.Bools, false)
	case sqltype.KindInt16:
		v.I16 = append(v.I16, 0)
	case sqltype.KindInt32:
		v.I32 = append(v.I32, 0)
	case sqltype.KindInt64:
		v.I64 = append(v.I64, 0)
	case sqltype.KindFloat32:
		v.F32 = append(v.F32, 0)
	case sqltype.KindFloat64:
		v.F64 = append(v.F64, 0)
	case sqltype.KindInterval:
		v.Intervals = append(v.Intervals, sqltype.Interval{})
	case sqltype.KindUUID:
		v.UUIDs = append(v.UUIDs, [16]byte{})
	case sqltype.KindNumeric:
		v.I64, v.Scales = append(v.I64, 0), append(v.Scales, 0)
		v.growOffsets()
	default:
		v.growOffsets()
	}
	if v.Valid != nil && words(v.N) > len(v.Valid) {
		v.Valid = append(v.Valid, ^uint64(0))
	}
	return row
}

func (v *Vector) growOffsets() {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Offsets = append(v.Offsets, int32(len(v.Data)))
	v.written = v.N - 1
}

// Append adds a scalar at the end of a flat vector.
func (v *Vector) Append(val sqltype.Value) { v.SetValue(v.Grow(), val) }
