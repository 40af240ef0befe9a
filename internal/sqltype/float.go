package sqltype

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// ParseFloat reads a float as PostgreSQL does, which is as C's strtod does: decimal and hexadecimal numbers, inf, infinity
// and nan in any case, blanks around it. bits is 32 or 64.
func ParseFloat(s string, bits int) (float64, error) {
	name := "double precision"
	if bits == 32 {
		name = "real"
	}
	num := s
	for num != "" && isSpace(num[0]) {
		num = num[1:]
	}
	f, n, over := strtod(num, bits)
	switch {
	case n == 0:
		return 0, syntaxError(name, s)
	case over && bits == 32:
		// float4in shows the whole input, float8in the number alone.
		return 0, pgerr.Newf(pgerr.NumericValueOutOfRange, "\"%s\" is out of range for type %s", s, name)
	case over:
		return 0, pgerr.Newf(pgerr.NumericValueOutOfRange, "\"%s\" is out of range for type %s", num[:n], name)
	case trimSpace(num[n:]) != "":
		return 0, syntaxError(name, s)
	}
	return f, nil
}

// strtod is C's: it returns the number that s starts with and the bytes that it takes; over where it cannot be held.
func strtod(s string, bits int) (f float64, n int, over bool) {
	sign, skip := 1.0, 0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		skip = 1
	}
	body := s[skip:]
	word := func(w string) bool { return len(body) >= len(w) && strings.EqualFold(body[:len(w)], w) }
	switch {
	case word("infinity"):
		return math.Inf(int(sign)), skip + 8, false
	case word("inf"):
		return math.Inf(int(sign)), skip + 3, false
	case word("nan"):
		n = 3
		if end := strings.IndexByte(body, ')'); strings.HasPrefix(body[3:], "(") && end > 0 &&
			strings.IndexFunc(body[4:end], func(r rune) bool { return r > 0x7f || !jsonWordByte(byte(r)) }) < 0 {
			n = end + 1
		}
		return math.Copysign(math.NaN(), sign), skip + n, false
	}
	n, goForm := floatPrefix(body)
	if n == 0 {
		return 0, 0, false
	}
	f, err := strconv.ParseFloat(goForm, bits)
	if errors.Is(err, strconv.ErrRange) || f == 0 && strings.Trim(mantissaDigits(goForm), "0.") != "" {
		over = true
	}
	return sign * f, skip + n, over
}

// floatPrefix finds the unsigned C number that s starts with, and a form of it that strconv takes.
func floatPrefix(s string) (n int, goForm string) {
	digits, exp := "0123456789", byte('e')
	i, hex := 0, false
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && strings.IndexByte("0123456789abcdefABCDEF.", s[2]) >= 0 {
		digits, exp, hex = "0123456789abcdefABCDEF", 'p', true
		i = 2
	}
	count, dot := 0, false
	for ; i < len(s); i++ {
		if s[i] == '.' && !dot {
			dot = true
			continue
		}
		if strings.IndexByte(digits, s[i]) < 0 {
			break
		}
		count++
	}
	if count == 0 {
		if hex {
			return 1, "0"
		}
		return 0, ""
	}
	if i < len(s) && s[i]|0x20 == exp {
		k := i + 1
		if k < len(s) && (s[k] == '+' || s[k] == '-') {
			k++
		}
		if k < len(s) && isDigit(s[k]) {
			for k < len(s) && isDigit(s[k]) {
				k++
			}
			return k, s[:k]
		}
	}
	if hex {
		return i, s[:i] + "p0"
	}
	return i, s[:i]
}

func mantissaDigits(s string) string {
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") {
		m, _, _ := strings.Cut(strings.ToLower(s[2:]), "p")
		return m
	}
	m, _, _ := strings.Cut(strings.ToLower(s), "e")
	return m
}

// AppendFloat8 appends a float8: the shortest form that reads back equal, or with extraDigits below 1 that many digits
// less or more than 15.
func AppendFloat8(dst []byte, f float64, extraDigits int) []byte {
	return appendFloat(dst, f, 64, 15, extraDigits)
}

// AppendFloat4 appends a float4, whose value is held in f.
func AppendFloat4(dst []byte, f float64, extraDigits int) []byte {
	return appendFloat(dst, f, 32, 6, extraDigits)
}

func appendFloat(dst []byte, f float64, bits, digits, extra int) []byte {
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case f > math.MaxFloat64:
		return append(dst, "Infinity"...)
	case f < -math.MaxFloat64:
		return append(dst, "-Infinity"...)
	}
	if extra > 0 {
		return appendShortest(dst, f, bits, digits)
	}
	return appendPrintfG(dst, f, max(digits+extra, 1))
}

// appendShortest writes the fewest digits that lie strictly between the neighbours' midpoints, as PostgreSQL's Ryu does;
// from 15 (float4: 6) integer digits on and below 0.0001 with an exponent of at least two digits.
func appendShortest(dst []byte, f float64, bits, maxInt int) []byte {
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], f, 'e', -1, bits)
	// Go also takes a midpoint that only ties-to-even reads back; such midpoints are integers past the mantissa's width.
	if a := math.Abs(f); (bits == 64 && a >= 1<<53 || bits == 32 && a >= 1<<24) && a < 1e45 && isMidpoint(b, f, bits) {
		for n := 1; n < 18; n++ {
			b = strconv.AppendFloat(buf[:0], f, 'e', n, bits)
			if back, err := strconv.ParseFloat(string(b), bits); err == nil && back == f && !isMidpoint(b, f, bits) {
				break
			}
		}
	}
	e := len(b) - 1
	for b[e] != 'e' {
		e--
	}
	x, _ := strconv.Atoi(string(b[e+1:]))
	if x < -4 || x >= maxInt {
		return append(dst, b...)
	}
	if f == 0 {
		if math.Signbit(f) {
			return append(dst, "-0"...)
		}
		return append(dst, '0')
	}
	mant := b[:e]
	if mant[0] == '-' {
		dst = append(dst, '-')
		mant = mant[1:]
	}
	var ds [24]byte
	all := append(append(ds[:0], mant[0]), mant[min(2, len(mant)):]...)
	switch {
	case x < 0:
		dst = append(dst, "0."...)
		for k := -1; k > x; k-- {
			dst = append(dst, '0')
		}
		return append(dst, all...)
	case len(all) <= x+1:
		dst = append(dst, all...)
		for k := len(all); k <= x; k++ {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, all[:x+1]...)
	dst = append(dst, '.')
	return append(dst, all[x+1:]...)
}

// isMidpoint reports whether the decimal text lies exactly half-way between f and one of its neighbours.
func isMidpoint(text []byte, f float64, bits int) bool {
	r, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return false
	}
	for _, toward := range []float64{math.Inf(1), math.Inf(-1)} {
		next := math.Nextafter(f, toward)
		if bits == 32 {
			next = float64(math.Nextafter32(float32(f), float32(toward)))
		}
		if math.IsInf(next, 0) {
			continue
		}
		mid := new(big.Rat).Add(new(big.Rat).SetFloat64(f), new(big.Rat).SetFloat64(next))
		if mid.Quo(mid, big.NewRat(2, 1)).Cmp(r) == 0 {
			return true
		}
	}
	return false
}

// appendPrintfG is C's %.*g.
func appendPrintfG(dst []byte, f float64, digits int) []byte {
	if f == 0 {
		if math.Signbit(f) {
			return append(dst, "-0"...)
		}
		return append(dst, '0')
	}
	var buf [64]byte
	b := strconv.AppendFloat(buf[:0], f, 'e', digits-1, 64)
	e := len(b) - 1
	for b[e] != 'e' {
		e--
	}
	x, _ := strconv.Atoi(string(b[e+1:]))
	if x < -4 || x >= digits {
		mant := b[:e]
		if digits > 1 {
			mant = []byte(strings.TrimRight(strings.TrimRight(string(mant), "0"), "."))
		}
		dst = append(dst, mant...)
		return append(dst, b[e:]...)
	}
	text := strconv.FormatFloat(f, 'f', max(digits-1-x, 0), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return append(dst, text...)
}

func floatBits(t Type) int {
	if t.OID == OIDFloat4 {
		return 32
	}
	return 64
}

func floatIn(s string, t Type, _ Env) (Value, error) {
	f, err := ParseFloat(s, floatBits(t))
	if err != nil {
		return Value{}, err
	}
	return Float(f), nil
}

func floatOut(dst []byte, v Value, t Type, env Env) []byte {
	if t.OID == OIDFloat4 {
		return AppendFloat4(dst, v.F, env.ExtraFloatDigits())
	}
	return AppendFloat8(dst, v.F, env.ExtraFloatDigits())
}

func floatRecv(b []byte, t Type, _ Env) (Value, error) {
	size := floatBits(t) / 8
	if len(b) != size {
		return Value{}, wrongSize(len(b), size)
	}
	if size == 4 {
		return Float(float64(math.Float32frombits(binary.BigEndian.Uint32(b)))), nil
	}
	return Float(math.Float64frombits(binary.BigEndian.Uint64(b))), nil
}

func floatSend(dst []byte, v Value, t Type, _ Env) []byte {
	if t.OID == OIDFloat4 {
		if v.F != v.F {
			return binary.BigEndian.AppendUint32(dst, 0x7fc00000|math.Float32bits(float32(v.F))&(1<<31))
		}
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.F)))
	}
	if v.F != v.F {
		return binary.BigEndian.AppendUint64(dst, 0x7ff8000000000000|math.Float64bits(v.F)&(1<<63)) // C's NaN, not Go's
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.F))
}
