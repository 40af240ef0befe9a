package wiretest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgproto3/v2"
)

// typeName is the message's name in a script: its type.
func typeName(m pgproto3.BackendMessage) string { return reflect.TypeOf(m).Elem().Name() }

// printer writes fields in order, as a JSON object on one line.
type printer struct{ buf bytes.Buffer }

func (p *printer) field(name string, value any) {
	if p.buf.Len() == 0 {
		p.buf.WriteByte('{')
	} else {
		p.buf.WriteString(", ")
	}
	p.buf.WriteString(strconv.Quote(name))
	p.buf.WriteString(": ")
	var v bytes.Buffer
	e := json.NewEncoder(&v)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		value = err.Error()
		_ = e.Encode(value)
	}
	p.buf.WriteString(strings.TrimSuffix(v.String(), "\n"))
}

func (p *printer) String() string { return p.buf.String() + "}" }

// filter says which fields of errors and notices count.
type filter struct{ ignore, only []string }

func (f filter) keeps(name string) bool {
	return !slices.Contains(f.ignore, name) && (len(f.only) == 0 || slices.Contains(f.only, name))
}

// printMessage writes a message as JSON.
func printMessage(m pgproto3.BackendMessage, f filter) string {
	var p printer
	p.field("Type", typeName(m))
	switch m := m.(type) {
	case *pgproto3.ErrorResponse:
		printError(&p, m, f)
	case *pgproto3.NoticeResponse:
		printError(&p, (*pgproto3.ErrorResponse)(m), f)
	case *pgproto3.RowDescription:
		fields := make([]json.RawMessage, len(m.Fields))
		for i := range m.Fields {
			fields[i] = json.RawMessage(printField(&m.Fields[i]))
		}
		p.field("Fields", fields)
	case *pgproto3.DataRow:
		values := make([]any, len(m.Values))
		for i, v := range m.Values {
			values[i] = printValue(v)
		}
		p.field("Values", values)
	case *pgproto3.CopyData:
		p.field("Data", printValue(m.Data))
	case *pgproto3.CopyOutResponse:
		p.field("OverallFormat", m.OverallFormat)
		p.field("ColumnFormatCodes", m.ColumnFormatCodes)
	case *pgproto3.CommandComplete:
		p.field("CommandTag", string(m.CommandTag))
	case *pgproto3.ReadyForQuery:
		p.field("TxStatus", string(m.TxStatus))
	case *pgproto3.ParameterDescription:
		p.field("ParameterOIDs", m.ParameterOIDs)
	case *pgproto3.ParameterStatus:
		p.field("Name", m.Name)
		p.field("Value", m.Value)
	}
	return p.String()
}

// printValue is text where it can be read as such, else hexadecimal in an object of its own.
func printValue(v []byte) any {
	if v == nil {
		return nil
	}
	if !utf8.Valid(v) || bytes.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return map[string]string{"hex": hex.EncodeToString(v)}
	}
	return string(v)
}

func printField(f *pgproto3.FieldDescription) string {
	var p printer
	p.field("Name", string(f.Name))
	if f.TableOID != 0 {
		p.field("TableOID", f.TableOID)
		p.field("TableAttributeNumber", f.TableAttributeNumber)
	}
	p.field("DataTypeOID", f.DataTypeOID)
	p.field("DataTypeSize", f.DataTypeSize)
	p.field("TypeModifier", f.TypeModifier)
	p.field("Format", f.Format)
	return p.String()
}

func printError(p *printer, m *pgproto3.ErrorResponse, f filter) {
	position := ""
	if m.Position != 0 {
		position = strconv.Itoa(int(m.Position))
	}
	for _, field := range []struct{ name, value string }{
		{"Severity", m.Severity},
		{"SeverityUnlocalized", m.SeverityUnlocalized},
		{"Code", m.Code},
		{"Message", m.Message},
		{"Detail", m.Detail},
		{"Hint", m.Hint},
		{"Position", position},
		{"Where", m.Where},
		{"SchemaName", m.SchemaName},
		{"TableName", m.TableName},
		{"ColumnName", m.ColumnName},
		{"DataTypeName", m.DataTypeName},
		{"ConstraintName", m.ConstraintName},
	} {
		// V repeats S in English; both are checked to be there, one is printed.
		if field.name == "SeverityUnlocalized" && field.value == m.Severity {
			continue
		}
		if field.value != "" && f.keeps(field.name) {
			p.field(field.name, field.value)
		}
	}
}
