package eval

import "sort"

//go:generate go run ./ctypegen

// caseSpan is a run of code points whose other case lies at a fixed distance.
type caseSpan struct{ lo, hi, delta rune }

// runeSpan is a run of code points of a character class.
type runeSpan struct{ lo, hi rune }

func mapCase(table []caseSpan, r rune) rune {
	i := sort.Search(len(table), func(i int) bool { return table[i].hi >= r })
	if i < len(table) && table[i].lo <= r {
		return r + table[i].delta
	}
	return r
}

// toUpper and toLower are towupper and towlower of glibc's C.UTF-8, which map code point to code point.
func toUpper(r rune) rune {
	if r < 0x80 {
		if r >= 'a' && r <= 'z' {
			return r - 32
		}
		return r
	}
	return mapCase(ctypeToupper, r)
}

func toLower(r rune) rune {
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			return r + 32
		}
		return r
	}
	return mapCase(ctypeTolower, r)
}

func inClass(class []runeSpan, r rune) bool {
	i := sort.Search(len(class), func(i int) bool { return class[i].hi >= r })
	return i < len(class) && class[i].lo <= r
}

// classOf returns the members of a POSIX character class, in order; ok is false for an unknown name.
func classOf(name string) (spans []runeSpan, ok bool) {
	switch name {
	case "alpha":
		return ctypeAlpha, true
	case "digit":
		return ctypeDigit, true
	case "alnum":
		return ctypeAlnum, true
	case "upper":
		return ctypeUpper, true
	case "lower":
		return ctypeLower, true
	case "space":
		return ctypeSpace, true
	case "punct":
		return ctypePunct, true
	case "print":
		return ctypePrint, true
	case "graph":
		return ctypeGraph, true
	case "cntrl":
		return ctypeCntrl, true
	case "blank":
		return []runeSpan{{'\t', '\t'}, {' ', ' '}}, true
	case "xdigit":
		return []runeSpan{{'0', '9'}, {'A', 'F'}, {'a', 'f'}}, true
	case "ascii":
		return []runeSpan{{0, 0x7f}}, true
	case "word":
		return wordSpans, true
	}
	return nil, false
}

// wordSpans is \w: letters, digits and the underscore.
var wordSpans = withUnderscore(ctypeAlnum)

func withUnderscore(spans []runeSpan) []runeSpan {
	out := make([]runeSpan, 0, len(spans)+1)
	for i, s := range spans {
		if s.lo > '_' && (i == 0 || spans[i-1].hi < '_') {
			out = append(out, runeSpan{'_', '_'})
		}
		out = append(out, s)
	}
	return out
}
