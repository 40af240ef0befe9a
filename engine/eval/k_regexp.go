package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// regexMemory is how many compiled expressions a call keeps, as many as PostgreSQL does.
const regexMemory = 32

// compileCost is about what memory a byte of a pattern takes while it is compiled.
const compileCost = 128

type regexKey struct {
	pattern string
	flags   areFlags
}

// regexState is what a call of a function over regular expressions keeps: the last expressions, and the room for a match.
type regexState struct {
	last    regexKey
	lastRE  *areRegex
	known   map[regexKey]*areRegex
	matcher areMatcher
	call    *Call
	// flags is the flags argument last read, and what it means.
	flagText string
	flags    regexFlags
	flagsOK  bool
}

func regexStateOf(c *Call) *regexState {
	st, _ := c.State.(*regexState)
	if st == nil {
		st = &regexState{known: map[regexKey]*areRegex{}, call: c}
		st.matcher.check = func() error { return c.Ctx().alive() }
		c.State = st
	}
	return st
}

// compile returns the expression of a pattern. The pattern may be the vector's own bytes.
func (st *regexState) compile(pattern string, flags areFlags, locale areLocale) (*areRegex, error) {
	if st.lastRE != nil && st.last.flags == flags && st.last.pattern == pattern {
		return st.lastRE, nil
	}
	key := regexKey{pattern, flags}
	re := st.known[key]
	if re == nil {
		if err := st.call.charge(int64(len(pattern)) * compileCost); err != nil {
			return nil, err
		}
		key.pattern = string([]byte(pattern))
		var err error
		if re, err = compileARE(key.pattern, flags, locale); err != nil {
			return nil, err
		}
		if len(st.known) >= regexMemory {
			clear(st.known)
		}
		st.known[key] = re
	} else {
		key.pattern = string([]byte(pattern))
	}
	st.last, st.lastRE = key, re
	return re, nil
}

// start compiles a pattern and makes the matcher ready for a text.
func (st *regexState) start(text, pattern string, flags areFlags) (*areMatcher, error) {
	re, err := st.compile(pattern, flags, areLocale{})
	if err != nil {
		return nil, err
	}
	st.matcher.reset(re, text)
	return &st.matcher, nil
}

// regexOperator makes the kernel of ~, ~*, !~ and !~*. Values of type name are compared by the C locale's rules, since that is
// the collation of the type.
func regexOperator(name string, fold, not bool, locale areLocale) Kernel {
	flags := areARE
	if fold {
		flags |= areFold
	}
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		st := regexStateOf(c)
		texts, patterns := textsOf(v[0]), textsOf(v[1])
		if v[1].Form == vector.Constant {
			re, err := st.compile(alias(patterns.at(0)), flags, locale)
			if err != nil {
				c.fail(sel[0], err)
				return
			}
			st.testAll(c, re, texts, not, out.Bools, sel)
			return
		}
		m := &st.matcher
		for _, r := range sel {
			re, err := st.compile(alias(patterns.at(r)), flags, locale)
			if err != nil {
				c.fail(r, err)
				return
			}
			m.reset(re, alias(texts.at(r)))
			ok, err := m.test()
			if err != nil {
				c.fail(r, err)
				return
			}
			out.Bools[r] = ok != not
		}
	}}
}

// testAll tests rows against one expression. Where every match contains a text, rows that stand in one piece are searched for that first.
func (st *regexState) testAll(c *Call, re *areRegex, t texts, not bool, dst []bool, sel []int32) {
	m := &st.matcher
	n := span(sel)
	searched := n > 0 && re.must != "" && t.codes == nil && t.mask != 0
	if searched {
		markContaining(&t, n, []byte(re.must), false, dst)
	}
	for _, r := range sel {
		ok, err := false, error(nil)
		switch {
		case !searched:
			m.reset(re, alias(t.at(r)))
			ok, err = m.test()
		case dst[r]:
			m.reset(re, alias(t.at(r)))
			ok, err = m.testRest()
		}
		if err != nil {
			c.fail(r, err)
			return
		}
		dst[r] = ok != not
	}
}

// regexFlags is a flags argument.
type regexFlags struct {
	are    areFlags
	global bool
}

// readFlags reads a flags argument of the functions (regexp.c, parse_re_flags).
func (st *regexState) readFlags(s string) (regexFlags, error) {
	if st.flagsOK && st.flagText == s {
		return st.flags, nil
	}
	f := regexFlags{are: areARE}
	for _, r := range s {
		switch {
		case r == 'g':
			f.global = true
		case r == 'e': // in this place it leaves a basic expression
			f.are &^= areARE | areQuote
		case !f.are.option(r):
			return f, invalid("invalid regular expression option: \"%c\"", r)
		}
	}
	st.flagText, st.flags, st.flagsOK = string([]byte(s)), f, true
	return f, nil
}

// noGlobal reads flags of a function that does not take g.
func (st *regexState) noGlobal(s, function, hint string) (areFlags, error) {
	f, err := st.readFlags(s)
	if err == nil && f.global {
		e := pgerr.Newf(pgerr.InvalidParameterValue, "%s does not support the \"global\" option", function)
		if hint != "" {
			e = e.WithHint("%s", hint)
		}
		return 0, e
	}
	return f.are, err
}

func regexpKernels() []Kernel {
	var ks []Kernel
	for _, p := range []struct {
		name   string
		locale areLocale
	}{{"text", areLocale{}}, {"name", areLocale{ascii: true}}} {
		ks = append(ks,
			regexOperator(p.name+"regexeq", false, false, p.locale), regexOperator(p.name+"regexne", false, true, p.locale),
			regexOperator(p.name+"icregexeq", true, false, p.locale), regexOperator(p.name+"icregexne", true, true, p.locale))
	}
	for _, k := range []struct {
		name string
		op   func(*Call, *regexState, []sqltype.Value) (sqltype.Value, error)
	}{
		{"textregexsubstr", regexSubstring},
		{"regexp_match", regexMatch},
		{"regexp_match_no_flags", regexMatch},
		{"regexp_like", regexLike},
		{"regexp_like_no_flags", regexLike},
		{"regexp_split_to_array", regexSplitArray},
		{"regexp_split_to_array_no_flags", regexSplitArray},
		{"regexp_count", regexCount},
		{"regexp_count_no_flags", regexCount},
		{"regexp_count_no_start", regexCount},
		{"regexp_instr", regexInstr},
		{"regexp_instr_no_subexpr", regexInstr},
		{"regexp_instr_no_flags", regexInstr},
		{"regexp_instr_no_endoption", regexInstr},
		{"regexp_instr_no_n", regexInstr},
		{"regexp_instr_no_start", regexInstr},
		{"regexp_substr", regexSubstr},
		{"regexp_substr_no_subexpr", regexSubstr},
		{"regexp_substr_no_flags", regexSubstr},
		{"regexp_substr_no_n", regexSubstr},
		{"regexp_substr_no_start", regexSubstr},
		{"textregexreplace_noopt", regexReplacePlain},
		{"textregexreplace", regexReplaceFlags},
		{"textregexreplace_extended", regexReplaceFrom},
		{"textregexreplace_extended_no_flags", regexReplaceFrom},
		{"textregexreplace_extended_no_n", regexReplaceFrom},
	} {
		ks = append(ks, scalar(k.name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) { return k.op(c, regexStateOf(c), a) }))
	}
	substring := scalar("substring_text_text_text", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		return similarSubstring(c, regexStateOf(c), a)
	})
	substring.OwnNulls = true
	ks = append(ks, substring)
	return append(ks,
		scalar("similar_escape", similarEscape), scalar("similar_to_escape_2", similarEscape), scalar("similar_to_escape_1", similarEscape))
}
