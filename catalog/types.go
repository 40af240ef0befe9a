package catalog

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// FindType finds a type by its typname, exactly, and for an unquoted row type's name then without regard to case.
func (s *Snapshot) FindType(path Path, parts []Ident) (uint32, error) {
	schema, name, err := s.splitSchema(parts)
	if err != nil {
		return 0, err
	}
	in := path
	if schema != "" {
		if s.Schema(schema) == nil {
			return 0, pgerr.Newf(pgerr.InvalidSchemaName, "schema %q does not exist", schema)
		}
		in = Path{schema}
	}
	for _, sc := range in {
		if oid := s.typeIn(sc, name.Name); oid != 0 {
			return oid, nil
		}
	}
	if !name.Quoted {
		for _, sc := range in {
			if found := s.RelationsFolded(sc, name.Name); len(found) == 1 && found[0].RowType != 0 {
				return found[0].RowType, nil
			}
		}
	}
	return 0, pgerr.Newf(pgerr.UndefinedObject, "type %q does not exist", joinIdents(parts))
}

func (s *Snapshot) typeIn(schema, name string) uint32 {
	if schema == "pg_catalog" {
		if i, ok := sqltype.ByName(name); ok {
			return i.OID
		}
	}
	if t := s.typesByName[schema][name]; t != nil {
		return t.OID
	}
	return 0
}

// TypeVisible reports whether a type is found by its bare name (pg_type_is_visible).
func (s *Snapshot) TypeVisible(path Path, oid uint32) bool {
	name, ok := s.typeNameOf(oid)
	if !ok {
		return false
	}
	for _, sc := range path {
		if x := s.typeIn(sc, name); x != 0 {
			return x == oid
		}
	}
	return false
}

func (s *Snapshot) typeNameOf(oid uint32) (string, bool) {
	if i, ok := sqltype.Lookup(oid); ok {
		return i.Name, true
	}
	if t := s.types[oid]; t != nil {
		return t.Name, true
	}
	return "", false
}

// FormatType prints a type as format_type and regtype do: pg_catalog's types by their SQL names, others qualified unless
// their bare name finds them.
func (s *Snapshot) FormatType(path Path, oid uint32, typmod int32) string {
	if oid == 0 {
		return "-"
	}
	t := s.types[oid]
	if t == nil {
		return sqltype.FormatType(oid, typmod)
	}
	if t.Elem != 0 {
		return s.FormatType(path, t.Elem, typmod) + "[]"
	}
	name := QuoteIdent(t.Name)
	if !s.TypeVisible(path, oid) {
		name = QuoteQualified(t.Schema, t.Name)
	}
	if typmod >= 0 {
		name += "(" + strconv.Itoa(int(typmod)) + ")"
	}
	return name
}

// ArrayType is the array type over a type, or 0.
func (s *Snapshot) ArrayType(oid uint32) uint32 {
	if t := s.types[oid]; t != nil {
		return t.Array
	}
	return sqltype.ArrayOf(oid)
}

// BaseType follows a domain to its base type; other types are their own.
func (s *Snapshot) BaseType(t sqltype.Type) sqltype.Type {
	for {
		n := s.types[t.OID]
		if n == nil || n.Kind != 'd' {
			return t
		}
		t = n.Base
	}
}

// TypeFromText is regtype input for a text that is no number: a type's name in SQL's or PostgreSQL's spelling, with array
// brackets. Modifiers are read and dropped, as regtypein drops them.
func (s *Snapshot) TypeFromText(path Path, text string) (uint32, error) {
	p := typeParser{text: text, rest: text}
	parts, sqlName, arrays, err := p.parse()
	if err != nil {
		return 0, err
	}
	oid := sqlName
	if oid == 0 {
		if oid, err = s.FindType(path, parts); err != nil {
			return 0, err
		}
	}
	if arrays {
		// All dimensions have one array type.
		arr := s.ArrayType(oid)
		if arr == 0 {
			return 0, pgerr.Newf(pgerr.UndefinedObject, "type %q does not exist", text)
		}
		oid = arr
	}
	return oid, nil
}

// typeParser reads the part of the grammar that names types (gram.y, Typename).
type typeParser struct{ text, rest string }

// syntax is the grammar's error at the place that was reached, whose position counts from the begin of the text.
func (p *typeParser) syntax() error {
	p.skip()
	at := utf8.RuneCountInString(p.text[:len(p.text)-len(p.rest)]) + 1
	if p.rest == "" {
		return pgerr.New(pgerr.SyntaxError, "syntax error at end of input").WithPosition(at)
	}
	what := "syntax error"
	token, whole := typeToken(p.rest)
	if !whole {
		what = "unterminated quoted string"
		if token[0] == '"' {
			what = "unterminated quoted identifier"
		}
	}
	return pgerr.Newf(pgerr.SyntaxError, "%s at or near %q", what, token).WithPosition(at)
}

// typeToken is the token at the front of a text, and whether a quoted one ends.
func typeToken(s string) (token string, whole bool) {
	run := func(chars string) string { return s[:len(s)-len(strings.TrimLeft(s, chars))] }
	const digits = "0123456789"
	switch c := s[0]; {
	case c == '\'' || c == '"':
		for i := 1; i < len(s); i++ {
			if s[i] != c {
				continue
			}
			if i+1 < len(s) && s[i+1] == c {
				i++
				continue
			}
			return s[:i+1], true
		}
		return s, false
	case strings.HasPrefix(s, "::"):
		return "::", true
	case c >= '0' && c <= '9':
		n := run(digits + ".")
		if rest := s[len(n):]; len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') && strings.IndexByte(digits, rest[1]) >= 0 {
			n += rest[:len(rest)-len(strings.TrimLeft(rest[1:], digits))]
		}
		return n, true
	case c == '$' && len(s) > 1 && strings.IndexByte(digits, s[1]) >= 0:
		return s[:len(s)-len(strings.TrimLeft(s[1:], digits))], true
	case strings.IndexByte("+-*/<>=~!@#%^&|`?", c) >= 0:
		return run("+-*/<>=~!@#%^&|`?"), true
	}
	if _, rest, ok := typeIdent(s); ok {
		return s[:len(s)-len(rest)], true
	}
	return s[:1], true
}

func (p *typeParser) parse() (parts []Ident, sqlName uint32, arrays bool, err error) {
	p.skip()
	if p.rest == "" || p.word("setof") {
		return nil, 0, false, pgerr.Newf(pgerr.SyntaxError, "invalid type name %q", p.text)
	}
	if sqlName = p.sqlType(); sqlName == 0 {
		for {
			id, rest, ok := typeIdent(p.rest)
			// Behind a dot any word is a name.
			if !ok || len(parts) == 0 && !id.Quoted && isQuotedKeyword[id.Name] && id.Name != "double" {
				return nil, 0, false, p.syntax()
			}
			p.rest = rest
			parts = append(parts, id)
			if !p.symbol('.') {
				break
			}
			p.skip()
		}
		p.modifiers()
	}
	for p.symbol('[') {
		p.digits()
		if !p.symbol(']') {
			return nil, 0, false, p.syntax()
		}
		arrays = true
	}
	if !arrays && p.word("array") {
		arrays = true
		if p.symbol('[') {
			p.digits()
			if !p.symbol(']') {
				return nil, 0, false, p.syntax()
			}
		}
	}
	p.skip()
	if p.rest != "" {
		return nil, 0, false, p.syntax()
	}
	return parts, sqlName, arrays, nil
}

// modifiers takes the modifiers of a type with a name of its own, which may be any expressions.
func (p *typeParser) modifiers() {
	p.skip()
	if p.rest == "" || p.rest[0] != '(' {
		return
	}
	depth := 0
	for i := range len(p.rest) {
		switch p.rest[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.rest = p.rest[i+1:]
				return
			}
		}
	}
}

func (p *typeParser) skip() { p.rest = strings.TrimLeft(p.rest, spaces) }

func (p *typeParser) symbol(c byte) bool {
	p.skip()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *typeParser) digits() {
	p.skip()
	p.rest = strings.TrimLeft(p.rest, "0123456789")
}

// modifier reads (n, m) where it stands.
func (p *typeParser) modifier() {
	save := p.rest
	if !p.symbol('(') {
		return
	}
	i := strings.IndexByte(p.rest, ')')
	if i < 0 || strings.Trim(p.rest[:i], "0123456789-,"+spaces) != "" {
		p.rest = save
		return
	}
	p.rest = p.rest[i+1:]
}

// word takes a keyword from the front.
func (p *typeParser) word(w string) bool {
	p.skip()
	id, rest, ok := typeIdent(p.rest)
	if !ok || id.Quoted || id.Name != w {
		return false
	}
	p.rest = rest
	return true
}

func (p *typeParser) ident() (Ident, bool) {
	p.skip()
	id, rest, ok := typeIdent(p.rest)
	if ok {
		p.rest = rest
	}
	return id, ok
}

// typeIdent takes an identifier as the lexer does.
func typeIdent(s string) (Ident, string, bool) {
	if s != "" && s[0] == '"' {
		return nextIdent(s)
	}
	end := 0
	for end < len(s) {
		c := s[end]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
		if !letter && (end == 0 || c != '$' && (c < '0' || c > '9')) {
			break
		}
		end++
	}
	return Ident{Name: clip(foldCase(s[:end]), MaxName)}, s[end:], end > 0
}

// sqlType takes a type that the grammar spells itself, and gives its OID, or takes nothing.
func (p *typeParser) sqlType() uint32 {
	save := p.rest
	oid := p.sqlTypeWords()
	if oid == 0 || strings.HasPrefix(p.rest, ".") {
		p.rest = save
		return 0
	}
	return oid
}

func (p *typeParser) sqlTypeWords() uint32 {
	id, ok := p.ident()
	if !ok || id.Quoted {
		return 0
	}
	switch id.Name {
	case "int", "integer":
		return sqltype.OIDInt4
	case "smallint":
		return sqltype.OIDInt2
	case "bigint":
		return sqltype.OIDInt8
	case "real":
		return sqltype.OIDFloat4
	case "boolean":
		return sqltype.OIDBool
	case "float":
		return p.float()
	case "double":
		if p.word("precision") {
			return sqltype.OIDFloat8
		}
		return 0
	case "decimal", "dec", "numeric":
		p.modifier()
		return sqltype.OIDNumeric
	case "bit":
		varying := p.word("varying")
		p.modifier()
		if varying {
			return sqltype.OIDVarBit
		}
		return sqltype.OIDBit
	case "national":
		if !p.word("character") && !p.word("char") {
			return 0
		}
		return p.character()
	case "character", "char", "nchar":
		return p.character()
	case "varchar":
		p.modifier()
		return sqltype.OIDVarChar
	case "timestamp":
		return p.zoned(sqltype.OIDTimestamp, sqltype.OIDTimestampTZ)
	case "time":
		return p.zoned(sqltype.OIDTime, sqltype.OIDTimeTZ)
	case "interval":
		return p.interval()
	}
	return 0
}

func (p *typeParser) character() uint32 {
	varying := p.word("varying")
	p.modifier()
	if varying {
		return sqltype.OIDVarChar
	}
	return sqltype.OIDBPChar
}

func (p *typeParser) zoned(without, with uint32) uint32 {
	p.modifier()
	save := p.rest
	oid := without
	switch {
	case p.word("with"):
		oid = with
	case p.word("without"):
	default:
		return without
	}
	if !p.word("time") || !p.word("zone") {
		p.rest = save
		return without
	}
	return oid
}

func (p *typeParser) float() uint32 {
	save := p.rest
	if !p.symbol('(') {
		return sqltype.OIDFloat8
	}
	i := strings.IndexByte(p.rest, ')')
	if i < 0 {
		p.rest = save
		return sqltype.OIDFloat8
	}
	n, err := strconv.Atoi(strings.TrimSpace(p.rest[:i]))
	p.rest = p.rest[i+1:]
	if err == nil && n <= 24 {
		return sqltype.OIDFloat4
	}
	return sqltype.OIDFloat8
}

func (p *typeParser) interval() uint32 {
	fields := []string{"year", "month", "day", "hour", "minute", "second"}
	field := func() bool {
		for _, f := range fields {
			if p.word(f) {
				return true
			}
		}
		return false
	}
	p.modifier()
	if field() && p.word("to") {
		field()
	}
	p.modifier()
	return sqltype.OIDInterval
}
