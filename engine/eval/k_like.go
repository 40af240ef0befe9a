package eval

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// likeShape is what a pattern without _ and escapes amounts to; such patterns are matched without walking them.
type likeShape uint8

const (
	likeGeneral  likeShape = iota
	likeEqual              // abc
	likePrefix             // abc%
	likeSuffix             // %abc
	likeContains           // %abc%
	likeAny                // %
)

// likePattern is a compiled pattern. Escapes are left in it: whether a pattern that ends in its escape character is an error
// depends on the text reaching that place.
type likePattern struct {
	shape  likeShape
	lit    []byte
	pat    []byte
	fold   bool // ILIKE
	wide   bool // _ takes a character rather than a byte
	source string
}

func compileLike(pat string, fold, wide bool) *likePattern {
	p := &likePattern{source: strings.Clone(pat), fold: fold, wide: wide}
	p.pat = []byte(p.source)
	if fold {
		p.pat = appendLower(nil, p.pat)
	}
	if bytes.IndexByte(p.pat, '_') >= 0 || bytes.IndexByte(p.pat, '\\') >= 0 {
		return p
	}
	body, before := bytes.CutPrefix(p.pat, []byte("%"))
	body, after := bytes.CutSuffix(body, []byte("%"))
	switch {
	case bytes.IndexByte(body, '%') >= 0:
		return p
	case before && len(p.pat) == 1:
		p.shape = likeAny
	case before && after:
		p.shape = likeContains
	case before:
		p.shape = likeSuffix
	case after:
		p.shape = likePrefix
	default:
		p.shape = likeEqual
	}
	p.lit = body
	return p
}

func errLikeEnd() error {
	return pgerr.New(pgerr.InvalidEscapeSequence, "LIKE pattern must not end with escape character")
}

// match reports whether text matches; buf is scratch for its lower case.
func (p *likePattern) match(text []byte, buf *[]byte) (bool, error) {
	if p.fold {
		*buf = appendLower((*buf)[:0], text)
		text = *buf
	}
	switch p.shape {
	case likeEqual:
		return bytes.Equal(text, p.lit), nil
	case likePrefix:
		return bytes.HasPrefix(text, p.lit), nil
	case likeSuffix:
		return bytes.HasSuffix(text, p.lit), nil
	case likeContains:
		return bytes.Contains(text, p.lit), nil
	case likeAny:
		return true, nil
	}
	r, err := matchLike(text, p.pat, p.wide)
	return r == likeTrue, err
}

type likeResult uint8

const (
	likeTrue  likeResult = iota
	likeFalse            // no match here, but one may lie further on
	likeAbort            // no match whatever is skipped
)

// matchLike is MatchText of like_match.c, which decides what is an error: it looks at the pattern only as far as the text takes it.
func matchLike(t, p []byte, wide bool) (likeResult, error) {
	if len(p) == 1 && p[0] == '%' {
		return likeTrue, nil
	}
	next := func(b []byte) []byte {
		if !wide {
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
					if r, err := matchLike(t, p, wide); r != likeFalse || err != nil {
						return r, err
					}
				}
				t = next(t)
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
		for _, r := range sel {
			if pat := v[1].Bytes(int(r)); st.pattern == nil || st.pattern.source != string(pat) {
				st.pattern = compileLike(string(pat), fold, wide)
			}
			ok, err := st.pattern.match(v[0].Bytes(int(r)), &st.buf)
			if err != nil {
				c.fail(r, err)
				return
			}
			out.Bools[r] = ok != not
		}
	}}
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
