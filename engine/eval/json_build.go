package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// fieldsOf lists the fields of the rows in an argument, which rows themselves do not carry.
func (c *Call) fieldsOf(arg int) []plan.RowField {
	if arg < len(c.rows) {
		return c.rows[arg]
	}
	return nil
}

// isoTime is a session that prints dates in ISO form, whatever the session's own DateStyle.
type isoTime struct{ sqltype.Env }

// DateStyle implements sqltype.Env.
func (isoTime) DateStyle() string { return "ISO" }

// jsonScalarText is the text that JSON gives a value that is neither JSON, number, row nor array.
func jsonScalarText(c *Call, t sqltype.Type, v sqltype.Value) string {
	switch t.OID {
	case sqltype.OIDDate, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ:
		s := string(sqltype.AppendText(nil, t, v, isoTime{c.Env()}))
		if t.OID == sqltype.OIDDate {
			return s
		}
		s = strings.Replace(s, " ", "T", 1)
		if t.OID == sqltype.OIDTimestampTZ && !infinite(v.I) {
			s = isoOffset(s)
		}
		return s
	}
	return valueText(c, t, v)
}

// isoOffset gives an offset of whole hours its minutes: +01 becomes +01:00.
func isoOffset(s string) string {
	body, bc := s, ""
	if strings.HasSuffix(s, " BC") {
		body, bc = s[:len(s)-3], " BC"
	}
	i := strings.LastIndexAny(body, "+-")
	if i >= 0 && len(body)-i == 3 {
		body += ":00"
	}
	return body + bc
}

// isJSONNumber reports whether a text is a number in JSON.
func isJSONNumber(s string) bool {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	return i < len(s) && s[i] >= '0' && s[i] <= '9' && !strings.ContainsAny(s, "NI")
}

// appendJSON writes any value as JSON. sep stands between elements of the outermost array or row besides the comma: a line feed and
// blank for the pretty forms.
func appendJSON(c *Call, dst []byte, t sqltype.Type, v sqltype.Value, fields []plan.RowField, sep string) ([]byte, error) {
	if v.Null {
		return append(dst, "null"...), nil
	}
	info := t.Info()
	switch {
	case t.OID == sqltype.OIDBool:
		if v.I != 0 {
			return append(dst, "true"...), nil
		}
		return append(dst, "false"...), nil
	case t.OID == sqltype.OIDInt2, t.OID == sqltype.OIDInt4, t.OID == sqltype.OIDInt8, t.OID == sqltype.OIDFloat4, t.OID == sqltype.OIDFloat8, t.OID == sqltype.OIDNumeric:
		s := valueText(c, t, v)
		if isJSONNumber(s) {
			return append(dst, s...), nil
		}
		return sqltype.AppendJSONString(dst, s), nil
	case t.OID == sqltype.OIDJSON, t.OID == sqltype.OIDJSONB:
		return append(dst, v.S...), nil
	case info.IsArray, t.OID == sqltype.OIDAnyArray, t.OID == sqltype.OIDInt2Vector, t.OID == sqltype.OIDOIDVector:
		arr, err := sqltype.DecodeArray(v.S)
		if err != nil {
			return dst, err
		}
		if len(arr.Elems) == 0 {
			return append(dst, "[]"...), nil
		}
		return appendJSONArray(c, dst, arr, fields, sep)
	case t.OID != sqltype.OIDRecord && info.TypType == 'c' && sqltype.HoldsArray(v.S):
		arr, err := sqltype.DecodeArray(v.S)
		if err != nil {
			return dst, err
		}
		return appendJSONArray(c, dst, arr, fields, sep)
	case t.OID == sqltype.OIDRecord || info.TypType == 'c':
		return appendJSONRow(c, dst, v, fields, sep)
	}
	return sqltype.AppendJSONString(dst, jsonScalarText(c, t, v)), nil
}

func appendJSONArray(c *Call, dst []byte, arr sqltype.Array, fields []plan.RowField, sep string) ([]byte, error) {
	t := sqltype.Of(arr.ElemOID)
	at := 0
	var walk func(d int, sep string) error
	walk = func(d int, sep string) error {
		dst = append(dst, '[')
		for i := range int(arr.Dims[d].Len) {
			if i > 0 {
				dst = append(append(dst, ','), sep...)
			}
			if d+1 < len(arr.Dims) {
				if err := walk(d+1, ""); err != nil {
					return err
				}
				continue
			}
			var err error
			if dst, err = appendJSON(c, dst, t, arr.Elems[at], fields, ""); err != nil {
				return err
			}
			at++
		}
		dst = append(dst, ']')
		return nil
	}
	err := walk(0, sep)
	return dst, err
}

func appendJSONRow(c *Call, dst []byte, v sqltype.Value, fields []plan.RowField, sep string) ([]byte, error) {
	rec, err := sqltype.DecodeRecord(v.S)
	if err != nil {
		return dst, err
	}
	if len(fields) != len(rec.Fields) {
		return dst, pgerr.Unsupported("Name the row directly in the call, as in to_json(t).", "the names of this row's columns are not known here")
	}
	dst = append(dst, '{')
	for i, f := range rec.Fields {
		if i > 0 {
			dst = append(append(dst, ','), sep...)
		}
		dst = append(sqltype.AppendJSONString(dst, fields[i].Name), ':')
		if dst, err = appendJSON(c, dst, sqltype.Of(f.OID), f.Value, fields[i].Fields, ""); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// AppendJSONValue writes any value as JSON, for the aggregates that build JSON; fields are those of the rows in it.
func AppendJSONValue(ctx *Ctx, dst []byte, t sqltype.Type, v sqltype.Value, fields []plan.RowField) ([]byte, error) {
	return appendJSON(&Call{f: newFrame(ctx, nil, 1)}, dst, t, v, fields, "")
}

// JSONObjectKey is the key that json_object_agg makes of a value that is not null.
func JSONObjectKey(ctx *Ctx, t sqltype.Type, v sqltype.Value) (string, error) {
	return jsonKey(&Call{f: newFrame(ctx, nil, 1)}, t, v)
}

func toJSON(form jsonForm) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		sep := ""
		if len(a) > 1 && a[1].I != 0 {
			sep = "\n "
		}
		dst, err := appendJSON(c, nil, c.ArgTypes[0], a[0], c.fieldsOf(0), sep)
		if err != nil {
			return sqltype.Value{}, err
		}
		return form.finish(dst)
	}
}

func jsonBuildKernels() []Kernel {
	plain, binary := jsonForm{name: "json"}, jsonForm{name: "jsonb", binary: true}
	return append(append(plain.kernels(), binary.kernels()...),
		scalar("to_json", toJSON(plain)), scalar("to_jsonb", toJSON(binary)),
		scalar("row_to_json", toJSON(plain)), scalar("row_to_json_pretty", toJSON(plain)),
		scalar("array_to_json", toJSON(plain)), scalar("array_to_json_pretty", toJSON(plain)),
	)
}
