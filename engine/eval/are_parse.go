package eval

// langOp is a kind of node of a language.
type langOp uint8

const (
	langEmpty  langOp = iota
	langSet           // a character of a set
	langCat           // one after the other
	langAlt           // one of several
	langRep           // so many times
	langAssert        // a place
	langLook          // a place where something matches, or does not
)

// areLang is what a part of an expression matches, without regard to which of several matches is preferred. Nodes are shared and
// never changed once used.
type areLang struct {
	op       langOp
	set      int // index into the sets, or number of the look-around
	assert   areAssert
	kids     []*areLang
	min, max int
}

// areInf is the upper bound of an open repetition.
const (
	areDupMax = 255
	areInf    = areDupMax + 1
)

// areAssert is a condition on the characters around a place.
type areAssert uint8

const (
	atBegin areAssert = iota // ^ of a string
	atEnd
	atLineBegin
	atLineEnd
	atWordBegin
	atWordEnd
	atWordEdge
	atNotWordEdge
)

// subFlags are the preferences and contents of a subexpression; regguts.h says how they combine.
type subFlags uint8

const (
	prefLonger  subFlags = 1
	prefShorter subFlags = 2
	prefMixed   subFlags = 4 // both below
	hasCapture  subFlags = 8
	hasBackref  subFlags = 16
	prefLocal            = prefLonger | prefShorter // do not go up as they are
)

func (f subFlags) up() subFlags {
	return f&^prefLocal | (f<<2)&(f<<1)&prefMixed
}

func (f subFlags) messy() bool { return f&(prefMixed|hasCapture|hasBackref) != 0 }

func combine(a, b subFlags) subFlags {
	pref := a & prefLocal
	if pref == 0 {
		pref = b & prefLocal
	}
	return (a | b).up() | pref
}

// areSub is a subexpression whose extent must be found to know what the captures are. Those without anything of interest inside
// are leaves.
type areSub struct {
	op       byte // = leaf, b back-reference, . concatenation, | alternation, * iteration, ( capture of a capture
	flags    subFlags
	capture  int
	backref  int
	min, max int
	kids     []*areSub
	lang     *areLang
	id       int
}

// areParser turns tokens into languages and the tree of subexpressions. It follows regcomp.c, since the tree decides which of
// several ways to match is taken.
type areParser struct {
	areLexer
	locale  areLocale
	sets    []runeSet
	known   map[rune]int // sets of single characters
	escapes map[rune]int // sets of escapes
	subs    []*areSub    // by group, once closed
	looks   []areLook
	depth   int
	words   bool // assertions on words
	lines   bool // assertions on lines or strings
	notNL   int  // set of all but newlines, -1 before it is made
}

// areLook is a look-around.
type areLook struct {
	kind rune
	lang *areLang
	// inner is the number of the first look-around inside of it; those lie before it.
	inner int
}

// areMaxDepth bounds the parser's recursion; PostgreSQL ends at the depth of its stack.
const areMaxDepth = 20000

func (p *areParser) see(t areToken) bool { return p.tok == t }

// eat passes over a token of the kind if it is the next one.
func (p *areParser) eat(t areToken) bool {
	if p.tok != t {
		return false
	}
	p.next()
	return true
}

// parse reads alternatives up to stop.
func (p *areParser) parse(stop areToken, look bool) *areSub {
	p.depth++
	defer func() { p.depth-- }()
	all := &areSub{op: '|', flags: prefLonger, min: 1, max: 1, lang: &areLang{op: langAlt}}
	for {
		branch := p.branch(stop, look)
		if p.why != "" {
			return nil
		}
		all.kids = append(all.kids, branch)
		all.lang.kids = append(all.lang.kids, branch.lang)
		all.flags |= (all.flags | branch.flags).up()
		if !p.eat('|') {
			break
		}
	}
	if !p.see(stop) {
		p.fail(areBadParen)
		return nil
	}
	switch {
	case len(all.kids) == 1:
		return all.kids[0]
	case !all.flags.messy():
		all.op, all.kids = '=', nil
	}
	return all
}

// branch reads quantified atoms one after the other.
func (p *areParser) branch(stop areToken, look bool) *areSub {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > areMaxDepth {
		p.fail(areTooBig)
		return nil
	}
	top := &areSub{op: '=', min: 1, max: 1, lang: &areLang{op: langCat}}
	for !p.see('|') && !p.see(stop) && !p.see(tokEnd) {
		top = p.quantified(stop, look, top)
		if p.why != "" {
			return nil
		}
	}
	return top
}

func (t *areSub) append(l *areLang) { t.lang.kids = append(t.lang.kids, l) }

// assertion reads a condition that takes no character; false if the next token is none.
func (p *areParser) assertion(top *areSub) bool {
	var a areAssert
	switch p.tok {
	case '^', '$':
		a = atBegin
		if p.tok == '$' {
			a = atEnd
		}
		if p.flags&areNLAnchor != 0 {
			a += atLineBegin - atBegin
		}
	case tokBegin:
		a = atBegin
	case tokFinal:
		a = atEnd
	case '<':
		a = atWordBegin
	case '>':
		a = atWordEnd
	case tokWordEdge:
		a = atWordEdge
	case tokNotWordEdge:
		a = atNotWordEdge
	case tokLook:
		kind, inner := p.val, len(p.looks)
		p.next()
		sub := p.parse(')', true)
		if p.why != "" {
			return true
		}
		p.next()
		top.append(&areLang{op: langLook, set: len(p.looks)})
		p.looks = append(p.looks, areLook{kind: kind, lang: sub.lang, inner: inner})
		return true
	default:
		return false
	}
	p.words = p.words || a >= atWordBegin
	p.lines = p.lines || a < atWordBegin
	p.next()
	top.append(&areLang{op: langAssert, assert: a})
	return true
}

// quantified reads an atom with its quantifier, or an assertion, which has none. Where it must be told apart from the rest of
// its branch, the rest is read as well.
func (p *areParser) quantified(stop areToken, look bool, top *areSub) *areSub {
	if p.assertion(top) {
		return top
	}
	kind := p.tok
	group := 0
	var atom *areSub
	var lang *areLang
	switch kind {
	case '*', '+', '?', '{':
		p.fail(areBadRepeat)
		return nil
	case '(':
		if p.val != 0 && !look {
			p.groups++
			group = p.groups
			p.subs = append(p.subs, nil)
		} else {
			kind = tokPlain
		}
		p.next()
		atom = p.parse(')', look)
		if p.why != "" {
			return nil
		}
		p.next()
		lang = atom.lang
		if group > 0 {
			atom = capturing(atom, group)
			p.subs[group] = atom
		}
	case tokBackref:
		group = int(p.val)
		if look || group >= len(p.subs) || p.subs[group] == nil {
			p.fail(areBadBackref)
			return nil
		}
		atom = &areSub{op: 'b', flags: hasBackref, backref: group, min: 1, max: 1}
		lang = withoutAssertions(p.subs[group].lang)
		p.next()
	default:
		lang = p.atom()
	}
	lo, hi, pref := p.quantifier()
	if p.why != "" {
		return nil
	}
	if lo == 0 && hi == 0 {
		top.append(&areLang{op: langEmpty})
		return top
	}
	flags := top.flags | pref
	if atom != nil {
		flags |= atom.flags
	}
	if kind != '(' && kind != tokBackref && !flags.up().messy() {
		top.append(repeated(lang, lo, hi))
		top.flags = flags
		return top
	}
	if atom == nil {
		atom = &areSub{op: '=', min: 1, max: 1, lang: lang}
	}
	rest := combine(pref, atom.flags)
	if kind == tokBackref {
		atom.lang = repeated(lang, lo, hi)
		atom.min, atom.max = lo, hi
		atom.flags |= rest
		return p.joined(stop, look, top, atom, rest)
	}
	return p.joined(stop, look, top, iterated(atom, lo, hi, pref), rest)
}

// capturing marks a subexpression as a group.
func capturing(atom *areSub, group int) *areSub {
	if atom.capture != 0 {
		atom = &areSub{op: '(', flags: atom.flags, min: 1, max: 1, kids: []*areSub{atom}, lang: atom.lang}
	}
	atom.flags |= hasCapture
	atom.capture = group
	return atom
}

// iterated puts a quantifier on a subexpression.
func iterated(atom *areSub, lo, hi int, pref subFlags) *areSub {
	own := atom.flags & (prefLonger | prefShorter | prefMixed)
	flags := combine(pref, atom.flags)
	lang := repeated(atom.lang, lo, hi)
	switch {
	case lo == 1 && hi == 1 && (pref == 0 || own == 0 || pref == own):
		return atom
	case atom.flags&(hasCapture|hasBackref) == 0:
		return &areSub{op: '=', flags: flags, min: 1, max: 1, lang: lang}
	case lo > 0 && atom.flags&hasBackref == 0:
		// Only the last round's captures count, so the rounds before it need not be told apart.
		before := hi
		if hi != areInf {
			before--
		}
		first := &areSub{op: '=', flags: flags & prefLocal, min: 1, max: 1, lang: repeated(atom.lang, lo-1, before)}
		return &areSub{op: '.', flags: flags, min: 1, max: 1, kids: []*areSub{first, atom}, lang: lang}
	}
	return &areSub{op: '*', flags: flags, min: lo, max: hi, kids: []*areSub{atom}, lang: lang}
}

// joined puts a subexpression of interest behind what the branch has so far, and reads the rest of the branch behind it.
func (p *areParser) joined(stop areToken, look bool, top, atom *areSub, flags subFlags) *areSub {
	vacuous := len(top.lang.kids) == 0
	head := &areSub{op: '=', flags: top.flags, min: 1, max: 1, lang: top.lang}
	top.op = '.'
	if p.see('|') || p.see(stop) || p.see(tokEnd) {
		if vacuous {
			return atom
		}
		top.flags |= combine(top.flags, atom.flags)
		top.kids = []*areSub{head, atom}
		top.lang = &areLang{op: langCat, kids: []*areLang{head.lang, atom.lang}}
		return top
	}
	rest := p.branch(stop, look)
	if p.why != "" {
		return nil
	}
	flags |= combine(flags, rest.flags)
	top.flags |= combine(top.flags, flags)
	tail := &areSub{op: '.', flags: flags, min: 1, max: 1, kids: []*areSub{atom, rest}}
	tail.lang = &areLang{op: langCat, kids: []*areLang{atom.lang, rest.lang}}
	top.lang = &areLang{op: langCat, kids: []*areLang{head.lang, tail.lang}}
	switch {
	case vacuous:
		top.kids = tail.kids
		return top
	case atom.op == '=' && rest.op == '=' && !(atom.flags | rest.flags).up().messy():
		tail.op, tail.kids = '=', nil
		tail.flags = combine(atom.flags, rest.flags)
	}
	top.kids = []*areSub{head, tail}
	return top
}

// quantifier reads a quantifier, or nothing, which is {1}.
func (p *areParser) quantifier() (lo, hi int, pref subFlags) {
	prefer := func() subFlags {
		if p.val != 0 {
			return prefLonger
		}
		return prefShorter
	}
	switch p.tok {
	case '*', '+', '?':
		lo, hi = 0, areInf
		if p.tok == '+' {
			lo = 1
		}
		if p.tok == '?' {
			hi = 1
		}
		pref = prefer()
		p.next()
		return lo, hi, pref
	case '{':
	default:
		return 1, 1, 0
	}
	p.next()
	lo = p.number()
	hi = lo
	ranged := p.eat(',')
	if ranged {
		hi = areInf
		if p.see(tokDigit) {
			hi = p.number()
		}
		if lo > hi {
			p.fail(areBadBound)
			return 0, 0, 0
		}
		pref = prefer() // of the closing brace, which is the next token
	}
	if !p.see('}') {
		p.fail(areBadBound)
		return 0, 0, 0
	}
	p.next()
	return lo, hi, pref
}

// number reads the digits of a bound.
func (p *areParser) number() int {
	n := 0
	for p.see(tokDigit) && n < areDupMax {
		n = n*10 + int(p.val)
		p.next()
	}
	if p.see(tokDigit) || n > areDupMax {
		p.fail(areBadBound)
		return 0
	}
	return n
}
