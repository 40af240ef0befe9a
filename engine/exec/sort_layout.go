package exec

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// sortColumn is a column by which rows are sorted.
type sortColumn struct {
	col         int // place among the stored columns
	typ         sqltype.Type
	desc, first bool // first: nulls first
}

// keyForm says how the values of a type become numbers that are ordered as they are.
type keyForm uint8

const (
	formNone    keyForm = iota // they do not: values are compared
	formWord                   // one number
	formPair                   // two
	formNumeric                // one, which is all of the value or its integral part
	formText                   // the bytes, eight at a time
)

func formOf(t sqltype.Type) keyForm {
	switch t.Kind() {
	case sqltype.KindBool, sqltype.KindInt16, sqltype.KindInt32, sqltype.KindInt64, sqltype.KindFloat32, sqltype.KindFloat64:
		return formWord
	case sqltype.KindInterval, sqltype.KindUUID:
		return formPair
	case sqltype.KindNumeric:
		return formNumeric
	}
	switch t.OID {
	case sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDBPChar, sqltype.OIDName, sqltype.OIDChar, sqltype.OIDBytea, sqltype.OIDUnknown:
		return formText
	}
	return formNone
}

// keyStats is what is known of a key column's values: what they have in common need not be sorted by.
type keyStats struct {
	nulls, values bool
	min, max      [2]uint64 // of formWord and formPair, as loadWord gives them
	up, down      bool      // each value is at least, at most, the one before, and none is null

	scales map[uint8]*[2]int64 // formNumeric: the smallest and the largest coefficient of each scale
	odd    bool                // a number beyond int64, NaN or an infinity

	prefix  []byte // formText: what all begin with
	longest int
}

// anyStats allow every value of a type.
func anyStats(t sqltype.Type) keyStats {
	s := keyStats{nulls: true, values: true, max: [2]uint64{math.MaxUint64, math.MaxUint64}, odd: true, longest: math.MaxInt32}
	switch t.Kind() {
	case sqltype.KindBool:
		s.max[0] = 1
	case sqltype.KindInt16:
		s.min[0], s.max[0] = signed(math.MinInt16), signed(math.MaxInt16)
	case sqltype.KindInt32:
		s.min[0], s.max[0] = signed(math.MinInt32), signed(math.MaxInt32)
	case sqltype.KindFloat32:
		s.max[0] = math.MaxUint32
	}
	return s
}

// gather looks at a vector's values; buf has room for all of them.
func (s *keyStats) gather(k *sortColumn, v *vector.Vector, buf []uint64) {
	if v.N == 0 {
		return
	}
	if v.Valid != nil && v.CountNulls() > 0 {
		s.nulls = true
		s.up, s.down = false, false
	}
	switch formOf(k.typ) {
	case formWord, formPair:
		s.gatherWords(k, v, buf)
	case formNumeric:
		s.gatherNumbers(v)
	case formText:
		s.gatherTexts(k, v)
	default:
		s.values, s.up, s.down = true, false, false
	}
}

func (s *keyStats) gatherWords(k *sortColumn, v *vector.Vector, buf []uint64) {
	n := 1
	if formOf(k.typ) == formPair {
		n = 2
		s.up, s.down = false, false
	}
	first := !s.values
	for sub := range n {
		loadWord(buf[:v.N], v, k.typ, sub)
		lo, hi := uint64(math.MaxUint64), uint64(0)
		if v.Valid == nil {
			up, down := true, true
			before := buf[0]
			for _, x := range buf[:v.N] {
				lo, hi = min(lo, x), max(hi, x)
				up, down = up && x >= before, down && x <= before
				before = x
			}
			if n == 1 && (s.up || s.down) {
				// s.max is the last value while they rise, s.min while they fall.
				s.up = s.up && up && (first || buf[0] >= s.max[0])
				s.down = s.down && down && (first || buf[0] <= s.min[0])
			}
		} else {
			found := false
			for i, x := range buf[:v.N] {
				if v.Valid[i>>6]&(1<<(uint(i)&63)) != 0 {
					lo, hi, found = min(lo, x), max(hi, x), true
				}
			}
			if !found {
				return
			}
		}
		if first {
			s.min[sub], s.max[sub] = lo, hi
		} else {
			s.min[sub], s.max[sub] = min(s.min[sub], lo), max(s.max[sub], hi)
		}
	}
	s.values = true
}

func (s *keyStats) gatherNumbers(v *vector.Vector) {
	s.up, s.down = false, false
	var at *[2]int64
	scale := uint8(0)
	for i, c := range v.I64[:v.N] {
		if v.Valid != nil && v.Valid[i>>6]&(1<<(uint(i)&63)) == 0 {
			continue
		}
		if sc := v.Scales[i]; at == nil || sc != scale {
			if sc > sqltype.MaxSmallScale {
				s.odd = true
				continue
			}
			if s.scales == nil {
				s.scales = map[uint8]*[2]int64{}
			}
			if at = s.scales[sc]; at == nil {
				at = &[2]int64{c, c}
				s.scales[sc] = at
			}
			scale = sc
		}
		at[0], at[1] = min(at[0], c), max(at[1], c)
	}
	s.values = true
}

func (s *keyStats) gatherTexts(k *sortColumn, v *vector.Vector) {
	s.up, s.down = false, false
	for i := range v.N {
		if v.Valid != nil && v.Valid[i>>6]&(1<<(uint(i)&63)) == 0 {
			continue
		}
		b := v.Data[v.Offsets[i]:v.Offsets[i+1]]
		if k.typ.OID == sqltype.OIDBPChar {
			b = bytes.TrimRight(b, " ")
		}
		s.longest = max(s.longest, len(b))
		switch {
		case !s.values:
			s.prefix, s.values = bytes.Clone(b), true
		case !bytes.HasPrefix(b, s.prefix):
			s.prefix = s.prefix[:common(s.prefix, b)]
		}
	}
}

func common(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// add takes in what is known of other values of the same column.
func (s *keyStats) add(o *keyStats) {
	s.nulls, s.odd = s.nulls || o.nulls, s.odd || o.odd
	s.up, s.down = false, false
	if !o.values {
		return
	}
	for sc, m := range o.scales {
		if s.scales == nil {
			s.scales = map[uint8]*[2]int64{}
		}
		if at := s.scales[sc]; at != nil {
			at[0], at[1] = min(at[0], m[0]), max(at[1], m[1])
		} else {
			s.scales[sc] = &[2]int64{m[0], m[1]}
		}
	}
	if !s.values {
		s.values, s.min, s.max, s.prefix, s.longest = true, o.min, o.max, o.prefix, o.longest
		return
	}
	for i := range s.min {
		s.min[i], s.max[i] = min(s.min[i], o.min[i]), max(s.max[i], o.max[i])
	}
	s.prefix, s.longest = s.prefix[:common(s.prefix, o.prefix)], max(s.longest, o.longest)
}

// numberRange gives the scale in which all numbers are whole and fit int64, and their bounds then; false if there is none.
func (s *keyStats) numberRange() (scale uint8, bounds [2]int64, ok bool) {
	if s.odd {
		return 0, bounds, false
	}
	for sc := range s.scales {
		scale = max(scale, sc)
	}
	first := true
	for sc, m := range s.scales {
		for _, c := range m {
			x, fits := rescale(c, int(scale-sc))
			if !fits {
				return 0, bounds, false
			}
			if first {
				bounds, first = [2]int64{x, x}, false
			}
			bounds[0], bounds[1] = min(bounds[0], x), max(bounds[1], x)
		}
	}
	return scale, bounds, true
}

func rescale(c int64, by int) (int64, bool) {
	if by >= len(tenTo) {
		return 0, c == 0
	}
	hi, lo := bits.Mul64(magnitude(c), uint64(tenTo[by]))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	return c * tenTo[by], true
}

func magnitude(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

// tenTo holds the powers of ten that fit int64.
var tenTo = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

type partKind uint8

const (
	partNull partKind = iota
	partWord          // a value's number, or the sub-th of two
	partNumber
	partFloor  // a number's integral part
	partText   // eight bytes from sub on
	partLength // of a text
)

// keyPart is some bits of a row's normalised key.
type keyPart struct {
	kind  partKind
	key   int
	sub   int
	scale uint8  // partNumber
	base  uint64 // the value that becomes 0
	desc  bool   // values below base become greater, not those above it
	drop  int    // low bits of the value that are cut off
	width int
	at    int // the first bit's place, counted from the first word's highest bit
}

// keyLayout says how rows become normalised keys: bit strings that are ordered as the rows are. It leaves out what all rows have in
// common, so that several keys often fit one word.
type keyLayout struct {
	keys   []sortColumn
	stats  []keyStats
	parts  []keyPart
	bits   int
	sorted int  // so many of the keys at the end are those by which the rows are in order already
	exact  bool // rows whose keys are the same are equal
}

const (
	// mostWords of a normalised key; what is beyond is compared.
	mostWords = 8
	wordBits  = 64
)

// newLayout makes the layout for rows of which stats are known. inOrder allows to leave out keys at the end by which the rows are in
// order as they lie, for a stable sort.
func newLayout(keys []sortColumn, stats []keyStats, inOrder bool) *keyLayout {
	l := &keyLayout{keys: keys, stats: stats, exact: true}
	if inOrder {
		for i := len(keys) - 1; i >= 0; i-- {
			s := &stats[i]
			if s.nulls || keys[i].desc && !s.down || !keys[i].desc && !s.up {
				break
			}
			l.sorted++
		}
	}
	for i := range keys[:len(keys)-l.sorted] {
		if !l.place(i) || l.bits >= mostWords*wordBits {
			l.exact = l.exact && i == len(keys)-l.sorted-1
			break
		}
	}
	return l
}

func (l *keyLayout) words() int { return (l.bits + wordBits - 1) / wordBits }

func (l *keyLayout) part(p keyPart, lo, hi uint64) {
	p.desc = l.keys[p.key].desc && p.kind != partNull
	p.base, p.width = lo, bits.Len64(hi-lo)
	if p.desc {
		p.base = hi
	}
	l.parts = append(l.parts, p.placed(&l.bits))
}

func (p keyPart) placed(at *int) keyPart {
	p.at = *at
	*at += p.width
	return p
}

// place adds the parts of a key; false if keys behind it would be looked at although this one may not be all of the value.
func (l *keyLayout) place(i int) bool {
	k, s := &l.keys[i], &l.stats[i]
	if s.nulls {
		l.part(keyPart{kind: partNull, key: i}, 0, 1)
	}
	if !s.values {
		return true
	}
	switch formOf(k.typ) {
	case formWord:
		l.part(keyPart{kind: partWord, key: i}, s.min[0], s.max[0])
	case formPair:
		l.part(keyPart{kind: partWord, key: i}, s.min[0], s.max[0])
		if lo, hi := s.min[1], s.max[1]; s.min[0] == s.max[0] {
			l.part(keyPart{kind: partWord, key: i, sub: 1}, lo, hi)
		} else {
			l.part(keyPart{kind: partWord, key: i, sub: 1}, 0, math.MaxUint64)
		}
	case formNumeric:
		scale, bounds, ok := s.numberRange()
		if !ok {
			l.part(keyPart{kind: partFloor, key: i}, 0, math.MaxUint64)
			l.exact = false
			return false
		}
		l.part(keyPart{kind: partNumber, key: i, scale: scale}, signed(bounds[0]), signed(bounds[1]))
	case formText:
		return l.placeText(i)
	default:
		l.exact = false
		return false
	}
	return true
}

// placeText: bytes behind a text's end count as 0, which texts do not hold; bytea does, so its length decides then.
func (l *keyLayout) placeText(i int) bool {
	k, s := &l.keys[i], &l.stats[i]
	rest := s.longest - len(s.prefix)
	for off := 0; off < rest; off += 8 {
		if l.bits >= mostWords*wordBits {
			l.exact = false
			return false
		}
		n := min(rest-off, 8)
		p := keyPart{kind: partText, key: i, sub: len(s.prefix) + off, drop: wordBits - 8*n, width: 8 * n, desc: k.desc}
		if k.desc {
			p.base = math.MaxUint64 >> p.drop
		}
		l.parts = append(l.parts, p.placed(&l.bits))
	}
	if k.typ.OID == sqltype.OIDBytea || k.typ.OID == sqltype.OIDUnknown {
		l.part(keyPart{kind: partLength, key: i}, uint64(len(s.prefix)), uint64(s.longest))
	}
	return true
}
