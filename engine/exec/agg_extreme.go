package exec

import (
	"cmp"
	"math"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// newExtreme makes min (sign -1) and max (sign 1).
func newExtreme(c aggCall, sign int) aggregator {
	t := c.types[0]
	switch t.Kind() {
	case sqltype.KindInt16:
		return byBatch(c, &extremeAgg[int16]{buffer: int16s, order: plainOrder[int16](sign)})
	case sqltype.KindInt32:
		return byBatch(c, &extremeAgg[int32]{buffer: int32s, order: plainOrder[int32](sign)})
	case sqltype.KindInt64:
		if t.OID != sqltype.OIDXID8 {
			return byBatch(c, &extremeAgg[int64]{buffer: int64s, order: plainOrder[int64](sign)})
		}
	case sqltype.KindFloat32:
		return byBatch(c, &extremeAgg[float32]{buffer: float32s, order: floatOrder[float32](sign)})
	case sqltype.KindFloat64:
		return byBatch(c, &extremeAgg[float64]{buffer: float64s, order: floatOrder[float64](sign)})
	case sqltype.KindNumeric:
		return byBatch(c, &extremeNumber{sign: sign})
	case sqltype.KindBytes:
		if textual(t.OID) && t.OID != sqltype.OIDBPChar {
			return byBatch(c, &extremeText{sign: sign})
		}
	}
	return &extremeValue{sign: sign, first: t.OID == sqltype.OIDBPChar, cmp: comparatorOf(t), one: vector.NewFlat(t, 1), refused: eval.CheckOrder(t)}
}

type extremeState[T any] struct {
	best T
	has  bool
}

// extremeAgg is min and max of integers and floats.
type extremeAgg[T int16 | int32 | int64 | float32 | float64] struct {
	flatStates[extremeState[T]]
	buffer func(*vector.Vector) []T
	order  extremeOrder[T]
	picked scratch[T]
}

// extremeOrder are the loops of min or of max.
type extremeOrder[T any] struct {
	all  func(have T, vals []T) T
	each func(states []extremeState[T], groups []int32, vals []T)
}

func plainOrder[T cmp.Ordered](sign int) extremeOrder[T] {
	if sign < 0 {
		return extremeOrder[T]{
			all: func(have T, vals []T) T {
				for _, x := range vals {
					have = min(have, x)
				}
				return have
			},
			each: func(states []extremeState[T], groups []int32, vals []T) {
				for i, g := range groups {
					if s, x := &states[g], vals[i]; x < s.best || !s.has {
						s.best, s.has = x, true
					}
				}
			},
		}
	}
	return extremeOrder[T]{
		all: func(have T, vals []T) T {
			for _, x := range vals {
				have = max(have, x)
			}
			return have
		},
		each: func(states []extremeState[T], groups []int32, vals []T) {
			for i, g := range groups {
				if s, x := &states[g], vals[i]; x > s.best || !s.has {
					s.best, s.has = x, true
				}
			}
		},
	}
}

// floatOrder has NaN above all others. Of 0 and -0, which are equal, the later one wins, as it does in float8larger and float8smaller.
func floatOrder[T float32 | float64](sign int) extremeOrder[T] {
	wins := func(x, have T) bool { return x >= have || math.IsNaN(float64(x)) }
	if sign < 0 {
		wins = func(x, have T) bool { return x <= have || math.IsNaN(float64(have)) }
	}
	return extremeOrder[T]{
		all: func(have T, vals []T) T {
			for _, x := range vals {
				if wins(x, have) {
					have = x
				}
			}
			return have
		},
		each: func(states []extremeState[T], groups []int32, vals []T) {
			for i, g := range groups {
				if s, x := &states[g], vals[i]; !s.has || wins(x, s.best) {
					s.best, s.has = x, true
				}
			}
		},
	}
}

func (a *extremeAgg[T]) addBatch(f *feed) error {
	vals, groups := a.picked.pick(f, f.args[0], a.buffer(f.args[0].Physical()))
	if len(vals) == 0 {
		return nil
	}
	if groups == nil {
		s := &a.s[f.group]
		if !s.has {
			s.best, s.has = vals[0], true
		}
		s.best = a.order.all(s.best, vals)
		return nil
	}
	a.order.each(a.s, groups[:len(vals)], vals)
	return nil
}

func (a *extremeAgg[T]) results(dst *vector.Vector, from, n int) error {
	out := a.buffer(dst)
	for i, s := range a.s[from : from+n] {
		if out[i] = s.best; !s.has {
			dst.SetNull(i)
		}
	}
	return nil
}

// extremeNumber is min and max of numeric. Of equal numbers the last one stays (1.5 and 1.50), as in numeric_larger and numeric_smaller.
type extremeNumber struct {
	flatStates[extremeState[sqltype.Numeric]]
	sign int
	size int64
}

func (a *extremeNumber) addBatch(f *feed) error {
	v := f.args[0]
	p := v.Physical()
	return f.present(v, func(g int32, row int) error {
		s, k := &a.s[g], v.Index(row)
		if s.has {
			c := 0
			if scale := p.Scales[k]; scale == s.best.Scale && scale <= sqltype.MaxSmallScale {
				c = cmp.Compare(p.I64[k], s.best.Coef)
			} else {
				c = v.Numeric(row).Cmp(s.best)
			}
			if c*a.sign < 0 {
				return nil
			}
		}
		a.size -= int64(len(s.best.Ext))
		s.best, s.has = v.Numeric(row), true
		a.size += int64(len(s.best.Ext))
		return nil
	})
}

func (a *extremeNumber) bytes() int64 { return a.size }

func (a *extremeNumber) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		if !s.has {
			dst.SetNull(i)
			continue
		}
		dst.SetNumeric(i, s.best)
	}
	return nil
}

type textState struct {
	best []byte
	has  bool
}

// extremeText is min and max of texts that are ordered by their bytes.
type extremeText struct {
	flatStates[textState]
	sign int
	size int64
}

func (a *extremeText) addBatch(f *feed) error {
	v := f.args[0]
	return f.present(v, func(g int32, row int) error {
		s, x := &a.s[g], v.Bytes(row)
		if s.has {
			if a.sign < 0 && string(x) >= string(s.best) || a.sign > 0 && string(x) <= string(s.best) {
				return nil
			}
		}
		before := cap(s.best)
		s.best, s.has = append(s.best[:0], x...), true
		a.size += int64(cap(s.best) - before)
		return nil
	})
}

func (a *extremeText) bytes() int64 { return a.size }

func (a *extremeText) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		if !s.has {
			dst.SetNull(i)
			continue
		}
		dst.SetBytes(i, s.best)
	}
	return nil
}

// extremeValue is min and max of what only its operators compare. Of equal values the last one stays (1.5 and 1.50), as in numeric_larger and its
// kin, but the first one of bpchar.
type extremeValue struct {
	sign  int
	first bool
	cmp   compareFunc
	best  []sqltype.Value
	has   []bool
	size  int64
	one   *vector.Vector

	refused error // what comparing two values gives (json[])
}

func (a *extremeValue) grow(n int) {
	a.has = append(a.has, make([]bool, max(0, n-len(a.has)))...)
	a.best = append(a.best, make([]sqltype.Value, max(0, n-len(a.best)))...)
}

func (a *extremeValue) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		if a.has[g] {
			if a.refused != nil {
				return a.refused
			}
			a.one.Reset(1)
			a.one.SetValue(0, a.best[g])
			if c := a.cmp(v, r, a.one, 0) * a.sign; c < 0 || c == 0 && a.first {
				continue
			}
		}
		a.size -= int64(len(a.best[g].S))
		a.has[g], a.best[g] = true, v.Value(r)
		a.size += int64(len(a.best[g].S))
	}
	return nil
}

func (a *extremeValue) result(g int) (sqltype.Value, error) {
	if !a.has[g] {
		return null()
	}
	return a.best[g], nil
}

func (a *extremeValue) width() int64 { return 97 }
func (a *extremeValue) bytes() int64 { return a.size }
