package eval

// extended reads a token of an ERE or ARE outside of brackets; true if it was a comment.
func (l *areLexer) extended(r rune) bool {
	switch r {
	case '|', '.', '^', '$':
		l.set(areToken(r), 0)
	case ')':
		l.set(')', r)
	case '*', '+', '?':
		l.set(areToken(r), l.greedy())
	case '{':
		if l.flags&areExpanded != 0 {
			l.skip()
		}
		if !isASCIIDigit(l.peek(0)) {
			l.set(tokPlain, r)
			return false
		}
		l.ctx = lexBound
		l.set('{', 0)
	case '(':
		if l.flags&areAdvanced != 0 && l.peek(0) == '?' {
			l.pos++
			return l.special()
		}
		l.set('(', 1)
	case '[':
		l.openBracket()
	case '\\':
		switch {
		case l.atEnd():
			l.fail(areBadEscape)
		case l.flags&areAdvanced == 0:
			l.set(tokPlain, l.src[l.pos])
			l.pos++
		default:
			l.escape()
		}
	default:
		l.set(tokPlain, r)
	}
	return false
}

// openBracket reads what follows [; [[:<:]] and [[:>:]] are not brackets but the edges of words.
func (l *areLexer) openBracket() {
	if l.looking("[:<:]]") || l.looking("[:>:]]") {
		l.set(areToken(l.peek(2)), 0)
		l.pos += 6
		return
	}
	l.ctx = lexBracket
	if l.peek(0) == '^' {
		l.pos++
		l.set('[', 0)
		return
	}
	l.set('[', 1)
}

// special reads what follows (?; true if it was a comment.
func (l *areLexer) special() bool {
	r := l.peek(0)
	l.pos++
	switch r {
	case ':':
		l.set('(', 0)
		return false
	case '#':
		for !l.atEnd() && l.peek(0) != ')' {
			l.pos++
		}
		if !l.atEnd() {
			l.pos++
		}
		return true
	case '=':
		l.set(tokLook, lookAhead)
		return false
	case '!':
		l.set(tokLook, lookNotAhead)
		return false
	case '<':
		r = l.peek(0)
		l.pos++
		switch r {
		case '=':
			l.set(tokLook, lookBehind)
			return false
		case '!':
			l.set(tokLook, lookNotBehind)
			return false
		}
	}
	l.fail(areBadRepeat)
	return false
}

// basic reads a token of a BRE outside of brackets.
func (l *areLexer) basic(r rune) {
	switch r {
	case '*':
		if l.last == tokStart || l.last == '(' || l.last == '^' {
			l.set(tokPlain, r)
			return
		}
		l.set('*', 1)
	case '[':
		l.openBracket()
	case '.':
		l.set('.', 0)
	case '^':
		if l.last == tokStart || l.last == '(' {
			l.set('^', 0)
			return
		}
		l.set(tokPlain, r)
	case '$':
		if l.flags&areExpanded != 0 {
			l.skip()
		}
		if l.atEnd() || l.looking(`\)`) {
			l.set('$', 0)
			return
		}
		l.set(tokPlain, r)
	case '\\':
		if l.atEnd() {
			l.fail(areBadEscape)
			return
		}
		r = l.src[l.pos]
		l.pos++
		switch {
		case r == '{':
			l.ctx = lexBREBound
			l.set('{', 0)
		case r == '(':
			l.set('(', 1)
		case r == ')', r == '<', r == '>':
			l.set(areToken(r), r)
		case r >= '1' && r <= '9':
			l.set(tokBackref, r-'0')
		default:
			l.set(tokPlain, r)
		}
	default:
		l.set(tokPlain, r)
	}
}

// escape reads an ARE escape; the backslash is behind.
func (l *areLexer) escape() {
	r := l.src[l.pos]
	l.pos++
	if !isASCIIAlpha(r) && !isASCIIDigit(r) {
		l.set(tokPlain, r)
		return
	}
	switch r {
	case 'a':
		l.set(tokPlain, '\a')
	case 'b':
		l.set(tokPlain, '\b')
	case 'B':
		l.set(tokPlain, '\\')
	case 'e':
		l.set(tokPlain, 0x1b)
	case 'f':
		l.set(tokPlain, '\f')
	case 'n':
		l.set(tokPlain, '\n')
	case 'r':
		l.set(tokPlain, '\r')
	case 't':
		l.set(tokPlain, '\t')
	case 'v':
		l.set(tokPlain, '\v')
	case 'c':
		if l.atEnd() {
			l.fail(areBadEscape)
			return
		}
		l.set(tokPlain, l.src[l.pos]&0o37)
		l.pos++
	case 'd':
		l.set(tokEscClass, escDigit)
	case 'D':
		l.set(tokEscNotClass, escDigit)
	case 's':
		l.set(tokEscClass, escSpace)
	case 'S':
		l.set(tokEscNotClass, escSpace)
	case 'w':
		l.set(tokEscClass, escWord)
	case 'W':
		l.set(tokEscNotClass, escWord)
	case 'A':
		l.set(tokBegin, 0)
	case 'Z':
		l.set(tokFinal, 0)
	case 'm':
		l.set('<', 0)
	case 'M':
		l.set('>', 0)
	case 'y':
		l.set(tokWordEdge, 0)
	case 'Y':
		l.set(tokNotWordEdge, 0)
	case 'u':
		l.code(16, 4, 4)
	case 'U':
		l.code(16, 8, 8)
	case 'x':
		l.code(16, 1, 255)
	default:
		if isASCIIDigit(r) {
			l.number(r)
			return
		}
		l.fail(areBadEscape)
	}
}

// number reads a back-reference or an octal code, whose first digit is behind. A single digit is a back-reference, more are one
// if there are so many groups.
func (l *areLexer) number(first rune) {
	rest := l.pos
	l.pos--
	if first != '0' {
		n, _ := l.digits(10, 255)
		if l.pos == rest || n > 0 && int64(n) <= int64(l.groups) {
			l.set(tokBackref, rune(min(n, 1<<30)))
			return
		}
		l.pos = rest - 1
	}
	n, count := l.digits(8, 3)
	if count == 0 {
		l.fail(areBadEscape)
		return
	}
	if n > 0xff {
		l.pos--
		n >>= 3
	}
	l.set(tokPlain, rune(n))
}

func (l *areLexer) code(base uint32, least, most int) {
	n, count := l.digits(base, most)
	if count < least || n > 0x7ffffffe {
		l.fail(areBadEscape)
		return
	}
	l.set(tokPlain, rune(n))
}

// digits reads up to most digits; the number wraps around as PostgreSQL's.
func (l *areLexer) digits(base uint32, most int) (n uint32, count int) {
	for count < most && !l.atEnd() {
		r := l.src[l.pos]
		d := uint32(99)
		switch {
		case isASCIIDigit(r):
			d = uint32(r - '0')
		case r|32 >= 'a' && r|32 <= 'f':
			d = uint32(r|32-'a') + 10
		}
		if d >= base {
			break
		}
		n = n*base + d
		count++
		l.pos++
	}
	return n, count
}
