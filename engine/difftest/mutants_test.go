package difftest

import (
	"slices"
	"strings"
)

// token is a lexical element of a statement of ours. The tests read their own cases here, not what clients send: SQL that a
// case does not use is not known.
type token struct {
	text       string // lower case for words
	start, end int
	depth      int  // of parentheses before it
	cases      int  // of CASE … END around it
	comment    bool // is one
}

func tokens(sql string) []token {
	var out []token
	depth, cases := 0, 0
	for i := 0; i < len(sql); {
		start := i
		t := token{start: i, depth: depth, cases: cases}
		switch c := sql[i]; {
		case c == ' ' || c == '\n' || c == '\t':
			i++
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i += strings.Index(sql[i:], "*/") + 2
			t.comment = true
		case strings.HasPrefix(sql[i:], "--"):
			if n := strings.IndexByte(sql[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(sql)
			}
			t.comment = true
		case c == '\'':
			i = quoted(sql, i, '\'', i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E'))
		case c == '"':
			i = quoted(sql, i, '"', false)
		case strings.HasPrefix(sql[i:], "$$"):
			i += 4 + strings.Index(sql[i+2:], "$$")
		case isWord(c):
			for i < len(sql) && isWord(sql[i]) {
				i++
			}
			t.text = strings.ToLower(sql[start:i])
			switch t.text {
			case "case":
				cases++
			case "end":
				cases--
				t.cases = cases
			}
		default:
			i++
			switch c {
			case '(', '[':
				depth++
			case ')', ']':
				depth--
				t.depth = depth
			}
		}
		t.end = i
		if t.text == "" {
			t.text = sql[start:i]
		}
		out = append(out, t)
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func quoted(sql string, i int, mark byte, escapes bool) int {
	for i++; i < len(sql); i++ {
		switch {
		case escapes && sql[i] == '\\':
			i++
		case sql[i] == mark && i+1 < len(sql) && sql[i+1] == mark:
			i++
		case sql[i] == mark:
			return i + 1
		}
	}
	return i
}

// mutant is a statement with one condition or sort key less.
type mutant struct {
	what string // WHERE, ON, HAVING, ORDER BY and the text that is gone
	sql  string
	// excused is the reason given in a comment in front of it: /* redundant: … */ or /* tiebreak: … */.
	excused string
}

// clauseEnds are the words that end a clause which stands at their own depth.
func clauseEnds(clause string) []string {
	ends := []string{"group", "having", "order", "limit", "offset", "fetch", "union", "intersect", "except", "window", ";", ")", "]"}
	switch clause {
	case "on":
		ends = append(ends, "where", "join", "inner", "left", "right", "full", "cross", "natural", ",")
	case "order":
		ends = append(ends, "rows", "range", "groups")
	}
	return ends
}

// mutants takes away each condition of WHERE, ON and HAVING, also of FILTER, and each key of ORDER BY, also of windows and
// aggregates, of every query level.
func mutants(sql string) []mutant {
	toks := tokens(sql)
	var out []mutant
	for i, t := range toks {
		if t.comment {
			continue
		}
		switch t.text {
		case "where", "having":
			out = append(out, conditions(sql, toks, i, clauseEnds(t.text))...)
		case "on":
			if i > 0 && toks[i-1].text != "distinct" {
				out = append(out, conditions(sql, toks, i, clauseEnds(t.text))...)
			}
		case "order":
			if i+1 < len(toks) && toks[i+1].text == "by" {
				out = append(out, keys(sql, toks, i, clauseEnds(t.text))...)
			}
		}
	}
	return out
}

// clause is the end of a clause that begins at i.
func clause(toks []token, i int, ends []string) int {
	for j := i + 1; j < len(toks); j++ {
		t := toks[j]
		if t.comment {
			continue
		}
		if t.depth < toks[i].depth {
			return j
		}
		call := j+1 < len(toks) && toks[j+1].text == "(" && (t.text == "left" || t.text == "right")
		if t.depth == toks[i].depth && t.cases == toks[i].cases && !call && slices.Contains(ends, t.text) {
			// A closing parenthesis bears the depth outside of it.
			if (t.text == ")" || t.text == "]") && t.depth == toks[i].depth {
				continue
			}
			return j
		}
	}
	return len(toks)
}

// pieces splits the tokens from i to end at a word of their own level.
func pieces(toks []token, i, end int, at string) [][]token {
	if i >= end {
		return nil
	}
	depth, cases := toks[i-1].depth, toks[i-1].cases
	var out [][]token
	start, between := i, false
	for j := i; j < end; j++ {
		t := toks[j]
		if t.comment || t.depth != depth || t.cases != cases {
			continue
		}
		switch {
		case t.text == "between":
			between = true
		case t.text == "and" && between:
			between = false
		case t.text == at:
			out = append(out, toks[start:j])
			start = j + 1
		}
	}
	return append(out, toks[start:end])
}

func conditions(sql string, toks []token, i int, ends []string) []mutant {
	end := clause(toks, i, ends)
	parts := pieces(toks, i+1, end, "and")
	if len(pieces(toks, i+1, end, "or")) > 1 {
		parts = [][]token{toks[i+1 : end]}
	}
	var out []mutant
	for _, p := range parts {
		from, to := p[0].start, p[len(p)-1].end
		out = append(out, mutant{
			what: strings.ToUpper(toks[i].text) + " " + sql[from:to], sql: sql[:from] + "true" + sql[to:], excused: excuse(sql, p),
		})
	}
	return out
}

func keys(sql string, toks []token, i int, ends []string) []mutant {
	end := clause(toks, i, ends)
	parts := pieces(toks, i+2, end, ",")
	var out []mutant
	for n, p := range parts {
		from, to := p[0].start, p[len(p)-1].end
		m := mutant{what: "ORDER BY " + sql[from:to], excused: excuse(sql, p)}
		switch {
		case len(parts) == 1:
			from = toks[i].start
		case n == 0:
			to = parts[1][0].start
		default:
			from = parts[n-1][len(parts[n-1])-1].end
		}
		m.sql = sql[:from] + sql[to:]
		out = append(out, m)
	}
	return out
}

func excuse(sql string, p []token) string {
	for _, t := range p {
		if !t.comment {
			break
		}
		text := strings.TrimSpace(strings.Trim(sql[t.start:t.end], "/*"))
		for _, word := range []string{"redundant:", "tiebreak:"} {
			if reason, ok := strings.CutPrefix(text, word); ok {
				return strings.TrimSpace(reason)
			}
		}
	}
	return ""
}

// orders says whether the statement as a whole has an order.
func orders(sql string) bool {
	for _, t := range tokens(sql) {
		if !t.comment && t.depth == 0 && t.text == "order" {
			return true
		}
	}
	return false
}
