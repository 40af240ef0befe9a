package sqltype

import (
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// maxJSONDepth is where PostgreSQL's stack of 2 MB roughly ends.
const maxJSONDepth = 6000

type jsonTokenKind uint8

const (
	tokenEnd jsonTokenKind = iota
	tokenString
	tokenNumber
	tokenTrue
	tokenFalse
	tokenNull
	tokenPunct
)

// jsonReader reads one JSON text. PostgreSQL's lexer reports its own errors with the token at which it stopped, and so
// does this.
type jsonReader struct {
	text  string
	keep  bool // decode strings, and check what only jsonb checks
	depth int

	kind       jsonTokenKind
	start, end int // the token
	str        string
	prevEnd    int
}

func (r *jsonReader) fail(code pgerr.Code, message string, end int, format string, args ...any) error {
	// The context shows the line up to the failing token, at most about 50 bytes of it.
	lineStart, line := 0, 1
	for i := 0; i < end && i < len(r.text); i++ {
		if r.text[i] == '\n' {
			line++
			lineStart = i + 1
		}
	}
	end = min(end, len(r.text))
	start := lineStart
	for end-start >= 50 {
		start++
		for start < len(r.text) && !utf8.RuneStart(r.text[start]) {
			start++
		}
	}
	if start-lineStart <= 3 {
		start = lineStart
	}
	prefix, suffix := "", ""
	if start > lineStart {
		prefix = "..."
	}
	if r.kind != tokenEnd && end < len(r.text) && r.text[end] != '\n' && r.text[end] != '\r' {
		suffix = "..."
	}
	e := pgerr.New(code, message).WithDetail(format, args...)
	e.Where = "JSON data, line " + string(AppendInt(nil, int64(line))) + ": " + prefix + r.text[start:end] + suffix
	return e
}

func (r *jsonReader) invalid(end int, format string, args ...any) error {
	return r.fail(pgerr.InvalidTextRepresentation, "invalid input syntax for type json", end, format, args...)
}

func (r *jsonReader) token() string { return r.text[r.start:r.end] }

// next reads a token.
func (r *jsonReader) next() error {
	r.prevEnd = r.end
	i := r.end
	for i < len(r.text) && (r.text[i] == ' ' || r.text[i] == '\t' || r.text[i] == '\n' || r.text[i] == '\r') {
		i++
	}
	r.start, r.end = i, i
	if i == len(r.text) {
		r.kind = tokenEnd
		return nil
	}
	switch c := r.text[i]; {
	case strings.IndexByte("{}[],:", c) >= 0:
		r.kind, r.end = tokenPunct, i+1
		return nil
	case c == '"':
		r.kind = tokenString
		return r.lexString()
	case c == '-' || isDigit(c):
		r.kind = tokenNumber
		return r.lexNumber()
	}
	end := i
	for end < len(r.text) && jsonWordByte(r.text[end]) {
		end++
	}
	if end == i {
		end += runeLen(r.text[i:])
		r.end = end
		return r.badToken()
	}
	r.end = end
	switch r.text[i:end] {
	case "true":
		r.kind = tokenTrue
	case "false":
		r.kind = tokenFalse
	case "null":
		r.kind = tokenNull
	default:
		return r.badToken()
	}
	return nil
}

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func jsonWordByte(c byte) bool { return isAlpha(c) || isDigit(c) || c == '_' || c >= 0x80 }

func (r *jsonReader) badToken() error {
	r.kind = tokenPunct
	return r.invalid(r.end, "Token \"%s\" is invalid.", r.token())
}

func (r *jsonReader) lexNumber() error {
	s, i, bad := r.text, r.start, false
	if s[i] == '-' {
		i++
	}
	digits := func() int {
		n := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i - n
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case digits() == 0:
		bad = true
	}
	if i < len(s) && s[i] == '.' {
		i++
		bad = digits() == 0 || bad
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		bad = digits() == 0 || bad
	}
	// Whatever letters follow belong to the token, which makes it wrong.
	for i < len(s) && jsonWordByte(s[i]) {
		i++
		bad = true
	}
	r.end = i
	if bad {
		return r.badToken()
	}
	return nil
}

func (r *jsonReader) lexString() error {
	s := r.text
	var b strings.Builder
	i, clean := r.start+1, r.start+1
	high := rune(-1)
	for {
		if i >= len(s) {
			r.end = i
			return r.badToken()
		}
		c := s[i]
		if c != '\\' && high >= 0 {
			r.end = i + runeLen(s[i:])
			return r.invalid(r.end, "Unicode low surrogate must follow a high surrogate.")
		}
		if c == '"' {
			break
		}
		if c < 0x20 {
			r.end = i
			return r.invalid(i, "Character with value 0x%02x must be escaped.", c)
		}
		if c != '\\' {
			i++
			continue
		}
		if r.keep {
			b.WriteString(s[clean:i])
		}
		i++
		if i >= len(s) {
			r.end = i
			return r.badToken()
		}
		if s[i] == 'u' {
			ch := rune(0)
			for k := 1; k <= 4; k++ {
				if i+k >= len(s) {
					r.end = len(s)
					return r.badToken()
				}
				h := strings.IndexByte("0123456789abcdef", s[i+k]|0x20)
				if h < 0 || s[i+k] < '0' {
					r.end = min(i+k+runeLen(s[i+k:]), len(s))
					return r.invalid(r.end, "\"\\u\" must be followed by four hexadecimal digits.")
				}
				ch = ch<<4 | rune(h)
			}
			i += 5
			clean = i
			if !r.keep {
				continue
			}
			switch {
			case ch >= 0xd800 && ch < 0xdc00:
				if high >= 0 {
					r.end = i
					return r.invalid(i, "Unicode high surrogate must not follow a high surrogate.")
				}
				high = ch & 0x3ff << 10
				continue
			case ch >= 0xdc00 && ch < 0xe000:
				if high < 0 {
					r.end = i
					return r.invalid(i, "Unicode low surrogate must follow a high surrogate.")
				}
				ch = 0x10000 + high + ch&0x3ff
				high = -1
			}
			if high >= 0 {
				r.end = i
				return r.invalid(i, "Unicode low surrogate must follow a high surrogate.")
			}
			if ch == 0 {
				r.end = i
				return r.fail(pgerr.UntranslatableCharacter, "unsupported Unicode escape sequence", i, "\\u0000 cannot be converted to text.")
			}
			b.WriteRune(ch)
			continue
		}
		if high >= 0 {
			r.end = i + runeLen(s[i:])
			return r.invalid(r.end, "Unicode low surrogate must follow a high surrogate.")
		}
		k := strings.IndexByte("\"\\/bfnrt", s[i])
		if k < 0 {
			r.end = i + runeLen(s[i:])
			r.start = i
			return r.invalid(r.end, "Escape sequence \"\\%s\" is invalid.", s[i:r.end])
		}
		b.WriteByte("\"\\/\b\f\n\r\t"[k])
		i++
		clean = i
	}
	if r.keep {
		b.WriteString(s[clean:i])
		r.str = b.String()
	}
	r.end = i + 1
	return nil
}

func (r *jsonReader) unexpected(expected string) error {
	if r.kind == tokenEnd {
		return r.invalid(len(r.text), "The input string ended unexpectedly.")
	}
	return r.invalid(r.end, "Expected %s, but found \"%s\".", expected, r.token())
}

// jsonSink is told what a reader finds; a nil sink only checks.
type jsonSink interface {
	begin(object bool) // a container
	key(s string)
	scalar(kind jsonTokenKind, text, str string) error
	end(raw string) // of the container that was begun last
}

// value reads a value whose first token has been read, and the token after it, whose fault is reported before the value's
// own.
func (r *jsonReader) value(sink jsonSink) error {
	begin := r.start
	switch r.kind {
	case tokenString, tokenNumber, tokenTrue, tokenFalse, tokenNull:
		kind, text, str := r.kind, r.token(), r.str
		if err := r.next(); err != nil || sink == nil {
			return err
		}
		return sink.scalar(kind, text, str)
	case tokenPunct:
		open := r.text[r.start]
		if open != '{' && open != '[' {
			return r.unexpected("JSON value")
		}
		if sink != nil {
			sink.begin(open == '{')
		}
		read := r.array
		if open == '{' {
			read = r.object
		}
		if err := read(sink); err != nil {
			return err
		}
		if sink != nil {
			sink.end(r.text[begin:r.end])
		}
		return r.next()
	}
	return r.unexpected("JSON value")
}

func (r *jsonReader) enter() error {
	if r.depth++; r.depth > maxJSONDepth {
		return pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("JSON values may be nested %d levels deep.", maxJSONDepth)
	}
	return nil
}

func (r *jsonReader) at(c byte) bool { return r.kind == tokenPunct && r.text[r.start] == c }

func (r *jsonReader) array(sink jsonSink) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer func() { r.depth-- }()
	if err := r.next(); err != nil || r.at(']') {
		return err
	}
	for {
		if err := r.value(sink); err != nil {
			return err
		}
		switch {
		case r.at(','):
			if err := r.next(); err != nil {
				return err
			}
		case r.at(']'):
			return nil
		default:
			return r.unexpected("\",\" or \"]\"")
		}
	}
}

func (r *jsonReader) object(sink jsonSink) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer func() { r.depth-- }()
	if err := r.next(); err != nil || r.at('}') {
		return err
	}
	for first := true; ; first = false {
		if r.kind != tokenString {
			if first {
				return r.unexpected("string or \"}\"")
			}
			return r.unexpected("string")
		}
		if sink != nil {
			sink.key(r.str)
		}
		if err := r.next(); err != nil {
			return err
		}
		if !r.at(':') {
			return r.unexpected("\":\"")
		}
		if err := r.next(); err != nil {
			return err
		}
		if err := r.value(sink); err != nil {
			return err
		}
		switch {
		case r.at(','):
			if err := r.next(); err != nil {
				return err
			}
		case r.at('}'):
			return nil
		default:
			return r.unexpected("\",\" or \"}\"")
		}
	}
}

// whole reads a text that is one value.
func (r *jsonReader) whole(sink jsonSink) error {
	if err := r.next(); err != nil {
		return err
	}
	if err := r.value(sink); err != nil {
		return err
	}
	if r.kind != tokenEnd {
		return r.unexpected("end of input")
	}
	return nil
}

// CheckJSON reports why a text is no value of type json.
func CheckJSON(s string) error {
	return (&jsonReader{text: s}).whole(nil)
}

func jsonIn(s string, _ Type, _ Env) (Value, error) { return Text(s), CheckJSON(s) }

func jsonRecv(b []byte, t Type, env Env) (Value, error) {
	if v, err := textRecv(b, t, env); err != nil {
		return v, err
	}
	return jsonIn(string(b), t, env)
}

// AppendJSONString appends a quoted string as PostgreSQL's escape_json does.
func AppendJSONString(dst []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	clean := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[clean:i]...)
		clean = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[clean:]...), '"')
}
