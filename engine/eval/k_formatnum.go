package eval

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// formatCache keeps the last pattern that a call parsed.
type formatCache[F any] struct {
	source string
	format F
}

// longPattern is where a pattern is too long to be kept when it is parsed, and patternByte what each of its bytes may take, parsed and printed.
const (
	longPattern = 1 << 12
	patternByte = 128
)

func cachedFormat[F any](c *Call, pat string, parse func(string) (F, error)) (F, error) {
	if len(pat) > longPattern {
		if err := c.charge(int64(len(pat)) * patternByte); err != nil {
			var none F
			return none, err
		}
		return parse(pat)
	}
	if st, ok := c.State.(*formatCache[F]); ok && st.source == pat {
		return st.format, nil
	}
	pat = strings.Clone(pat)
	f, err := parse(pat)
	if err == nil {
		c.State = &formatCache[F]{pat, f}
	}
	return f, err
}

func roman(n int64) string {
	if n > 3999 || n < 1 {
		return strings.Repeat("#", 15)
	}
	var b strings.Builder
	for _, d := range []struct {
		n int64
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= d.n {
			b.WriteString(d.s)
			n -= d.n
		}
	}
	return b.String()
}

// overflowScientific is what EEEE prints for numbers without an exponent.
func overflowScientific(f *numFormat) string {
	b := []byte(strings.Repeat("#", f.pre+f.post+6))
	b[0], b[f.pre+1] = ' ', '.'
	return string(b)
}

// layout pads or blots out the digits before the point and writes them.
func (f *numFormat) layout(text string) (sqltype.Value, error) {
	sign, number := byte('+'), text
	if strings.HasPrefix(text, "-") {
		sign, number = '-', text[1:]
	}
	pre := strings.IndexByte(number, '.')
	if pre < 0 {
		pre = len(number)
	}
	spaces := 0
	switch {
	case pre < f.pre:
		spaces = f.pre - pre
	case pre > f.pre:
		b := []byte(strings.Repeat("#", f.pre+f.post+1))
		b[f.pre] = '.'
		number = string(b)
	}
	if !digitByte(number[len(number)-1]) && number[0] != '#' && sign == '+' && !f.decimal && f.ordinal() {
		return sqltype.Value{}, pgerr.Newf(pgerr.InvalidTextRepresentation, "\"%s\" is not a number", number)
	}
	return sqltype.Text(f.write(number, sign, spaces)), nil
}

// ordinal reports whether the pattern asks for st, nd, rd or th.
func (f *numFormat) ordinal() bool {
	for _, n := range f.nodes {
		if n.key == "TH" || n.key == "th" {
			return true
		}
	}
	return false
}

// scientific prints n with post digits behind the point, as numeric_out_sci does.
func scientific(n sqltype.Numeric, post int) string {
	digits, exp := "0", 0
	neg := n.Sign() < 0
	if n.Sign() != 0 {
		s := n.Abs().String()
		dot := strings.IndexByte(s, '.')
		if dot < 0 {
			dot = len(s)
		}
		all := strings.Replace(s, ".", "", 1)
		lead := len(all) - len(strings.TrimLeft(all, "0"))
		exp = dot - 1 - lead
		if m, err := sqltype.ParseNumeric(all[lead:lead+1] + "." + all[lead+1:] + "0"); err == nil {
			if m, err = m.Round(post); err == nil {
				digits = m.String()
			}
		}
	} else if post > 0 {
		digits = "0." + strings.Repeat("0", post)
	}
	e := strconv.Itoa(max(exp, -exp))
	if len(e) < 2 {
		e = "0" + e
	}
	if exp < 0 {
		e = "-" + e
	} else {
		e = "+" + e
	}
	if neg {
		return "-" + digits + "e" + e
	}
	return " " + digits + "e" + e
}

func numericToChar(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	return formatNumeric(c, a[0].Num, a[1].S)
}

func formatNumeric(c *Call, n sqltype.Numeric, pat string) (sqltype.Value, error) {
	p, err := cachedFormat(c, pat, parseNumFormat)
	if err != nil {
		return sqltype.Value{}, err
	}
	f := *p
	switch {
	case pat == "":
		return sqltype.Text(""), nil
	case f.roman:
		r, err := n.Round(0)
		if err != nil {
			return sqltype.Value{}, err
		}
		i, err := r.Int64(sqltype.OIDInt4)
		return sqltype.Text(f.write(roman(i), '+', 0)), err
	case f.eeee && n.IsSpecial():
		return sqltype.Text(overflowScientific(&f)), nil
	case f.eeee:
		return sqltype.Text(scientific(n, f.post)), nil
	}
	if f.multi {
		ten, err := sqltype.NumericInt(10).Power(sqltype.NumericInt(int64(f.multiplier)))
		if err != nil {
			return sqltype.Value{}, err
		}
		if n, err = n.Mul(ten); err != nil {
			return sqltype.Value{}, err
		}
		f.pre += f.multiplier
	}
	if n, err = n.Round(f.post); err != nil {
		return sqltype.Value{}, err
	}
	return f.layout(n.String())
}

// shifted multiplies by a power of ten for V in the number's own type: int4 wraps around, int8 is out of range.
func shifted(n int64, by int, narrow bool) (int64, error) {
	if narrow {
		power := int32(math.MinInt32) // what a larger power is converted to
		if by <= 9 {
			power = int32(pow10Int(by))
		}
		return int64(int32(n) * power), nil
	}
	if by > 18 {
		return 0, errInt8Range()
	}
	power := int64(pow10Int(by))
	if hi, lo := bits.Mul64(uint64(max(n, -n)), uint64(power)); hi != 0 || lo > math.MaxInt64 && (lo != 1<<63 || n > 0) {
		return 0, errInt8Range()
	}
	return n * power, nil
}

func intToChar(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	p, err := cachedFormat(c, a[1].S, parseNumFormat)
	if err != nil {
		return sqltype.Value{}, err
	}
	if p.eeee && !p.roman && c.ArgTypes[0].OID == sqltype.OIDInt4 { // by way of a float; int8 goes by numeric, which does not carry
		s := strconv.FormatFloat(float64(a[0].I), 'e', p.post, 64)
		if !strings.HasPrefix(s, "-") {
			s = " " + s
		}
		return sqltype.Text(s), nil
	}
	if p.multi && !p.roman && !p.eeee && a[1].S != "" {
		n, err := shifted(a[0].I, p.multiplier, c.ArgTypes[0].OID == sqltype.OIDInt4)
		if err != nil {
			return sqltype.Value{}, err
		}
		f := *p
		f.pre += f.multiplier
		return f.layout(strconv.FormatInt(n, 10))
	}
	return formatNumeric(c, sqltype.NumericInt(a[0].I), a[1].S)
}

// floatToChar limits the digits behind the point to what a float of that many decimal digits has.
func floatToChar(digits int) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		p, err := cachedFormat(c, a[1].S, parseNumFormat)
		if err != nil {
			return sqltype.Value{}, err
		}
		if a[1].S == "" {
			return sqltype.Text(""), nil
		}
		f, x := *p, a[0].F
		special := x != x || math.IsInf(x, 0)
		switch {
		case f.roman:
			n := int64(math.MinInt32)
			if r := math.RoundToEven(x); r >= math.MinInt32 && r <= math.MaxInt32 {
				n = int64(r)
			}
			return sqltype.Text(f.write(roman(n), '+', 0)), nil
		case f.eeee && special:
			return sqltype.Text(overflowScientific(&f)), nil
		case f.eeee:
			s := strconv.FormatFloat(x, 'e', f.post, 64)
			if !strings.HasPrefix(s, "-") {
				s = " " + s
			}
			return sqltype.Text(s), nil
		}
		if f.multi {
			x *= math.Pow10(f.multiplier)
			if digits == 6 {
				x = float64(float32(x))
			}
			f.pre += f.multiplier
		}
		pre := len(printFloat(math.Abs(x), 0))
		switch {
		case pre >= digits:
			f.post = 0
		case pre+f.post > digits:
			f.post = digits - pre
		}
		return f.layout(printFloat(x, f.post))
	}
}

// printFloat is C's %.*f with PostgreSQL's words for what is no number.
func printFloat(x float64, places int) string {
	switch {
	case x != x:
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(x, 'f', places, 64)
}

func formatNumKernels() []Kernel {
	return []Kernel{
		scalar("numeric_to_char", numericToChar), scalar("int4_to_char", intToChar), scalar("int8_to_char", intToChar),
		scalar("float8_to_char", floatToChar(15)), scalar("float4_to_char", floatToChar(6)),
		scalar("numeric_to_number", toNumber),
	}
}
