package simulator

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// scope is what an expression sees: one row, its lambda variables, the clock.
type scope struct {
	cols []column
	typs []property
	row  ref
	vars []value
	now  value
	lies evalLies
}

// get reads a property. A guid that is declared as a string is compared as one.
func (s *scope) get(prop int) value {
	v := s.cols[prop](s.row)
	if v.k == kGuid && s.typs[prop].typ.k == kString {
		v.k = kString
	}
	return v
}

// keeps is the meaning of $filter: a row is kept only when the expression is true.
func (e *expr) keeps(s *scope) (bool, error) {
	v, err := e.eval(s)
	return err == nil && v.k == kBool && v.bool(), err
}

func (e *expr) eval(s *scope) (value, error) {
	switch e.op {
	case xLiteral:
		return e.val, nil
	case xPath:
		return e.evalPath(s), nil
	case xAnd, xOr:
		return e.evalLogical(s)
	case xAny, xAll:
		return e.evalLambda(s)
	default:
		return e.evalOperator(s)
	}
}

// evalOperator evaluates what reads all of its operands.
func (e *expr) evalOperator(s *scope) (value, error) {
	args := make([]value, len(e.args))
	for i, a := range e.args {
		v, err := a.eval(s)
		if err != nil {
			return null(), err
		}
		args[i] = v
	}
	switch e.op {
	case xNot:
		if args[0].isNull() {
			return null(), nil
		}
		return boolean(!args[0].bool()), nil
	case xCompare:
		if s.lies.sqlNulls && (args[0].isNull() || args[1].isNull()) && !e.args[0].isNullLiteral() && !e.args[1].isNullLiteral() {
			return null(), nil
		}
		return boolean(compares(e.name, args[0], args[1])), nil
	case xIn:
		if s.lies.sqlNulls && args[0].isNull() {
			return null(), nil
		}
		for _, item := range args[1:] {
			if compares("eq", args[0], item) {
				return boolean(true), nil
			}
		}
		return boolean(false), nil
	case xHas:
		if args[0].isNull() || args[1].isNull() {
			return null(), nil
		}
		return boolean(args[0].n&args[1].n == args[1].n), nil
	case xNegate:
		return negate(args[0])
	case xArith:
		return calculate(e.name, e.k, args[0], args[1])
	case xCount:
		return integer(int64(len(args[0].items()))), nil
	default:
		for _, a := range args {
			if a.isNull() {
				return null(), nil
			}
		}
		return e.fn.eval(s, args)
	}
}

func (e *expr) evalPath(s *scope) value {
	var v value
	if e.varDepth >= 0 {
		v = s.vars[e.varDepth]
	} else {
		v = s.get(e.prop)
	}
	for _, m := range e.members {
		if v.isNull() {
			return null()
		}
		v = v.items()[2*m+1]
	}
	if s.lies.fold && v.k == kString {
		v.s = fold(v.s)
	}
	return v
}

// evalLogical is three-valued; the right side is not read when the left one decides.
func (e *expr) evalLogical(s *scope) (value, error) {
	decides := e.op == xOr
	a, err := e.args[0].eval(s)
	if err != nil || !a.isNull() && a.bool() == decides {
		return a, err
	}
	b, err := e.args[1].eval(s)
	switch {
	case err != nil:
		return null(), err
	case !b.isNull() && b.bool() == decides:
		return b, nil
	case a.isNull() || b.isNull():
		return null(), nil
	}
	return boolean(!decides), nil
}

func (e *expr) evalLambda(s *scope) (value, error) {
	list := e.args[0].evalPath(s).items()
	if len(e.args) == 1 {
		return boolean(len(list) > 0), nil
	}
	for _, item := range list {
		s.vars = append(s.vars, item)
		v, err := e.args[1].eval(s)
		s.vars = s.vars[:len(s.vars)-1]
		if err != nil {
			return null(), err
		}
		if hit := v.k == kBool && v.bool(); hit == (e.op == xAny) {
			return boolean(hit), nil
		}
	}
	return boolean(e.op == xAll), nil
}

// compares is a comparison with OData's nulls (URL Conventions 5.1.1.1): null
// equals null alone, and nothing is less or greater than null.
func compares(op string, a, b value) bool {
	if a.isNull() || b.isNull() {
		same := a.isNull() && b.isNull()
		return op == "eq" && same || op == "ne" && !same
	}
	c, ordered := order(a, b)
	switch op {
	case "eq":
		return ordered && c == 0
	case "ne":
		return !ordered || c != 0
	case "lt":
		return ordered && c < 0
	case "le":
		return ordered && c <= 0
	case "gt":
		return ordered && c > 0
	default:
		return ordered && c >= 0
	}
}

// order compares two values of comparable types; NaN is unordered.
func order(a, b value) (int, bool) {
	if numeric(a.k) && numeric(b.k) {
		return orderNumbers(a, b)
	}
	switch a.k {
	case kString, kGuid, kDecimal, kBinary, kRaw:
		return strings.Compare(a.s, b.s), true
	default:
		return cmp.Compare(a.n, b.n), true
	}
}

func orderNumbers(a, b value) (int, bool) {
	switch {
	case a.k == kInt && b.k == kInt:
		return cmp.Compare(a.n, b.n), true
	case isFloat(a.k) || isFloat(b.k):
		x, y := toFloat(a), toFloat(b)
		return cmp.Compare(x, y), !math.IsNaN(x) && !math.IsNaN(y)
	}
	return a.rat().Cmp(b.rat()), true
}

func isFloat(k kind) bool { return k == kDouble || k == kSingle }

func toFloat(v value) float64 {
	switch v.k {
	case kInt:
		return float64(v.n)
	case kDecimal:
		f, _ := v.rat().Float64()
		return f
	default:
		return v.float()
	}
}

func negate(v value) (value, error) {
	switch v.k {
	case kNull:
		return v, nil
	case kDouble, kSingle:
		f := double(-v.float())
		f.k = v.k
		return f, nil
	case kDecimal:
		return decimalOf(new(big.Rat).Neg(v.rat())), nil
	default:
	}
	if v.n == math.MinInt64 {
		return null(), badRequest("arithmetic operation resulted in an overflow")
	}
	v.n = -v.n
	return v, nil
}

// decimalOf prints at most 28 fraction digits, .NET's Decimal.
func decimalOf(r *big.Rat) value {
	s := r.FloatString(28)
	s = strings.TrimRight(s, "0")
	return decimal(strings.TrimSuffix(s, "."))
}

func calculate(op string, k kind, a, b value) (value, error) {
	if a.isNull() || b.isNull() {
		return null(), nil
	}
	switch {
	case !numeric(a.k) || !numeric(b.k):
		return calculateTime(op, k, a, b)
	case isFloat(k):
		v := double(floatArithmetic(op, toFloat(a), toFloat(b)))
		if k == kSingle {
			v = single(float32(v.float()))
		}
		return v, nil
	case k == kInt:
		return intArithmetic(op, a.n, b.n)
	}
	x, y := a.rat(), b.rat()
	switch op {
	case "add":
		return decimalOf(x.Add(x, y)), nil
	case "sub":
		return decimalOf(x.Sub(x, y)), nil
	case "mul":
		return decimalOf(x.Mul(x, y)), nil
	}
	if y.Sign() == 0 {
		return null(), badRequest("attempted to divide by zero")
	}
	q := new(big.Rat).Quo(x, y)
	if op != "mod" {
		return decimalOf(q), nil
	}
	whole := new(big.Int).Quo(q.Num(), q.Denom())
	return decimalOf(x.Sub(x, y.Mul(y, new(big.Rat).SetInt(whole)))), nil
}

func floatArithmetic(op string, x, y float64) float64 {
	switch op {
	case "add":
		return x + y
	case "sub":
		return x - y
	case "mul":
		return x * y
	case "mod":
		return math.Mod(x, y)
	}
	return x / y
}

func intArithmetic(op string, x, y int64) (value, error) {
	overflow := badRequest("arithmetic operation resulted in an overflow")
	switch op {
	case "add":
		if s := x + y; (s > x) == (y > 0) {
			return integer(s), nil
		}
		return null(), overflow
	case "sub":
		if s := x - y; (s < x) == (y > 0) {
			return integer(s), nil
		}
		return null(), overflow
	case "mul":
		hi, lo := bits.Mul64(magnitude(x), magnitude(y))
		p := int64(lo)
		if neg := (x < 0) != (y < 0); neg {
			p = -p
		}
		if hi != 0 || p != 0 && (p < 0) != ((x < 0) != (y < 0)) {
			return null(), overflow
		}
		return integer(p), nil
	}
	switch {
	case y == 0:
		return null(), badRequest("attempted to divide by zero")
	case x == math.MinInt64 && y == -1:
		return null(), overflow
	case op == "mod":
		return integer(x % y), nil
	}
	return integer(x / y), nil
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return uint64(-(x + 1)) + 1
	}
	return uint64(x)
}

// calculateTime handles timestamps, dates and durations.
func calculateTime(op string, k kind, a, b value) (value, error) {
	switch {
	case op == "mul" || op == "div" || op == "divby":
		d, x := a, b
		if d.k != kDuration {
			d, x = x, d
		}
		f := toFloat(x)
		if op != "mul" {
			if f == 0 {
				return null(), badRequest("attempted to divide by zero")
			}
			f = 1 / f
		}
		return duration(int64(math.Round(float64(d.n) * f))), nil
	case a.k == kDate && b.k == kDuration:
		// Whole days only: a date has no clock.
		if op == "sub" {
			return date(a.n - b.n/ticksPerDay), nil
		}
		return date(a.n + b.n/ticksPerDay), nil
	case a.k == kDate:
		return duration((a.n - b.n) * ticksPerDay), nil
	}
	v, err := intArithmetic(op, a.n, b.n)
	v.k = k
	if err != nil {
		return null(), err
	}
	return v, nil
}
