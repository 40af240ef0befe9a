package eval

import (
	"unicode/utf8"
)

// dissect finds the captures inside of a match of a subexpression from begin to end, which its automaton has found to be one;
// false if a back-reference inside does not hold. It tries the ways to divide the match in the order of regexec.c.
func (m *areMatcher) dissect(t *areSub, begin, end int) bool {
	if !m.spend(64) {
		return false
	}
	ok := true
	switch t.op {
	case 'b':
		ok = m.repeats(t, begin, end)
	case '.':
		ok = m.divide(t, begin, end)
	case '|':
		ok = false
		for _, k := range t.kids {
			if m.longest(m.dfa(k), begin, end) == end && m.dissect(k, begin, end) {
				ok = true
				break
			}
		}
	case '*':
		if t.kids[0].flags&prefShorter != 0 {
			ok = m.iterateShort(t, begin, end)
		} else {
			ok = m.iterateLong(t, begin, end)
		}
	case '(':
		ok = m.dissect(t.kids[0], begin, end)
	}
	if ok && t.capture > 0 {
		m.caps[2*t.capture], m.caps[2*t.capture+1] = begin, end
	}
	return ok && m.err == nil
}

// divide dissects a concatenation. The left part's preference says where to begin.
func (m *areMatcher) divide(t *areSub, begin, end int) bool {
	left, right := t.kids[0], t.kids[1]
	dl, dr := m.dfa(left), m.dfa(right)
	shorter := left.flags&prefShorter != 0
	var mid int
	if shorter {
		mid = m.shortest(dl, begin, begin, end)
	} else {
		mid = m.longest(dl, begin, end)
	}
	for mid >= 0 && m.err == nil {
		if m.longest(dr, mid, end) == end && m.dissect(left, begin, mid) && m.dissect(right, mid, end) {
			return true
		}
		if shorter {
			if mid == end {
				return false
			}
			mid = m.shortest(dl, begin, m.after(mid), end)
		} else {
			if mid == begin {
				return false
			}
			mid = m.longest(dl, begin, m.before(mid))
		}
		m.forgetCaptures(left)
		m.forgetCaptures(right)
	}
	return false
}

func (m *areMatcher) forgetCaptures(t *areSub) {
	if t.flags&hasCapture == 0 {
		return
	}
	if t.capture > 0 {
		m.caps[2*t.capture], m.caps[2*t.capture+1] = -1, -1
	}
	for _, k := range t.kids {
		m.forgetCaptures(k)
	}
}

// repeats checks a back-reference, which is its own iteration.
func (m *areMatcher) repeats(t *areSub, begin, end int) bool {
	from, to := m.caps[2*t.backref], m.caps[2*t.backref+1]
	if from < 0 {
		return false
	}
	ref := m.text[from:to]
	switch {
	case ref == "":
		return begin == end && t.min <= t.max
	case begin == end:
		return t.min == 0
	}
	rest, count := m.text[begin:end], 0
	for rest != "" {
		n := m.prefix(rest, ref)
		if n < 0 {
			return false
		}
		rest = rest[n:]
		count++
	}
	return count >= t.min && (count <= t.max || t.max == areInf)
}

// prefix returns how many bytes of s are ref again, or -1.
func (m *areMatcher) prefix(s, ref string) int {
	if !m.re.fold {
		if len(s) >= len(ref) && s[:len(ref)] == ref {
			return len(ref)
		}
		return -1
	}
	n := 0
	for _, want := range ref {
		r, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 || r != want && m.re.locale.lower(r) != m.re.locale.lower(want) {
			return -1
		}
		n += size
	}
	return n
}

// chars is how many characters lie between two places.
func (m *areMatcher) chars(from, to int) int { return utf8.RuneCountInString(m.text[from:to]) }

// bounds are how many rounds an iteration may have over a text.
func (m *areMatcher) bounds(t *areSub, begin, end int) (least, most int) {
	least = max(t.min, 1) // no round at all matches nothing but an empty text
	most = m.chars(begin, end)
	if t.max != areInf {
		most = min(most, t.max)
	}
	return least, max(most, least)
}

// verify dissects the rounds of an iteration behind the verified ones; ends[k] is the end of round k.
func (m *areMatcher) verify(body *areSub, ends []int, verified *int, k int) bool {
	for i := *verified + 1; i <= k; i++ {
		m.forgetCaptures(body)
		if !m.dissect(body, ends[i-1], ends[i]) {
			return false
		}
		*verified = i
	}
	return true
}

// iterateNothing dissects an iteration over an empty text that needs no round. One round that matches nothing is preferred.
func (m *areMatcher) iterateNothing(body *areSub, d *areDFA, at int) bool {
	if m.longest(d, at, at) == at && !m.dissect(body, at, at) {
		m.forgetCaptures(body)
	}
	return m.err == nil
}

// iterateLong dissects an iteration whose rounds are as long as can be. Rounds of nothing are taken where the least number of
// rounds needs them.
func (m *areMatcher) iterateLong(t *areSub, begin, end int) bool {
	body := t.kids[0]
	d := m.dfa(body)
	if t.min <= 0 && begin == end {
		return m.iterateNothing(body, d, begin)
	}
	least, most := m.bounds(t, begin, end)
	ends := make([]int, 2, min(most, 64)+2)
	ends[0] = begin
	verified, k, limit := 0, 1, end
	for k > 0 && m.err == nil {
		for len(ends) <= k {
			ends = append(ends, 0)
		}
		ends[k] = m.longest(d, ends[k-1], limit)
		back := false
		switch {
		case ends[k] < 0:
			k--
			back = true
		default:
			verified = min(verified, k-1)
			if ends[k] != end {
				if k >= most {
					k--
					back = true
				} else if ends[k] == ends[k-1] && (k >= least || least-k < m.chars(ends[k], end)) {
					back = true
				} else {
					k++
					limit = end
					continue
				}
			} else if k >= least && m.verify(body, ends, &verified, k) {
				return true
			} else {
				back = true
			}
		}
		for back && k > 0 {
			prev := ends[k-1]
			if ends[k] > prev {
				limit = m.before(ends[k])
				if limit > prev || k < least && least-k >= m.chars(prev, end) {
					break
				}
			}
			k--
		}
	}
	return false
}

// iterateShort dissects an iteration whose rounds are as short as can be.
func (m *areMatcher) iterateShort(t *areSub, begin, end int) bool {
	body := t.kids[0]
	d := m.dfa(body)
	if t.min <= 0 && begin == end {
		return true
	}
	least, most := m.bounds(t, begin, end)
	ends := make([]int, 2, min(most, 64)+2)
	ends[0] = begin
	verified, k, limit := 0, 1, begin
	for k > 0 && m.err == nil {
		for len(ends) <= k {
			ends = append(ends, 0)
		}
		if limit == ends[k-1] && limit != end && (k >= least || least-k < m.chars(limit, end)) {
			limit = m.after(limit)
		}
		if k >= most { // the last round must reach the end
			limit = end
		}
		ends[k] = m.shortest(d, ends[k-1], limit, end)
		if ends[k] < 0 {
			k--
		} else {
			verified = min(verified, k-1)
			if ends[k] != end {
				if k < most {
					k++
					limit = ends[k-1]
					continue
				}
				k--
			} else if k >= least && m.verify(body, ends, &verified, k) {
				return true
			}
		}
		for k > 0 {
			if ends[k] < end {
				limit = m.after(ends[k])
				break
			}
			k--
		}
	}
	return false
}
