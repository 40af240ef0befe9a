package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// extremeAgg is min and max: it keeps the best value of each group in a vector of its own.
type extremeAgg struct {
	sign int // -1 min, 1 max
	cmp  compareFunc
	best []sqltype.Value
	has  []bool
	size int64

	// For kinds of fixed width the best values are compared without making a Value.
	ints []int64
	kind sqltype.Kind
	typ  sqltype.Type
	one  *vector.Vector
}

func newExtreme(c aggCall, sign int) aggregator {
	t := c.types[0]
	return &extremeAgg{sign: sign, cmp: comparatorOf(t), kind: t.Kind(), typ: t, one: vector.NewFlat(t, 1)}
}

func (a *extremeAgg) integral() bool {
	return (a.kind == sqltype.KindInt16 || a.kind == sqltype.KindInt32 || a.kind == sqltype.KindInt64) && a.typ.OID != sqltype.OIDXID8
}

func (a *extremeAgg) grow(n int) {
	for len(a.has) < n {
		a.has = append(a.has, false)
		if a.integral() {
			a.ints = append(a.ints, 0)
		} else {
			a.best = append(a.best, sqltype.Value{})
		}
	}
}

func (a *extremeAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	if a.integral() {
		for i, g := range groups {
			r := int(rows[i])
			if v.IsNull(r) {
				continue
			}
			x := intAt(v, r)
			if !a.has[g] || a.sign > 0 && x > a.ints[g] || a.sign < 0 && x < a.ints[g] {
				a.has[g], a.ints[g] = true, x
			}
		}
		return nil
	}
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		if a.has[g] {
			a.one.Reset(1)
			a.one.SetValue(0, a.best[g])
			if c := a.cmp(v, r, a.one, 0); c*a.sign <= 0 {
				continue
			}
		}
		a.size -= int64(len(a.best[g].S))
		a.has[g], a.best[g] = true, v.Value(r)
		a.size += int64(len(a.best[g].S))
	}
	return nil
}

func (a *extremeAgg) result(g int) (sqltype.Value, error) {
	switch {
	case !a.has[g]:
		return null()
	case a.integral():
		return sqltype.Int(a.ints[g]), nil
	}
	return a.best[g], nil
}

func (a *extremeAgg) bytes() int64 {
	return int64(cap(a.has)) + int64(cap(a.ints))*8 + int64(cap(a.best))*96 + a.size
}
