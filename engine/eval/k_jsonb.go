package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func jsonbOf(v *json) sqltype.Value { return sqltype.Text(string(sqltype.AppendJSONB(nil, v))) }

// containment decides @>, and is over when the query shall end.
type containment struct {
	call *Call
	err  error
}

// holds is @>. A scalar is contained in an array that has it, at the top alone.
func (m *containment) holds(x, y *json, top bool) bool {
	if x.Kind != y.Kind {
		return top && x.Kind == sqltype.JSONArray && isScalar(y) && m.element(x, y)
	}
	switch x.Kind {
	case sqltype.JSONObject:
		for i, k := range y.Keys {
			e, ok := x.Member(k)
			if !ok || !m.holds(e, &y.Elems[i], false) {
				return false
			}
		}
		return true
	case sqltype.JSONArray:
		for i := range y.Elems {
			if !m.element(x, &y.Elems[i]) {
				return false
			}
		}
		return true
	}
	return x.Compare(y) == 0
}

func (m *containment) element(x, v *json) bool {
	for i := range x.Elems {
		e := &x.Elems[i]
		if e.Kind == v.Kind && (isScalar(v) && e.Compare(v) == 0 || !isScalar(v) && m.holds(e, v, false)) {
			return true
		}
		if m.err == nil {
			m.err = m.call.spend(1)
		}
		if m.err != nil {
			return false
		}
	}
	return false
}

func jsonbContains(c *Call, x, y *json) (sqltype.Value, error) {
	m := containment{call: c}
	ok := m.holds(x, y, true)
	return sqltype.Bool(ok), m.err
}

// exists is ?: a key of an object, a string among an array's elements, or the string itself.
func jsonbExists(v *json, key string) bool {
	switch v.Kind {
	case sqltype.JSONObject:
		_, ok := v.Member(key)
		return ok
	case sqltype.JSONArray:
		for _, e := range v.Elems {
			if e.Kind == sqltype.JSONString && e.String == key {
				return true
			}
		}
		return false
	}
	return v.Kind == sqltype.JSONString && v.String == key
}

func existsMany(name string, all bool) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		v, err := sqltype.ParseJSONB(a[0].S)
		if err != nil {
			return sqltype.Value{}, err
		}
		keys, err := arrayValues(a[1].S)
		for _, k := range keys {
			if err := c.spend(1 + len(v.Elems)); err != nil {
				return sqltype.Value{}, err
			}
			if !k.Null && jsonbExists(&v, k.S) != all {
				return sqltype.Bool(!all), nil
			}
		}
		return sqltype.Bool(all), err
	})
}

func jsonbConcat(x, y json) json {
	if x.Kind == sqltype.JSONObject && y.Kind == sqltype.JSONObject {
		out := json{Kind: sqltype.JSONObject, Keys: append(append([]string(nil), x.Keys...), y.Keys...), Elems: append(append([]json(nil), x.Elems...), y.Elems...)}
		out.Normalize()
		return out
	}
	wrap := func(v json) []json {
		if v.Kind == sqltype.JSONArray {
			return v.Elems
		}
		return []json{v}
	}
	return json{Kind: sqltype.JSONArray, Elems: append(append([]json(nil), wrap(x)...), wrap(y)...)}
}

// deleteMany is how many keys are looked up by hash.
const deleteMany = 16

// without drops keys of an object or strings of an array.
func without(c *Call, v *json, keys []sqltype.Value) error {
	if isScalar(v) {
		return invalid("cannot delete from scalar")
	}
	drop := func(s string) bool {
		for _, k := range keys {
			if !k.Null && k.S == s {
				return true
			}
		}
		return false
	}
	if len(keys) > deleteMany {
		if err := c.charge(int64(len(keys)) * openedElem); err != nil {
			return err
		}
		set := make(map[string]bool, len(keys))
		for _, k := range keys {
			set[k.S] = set[k.S] || !k.Null
		}
		drop = func(s string) bool { return set[s] }
	}
	names, elems := v.Keys[:0], v.Elems[:0]
	for i, e := range v.Elems {
		if v.Kind == sqltype.JSONObject {
			if !drop(v.Keys[i]) {
				names, elems = append(names, v.Keys[i]), append(elems, e)
			}
		} else if e.Kind != sqltype.JSONString || !drop(e.String) {
			elems = append(elems, e)
		}
	}
	v.Keys, v.Elems = names, elems
	return nil
}

func deleteIndex(v *json, i int64) error {
	switch {
	case isScalar(v):
		return invalid("cannot delete from scalar")
	case v.Kind == sqltype.JSONObject:
		return invalid("cannot delete from object using integer index")
	}
	if n := int64(len(v.Elems)); i < 0 {
		i += n
	}
	if i >= 0 && i < int64(len(v.Elems)) {
		v.Elems = append(append([]json(nil), v.Elems[:i]...), v.Elems[i+1:]...)
	}
	return nil
}

// pathOp says what setPath does at the path's end.
type pathOp uint8

const (
	pathReplace pathOp = iota
	pathCreate         // replace, or add where there is none
	pathDelete
	pathInsertBefore
	pathInsertAfter
)

// setPath changes v at a path and returns it; values on the way that do not exist end it.
func setPath(v json, path []sqltype.Value, level int, val json, op pathOp) (json, error) {
	if path[level].Null {
		return v, pgerr.Newf(pgerr.NullValueNotAllowed, "path element at position %d is null", level+1)
	}
	last := level == len(path)-1
	switch v.Kind {
	case sqltype.JSONObject:
		return setMember(v, path, level, val, op, last)
	case sqltype.JSONArray:
		return setElement(v, path, level, val, op, last)
	}
	return v, nil
}

func setMember(v json, path []sqltype.Value, level int, val json, op pathOp, last bool) (json, error) {
	key := path[level].S
	out := json{Kind: sqltype.JSONObject}
	found := false
	for i, k := range v.Keys {
		e := v.Elems[i]
		if k == key {
			found = true
			var err error
			switch {
			case !last:
				if e, err = setPath(e, path, level+1, val, op); err != nil {
					return v, err
				}
			case op == pathInsertBefore || op == pathInsertAfter:
				return v, invalid("cannot replace existing key").WithHint("Try using the function jsonb_set to replace key value.")
			case op == pathDelete:
				continue
			default:
				e = val
			}
		}
		out.Keys, out.Elems = append(out.Keys, k), append(out.Elems, e)
	}
	if !found && last && (op == pathCreate || op == pathInsertBefore || op == pathInsertAfter) {
		out.Keys, out.Elems = append(out.Keys, strings.Clone(key)), append(out.Elems, val)
		out.Normalize()
	}
	return out, nil
}

func setElement(v json, path []sqltype.Value, level int, val json, op pathOp, last bool) (json, error) {
	i, ok := pathIndex(path[level].S)
	if !ok {
		return v, pgerr.Newf(pgerr.InvalidTextRepresentation, "path element at position %d is not an integer: \"%s\"", level+1, strings.Clone(path[level].S))
	}
	n := int64(len(v.Elems))
	create := op == pathCreate || op == pathInsertBefore || op == pathInsertAfter
	out := json{Kind: sqltype.JSONArray, Elems: append([]json(nil), v.Elems...)}
	at := i
	if i < 0 {
		at = i + n
	}
	insert := func(at int64) json {
		elems := append([]json(nil), out.Elems[:at]...)
		out.Elems = append(append(elems, val), out.Elems[at:]...)
		return out
	}
	switch {
	case at < 0:
		if last && create {
			return insert(0), nil
		}
		return out, nil
	case at >= n:
		if last && create {
			return insert(n), nil
		}
		return out, nil
	case !last:
		e, err := setPath(out.Elems[at], path, level+1, val, op)
		out.Elems[at] = e
		return out, err
	}
	switch op {
	case pathInsertBefore:
		return insert(at), nil
	case pathInsertAfter:
		return insert(at + 1), nil
	case pathDelete:
		out.Elems = append(out.Elems[:at], out.Elems[at+1:]...)
	default:
		out.Elems[at] = val
	}
	return out, nil
}

// changeAt runs setPath for jsonb_set, jsonb_insert and #-.
func changeAt(doc, path string, val *json, op pathOp) (sqltype.Value, error) {
	v, err := sqltype.ParseJSONB(doc)
	if err != nil {
		return sqltype.Value{}, err
	}
	arr, err := sqltype.DecodeArray(path)
	if err != nil {
		return sqltype.Value{}, err
	}
	if len(arr.Dims) > 1 {
		return sqltype.Value{}, errSubscripts("wrong number of array subscripts")
	}
	if isScalar(&v) {
		if op == pathDelete {
			return sqltype.Value{}, invalid("cannot delete path in scalar")
		}
		return sqltype.Value{}, invalid("cannot set path in scalar")
	}
	if len(arr.Elems) == 0 || len(v.Elems) == 0 && (op == pathDelete || op == pathReplace) {
		return jsonbOf(&v), nil
	}
	var x json
	if val != nil {
		x = *val
	}
	v, err = setPath(v, arr.Elems, 0, x, op)
	return jsonbOf(&v), err
}

func jsonbSet(doc, path, val string, create bool) (sqltype.Value, error) {
	v, err := sqltype.ParseJSONB(val)
	if err != nil {
		return sqltype.Value{}, err
	}
	op := pathReplace
	if create {
		op = pathCreate
	}
	return changeAt(doc, path, &v, op)
}

func jsonbSetLax(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null || a[1].Null || a[3].Null {
		return sqltype.NullValue(), nil
	}
	bad := func() (sqltype.Value, error) {
		return sqltype.Value{}, invalid("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")
	}
	if a[4].Null {
		return bad()
	}
	if !a[2].Null {
		return jsonbSet(a[0].S, a[1].S, a[2].S, a[3].I != 0)
	}
	switch a[4].S {
	case "raise_exception":
		return sqltype.Value{}, pgerr.New(pgerr.NullValueNotAllowed, "JSON value must not be null").
			WithDetail("Exception was raised because null_value_treatment is \"raise_exception\".").
			WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
	case "use_json_null":
		return jsonbSet(a[0].S, a[1].S, "null", a[3].I != 0)
	case "delete_key":
		return changeAt(a[0].S, a[1].S, nil, pathDelete)
	case "return_target":
		return a[0], nil
	}
	return bad()
}

// prettyWriter writes jsonb_pretty's text, whose indents may be much longer than the value.
type prettyWriter struct {
	call *Call
	dst  []byte
	paid int
	err  error
}

// line begins a line, unless the text has become too long.
func (w *prettyWriter) line(level int) bool {
	if len(w.dst)-w.paid >= chargeStep && w.err == nil {
		if w.err = w.call.build(int64(len(w.dst))); w.err == nil {
			w.err = w.call.charge(int64(len(w.dst) - w.paid))
		}
		w.paid = len(w.dst)
	}
	if w.err != nil {
		return false
	}
	w.dst = append(w.dst, '\n')
	for range level {
		w.dst = append(w.dst, "    "...)
	}
	return true
}

func (w *prettyWriter) value(v *json, level int) {
	if isScalar(v) {
		w.dst = sqltype.AppendJSONB(w.dst, v)
		return
	}
	open, end := byte('['), byte(']')
	if v.Kind == sqltype.JSONObject {
		open, end = '{', '}'
	}
	w.dst = append(w.dst, open)
	for i := range v.Elems {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		if !w.line(level + 1) {
			return
		}
		if v.Kind == sqltype.JSONObject {
			w.dst = append(sqltype.AppendJSONString(w.dst, v.Keys[i]), ": "...)
		}
		w.value(&v.Elems[i], level+1)
	}
	if w.line(level) {
		w.dst = append(w.dst, end)
	}
}

func jsonbPretty(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	v, err := sqltype.ParseJSONB(a[0].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	w := prettyWriter{call: c}
	w.value(&v, 0)
	return sqltype.Text(string(w.dst)), w.err
}

// jsonbCast makes the casts from jsonb to booleans and numbers.
func jsonbCast(name string, oid uint32) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		v, err := sqltype.ParseJSONB(a[0].S)
		if err != nil {
			return sqltype.Value{}, err
		}
		want := sqltype.JSONNumber
		if oid == sqltype.OIDBool {
			want = sqltype.JSONBool
		}
		if v.Kind != want {
			kind := jsonKindName(&v)
			if kind == "number" {
				kind = "numeric"
			}
			return sqltype.Value{}, invalid("cannot cast jsonb %s to type %s", kind, sqltype.FormatType(oid, -1))
		}
		switch oid {
		case sqltype.OIDBool:
			return sqltype.Bool(v.Bool), nil
		case sqltype.OIDNumeric:
			return sqltype.Num(v.Number), nil
		case sqltype.OIDFloat8:
			f, err := v.Number.Float64()
			return sqltype.Float(f), err
		case sqltype.OIDFloat4:
			f, err := v.Number.Float32()
			return sqltype.Float(f), err
		}
		i, err := v.Number.Int64(oid)
		return sqltype.Int(i), err
	})
}

func jsonbKernels() []Kernel {
	pair := func(name string, op func(c *Call, x, y *json) (sqltype.Value, error)) Kernel {
		return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			x, err := sqltype.ParseJSONB(a[0].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			y, err := sqltype.ParseJSONB(a[1].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			return op(c, &x, &y)
		})
	}
	change := func(name string, op func(c *Call, v *json, a []sqltype.Value) error) Kernel {
		return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			v, err := sqltype.ParseJSONB(a[0].S)
			if err == nil {
				err = op(c, &v, a)
			}
			return jsonbOf(&v), err
		})
	}
	return []Kernel{
		pair("jsonb_contains", jsonbContains),
		pair("jsonb_contained", func(c *Call, x, y *json) (sqltype.Value, error) { return jsonbContains(c, y, x) }),
		pair("jsonb_concat", func(_ *Call, x, y *json) (sqltype.Value, error) { v := jsonbConcat(*x, *y); return jsonbOf(&v), nil }),
		scalar("jsonb_exists", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			v, err := sqltype.ParseJSONB(a[0].S)
			return sqltype.Bool(err == nil && jsonbExists(&v, a[1].S)), err
		}),
		existsMany("jsonb_exists_any", false), existsMany("jsonb_exists_all", true),
		change("jsonb_delete", func(c *Call, v *json, a []sqltype.Value) error { return without(c, v, a[1:]) }),
		change("jsonb_delete_array", func(c *Call, v *json, a []sqltype.Value) error {
			keys, err := sqltype.DecodeArray(a[1].S)
			if err == nil && len(keys.Dims) > 1 {
				err = errSubscripts("wrong number of array subscripts")
			}
			if err != nil {
				return err
			}
			return without(c, v, keys.Elems)
		}),
		change("jsonb_delete_idx", func(_ *Call, v *json, a []sqltype.Value) error { return deleteIndex(v, a[1].I) }),
		scalar("jsonb_delete_path", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return changeAt(a[0].S, a[1].S, nil, pathDelete)
		}),
		scalar("jsonb_set", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return jsonbSet(a[0].S, a[1].S, a[2].S, a[3].I != 0)
		}),
		scalar("jsonb_set_lax", jsonbSetLax),
		scalar("jsonb_insert", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			v, err := sqltype.ParseJSONB(a[2].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			op := pathInsertBefore
			if a[3].I != 0 {
				op = pathInsertAfter
			}
			return changeAt(a[0].S, a[1].S, &v, op)
		}),
		scalar("jsonb_pretty", jsonbPretty),
		jsonbCast("jsonb_bool", sqltype.OIDBool), jsonbCast("jsonb_numeric", sqltype.OIDNumeric), jsonbCast("jsonb_int2", sqltype.OIDInt2),
		jsonbCast("jsonb_int4", sqltype.OIDInt4), jsonbCast("jsonb_int8", sqltype.OIDInt8), jsonbCast("jsonb_float4", sqltype.OIDFloat4),
		jsonbCast("jsonb_float8", sqltype.OIDFloat8),
	}
}
