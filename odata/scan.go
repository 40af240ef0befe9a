package odata

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// slack is the number of zero bytes kept behind the bytes of a buffer, so that loads of eight bytes stay inside it and every
// scan stops at its end: a zero byte is legal nowhere in JSON.
const slack = 16

// scanner walks JSON text in a buffer that may end in the middle of anything. Its methods take a place and return the place
// behind what they read, or -1: then err says why, and nil means that the buffer ended.
type scanner struct {
	buf   []byte // bytes, then slack
	end   int    // bytes that count
	depth int    // the deepest nesting allowed
	err   error
}

// malformedError is text that is no JSON, or no OData.
type malformedError struct {
	at   int // in the buffer
	text string
}

func (e *malformedError) Error() string { return e.text }

func (s *scanner) malformed(p int, format string, args ...any) int {
	if s.err == nil {
		s.err = &malformedError{at: p, text: fmt.Sprintf(format, args...)}
	}
	return -1
}

// unexpected fails at p, unless the buffer ends there.
func (s *scanner) unexpected(p int, want string) int {
	if p >= s.end {
		return -1
	}
	return s.malformed(p, "%q where %s should be", s.buf[p], want)
}

// space passes over white space. The result is always a place; the byte there is 0 at the end of the buffer.
func (s *scanner) space(p int) int {
	for {
		switch s.buf[p] {
		case ' ', '\n', '\r', '\t':
			p++
		default:
			return p
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// str finds the end of a string that begins at p, behind its opening quote. It returns the place of the closing quote, and
// whether there are escapes in it; the text is checked to be valid UTF-8 without control characters.
func (s *scanner) str(p int) (end int, escaped bool) {
	start, ascii := p, true
	buf := s.buf
	for {
		for p+8 <= len(buf) {
			w := binary.LittleEndian.Uint64(buf[p:])
			quote := w ^ ones*'"'
			slash := w ^ ones*'\\'
			// A byte below 0x20 borrows when 0x20 is taken from it; a byte equal to the pattern is 0 and borrows when 1 is taken.
			// False alarms come only above a true one, so the lowest mark is right.
			stop := ((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((w - ones*0x20) &^ w)
			if stop&highs == 0 {
				ascii = ascii && w&highs == 0
				p += 8
				continue
			}
			n := bits.TrailingZeros64(stop&highs) >> 3
			ascii = ascii && w&highs&(1<<(uint(n)*8)-1) == 0
			p += n
			break
		}
		c := buf[p]
		switch {
		case c == '"':
			if !ascii && !utf8.Valid(buf[start:p]) {
				return s.malformed(start, "a string that is not valid UTF-8"), false
			}
			return p, escaped
		case c == '\\':
			escaped = true
			if p = s.escape(p); p < 0 {
				return -1, false
			}
		case c < 0x20:
			if p >= s.end {
				return -1, false
			}
			return s.malformed(p, "a control character (U+%04X) in a string", c), false
		default:
			ascii = ascii && c < 0x80
			p++
		}
	}
}

// escape passes over one escape sequence; surrogates are judged when the text is unescaped.
func (s *scanner) escape(p int) int {
	switch s.buf[p+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return p + 2
	case 'u':
		for i := p + 2; i < p+6; i++ {
			if hexDigit(s.buf[i]) > 15 {
				return s.unexpected(i, "a hexadecimal digit")
			}
		}
		return p + 6
	}
	return s.unexpected(p+1, "an escape sequence")
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func hex4(b []byte) rune {
	return rune(hexDigit(b[0]))<<12 | rune(hexDigit(b[1]))<<8 | rune(hexDigit(b[2]))<<4 | rune(hexDigit(b[3]))
}

// unescape appends the text of a string that str accepted. A surrogate without its other half is not text.
func unescape(dst, src []byte) ([]byte, bool) {
	for i := 0; i < len(src); {
		c := src[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		switch c = src[i+1]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := hex4(src[i+2:])
			i += 6
			if utf16.IsSurrogate(r) {
				if i+6 > len(src) || src[i] != '\\' || src[i+1] != 'u' {
					return dst, false
				}
				if r = utf16.DecodeRune(r, hex4(src[i+2:])); r == utf8.RuneError {
					return dst, false
				}
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
		i += 2
	}
	return dst, true
}

// number passes over a number, checking JSON's grammar.
func (s *scanner) number(p int) int {
	buf := s.buf
	if buf[p] == '-' {
		p++
	}
	switch {
	case buf[p] == '0':
		p++
	case '1' <= buf[p] && buf[p] <= '9':
		p = digits(buf, p)
	default:
		return s.unexpected(p, "a digit")
	}
	if buf[p] == '.' {
		if p++; !isDigit(buf[p]) {
			return s.unexpected(p, "a digit")
		}
		p = digits(buf, p)
	}
	if buf[p]|0x20 == 'e' {
		p++
		if buf[p] == '+' || buf[p] == '-' {
			p++
		}
		if !isDigit(buf[p]) {
			return s.unexpected(p, "a digit")
		}
		p = digits(buf, p)
	}
	return s.ended(p)
}

// ended accepts the place behind a number or a word: something must follow, or it might go on behind the buffer.
func (s *scanner) ended(p int) int {
	switch s.buf[p] {
	case ',', '}', ']', ' ', '\n', '\r', '\t':
		return p
	}
	return s.unexpected(p, "a comma or bracket")
}

func digits(buf []byte, p int) int {
	for isDigit(buf[p]) {
		p++
	}
	return p
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// word passes over true, false or null.
func (s *scanner) word(p int, w string) int {
	for i := range len(w) {
		if s.buf[p+i] != w[i] {
			return s.unexpected(p+i, w)
		}
	}
	return s.ended(p + len(w))
}

// skip passes over any value, checking it. nesting counts the arrays and objects around it.
func (s *scanner) skip(p, nesting int) int {
	switch c := s.buf[p]; {
	case c == '"':
		end, _ := s.str(p + 1)
		if end < 0 {
			return -1
		}
		return end + 1
	case c == '{', c == '[':
		return s.skipNested(p, nesting+1)
	case c == 't':
		return s.word(p, "true")
	case c == 'f':
		return s.word(p, "false")
	case c == 'n':
		return s.word(p, "null")
	case c == '-' || isDigit(c):
		return s.number(p)
	}
	return s.unexpected(p, "a value")
}

func (s *scanner) skipNested(p, nesting int) int {
	if nesting > s.depth {
		s.err = errDepth
		return -1
	}
	object := s.buf[p] == '{'
	closing := byte(']')
	if object {
		closing = '}'
	}
	if p = s.space(p + 1); s.buf[p] == closing {
		return p + 1
	}
	for {
		if object {
			if _, p = s.key(p); p < 0 {
				return -1
			}
		}
		if p = s.skip(p, nesting); p < 0 {
			return -1
		}
		p = s.space(p)
		switch s.buf[p] {
		case ',':
			p = s.space(p + 1)
		case closing:
			return p + 1
		default:
			return s.unexpected(p, "a comma or "+string(closing))
		}
	}
}

// key reads a member's name, its colon and the white space behind; name is raw.
func (s *scanner) key(p int) (name []byte, next int) {
	if s.buf[p] != '"' {
		return nil, s.unexpected(p, "a property name")
	}
	end, _ := s.str(p + 1)
	if end < 0 {
		return nil, -1
	}
	name = s.buf[p+1 : end]
	if p = s.space(end + 1); s.buf[p] != ':' {
		return nil, s.unexpected(p, "a colon")
	}
	if p = s.space(p + 1); p >= s.end {
		return nil, -1
	}
	return name, p
}
