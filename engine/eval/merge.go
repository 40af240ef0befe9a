package eval

import (
	"math/rand/v2"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// merger builds one vector out of several that each hold some of the rows.
type merger struct {
	typ    sqltype.Type
	out    *vector.Vector
	parts  []*vector.Vector
	choice []int32 // by row: index into parts, -1 null

	// fixed says that all parts are constants of the program, which stay what they are: of bytes, the result is then a dictionary of them.
	fixed  bool
	consts []*vector.Vector // by code
	dict   *vector.Dict
	codes  *vector.Vector
	coded  []int32 // by part
}

func (m *merger) reset(n int) {
	m.parts = m.parts[:0]
	if cap(m.choice) < n {
		m.choice = make([]int32, max(n, vector.BatchRows))
	}
	m.choice = m.choice[:n]
	for i := range m.choice {
		m.choice[i] = -1
	}
}

// add says that the rows have their value in v.
func (m *merger) add(v *vector.Vector, rows []int32) {
	k := int32(len(m.parts))
	m.parts = append(m.parts, v)
	for _, r := range rows {
		m.choice[r] = k
	}
}

func (m *merger) merge(f *frame, sel []int32) *vector.Vector {
	if len(m.parts) == 1 {
		whole := true
		for _, r := range sel {
			whole = whole && m.choice[r] == 0
		}
		if whole {
			return m.parts[0]
		}
	}
	kind := m.typ.Kind()
	if m.fixed && kind == sqltype.KindBytes {
		return m.mergeCodes(f)
	}
	if m.out == nil {
		m.out = vector.New(m.typ)
	}
	m.out.Reset(f.n)
	for _, v := range m.parts {
		if v.Form == vector.Dictionary || v.Kind != kind {
			kind = sqltype.KindInvalid
		}
	}
	switch kind {
	case sqltype.KindBool:
		mergeFixed[bool](m, sel)
	case sqltype.KindInt16:
		mergeFixed[int16](m, sel)
	case sqltype.KindInt32:
		mergeFixed[int32](m, sel)
	case sqltype.KindInt64:
		mergeFixed[int64](m, sel)
	case sqltype.KindFloat32:
		mergeFixed[float32](m, sel)
	case sqltype.KindFloat64:
		mergeFixed[float64](m, sel)
	default:
		m.mergeRows(sel)
	}
	m.out.Finish()
	return m.out
}

func (m *merger) mergeRows(sel []int32) {
	for _, r := range sel {
		k := m.choice[r]
		if k < 0 || m.parts[k].IsNull(int(r)) {
			setNull(m.out, r)
		} else {
			m.out.SetRow(int(r), m.parts[k], int(r))
		}
	}
}

func mergeFixed[T fixed](m *merger, sel []int32) {
	var few [8]view[T]
	views, nulls := few[:0], false
	for _, v := range m.parts {
		views = append(views, viewOf[T](v))
		nulls = nulls || v.Valid != nil
	}
	dst := buffer[T](m.out)
	for _, r := range sel {
		k := m.choice[r]
		if k < 0 || nulls && m.parts[k].IsNull(int(r)) {
			setNull(m.out, r)
			continue
		}
		v := &views[k]
		dst[r] = v.d[r&v.mask]
	}
}

// mergeCodes gives the rows as codes of the parts.
func (m *merger) mergeCodes(f *frame) *vector.Vector {
	m.coded = m.coded[:0]
	for _, v := range m.parts {
		m.coded = append(m.coded, m.codeOf(v))
	}
	if m.dict == nil { // all are null
		return vector.NewNull(m.typ, f.n)
	}
	if m.codes == nil {
		m.codes = vector.NewDictionary(m.typ, m.dict)
	}
	out := m.codes
	out.Dict, out.N = m.dict, f.n
	if cap(out.Codes) < f.n {
		out.Codes = make([]int32, max(f.n, vector.BatchRows))
	}
	out.Codes = out.Codes[:f.n]
	for i, k := range m.choice {
		out.Codes[i] = -1
		if k >= 0 {
			out.Codes[i] = m.coded[k]
		}
	}
	return out
}

// codeOf is the code of a constant, which is added to the dictionary if it is new; -1 for null. A dictionary that somebody may hold does
// not change: it is replaced by a longer one.
func (m *merger) codeOf(v *vector.Vector) int32 {
	if v.IsNull(0) {
		return -1
	}
	for i, known := range m.consts {
		if known == v {
			return int32(i)
		}
	}
	next := &vector.Dict{Values: vector.New(m.typ)}
	if m.dict == nil {
		next.ID = rand.Uint64()
	} else {
		next.ID = m.dict.ID
		for i := range m.dict.Values.N {
			next.Values.AppendRow(m.dict.Values, i)
		}
	}
	next.Values.AppendRow(v, 0)
	next.Values.Finish()
	m.dict, m.consts = next, append(m.consts, v)
	return int32(len(m.consts) - 1)
}

// allFixed reports whether every node is a constant of the program.
func allFixed(nodes []node) bool {
	for _, n := range nodes {
		switch n.(type) {
		case *constNode, *onceNode:
		default:
			return false
		}
	}
	return true
}
