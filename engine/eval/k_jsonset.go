package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
)

// jsonElements gives the elements of an array.
func (j jsonForm) elements(name string, asText bool) SetKernel {
	return SetKernel{Name: name, Open: func(_ *Call, a []sqltype.Value) (SetIterator, error) {
		v, err := j.parse(a[0].S)
		if err != nil {
			return nil, err
		}
		if v.Kind != sqltype.JSONArray {
			what := "non-array"
			if isScalar(&v) {
				what = "scalar"
			}
			if !j.binary {
				return nil, invalid("cannot call %s on a %s", name, what)
			}
			if isScalar(&v) {
				return nil, invalid("cannot extract elements from a scalar")
			}
			return nil, invalid("cannot extract elements from an object")
		}
		i := 0
		return setFunc(func(row []sqltype.Value) (bool, error) {
			if i == len(v.Elems) {
				return false, nil
			}
			if asText {
				row[0] = j.text(&v.Elems[i])
			} else {
				row[0] = j.value(&v.Elems[i])
			}
			i++
			return true, nil
		}), nil
	}}
}

// each gives the members of an object as key and value.
func (j jsonForm) each(name string, asText bool) SetKernel {
	return SetKernel{Name: name, Open: func(_ *Call, a []sqltype.Value) (SetIterator, error) {
		v, err := j.parse(a[0].S)
		if err != nil {
			return nil, err
		}
		if v.Kind != sqltype.JSONObject {
			switch {
			case j.binary:
				return nil, invalid("cannot call %s on a non-object", name)
			case isScalar(&v):
				return nil, invalid("cannot deconstruct a scalar")
			}
			return nil, invalid("cannot deconstruct an array as an object")
		}
		i := 0
		return setFunc(func(row []sqltype.Value) (bool, error) {
			if i == len(v.Elems) {
				return false, nil
			}
			row[0] = sqltype.Text(v.Keys[i])
			if asText {
				row[1] = j.text(&v.Elems[i])
			} else {
				row[1] = j.value(&v.Elems[i])
			}
			i++
			return true, nil
		}), nil
	}}
}

func (j jsonForm) keys(name string) SetKernel {
	return SetKernel{Name: name, Open: func(_ *Call, a []sqltype.Value) (SetIterator, error) {
		v, err := j.parse(a[0].S)
		switch {
		case err != nil:
			return nil, err
		case v.Kind == sqltype.JSONArray:
			return nil, invalid("cannot call %s on an array", name)
		case v.Kind != sqltype.JSONObject:
			return nil, invalid("cannot call %s on a scalar", name)
		}
		vals := make([]sqltype.Value, len(v.Keys))
		for i, k := range v.Keys {
			vals[i] = sqltype.Text(k)
		}
		return listSet(vals), nil
	}}
}

func jsonSets() []SetKernel {
	var ks []SetKernel
	for _, j := range []jsonForm{{name: "json"}, {name: "jsonb", binary: true}} {
		ks = append(ks, j.elements(j.name+"_array_elements", false), j.elements(j.name+"_array_elements_text", true),
			j.each(j.name+"_each", false), j.each(j.name+"_each_text", true), j.keys(j.name+"_object_keys"))
	}
	return ks
}
