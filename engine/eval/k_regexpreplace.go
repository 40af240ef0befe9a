package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// appendReplacement appends the text that takes the place of a match: \1 to \9 are groups, \& the whole match, \\ a backslash.
func (m *areMatcher) appendReplacement(b []byte, with string) []byte {
	for {
		i := strings.IndexByte(with, '\\')
		if i < 0 || i+1 == len(with) {
			return append(b, with...)
		}
		b = append(b, with[:i]...)
		c := with[i+1]
		switch group := int(c - '0'); {
		case c == '&' || c >= '1' && c <= '9':
			if c == '&' {
				group = 0
			}
			if group <= m.re.groups && m.caps[2*group] >= 0 {
				b = append(b, m.text[m.caps[2*group]:m.caps[2*group+1]]...)
			}
			with = with[i+2:]
		case c == '\\':
			b = append(b, '\\')
			with = with[i+2:]
		default:
			b = append(b, '\\')
			with = with[i+1:]
		}
	}
}

// needsCaptures tells whether a replacement uses groups.
func needsCaptures(with string) bool {
	for i := 0; i+1 < len(with); i++ {
		if with[i] != '\\' {
			continue
		}
		i++
		if with[i] >= '1' && with[i] <= '9' {
			return true
		}
	}
	return false
}

// replace puts with in the place of the n-th match from a start in characters, of every one if n is 0.
func (m *areMatcher) replace(c *Call, with string, start, n int64) (sqltype.Value, error) {
	var b []byte
	from, count := 0, int64(0)
	refs := strings.Count(with, "\\")
	var tooLong error
	err := m.each(m.place(start), needsCaptures(with), func() bool {
		count++
		if n > 0 && count != n {
			return true
		}
		if most := len(with) + refs*(m.caps[1]-m.caps[0]); most > longPattern { // one match may become much
			if tooLong = c.charge(int64(most)); tooLong != nil {
				return false
			}
		}
		was := cap(b)
		b = append(b, m.text[from:m.caps[0]]...)
		b = m.appendReplacement(b, with)
		from = m.caps[1]
		if cap(b) > was {
			tooLong = c.build(int64(cap(b)))
		}
		return n == 0 && tooLong == nil
	})
	if err == nil {
		err = tooLong
	}
	if err != nil {
		return sqltype.Value{}, err
	}
	if err := c.build(int64(len(m.text) - from)); err != nil {
		return sqltype.Value{}, err
	}
	return sqltype.Text(alias(append(b, m.text[from:]...))), nil
}

// regexReplacePlain is regexp_replace(string, pattern, replacement).
func regexReplacePlain(c *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	m, err := st.start(a[0].S, a[1].S, areARE)
	if err != nil {
		return sqltype.Value{}, err
	}
	return m.replace(c, a[2].S, 1, 1)
}

// regexReplaceFlags is regexp_replace(string, pattern, replacement, flags).
func regexReplaceFlags(c *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	if s := a[3].S; s != "" && isASCIIDigit(rune(s[0])) {
		return sqltype.Value{}, pgerr.Newf(pgerr.InvalidParameterValue, "invalid regular expression option: \"%c\"", s[0]).
			WithHint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.")
	}
	f, err := st.readFlags(a[3].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	m, err := st.start(a[0].S, a[1].S, f.are)
	if err != nil {
		return sqltype.Value{}, err
	}
	n := int64(1)
	if f.global {
		n = 0
	}
	return m.replace(c, a[2].S, 1, n)
}

// regexReplaceFrom is regexp_replace(string, pattern, replacement, start, n, flags).
func regexReplaceFrom(c *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	start, err := intArg(a, 3, "start", 1, 1)
	if err != nil {
		return sqltype.Value{}, err
	}
	n, err := intArg(a, 4, "n", 0, 1)
	if err != nil {
		return sqltype.Value{}, err
	}
	f := regexFlags{are: areARE}
	if len(a) > 5 {
		if f, err = st.readFlags(a[5].S); err != nil {
			return sqltype.Value{}, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, f.are)
	if err != nil {
		return sqltype.Value{}, err
	}
	return m.replace(c, a[2].S, start, n)
}
