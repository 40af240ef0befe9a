package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

type json = sqltype.JSON

// jsonForm is what differs between json, which keeps the text, and jsonb.
type jsonForm struct {
	binary bool
	name   string
}

func (j jsonForm) parse(s string) (json, error) {
	if j.binary {
		return sqltype.ParseJSONB(s)
	}
	return sqltype.ParseJSON(s)
}

// value is an element as a value of the form's own type.
func (j jsonForm) value(v *json) sqltype.Value {
	if j.binary {
		return sqltype.Text(string(sqltype.AppendJSONB(nil, v)))
	}
	return sqltype.Text(v.Raw)
}

// text is an element as text: strings without quotes, null as SQL's null.
func (j jsonForm) text(v *json) sqltype.Value {
	switch v.Kind {
	case sqltype.JSONNull:
		return sqltype.NullValue()
	case sqltype.JSONString:
		return sqltype.Text(v.String)
	}
	return j.value(v)
}

// member finds a key; of equal keys of a json the last one counts.
func member2(v *json, key string) *json {
	if v.Kind != sqltype.JSONObject {
		return nil
	}
	for i := len(v.Keys) - 1; i >= 0; i-- {
		if v.Keys[i] == key {
			return &v.Elems[i]
		}
	}
	return nil
}

func element(v *json, i int64) *json {
	if v.Kind != sqltype.JSONArray {
		return nil
	}
	if i < 0 {
		i += int64(len(v.Elems))
	}
	if i < 0 || i >= int64(len(v.Elems)) {
		return nil
	}
	return &v.Elems[i]
}

// pathIndex reads a path element as an array's index, as strtoint does.
func pathIndex(s string) (int64, bool) {
	v, err := sqltype.ParseText(sqltype.Of(sqltype.OIDInt4), s, nil)
	if err != nil || s == "" || s[len(s)-1] == ' ' {
		return 0, false
	}
	return v.I, true
}

// getter makes the functions behind -> and ->> (by key or index) and #> and #>> (by path).
func (j jsonForm) getter(name string, asText bool, step func(v *json, a []sqltype.Value) (*json, bool, error)) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		v, err := j.parse(a[0].S)
		if err != nil {
			return sqltype.Value{}, err
		}
		x, ok, err := step(&v, a)
		switch {
		case err != nil || !ok || x == nil:
			return sqltype.NullValue(), err
		case asText:
			return j.text(x), nil
		}
		return j.value(x), nil
	})
}

func byPath(v *json, a []sqltype.Value) (*json, bool, error) {
	arr, err := sqltype.DecodeArray(a[1].S)
	if err != nil {
		return nil, false, err
	}
	for _, p := range arr.Elems {
		if p.Null || v == nil {
			return nil, false, nil
		}
		if v.Kind == sqltype.JSONArray {
			i, ok := pathIndex(p.S)
			if !ok {
				return nil, false, nil
			}
			v = element(v, i)
			continue
		}
		v = member2(v, p.S)
	}
	return v, v != nil, nil
}

func byKey(v *json, a []sqltype.Value) (*json, bool, error) { return member2(v, a[1].S), true, nil }

func byIndex(v *json, a []sqltype.Value) (*json, bool, error) { return element(v, a[1].I), true, nil }

// byIndexOrSelf is byIndex of jsonb, where a scalar at the top is an array of one.
func byIndexOrSelf(v *json, a []sqltype.Value) (*json, bool, error) {
	if isScalar(v) && (a[1].I == 0 || a[1].I == -1) {
		return v, true, nil
	}
	return byIndex(v, a)
}

func jsonKindName(v *json) string {
	switch v.Kind {
	case sqltype.JSONNull:
		return "null"
	case sqltype.JSONString:
		return "string"
	case sqltype.JSONNumber:
		return "number"
	case sqltype.JSONBool:
		return "boolean"
	case sqltype.JSONArray:
		return "array"
	default:
		return "object"
	}
}

func isScalar(v *json) bool { return v.Kind != sqltype.JSONArray && v.Kind != sqltype.JSONObject }

func arrayLength(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	kind, items, err := sqltype.JSONTop(a[0].S)
	switch {
	case err != nil:
		return sqltype.Value{}, err
	case kind == sqltype.JSONArray:
		return sqltype.Int(int64(items)), nil
	case kind != sqltype.JSONObject:
		return sqltype.Value{}, invalid("cannot get array length of a scalar")
	}
	return sqltype.Value{}, invalid("cannot get array length of a non-array")
}

// stripNulls drops members that are null; json is written anew without blanks.
func (j jsonForm) stripNulls(v *json) {
	if v.Kind == sqltype.JSONObject {
		keys, elems := v.Keys[:0:0], v.Elems[:0:0]
		for i := range v.Elems {
			if v.Elems[i].Kind != sqltype.JSONNull {
				keys, elems = append(keys, v.Keys[i]), append(elems, v.Elems[i])
			}
		}
		v.Keys, v.Elems = keys, elems
	}
	for i := range v.Elems {
		j.stripNulls(&v.Elems[i])
	}
}

// appendCompact writes json without blanks, numbers in their own text.
func appendCompact(dst []byte, v *json) []byte {
	switch v.Kind {
	case sqltype.JSONArray:
		dst = append(dst, '[')
		for i := range v.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCompact(dst, &v.Elems[i])
		}
		return append(dst, ']')
	case sqltype.JSONObject:
		dst = append(dst, '{')
		for i := range v.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(sqltype.AppendJSONString(dst, v.Keys[i]), ':')
			dst = appendCompact(dst, &v.Elems[i])
		}
		return append(dst, '}')
	case sqltype.JSONString:
		return sqltype.AppendJSONString(dst, v.String)
	}
	return append(dst, v.Raw...)
}

func (j jsonForm) unary(name string, op func(v *json) (sqltype.Value, error)) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		v, err := j.parse(a[0].S)
		if err != nil {
			return sqltype.Value{}, err
		}
		return op(&v)
	})
}

func (j jsonForm) kernels() []Kernel {
	p, byIndex := j.name, byIndex
	if j.binary {
		byIndex = byIndexOrSelf
	}
	return []Kernel{
		j.getter(p+"_object_field", false, byKey), j.getter(p+"_object_field_text", true, byKey),
		j.getter(p+"_array_element", false, byIndex), j.getter(p+"_array_element_text", true, byIndex),
		j.getter(p+"_extract_path", false, byPath), j.getter(p+"_extract_path_text", true, byPath),
		shallow(p+"_array_length", arrayLength),
		shallow(p+"_typeof", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			kind, _, err := sqltype.JSONTop(a[0].S)
			return sqltype.Text(jsonKindName(&json{Kind: kind})), err
		}),
		j.unary(p+"_strip_nulls", func(v *json) (sqltype.Value, error) {
			j.stripNulls(v)
			if j.binary {
				return j.value(v), nil
			}
			return sqltype.Text(string(appendCompact(nil, v))), nil
		}),
		scalar(p+"_object", j.object), scalar(p+"_object_two_arg", j.object),
		scalar(p+"_build_object", j.buildObject), scalar(p+"_build_object_noargs", constant(sqltype.Text("{}"))),
		scalar(p+"_build_array", j.buildArray), scalar(p+"_build_array_noargs", constant(sqltype.Text("[]"))),
	}
}

func errNullKey() error {
	return pgerr.New(pgerr.NullValueNotAllowed, "null value not allowed for object key")
}

func errSubscripts(msg string) error { return pgerr.New(pgerr.ArraySubscriptError, msg) }

// object is json_object over one array of keys and values, or two.
func (j jsonForm) object(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	arr, err := sqltype.DecodeArray(a[0].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	var keys, vals []sqltype.Value
	if len(a) == 2 {
		second, err := sqltype.DecodeArray(a[1].S)
		switch {
		case err != nil:
			return sqltype.Value{}, err
		case len(arr.Dims) > 1 || len(arr.Dims) != len(second.Dims):
			return sqltype.Value{}, errSubscripts("wrong number of array subscripts")
		case len(arr.Elems) != len(second.Elems):
			return sqltype.Value{}, errSubscripts("mismatched array dimensions")
		}
		keys, vals = arr.Elems, second.Elems
	} else {
		switch {
		case len(arr.Dims) == 1 && len(arr.Elems)%2 != 0:
			return sqltype.Value{}, errSubscripts("array must have even number of elements")
		case len(arr.Dims) == 2 && arr.Dims[1].Len != 2:
			return sqltype.Value{}, errSubscripts("array must have two columns")
		case len(arr.Dims) > 2:
			return sqltype.Value{}, errSubscripts("wrong number of array subscripts")
		}
		for i := 0; i < len(arr.Elems); i += 2 {
			keys, vals = append(keys, arr.Elems[i]), append(vals, arr.Elems[i+1])
		}
	}
	dst := []byte{'{'}
	for i, k := range keys {
		if k.Null {
			return sqltype.Value{}, errNullKey()
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(sqltype.AppendJSONString(dst, k.S), " : "...)
		if vals[i].Null {
			dst = append(dst, "null"...)
		} else {
			dst = sqltype.AppendJSONString(dst, vals[i].S)
		}
	}
	return j.finish(append(dst, '}'))
}

// finish turns a json text that was built into the form's value.
func (j jsonForm) finish(text []byte) (sqltype.Value, error) {
	if !j.binary {
		return sqltype.Text(string(text)), nil
	}
	v, err := sqltype.ParseJSONB(string(text))
	return sqltype.Text(string(sqltype.AppendJSONB(nil, &v))), err
}

// variadicAny returns the arguments of a VARIADIC "any" function with their types; ok is false where the array is null.
func variadicAny(c *Call, a []sqltype.Value) (vals []sqltype.Value, types []sqltype.Type, ok bool, err error) {
	if !c.VariadicArray {
		return a, c.ArgTypes, true, nil
	}
	if a[0].Null {
		return nil, nil, false, nil
	}
	arr, err := sqltype.DecodeArray(a[0].S)
	for range arr.Elems {
		types = append(types, sqltype.Of(arr.ElemOID))
	}
	return arr.Elems, types, true, err
}

func (j jsonForm) buildObject(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	vals, types, ok, err := variadicAny(c, a)
	if err != nil || !ok {
		return sqltype.NullValue(), err
	}
	if len(vals)%2 != 0 {
		e := invalid("argument list must have even number of elements")
		return sqltype.Value{}, e.WithHint("The arguments of %s_build_object() must consist of alternating keys and values.", j.name)
	}
	dst := []byte{'{'}
	for i := 0; i < len(vals); i += 2 {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if vals[i].Null {
			if j.binary {
				return sqltype.Value{}, invalid("argument %d: key must not be null", i+1)
			}
			return sqltype.Value{}, invalid("argument %d cannot be null", i+1).WithHint("Object keys should be text.")
		}
		key, err := jsonKey(c, types[i], vals[i])
		if err != nil {
			return sqltype.Value{}, err
		}
		dst = append(sqltype.AppendJSONString(dst, key), " : "...)
		if dst, err = appendJSON(c, dst, types[i+1], vals[i+1], c.fieldsOf(i+1), ""); err != nil {
			return sqltype.Value{}, err
		}
	}
	return j.finish(append(dst, '}'))
}

func (j jsonForm) buildArray(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	vals, types, ok, err := variadicAny(c, a)
	if err != nil || !ok {
		return sqltype.NullValue(), err
	}
	dst := []byte{'['}
	for i, v := range vals {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = appendJSON(c, dst, types[i], v, c.fieldsOf(i), ""); err != nil {
			return sqltype.Value{}, err
		}
	}
	return j.finish(append(dst, ']'))
}

func errJSONKey() error { return invalid("key value must be scalar, not array, composite, or json") }

// jsonKey is an object key made of a value.
func jsonKey(c *Call, t sqltype.Type, v sqltype.Value) (string, error) {
	i := t.Info()
	switch {
	case i.IsArray, i.TypType == 'c', t.OID == sqltype.OIDRecord, t.OID == sqltype.OIDJSON, t.OID == sqltype.OIDJSONB,
		t.OID == sqltype.OIDInt2Vector, t.OID == sqltype.OIDOIDVector:
		return "", errJSONKey()
	case t.OID == sqltype.OIDBool:
		if v.I != 0 {
			return "true", nil
		}
		return "false", nil
	}
	return jsonScalarText(c, t, v), nil
}
