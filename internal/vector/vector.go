package vector

import (
	"math/bits"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// Form says how a vector holds its values.
type Form uint8

// The forms of a vector.
const (
	Flat Form = iota
	Constant
	Dictionary
)

// BatchRows is the number of rows that a batch holds at the most; InitialRows is the capacity that a vector starts with.
const (
	BatchRows   = 1024
	InitialRows = 64
)

// Vector is one column of a batch. Which buffer holds the values follows from Kind (see sqltype.Kind):
//
//	KindBool    Bools       KindInt16 I16    KindInt32 I32      KindInt64 I64     KindFloat32 F32   KindFloat64 F64
//	KindNumeric I64 (coefficients), Scales, and Offsets/Data for rows whose scale is ScaleOverflow
//	KindInterval Intervals  KindUUID UUIDs   KindBytes Offsets/Data
//
// Kernels read the buffers directly; everybody else uses the methods.
type Vector struct {
	Type sqltype.Type
	Kind sqltype.Kind
	Form Form
	N    int // rows

	Valid []uint64 // bit i set: row i is not null; nil: no row is null. Flat and Constant only.

	Bools     []bool
	I16       []int16
	I32       []int32
	I64       []int64
	F32       []float32
	F64       []float64
	Intervals []sqltype.Interval
	UUIDs     [][16]byte
	Scales    []uint8
	Offsets   []int32 // len N+1 once written
	Data      []byte

	Codes []int32 // Dictionary: index into Dict, -1 is null
	Dict  *Dict

	written int // bytes-like: rows whose offsets are set
}

// Dict is the dictionary of Dictionary vectors. It only ever grows, so a batch sees a prefix of it; caches key on ID and
// entry.
type Dict struct {
	ID     uint64
	Values *Vector // Flat, without nulls
}

// New returns an empty flat vector for the type.
func New(t sqltype.Type) *Vector { return &Vector{Type: t, Kind: t.Kind()} }

// NewFlat returns a flat vector of n rows with zero values.
func NewFlat(t sqltype.Type, n int) *Vector {
	v := New(t)
	v.Reset(n)
	return v
}

// NewConstant returns a vector of n rows that all have the value.
func NewConstant(t sqltype.Type, val sqltype.Value, n int) *Vector {
	v := NewFlat(t, 1)
	v.SetValue(0, val)
	v.finish()
	v.Form = Constant
	v.N = n
	return v
}

// NewNull returns a vector of n rows that are all null.
func NewNull(t sqltype.Type, n int) *Vector { return NewConstant(t, sqltype.NullValue(), n) }

// NewDictionary returns an empty dictionary vector over d.
func NewDictionary(t sqltype.Type, d *Dict) *Vector {
	return &Vector{Type: t, Kind: t.Kind(), Form: Dictionary, Dict: d}
}

// Index maps a row to the place in the buffers of Physical.
func (v *Vector) Index(row int) int {
	switch v.Form {
	case Constant:
		return 0
	case Dictionary:
		return int(v.Codes[row])
	default:
		return row
	}
}

// Physical is the flat vector that Index points into: the vector itself, or its dictionary's values.
func (v *Vector) Physical() *Vector {
	if v.Form == Dictionary {
		return v.Dict.Values
	}
	return v
}

// IsNull reports whether the row is null.
func (v *Vector) IsNull(row int) bool {
	switch v.Form {
	case Constant:
		return v.Valid != nil && v.Valid[0]&1 == 0
	case Dictionary:
		return v.Codes[row] < 0
	default:
		return v.Valid != nil && v.Valid[row>>6]&(1<<(uint(row)&63)) == 0
	}
}

// MayHaveNulls reports false only if no row can be null.
func (v *Vector) MayHaveNulls() bool { return v.Form == Dictionary || v.Valid != nil }

// CountNulls counts the null rows.
func (v *Vector) CountNulls() int {
	switch {
	case v.Form == Dictionary:
		n := 0
		for _, c := range v.Codes[:v.N] {
			if c < 0 {
				n++
			}
		}
		return n
	case v.Valid == nil:
		return 0
	case v.Form == Constant:
		if v.Valid[0]&1 == 0 {
			return v.N
		}
		return 0
	}
	set := 0
	for i, w := range v.Valid[:words(v.N)] {
		if rest := v.N - i*64; rest < 64 {
			w &= 1<<uint(rest) - 1
		}
		set += bits.OnesCount64(w)
	}
	return v.N - set
}

// Bytes returns the bytes of a bytes-like row, which must not be null. They alias the vector.
func (v *Vector) Bytes(row int) []byte {
	p, i := v.Physical(), v.Index(row)
	return p.Data[p.Offsets[i]:p.Offsets[i+1]]
}

// Numeric returns the number of a numeric row, which must not be null. Ext of an overflow number is copied.
func (v *Vector) Numeric(row int) sqltype.Numeric {
	p, i := v.Physical(), v.Index(row)
	n := sqltype.Numeric{Coef: p.I64[i], Scale: p.Scales[i]}
	if n.Scale == sqltype.ScaleOverflow {
		n.Ext = string(p.Data[p.Offsets[i]:p.Offsets[i+1]])
	}
	return n
}

// Value returns the row as a scalar value; bytes are copied.
func (v *Vector) Value(row int) sqltype.Value {
	if v.IsNull(row) {
		return sqltype.NullValue()
	}
	p, i := v.Physical(), v.Index(row)
	switch v.Kind {
	case sqltype.KindBool:
		return sqltype.Bool(p.Bools[i])
	case sqltype.KindInt16:
		return sqltype.Value{I: int64(p.I16[i])}
	case sqltype.KindInt32:
		return sqltype.Value{I: int64(p.I32[i])}
	case sqltype.KindInt64:
		return sqltype.Value{I: p.I64[i]}
	case sqltype.KindFloat32:
		return sqltype.Value{F: float64(p.F32[i])}
	case sqltype.KindFloat64:
		return sqltype.Value{F: p.F64[i]}
	case sqltype.KindNumeric:
		return sqltype.Value{Num: v.Numeric(row)}
	case sqltype.KindInterval:
		return sqltype.Value{Iv: p.Intervals[i]}
	case sqltype.KindUUID:
		return sqltype.Value{S: string(p.UUIDs[i][:])}
	default:
		return sqltype.Value{S: string(p.Data[p.Offsets[i]:p.Offsets[i+1]])}
	}
}

// HasBytes reports whether rows of the kind may use Offsets and Data.
func HasBytes(k sqltype.Kind) bool { return k == sqltype.KindBytes || k == sqltype.KindNumeric }

func words(n int) int { return (n + 63) / 64 }
