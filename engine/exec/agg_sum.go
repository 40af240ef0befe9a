package exec

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func makeSum(c aggCall) aggregator {
	switch c.types[0].OID {
	case sqltype.OIDInt2:
		return byBatch(c, &sumIntAgg[int16]{buffer: int16s})
	case sqltype.OIDInt4:
		return byBatch(c, &sumIntAgg[int32]{buffer: int32s})
	case sqltype.OIDInt8:
		return byBatch(c, &sumLongAgg{})
	case sqltype.OIDFloat4:
		return byBatch(c, &sumFloatAgg[float32]{buffer: float32s})
	case sqltype.OIDFloat8:
		return byBatch(c, &sumFloatAgg[float64]{buffer: float64s})
	case sqltype.OIDInterval:
		return &sumIntervalAgg{}
	default:
		return byBatch(c, &sumNumericAgg{})
	}
}

func makeAvg(c aggCall) aggregator {
	switch c.types[0].OID {
	case sqltype.OIDInt2:
		return byBatch(c, &sumIntAgg[int16]{buffer: int16s, avg: true})
	case sqltype.OIDInt4:
		return byBatch(c, &sumIntAgg[int32]{buffer: int32s, avg: true})
	case sqltype.OIDInt8:
		return byBatch(c, &sumLongAgg{avg: true})
	case sqltype.OIDFloat4:
		return byBatch(c, &avgFloatAgg[float32]{buffer: float32s})
	case sqltype.OIDFloat8:
		return byBatch(c, &avgFloatAgg[float64]{buffer: float64s})
	case sqltype.OIDInterval:
		return &sumIntervalAgg{avg: true}
	default:
		return byBatch(c, &sumNumericAgg{avg: true})
	}
}

func int16s(v *vector.Vector) []int16     { return v.I16 }
func int32s(v *vector.Vector) []int32     { return v.I32 }
func int64s(v *vector.Vector) []int64     { return v.I64 }
func float32s(v *vector.Vector) []float32 { return v.F32 }
func float64s(v *vector.Vector) []float64 { return v.F64 }

type intervalSum struct {
	sum sqltype.Interval
	n   int64
}

// sumIntervalAgg is sum and avg of intervals: each of the three parts on its own.
type sumIntervalAgg struct {
	flatStates[intervalSum]
	avg bool
}

func (a *sumIntervalAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		x, s := v.Physical().Intervals[v.Index(r)], &a.s[g]
		months, days := int64(s.sum.Months)+int64(x.Months), int64(s.sum.Days)+int64(x.Days)
		micros := s.sum.Micros + x.Micros
		if months != int64(int32(months)) || days != int64(int32(days)) || (micros > s.sum.Micros) != (x.Micros > 0) && x.Micros != 0 {
			return pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")
		}
		s.sum = sqltype.Interval{Micros: micros, Days: int32(days), Months: int32(months)}
		s.n++
	}
	return nil
}

func (a *sumIntervalAgg) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if s.n == 0 {
		return null()
	}
	if !a.avg {
		return sqltype.Value{Iv: s.sum}, nil
	}
	return sqltype.Value{Iv: divideInterval(s.sum, float64(s.n))}, nil
}

// divideInterval is interval_div of PostgreSQL: what is left over of months goes into days, and of days into microseconds.
func divideInterval(iv sqltype.Interval, f float64) sqltype.Interval {
	months, days := float64(iv.Months), float64(iv.Days)
	out := sqltype.Interval{Months: int32(months / f), Days: int32(days / f)}
	rest := roundTo6((months/f - float64(out.Months)) * 30)
	secs := roundTo6((days/f - float64(out.Days) + rest - math.Trunc(rest)) * 86400)
	if math.Abs(secs) >= 86400 {
		out.Days += int32(secs / 86400)
		secs -= math.Trunc(secs/86400) * 86400
	}
	out.Days += int32(rest)
	out.Micros = int64(math.RoundToEven(float64(iv.Micros)/f + secs*1e6))
	return out
}

// roundTo6 is TSROUND.
func roundTo6(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }
