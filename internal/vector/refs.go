package vector

import "github.com/odatagres/odatagres/internal/sqltype"

// RefBits is how many low bits of a Ref are the place of a row in its vector.
const RefBits = 10

// BatchRows and RefBits must agree.
var _ = [1]struct{}{}[BatchRows-1<<RefBits]

// Ref names a row of a Column: the number of its vector, and in the low RefBits bits its place there. The rows of vectors that are
// all full but the last are numbered through.
type Ref = uint32

// Column is a column whose rows lie in many flat vectors of up to BatchRows rows. It finds a row without looking at the vectors
// themselves, which makes picking rows at random from many of them as fast as memory allows.
type Column struct {
	kind    sqltype.Kind
	valid   [][]uint64
	nulls   int // vectors that may have nulls
	longs   int // vectors of numbers with bytes
	bools   [][]bool
	i16     [][]int16
	i32     [][]int32
	i64     [][]int64
	f32     [][]float32
	f64     [][]float64
	iv      [][]sqltype.Interval
	uuid    [][][16]byte
	scales  [][]uint8
	offsets [][]int32
	data    [][]byte
}

// NewColumn returns a column of n vectors of the kind, each to be Set before its rows are named.
func NewColumn(k sqltype.Kind, n int) *Column {
	c := &Column{kind: k, valid: make([][]uint64, n)}
	switch k {
	case sqltype.KindBool:
		c.bools = make([][]bool, n)
	case sqltype.KindInt16:
		c.i16 = make([][]int16, n)
	case sqltype.KindInt32:
		c.i32 = make([][]int32, n)
	case sqltype.KindInt64:
		c.i64 = make([][]int64, n)
	case sqltype.KindFloat32:
		c.f32 = make([][]float32, n)
	case sqltype.KindFloat64:
		c.f64 = make([][]float64, n)
	case sqltype.KindInterval:
		c.iv = make([][]sqltype.Interval, n)
	case sqltype.KindUUID:
		c.uuid = make([][][16]byte, n)
	case sqltype.KindNumeric:
		c.i64, c.scales = make([][]int64, n), make([][]uint8, n)
		c.offsets, c.data = make([][]int32, n), make([][]byte, n)
	default:
		c.offsets, c.data = make([][]int32, n), make([][]byte, n)
	}
	return c
}

// Set makes the flat vector v the i-th.
func (c *Column) Set(i int, v *Vector) {
	v.finish()
	if c.valid[i] != nil {
		c.nulls--
	}
	if c.valid[i] = v.Valid; v.Valid != nil {
		c.nulls++
	}
	switch c.kind {
	case sqltype.KindBool:
		c.bools[i] = v.Bools
	case sqltype.KindInt16:
		c.i16[i] = v.I16
	case sqltype.KindInt32:
		c.i32[i] = v.I32
	case sqltype.KindInt64:
		c.i64[i] = v.I64
	case sqltype.KindFloat32:
		c.f32[i] = v.F32
	case sqltype.KindFloat64:
		c.f64[i] = v.F64
	case sqltype.KindInterval:
		c.iv[i] = v.Intervals
	case sqltype.KindUUID:
		c.uuid[i] = v.UUIDs
	case sqltype.KindNumeric:
		if len(c.data[i]) > 0 {
			c.longs--
		}
		c.i64[i], c.scales[i], c.offsets[i], c.data[i] = v.I64, v.Scales, v.Offsets, v.Data
		if len(v.Data) > 0 {
			c.longs++
		}
	default:
		c.offsets[i], c.data[i] = v.Offsets, v.Data
	}
}

// AppendRefs adds rows of c, which has the same kind, at the end of the flat vector v.
func (v *Vector) AppendRefs(c *Column, refs []Ref) {
	n := len(refs)
	if n == 0 {
		return
	}
	at := v.Extend(n)
	if c.nulls > 0 {
		for i, r := range refs {
			if w := c.valid[r>>RefBits]; w != nil && w[r>>6&(BatchRows/64-1)]&(1<<(r&63)) == 0 {
				v.markNull(at + i)
			}
		}
	}
	switch v.Kind {
	case sqltype.KindBool:
		pickRefs(v.Bools[at:], c.bools, refs)
	case sqltype.KindInt16:
		pickRefs(v.I16[at:], c.i16, refs)
	case sqltype.KindInt32:
		pickRefs(v.I32[at:], c.i32, refs)
	case sqltype.KindInt64:
		pickRefs(v.I64[at:], c.i64, refs)
	case sqltype.KindFloat32:
		pickRefs(v.F32[at:], c.f32, refs)
	case sqltype.KindFloat64:
		pickRefs(v.F64[at:], c.f64, refs)
	case sqltype.KindInterval:
		pickRefs(v.Intervals[at:], c.iv, refs)
	case sqltype.KindUUID:
		pickRefs(v.UUIDs[at:], c.uuid, refs)
	case sqltype.KindNumeric:
		pickRefs(v.I64[at:], c.i64, refs)
		pickRefs(v.Scales[at:], c.scales, refs)
		if c.longs > 0 {
			v.pickBytes(at, c, refs)
		} else {
			fillOffsets(v.Offsets[at+1:at+n+1], int32(len(v.Data)))
			v.written = at + n
		}
		v.clearNullNumbers(at, n)
	default:
		v.pickBytes(at, c, refs)
	}
}

func pickRefs[T any](dst []T, from [][]T, refs []Ref) {
	dst = dst[:len(refs)]
	for i, r := range refs {
		dst[i] = from[r>>RefBits][r&(BatchRows-1)]
	}
}

// pickBytes writes the bytes of rows. Nulls are empty in the vectors that have them, as AppendSel leaves them, or become so here.
func (v *Vector) pickBytes(at int, c *Column, refs []Ref) {
	data := v.Data
	for i, r := range refs {
		k, p := r>>RefBits, r&(BatchRows-1)
		if v.Valid == nil || v.Valid[(at+i)>>6]&(1<<(uint(at+i)&63)) != 0 {
			o := c.offsets[k]
			data = append(data, c.data[k][o[p]:o[p+1]]...)
		}
		v.Offsets[at+1+i] = int32(len(data))
	}
	v.Data, v.written = data, at+len(refs)
}
