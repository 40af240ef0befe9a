package exec

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// signed maps int64 to uint64 in the same order.
func signed(i int64) uint64 { return uint64(i) ^ 1<<63 }

// ordered maps floats to uint64 in their order: NaN above all, -0 as 0.
func orderedFloat(f float64) uint64 {
	switch {
	case f == 0:
		f = 0
	case f != f:
		return math.MaxUint64
	}
	u := math.Float64bits(f)
	if u>>63 != 0 {
		return ^u
	}
	return u | 1<<63
}

func orderedFloat32(f float32) uint64 {
	switch {
	case f == 0:
		f = 0
	case f != f:
		return math.MaxUint32
	}
	u := math.Float32bits(f)
	if u>>31 != 0 {
		return uint64(^u)
	}
	return uint64(u | 1<<31)
}

// words writes word w of the normalised keys of all rows of cols into dst, whose length is their number. The columns are the keys', flat,
// in their order; buf is room for as many values.
func (l *keyLayout) load(dst []uint64, w int, cols []*vector.Vector, buf []uint64) {
	clear(dst)
	buf = buf[:len(dst)]
	for i := range l.parts {
		p := &l.parts[i]
		if p.width == 0 || p.at >= (w+1)*wordBits {
			continue
		}
		if p.at+p.width <= w*wordBits {
			continue
		}
		v := cols[p.key]
		p.values(buf, v, l.keys[p.key])
		// The part's bits end here, counted from this word's lowest bit; below 0 they go on in the next word.
		p.put(dst, buf, v.Valid, (w+1)*wordBits-p.at-p.width)
	}
}

// put ors the part's values into words.
func (p *keyPart) put(dst, buf, valid []uint64, shift int) {
	mask := uint64(math.MaxUint64) >> (wordBits - p.width)
	base, desc := p.base, p.desc
	if p.kind == partNull {
		valid = nil
	}
	if shift >= 0 {
		if valid == nil && !desc {
			for i, x := range buf {
				dst[i] |= (x - base) & mask << shift
			}
			return
		}
		for i, x := range buf {
			if desc {
				x = base - x
			} else {
				x -= base
			}
			if valid == nil || valid[i>>6]&(1<<(uint(i)&63)) != 0 {
				dst[i] |= x & mask << shift
			}
		}
		return
	}
	for i, x := range buf {
		if desc {
			x = base - x
		} else {
			x -= base
		}
		if valid == nil || valid[i>>6]&(1<<(uint(i)&63)) != 0 {
			dst[i] |= x & mask >> -shift
		}
	}
}

// values writes the part's values of all rows; those of null rows are of no meaning.
func (p *keyPart) values(dst []uint64, v *vector.Vector, k sortColumn) {
	switch p.kind {
	case partNull:
		whenNull, otherwise := uint64(1), uint64(0)
		if k.first {
			whenNull, otherwise = 0, 1
		}
		for i := range dst {
			dst[i] = otherwise
			if v.IsNull(i) {
				dst[i] = whenNull
			}
		}
	case partWord:
		loadWord(dst, v, k.typ, p.sub)
	case partNumber:
		for i := range dst {
			dst[i] = signed(v.I64[i])
			if sc := v.Scales[i]; sc < p.scale {
				x, _ := rescale(v.I64[i], int(p.scale-sc))
				dst[i] = signed(x)
			}
		}
	case partFloor:
		for i := range dst {
			dst[i] = signed(integral(v, i))
		}
	case partText:
		p.texts(dst, v, k.typ.OID == sqltype.OIDBPChar)
	case partLength:
		for i := range dst {
			dst[i] = uint64(v.Offsets[i+1] - v.Offsets[i])
		}
	}
}

func (p *keyPart) texts(dst []uint64, v *vector.Vector, blanks bool) {
	var last [8]byte
	for i := range dst {
		from, to := int(v.Offsets[i])+p.sub, int(v.Offsets[i+1])
		if blanks && from < to {
			to = int(v.Offsets[i]) + len(bytes.TrimRight(v.Data[v.Offsets[i]:to], " "))
		}
		switch {
		case from >= to:
			dst[i] = 0
		case to-from >= 8:
			dst[i] = binary.BigEndian.Uint64(v.Data[from:]) >> p.drop
		default:
			last = [8]byte{}
			copy(last[:], v.Data[from:to])
			dst[i] = binary.BigEndian.Uint64(last[:]) >> p.drop
		}
	}
}

// loadWord writes numbers ordered as the values are: of types of two numbers the sub-th.
func loadWord(dst []uint64, v *vector.Vector, t sqltype.Type, sub int) {
	switch v.Kind {
	case sqltype.KindBool:
		for i, b := range v.Bools[:len(dst)] {
			dst[i] = 0
			if b {
				dst[i] = 1
			}
		}
	case sqltype.KindInt16:
		for i, x := range v.I16[:len(dst)] {
			dst[i] = signed(int64(x))
		}
	case sqltype.KindInt32:
		for i, x := range v.I32[:len(dst)] {
			dst[i] = signed(int64(x))
		}
	case sqltype.KindInt64:
		if t.OID == sqltype.OIDXID8 {
			for i, x := range v.I64[:len(dst)] {
				dst[i] = uint64(x)
			}
			return
		}
		for i, x := range v.I64[:len(dst)] {
			dst[i] = signed(x)
		}
	case sqltype.KindFloat32:
		for i, x := range v.F32[:len(dst)] {
			dst[i] = orderedFloat32(x)
		}
	case sqltype.KindFloat64:
		for i, x := range v.F64[:len(dst)] {
			dst[i] = orderedFloat(x)
		}
	case sqltype.KindInterval:
		for i, x := range v.Intervals[:len(dst)] {
			dst[i] = intervalWord(x, t.OID == sqltype.OIDTimeTZ, sub)
		}
	case sqltype.KindUUID:
		for i := range dst {
			dst[i] = binary.BigEndian.Uint64(v.UUIDs[i][8*sub:])
		}
	}
}

func intervalWord(x sqltype.Interval, timetz bool, sub int) uint64 {
	if timetz { // CompareTimeTZ
		if sub == 1 {
			return signed(int64(x.Months))
		}
		return signed(x.Micros + int64(x.Months)*sqltype.MicrosPerSecond)
	}
	hi, lo := sqltype.IntervalSpan(x)
	if sub == 1 {
		return lo
	}
	return signed(hi)
}

// integral is the integral part of a number, rounded down; the nearest int64 where it is none.
func integral(v *vector.Vector, i int) int64 {
	c, sc := v.I64[i], v.Scales[i]
	switch {
	case v.IsNull(i):
		return 0
	case sc < uint8(len(tenTo)):
		q := c / tenTo[sc]
		if c < 0 && q*tenTo[sc] != c {
			q--
		}
		return q
	case sc <= sqltype.MaxSmallScale:
		return c >> 63
	}
	n := v.Numeric(i)
	far := int64(math.MaxInt64)
	if n.Sign() < 0 {
		far = math.MinInt64
	}
	if n.IsSpecial() {
		return far
	}
	f, err := n.Floor()
	if err != nil {
		return far
	}
	x, err := f.Int64(sqltype.OIDInt8)
	if err != nil {
		return far
	}
	return x
}
