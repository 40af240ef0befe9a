package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// group is what a group matched; null if it took no part.
func (m *areMatcher) group(n int) sqltype.Value {
	if m.caps[2*n] < 0 {
		return sqltype.NullValue()
	}
	return sqltype.Text(strings.Clone(m.text[m.caps[2*n]:m.caps[2*n+1]]))
}

// matched is the array of the groups, or of the whole match where there are none.
func (m *areMatcher) matched() sqltype.Value {
	if m.re.groups == 0 {
		return MakeArray(sqltype.OIDText, []sqltype.Value{m.group(0)})
	}
	vals := make([]sqltype.Value, m.re.groups)
	for i := range vals {
		vals[i] = m.group(i + 1)
	}
	return MakeArray(sqltype.OIDText, vals)
}

// each calls yield for the matches from a place on, one after the other; with captures if they are needed. A match of nothing is
// followed by a search one character further.
func (m *areMatcher) each(start int, captures bool, yield func() bool) error {
	for start <= len(m.text) {
		ok, err := m.locate(start, captures || m.re.backref)
		if err != nil || !ok {
			return err
		}
		begin, end := m.caps[0], m.caps[1]
		if !yield() {
			return nil
		}
		start = end
		if begin == end {
			start = m.after(end)
		}
	}
	return nil
}

// place is the offset of a character counted from 1; one behind the end if there are not so many.
func (m *areMatcher) place(n int64) int {
	at := 0
	for ; n > 1; n-- {
		if at >= len(m.text) {
			return len(m.text) + 1
		}
		at = m.after(at)
	}
	return at
}

// column is the number from 1 of the character at an offset.
func (m *areMatcher) column(at int) int64 { return int64(utf8.RuneCountInString(m.text[:at])) + 1 }

func badArgument(name string, n int64) error {
	return invalid("invalid value for parameter \"%s\": %d", name, n)
}

func regexSubstring(_ *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	m, err := st.start(a[0].S, a[1].S, areARE)
	if err != nil {
		return sqltype.Value{}, err
	}
	ok, err := m.match()
	switch {
	case err != nil || !ok:
		return sqltype.NullValue(), err
	case m.re.groups > 0:
		return m.group(1), nil
	}
	return m.group(0), nil
}

func regexMatch(_ *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	flags := areARE
	var err error
	if len(a) > 2 {
		if flags, err = st.noGlobal(a[2].S, "regexp_match()", "Use the regexp_matches function instead."); err != nil {
			return sqltype.Value{}, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, flags)
	if err != nil {
		return sqltype.Value{}, err
	}
	ok, err := m.match()
	if err != nil || !ok {
		return sqltype.NullValue(), err
	}
	return m.matched(), nil
}

func regexLike(_ *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	flags := areARE
	var err error
	if len(a) > 2 {
		if flags, err = st.noGlobal(a[2].S, "regexp_like()", ""); err != nil {
			return sqltype.Value{}, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, flags)
	if err != nil {
		return sqltype.Value{}, err
	}
	ok, err := m.test()
	return sqltype.Bool(ok), err
}

// regexSplit gives the parts of a text between the matches, one after the other. Matches of nothing at the ends of the text or right behind
// another match divide nothing.
type regexSplit struct {
	m           *areMatcher
	from        int // where the next part begins
	last, start int // where the last match ended, and where the next is looked for
	done        bool
}

// next is the next part; false at the end.
func (s *regexSplit) next() (string, bool, error) {
	if s.done {
		return "", false, nil
	}
	m, begin := s.m, -1
	err := m.each(s.start, false, func() bool {
		at, end := m.caps[0], m.caps[1]
		if at < len(m.text) && end > s.last {
			begin = at
		}
		s.last, s.start = end, end
		if at == end {
			s.start = m.after(end)
		}
		return begin < 0
	})
	if err != nil {
		return "", false, err
	}
	from := s.from
	if begin < 0 {
		s.done, begin = true, len(m.text)
	}
	s.from = s.last
	return m.text[from:begin], true, nil
}

func (st *regexState) split(a []sqltype.Value, function string) (*regexSplit, error) {
	flags := areARE
	var err error
	if len(a) > 2 {
		if flags, err = st.noGlobal(a[2].S, function, ""); err != nil {
			return nil, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, flags)
	if err != nil {
		return nil, err
	}
	return &regexSplit{m: m}, nil
}

func regexSplitArray(c *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	split, err := st.split(a, "regexp_split_to_array()")
	if err != nil {
		return sqltype.Value{}, err
	}
	var parts []sqltype.Value
	for {
		part, ok, err := split.next()
		if err != nil {
			return sqltype.Value{}, err
		}
		if !ok {
			return MakeArray(sqltype.OIDText, parts), nil
		}
		if err := c.chargeArray(1, len(part)); err != nil {
			return sqltype.Value{}, err
		}
		parts = append(parts, sqltype.Text(part))
	}
}

// regexCount is regexp_count(string, pattern, start, flags).
func regexCount(_ *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	start, flags := int64(1), areARE
	if len(a) > 2 {
		if start = a[2].I; start <= 0 {
			return sqltype.Value{}, badArgument("start", start)
		}
	}
	var err error
	if len(a) > 3 {
		if flags, err = st.noGlobal(a[3].S, "regexp_count()", ""); err != nil {
			return sqltype.Value{}, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, flags)
	if err != nil {
		return sqltype.Value{}, err
	}
	n := int64(0)
	err = m.each(m.place(start), false, func() bool { n++; return true })
	return sqltype.Int(n), err
}

// nth finds the n-th match from a start in characters.
func (m *areMatcher) nth(start, n int64) (found bool, err error) {
	err = m.each(m.place(start), true, func() bool {
		n--
		found = n == 0
		return n > 0
	})
	return found && err == nil, err
}

// part is the group that a subexpr argument means, -1 for none. Of an expression without groups the first is the whole match.
func (m *areMatcher) part(sub int64) int64 {
	switch groups := int64(m.re.groups); {
	case sub <= groups:
		return sub
	case groups == 0 && sub == 1:
		return 0
	}
	return -1
}

// intArg is an integer argument that must not be less than least; missing ones are def.
func intArg(a []sqltype.Value, i int, name string, least, def int64) (int64, error) {
	if i >= len(a) {
		return def, nil
	}
	if a[i].I < least {
		return 0, badArgument(name, a[i].I)
	}
	return a[i].I, nil
}

// regexInstr is regexp_instr(string, pattern, start, n, endoption, flags, subexpr).
func regexInstr(_ *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	start, err := intArg(a, 2, "start", 1, 1)
	if err != nil {
		return sqltype.Value{}, err
	}
	n, err := intArg(a, 3, "n", 1, 1)
	if err != nil {
		return sqltype.Value{}, err
	}
	end := int64(0)
	if len(a) > 4 {
		if end = a[4].I; end != 0 && end != 1 {
			return sqltype.Value{}, badArgument("endoption", end)
		}
	}
	sub, err := intArg(a, 6, "subexpr", 0, 0)
	if err != nil {
		return sqltype.Value{}, err
	}
	flags := areARE
	if len(a) > 5 {
		if flags, err = st.noGlobal(a[5].S, "regexp_instr()", ""); err != nil {
			return sqltype.Value{}, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, flags)
	if err != nil {
		return sqltype.Value{}, err
	}
	ok, err := m.nth(start, n)
	if sub = m.part(sub); err != nil || !ok || sub < 0 || m.caps[2*sub] < 0 {
		return sqltype.Int(0), err
	}
	return sqltype.Int(m.column(m.caps[2*sub+end])), nil
}

// regexSubstr is regexp_substr(string, pattern, start, n, flags, subexpr).
func regexSubstr(_ *Call, st *regexState, a []sqltype.Value) (sqltype.Value, error) {
	start, err := intArg(a, 2, "start", 1, 1)
	if err != nil {
		return sqltype.Value{}, err
	}
	n, err := intArg(a, 3, "n", 1, 1)
	if err != nil {
		return sqltype.Value{}, err
	}
	sub, err := intArg(a, 5, "subexpr", 0, 0)
	if err != nil {
		return sqltype.Value{}, err
	}
	flags := areARE
	if len(a) > 4 {
		if flags, err = st.noGlobal(a[4].S, "regexp_substr()", ""); err != nil {
			return sqltype.Value{}, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, flags)
	if err != nil {
		return sqltype.Value{}, err
	}
	ok, err := m.nth(start, n)
	if sub = m.part(sub); err != nil || !ok || sub < 0 {
		return sqltype.NullValue(), err
	}
	return m.group(int(sub)), nil
}

// regexpMatches is regexp_matches, which gives an array per match.
func regexpMatches(c *Call, a []sqltype.Value) (SetIterator, error) {
	st := regexStateOf(c)
	f := regexFlags{are: areARE}
	var err error
	if len(a) > 2 {
		if f, err = st.readFlags(a[2].S); err != nil {
			return nil, err
		}
	}
	m, err := st.start(a[0].S, a[1].S, f.are)
	if err != nil {
		return nil, err
	}
	start, done := 0, false
	return setFunc(func(row []sqltype.Value) (bool, error) {
		if done {
			return false, nil
		}
		found := false
		err := m.each(start, true, func() bool {
			found = true
			row[0] = m.matched()
			start = m.caps[1]
			if m.caps[0] == m.caps[1] {
				start = m.after(start)
			}
			return false
		})
		done = !found || !f.global
		return found && err == nil, err
	}), nil
}

func regexpSplitTable(c *Call, a []sqltype.Value) (SetIterator, error) {
	split, err := regexStateOf(c).split(a, "regexp_split_to_table()")
	if err != nil {
		return nil, err
	}
	return setFunc(func(row []sqltype.Value) (bool, error) {
		part, ok, err := split.next()
		row[0] = sqltype.Text(part)
		return ok, err
	}), nil
}

func regexpSets() []SetKernel {
	return []SetKernel{
		{"regexp_matches", regexpMatches},
		{"regexp_matches_no_flags", regexpMatches},
		{"regexp_split_to_table", regexpSplitTable},
		{"regexp_split_to_table_no_flags", regexpSplitTable},
	}
}
