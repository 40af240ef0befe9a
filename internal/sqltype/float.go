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
	num := trimSpace(s)
	body, sign := num, 1.0
	if body != "" && (body[0] == '+' || body[0] == '-') {
		if body[0] == '-' {
			sign = -1
		}
		body = body[1:]
	}
	switch {
	case strings.EqualFold(body, "inf"), strings.EqualFold(body, "infinity"):
		return math.Inf(int(sign)), nil
	case strings.EqualFold(body, "nan"):
		return math.NaN(), nil
	}
	goForm, ok := floatSyntax(body)
	if !ok {
		return 0, syntaxError(name, s)
	}
	f, err := strconv.ParseFloat(goForm, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, syntaxError(name, s)
	}
	if err != nil || f == 0 && strings.Trim(mantissaDigits(goForm), "0.") != "" {
		return 0, pgerr.Newf(pgerr.NumericValueOutOfRange, "\"%s\" is out of range for type %s", num, name)
	}
	return sign * f, nil
}

// floatSyntax checks an unsigned C number and gives it a form that strconv takes.
func floatSyntax(s string) (string, bool) {
	digits, exp, hex := "0123456789", byte('e'), false
	body := s
	if len(body) > 1 && body[0] == '0' && (body[1] == 'x' || body[1] == 'X') {
		digits, exp, hex = "0123456789abcdefABCDEF", 'p', true
		body = body[2:]
	}
	n, dot, i := 0, false, 0
	for ; i < len(body); i++ {
		if body[i] == '.' && !dot {
			dot = true
			continue
		}
		if strings.IndexByte(digits, body[i]) < 0 {
			break
		}
		n++
	}
	if n == 0 {
		return "", false
	}
	if i == len(body) {
		if hex {
			return s + "p0", true
		}
		return s, true
	}
	if body[i]|0x20 != exp {
		return "", false
	}
	i++
	if i < len(body) && (body[i] == '+' || body[i] == '-') {
		i++
	}
	if i == len(body) {
		return "", false
	}
	for ; i < len(body); i++ {
		if body[i] < '0' || body[i] > '9' {
			return "", false
		}
	}
	return s, true
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
		n := 0
		for _, c := range b {
			if c >= '0' && c <= '9' {
				n++
			}
			if c == 'e' {
				break
			}
		}
		b = strconv.AppendFloat(buf[:0], f, 'e', n, bits)
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
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.F)))
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.F))
}
