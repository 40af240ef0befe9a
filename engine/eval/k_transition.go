package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// The transition and final functions of PostgreSQL's aggregates are ordinary functions over arrays, which anybody may call.
// The executor's own aggregates keep their states elsewhere.

// floatState opens the array of a float aggregate's state, which has n elements (check_float8_array).
func floatState(name, s string, n int) ([]float64, error) {
	arr, err := sqltype.DecodeArray(s)
	if err != nil {
		return nil, err
	}
	bad := len(arr.Dims) != 1 || len(arr.Elems) != n
	out := make([]float64, 0, n)
	for _, e := range arr.Elems {
		bad = bad || e.Null
		out = append(out, e.F)
	}
	if bad {
		return nil, pgerr.Newf(pgerr.InternalError, "%s: expected %d-element float8 array", name, n)
	}
	return out, nil
}

func floatArray(fs ...float64) sqltype.Value {
	vals := make([]sqltype.Value, len(fs))
	for i, f := range fs {
		vals[i] = sqltype.Float(f)
	}
	return MakeArray(sqltype.OIDFloat8, vals)
}

func anyInf(fs ...float64) bool {
	for _, f := range fs {
		if math.IsInf(f, 0) {
			return true
		}
	}
	return false
}

func notFinite(f float64) bool { return math.IsInf(f, 0) || math.IsNaN(f) }

// floatAccum is float8_accum: number, sum and the sum of squared differences, by Youngs and Cramer.
func floatAccum(t []float64, x float64) error {
	n0, sx0 := t[0], t[1]
	t[0]++
	t[1] += x
	if n0 > 0 {
		d := x*t[0] - t[1]
		t[2] += d * d / (t[0] * n0)
		if anyInf(t[1], t[2]) {
			if !anyInf(sx0, x) {
				return errFloatOverflow()
			}
			t[2] = math.NaN()
		}
	} else if notFinite(x) {
		t[2] = math.NaN()
	}
	return nil
}

// regrAccum is float8_regr_accum over N, Sx, Sxx, Sy, Syy, Sxy.
func regrAccum(t []float64, y, x float64) error {
	old := append([]float64(nil), t...)
	t[0]++
	t[1] += x
	t[3] += y
	if old[0] > 0 {
		dx, dy := x*t[0]-t[1], y*t[0]-t[3]
		scale := 1 / (t[0] * old[0])
		t[2] += dx * dx * scale
		t[4] += dy * dy * scale
		t[5] += dx * dy * scale
		if !anyInf(t[1:]...) {
			return nil
		}
		if anyInf(t[1], t[2]) && !anyInf(old[1], x) || anyInf(t[3], t[4]) && !anyInf(old[3], y) || anyInf(t[5]) && !anyInf(old[1], x, old[3], y) {
			return errFloatOverflow()
		}
		for _, i := range []int{2, 4, 5} {
			if anyInf(t[i]) {
				t[i] = math.NaN()
			}
		}
		return nil
	}
	if notFinite(x) {
		t[2], t[5] = math.NaN(), math.NaN()
	}
	if notFinite(y) {
		t[4], t[5] = math.NaN(), math.NaN()
	}
	return nil
}

// combineFloats is float8_combine and float8_regr_combine: sums are the elements at odd places but the last of six, squares those behind them.
func combineFloats(a, b []float64) ([]float64, error) {
	switch {
	case a[0] == 0:
		return b, nil
	case b[0] == 0:
		return a, nil
	}
	n := a[0] + b[0]
	out := []float64{n}
	var diffs []float64
	for i := 1; i+1 < len(a) && i < 5; i += 2 {
		sum := a[i] + b[i]
		if anyInf(sum) && !anyInf(a[i], b[i]) {
			return nil, errFloatOverflow()
		}
		d := a[i]/a[0] - b[i]/b[0]
		diffs = append(diffs, d)
		sq := a[i+1] + b[i+1] + a[0]*b[0]*d*d/n
		if anyInf(sq) && !anyInf(a[i+1], b[i+1]) {
			return nil, errFloatOverflow()
		}
		out = append(out, sum, sq)
	}
	if len(a) == 6 {
		xy := a[5] + b[5] + a[0]*b[0]*diffs[0]*diffs[1]/n
		if anyInf(xy) && !anyInf(a[5], b[5]) {
			return nil, errFloatOverflow()
		}
		out = append(out, xy)
	}
	return out, nil
}

// finalFloat makes a final function: null where fewer than least values were seen, or where of says so.
func finalFloat(name string, elems int, least float64, of func(t []float64) (float64, bool)) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		t, err := floatState(name, a[0].S, elems)
		if err != nil || t[0] < least {
			return sqltype.NullValue(), err
		}
		f, ok := of(t)
		if !ok {
			return sqltype.NullValue(), nil
		}
		return sqltype.Float(f), nil
	})
}

func floatTransitions() []Kernel {
	some := func(of func(t []float64) float64) func(t []float64) (float64, bool) {
		return func(t []float64) (float64, bool) { return of(t), true }
	}
	const tiny = 5e-324 // what is above 0
	above := math.Nextafter(1, 2)
	accum := func(name string) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			t, err := floatState(name, a[0].S, 3)
			if err == nil {
				err = floatAccum(t, a[1].F)
			}
			return floatArray(t...), err
		})
	}
	combine := func(name string, n int) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			x, err := floatState(name, a[0].S, n)
			if err != nil {
				return sqltype.Value{}, err
			}
			y, err := floatState(name, a[1].S, n)
			if err == nil {
				x, err = combineFloats(x, y)
			}
			return floatArray(x...), err
		})
	}
	return []Kernel{
		accum("float4_accum"), accum("float8_accum"),
		scalar("float8_regr_accum", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			t, err := floatState("float8_regr_accum", a[0].S, 6)
			if err == nil {
				err = regrAccum(t, a[1].F, a[2].F)
			}
			return floatArray(t...), err
		}),
		combine("float8_combine", 3), combine("float8_regr_combine", 6),
		finalFloat("float8_avg", 3, tiny, some(func(t []float64) float64 { return t[1] / t[0] })),
		finalFloat("float8_var_pop", 3, tiny, some(func(t []float64) float64 { return t[2] / t[0] })),
		finalFloat("float8_var_samp", 3, above, some(func(t []float64) float64 { return t[2] / (t[0] - 1) })),
		finalFloat("float8_stddev_pop", 3, tiny, some(func(t []float64) float64 { return math.Sqrt(t[2] / t[0]) })),
		finalFloat("float8_stddev_samp", 3, above, some(func(t []float64) float64 { return math.Sqrt(t[2] / (t[0] - 1)) })),
		finalFloat("float8_regr_sxx", 6, 1, some(func(t []float64) float64 { return t[2] })),
		finalFloat("float8_regr_syy", 6, 1, some(func(t []float64) float64 { return t[4] })),
		finalFloat("float8_regr_sxy", 6, 1, some(func(t []float64) float64 { return t[5] })),
		finalFloat("float8_regr_avgx", 6, 1, some(func(t []float64) float64 { return t[1] / t[0] })),
		finalFloat("float8_regr_avgy", 6, 1, some(func(t []float64) float64 { return t[3] / t[0] })),
		finalFloat("float8_covar_pop", 6, 1, some(func(t []float64) float64 { return t[5] / t[0] })),
		finalFloat("float8_covar_samp", 6, 2, some(func(t []float64) float64 { return t[5] / (t[0] - 1) })),
		finalFloat("float8_corr", 6, 1, func(t []float64) (float64, bool) { return t[5] / math.Sqrt(t[2]*t[4]), t[2] != 0 && t[4] != 0 }),
		finalFloat("float8_regr_r2", 6, 1, func(t []float64) (float64, bool) {
			if t[4] == 0 {
				return 1, t[2] != 0
			}
			return t[5] * t[5] / (t[2] * t[4]), t[2] != 0
		}),
		finalFloat("float8_regr_slope", 6, 1, func(t []float64) (float64, bool) { return t[5] / t[2], t[2] != 0 }),
		finalFloat("float8_regr_intercept", 6, 1, func(t []float64) (float64, bool) { return (t[3] - t[1]*t[5]/t[2]) / t[0], t[2] != 0 }),
	}
}

// countSum opens the state of avg over integers: number and sum.
func countSum(s string) (n, sum int64, err error) {
	arr, err := sqltype.DecodeArray(s)
	if err != nil {
		return 0, 0, err
	}
	if len(arr.Dims) != 1 || len(arr.Elems) != 2 || arr.Elems[0].Null || arr.Elems[1].Null {
		return 0, 0, pgerr.New(pgerr.InternalError, "expected 2-element int8 array")
	}
	return arr.Elems[0].I, arr.Elems[1].I, nil
}

// nullSum makes int2_sum and its kin, which are not strict: a null counts for nothing, and a sum that has none yet is null.
func nullSum(name string, first func(x sqltype.Value) sqltype.Value, add func(sum, x sqltype.Value) (sqltype.Value, error)) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		switch {
		case a[1].Null:
			return a[0], nil
		case a[0].Null:
			return first(a[1]), nil
		}
		return add(a[0], a[1])
	})
}

func intTransitions() []Kernel {
	ints := func(n, sum int64) sqltype.Value {
		return MakeArray(sqltype.OIDInt8, []sqltype.Value{sqltype.Int(n), sqltype.Int(sum)})
	}
	accum := func(name string, sign int64) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, sum, err := countSum(a[0].S)
			return ints(n+sign, sum+sign*a[1].I), err
		})
	}
	same := func(x sqltype.Value) sqltype.Value { return x }
	plain := func(sum, x sqltype.Value) (sqltype.Value, error) { return sqltype.Int(sum.I + x.I), nil }
	step := func(name string, by int64) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			v, ok := addInt(a[0].I, by)
			if !ok {
				return sqltype.Value{}, errInt8Range()
			}
			return sqltype.Int(v), nil
		})
	}
	return []Kernel{
		accum("int2_avg_accum", 1), accum("int4_avg_accum", 1), accum("int2_avg_accum_inv", -1), accum("int4_avg_accum_inv", -1),
		scalar("int4_avg_combine", func(*Call, []sqltype.Value) (sqltype.Value, error) { // it changes its argument, so it runs in aggregates alone
			return sqltype.Value{}, pgerr.New(pgerr.InternalError, "aggregate function called in non-aggregate context")
		}),
		scalar("int8_avg", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, sum, err := countSum(a[0].S)
			if err != nil || n == 0 {
				return sqltype.NullValue(), err
			}
			x, err := sqltype.NumericInt(sum).Div(sqltype.NumericInt(n))
			return sqltype.Num(x), err
		}),
		scalar("int2int4_sum", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, sum, err := countSum(a[0].S)
			if err != nil || n == 0 {
				return sqltype.NullValue(), err
			}
			return sqltype.Int(sum), nil
		}),
		nullSum("int2_sum", same, plain), nullSum("int4_sum", same, plain),
		nullSum("int8_sum", func(x sqltype.Value) sqltype.Value { return sqltype.Num(sqltype.NumericInt(x.I)) },
			func(sum, x sqltype.Value) (sqltype.Value, error) {
				s, err := sum.Num.Add(sqltype.NumericInt(x.I))
				return sqltype.Num(s), err
			}),
		step("int8dec", -1), step("int8dec_any", -1), step("int8inc_any", 1), step("int8inc_float8_float8", 1),
	}
}

func intervalState(s string) (sum, n interval, err error) {
	arr, err := sqltype.DecodeArray(s)
	if err != nil {
		return sum, n, err
	}
	for _, e := range arr.Elems {
		if e.Null {
			return sum, n, pgerr.New(pgerr.NullValueNotAllowed, "null array element not allowed in this context")
		}
	}
	if len(arr.Elems) != 2 {
		return sum, n, pgerr.New(pgerr.InternalError, "expected 2-element interval array")
	}
	return arr.Elems[0].Iv, arr.Elems[1].Iv, nil
}

// intervalTransitions keep the number of intervals in the microseconds of a second one.
func intervalTransitions() []Kernel {
	state := func(sum, n interval) sqltype.Value {
		return MakeArray(sqltype.OIDInterval, []sqltype.Value{{Iv: sum}, {Iv: n}})
	}
	accum := func(name string, by int64, op func(a, b interval) (interval, error)) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			sum, n, err := intervalState(a[0].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			sum, err = op(sum, a[1].Iv)
			n.Micros += by
			return state(sum, n), err
		})
	}
	return []Kernel{
		accum("interval_accum", 1, addInterval), accum("interval_accum_inv", -1, subInterval),
		scalar("interval_combine", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			sum, n, err := intervalState(a[0].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			more, m, err := intervalState(a[1].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			sum, err = addInterval(sum, more)
			n.Micros += m.Micros
			return state(sum, n), err
		}),
		scalar("interval_avg", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			sum, n, err := intervalState(a[0].S)
			if err != nil || n.Micros == 0 {
				return sqltype.NullValue(), err
			}
			x, err := divInterval(sum, float64(n.Micros))
			return sqltype.Value{Iv: x}, err
		}),
	}
}

func transitionKernels() []Kernel {
	return append(append(floatTransitions(), intTransitions()...), intervalTransitions()...)
}
