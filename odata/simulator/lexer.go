package simulator

import (
	"encoding/base64"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tokenKind classes the tokens of $filter and $orderby.
type tokenKind uint8

const (
	tEnd tokenKind = iota
	tName
	tLiteral
	tEnum // qualified name followed by a quoted member list
	tPunct
)

type token struct {
	kind tokenKind
	text string
	val  value
	pos  int
}

// Literals whose first characters look like numbers or names; the longest form is tried first.
var (
	reGuid     = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}`)
	reInstant  = regexp.MustCompile(`^(-?\d{4,})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?([Zz]|[+-]\d\d:\d\d)`)
	reDate     = regexp.MustCompile(`^(-?\d{4,})-(\d\d)-(\d\d)`)
	reClock    = regexp.MustCompile(`^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?`)
	reNumber   = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?`)
	reSpecial  = regexp.MustCompile(`^(-?INF|NaN)`)
	reName     = regexp.MustCompile(`^[\pL\pN_$@.]+`)
	reDuration = regexp.MustCompile(`^([+-])?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,12}))?S)?)?$`)
)

// lex cuts an expression into tokens (OData 4.0 ABNF, section "Names, literals").
func lex(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		if c == ' ' || c == '\t' {
			i++
			continue
		}
		t, n, err := lexOne(s, i, out)
		if err != nil {
			return nil, err
		}
		t.pos = i
		out = append(out, t)
		i += n
	}
	return append(out, token{kind: tEnd, pos: len(s)}), nil
}

func lexOne(s string, i int, before []token) (token, int, error) {
	rest := s[i:]
	if rest[0] == '\'' {
		str, n, ok := quoted(rest)
		if !ok {
			return token{}, 0, badRequest("there is an unterminated string literal at position %d in '%s'", i, s)
		}
		return token{kind: tLiteral, text: rest[:n], val: text(str)}, n, nil
	}
	if v, n := lexLiteral(rest, before); n > 0 {
		if n < len(rest) && reName.MatchString(rest[n:]) {
			return token{}, 0, badRequest("syntax error at position %d in '%s'", i+n, s)
		}
		return token{kind: tLiteral, text: rest[:n], val: v}, n, nil
	}
	if name := reName.FindString(rest); name != "" {
		if len(rest) > len(name) && rest[len(name)] == '\'' {
			str, n, ok := quoted(rest[len(name):])
			if !ok {
				return token{}, 0, badRequest("there is an unterminated literal at position %d in '%s'", i, s)
			}
			v, ok := prefixed(name, str)
			if !ok {
				return token{kind: tEnum, text: name, val: text(str)}, len(name) + n, nil
			}
			if v.isNull() {
				return token{}, 0, badRequest("'%s' at position %d is no literal of %s", str, i, name)
			}
			return token{kind: tLiteral, text: rest[:len(name)+n], val: v}, len(name) + n, nil
		}
		return token{kind: tName, text: name}, len(name), nil
	}
	if strings.ContainsRune("(),/:*-;", rune(rest[0])) {
		return token{kind: tPunct, text: rest[:1]}, 1, nil
	}
	return token{}, 0, badRequest("syntax error at position %d in '%s'", i, s)
}

// quoted reads a string literal; a doubled apostrophe stands for one.
func quoted(s string) (string, int, bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

// prefixed reads duration'…' and binary'…'; ok is false for other prefixes, which are enums.
func prefixed(name, body string) (v value, ok bool) {
	switch name {
	case "duration":
		return parseDuration(body), true
	case "binary":
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(body, "="))
		if err != nil {
			return null(), true
		}
		return binary(string(b)), true
	}
	return null(), false
}

func lexLiteral(s string, before []token) (value, int) {
	if m := reGuid.FindString(s); m != "" {
		return guid(strings.ToLower(m)), len(m)
	}
	if m := reInstant.FindStringSubmatch(s); m != nil {
		if v, ok := parseInstant(m); ok {
			return v, len(m[0])
		}
		return null(), 0
	}
	if m := reDate.FindStringSubmatch(s); m != nil {
		if d, ok := parseDate(m[1], m[2], m[3]); ok {
			return date(d), len(m[0])
		}
		return null(), 0
	}
	if m := reClock.FindStringSubmatch(s); m != nil {
		if t, ok := parseClock(m[1], m[2], m[3], m[4]); ok {
			return timeOfDay(t), len(m[0])
		}
		return null(), 0
	}
	if m := reSpecial.FindString(s); m != "" && !(len(s) > len(m) && reName.MatchString(s[len(m):])) {
		return double(map[string]float64{"INF": math.Inf(1), "-INF": math.Inf(-1), "NaN": math.NaN()}[m]), len(m)
	}
	if s[0] == '-' && len(before) > 0 {
		// After an operand a minus sign is not part of a number.
		if t := before[len(before)-1]; t.kind == tLiteral || t.text == ")" {
			return null(), 0
		}
	}
	if m := reNumber.FindStringSubmatch(s); m != nil {
		return parseNumber(m[0], m[1] != "", m[2] != ""), len(m[0])
	}
	return null(), 0
}

// parseNumber types a numeric literal: with exponent a double, with a fraction
// or beyond 64 bits a decimal, else an integer.
func parseNumber(s string, fraction, exponent bool) value {
	if exponent {
		f, _ := strconv.ParseFloat(s, 64)
		return double(f)
	}
	if !fraction {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return integer(n)
		}
	}
	return decimal(s)
}

func parseDate(y, m, d string) (int64, bool) {
	year, err := strconv.Atoi(y)
	month, day := atoi(m), atoi(d)
	if err != nil || year > 999999 || year < -999999 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	n := daysOf(year, month, day)
	if _, mm, dd := civil(n); mm != month || dd != day {
		return 0, false
	}
	return n, true
}

// parseClock cuts fractions finer than 100 ns, as services with .NET's clock do.
func parseClock(h, m, s, frac string) (int64, bool) {
	hour, minute, sec := atoi(h), atoi(m), atoi(s)
	if hour > 23 || minute > 59 || sec > 59 {
		return 0, false
	}
	return (int64(hour)*3600+int64(minute)*60+int64(sec))*ticksPerSecond + fraction(frac), true
}

func fraction(s string) int64 {
	n := int64(0)
	for i := range 7 {
		n *= 10
		if i < len(s) {
			n += int64(s[i] - '0')
		}
	}
	return n
}

func parseInstant(m []string) (value, bool) {
	d, ok := parseDate(m[1], m[2], m[3])
	t, ok2 := parseClock(m[4], m[5], m[6], m[7])
	if !ok || !ok2 {
		return null(), false
	}
	n := d*ticksPerDay + t
	if z := m[8]; len(z) == 6 {
		off := int64(atoi(z[1:3])*60+atoi(z[4:6])) * 60 * ticksPerSecond
		if atoi(z[1:3]) > 14 || atoi(z[4:6]) > 59 {
			return null(), false
		}
		if z[0] == '+' {
			n -= off
		} else {
			n += off
		}
	}
	return timestamp(n), true
}

func parseDuration(s string) value {
	m := reDuration.FindStringSubmatch(s)
	if m == nil || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return null()
	}
	seconds := int64(0)
	for i, unit := range []int64{86400, 3600, 60, 1} {
		if len(m[i+2]) > 12 {
			return null()
		}
		n, _ := strconv.ParseInt("0"+m[i+2], 10, 64)
		seconds += n * unit
	}
	if seconds > math.MaxInt64/ticksPerSecond-1 {
		return null()
	}
	t := seconds*ticksPerSecond + fraction(m[6])
	if m[1] == "-" {
		t = -t
	}
	return duration(t)
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// rat reads a decimal exactly.
func (v value) rat() *big.Rat {
	if v.k == kInt {
		return new(big.Rat).SetInt64(v.n)
	}
	r, _ := new(big.Rat).SetString(v.s)
	return r
}

// now is the service's clock inside expressions: noon of the last day would
// surprise nobody's test, but a real clock is what services have.
func now() value { return timestamp(ticksOf(time.Now())) }
