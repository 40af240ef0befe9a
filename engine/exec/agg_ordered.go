package exec

import (
	"math"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// orderedSetAgg is percentile_cont, percentile_disc and mode. Its rows come sorted: the value first, then the direct argument.
type orderedSetAgg struct {
	lists
	name string
	out  sqltype.Type
	// fraction is the direct argument of groups without rows, if it reads no column; wrong is one out of range that came with nothing but nulls.
	fraction *eval.Program
	ctx      *eval.Ctx
	wrong    map[int]float64
}

func makePercentile(c aggCall) aggregator {
	a := &orderedSetAgg{lists: lists{types: c.types[:c.nargs]}, name: c.call.Fn.Name, out: c.call.Out.Type, ctx: c.ctx}
	if len(c.call.Direct) == 1 {
		read := plan.Set{}
		if plan.Refs(c.call.Direct[0], read); len(read) == 0 {
			a.fraction = c.inputs.programs[len(c.call.Order)]
		}
	}
	return a
}

func (a *orderedSetAgg) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		switch r := int(rows[i]); {
		case !args[0].IsNull(r):
			a.keep(int(g), r, args)
		case len(args) > 1 && a.types[1].Kind() == sqltype.KindFloat64 && !args[1].IsNull(r):
			if f := args[1].Value(r).F; !isFraction(f) {
				if a.wrong == nil {
					a.wrong = map[int]float64{}
				}
				a.wrong[int(g)] = f
			}
		}
	}
	return nil
}

// none is the result without rows. PostgreSQL looks at a fraction before it looks at the rows, but at an array of them after.
func (a *orderedSetAgg) none(g int) (sqltype.Value, error) {
	if f, ok := a.wrong[g]; ok {
		return sqltype.Value{}, outOfRange(f)
	}
	if a.fraction == nil {
		return null()
	}
	v, _, err := a.fraction.Eval(a.ctx, &vector.Batch{N: 1})
	if err != nil {
		return sqltype.Value{}, err
	}
	if a.types[1].Kind() == sqltype.KindFloat64 && !v.IsNull(0) {
		if f := v.Value(0).F; !isFraction(f) {
			return sqltype.Value{}, outOfRange(f)
		}
	}
	return null()
}

func (a *orderedSetAgg) result(g int) (sqltype.Value, error) {
	rows := a.rows[g]
	if len(rows) == 0 {
		return a.none(g)
	}
	if a.name == "mode" {
		return a.mode(rows), nil
	}
	direct, t := rows[0][1], a.types[1]
	if direct.Null {
		return null()
	}
	if !t.Info().IsArray {
		return a.at(rows, direct.F)
	}
	fractions, err := sqltype.DecodeArray(direct.S)
	if err != nil {
		return sqltype.Value{}, err
	}
	for i, f := range fractions.Elems {
		if f.Null {
			continue
		}
		if fractions.Elems[i], err = a.at(rows, f.F); err != nil {
			return sqltype.Value{}, err
		}
	}
	fractions.ElemOID = sqltype.ElemOf(a.out.OID)
	return sqltype.EncodeArray(fractions), nil
}

func (a *orderedSetAgg) at(rows [][]sqltype.Value, p float64) (sqltype.Value, error) {
	if !isFraction(p) {
		return sqltype.Value{}, outOfRange(p)
	}
	n := float64(len(rows))
	if a.name == "percentile_disc" {
		k := max(int(math.Ceil(p*n)), 1)
		return rows[k-1][0], nil
	}
	first, second := math.Floor(p*(n-1)), math.Ceil(p*(n-1))
	lo, hi := rows[int(first)][0], rows[int(second)][0]
	if first == second {
		return lo, nil
	}
	share := p*(n-1) - first
	if a.types[0].OID == sqltype.OIDInterval {
		return sqltype.Value{Iv: lerpInterval(lo.Iv, hi.Iv, share)}, nil
	}
	return sqltype.Float(lo.F + share*(hi.F-lo.F)), nil
}

func isFraction(p float64) bool { return p >= 0 && p <= 1 }

func outOfRange(p float64) error {
	return pgerr.Newf(pgerr.NumericValueOutOfRange, "percentile value %g is not between 0 and 1", p)
}

// lerpInterval is interval_lerp: lo + (hi - lo) * share, with interval_mul's cascade of fractions.
func lerpInterval(lo, hi sqltype.Interval, share float64) sqltype.Interval {
	d := sqltype.Interval{Micros: hi.Micros - lo.Micros, Days: hi.Days - lo.Days, Months: hi.Months - lo.Months}
	d = divideInterval(d, 1/share)
	return sqltype.Interval{Micros: lo.Micros + d.Micros, Days: lo.Days + d.Days, Months: lo.Months + d.Months}
}

// mode is the most frequent value, the first of several in sort order.
func (a *orderedSetAgg) mode(rows [][]sqltype.Value) sqltype.Value {
	best, bestCount, count := rows[0][0], 0, 0
	for i, r := range rows {
		if i > 0 && sqltype.Compare(a.types[0], rows[i-1][0], r[0]) == 0 {
			count++
		} else {
			count = 1
		}
		if count > bestCount {
			best, bestCount = r[0], count
		}
	}
	return best
}
