package eval

import (
	"unicode/utf8"
)

// areLiteral finds the longest text that every match of a language contains.
type areLiteral struct {
	sets  []runeSet
	run   []byte // what the end of the language so far must be
	best  []byte
	exact bool // the language is this text alone
}

// literalOf returns the text, which may be empty, and whether nothing else matches.
func literalOf(l *areLang, sets []runeSet) (must string, exact bool) {
	x := areLiteral{sets: sets, exact: true}
	x.walk(l)
	x.end()
	return string(x.best), x.exact && len(x.best) > 0
}

func (x *areLiteral) end() {
	if len(x.run) > len(x.best) {
		x.best = x.run
	}
	x.run = nil
}

func (x *areLiteral) walk(l *areLang) {
	switch l.op {
	case langEmpty:
	case langSet:
		if s := x.sets[l.set]; len(s) == 1 && s[0].lo == s[0].hi && utf8.ValidRune(s[0].lo) {
			x.run = utf8.AppendRune(x.run, s[0].lo)
			return
		}
		x.exact = false
		x.end()
	case langCat:
		for _, k := range l.kids {
			x.walk(k)
		}
	case langAlt:
		if len(l.kids) == 1 {
			x.walk(l.kids[0])
			return
		}
		x.exact = false
		x.end()
	case langRep:
		x.exact = false
		x.end()
		if l.min > 0 {
			x.walk(l.kids[0])
			x.end()
		}
	default: // a place takes no characters
		x.exact = false
	}
}
