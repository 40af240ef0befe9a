package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// faultRule gives the SQLSTATE of the parser's errors, which carry none. The parser's function name and the message's beginning are
// PostgreSQL's (gram.y, scan.l, parser.c); an empty function matches any.
type faultRule struct {
	function, prefix string
	code             pgerr.Code
	hint, detail     string
}

// faultRules lists every ereport of the grammar that is not a syntax error, and those with a hint or detail. The first
// match counts.
func faultRules() []faultRule {
	const escapeHint = `Unicode escapes must be \uXXXX or \UXXXXXXXX.`
	return []faultRule{
		{"", "out of memory", pgerr.StatementTooComplex, "", ""},
		{"", "exceeded maximum recursion depth", pgerr.StatementTooComplex, "", ""},
		{"", "stack depth limit exceeded", pgerr.StatementTooComplex, "", ""},
		{"", "memory exhausted", pgerr.SyntaxError, "", ""},
		{"base_yyparse", "LIMIT #,# syntax is not supported", pgerr.SyntaxError, "Use separate LIMIT and OFFSET clauses.", ""},
		{"base_yyparse", "UNENCRYPTED PASSWORD is no longer supported", pgerr.FeatureNotSupported, "Remove UNENCRYPTED to store the password in encrypted form instead.", ""},
		{"base_yyparse", "CREATE SCHEMA IF NOT EXISTS cannot include", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "current database cannot be changed", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "column number must be in range", pgerr.InvalidParameterValue, "", ""},
		{"base_yyparse", "modulus for hash partition provided", pgerr.DuplicateObject, "", ""},
		{"base_yyparse", "remainder for hash partition provided", pgerr.DuplicateObject, "", ""},
		{"base_yyparse", "MATCH PARTIAL not yet implemented", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "a column list with ", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "CREATE EXTENSION ... FROM is no longer supported", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "CREATE OR REPLACE CONSTRAINT TRIGGER", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "CREATE ASSERTION is not yet implemented", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "RECHECK is no longer required", pgerr.FeatureNotSupported, "Update your data type.", ""},
		{"base_yyparse", "aggregates cannot have output arguments", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "missing argument", pgerr.SyntaxError, "Use NONE to denote the missing argument of a unary operator.", ""},
		{"base_yyparse", "WITH CHECK OPTION not supported on recursive", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "precision for type float must be", pgerr.InvalidParameterValue, "", ""},
		{"base_yyparse", "UNIQUE predicate is not yet implemented", pgerr.FeatureNotSupported, "", ""},
		{"base_yyparse", "frame start cannot be", pgerr.WindowingError, "", ""},
		{"base_yyparse", "frame starting from", pgerr.WindowingError, "", ""},
		{"base_yyparse", "frame end cannot be", pgerr.WindowingError, "", ""},
		{"base_yyparse", "role name ", pgerr.ReservedName, "", ""},
		{"base_yyparse", "CURRENT_", pgerr.ReservedName, "", ""},
		{"base_yyparse", "SESSION_USER cannot be used as a role name", pgerr.ReservedName, "", ""},
		{"makeOrderedSetArgs", "an ordered-set aggregate with a VARIADIC", pgerr.FeatureNotSupported, "", ""},
		{"processCASbits", "", pgerr.FeatureNotSupported, "", ""},
		{"parsePartitionStrategy", "unrecognized partitioning strategy", pgerr.InvalidParameterValue, "", ""},
		{"base_yylex", "invalid Unicode escape character", pgerr.SyntaxError, "", ""},
		{"str_udeescape", "invalid Unicode escape value", pgerr.SyntaxError, "", ""},
		{"str_udeescape", "invalid Unicode escape", pgerr.SyntaxError, `Unicode escapes must be \XXXX or \+XXXXXX.`, ""},
		{"core_yylex", "unsafe use of string constant with Unicode escapes", pgerr.FeatureNotSupported, "", "String constants with Unicode escapes cannot be used when standard_conforming_strings is off."},
		{"core_yylex", "invalid Unicode escape value", pgerr.SyntaxError, "", ""},
		{"core_yylex", "invalid Unicode escape", pgerr.InvalidEscapeSequence, escapeHint, ""},
		{"core_yylex", `unsafe use of \'`, pgerr.NonstandardUseOfEscapeCharacter, `Use '' to write quotes in strings. \' is insecure in client-only encodings.`, ""},
		{"", "invalid byte sequence for encoding", pgerr.CharacterNotInRepertoire, "", ""},
	}
}

// coded gives the fault its SQLSTATE. What no rule names is a syntax error: the parser raises nothing else.
func (f workerFault) coded(text string) *pgerr.Error {
	e := pgerr.New(pgerr.SyntaxError, f.Message)
	for _, r := range faultRules() {
		if (r.function == "" || r.function == f.Function) && strings.HasPrefix(f.Message, r.prefix) {
			e.Code, e.Hint, e.Detail = r.code, r.hint, r.detail
			break
		}
	}
	if e.Code == pgerr.StatementTooComplex {
		return tooComplex()
	}
	if f.Cursor > 0 {
		e.Position = min(f.Cursor, len(text)+1)
		e.Message = wholeJunk(e.Message, text, e.Position)
	}
	return e
}

// wholeJunk shows the whole word that follows a number, as PostgreSQL's scanner does, where the parser shows its first letter.
func wholeJunk(message, text string, position int) string {
	if !strings.HasPrefix(message, "trailing junk after ") {
		return message
	}
	at := 0
	for i := 1; i < position && at < len(text); i++ {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	_, shown, ok := strings.Cut(strings.TrimSuffix(message, `"`), ` at or near "`)
	if !ok || !strings.HasPrefix(text[at:], shown) || strings.HasSuffix(shown, "+") || strings.HasSuffix(shown, "-") {
		return message
	}
	rest := text[at+len(shown):]
	return strings.TrimSuffix(message, `"`) + rest[:identifierLength(rest, true)] + `"`
}

// IdentifierAt is the identifier that a text begins with; "" if there is none.
func IdentifierAt(text string) string { return text[:identifierLength(text, false)] }

// identifierLength counts the bytes of an identifier, or of the rest of one.
func identifierLength(text string, within bool) int {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
		if !letter && (i == 0 && !within || c != '$' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(text)
}
