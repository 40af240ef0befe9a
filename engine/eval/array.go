package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// MakeArray builds a one-dimensional array with lower bound 1, as array_agg and ARRAY(subquery) do.
func MakeArray(elem uint32, vals []sqltype.Value) sqltype.Value {
	return sqltype.EncodeArray(sqltype.NewArray(elem, vals))
}

// encodeArray closes an array; one without elements has no dimensions.
func encodeArray(a sqltype.Array) sqltype.Value {
	if len(a.Elems) == 0 {
		a.Dims = nil
	}
	return sqltype.EncodeArray(a)
}

// arrayValues returns an array's elements in storage order.
func arrayValues(s string) ([]sqltype.Value, error) {
	a, err := sqltype.DecodeArray(s)
	return a.Elems, err
}

// textArray builds a text[].
func textArray(words []string) sqltype.Value {
	vals := make([]sqltype.Value, len(words))
	for i, w := range words {
		vals[i] = sqltype.Text(w)
	}
	return MakeArray(sqltype.OIDText, vals)
}

// errTooManyDims is the error of an array of more than sqltype.MaxDims dimensions.
func errTooManyDims(n int) error {
	return pgerr.Newf(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", n, sqltype.MaxDims)
}

// MakeRecord builds a row value.
func MakeRecord(types []sqltype.Type, vals []sqltype.Value) sqltype.Value {
	r := sqltype.Record{Fields: make([]sqltype.Field, len(vals))}
	for i, v := range vals {
		r.Fields[i] = sqltype.Field{OID: types[i].OID, Value: v}
	}
	return sqltype.EncodeRecord(r)
}
