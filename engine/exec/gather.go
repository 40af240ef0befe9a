package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// columnView is a column of a rowStore as the buffers of its chunks, so that rows anywhere in it are read without a call for each.
// It is brought up to date by every use and belongs to the store.
type columnView struct {
	chunks int // chunks that are in view; the last one may have grown since
	nulls  bool
	data   bool // some row of a numeric column has bytes
	valid  [][]uint64

	bools     [][]bool
	i16       [][]int16
	i32       [][]int32
	i64       [][]int64
	f32       [][]float32
	f64       [][]float64
	intervals [][]sqltype.Interval
	uuids     [][][16]byte
	scales    [][]uint8
	offsets   [][]int32
	bytes     [][]byte
}

// chunkMask and vector.RefBits part a row's number into its place in a chunk and the chunk.
const chunkMask = vector.BatchRows - 1

// view returns the buffers of a column.
func (s *rowStore) view(col int) *columnView {
	if s.views == nil {
		s.views = make([]columnView, len(s.types))
	}
	w := &s.views[col]
	for i := max(0, w.chunks-1); i < len(s.chunks); i++ {
		w.set(i, s.chunks[i].Cols[col])
	}
	w.chunks = len(s.chunks)
	return w
}

// set puts the buffers of chunk i in view.
func (w *columnView) set(i int, v *vector.Vector) {
	w.valid = setAt(w.valid, i, v.Valid)
	w.nulls = w.nulls || v.Valid != nil
	switch v.Kind {
	case sqltype.KindBool:
		w.bools = setAt(w.bools, i, v.Bools)
	case sqltype.KindInt16:
		w.i16 = setAt(w.i16, i, v.I16)
	case sqltype.KindInt32:
		w.i32 = setAt(w.i32, i, v.I32)
	case sqltype.KindInt64:
		w.i64 = setAt(w.i64, i, v.I64)
	case sqltype.KindFloat32:
		w.f32 = setAt(w.f32, i, v.F32)
	case sqltype.KindFloat64:
		w.f64 = setAt(w.f64, i, v.F64)
	case sqltype.KindInterval:
		w.intervals = setAt(w.intervals, i, v.Intervals)
	case sqltype.KindUUID:
		w.uuids = setAt(w.uuids, i, v.UUIDs)
	case sqltype.KindNumeric:
		w.i64, w.scales = setAt(w.i64, i, v.I64), setAt(w.scales, i, v.Scales)
		w.offsets, w.bytes = setAt(w.offsets, i, v.Offsets), setAt(w.bytes, i, v.Data)
		w.data = w.data || len(v.Data) > 0
	default:
		w.offsets, w.bytes = setAt(w.offsets, i, v.Offsets), setAt(w.bytes, i, v.Data)
	}
}

func setAt[T any](s []T, i int, x T) []T {
	if i == len(s) {
		return append(s, x)
	}
	s[i] = x
	return s
}

// isNull reports whether a row is null.
func (w *columnView) isNull(r int32) bool {
	v := w.valid[r>>vector.RefBits]
	return v != nil && v[(r&chunkMask)>>6]&(1<<(uint(r)&63)) == 0
}

// bytesOf returns the bytes of a row of a bytes-like column.
func (w *columnView) bytesOf(r int32) []byte {
	o, i := w.offsets[r>>vector.RefBits], r&chunkMask
	return w.bytes[r>>vector.RefBits][o[i]:o[i+1]]
}

// gather writes rows of a column into dst, which is reset; a negative row gives null.
func (s *rowStore) gather(dst *vector.Vector, col int, rows []int32) {
	dst.Reset(len(rows))
	if len(rows) == 0 {
		return
	}
	w := s.view(col)
	some := anyNegative(rows)
	if some || w.nulls {
		markNulls(dst, w, rows)
	}
	switch dst.Kind {
	case sqltype.KindBool:
		pickRows(dst.Bools, w.bools, rows, some)
	case sqltype.KindInt16:
		pickRows(dst.I16, w.i16, rows, some)
	case sqltype.KindInt32:
		pickRows(dst.I32, w.i32, rows, some)
	case sqltype.KindInt64:
		pickRows(dst.I64, w.i64, rows, some)
	case sqltype.KindFloat32:
		pickRows(dst.F32, w.f32, rows, some)
	case sqltype.KindFloat64:
		pickRows(dst.F64, w.f64, rows, some)
	case sqltype.KindInterval:
		pickRows(dst.Intervals, w.intervals, rows, some)
	case sqltype.KindUUID:
		pickRows(dst.UUIDs, w.uuids, rows, some)
	case sqltype.KindNumeric:
		pickRows(dst.I64, w.i64, rows, some)
		pickRows(dst.Scales, w.scales, rows, some)
		if w.data {
			pickBytes(dst, w, rows)
		}
		dst.EndBytes(len(rows) - 1)
	default:
		pickBytes(dst, w, rows)
		dst.EndBytes(len(rows) - 1)
	}
}

func anyNegative(rows []int32) bool {
	var or int32
	for _, r := range rows {
		or |= r
	}
	return or < 0
}

// pickRows copies values; those of negative rows are zero.
func pickRows[T any](dst []T, chunks [][]T, rows []int32, negative bool) {
	dst = dst[:len(rows)]
	if len(chunks) == 1 && !negative {
		c := chunks[0]
		for i, r := range rows {
			dst[i] = c[r]
		}
		return
	}
	if !negative {
		for i, r := range rows {
			dst[i] = chunks[r>>vector.RefBits][r&chunkMask]
		}
		return
	}
	var zero T
	for i, r := range rows {
		if r < 0 {
			dst[i] = zero
			continue
		}
		dst[i] = chunks[r>>vector.RefBits][r&chunkMask]
	}
}

func pickBytes(dst *vector.Vector, w *columnView, rows []int32) {
	data := dst.Data
	for i, r := range rows {
		if r >= 0 {
			o, k := w.offsets[r>>vector.RefBits], r&chunkMask
			data = append(data, w.bytes[r>>vector.RefBits][o[k]:o[k+1]]...)
		}
		dst.Offsets[i+1] = int32(len(data))
	}
	dst.Data = data
}

// markNulls sets the validity of rows that are null in the store or negative.
func markNulls(dst *vector.Vector, w *columnView, rows []int32) {
	var bits uint64
	valid := make([]uint64, (len(rows)+63)/64)
	for i, r := range rows {
		if r >= 0 && !w.isNull(r) {
			bits |= 1 << (uint(i) & 63)
		}
		if i&63 == 63 {
			valid[i>>6], bits = bits, 0
		}
	}
	if len(rows)&63 != 0 {
		valid[len(rows)>>6] = bits | ^uint64(0)<<(uint(len(rows))&63)
	}
	dst.Valid = valid
}
