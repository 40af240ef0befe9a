package vector

import "github.com/odatagres/odatagres/internal/sqltype"

// AppendRow adds row of src, which has the same kind, at the end of the flat vector v.
func (v *Vector) AppendRow(src *Vector, row int) {
	dst := v.Grow()
	if src.IsNull(row) {
		v.SetNull(dst)
		return
	}
	v.copyRow(dst, src.Physical(), src.Index(row))
}

// SetRow copies row of src, which has the same kind, into row dst of the flat vector v. Bytes-like rows come in ascending order.
func (v *Vector) SetRow(dst int, src *Vector, row int) {
	if src.IsNull(row) {
		v.SetNull(dst)
		return
	}
	v.copyRow(dst, src.Physical(), src.Index(row))
}

func (v *Vector) copyRow(dst int, p *Vector, i int) {
	switch v.Kind {
	case sqltype.KindBool:
		v.Bools[dst] = p.Bools[i]
	case sqltype.KindInt16:
		v.I16[dst] = p.I16[i]
	case sqltype.KindInt32:
		v.I32[dst] = p.I32[i]
	case sqltype.KindInt64:
		v.I64[dst] = p.I64[i]
	case sqltype.KindFloat32:
		v.F32[dst] = p.F32[i]
	case sqltype.KindFloat64:
		v.F64[dst] = p.F64[i]
	case sqltype.KindInterval:
		v.Intervals[dst] = p.Intervals[i]
	case sqltype.KindUUID:
		v.UUIDs[dst] = p.UUIDs[i]
	case sqltype.KindNumeric:
		v.fill(dst)
		v.I64[dst], v.Scales[dst] = p.I64[i], p.Scales[i]
		if p.Scales[i] == sqltype.ScaleOverflow {
			v.Data = append(v.Data, p.Data[p.Offsets[i]:p.Offsets[i+1]]...)
		}
		v.EndBytes(dst)
	default:
		v.SetBytes(dst, p.Data[p.Offsets[i]:p.Offsets[i+1]])
	}
}

// Gather returns a flat copy of the rows of src in the order of sel; nil sel means all rows. A negative index gives null.
// dst is reused if it is not nil.
func Gather(dst, src *Vector, sel []int32) *Vector {
	n := src.N
	if sel != nil {
		n = len(sel)
	}
	if dst == nil {
		dst = New(src.Type)
	}
	dst.Type, dst.Kind = src.Type, src.Kind
	dst.Reset(n)
	dst.copySel(0, src, sel, n)
	dst.finish()
	return dst
}

// Flatten returns the vector itself if it is flat, else a flat copy of all its rows.
func (v *Vector) Flatten() *Vector {
	if v.Form == Flat {
		return v
	}
	return Gather(nil, v, nil)
}

// MemBytes is the memory of the vector's buffers, in bytes, without a dictionary's.
func (v *Vector) MemBytes() int64 {
	return int64(8*cap(v.Valid) + cap(v.Bools) + 2*cap(v.I16) + 4*cap(v.I32) + 8*cap(v.I64) + 4*cap(v.F32) + 8*cap(v.F64) +
		16*cap(v.Intervals) + 16*cap(v.UUIDs) + cap(v.Scales) + 4*cap(v.Offsets) + cap(v.Data) + 4*cap(v.Codes))
}
