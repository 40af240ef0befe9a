package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Number patterns of to_char and to_number: a port of what NUMDesc_prepare and NUM_processor of formatting.c do, in the C locale.

// numKey is an element of a number pattern; numLiteral is text that stands for itself.
type numKey string

const numLiteral numKey = ""

type numNode struct {
	key  numKey
	text string
}

// numKeys are the pattern's words, longest first where one begins with another. Small letters mean the same, but for rn and th.
var numKeys = []numKey{",", ".", "0", "9", "B", "C", "D", "EEEE", "FM", "G", "L", "MI", "PL", "PR", "RN", "SG", "SP", "S", "TH", "V"}

// numWord is how a word is written, and what it means.
type numWord struct {
	text string
	key  numKey
}

// numWords are the words of number patterns by their first byte, in the order of numKeys.
var numWords = func() (words [256][]numWord) {
	for _, k := range numKeys {
		big, small := numWord{string(k), k}, numWord{strings.ToLower(string(k)), k}
		if k == "RN" || k == "TH" {
			small.key = numKey(small.text)
		}
		for _, w := range []numWord{big, small} {
			words[w.text[0]] = append(words[w.text[0]], w)
		}
	}
	return words
}()

func matchNumKey(s string) (numKey, int) {
	if s == "" {
		return "", 0
	}
	for _, w := range numWords[s[0]] {
		if strings.HasPrefix(s, w.text) {
			return w.key, len(w.text)
		}
	}
	return "", 0
}

// numFormat is a parsed pattern and what its parts add up to.
type numFormat struct {
	nodes []numNode

	decimal, zero, blank, fill, lsign, bracket, minus, plus, roman, multi, eeee bool
	pre, post, multiplier                                                       int
	lsignPost, lsignPre                                                         bool
	preLSign                                                                    int
	zeroStart, zeroEnd                                                          int
}

func numSyntax(format string, args ...any) *pgerr.Error {
	return pgerr.Newf(pgerr.SyntaxError, format, args...)
}

// splitFormat cuts a pattern into words and literal text; match finds a word at the start of a string.
func splitFormat(pat string, match func(s string) int, word func(s string) error, literal func(s string)) error {
	for len(pat) > 0 {
		if n := match(pat); n > 0 {
			if err := word(pat[:n]); err != nil {
				return err
			}
			pat = pat[n:]
			continue
		}
		if pat[0] == '"' {
			pat = pat[1:]
			for len(pat) > 0 && pat[0] != '"' {
				if pat[0] == '\\' && len(pat) > 1 {
					pat = pat[1:]
				}
				n := len(firstRunes(pat, 1))
				literal(pat[:n])
				pat = pat[n:]
			}
			if len(pat) > 0 {
				pat = pat[1:]
			}
			continue
		}
		if pat[0] == '\\' && len(pat) > 1 && pat[1] == '"' {
			pat = pat[1:]
		}
		n := len(firstRunes(pat, 1))
		literal(pat[:n])
		pat = pat[n:]
	}
	return nil
}

func parseNumFormat(pat string) (*numFormat, error) {
	f := &numFormat{}
	err := splitFormat(pat, func(s string) int { _, n := matchNumKey(s); return n },
		func(s string) error {
			k, _ := matchNumKey(s)
			f.nodes = append(f.nodes, numNode{key: k})
			return f.add(k)
		},
		func(s string) { f.nodes = append(f.nodes, numNode{text: s}) })
	return f, err
}

func (f *numFormat) add(k numKey) error {
	if f.eeee && k != "EEEE" {
		return numSyntax("\"EEEE\" must be the last pattern used")
	}
	switch k {
	case "9", "0":
		if f.bracket {
			return numSyntax("\"%s\" must be ahead of \"PR\"", string(k))
		}
		if k == "0" && !f.zero && !f.decimal {
			f.zero, f.zeroStart = true, f.pre+1
		}
		switch {
		case k == "9" && f.multi:
			f.multiplier++
		case f.decimal:
			f.post++
		default:
			f.pre++
		}
		if k == "0" {
			f.zeroEnd = f.pre + f.post
		}
	case "B":
		f.blank = f.blank || f.pre == 0 && f.post == 0 && !f.zero
	case "D", ".":
		if f.decimal {
			return numSyntax("multiple decimal points")
		}
		if f.multi {
			return numSyntax("cannot use \"V\" and decimal point together")
		}
		f.decimal = true
	case "FM":
		f.fill = true
	case "S":
		if f.lsign {
			return numSyntax("cannot use \"S\" twice")
		}
		if f.plus || f.minus || f.bracket {
			return numSyntax("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
		}
		f.lsign = true
		if !f.decimal {
			f.lsignPre, f.preLSign = true, f.pre
		} else {
			f.lsignPost = true
		}
	case "MI", "PL", "SG":
		if f.lsign {
			return numSyntax("cannot use \"S\" and \"%s\" together", string(k))
		}
		f.minus = f.minus || k != "PL"
		f.plus = f.plus || k != "MI"
	case "PR":
		if f.lsign || f.plus || f.minus {
			return numSyntax("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together")
		}
		f.bracket = true
	case "rn", "RN":
		f.roman = true
	case "V":
		if f.decimal {
			return numSyntax("cannot use \"V\" and decimal point together")
		}
		f.multi = true
	case "EEEE":
		if f.eeee {
			return numSyntax("cannot use \"EEEE\" twice")
		}
		if f.blank || f.fill || f.lsign || f.bracket || f.minus || f.plus || f.roman || f.multi {
			return numSyntax("\"EEEE\" is incompatible with other formats").
				WithDetail("\"EEEE\" may only be used together with digit and decimal point patterns.")
		}
		f.eeee = true
	}
	return nil
}

// numWriter is the state of NUM_processor while it writes.
type numWriter struct {
	numFormat
	out          []byte
	number       string // digits, and the point
	at           int    // place in number
	last         int    // place of the last digit that FM keeps; -1: all
	sign         byte
	signWrote    bool
	inNumber     bool
	count, cur   int
	outPreSpaces int
	cut          int // where the result ends before its pattern does; -1: nowhere
}

// write formats the digits of a number by the pattern.
func (f *numFormat) write(number string, sign byte, preSpaces int) string {
	w := &numWriter{numFormat: *f, number: number, last: -1, cut: -1, sign: sign, outPreSpaces: preSpaces}
	if w.zeroStart > 0 {
		w.zeroStart--
	}
	if w.eeee {
		return number
	}
	if w.roman {
		w.numFormat = numFormat{nodes: f.nodes, roman: true, fill: f.fill}
		w.outPreSpaces, w.sign = 0, 0
	}
	if w.plus || w.minus {
		w.signWrote = w.minus || !w.plus
	} else {
		if w.sign != '-' && w.bracket && w.fill {
			w.bracket = false
		}
		w.signWrote = w.sign == '+' && w.fill && !w.lsign
		if w.lsignPre && w.pre == w.preLSign {
			w.lsignPre, w.lsignPost = false, true
		}
	}
	w.count = w.post + w.pre - 1
	if w.fill && w.decimal {
		if dot := strings.IndexByte(number, '.'); dot >= 0 {
			w.last = dot
			for i := dot + 1; i < len(number); i++ {
				if number[i] != '0' {
					w.last = i
				}
			}
			if w.zeroEnd > w.outPreSpaces {
				w.last = max(w.last, min(len(number)-1, w.zeroEnd-w.outPreSpaces))
			}
		}
	}
	if !w.signWrote && w.outPreSpaces == 0 {
		w.count++
	}
	for _, n := range w.nodes {
		w.node(n)
	}
	if w.cut >= 0 {
		w.out = w.out[:w.cut]
	}
	return string(w.out)
}

func (w *numWriter) put(s string) { w.out = append(w.out, s...) }

func (w *numWriter) node(n numNode) {
	switch n.key {
	case numLiteral:
		w.put(n.text)
	case "9", "0", ".", "D":
		w.digit(n.key)
	case ",", "G":
		switch {
		case w.inNumber:
			w.put(",")
		case !w.fill:
			w.put(" ")
		}
	case "L":
		w.put(" ")
	case "RN", "rn":
		s := w.number
		if n.key == "rn" {
			s = strings.ToLower(s)
		}
		if !w.fill {
			s = strings.Repeat(" ", max(15-len(s), 0)) + s
		}
		w.put(s)
	case "TH", "th":
		if w.roman || strings.HasPrefix(w.number, "#") || w.sign == '-' || w.decimal {
			return
		}
		w.put(ordinalSuffix(w.number, n.key == "TH"))
	case "MI":
		switch {
		case w.sign == '-':
			w.put("-")
		case !w.fill:
			w.put(" ")
		}
	case "PL":
		switch {
		case w.sign == '+':
			w.put("+")
		case !w.fill:
			w.put(" ")
		}
	case "SG":
		switch {
		case w.sign != 0:
			w.put(string(rune(w.sign)))
		case w.cut < 0: // of a Roman number the sign is the end of a string
			w.cut = len(w.out)
		}
	}
}

func (w *numWriter) cursor() byte {
	if w.at < len(w.number) {
		return w.number[w.at]
	}
	return 0
}

// leadingZero reports the zero before the point that 9.9 leaves out.
func (w *numWriter) leadingZero() bool {
	return !w.zero && w.at == 0 && strings.HasPrefix(w.number, "0") && w.post != 0
}

func (w *numWriter) lastIsPoint() bool { return w.last >= 0 && w.number[w.last] == '.' }

// digit is NUM_numpart_to_char.
func (w *numWriter) digit(k numKey) {
	if w.roman {
		return
	}
	w.inNumber = false
	if !w.signWrote && (w.cur >= w.outPreSpaces || w.zero && w.zeroStart == w.cur) && (!w.leadingZero() || w.lastIsPoint()) {
		w.writeSign()
	}
	switch {
	case w.cur < w.outPreSpaces && (w.zeroStart > w.cur || !w.zero):
		if !w.fill {
			w.put(" ")
		}
	case w.zero && w.cur < w.outPreSpaces && w.zeroStart <= w.cur:
		w.put("0")
		w.inNumber = true
	default:
		w.writeDigit(k)
		if w.at < len(w.number) {
			w.at++
		}
	}
	end := w.count
	if w.outPreSpaces > 0 {
		end++
	}
	if w.decimal {
		end++
	}
	if w.last >= 0 && w.last == w.at {
		end = w.cur
	}
	if w.cur+1 == end {
		switch {
		case w.signWrote && w.bracket && w.sign == '+':
			w.put(" ")
		case w.signWrote && w.bracket:
			w.put(">")
		case w.lsign && w.lsignPost:
			w.put(string(rune(w.sign)))
		}
	}
	w.cur++
}

func (w *numWriter) writeSign() {
	switch {
	case w.lsign:
		if w.lsignPre {
			w.put(string(rune(w.sign)))
			w.signWrote = true
		}
		return
	case w.bracket && w.sign == '+':
		w.put(" ")
	case w.bracket:
		w.put("<")
	case w.sign == '+':
		if !w.fill {
			w.put(" ")
		}
	case w.sign == '-':
		w.put("-")
	}
	w.signWrote = true
}

func (w *numWriter) writeDigit(k numKey) {
	switch {
	case w.cursor() == '.':
		if w.last < 0 || !w.lastIsPoint() || w.fill {
			w.put(".")
		}
	case w.last >= 0 && w.at > w.last && k != "0":
	case w.leadingZero():
		switch {
		case !w.fill:
			w.put(" ")
		case w.lastIsPoint():
			w.put("0")
		}
	default:
		c := w.cursor()
		if c == 0 && w.cut < 0 { // PostgreSQL writes the end of the number's string, which ends the result
			w.cut = len(w.out)
		}
		if c != 0 {
			w.put(string(rune(c)))
		}
		w.inNumber = true
	}
}

// ordinalSuffix is st, nd, rd or th for a number.
func ordinalSuffix(number string, upper bool) string {
	s := "th"
	if n := len(number); n > 0 && (n < 2 || number[n-2] != '1') {
		switch number[n-1] {
		case '1':
			s = "st"
		case '2':
			s = "nd"
		case '3':
			s = "rd"
		}
	}
	if upper {
		return strings.ToUpper(s)
	}
	return s
}
