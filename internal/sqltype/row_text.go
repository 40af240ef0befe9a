package sqltype

import "github.com/odatagres/odatagres/internal/pgerr"

// RowColumn is a column of a row type whose text is read.
type RowColumn struct {
	Type    Type
	Columns []RowColumn // of a row within the row
}

// ParseRow reads the text form of a row type (record_in).
func ParseRow(s string, columns []RowColumn, env Env) (Value, error) {
	if err := CheckUTF8(s); err != nil {
		return Value{}, err
	}
	malformed := func(detail string) (Value, error) {
		return Value{}, pgerr.Newf(pgerr.InvalidTextRepresentation, "malformed record literal: \"%s\"", s).WithDetail("%s", detail)
	}
	i := skipSpace(s, 0)
	if i == len(s) || s[i] != '(' {
		return malformed("Missing left parenthesis.")
	}
	i++
	rec := Record{Fields: make([]Field, 0, len(columns))}
	for n, c := range columns {
		if n > 0 {
			if i == len(s) || s[i] != ',' {
				return malformed("Too few columns.") // the end of the text cannot come here, for the last field would have missed it
			}
			i++
		}
		text, next, null, ok := rowItem(s, i)
		if !ok {
			return malformed("Unexpected end of input.")
		}
		i = next
		v := NullValue()
		if !null {
			var err error
			if c.Columns != nil {
				v, err = ParseRow(text, c.Columns, env)
			} else {
				v, err = ParseText(c.Type, text, env)
			}
			if err != nil {
				return Value{}, err
			}
		}
		rec.Fields = append(rec.Fields, Field{OID: c.Type.OID, Value: v})
	}
	if i == len(s) || s[i] != ')' {
		return malformed("Too many columns.")
	}
	if i = skipSpace(s, i+1); i != len(s) {
		return malformed("Junk after right parenthesis.")
	}
	return EncodeRecord(rec), nil
}

func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// rowItem reads one field up to the comma or parenthesis behind it. Nothing at all is null; ok is false where the text ends.
func rowItem(s string, i int) (text string, next int, null, ok bool) {
	if i < len(s) && (s[i] == ',' || s[i] == ')') {
		return "", i, true, true
	}
	var b []byte
	quoted := false
	for ; ; i++ {
		switch {
		case i == len(s):
			return "", i, false, false
		case !quoted && (s[i] == ',' || s[i] == ')'):
			return string(b), i, false, true
		case s[i] == '\\':
			if i++; i == len(s) {
				return "", i, false, false
			}
			b = append(b, s[i])
		case s[i] == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			b = append(b, '"')
			i++
		case s[i] == '"':
			quoted = !quoted
		default:
			b = append(b, s[i])
		}
	}
}
