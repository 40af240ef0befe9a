package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// lists keeps, for each group, the rows of its arguments in order: what array_agg and its kin aggregate.
type lists struct {
	types []sqltype.Type
	rows  [][][]sqltype.Value // group, row, argument
	size  int64
}

func (l *lists) grow(n int) {
	for len(l.rows) < n {
		l.rows = append(l.rows, nil)
	}
}

func (l *lists) keep(g, row int, args []*vector.Vector) {
	vals := make([]sqltype.Value, len(args))
	for i, a := range args {
		vals[i] = a.Value(row)
		l.size += 96 + int64(len(vals[i].S))
	}
	l.rows[g] = append(l.rows[g], vals)
}

func (l *lists) add(groups, rows []int32, args []*vector.Vector) error { //nolint:unparam // an aggregator's method
	for i, g := range groups {
		l.keep(int(g), int(rows[i]), args)
	}
	return nil
}

func (l *lists) width() int64 { return 24 }
func (l *lists) bytes() int64 { return l.size }

// drop gives up the rows of groups that have come out.
func (l *lists) drop(from, n int) {
	for g := from; g < from+n; g++ {
		for _, r := range l.rows[g] {
			for i := range r {
				l.size -= 96 + int64(len(r[i].S))
			}
		}
		l.rows[g] = nil
	}
}

// arrayAgg is array_agg, of elements or of arrays of equal dimensions.
type arrayAgg struct {
	lists
	result0 sqltype.Type
}

func (a *arrayAgg) result(g int) (sqltype.Value, error) {
	if len(a.rows[g]) == 0 {
		return null()
	}
	elems := make([]sqltype.Value, len(a.rows[g]))
	for i, r := range a.rows[g] {
		elems[i] = r[0]
	}
	return makeArray(a.types[0], a.result0, elems)
}

// makeArray makes an array of type t of values of type elem. Values that are arrays themselves become its inner dimensions.
func makeArray(elem, t sqltype.Type, vals []sqltype.Value) (sqltype.Value, error) {
	if t.OID == sqltype.OIDInt2Vector || t.OID == sqltype.OIDOIDVector { // array_agg says that such vectors make one, which int2vectorout refuses
		return sqltype.Value{}, pgerr.Newf(pgerr.DatatypeMismatch, "array is not a valid %s", t)
	}
	_, listed := sqltype.Lookup(elem.OID)
	nested := elem.Info().IsArray || !listed && len(vals) > 0 && !vals[0].Null && sqltype.HoldsArray(vals[0].S)
	if !nested {
		return sqltype.EncodeArray(sqltype.NewArray(elem.OID, vals)), nil
	}
	out := sqltype.Array{ElemOID: sqltype.ElemOf(t.OID)}
	var dims []sqltype.Dim
	for i, v := range vals {
		if v.Null {
			return v, pgerr.New(pgerr.NullValueNotAllowed, "cannot accumulate null arrays")
		}
		a, err := sqltype.DecodeArray(v.S)
		if err != nil {
			return v, err
		}
		if i == 0 {
			if dims = a.Dims; len(dims) == 0 {
				return v, pgerr.New(pgerr.ArraySubscriptError, "cannot accumulate empty arrays")
			}
		}
		if !sameDims(dims, a.Dims) {
			return v, pgerr.New(pgerr.ArraySubscriptError, "cannot accumulate arrays of different dimensionality")
		}
		out.ElemOID = a.ElemOID
		out.Elems = append(out.Elems, a.Elems...)
	}
	if len(vals) > 0 {
		out.Dims = append([]sqltype.Dim{{Len: int32(len(vals)), Lower: 1}}, dims...)
	}
	return sqltype.EncodeArray(out), nil
}

func sameDims(a, b []sqltype.Dim) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// arrayElements opens an array value of any array type, int2vector and oidvector included.
func arrayElements(v sqltype.Value) ([]sqltype.Value, error) {
	a, err := sqltype.DecodeArray(v.S)
	return a.Elems, err
}

// stringAgg is string_agg of text and bytea. A null value is left out; a null delimiter is empty. The first value's delimiter
// is not used.
type stringAgg struct {
	flatStates[stringState]
	size int64
}

type stringState struct {
	has bool
	buf []byte
}

func (a *stringAgg) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		r := int(rows[i])
		if args[0].IsNull(r) {
			continue
		}
		s := &a.s[g]
		before := cap(s.buf)
		if s.has && !args[1].IsNull(r) {
			s.buf = append(s.buf, args[1].Bytes(r)...)
		}
		s.has = true
		s.buf = append(s.buf, args[0].Bytes(r)...)
		if len(s.buf) > eval.MaxValue {
			return pgerr.New(pgerr.ProgramLimitExceeded, "out of memory").WithDetail("Cannot enlarge string buffer beyond %d bytes.", eval.MaxValue)
		}
		a.size += int64(cap(s.buf) - before)
	}
	return nil
}

func (a *stringAgg) result(g int) (sqltype.Value, error) {
	if !a.s[g].has {
		return null()
	}
	return sqltype.Text(string(a.s[g].buf)), nil
}

// drop gives up the text of groups that have come out.
func (a *stringAgg) drop(from, n int) {
	for g := from; g < from+n; g++ {
		a.size -= int64(cap(a.s[g].buf))
		a.s[g].buf = nil
	}
}

func (a *stringAgg) bytes() int64 { return a.size }
