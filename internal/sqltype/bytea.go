package sqltype

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// DecodeHex reads hexadecimal digits in pairs, with blanks between pairs, as bytea input and decode(…, 'hex') do.
func DecodeHex(s string) (string, error) {
	var b strings.Builder
	b.Grow(len(s) / 2)
	digit := func(i int) (byte, error) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			return c - '0', nil
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			return c | 0x20 - 'a' + 10, nil
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		return 0, pgerr.Newf(pgerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", s[i:i+n])
	}
	for i := 0; i < len(s); {
		if c := s[i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		high, err := digit(i)
		if err != nil {
			return "", err
		}
		if i+1 >= len(s) {
			return "", pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		low, err := digit(i + 1)
		if err != nil {
			return "", err
		}
		b.WriteByte(high<<4 | low)
		i += 2
	}
	return b.String(), nil
}

func byteaIn(s string, _ Type, _ Env) (Value, error) {
	if strings.HasPrefix(s, `\x`) {
		b, err := DecodeHex(s[2:])
		return Text(b), err
	}
	if strings.IndexByte(s, '\\') < 0 {
		return Text(s), nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		octal := func(k int, top byte) bool { return i+k < len(s) && s[i+k] >= '0' && s[i+k] <= top }
		switch {
		case octal(1, '3') && octal(2, '7') && octal(3, '7'):
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
		case i+1 < len(s) && s[i+1] == '\\':
			b.WriteByte('\\')
			i++
		default:
			return Value{}, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
		}
	}
	return Text(b.String()), nil
}

func byteaOut(dst []byte, v Value, _ Type, env Env) []byte {
	if env.ByteaOutput() != "escape" {
		dst = append(dst, '\\', 'x')
		return hex.AppendEncode(dst, []byte(v.S))
	}
	for i := 0; i < len(v.S); i++ {
		switch c := v.S[i]; {
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c < 0x20 || c > 0x7e:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func byteaRecv(b []byte, _ Type, _ Env) (Value, error) { return Text(string(b)), nil }
