package parser

import (
	"unicode/utf8"

	pg_query "github.com/pganalyze/pg_query_go/v5"
)

// Statement is one parsed statement of a query string. It is immutable and may be shared.
type Statement struct {
	source     string
	start, end int // bytes of source
	node       *pg_query.Node
}

// Text is the statement's own part of the query string, without the blanks around it and the semicolon.
func (s *Statement) Text() string { return s.source[s.start:s.end] }

// Source is the whole query string; positions of errors count its characters.
func (s *Statement) Source() string { return s.source }

// Node is the parse tree. It must not be changed, and does not leave package bind.
func (s *Statement) Node() *pg_query.Node { return s.node }

// Position turns a byte offset of the query string, as parse trees hold it, into the 1-based character position of an error;
// 0 for an unknown place.
func (s *Statement) Position(offset int) int {
	if offset < 0 || offset > len(s.source) {
		return 0
	}
	return utf8.RuneCountInString(s.source[:offset]) + 1
}

// Sub returns a statement that is part of this one (the query of EXPLAIN, PREPARE, DECLARE or COPY): the same text and
// positions, another tree.
func (s *Statement) Sub(node *pg_query.Node) *Statement {
	c := *s
	c.node = node
	return &c
}

// From returns the statement with its text starting at a byte offset of the query string.
func (s *Statement) From(offset int) *Statement {
	c := *s
	if offset > c.start && offset <= c.end {
		c.start = offset
	}
	return &c
}

// split makes the statements of a parse result.
func split(source string, res *pg_query.ParseResult) []*Statement {
	out := make([]*Statement, 0, len(res.Stmts))
	for _, raw := range res.Stmts {
		start := int(raw.StmtLocation)
		end := start + int(raw.StmtLen)
		if raw.StmtLen == 0 || end > len(source) {
			end = len(source)
		}
		start = min(max(start, 0), end)
		for start < end && isSpace(source[start]) {
			start++
		}
		for end > start && isSpace(source[end-1]) {
			end--
		}
		out = append(out, &Statement{source: source, start: start, end: end, node: raw.Stmt})
	}
	return out
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}
