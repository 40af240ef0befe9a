package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// similarEscape turns a pattern of SIMILAR TO or SUBSTRING … SIMILAR into a regular expression. Escape-double-quotes divide the
// pattern of SUBSTRING into three parts, of which the middle one is the answer; the quantifiers {1,1}? and {1,1} make the first
// part as short and the others as long as can be.
func similarEscape(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	escape := `\`
	if len(a) > 1 && !a[1].Null {
		escape = a[1].S
		if utf8.RuneCountInString(escape) > 1 {
			return sqltype.Value{}, errEscapeString()
		}
	}
	if err := c.Ctx().checkSize(int64(len(a[0].S)) * 3); err != nil {
		return sqltype.Value{}, err
	}
	var b strings.Builder
	b.WriteString("^(?:")
	s := similarScan{out: &b}
	escaped := false
	for _, r := range a[0].S {
		switch {
		case escaped:
			if err := s.escaped(r); err != nil {
				return sqltype.Value{}, err
			}
			escaped = false
		case escape != "" && string(r) == escape:
			escaped = true
		default:
			s.plain(r)
		}
	}
	b.WriteString(")$")
	return sqltype.Text(b.String()), nil
}

// similarScan is where the translation of a pattern is.
type similarScan struct {
	out    *strings.Builder
	quotes int
	depth  int // brackets that are open
	// place is where in a bracket expression it is: 1 right behind its opening, 2 behind a caret there, 3 further on. A closing
	// bracket at the first two places is a character.
	place int
}

func (s *similarScan) escaped(r rune) error {
	if r == '"' && s.depth < 1 {
		s.quotes++
		switch s.quotes {
		case 1:
			s.out.WriteString("){1,1}?(")
		case 2:
			s.out.WriteString("){1,1}(?:")
		default:
			return pgerr.New(pgerr.InvalidUseOfEscapeCharacter, "SQL regular expression may not contain more than two escape-double-quote separators")
		}
		return nil
	}
	s.out.WriteByte('\\')
	s.out.WriteRune(r)
	s.place = 3
	return nil
}

func (s *similarScan) plain(r rune) {
	if s.depth > 0 {
		if r == '\\' {
			s.out.WriteByte('\\')
		}
		s.out.WriteRune(r)
		switch {
		case r == ']' && s.place > 2:
			s.depth--
		case r == '[':
			s.depth++
			s.place = 3
		}
		if r == '^' {
			s.place++
		} else {
			s.place = 3
		}
		return
	}
	switch r {
	case '[':
		s.depth, s.place = 1, 1
		s.out.WriteRune(r)
	case '%':
		s.out.WriteString(".*")
	case '_':
		s.out.WriteByte('.')
	case '(':
		s.out.WriteString("(?:")
	case '\\', '.', '^', '$':
		s.out.WriteByte('\\')
		s.out.WriteRune(r)
	default:
		s.out.WriteRune(r)
	}
}

// similarSubstring is SUBSTRING(… SIMILAR … ESCAPE …), which PostgreSQL writes in SQL over the two.
func similarSubstring(c *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	if a[1].Null || a[2].Null {
		return sqltype.NullValue(), nil
	}
	pattern, err := similarEscape(c, a[1:])
	if err != nil || a[0].Null {
		return sqltype.NullValue(), err
	}
	return regexSubstring(c, st, []sqltype.Value{a[0], pattern})
}
