package eval

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// reservedWords are the keywords that quote_ident quotes: all but the unreserved ones.
var reservedWords = sync.OnceValue(func() map[string]bool {
	_, rows, _ := builtin.StaticTable("pg_get_keywords")
	m := make(map[string]bool, len(rows))
	for _, r := range rows {
		if r[1].Text != "U" {
			m[r[0].Text] = true
		}
	}
	return m
})

// QuoteIdent quotes an identifier where PostgreSQL's parser would need it quoted.
func QuoteIdent(s string) string {
	safe := s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] == '_')
	for i := 0; i < len(s) && safe; i++ {
		c := s[i]
		safe = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
	}
	if safe && !reservedWords()[s] {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// QuoteLiteral quotes a string as an SQL literal, with E and doubled backslashes where it has any.
func QuoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		q = "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

// valueText is a value's text form, by the type's output function.
func valueText(c *Call, t sqltype.Type, v sqltype.Value) string {
	if isTextual(t.OID) {
		return v.S
	}
	return string(sqltype.AppendText(nil, t, v, c.Env()))
}

// castText is a value cast to text, which differs from its text form for booleans and char(n).
func castText(c *Call, t sqltype.Type, v sqltype.Value) string {
	switch t.OID {
	case sqltype.OIDBool:
		if v.I != 0 {
			return "true"
		}
		return "false"
	case sqltype.OIDBPChar:
		return sqltype.TrimBPChar(v.S)
	}
	return valueText(c, t, v)
}

func quoteNullable(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.Text("NULL"), nil
	}
	return sqltype.Text(QuoteLiteral(castText(c, c.ArgTypes[0], a[0]))), nil
}

// variadicText returns the arguments of a VARIADIC "any" function from the given one on, as text; nil for null. skip is true
// where the array itself is null.
func variadicText(c *Call, a []sqltype.Value, from int) (words []*string, skip bool, err error) {
	if !c.VariadicArray {
		for i := from; i < len(a); i++ {
			words = append(words, nil)
			if !a[i].Null {
				s, err := variadicWord(c, c.ArgTypes[i], a[i])
				if err != nil {
					return nil, false, err
				}
				words[len(words)-1] = &s
			}
		}
		return words, false, nil
	}
	last := a[len(a)-1]
	if last.Null {
		return nil, true, nil
	}
	arr, err := sqltype.DecodeArray(last.S)
	if err != nil {
		return nil, false, err
	}
	for _, v := range arr.Elems {
		words = append(words, nil)
		if !v.Null {
			s, err := variadicWord(c, sqltype.Of(arr.ElemOID), v)
			if err != nil {
				return nil, false, err
			}
			words[len(words)-1] = &s
		}
	}
	return words, false, nil
}

// variadicWord is a value's text form, paid for.
func variadicWord(c *Call, t sqltype.Type, v sqltype.Value) (string, error) {
	if isTextual(t.OID) {
		return v.S, c.charge(2 * itemHeader)
	}
	s := valueText(c, t, v)
	return s, c.charge(int64(len(s)) + 2*itemHeader)
}

func concatWords(c *Call, words []*string, sep string) (sqltype.Value, error) {
	size := int64(0)
	for _, w := range words {
		if w != nil {
			size += int64(len(*w) + len(sep))
		}
	}
	if err := c.build(size); err != nil {
		return sqltype.Value{}, err
	}
	var b strings.Builder
	b.Grow(int(size))
	first := true
	for _, w := range words {
		if w == nil {
			continue
		}
		if !first {
			b.WriteString(sep)
		}
		first = false
		b.WriteString(*w)
	}
	return sqltype.Text(b.String()), nil
}

func concatAny(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	words, skip, err := variadicText(c, a, 0)
	if err != nil || skip {
		return sqltype.NullValue(), err
	}
	return concatWords(c, words, "")
}

func concatWS(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	words, skip, err := variadicText(c, a, 1)
	if err != nil || skip {
		return sqltype.NullValue(), err
	}
	return concatWords(c, words, a[0].S)
}

func errFormatEnd() error {
	return invalid("unterminated format() type specifier").WithHint(`For a single "%%" use "%%%%".`)
}

// formatArg is format's running state over its arguments.
type formatArg struct {
	words []*string
	next  int
}

// formatText is format(): %[n$][-][width]type with type s, I or L.
func formatText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	args := formatArg{}
	if len(a) > 1 {
		words, _, err := variadicText(c, a, 1)
		if err != nil {
			return sqltype.Value{}, err
		}
		args.words = words
	}
	var b strings.Builder
	s := a[0].S
	for i := 0; i < len(s); {
		if s[i] != '%' {
			b.WriteByte(s[i])
			i++
			continue
		}
		i++
		if i >= len(s) {
			return sqltype.Value{}, errFormatEnd()
		}
		if s[i] == '%' {
			b.WriteByte('%')
			i++
			continue
		}
		n, err := args.directive(c, &b, s, i)
		if err != nil {
			return sqltype.Value{}, err
		}
		i = n
	}
	return sqltype.Text(b.String()), nil
}

func formatNumber(s string, i int) (n int64, next int, found bool, err error) {
	start := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int64(s[i]-'0')
		if n > 1<<31-1 {
			return 0, i, false, pgerr.New(pgerr.NumericValueOutOfRange, "number is out of range")
		}
		i++
	}
	if i >= len(s) && i > start {
		return 0, i, false, errFormatEnd()
	}
	return n, i, i > start, nil
}

// take gives the next argument, or the one numbered n where n is positive.
func (f *formatArg) take(n int64) (*string, error) {
	if n > 0 {
		f.next = int(n) - 1
	}
	if f.next >= len(f.words) {
		return nil, invalid("too few arguments for format()")
	}
	f.next++
	return f.words[f.next-1], nil
}

// blanks are what a width is filled up with.
const blanks = "                                                                "

// directive formats what stands at s[i:], behind the percent sign, and returns where the text goes on.
func (f *formatArg) directive(c *Call, b *strings.Builder, s string, i int) (int, error) {
	argNo, width, left := int64(0), int64(0), false
	n, next, found, err := formatNumber(s, i)
	if err != nil {
		return 0, err
	}
	hasWidth := false
	switch {
	case found && s[next] == '$':
		if n == 0 {
			return 0, invalid("format specifies argument 0, but arguments are numbered from 1")
		}
		argNo, i = n, next+1
	case found:
		width, hasWidth, i = n, true, next
	}
	if !hasWidth {
		for i < len(s) && s[i] == '-' {
			left = true
			i++
		}
		if i >= len(s) {
			return 0, errFormatEnd()
		}
		if s[i] == '*' {
			if width, i, err = f.starWidth(s, i+1); err != nil {
				return 0, err
			}
			if width < 0 {
				left, width = true, -width
			}
		} else if n, next, found, err = formatNumber(s, i); err != nil {
			return 0, err
		} else if found {
			width, i = n, next
		}
	}
	if i >= len(s) {
		return 0, errFormatEnd()
	}
	kind := s[i]
	if kind != 's' && kind != 'I' && kind != 'L' {
		return 0, invalid("unrecognized format() type specifier \"%s\"", firstRunes(s[i:], 1)).WithHint(`For a single "%%" use "%%%%".`)
	}
	w, err := f.take(argNo)
	if err != nil {
		return 0, err
	}
	text := ""
	if w != nil && kind != 's' {
		if err := c.charge(4 * int64(len(*w))); err != nil {
			return 0, err
		}
	}
	switch {
	case kind == 'I' && w == nil:
		return 0, pgerr.New(pgerr.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier")
	case kind == 'I':
		text = QuoteIdent(*w)
	case kind == 'L' && w == nil:
		text = "NULL"
	case kind == 'L':
		text = QuoteLiteral(*w)
	case w != nil:
		text = *w
	}
	pad := max(int(width)-utf8.RuneCountInString(text), 0)
	if size := int64(b.Len()) + int64(pad) + int64(len(text)); size > MaxValue {
		return 0, c.Ctx().checkSize(size)
	}
	if err := c.charge(2 * int64(pad+len(text))); err != nil { // b grows by halves
		return 0, err
	}
	if left {
		b.WriteString(text)
	}
	for ; pad > 0; pad -= min(pad, len(blanks)) {
		b.WriteString(blanks[:min(pad, len(blanks))])
	}
	if !left {
		b.WriteString(text)
	}
	return i + 1, nil
}

// starWidth reads * or *n$ and the width that the argument gives; null is 0.
func (f *formatArg) starWidth(s string, i int) (int64, int, error) {
	n, next, found, err := formatNumber(s, i)
	if err != nil {
		return 0, 0, err
	}
	argNo := int64(0)
	if found {
		if s[next] != '$' {
			return 0, 0, invalid("width argument position must be ended by \"$\"")
		}
		if n == 0 {
			return 0, 0, invalid("format specifies argument 0, but arguments are numbered from 1")
		}
		argNo, i = n, next+1
	}
	w, err := f.take(argNo)
	if err != nil || w == nil {
		return 0, i, err
	}
	v, err := sqltype.ParseText(sqltype.Of(sqltype.OIDInt4), *w, nil)
	return v.I, i, err
}

func parseIdent(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	fail := func(detail string) (sqltype.Value, error) {
		e := pgerr.Newf(pgerr.InvalidParameterValue, "string is not a valid identifier: \"%s\"", a[0].S)
		if detail != "" {
			e = e.WithDetail("%s", detail)
		}
		return sqltype.Value{}, e
	}
	s := strings.TrimLeft(a[0].S, " \t\n\r\f\v")
	var out []string
	afterDot := false
	for {
		if s == "" && !afterDot && len(out) == 0 {
			return fail("")
		}
		switch {
		case strings.HasPrefix(s, `"`):
			word, rest, ok := quotedIdent(s)
			if !ok {
				return fail("String has unclosed double quotes.")
			}
			if word == "" {
				return fail("Quoted identifier must not be empty.")
			}
			out, s = append(out, word), rest
		case s != "" && identStart(s[0]):
			n := 1
			for n < len(s) && identPart(s[n]) {
				n++
			}
			out, s = append(out, downcase(s[:n])), s[n:]
		case strings.HasPrefix(s, "."):
			return fail("No valid identifier before \".\".")
		case afterDot:
			return fail("No valid identifier after \".\".")
		default:
			return fail("")
		}
		if err := c.chargeArray(1, 16+2*len(out[len(out)-1])); err != nil {
			return sqltype.Value{}, err
		}
		s = strings.TrimLeft(s, " \t\n\r\f\v")
		if strings.HasPrefix(s, ".") {
			afterDot = true
			s = strings.TrimLeft(s[1:], " \t\n\r\f\v")
			continue
		}
		if s == "" {
			break
		}
		if a[1].I != 0 {
			return fail("")
		}
		break
	}
	return textArray(out), nil
}

// downcase folds an unquoted identifier: ASCII letters only, as PostgreSQL does in a multibyte encoding. It does not cut it to a name's length.
func downcase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 32
		}
	}
	return string(b)
}

func identStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func identPart(c byte) bool { return identStart(c) || c >= '0' && c <= '9' || c == '$' }

// quotedIdent reads a quoted identifier at the start of s.
func quotedIdent(s string) (word, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 < len(s) && s[i+1] == '"' {
				b.WriteByte('"')
				i++
				continue
			}
			return b.String(), s[i+1:], true
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

func quoteKernels() []Kernel {
	ident := func(_ *Call, a []sqltype.Value) (sqltype.Value, error) { return sqltype.Text(QuoteIdent(a[0].S)), nil }
	literal := func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		return sqltype.Text(QuoteLiteral(castText(c, c.ArgTypes[0], a[0]))), nil
	}
	return []Kernel{
		scalar("quote_ident", ident),
		scalar("quote_literal", literal),
		scalar("quote_literal_anyelement", literal),
		scalar("quote_nullable", quoteNullable),
		scalar("quote_nullable_anyelement", quoteNullable),
		scalar("text_concat", concatAny),
		scalar("text_concat_ws", concatWS),
		scalar("text_format", formatText),
		scalar("text_format_nv", formatText),
		scalar("parse_ident", parseIdent),
		concatWithAny("textanycat_text_anynonarray", 1), concatWithAny("anytextcat_anynonarray_text", 0),
		scalar("unistr", unistr),
	}
}

// unistr replaces \XXXX, \+XXXXXX, \uXXXX and \UXXXXXXXX, and \\ by a backslash.
func unistr(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	s := a[0].S
	var b strings.Builder
	high := rune(0)
	errPair := func() error { return pgerr.New(pgerr.SyntaxError, "invalid Unicode surrogate pair") }
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			if high != 0 {
				return sqltype.Value{}, errPair()
			}
			b.WriteByte(s[i])
			i++
			continue
		}
		rest := s[i+1:]
		if strings.HasPrefix(rest, `\`) {
			if high != 0 {
				return sqltype.Value{}, errPair()
			}
			b.WriteByte('\\')
			i += 2
			continue
		}
		r, n := unicodeEscape(rest)
		if n == 0 {
			return sqltype.Value{}, pgerr.New(pgerr.SyntaxError, "invalid Unicode escape").
				WithHint(`Unicode escapes must be \XXXX, \+XXXXXX, \uXXXX, or \UXXXXXXXX.`)
		}
		i += 1 + n
		switch {
		case r == 0 || r > 0x10ffff:
			return sqltype.Value{}, pgerr.Newf(pgerr.InvalidParameterValue, "invalid Unicode code point: %04X", r)
		case high != 0 && r >= 0xdc00 && r < 0xe000:
			b.WriteRune((high-0xd800)<<10 + (r - 0xdc00) + 0x10000)
			high = 0
		case high != 0 || r >= 0xdc00 && r < 0xe000:
			return sqltype.Value{}, errPair()
		case r >= 0xd800 && r < 0xdc00:
			high = r
		default:
			b.WriteRune(r)
		}
	}
	if high != 0 {
		return sqltype.Value{}, errPair()
	}
	return sqltype.Text(b.String()), nil
}

// unicodeEscape reads what stands behind the backslash: the code point and the bytes it took, 0 where there is none.
func unicodeEscape(s string) (rune, int) {
	skip, digits := 0, 4
	switch {
	case s == "":
		return 0, 0
	case s[0] == '+':
		skip, digits = 1, 6
	case s[0] == 'u':
		skip = 1
	case s[0] == 'U':
		skip, digits = 1, 8
	}
	if len(s) < skip+digits {
		return 0, 0
	}
	u, err := strconv.ParseUint(s[skip:skip+digits], 16, 32)
	if err != nil || s[skip] == '_' || s[skip] == '+' {
		return 0, 0
	}
	return rune(min(u, 0x7fffffff)), skip + digits
}
