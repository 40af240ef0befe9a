package eval

import (
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// populate makes rows of JSON objects (jsonfuncs.c: populate_record_worker and what it calls). The fields come with the call,
// from the row type of its first argument or from the column definition list in FROM.
type populate struct {
	jsonForm
	c    *Call
	name string // the SQL function's
}

// rowColumns turns the fields of a row type into what its text is read with.
func rowColumns(fields []plan.RowField) []sqltype.RowColumn {
	var out []sqltype.RowColumn
	for _, f := range fields {
		out = append(out, sqltype.RowColumn{Type: f.T, Columns: rowColumns(f.Fields)})
	}
	return out
}

// base gives the fields of the result and the row that stands in for what the JSON lacks.
func (p *populate) base(a []sqltype.Value, withRow bool) ([]plan.RowField, *sqltype.Record, error) {
	fields := p.c.result
	if withRow && !holdsRow(p.c.ArgTypes[0]) {
		return nil, nil, pgerr.Newf(pgerr.DatatypeMismatch, "first argument of %s must be a row type", p.name)
	}
	if !withRow || a[0].Null {
		if fields == nil {
			return nil, nil, pgerr.Newf(pgerr.FeatureNotSupported, "could not determine row type for result of %s", p.name).
				WithHint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.")
		}
		return fields, nil, nil
	}
	rec, err := sqltype.DecodeRecord(a[0].S)
	if err != nil {
		return nil, nil, err
	}
	if p.c.ArgTypes[0].OID == sqltype.OIDRecord {
		if fields = p.c.fieldsOf(0); fields == nil {
			for i, f := range rec.Fields {
				fields = append(fields, plan.RowField{Name: fmt.Sprintf("f%d", i+1), T: sqltype.Of(f.OID)})
			}
		}
	}
	if len(fields) != len(rec.Fields) {
		return nil, nil, pgerr.Internal("a row of %d fields where %d are expected", len(rec.Fields), len(fields))
	}
	return fields, &rec, nil
}

// holdsRow says whether values of the type are rows.
func holdsRow(t sqltype.Type) bool {
	_, listed := sqltype.Lookup(t.OID)
	return t.OID == sqltype.OIDRecord || !listed
}

// record fills a row from an object. Fields that the object lacks keep their values.
func (p *populate) record(fields []plan.RowField, obj *json, base *sqltype.Record) (sqltype.Value, error) {
	out := sqltype.Record{Fields: make([]sqltype.Field, len(fields))}
	for i, f := range fields {
		out.Fields[i] = sqltype.Field{OID: f.T.OID, Value: sqltype.NullValue()}
		if f.Elem != 0 {
			out.Fields[i].OID = sqltype.OIDRecordArray
		}
		old := sqltype.NullValue()
		if base != nil {
			old = base.Fields[i].Value
			out.Fields[i].Value = old
		}
		v := member2(obj, f.Name)
		if v == nil {
			continue
		}
		x, err := p.value(f, f.Name, v, old)
		if err != nil {
			return sqltype.Value{}, err
		}
		out.Fields[i].Value = x
	}
	return sqltype.EncodeRecord(out), nil
}

// value is populate_record_field. key is the object's key, or "" for an element of an array.
func (p *populate) value(f plan.RowField, key string, v *json, old sqltype.Value) (sqltype.Value, error) {
	info := f.T.Info()
	switch {
	case v.Kind == sqltype.JSONNull:
		return sqltype.NullValue(), nil
	case v.Kind == sqltype.JSONString: // a string is the text of whatever type
		return p.scalar(f, v)
	case f.Elem != 0:
		return p.array(plan.RowField{T: sqltype.Of(f.Elem), Fields: f.Fields}, key, v)
	case f.Fields != nil:
		if v.Kind != sqltype.JSONObject {
			return sqltype.Value{}, notObject(v)
		}
		var base *sqltype.Record
		if !old.Null {
			rec, err := sqltype.DecodeRecord(old.S)
			if err != nil {
				return sqltype.Value{}, err
			}
			base = &rec
		}
		return p.record(f.Fields, v, base)
	case info.IsArray:
		return p.array(plan.RowField{T: sqltype.Type{OID: sqltype.ElemOf(f.T.OID), Typmod: f.T.Typmod}}, key, v)
	}
	return p.scalar(f, v)
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an"
	}
	return "a"
}

// scalar gives the value's text to the type's input (populate_scalar).
func (p *populate) scalar(f plan.RowField, v *json) (sqltype.Value, error) {
	toJSON := f.T.OID == sqltype.OIDJSON || f.T.OID == sqltype.OIDJSONB
	var text string
	switch {
	case v.Kind == sqltype.JSONString && !toJSON:
		text = v.String
	case v.Kind == sqltype.JSONString:
		text = string(sqltype.AppendJSONString(nil, v.String))
	case p.binary:
		text = string(sqltype.AppendJSONB(nil, v))
	default:
		text = v.Raw
	}
	if f.Fields != nil && f.Elem == 0 {
		return sqltype.ParseRow(text, rowColumns(f.Fields), p.c.Env())
	}
	return ParseAs(f.T, text, false, p.c.Env())
}

// jsonArrayReader collects the elements of nested arrays. How deep they nest is known when the first element that is none, or
// the first empty array, is met.
type jsonArrayReader struct {
	p      *populate
	elem   plan.RowField
	key    string
	dims   []int // by depth; -1: not known yet; nil before the depth is known
	counts []int
	vals   []sqltype.Value
}

func (p *populate) array(elem plan.RowField, key string, v *json) (sqltype.Value, error) {
	r := &jsonArrayReader{p: p, elem: elem, key: key, counts: make([]int, sqltype.MaxDims+1)}
	if err := r.dim(v, 1); err != nil {
		return sqltype.Value{}, err
	}
	if len(r.vals) == 0 {
		return sqltype.EncodeArray(sqltype.Array{ElemOID: elem.T.OID}), nil
	}
	arr := sqltype.Array{ElemOID: elem.T.OID, Elems: r.vals}
	for i, n := range r.dims {
		if i == 0 {
			n = r.counts[0]
		}
		arr.Dims = append(arr.Dims, sqltype.Dim{Len: int32(n), Lower: 1})
	}
	return encodeArray(arr), nil
}

// expected is the error of a value that is no array where one must be; depth of the arrays around it.
func (r *jsonArrayReader) expected(depth int) error {
	err := pgerr.New(pgerr.InvalidTextRepresentation, "expected JSON array")
	where := ""
	for i := range depth {
		where += fmt.Sprintf("[%d]", r.counts[i])
	}
	switch {
	case depth <= 0 && r.key != "":
		err = err.WithHint("See the value of key \"%s\".", r.key)
	case depth > 0 && r.key != "":
		err = err.WithHint("See the array element %s of key \"%s\".", where, r.key)
	case depth > 0:
		err = err.WithHint("See the array element %s.", where)
	}
	return err
}

// dim reads an array at a depth from 1 (populate_array_dim_jsonb).
func (r *jsonArrayReader) dim(v *json, depth int) error {
	if v.Kind != sqltype.JSONArray {
		return r.expected(depth - 1)
	}
	if depth > sqltype.MaxDims {
		return errTooManyDims(depth)
	}
	if r.dims == nil && (len(v.Elems) == 0 || v.Elems[0].Kind != sqltype.JSONArray) {
		r.dims = make([]int, depth)
		for i := range r.dims {
			r.dims[i] = -1
		}
	}
	for i := range v.Elems {
		if r.dims != nil && depth >= len(r.dims) {
			x, err := r.p.value(r.elem, "", &v.Elems[i], sqltype.NullValue())
			if err != nil {
				return err
			}
			r.vals = append(r.vals, x)
			r.counts[depth-1]++
			continue
		}
		if err := r.dim(&v.Elems[i], depth+1); err != nil {
			return err
		}
		switch {
		case r.dims[depth] == -1:
			r.dims[depth] = r.counts[depth]
		case r.dims[depth] != r.counts[depth]:
			return pgerr.New(pgerr.InvalidTextRepresentation, "malformed JSON array").
				WithDetail("Multidimensional arrays must have sub-arrays with matching dimensions.")
		}
		r.counts[depth] = 0
		r.counts[depth-1]++
	}
	return nil
}

// one is json_populate_record and json_to_record.
func (j jsonForm) populateOne(source string, withRow bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		p := &populate{jsonForm: j, c: c, name: source}
		fields, base, err := p.base(a, withRow)
		if err != nil {
			return sqltype.Value{}, err
		}
		doc := a[0]
		if withRow {
			doc = a[1]
		}
		whole := sqltype.NullValue()
		if base != nil {
			whole = a[0]
		}
		if doc.Null {
			return whole, nil
		}
		v, err := j.parse(doc.S)
		if err != nil {
			return sqltype.Value{}, err
		}
		if v.Kind != sqltype.JSONObject {
			return sqltype.Value{}, notObject(&v)
		}
		if base != nil && len(v.Elems) == 0 {
			return whole, nil
		}
		return p.record(fields, &v, base)
	}
}

func notObject(v *json) error {
	what := "scalar"
	if v.Kind == sqltype.JSONArray {
		what = "array"
	}
	return invalid("cannot call populate_composite on %s %s", article(what), what)
}

// many is json_populate_recordset and json_to_recordset: a row for each object of an array.
func (j jsonForm) populateMany(source string, withRow bool) SetKernel {
	return SetKernel{Name: source, Open: func(c *Call, a []sqltype.Value) (SetIterator, error) {
		p := &populate{jsonForm: j, c: c, name: source}
		fields, base, err := p.base(a, withRow)
		if err != nil {
			return nil, err
		}
		doc := a[0]
		if withRow {
			doc = a[1]
		}
		if doc.Null {
			return emptySet(), nil
		}
		v, err := j.parse(doc.S)
		switch {
		case err != nil:
			return nil, err
		case v.Kind == sqltype.JSONArray:
		case j.binary:
			return nil, invalid("cannot call %s on a non-array", source)
		case isScalar(&v):
			return nil, invalid("cannot call %s on a scalar", source)
		default:
			return nil, invalid("cannot call %s on an object", source)
		}
		i := 0
		for k := range v.Elems {
			if v.Elems[k].Kind != sqltype.JSONObject {
				return nil, invalid("argument of %s must be an array of objects", source)
			}
		}
		return setFunc(func(row []sqltype.Value) (bool, error) {
			if i == len(v.Elems) {
				return false, nil
			}
			var err error
			row[0], err = p.record(fields, &v.Elems[i], base)
			i++
			return err == nil, err
		}), nil
	}}
}

func jsonRecordKernels() []Kernel {
	plain, binary := jsonForm{name: "json"}, jsonForm{name: "jsonb", binary: true}
	return []Kernel{
		scalar("json_populate_record", plain.populateOne("json_populate_record", true)), scalar("json_to_record", plain.populateOne("json_to_record", false)),
		scalar("jsonb_populate_record", binary.populateOne("jsonb_populate_record", true)), scalar("jsonb_to_record", binary.populateOne("jsonb_to_record", false)),
	}
}

func jsonRecordSets() []SetKernel {
	plain, binary := jsonForm{name: "json"}, jsonForm{name: "jsonb", binary: true}
	return []SetKernel{
		plain.populateMany("json_populate_recordset", true), plain.populateMany("json_to_recordset", false),
		binary.populateMany("jsonb_populate_recordset", true), binary.populateMany("jsonb_to_recordset", false),
	}
}
