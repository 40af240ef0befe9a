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
		"count":    func(c aggCall) aggregator { return byBatch(c, &countAgg{any: c.nargs > 0}) },
		"sum":      makeSum,
		"avg":      makeAvg,
		"min":      func(c aggCall) aggregator { return newExtreme(c, -1) },
		"max":      func(c aggCall) aggregator { return newExtreme(c, 1) },
		"bool_and": func(c aggCall) aggregator { return byBatch(c, &boolAgg{and: true}) },
		"every":    func(c aggCall) aggregator { return byBatch(c, &boolAgg{and: true}) },
		"bool_or":  func(c aggCall) aggregator { return byBatch(c, &boolAgg{}) },
		"bit_and":  func(c aggCall) aggregator { return byBatch(c, &bitAgg{op: func(a, b int64) int64 { return a & b }}) },
		"bit_or":   func(c aggCall) aggregator { return byBatch(c, &bitAgg{op: func(a, b int64) int64 { return a | b }}) },
		"bit_xor":  func(c aggCall) aggregator { return byBatch(c, &bitAgg{op: func(a, b int64) int64 { return a ^ b }}) },
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

// listing names the aggregates whose states keep the rows themselves, or some of them.
func listing() map[string]bool {
	return map[string]bool{
		"array_agg": true, "string_agg": true, "json_agg": true, "jsonb_agg": true, "json_object_agg": true, "jsonb_object_agg": true,
		"percentile_cont": true, "percentile_disc": true, "mode": true,
	}
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

// null is the result of an aggregate over no values.
func null() (sqltype.Value, error) { return sqltype.NullValue(), nil }

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
