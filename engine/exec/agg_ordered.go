package exec

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// orderedSetAgg is percentile_cont, percentile_disc and mode. Its rows come sorted: the value first, then the direct argument.
type orderedSetAgg struct {
	lists
	name string
	out  sqltype.Type
}

func makePercentile(c aggCall) aggregator {
	return &orderedSetAgg{lists: lists{types: c.types[:c.nargs]}, name: c.call.Fn.Name, out: c.call.Out.Type}
}

func (a *orderedSetAgg) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		if r := int(rows[i]); !args[0].IsNull(r) {
			a.keep(int(g), r, args)
		}
	}
	return nil
}

func (a *orderedSetAgg) result(g int) (sqltype.Value, error) {
	rows := a.rows[g]
	if len(rows) == 0 {
		return null()
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
	if p < 0 || p > 1 || math.IsNaN(p) {
		return sqltype.Value{}, pgerr.Newf(pgerr.NumericValueOutOfRange, "percentile value %g is not between 0 and 1", p)
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
