package eval

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// likeShape is what a pattern amounts to.
type likeShape uint8

const (
	likeGeneral  likeShape = iota // one that ends in its escape character
	likeParts                     // any other
	likeEqual                     // abc
	likePrefix                    // abc%
	likeSuffix                    // %abc
	likeContains                  // %abc%
	likeAny                       // %
)

// likePattern is a compiled pattern. One that ends in its escape character is left as it is: whether that is an error depends on the text
// reaching that place.
type likePattern struct {
	shape  likeShape
	lit    []byte
	pat    []byte
	parts  []likePart
	before bool // % stands before the first part, behind the last one
	behind bool
	fold   bool // ILIKE
	wide   bool // _ takes a character rather than a byte
	source string
	spend  func(steps int) error // looks whether the query shall end
	err    error
}

// likePart is what stands between two %.
type likePart struct {
	text []byte
	wild []bool // by byte of text: any character; nil where there is none
}

// likePartSize is about what memory a part takes beside its bytes, in a list that grows.
const likePartSize = 256

func compileLike(pat string, fold, wide bool) *likePattern {
	p := &likePattern{source: strings.Clone(pat), fold: fold, wide: wide}
	p.pat = []byte(p.source)
	if fold {
		p.pat = appendLower(nil, p.pat)
	}
	if !p.split() {
		return p
	}
	p.shape = likeParts
	switch {
	case len(p.parts) == 0 && (p.before || p.behind):
		p.shape = likeAny
	case len(p.parts) == 0:
		p.shape = likeEqual
	case len(p.parts) > 1 || p.parts[0].wild != nil:
	case p.before && p.behind:
		p.shape = likeContains
	case p.before:
		p.shape = likeSuffix
	case p.behind:
		p.shape = likePrefix
	default:
		p.shape = likeEqual
	}
	if len(p.parts) > 0 {
		p.lit = p.parts[0].text
	}
	return p
}

// split takes the pattern apart; false if it ends in its escape character.
func (p *likePattern) split() bool {
	var part likePart
	end := func() {
		if len(part.text) > 0 {
			p.parts = append(p.parts, part)
		}
		part = likePart{}
	}
	for i := 0; i < len(p.pat); i++ {
		c := p.pat[i]
		if c == '%' {
			p.before = p.before || i == 0
			p.behind = true
			end()
			continue
		}
		p.behind = false
		wild := c == '_'
		if c == '\\' {
			if i++; i == len(p.pat) {
				return false
			}
			c = p.pat[i]
		}
		part.text = append(part.text, c)
		if wild && part.wild == nil {
			part.wild = make([]bool, len(part.text)-1, len(part.text))
		}
		if part.wild != nil {
			part.wild = append(part.wild, wild)
		}
	}
	end()
	return true
}

// prefix is how many bytes at the beginning of t match the part, or -1.
func (x *likePart) prefix(t []byte, wide bool) int {
	if x.wild == nil {
		if bytes.HasPrefix(t, x.text) {
			return len(x.text)
		}
		return -1
	}
	at := 0
	for i, c := range x.text {
		switch {
		case at >= len(t):
			return -1
		case x.wild[i] && wide && t[at] >= utf8.RuneSelf:
			_, n := utf8.DecodeRune(t[at:])
			at += n
			continue
		case !x.wild[i] && t[at] != c:
			return -1
		}
		at++
	}
	return at
}

// suffix is prefix for the end of t.
func (x *likePart) suffix(t []byte, wide bool) int {
	if x.wild == nil {
		if bytes.HasSuffix(t, x.text) {
			return len(x.text)
		}
		return -1
	}
	at := len(t)
	for i := len(x.text) - 1; i >= 0; i-- {
		switch {
		case at == 0:
			return -1
		case x.wild[i] && wide && t[at-1] >= utf8.RuneSelf:
			_, n := utf8.DecodeLastRune(t[:at])
			at -= n
			continue
		case !x.wild[i] && t[at-1] != x.text[i]:
			return -1
		}
		at--
	}
	return len(t) - at
}

// behindFirst is the place behind the first match of the part in t, or -1.
func (p *likePattern) behindFirst(x *likePart, t []byte) int {
	wide := p.wide
	if x.wild == nil {
		if i := bytes.Index(t, x.text); i >= 0 {
			return i + len(x.text)
		}
		return -1
	}
	lead := slices.Index(x.wild, true)
	for at := 0; at < len(t); {
		if lead > 0 {
			i := bytes.Index(t[at:], x.text[:lead])
			if i < 0 {
				return -1
			}
			at += i
		}
		if n := x.prefix(t[at:], wide); n >= 0 {
			return at + n
		}
		if p.err = p.spend(1 + len(x.text)/16); p.err != nil {
			return -1
		}
		n := 1
		if wide && t[at] >= utf8.RuneSelf {
			_, n = utf8.DecodeRune(t[at:])
		}
		at += n
	}
	return -1
}

func (p *likePattern) matchParts(t []byte) bool {
	parts := p.parts
	if !p.before {
		n := parts[0].prefix(t, p.wide)
		if n < 0 {
			return false
		}
		t, parts = t[n:], parts[1:]
		if len(parts) == 0 && !p.behind && len(p.parts) == 1 {
			return len(t) == 0
		}
	}
	if !p.behind && len(parts) > 0 {
		last := len(parts) - 1
		n := parts[last].suffix(t, p.wide)
		if n < 0 {
			return false
		}
		t, parts = t[:len(t)-n], parts[:last]
	}
	for i := range parts {
		n := p.behindFirst(&parts[i], t)
		if n < 0 {
			return false
		}
		t = t[n:]
	}
	return true
}

func errLikeEnd() error {
	return pgerr.New(pgerr.InvalidEscapeSequence, "LIKE pattern must not end with escape character")
}

// match reports whether text matches; buf is scratch for its lower case.
func (p *likePattern) match(text []byte, buf *[]byte) (bool, error) {
	if p.fold {
		var plain bool
		if *buf, plain = appendFolded((*buf)[:0], text, 'A'); !plain {
			*buf = appendLower(*buf, text)
		}
		text = *buf
	}
	switch p.shape {
	case likeEqual:
		return string(text) == string(p.lit), nil
	case likePrefix:
		return bytes.HasPrefix(text, p.lit), nil
	case likeSuffix:
		return bytes.HasSuffix(text, p.lit), nil
	case likeContains:
		return bytes.Contains(text, p.lit), nil
	case likeAny:
		return true, nil
	case likeParts:
		ok := p.matchParts(text)
		return ok, p.err
	}
	r, err := p.matchLike(text, p.pat, 0)
	return r == likeTrue, err
}

// simple matches rows whose letters count as they are against a pattern of one piece of text; false if this is no such pattern.
func (p *likePattern) simple(t texts, sel []int32, not bool, dst []bool) bool {
	if p.fold || t.codes != nil {
		return false
	}
	lit := alias(p.lit)
	size := int32(len(lit))
	switch p.shape {
	case likeEqual:
		for _, r := range sel {
			from, to := t.offsets[r&t.mask], t.offsets[r&t.mask+1]
			dst[r] = (to-from == size && string(t.data[from:to]) == lit) != not
		}
	case likePrefix:
		for _, r := range sel {
			from, to := t.offsets[r&t.mask], t.offsets[r&t.mask+1]
			dst[r] = (to-from >= size && string(t.data[from:from+size]) == lit) != not
		}
	case likeSuffix:
		for _, r := range sel {
			from, to := t.offsets[r&t.mask], t.offsets[r&t.mask+1]
			dst[r] = (to-from >= size && string(t.data[to-size:to]) == lit) != not
		}
	default:
		return false
	}
	return true
}

// block matches the first n rows at once if that can be done; false if it cannot.
func (p *likePattern) block(t texts, n int, not bool, dst []bool, buf *[]byte) bool {
	if n == 0 || t.codes != nil || t.mask == 0 || p.shape != likeContains {
		return false
	}
	if p.fold {
		var plain bool
		if *buf, plain = appendFolded((*buf)[:0], t.data[:t.offsets[n]], 'A'); !plain {
			return false
		}
		t.data = *buf
	}
	markContaining(&t, n, p.lit, not, dst)
	return true
}

type likeResult uint8

const (
	likeTrue  likeResult = iota
	likeFalse            // no match here, but one may lie further on
	likeAbort            // no match whatever is skipped
)

// maxLikeDepth is where PostgreSQL's stack of 2 MB roughly ends.
const maxLikeDepth = 20_000

// matchLike is MatchText of like_match.c, which decides what is an error: it looks at the pattern only as far as the text takes it.
func (l *likePattern) matchLike(t, p []byte, depth int) (likeResult, error) {
	if depth > maxLikeDepth {
		return likeFalse, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded")
	}
	if len(p) == 1 && p[0] == '%' {
		return likeTrue, nil
	}
	next := func(b []byte) []byte {
		if !l.wide {
			return b[1:]
		}
		_, n := utf8.DecodeRune(b)
		return b[n:]
	}
	for len(t) > 0 && len(p) > 0 {
		switch p[0] {
		case '\\':
			p = p[1:]
			if len(p) == 0 {
				return likeFalse, errLikeEnd()
			}
			if p[0] != t[0] {
				return likeFalse, nil
			}
		case '%':
			p = p[1:]
			for len(p) > 0 {
				if p[0] == '%' {
					p = p[1:]
				} else if p[0] == '_' {
					if len(t) == 0 {
						return likeAbort, nil
					}
					t, p = next(t), p[1:]
				} else {
					break
				}
			}
			if len(p) == 0 {
				return likeTrue, nil
			}
			first := p[0]
			if first == '\\' {
				if len(p) < 2 {
					return likeFalse, errLikeEnd()
				}
				first = p[1]
			}
			for len(t) > 0 {
				if t[0] == first {
					if r, err := l.matchLike(t, p, depth+1); r != likeFalse || err != nil {
						return r, err
					}
				}
				t = next(t)
				if err := l.spend(1); err != nil {
					return likeFalse, err
				}
			}
			return likeAbort, nil
		case '_':
			t, p = next(t), p[1:]
			continue
		default:
			if p[0] != t[0] {
				return likeFalse, nil
			}
		}
		t, p = t[1:], p[1:]
	}
	if len(t) > 0 {
		return likeFalse, nil
	}
	for len(p) > 0 && p[0] == '%' {
		p = p[1:]
	}
	if len(p) == 0 {
		return likeTrue, nil
	}
	return likeAbort, nil
}

type likeState struct {
	pattern *likePattern
	buf     []byte
}

// like makes the kernel of LIKE, NOT LIKE, ILIKE and NOT ILIKE for one pair of types.
func like(name string, fold, not, wide bool) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		st, _ := c.State.(*likeState)
		if st == nil {
			st = &likeState{}
			c.State = st
		}
		t, pats := textsOf(v[0]), textsOf(v[1])
		fixed := v[1].Form == vector.Constant
		if fixed {
			if err := st.use(c, pats.at(0), fold, wide); err != nil {
				c.fail(sel[0], err)
				return
			}
			if st.pattern.simple(t, sel, not, out.Bools) || st.pattern.block(t, span(sel), not, out.Bools, &st.buf) {
				return
			}
		}
		for _, r := range sel {
			if !fixed {
				if err := st.use(c, pats.at(r), fold, wide); err != nil {
					c.fail(r, err)
					return
				}
			}
			ok, err := st.pattern.match(t.at(r), &st.buf)
			if err != nil {
				c.fail(r, err)
				return
			}
			out.Bools[r] = ok != not
		}
	}}
}

// use compiles a pattern unless it is the last one.
func (st *likeState) use(c *Call, pat []byte, fold, wide bool) error {
	if st.pattern != nil && st.pattern.source == string(pat) {
		return nil
	}
	if len(pat) > longPattern {
		if err := c.charge(int64(bytes.Count(pat, []byte{'%'})+1)*likePartSize + 4*int64(len(pat))); err != nil {
			return err
		}
	}
	st.pattern = compileLike(string(pat), fold, wide)
	st.pattern.spend = c.spend
	return nil
}

func errEscapeString() error {
	return pgerr.New(pgerr.InvalidEscapeSequence, "invalid escape string").WithHint("Escape string must be empty or one character.")
}

// likeEscape turns a pattern with another escape character into one with the backslash; without one, backslashes are doubled.
func likeEscape(chars bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		pat, esc := a[0].S, a[1].S
		if esc == "" {
			return sqltype.Text(strings.ReplaceAll(pat, `\`, `\\`)), nil
		}
		if n := len(esc); chars && utf8.RuneCountInString(esc) != 1 || !chars && n != 1 {
			return sqltype.Value{}, errEscapeString()
		}
		if esc == `\` {
			return sqltype.Text(pat), nil
		}
		var b strings.Builder
		after := false
		for len(pat) > 0 {
			switch {
			case strings.HasPrefix(pat, esc) && !after:
				b.WriteByte('\\')
				pat, after = pat[len(esc):], true
			case pat[0] == '\\':
				b.WriteByte('\\')
				if !after {
					b.WriteByte('\\')
				}
				pat, after = pat[1:], false
			default:
				n := 1
				if chars {
					_, n = utf8.DecodeRuneInString(pat)
				}
				b.WriteString(pat[:n])
				pat, after = pat[n:], false
			}
		}
		return sqltype.Text(b.String()), nil
	}
}

func likeKernels() []Kernel {
	ks := []Kernel{
		scalar("like_escape", likeEscape(true)),
		scalar("like_escape_bytea", likeEscape(false)),
		like("bytealike", false, false, false),
		like("byteanlike", false, true, false),
	}
	for _, p := range []string{"text", "name"} {
		ks = append(ks,
			like(p+"like", false, false, true), like(p+"nlike", false, true, true),
			like(p+"iclike", true, false, true), like(p+"icnlike", true, true, true))
	}
	return ks
}
