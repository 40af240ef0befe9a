package exec

import (
	"bytes"
	"encoding/binary"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// keyEncoder writes rows of key columns as bytes that are the same for equal keys: for each column a byte that tells null, then the value,
// with its length before it where that varies.
type keyEncoder struct {
	lens []int32
	out  []byte
}

// encodable reports whether values of all the types have such a form. Those of jsonb, arrays and rows have none that is cheap.
func encodable(types []sqltype.Type) bool {
	for _, t := range types {
		if t.Kind() == sqltype.KindBytes && !textual(t.OID) {
			return false
		}
	}
	return len(types) > 0
}

// encodedWidth is the length of a value of the kind; 0 where it varies.
func encodedWidth(k sqltype.Kind) int32 {
	switch k {
	case sqltype.KindBool:
		return 1
	case sqltype.KindInt16:
		return 2
	case sqltype.KindInt32:
		return 4
	case sqltype.KindInt64, sqltype.KindFloat32, sqltype.KindFloat64:
		return 8
	case sqltype.KindInterval, sqltype.KindUUID:
		return 16
	default:
		return 0
	}
}

// numberWidth is the length of a number that fits a coefficient and a scale; a longer one has its bytes behind.
const numberWidth = 9

// size is the most that the batch's rows can take.
func (e *keyEncoder) size(b *vector.Batch) int64 {
	var sum int64
	for _, v := range b.Cols {
		each := int64(encodedWidth(v.Kind)) + 1
		switch v.Kind {
		case sqltype.KindNumeric:
			each += numberWidth + 4
			sum += bytesOf(v, b)
		case sqltype.KindBytes:
			each += 4
			sum += bytesOf(v, b)
		}
		sum += each * int64(b.Rows())
	}
	return sum
}

// encode writes the rows that count one behind the other and says where each stands.
func (e *keyEncoder) encode(b *vector.Batch, spans []span) []byte {
	if need := int(e.size(b)); cap(e.out) < need {
		e.out = make([]byte, need, need+need/2)
	}
	e.out = e.out[:cap(e.out)]
	e.lengths(b, len(spans))
	at := int32(0)
	for i, n := range e.lens {
		spans[i] = span{at: at, n: 0, all: n}
		at += n
	}
	for _, v := range b.Cols {
		e.column(v, b, spans)
	}
	return e.out
}

// lengths computes the length of each row. A null is its byte alone.
func (e *keyEncoder) lengths(b *vector.Batch, n int) {
	e.lens = growInts(e.lens, n)
	clear(e.lens)
	for _, v := range b.Cols {
		width, nulls, p := encodedWidth(v.Kind)+1, hasNulls(v), v.Physical()
		for i := range e.lens {
			switch r := b.Row(i); {
			case nulls && v.IsNull(r):
				e.lens[i]++
			case v.Kind == sqltype.KindBytes:
				k := v.Index(r)
				e.lens[i] += 5 + p.Offsets[k+1] - p.Offsets[k]
			case v.Kind == sqltype.KindNumeric:
				e.lens[i] += 1 + numberWidth
				if k := v.Index(r); p.Scales[k] == sqltype.ScaleOverflow {
					e.lens[i] += 4 + p.Offsets[k+1] - p.Offsets[k]
				}
			default:
				e.lens[i] += width
			}
		}
	}
}

// column appends a column's values to the rows: span.n is how far each is written.
func (e *keyEncoder) column(v *vector.Vector, b *vector.Batch, spans []span) {
	nulls, p := hasNulls(v), v.Physical()
	for i := range spans {
		s := &spans[i]
		r := b.Row(i)
		dst := e.out[s.at+s.n : s.at+s.all]
		if nulls && v.IsNull(r) {
			dst[0] = 0
			s.n++
			continue
		}
		dst[0] = 1
		s.n += 1 + encodeValue(dst[1:], v, p, v.Index(r))
	}
}

func encodeValue(dst []byte, v, p *vector.Vector, k int) int32 {
	switch v.Kind {
	case sqltype.KindBool:
		dst[0] = 0
		if p.Bools[k] {
			dst[0] = 1
		}
		return 1
	case sqltype.KindInt16:
		binary.LittleEndian.PutUint16(dst, uint16(p.I16[k]))
		return 2
	case sqltype.KindInt32:
		binary.LittleEndian.PutUint32(dst, uint32(p.I32[k]))
		return 4
	case sqltype.KindInt64:
		binary.LittleEndian.PutUint64(dst, uint64(p.I64[k]))
		return 8
	case sqltype.KindFloat32:
		binary.LittleEndian.PutUint64(dst, equalBits(float64(p.F32[k])))
		return 8
	case sqltype.KindFloat64:
		binary.LittleEndian.PutUint64(dst, equalBits(p.F64[k]))
		return 8
	case sqltype.KindUUID:
		return int32(copy(dst, p.UUIDs[k][:]))
	case sqltype.KindInterval:
		hi, lo := equalInterval(v.Type, p.Intervals[k])
		binary.LittleEndian.PutUint64(dst, uint64(hi))
		binary.LittleEndian.PutUint64(dst[8:], uint64(lo))
		return 16
	case sqltype.KindNumeric:
		return encodeNumber(dst, p, k)
	default:
		x := p.Data[p.Offsets[k]:p.Offsets[k+1]]
		if v.Type.OID == sqltype.OIDBPChar {
			x = bytes.TrimRight(x, " ")
		}
		binary.LittleEndian.PutUint32(dst, uint32(len(x)))
		return 4 + int32(copy(dst[4:], x))
	}
}

// encodeNumber writes a number without zeros at the end of its fraction.
func encodeNumber(dst []byte, p *vector.Vector, k int) int32 {
	coef, scale := p.I64[k], p.Scales[k]
	if scale <= sqltype.MaxSmallScale {
		for scale > 0 && coef%10 == 0 {
			coef, scale = coef/10, scale-1
		}
		binary.LittleEndian.PutUint64(dst, uint64(coef))
		dst[8] = scale
		return numberWidth
	}
	n := sqltype.Numeric{Coef: coef, Scale: scale}
	if scale == sqltype.ScaleOverflow {
		n.Ext = string(p.Data[p.Offsets[k]:p.Offsets[k+1]])
		n = n.TrimScale()
	}
	binary.LittleEndian.PutUint64(dst, uint64(n.Coef))
	dst[8] = n.Scale
	if n.Scale != sqltype.ScaleOverflow {
		return numberWidth
	}
	binary.LittleEndian.PutUint32(dst[numberWidth:], uint32(len(n.Ext)))
	return numberWidth + 4 + int32(copy(dst[numberWidth+4:], n.Ext))
}

// equalInterval is what equal intervals share: whole days, a month having 30, and the rest; of a time with a zone, its point in UTC and the
// zone.
func equalInterval(t sqltype.Type, iv sqltype.Interval) (hi, lo int64) {
	if t.OID == sqltype.OIDTimeTZ {
		return iv.Micros + int64(iv.Months)*sqltype.MicrosPerSecond, int64(iv.Months)
	}
	hi, lo = int64(iv.Months)*30+int64(iv.Days)+iv.Micros/sqltype.MicrosPerDay, iv.Micros%sqltype.MicrosPerDay
	if lo < 0 {
		hi, lo = hi-1, lo+sqltype.MicrosPerDay
	}
	return hi, lo
}
