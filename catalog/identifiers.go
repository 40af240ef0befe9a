package catalog

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Ident is one identifier as a client wrote it. Name is folded to small letters unless Quoted.
type Ident struct {
	Name   string
	Quoted bool
}

// QuoteIdent prints a name so that it reads as the same identifier (quote_identifier).
func QuoteIdent(name string) string {
	safe := name != "" && (name[0] == '_' || name[0] >= 'a' && name[0] <= 'z')
	for i := 0; safe && i < len(name); i++ {
		c := name[i]
		safe = c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
	}
	if safe && !isQuotedKeyword[name] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteQualified prints a schema and a name.
func QuoteQualified(schema, name string) string { return QuoteIdent(schema) + "." + QuoteIdent(name) }

// SplitQualified reads a possibly qualified name as the input of reg* types and functions such as has_table_privilege do
// (stringToQualifiedNameList): parts separated by dots, quoted or folded to small letters, cut to 63 bytes.
func SplitQualified(text string) ([]Ident, error) {
	bad := func() ([]Ident, error) { return nil, pgerr.New(pgerr.InvalidName, "invalid name syntax") }
	s := strings.TrimLeft(text, spaces)
	if s == "" {
		return bad()
	}
	var parts []Ident
	for {
		id, rest, ok := nextIdent(s)
		if !ok {
			return bad()
		}
		parts = append(parts, id)
		rest = strings.TrimLeft(rest, spaces)
		if rest == "" {
			return parts, nil
		}
		if rest[0] != '.' {
			return bad()
		}
		s = strings.TrimLeft(rest[1:], spaces)
	}
}

const spaces = " \t\n\r\f\v"

// nextIdent takes one identifier from the front. Unlike the lexer it takes any character up to a dot or a blank into an
// unquoted one, as SplitIdentifierString does.
func nextIdent(s string) (id Ident, rest string, ok bool) {
	if s == "" {
		return id, s, false
	}
	if s[0] == '"' {
		var b strings.Builder
		for i := 1; i < len(s); i++ {
			if s[i] != '"' {
				b.WriteByte(s[i])
				continue
			}
			if i+1 < len(s) && s[i+1] == '"' {
				b.WriteByte('"')
				i++
				continue
			}
			return Ident{Name: clip(b.String(), MaxName), Quoted: true}, s[i+1:], b.Len() > 0
		}
		return id, s, false
	}
	end := strings.IndexAny(s, "."+spaces)
	if end < 0 {
		end = len(s)
	}
	if end == 0 {
		return id, s, false
	}
	return Ident{Name: clip(foldCase(s[:end]), MaxName)}, s[end:], true
}

// foldCase folds ASCII letters alone, as PostgreSQL's downcase_identifier does in a multi-byte encoding.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
