package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
)

// areFlags are the options of a regular expression (regex.h).
type areFlags uint16

const (
	areExtended areFlags = 1 << iota // not a basic RE
	areAdvanced                      // ARE escapes and the like
	areQuote                         // a literal string
	areFold                          // without regard to case
	areExpanded                      // white space and comments
	areNLStop                        // . and [^ never take a newline
	areNLAnchor                      // ^ and $ see lines
	areARE      = areExtended | areAdvanced
	areNewline  = areNLStop | areNLAnchor
)

// Reasons why an expression is invalid, in PostgreSQL's words (regerrs.h).
const (
	areBadPattern  = "invalid regexp (reg version 0.8)"
	areBadElement  = "invalid collating element"
	areBadClass    = "invalid character class"
	areBadEscape   = `invalid escape \ sequence`
	areBadBackref  = "invalid backreference number"
	areBadBracket  = "brackets [] not balanced"
	areBadParen    = "parentheses () not balanced"
	areBadBrace    = "braces {} not balanced"
	areBadBound    = "invalid repetition count(s)"
	areBadRange    = "invalid character range"
	areBadRepeat   = "quantifier operand invalid"
	areBadArgument = "invalid argument to regex function"
	areBadOption   = "invalid embedded option"
	areTooBig      = "regular expression is too complex"
	areTooColorful = "too many colors"
)

func errRegex(why string) error {
	return pgerr.Newf(pgerr.InvalidRegularExpression, "invalid regular expression: %s", why)
}

// areToken is a kind of token; characters that are tokens of their own stand for themselves.
type areToken int32

const (
	tokStart areToken = 256 + iota
	tokEnd
	tokPlain
	tokDigit
	tokBackref
	tokCollating // [.
	tokEquiv     // [=
	tokClass     // [:
	tokClassEnd
	tokEscClass    // \d and the like
	tokEscNotClass // \D and the like
	tokRange
	tokLook
	tokWordEdge
	tokNotWordEdge
	tokBegin // \A
	tokFinal // \Z
)

// areContext is where the scanner is.
type areContext uint8

const (
	lexERE areContext = iota
	lexBRE
	lexLiteral
	lexBound
	lexBREBound
	lexBracket
	lexElement
	lexEquiv
	lexClassName
)

// Values of tokEscClass and tokEscNotClass.
const (
	escDigit = iota
	escSpace
	escWord
)

// Values of tokLook.
const (
	lookAhead = iota
	lookNotAhead
	lookBehind
	lookNotBehind
)

// areLexer scans an expression into tokens. The scanner runs one token ahead of the parser, and \10 is a back-reference or an
// octal escape depending on the groups that the parser has seen, so the two share their state.
type areLexer struct {
	src    []rune
	pos    int
	flags  areFlags
	ctx    areContext
	last   areToken
	tok    areToken
	val    rune
	groups int
	why    string // the first error; nothing but tokEnd follows it
}

func (l *areLexer) fail(why string) {
	l.tok = tokEnd
	if l.why == "" {
		l.why = why
	}
}

func (l *areLexer) atEnd() bool { return l.pos >= len(l.src) }

func (l *areLexer) peek(offset int) rune {
	if l.pos+offset < len(l.src) {
		return l.src[l.pos+offset]
	}
	return -1
}

func (l *areLexer) looking(s string) bool {
	for i, r := range s {
		if l.peek(i) != r {
			return false
		}
	}
	return true
}

func (l *areLexer) set(t areToken, v rune) { l.tok, l.val = t, v }

func isASCIIAlpha(r rune) bool { return r|32 >= 'a' && r|32 <= 'z' }
func isASCIIDigit(r rune) bool { return r >= '0' && r <= '9' }

// start reads the prefixes of the expression and its first token.
func (l *areLexer) start() {
	l.prefixes()
	if l.why != "" {
		return
	}
	switch {
	case l.flags&areQuote != 0:
		l.ctx = lexLiteral
	case l.flags&areExtended != 0:
		l.ctx = lexERE
	default:
		l.ctx = lexBRE
	}
	l.tok = tokStart
	l.next()
}

// prefixes reads *** and embedded options.
func (l *areLexer) prefixes() {
	if l.flags&areQuote != 0 {
		return
	}
	if l.looking("***") && l.pos+3 < len(l.src) {
		switch l.peek(3) {
		case '?':
			l.fail(areBadPattern)
			return
		case '=':
			l.flags = l.flags&^(areARE|areExpanded|areNewline) | areQuote
			l.pos += 4
			return
		case ':':
			l.flags |= areARE
			l.pos += 4
		default:
			l.fail(areBadRepeat)
			return
		}
	}
	if l.flags&areARE != areARE || !l.looking("(?") || !isASCIIAlpha(l.peek(2)) {
		return
	}
	for l.pos += 2; isASCIIAlpha(l.peek(0)); l.pos++ {
		if !l.flags.option(l.peek(0)) {
			l.fail(areBadOption)
			return
		}
	}
	if l.peek(0) != ')' {
		l.fail(areBadOption)
		return
	}
	l.pos++
	if l.flags&areQuote != 0 {
		l.flags &^= areExpanded | areNewline
	}
}

// option applies an option letter, embedded or of a flags argument; false for an unknown one.
func (f *areFlags) option(r rune) bool {
	switch r {
	case 'b':
		*f &^= areARE | areQuote
	case 'c':
		*f &^= areFold
	case 'e':
		*f = *f&^(areAdvanced|areQuote) | areExtended
	case 'i':
		*f |= areFold
	case 'm', 'n':
		*f |= areNewline
	case 'p':
		*f = *f&^areNLAnchor | areNLStop
	case 'q':
		*f = *f&^areARE | areQuote
	case 's':
		*f &^= areNewline
	case 't':
		*f &^= areExpanded
	case 'w':
		*f = *f&^areNLStop | areNLAnchor
	case 'x':
		*f |= areExpanded
	default:
		return false
	}
	return true
}

// skip passes over white space and comments of the expanded syntax.
func (l *areLexer) skip() {
	for {
		for r := l.peek(0); r == ' ' || r >= '\t' && r <= '\r'; r = l.peek(0) {
			l.pos++
		}
		if l.peek(0) != '#' {
			return
		}
		for !l.atEnd() && l.peek(0) != '\n' {
			l.pos++
		}
	}
}

// next reads a token.
func (l *areLexer) next() {
	for l.why == "" {
		l.last = l.tok
		if l.flags&areExpanded != 0 && (l.ctx == lexERE || l.ctx == lexBRE || l.ctx == lexBound || l.ctx == lexBREBound) {
			l.skip()
		}
		if l.atEnd() {
			l.end()
			return
		}
		r := l.src[l.pos]
		l.pos++
		switch l.ctx {
		case lexLiteral:
			l.set(tokPlain, r)
		case lexBRE:
			l.basic(r)
		case lexBound, lexBREBound:
			l.bound(r)
		case lexBracket:
			l.bracket(r)
		case lexElement:
			l.named(r, '.')
		case lexEquiv:
			l.named(r, '=')
		case lexClassName:
			l.named(r, ':')
		default:
			if l.extended(r) {
				continue // a comment
			}
		}
		return
	}
}

func (l *areLexer) end() {
	switch l.ctx {
	case lexBound, lexBREBound:
		l.fail(areBadBrace)
	case lexBracket, lexElement, lexEquiv, lexClassName:
		l.fail(areBadBracket)
	default:
		l.tok = tokEnd
	}
}

func (l *areLexer) bound(r rune) {
	switch {
	case isASCIIDigit(r):
		l.set(tokDigit, r-'0')
	case r == ',':
		l.set(',', 0)
	case r == '}' && l.ctx == lexBound:
		l.ctx = lexERE
		l.set('}', l.greedy())
	case r == '\\' && l.ctx == lexBREBound && l.peek(0) == '}':
		l.pos++
		l.ctx = lexBRE
		l.set('}', 1)
	default:
		l.fail(areBadBound)
	}
}

// greedy eats the ? of a non-greedy quantifier and returns 0 then.
func (l *areLexer) greedy() rune {
	if l.flags&areAdvanced != 0 && l.peek(0) == '?' {
		l.pos++
		return 0
	}
	return 1
}

func (l *areLexer) named(r, mark rune) {
	if r == mark && l.peek(0) == ']' {
		l.pos++
		l.ctx = lexBracket
		l.set(tokClassEnd, mark)
		return
	}
	l.set(tokPlain, r)
}

func (l *areLexer) bracket(r rune) {
	switch r {
	case ']':
		if l.last == '[' {
			l.set(tokPlain, r)
			return
		}
		l.ctx = lexBRE
		if l.flags&areExtended != 0 {
			l.ctx = lexERE
		}
		l.set(']', 0)
	case '\\':
		if l.flags&areAdvanced == 0 {
			l.set(tokPlain, r)
			return
		}
		if l.atEnd() {
			l.fail(areBadEscape)
			return
		}
		l.escape()
		if l.why == "" && l.tok != tokPlain && l.tok != tokEscClass && l.tok != tokEscNotClass {
			l.fail(areBadEscape)
		}
	case '-':
		if l.last == '[' || l.peek(0) == ']' {
			l.set(tokPlain, r)
			return
		}
		l.set(tokRange, r)
	case '[':
		if l.atEnd() {
			l.fail(areBadBracket)
			return
		}
		l.pos++
		switch l.src[l.pos-1] {
		case '.':
			l.ctx = lexElement
			l.set(tokCollating, 0)
		case '=':
			l.ctx = lexEquiv
			l.set(tokEquiv, 0)
		case ':':
			l.ctx = lexClassName
			l.set(tokClass, 0)
		default:
			l.pos--
			l.set(tokPlain, r)
		}
	default:
		l.set(tokPlain, r)
	}
}
