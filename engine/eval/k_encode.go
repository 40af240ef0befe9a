package eval

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func errEncodeFormat(name string) error { return invalid("unrecognized encoding: \"%s\"", name) }

func encodeBytes(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	s := a[0].S
	if err := c.Ctx().checkSize(int64(len(s)) * 2); err != nil {
		return sqltype.Value{}, err
	}
	switch strings.ToLower(a[1].S) {
	case "hex":
		return sqltype.Text(hex.EncodeToString([]byte(s))), nil
	case "base64":
		enc := base64.StdEncoding.EncodeToString([]byte(s))
		var b strings.Builder
		for len(enc) > 76 {
			b.WriteString(enc[:76] + "\n")
			enc = enc[76:]
		}
		if b.WriteString(enc); len(enc) == 76 {
			b.WriteByte('\n')
		}
		return sqltype.Text(b.String()), nil
	case "escape":
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			switch ch := s[i]; {
			case ch == 0 || ch >= 0x80:
				b.Write([]byte{'\\', '0' + ch>>6, '0' + ch>>3&7, '0' + ch&7})
			case ch == '\\':
				b.WriteString(`\\`)
			default:
				b.WriteByte(ch)
			}
		}
		return sqltype.Text(b.String()), nil
	}
	return sqltype.Value{}, errEncodeFormat(a[1].S)
}

func decodeBytes(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	var out string
	var err error
	switch strings.ToLower(a[1].S) {
	case "hex":
		out, err = sqltype.DecodeHex(a[0].S)
	case "base64":
		out, err = decodeBase64(a[0].S)
	case "escape":
		out, err = decodeEscape(a[0].S)
	default:
		err = errEncodeFormat(a[1].S)
	}
	return sqltype.Text(out), err
}

// decodeBase64 skips white space and insists on padding, as pg_base64_decode does.
func decodeBase64(s string) (string, error) {
	var out []byte
	var buf uint32
	pos, end := 0, 0
	for i := 0; i < len(s); i++ {
		ch := s[i]
		var v uint32
		switch {
		case ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r':
			continue
		case ch == '=':
			if end == 0 {
				switch pos {
				case 2:
					end = 1
				case 3:
					end = 2
				default:
					return "", invalid("unexpected \"=\" while decoding base64 sequence")
				}
			}
		case ch >= 'A' && ch <= 'Z':
			v = uint32(ch - 'A')
		case ch >= 'a' && ch <= 'z':
			v = uint32(ch-'a') + 26
		case ch >= '0' && ch <= '9':
			v = uint32(ch-'0') + 52
		case ch == '+':
			v = 62
		case ch == '/':
			v = 63
		default:
			_, n := utf8.DecodeRuneInString(s[i:])
			return "", invalid("invalid symbol \"%s\" found while decoding base64 sequence", s[i:i+n])
		}
		buf = buf<<6 + v
		if pos++; pos == 4 {
			out = append(out, byte(buf>>16))
			if end == 0 || end > 1 {
				out = append(out, byte(buf>>8))
			}
			if end == 0 || end > 2 {
				out = append(out, byte(buf))
			}
			buf, pos = 0, 0
		}
	}
	if pos != 0 {
		return "", invalid("invalid base64 end sequence").
			WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
	}
	return string(out), nil
}

func decodeEscape(s string) (string, error) {
	out := make([]byte, 0, len(s))
	octal := func(i int, limit byte) bool { return i < len(s) && s[i] >= '0' && s[i] <= limit }
	for i := 0; i < len(s); {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
			i++
		case octal(i+1, '3') && octal(i+2, '7') && octal(i+3, '7'):
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 4
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i += 2
		default:
			return "", pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
		}
	}
	return string(out), nil
}
