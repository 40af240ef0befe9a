package simulator

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonStyle is how values are written: ieee754 turns Int64 and Decimal into
// strings, as the format parameter IEEE754Compatible=true asks; ascii escapes
// everything outside ASCII, as some .NET services do; exponents writes decimals
// as digits and an exponent.
type jsonStyle struct {
	ieee754, ascii, exponents bool
}

// appendJSON appends a value as OData JSON (OData JSON Format 4.0, section 7).
func appendJSON(b []byte, v value, style jsonStyle) []byte {
	switch v.k {
	case kNull, kStream:
		return append(b, "null"...)
	case kBool:
		return strconv.AppendBool(b, v.bool())
	case kInt:
		return strconv.AppendInt(b, v.n, 10)
	case kDouble:
		return appendFloat(b, v.float(), 64)
	case kSingle:
		return appendFloat(b, v.float(), 32)
	case kDecimal:
		if style.ieee754 {
			b = append(b, '"')
		}
		if style.exponents {
			b = appendExponent(b, v.s)
		} else {
			b = append(b, v.s...)
		}
		if style.ieee754 {
			b = append(b, '"')
		}
		return b
	case kRaw:
		return append(b, v.s...)
	case kString:
		return appendString(b, v.s, style.ascii)
	case kBinary:
		b = append(b, '"')
		b = base64.RawURLEncoding.AppendEncode(b, []byte(v.s))
		return append(b, '"')
	case kCollection:
		b = append(b, '[')
		for i, item := range v.items() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item, style)
		}
		return append(b, ']')
	case kComplex:
		// Members alternate: name, value.
		b = append(b, '{')
		items := v.items()
		for i := 0; i+1 < len(items); i += 2 {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, items[i].s, false)
			b = append(b, ':')
			b = appendJSON(b, items[i+1], style)
		}
		return append(b, '}')
	default:
		b = append(b, '"')
		b = appendPlain(b, v)
		return append(b, '"')
	}
}

// appendExponent writes 12.50 as 1250e-2: the same number, and as many digits.
func appendExponent(b []byte, s string) []byte {
	whole, frac, ok := strings.Cut(s, ".")
	if !ok {
		return append(append(b, s...), "e0"...)
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	digits := strings.TrimLeft(whole+frac, "0")
	if digits == "" {
		digits = "0"
	}
	b = append(append(append(b, sign...), digits...), "e-"...)
	return strconv.AppendInt(b, int64(len(frac)), 10)
}

// appendFloat writes INF, -INF and NaN as strings, everything else as a JSON number.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"INF"`...)
	case math.IsInf(f, -1):
		return append(b, `"-INF"`...)
	}
	return strconv.AppendFloat(b, f, 'g', -1, bits)
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string, ascii bool) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && (c < utf8.RuneSelf || !ascii) {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		if c < utf8.RuneSelf {
			b = appendEscape(b, c)
			i++
		} else {
			r, size := utf8.DecodeRuneInString(s[i:])
			b = appendUnicodeEscape(b, r)
			i += size
		}
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

func appendUnicodeEscape(b []byte, r rune) []byte {
	if r > 0xFFFF {
		r -= 0x10000
		b = appendUnicodeEscape(b, 0xD800+r>>10)
		r = 0xDC00 + r&0x3FF
	}
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
