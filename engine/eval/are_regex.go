package eval

import (
	"strings"
	"unicode/utf8"
)

// areRegex is a compiled regular expression. It belongs to one goroutine, as the automata grow while they are used.
type areRegex struct {
	colors  *areColors
	members [][]uint64 // by set: the colors in it
	context bool       // an assertion looks at the characters around a place
	fold    bool
	locale  areLocale
	backref bool
	groups  int
	insts   int // of all automata
	tree    *areSub
	looks   []areLook
	find    *areDFA   // the expression anywhere
	must    string    // what every match contains
	exact   bool      // and what alone matches
	subs    []*areDFA // by id of a subexpression
	lookers []*areDFA
}

// compileARE compiles an expression, or says in PostgreSQL's words why it is none.
func compileARE(pattern string, flags areFlags, locale areLocale) (*areRegex, error) {
	if flags&areQuote != 0 && flags&(areARE|areExpanded|areNewline) != 0 || flags&areExtended == 0 && flags&areAdvanced != 0 {
		return nil, errRegex(areBadArgument)
	}
	p := &areParser{locale: locale, known: map[rune]int{}, escapes: map[rune]int{}, subs: make([]*areSub, 1), notNL: -1}
	p.src, p.flags = []rune(pattern), flags
	p.start()
	var tree *areSub
	if p.why == "" {
		tree = p.parse(tokEnd, false)
	}
	if p.why == "" && len(p.looks) > 64 {
		p.fail(areTooBig)
	}
	if p.why != "" {
		return nil, errRegex(p.why)
	}
	re := &areRegex{
		fold: p.flags&areFold != 0, locale: locale, groups: p.groups, tree: tree, looks: p.looks,
		context: p.words || p.lines, backref: tree.flags&hasBackref != 0,
	}
	var word runeSet
	if p.words {
		word, _ = locale.class("word", false)
		word = word.normal()
	}
	if re.colors, re.members = makeColors(p.sets, word, p.flags&areNLAnchor != 0); re.colors == nil {
		return nil, errRegex(areTooColorful)
	}
	re.must, re.exact = literalOf(tree.lang, p.sets)
	n := 0
	re.number(tree, &n)
	re.subs = make([]*areDFA, n)
	re.lookers = make([]*areDFA, len(re.looks))
	var err error
	for i, l := range re.looks {
		if re.lookers[i], err = newDFA(re, l.lang, l.kind == lookBehind || l.kind == lookNotBehind); err != nil {
			return nil, errRegex(areTooBig)
		}
	}
	if re.find, err = newDFA(re, tree.lang, true); err != nil {
		return nil, errRegex(areTooBig)
	}
	return re, nil
}

func (re *areRegex) number(t *areSub, n *int) {
	t.id = *n
	*n++
	for _, k := range t.kids {
		re.number(k, n)
	}
}

// areMatcher matches an expression against one text. Places are offsets in bytes.
type areMatcher struct {
	re   *areRegex
	text string
	// check is asked now and then whether to go on; work counts the characters read since.
	check func() error
	work  int
	err   error
	caps  []int // the ends of the groups, -1 where there is none
	looks [][]byte
}

// What is known of a look-around at a place.
const (
	lookHolds = 1 + iota
	lookFails
)

func (m *areMatcher) reset(re *areRegex, text string) {
	m.re, m.text, m.err = re, text, nil
	m.looks = nil
	if want := 2 * (re.groups + 1); len(m.caps) != want {
		m.caps = make([]int, want)
	}
}

// spend counts work and looks whether to end; false ends the match.
func (m *areMatcher) spend(n int) bool {
	m.work += n + 1
	if m.work > 1<<18 {
		m.work = 0
		if m.check != nil && m.err == nil {
			m.err = m.check()
		}
	}
	return m.err == nil
}

// color is the color of the character at a place, and its width.
func (m *areMatcher) color(at int) (uint16, int) {
	if at == len(m.text) {
		return uint16(m.re.colors.n), 1
	}
	if b := m.text[at]; b < utf8.RuneSelf {
		return m.re.colors.ascii[b], 1
	}
	r, n := utf8.DecodeRuneInString(m.text[at:])
	return m.re.colors.find(r), n
}

// longest returns where the longest match from start ends that does not go beyond stop, or -1.
func (m *areMatcher) longest(d *areDFA, start, stop int) int {
	s, last := d.begin(m.text, start), -1
	at := start
	for {
		color, n := m.color(at)
		t := d.move(s, color, m, at)
		if t&1 != 0 {
			last = at
		}
		s = t >> 1
		if s == dfaDead || at >= stop {
			break
		}
		at += n
	}
	m.spend(at - start)
	return last
}

// shortest returns where the shortest match from start ends that ends from least to most, or -1.
func (m *areMatcher) shortest(d *areDFA, start, least, most int) int {
	s := d.begin(m.text, start)
	at := start
	for {
		color, n := m.color(at)
		t := d.move(s, color, m, at)
		if t&1 != 0 && at >= least {
			m.spend(at - start)
			return at
		}
		s = t >> 1
		if s == dfaDead || at >= most {
			break
		}
		at += n
	}
	m.spend(at - start)
	return -1
}

// search returns where the match that ends first ends, and a place before which no match from start on begins; end is -1 if
// there is no match.
func (m *areMatcher) search(start int) (cold, end int) {
	d := m.re.find
	s := d.begin(m.text, start)
	at := start
	cold = start
	text, colors, stride := m.text, m.re.colors, d.stride()
	for {
		if d.states[s].fresh {
			cold = at
		}
		if d.looks == 0 { // the common case without calls
			for at < len(text) && text[at] < utf8.RuneSelf {
				t := d.trans[int(s)*stride+int(colors.ascii[text[at]])]
				if t < 0 || t&1 != 0 {
					break
				}
				s = t >> 1
				if s == dfaDead {
					return cold, -1
				}
				at++
				if d.states[s].fresh {
					cold = at
				}
			}
		}
		color, n := m.color(at)
		t := d.move(s, color, m, at)
		if t&1 != 0 {
			m.spend(at - start)
			return cold, at
		}
		s = t >> 1
		if s == dfaDead {
			break
		}
		at += n
	}
	m.spend(at - start)
	return cold, -1
}

// lookMask tells which of the look-arounds hold at a place.
func (m *areMatcher) lookMask(which uint64, at int) (mask uint64) {
	for i := range m.re.looks {
		if which>>uint(i)&1 != 0 && m.lookAt(i, at) {
			mask |= 1 << uint(i)
		}
	}
	return mask
}

func (m *areMatcher) lookAt(i, at int) bool {
	if m.looks == nil {
		m.looks = make([][]byte, len(m.re.looks))
	}
	l, d := &m.re.looks[i], m.re.lookers[i]
	if m.looks[i] == nil {
		m.looks[i] = make([]byte, len(m.text)+1)
		if d.search {
			m.lookBack(i, d)
		}
	}
	known := &m.looks[i][at]
	if *known == 0 {
		*known = lookFails
		if m.shortest(d, at, at, len(m.text)) >= 0 {
			*known = lookHolds
		}
	}
	return (*known == lookHolds) == (l.kind == lookAhead || l.kind == lookBehind)
}

// lookBack finds all places where a match of a look-behind ends.
func (m *areMatcher) lookBack(i int, d *areDFA) {
	known := m.looks[i]
	s := d.begin(m.text, 0)
	for at := 0; at <= len(m.text); {
		color, n := m.color(at)
		t := d.move(s, color, m, at)
		known[at] = lookFails
		if t&1 != 0 {
			known[at] = lookHolds
		}
		s = t >> 1
		at += n
	}
	m.spend(len(m.text))
}

// test reports whether the text has a match.
func (m *areMatcher) test() (bool, error) {
	if m.re.must != "" && !strings.Contains(m.text, m.re.must) {
		return false, nil
	}
	return m.testRest()
}

// testRest is test of a text that is known to contain what every match contains.
func (m *areMatcher) testRest() (bool, error) {
	switch {
	case m.re.exact:
		return true, nil
	case m.re.backref:
		return m.match()
	case m.re.find.looks != 0:
		_, end := m.search(0)
		return end >= 0, m.err
	}
	return m.found(), m.err
}

// found is search where only whether there is a match is asked, and no look-around.
func (m *areMatcher) found() bool {
	d, text := m.re.find, m.text
	base, table := d.begin(text, 0)<<asciiBits, d.ascii
	for at := 0; ; {
		for at < len(text) {
			i := int(base) + int(text[at])
			if text[at] >= utf8.RuneSelf || i >= len(table) || table[i] < 0 {
				break
			}
			base = table[i]
			at++
		}
		color, n := m.color(at)
		epoch := d.epoch
		t := d.move(base>>asciiBits, color, m, at)
		if t&1 != 0 {
			m.spend(at)
			return true
		}
		if t>>1 == dfaDead {
			m.spend(at)
			return false
		}
		if d.epoch == epoch && at < len(text) && text[at] < utf8.RuneSelf {
			table = d.remember(base, text[at], t>>1)
		} else {
			table = d.ascii
		}
		base = t >> 1 << asciiBits
		at += n
	}
}

// match finds the first match of the text and its captures.
func (m *areMatcher) match() (bool, error) { return m.locate(0, true) }

// locate finds the first match from start on; its captures besides the whole if they are wanted.
func (m *areMatcher) locate(start int, captures bool) (bool, error) {
	if start > len(m.text) || m.re.must != "" && !strings.Contains(m.text[start:], m.re.must) {
		return false, m.err
	}
	for from := start; ; {
		cold, end := m.search(from)
		if end < 0 || m.err != nil {
			return false, m.err
		}
		whole := m.dfa(m.re.tree)
		for begin := cold; begin <= end; begin = m.after(begin) {
			found := m.from(whole, begin, captures)
			if found || m.err != nil {
				return found && m.err == nil, m.err
			}
		}
		// PostgreSQL does not try the end of the text after a failure.
		if from = m.after(end); from >= len(m.text) {
			return false, nil
		}
	}
}

// from tries the matches that begin at a place, the preferred one first.
func (m *areMatcher) from(whole *areDFA, begin int, captures bool) bool {
	shorter := m.re.tree.flags&prefShorter != 0
	least, most := begin, len(m.text)
	for m.err == nil {
		var end int
		if shorter {
			end = m.shortest(whole, begin, least, most)
		} else {
			end = m.longest(whole, begin, most)
		}
		if end < 0 {
			return false
		}
		for i := range m.caps {
			m.caps[i] = -1
		}
		if !captures || m.re.groups == 0 && !m.re.backref || m.dissect(m.re.tree, begin, end) {
			m.caps[0], m.caps[1] = begin, end
			return true
		}
		if shorter {
			if end == most {
				return false
			}
			least = m.after(end)
		} else {
			if end == begin {
				return false
			}
			most = m.before(end)
		}
	}
	return false
}

// after and before are the places next to a place.
func (m *areMatcher) after(at int) int {
	if at >= len(m.text) {
		return at + 1
	}
	_, n := utf8.DecodeRuneInString(m.text[at:])
	return at + n
}

func (m *areMatcher) before(at int) int {
	_, n := utf8.DecodeLastRuneInString(m.text[:at])
	return at - max(n, 1)
}

// dfa is the automaton of a subexpression, made when it is first needed.
func (m *areMatcher) dfa(t *areSub) *areDFA {
	if d := m.re.subs[t.id]; d != nil {
		return d
	}
	d, err := newDFA(m.re, t.lang, false)
	if err != nil {
		m.err = errRegex(areTooBig)
		m.re.insts = 0
		d, _ = newDFA(m.re, &areLang{}, false)
		return d
	}
	m.re.subs[t.id] = d
	return d
}
