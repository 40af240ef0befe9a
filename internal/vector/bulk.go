package vector

import "github.com/odatagres/odatagres/internal/sqltype"

// AppendSel adds rows of src, which has the same kind, at the end of the flat vector v: those of sel, whose length is n, or the first n
// where sel is nil. A negative row gives null.
func (v *Vector) AppendSel(src *Vector, sel []int32, n int) {
	v.copySel(v.Extend(n), src, sel, n)
}

// Extend adds n rows of undefined value and without nulls at the end of the flat vector v and returns the first. Those of a bytes-like
// vector are empty until they are written, in ascending order.
func (v *Vector) Extend(n int) int {
	at := v.N
	if v.Valid != nil {
		for words(at+n) > len(v.Valid) {
			v.Valid = append(v.Valid, ^uint64(0))
		}
	}
	switch v.Kind {
	case sqltype.KindBool:
		v.Bools = lengthen(v.Bools, at+n)
	case sqltype.KindInt16:
		v.I16 = lengthen(v.I16, at+n)
	case sqltype.KindInt32:
		v.I32 = lengthen(v.I32, at+n)
	case sqltype.KindInt64:
		v.I64 = lengthen(v.I64, at+n)
	case sqltype.KindFloat32:
		v.F32 = lengthen(v.F32, at+n)
	case sqltype.KindFloat64:
		v.F64 = lengthen(v.F64, at+n)
	case sqltype.KindInterval:
		v.Intervals = lengthen(v.Intervals, at+n)
	case sqltype.KindUUID:
		v.UUIDs = lengthen(v.UUIDs, at+n)
	case sqltype.KindNumeric:
		v.finish()
		v.I64, v.Scales = lengthen(v.I64, at+n), lengthen(v.Scales, at+n)
		v.Offsets = lengthen(v.Offsets, at+n+1)
	default:
		v.finish()
		v.Offsets = lengthen(v.Offsets, at+n+1)
	}
	if at == 0 && HasBytes(v.Kind) {
		v.Offsets[0] = 0
	}
	v.N = at + n
	return at
}

// lengthen keeps the values of s and makes it n long; capacity doubles.
func lengthen[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	c := max(InitialRows, cap(s))
	for c < n {
		c *= 2
	}
	out := make([]T, n, c)
	copy(out, s)
	return out
}

// copySel writes n rows of src into v from row at on. Rows of v before at are written already.
func (v *Vector) copySel(at int, src *Vector, sel []int32, n int) {
	if n == 0 {
		return
	}
	if src.Form != Flat {
		v.copyIndirect(at, src, sel, n)
		return
	}
	if src.Valid != nil || sel != nil && hasNegative(sel) {
		v.copyNulls(at, src, sel, n)
	}
	switch v.Kind {
	case sqltype.KindBool:
		pickInto(v.Bools[at:at+n], src.Bools, sel)
	case sqltype.KindInt16:
		pickInto(v.I16[at:at+n], src.I16, sel)
	case sqltype.KindInt32:
		pickInto(v.I32[at:at+n], src.I32, sel)
	case sqltype.KindInt64:
		pickInto(v.I64[at:at+n], src.I64, sel)
	case sqltype.KindFloat32:
		pickInto(v.F32[at:at+n], src.F32, sel)
	case sqltype.KindFloat64:
		pickInto(v.F64[at:at+n], src.F64, sel)
	case sqltype.KindInterval:
		pickInto(v.Intervals[at:at+n], src.Intervals, sel)
	case sqltype.KindUUID:
		pickInto(v.UUIDs[at:at+n], src.UUIDs, sel)
	case sqltype.KindNumeric:
		pickInto(v.I64[at:at+n], src.I64, sel)
		pickInto(v.Scales[at:at+n], src.Scales, sel)
		if len(src.Data) == 0 && (sel == nil || src.Valid == nil) {
			fillOffsets(v.Offsets[at+1:at+n+1], int32(len(v.Data)))
			v.written = at + n
			v.clearNullNumbers(at, n)
			return
		}
		v.copyBytes(at, src, sel, n)
		v.clearNullNumbers(at, n)
	default:
		v.copyBytes(at, src, sel, n)
	}
}

func pickInto[T any](dst, src []T, sel []int32) {
	if sel == nil {
		copy(dst, src[:len(dst)])
		return
	}
	dst = dst[:len(sel)]
	for i, r := range sel {
		if r >= 0 {
			dst[i] = src[r]
		}
	}
}

func fillOffsets(dst []int32, end int32) {
	for i := range dst {
		dst[i] = end
	}
}

func hasNegative(sel []int32) bool {
	var or int32
	for _, r := range sel {
		or |= r
	}
	return or < 0
}

// copyNulls marks the rows that are null.
func (v *Vector) copyNulls(at int, src *Vector, sel []int32, n int) {
	for i := range n {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if r < 0 || src.Valid != nil && src.Valid[r>>6]&(1<<(uint(r)&63)) == 0 {
			v.markNull(at + i)
		}
	}
}

// markNull clears the row's validity bit and nothing else.
func (v *Vector) markNull(row int) {
	if v.Valid == nil {
		v.Valid = make([]uint64, words(max(v.N, 1)))
		for i := range v.Valid {
			v.Valid[i] = ^uint64(0)
		}
	}
	v.Valid[row>>6] &^= 1 << (uint(row) & 63)
}

// clearNullNumbers: a null number has the coefficient and the scale zero, so that nobody takes its scale for a mark.
func (v *Vector) clearNullNumbers(at, n int) {
	if v.Valid == nil {
		return
	}
	for i := at; i < at+n; i++ {
		if v.Valid[i>>6]&(1<<(uint(i)&63)) == 0 {
			v.I64[i], v.Scales[i] = 0, 0
		}
	}
}

// copyBytes writes the bytes of rows of the flat vector src. Nulls are empty, whatever src holds there.
func (v *Vector) copyBytes(at int, src *Vector, sel []int32, n int) {
	if sel == nil && src.Valid == nil {
		base := int32(len(v.Data)) - src.Offsets[0]
		v.Data = append(v.Data, src.Data[src.Offsets[0]:src.Offsets[n]]...)
		for i, o := range src.Offsets[1 : n+1] {
			v.Offsets[at+1+i] = base + o
		}
		v.written = at + n
		return
	}
	data := v.Data
	for i := range n {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if r >= 0 && (src.Valid == nil || src.Valid[r>>6]&(1<<(uint(r)&63)) != 0) {
			data = append(data, src.Data[src.Offsets[r]:src.Offsets[r+1]]...)
		}
		v.Offsets[at+1+i] = int32(len(data))
	}
	v.Data = data
	v.written = at + n
}

// copyIndirect writes rows of a constant or dictionary vector.
func (v *Vector) copyIndirect(at int, src *Vector, sel []int32, n int) {
	rows := make([]int32, n)
	for i := range rows {
		r := int32(i)
		if sel != nil {
			r = sel[i]
		}
		if r >= 0 && src.IsNull(int(r)) {
			r = -1
		}
		if r >= 0 {
			r = int32(src.Index(int(r)))
		}
		rows[i] = r
	}
	p := *src.Physical()
	p.Form = Flat
	p.Valid = nil
	v.copySel(at, &p, rows, n)
}
