package eval

import (
	"math/bits"
	"slices"
	"sort"
	"unicode/utf8"
)

// runeSet is a set of characters: spans in order that neither overlap nor touch.
type runeSet []runeSpan

// maxRune ends every complement: a text has no character beyond.
const maxRune = utf8.MaxRune

func (s *runeSet) add(lo, hi rune) { *s = append(*s, runeSpan{lo, hi}) }

// normal sorts and joins the spans.
func (s runeSet) normal() runeSet {
	slices.SortFunc(s, func(a, b runeSpan) int { return int(a.lo) - int(b.lo) })
	out := s[:0]
	for _, sp := range s {
		if n := len(out); n > 0 && int64(sp.lo) <= int64(out[n-1].hi)+1 {
			out[n-1].hi = max(out[n-1].hi, sp.hi)
			continue
		}
		out = append(out, sp)
	}
	return out
}

// complement wants a normal set.
func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for _, sp := range s {
		if sp.lo > next {
			out.add(next, sp.lo-1)
		}
		next = sp.hi + 1
	}
	if next <= maxRune {
		out.add(next, maxRune)
	}
	return out
}

func (s runeSet) has(r rune) bool { return inClass(s, r) }

// areLocale says what characters are: the database's ctype, or C, which knows ASCII alone, for values of type name.
type areLocale struct{ ascii bool }

func (a areLocale) upper(r rune) rune {
	if a.ascii && r > 0x7f {
		return r
	}
	return toUpper(r)
}

func (a areLocale) lower(r rune) rune {
	if a.ascii && r > 0x7f {
		return r
	}
	return toLower(r)
}

// class returns a named class; ok is false for an unknown name.
func (a areLocale) class(name string, fold bool) (set runeSet, ok bool) {
	if fold && (name == "lower" || name == "upper") {
		name = "alpha"
	}
	spans, ok := classOf(name)
	if !a.ascii {
		return slices.Clone(runeSet(spans)), ok
	}
	for _, sp := range spans {
		if sp.lo <= 0x7f {
			set.add(sp.lo, min(sp.hi, 0x7f))
		}
	}
	return set, ok
}

// one is the set of a character, with its case counterparts.
func (a areLocale) one(r rune, fold bool) runeSet {
	if !fold {
		return runeSet{{r, r}}
	}
	s := runeSet{{a.lower(r), a.lower(r)}, {a.upper(r), a.upper(r)}}
	return s.normal()
}

// addSpan adds a range, with the case counterparts of all its characters.
func (a areLocale) addSpan(s *runeSet, lo, hi rune, fold bool) {
	s.add(lo, hi)
	if !fold {
		return
	}
	for r := lo; r <= min(hi, maxRune); r++ {
		if c := a.lower(r); c != r {
			s.add(c, c)
		}
		if c := a.upper(r); c != r {
			s.add(c, c)
		}
	}
}

// areElement finds a collating element by its name: a character stands for itself, and characters of ASCII have names.
func areElement(name []rune) (rune, bool) {
	if len(name) == 1 {
		return name[0], true
	}
	table := []struct {
		name string
		code rune
	}{
		{"NUL", 0},
		{"SOH", 1},
		{"STX", 2},
		{"ETX", 3},
		{"EOT", 4},
		{"ENQ", 5},
		{"ACK", 6},
		{"BEL", 7},
		{"alert", 7},
		{"BS", 8},
		{"backspace", 8},
		{"HT", 9},
		{"tab", 9},
		{"LF", 10},
		{"newline", 10},
		{"VT", 11},
		{"vertical-tab", 11},
		{"FF", 12},
		{"form-feed", 12},
		{"CR", 13},
		{"carriage-return", 13},
		{"SO", 14},
		{"SI", 15},
		{"DLE", 16},
		{"DC1", 17},
		{"DC2", 18},
		{"DC3", 19},
		{"DC4", 20},
		{"NAK", 21},
		{"SYN", 22},
		{"ETB", 23},
		{"CAN", 24},
		{"EM", 25},
		{"SUB", 26},
		{"ESC", 27},
		{"IS4", 28},
		{"FS", 28},
		{"IS3", 29},
		{"GS", 29},
		{"IS2", 30},
		{"RS", 30},
		{"IS1", 31},
		{"US", 31},
		{"space", ' '},
		{"exclamation-mark", '!'},
		{"quotation-mark", '"'},
		{"number-sign", '#'},
		{"dollar-sign", '$'},
		{"percent-sign", '%'},
		{"ampersand", '&'},
		{"apostrophe", '\''},
		{"left-parenthesis", '('},
		{"right-parenthesis", ')'},
		{"asterisk", '*'},
		{"plus-sign", '+'},
		{"comma", ','},
		{"hyphen", '-'},
		{"hyphen-minus", '-'},
		{"period", '.'},
		{"full-stop", '.'},
		{"slash", '/'},
		{"solidus", '/'},
		{"zero", '0'},
		{"one", '1'},
		{"two", '2'},
		{"three", '3'},
		{"four", '4'},
		{"five", '5'},
		{"six", '6'},
		{"seven", '7'},
		{"eight", '8'},
		{"nine", '9'},
		{"colon", ':'},
		{"semicolon", ';'},
		{"less-than-sign", '<'},
		{"equals-sign", '='},
		{"greater-than-sign", '>'},
		{"question-mark", '?'},
		{"commercial-at", '@'},
		{"left-square-bracket", '['},
		{"backslash", '\\'},
		{"reverse-solidus", '\\'},
		{"right-square-bracket", ']'},
		{"circumflex", '^'},
		{"circumflex-accent", '^'},
		{"underscore", '_'},
		{"low-line", '_'},
		{"grave-accent", '`'},
		{"left-brace", '{'},
		{"left-curly-bracket", '{'},
		{"vertical-line", '|'},
		{"right-brace", '}'},
		{"right-curly-bracket", '}'},
		{"tilde", '~'},
		{"DEL", 0x7f},
	}
	for _, e := range table {
		if e.name == string(name) {
			return e.code, true
		}
	}
	return 0, false
}

// areColors divides all characters into classes that no set of the expression tells apart.
type areColors struct {
	ascii  [128]uint16
	starts []rune // where a run of one color begins, from 0
	color  []uint16
	kinds  []uint8 // by color: what assertions see of its characters
	n      int
}

// What assertions see of the character before or behind a place.
const (
	kindOther uint8 = iota
	kindWord
	kindNewline
	kindEdge // no character: an end of the string
)

// areMaxColoring bounds the work of finding the colors; PostgreSQL bounds their number.
const areMaxColoring = 200_000_000

// colorChange is a character where a set begins or ends; the spans of a set lie apart.
type colorChange struct {
	at  rune
	set int
}

// makeColors gives each set the list of its colors. word and newline are told apart where an assertion needs it. It gives nothing
// if that were too much work.
func makeColors(sets []runeSet, word runeSet, anchors bool) (c *areColors, members [][]uint64) {
	all := slices.Clone(sets)
	if word != nil {
		all = append(all, word)
	}
	if anchors {
		all = append(all, runeSet{{'\n', '\n'}})
	}
	c = &areColors{starts: []rune{0}}
	var changes []colorChange
	for i, s := range all {
		for _, sp := range s {
			if sp.lo <= maxRune {
				changes = append(changes, colorChange{sp.lo, i})
			}
			if sp.hi < maxRune {
				changes = append(changes, colorChange{sp.hi + 1, i})
			}
		}
	}
	slices.SortFunc(changes, func(a, b colorChange) int { return int(a.at) - int(b.at) })
	for _, ch := range changes {
		c.starts = append(c.starts, ch.at)
	}
	c.starts = slices.Compact(c.starts)
	if len(c.starts)*len(all) > areMaxColoring {
		return nil, nil
	}
	byKey, key := map[string]uint16{}, make([]byte, (len(all)+7)/8)
	var reps []rune
	var keys []string // by color: the sets that have it
	for _, lo := range c.starts {
		for ; len(changes) > 0 && changes[0].at == lo; changes = changes[1:] {
			key[changes[0].set/8] ^= 1 << (changes[0].set % 8)
		}
		color, ok := byKey[string(key)]
		if !ok {
			color = uint16(len(reps))
			keys = append(keys, string(key))
			byKey[keys[color]] = color
			reps = append(reps, lo)
		}
		c.color = append(c.color, color)
	}
	c.n = len(reps)
	for _, r := range reps {
		kind := kindOther
		switch {
		case word != nil && word.has(r):
			kind = kindWord
		case anchors && r == '\n':
			kind = kindNewline
		}
		c.kinds = append(c.kinds, kind)
	}
	for r := range c.ascii {
		c.ascii[r] = c.find(rune(r))
	}
	members = make([][]uint64, len(sets))
	for i := range sets {
		members[i] = make([]uint64, (c.n+63)/64)
	}
	for color, key := range keys {
		for at := range len(key) {
			for b := key[at]; b != 0; b &= b - 1 {
				if i := at*8 + bits.TrailingZeros8(b); i < len(sets) {
					members[i][color/64] |= 1 << (color % 64)
				}
			}
		}
	}
	return c, members
}

func (c *areColors) find(r rune) uint16 {
	return c.color[sort.Search(len(c.starts), func(i int) bool { return c.starts[i] > r })-1]
}

// of is the color of a character.
func (c *areColors) of(r rune) uint16 {
	if r < 128 {
		return c.ascii[r]
	}
	return c.find(r)
}
