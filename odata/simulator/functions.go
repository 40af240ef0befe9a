package simulator

import (
	"math"
	"math/big"
	"strings"
	"unicode/utf8"
)

// function is a canonical function of OData 4.0 (URL Conventions 5.1.1.4 ff.).
// Arguments are never null when eval is called: a null argument gives null.
type function struct {
	params   []kind // kNull: any number
	optional int    // how many of the last parameters may be missing
	returns  kind   // kNull: the type of the first argument
	eval     func(s *scope, args []value) (value, error)
	accepts  []kind // when not nil, what the first parameter takes instead of params[0]
}

// result checks argument types; null fits every parameter.
func (f *function) result(args []*expr) (kind, bool) {
	if len(args) > len(f.params) || len(args) < len(f.params)-f.optional {
		return kNull, false
	}
	for i, a := range args {
		if a.k != kNull && !f.fits(i, a.k) {
			return kNull, false
		}
	}
	if f.returns == kNull {
		return args[0].k, true
	}
	return f.returns, true
}

func (f *function) fits(i int, k kind) bool {
	if i == 0 && f.accepts != nil {
		for _, a := range f.accepts {
			if a == k {
				return true
			}
		}
		return false
	}
	if f.params[i] == kNull {
		return numeric(k)
	}
	return f.params[i] == k
}

func textFn(returns kind, eval func(a, b string) value) *function {
	return &function{params: []kind{kString, kString}, returns: returns, eval: func(_ *scope, v []value) (value, error) {
		return eval(v[0].s, v[1].s), nil
	}}
}

func textToText(eval func(string) string) *function {
	return &function{params: []kind{kString}, returns: kString, eval: func(_ *scope, v []value) (value, error) {
		return text(eval(v[0].s)), nil
	}}
}

// part reads a component of a timestamp, a date or a time.
func part(accepts []kind, eval func(value) int64) *function {
	return &function{params: []kind{kTimestamp}, accepts: accepts, returns: kInt, eval: func(_ *scope, v []value) (value, error) {
		return integer(eval(v[0])), nil
	}}
}

func round(f func(float64) float64, r func(*big.Rat) *big.Int) *function {
	return &function{params: []kind{kNull}, returns: kNull, eval: func(_ *scope, v []value) (value, error) {
		switch v[0].k {
		case kInt:
			return v[0], nil
		case kDecimal:
			return decimal(r(v[0].rat()).String()), nil
		default:
			x := double(f(v[0].float()))
			x.k = v[0].k
			return x, nil
		}
	}}
}

// functions is the table of functions that $filter and $orderby know.
func functions() map[string]*function {
	dates, clocks := []kind{kTimestamp, kDate}, []kind{kTimestamp, kTimeOfDay}
	return map[string]*function{
		"contains":   textFn(kBool, func(a, b string) value { return boolean(strings.Contains(a, b)) }),
		"startswith": textFn(kBool, func(a, b string) value { return boolean(strings.HasPrefix(a, b)) }),
		"endswith":   textFn(kBool, func(a, b string) value { return boolean(strings.HasSuffix(a, b)) }),
		"concat":     textFn(kString, func(a, b string) value { return text(a + b) }),
		"indexof": textFn(kInt, func(a, b string) value {
			i := strings.Index(a, b)
			if i > 0 {
				i = utf8.RuneCountInString(a[:i])
			}
			return integer(int64(i))
		}),
		"length": {params: []kind{kString}, returns: kInt, eval: func(_ *scope, v []value) (value, error) {
			return integer(int64(utf8.RuneCountInString(v[0].s))), nil
		}},
		"substring": {params: []kind{kString, kInt, kInt}, optional: 1, returns: kString, eval: substring},
		"tolower":   textToText(strings.ToLower),
		"toupper":   textToText(strings.ToUpper),
		"trim":      textToText(strings.TrimSpace),

		"year":   part(dates, func(v value) int64 { y, _, _ := civil(dayOf(v)); return int64(y) }),
		"month":  part(dates, func(v value) int64 { _, m, _ := civil(dayOf(v)); return int64(m) }),
		"day":    part(dates, func(v value) int64 { _, _, d := civil(dayOf(v)); return int64(d) }),
		"hour":   part(clocks, func(v value) int64 { return clockOf(v) / ticksPerSecond / 3600 }),
		"minute": part(clocks, func(v value) int64 { return clockOf(v) / ticksPerSecond / 60 % 60 }),
		"second": part(clocks, func(v value) int64 { return clockOf(v) / ticksPerSecond % 60 }),
		"fractionalseconds": {params: []kind{kTimestamp}, accepts: clocks, returns: kDecimal, eval: func(_ *scope, v []value) (value, error) {
			return decimalOf(big.NewRat(clockOf(v[0])%ticksPerSecond, ticksPerSecond)), nil
		}},
		"date": {params: []kind{kTimestamp}, returns: kDate, eval: func(_ *scope, v []value) (value, error) { return date(dayOf(v[0])), nil }},
		"time": {params: []kind{kTimestamp}, returns: kTimeOfDay, eval: func(_ *scope, v []value) (value, error) {
			return timeOfDay(clockOf(v[0])), nil
		}},
		"totaloffsetminutes": part([]kind{kTimestamp}, func(value) int64 { return 0 }),
		"totalseconds": {params: []kind{kDuration}, returns: kDecimal, eval: func(_ *scope, v []value) (value, error) {
			return decimalOf(big.NewRat(v[0].n, ticksPerSecond)), nil
		}},
		"now":         {returns: kTimestamp, eval: func(s *scope, _ []value) (value, error) { return s.now, nil }},
		"mindatetime": {returns: kTimestamp, eval: func(*scope, []value) (value, error) { return timestamp(0), nil }},
		"maxdatetime": {returns: kTimestamp, eval: func(*scope, []value) (value, error) { return timestamp(maxTicks), nil }},

		"round": round(math.Round, func(r *big.Rat) *big.Int {
			half := big.NewRat(int64(r.Sign()), 2)
			r = new(big.Rat).Add(r, half)
			return new(big.Int).Quo(r.Num(), r.Denom())
		}),
		"floor": round(math.Floor, ratFloor),
		"ceiling": round(math.Ceil, func(r *big.Rat) *big.Int {
			n := ratFloor(new(big.Rat).Neg(r))
			return n.Neg(n)
		}),
	}
}

// ratFloor divides rounding down: Div is Euclidean, and a denominator is positive.
func ratFloor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

// dayOf and clockOf read a timestamp in UTC, as the service stores it.
func dayOf(v value) int64 {
	if v.k == kDate {
		return v.n
	}
	return floorDiv(v.n, ticksPerDay)
}

func clockOf(v value) int64 { return v.n - floorDiv(v.n, ticksPerDay)*ticksPerDay }

// substring counts characters from zero; a start beyond the end gives an empty string.
func substring(_ *scope, v []value) (value, error) {
	r := []rune(v[0].s)
	start := max(v[1].n, 0)
	end := int64(len(r))
	if start > end {
		start = end
	}
	if len(v) == 3 {
		if v[2].n < 0 {
			return null(), badRequest("the length of substring is negative")
		}
		if v[2].n < end-start {
			end = start + v[2].n
		}
	}
	return text(string(r[start:end])), nil
}
