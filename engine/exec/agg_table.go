package exec

import (
	"strings"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

type makeAggregator func(c aggCall) aggregator

// aggregators maps the kernels of catalog/builtin's list to their code. The names of a family differ in the argument's type
// only, so a family is one entry.
func aggregators() map[string]makeAggregator {
	return aggregatorTable
}

var aggregatorTable = buildAggregators()

// families gives, by the aggregate's SQL name, how to make it for a call.
func families() map[string]makeAggregator {
	return map[string]makeAggregator{
		"count":    func(c aggCall) aggregator { return &countAgg{any: c.nargs > 0} },
		"sum":      makeSum,
		"avg":      makeAvg,
		"min":      func(c aggCall) aggregator { return newExtreme(c, -1) },
		"max":      func(c aggCall) aggregator { return newExtreme(c, 1) },
		"bool_and": func(aggCall) aggregator { return &boolAgg{and: true} },
		"every":    func(aggCall) aggregator { return &boolAgg{and: true} },
		"bool_or":  func(aggCall) aggregator { return &boolAgg{} },
		"bit_and":  func(c aggCall) aggregator { return &bitAgg{op: func(a, b int64) int64 { return a & b }} },
		"bit_or":   func(c aggCall) aggregator { return &bitAgg{op: func(a, b int64) int64 { return a | b }} },
		"bit_xor":  func(c aggCall) aggregator { return &bitAgg{op: func(a, b int64) int64 { return a ^ b }} },
		"array_agg": func(c aggCall) aggregator {
			return &arrayAgg{lists: lists{types: c.types[:c.nargs]}, result0: c.call.Out.Type}
		},
		"string_agg": func(aggCall) aggregator { return &stringAgg{} },
		"json_agg": func(c aggCall) aggregator {
			return &jsonAgg{ctx: c.ctx, fields: lastFields(c), lists: lists{types: c.types[:c.nargs]}}
		},
		"jsonb_agg": func(c aggCall) aggregator {
			return &jsonAgg{ctx: c.ctx, fields: lastFields(c), lists: lists{types: c.types[:c.nargs]}, binary: true}
		},
		"json_object_agg": func(c aggCall) aggregator {
			return &jsonAgg{ctx: c.ctx, fields: lastFields(c), lists: lists{types: c.types[:c.nargs]}, object: true}
		},
		"jsonb_object_agg": func(c aggCall) aggregator {
			return &jsonAgg{ctx: c.ctx, fields: lastFields(c), lists: lists{types: c.types[:c.nargs]}, object: true, binary: true}
		},
		"stddev":      makeVariance(true, true),
		"stddev_samp": makeVariance(true, true),
		"stddev_pop":  makeVariance(false, true),
		"variance":    makeVariance(true, false),
		"var_samp":    makeVariance(true, false),
		"var_pop":     makeVariance(false, false),

		"corr": makeRegr, "covar_pop": makeRegr, "covar_samp": makeRegr, "regr_avgx": makeRegr, "regr_avgy": makeRegr,
		"regr_count": makeRegr, "regr_intercept": makeRegr, "regr_r2": makeRegr, "regr_slope": makeRegr, "regr_sxx": makeRegr,
		"regr_sxy": makeRegr, "regr_syy": makeRegr,

		"percentile_cont": makePercentile, "percentile_disc": makePercentile, "mode": makePercentile,
	}
}

// orderedSets names the aggregates whose WITHIN GROUP order is what they aggregate.
func orderedSets() map[string]bool {
	return map[string]bool{"percentile_cont": true, "percentile_disc": true, "mode": true}
}

func buildAggregators() map[string]makeAggregator {
	out, fams := map[string]makeAggregator{}, families()
	for _, kernel := range builtin.Kernels(builtin.AggregateKernel) {
		best := ""
		for name := range fams {
			if (kernel == name || strings.HasPrefix(kernel, name+"_")) && len(name) > len(best) {
				best = name
			}
		}
		if best != "" {
			out[kernel] = fams[best]
		}
	}
	return out
}

// states is a slice of per-group states that grows by doubling.
type states[T any] struct {
	s     []T
	fresh T
	each  int64 // bytes of one
}

func (s *states[T]) grow(n int) {
	for len(s.s) < n {
		s.s = append(s.s, s.fresh)
	}
}

func (s *states[T]) bytes() int64 { return int64(cap(s.s)) * max(s.each, 16) }

// null is the result of an aggregate over no values.
func null() (sqltype.Value, error) { return sqltype.NullValue(), nil }

// countAgg is count(*) and count(x).
type countAgg struct {
	states[int64]
	any bool
}

func (a *countAgg) add(groups, rows []int32, args []*vector.Vector) error {
	if !a.any || !args[0].MayHaveNulls() {
		for _, g := range groups {
			a.s[g]++
		}
		return nil
	}
	for i, g := range groups {
		if !args[0].IsNull(int(rows[i])) {
			a.s[g]++
		}
	}
	return nil
}
func (a *countAgg) result(g int) (sqltype.Value, error) { return sqltype.Int(a.s[g]), nil }

type boolState struct{ has, val bool }

// boolAgg is bool_and, every and bool_or.
type boolAgg struct {
	states[boolState]
	and bool
}

func (a *boolAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		x, s := v.Physical().Bools[v.Index(r)], &a.s[g]
		switch {
		case !s.has:
			s.has, s.val = true, x
		case a.and:
			s.val = s.val && x
		default:
			s.val = s.val || x
		}
	}
	return nil
}

func (a *boolAgg) result(g int) (sqltype.Value, error) {
	if !a.s[g].has {
		return null()
	}
	return sqltype.Bool(a.s[g].val), nil
}

type bitState struct {
	has bool
	val int64
}

// bitAgg is bit_and, bit_or and bit_xor over integers.
type bitAgg struct {
	states[bitState]
	op func(a, b int64) int64
}

func (a *bitAgg) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		r := int(rows[i])
		if args[0].IsNull(r) {
			continue
		}
		x, s := intAt(args[0], r), &a.s[g]
		if s.has {
			x = a.op(s.val, x)
		}
		s.has, s.val = true, x
	}
	return nil
}

func (a *bitAgg) result(g int) (sqltype.Value, error) {
	if !a.s[g].has {
		return null()
	}
	return sqltype.Int(a.s[g].val), nil
}

// intAt reads an integer-like row that is not null.
func intAt(v *vector.Vector, row int) int64 {
	p, i := v.Physical(), v.Index(row)
	switch v.Kind {
	case sqltype.KindInt16:
		return int64(p.I16[i])
	case sqltype.KindInt32:
		return int64(p.I32[i])
	default:
		return p.I64[i]
	}
}

// floatAt reads a float row that is not null.
func floatAt(v *vector.Vector, row int) float64 {
	p, i := v.Physical(), v.Index(row)
	if v.Kind == sqltype.KindFloat32 {
		return float64(p.F32[i])
	}
	return p.F64[i]
}

// lastFields are the fields of the rows in a call's last argument.
func lastFields(c aggCall) []plan.RowField {
	if len(c.call.Rows) == 0 {
		return nil
	}
	return c.call.Rows[len(c.call.Rows)-1]
}
