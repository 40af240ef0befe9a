package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// nullTestNode is IS [NOT] NULL. A row is null if all its fields are, and not null if none is.
type nullTestNode struct {
	arg      node
	not, row bool
	typ      sqltype.Type
	out      *vector.Vector
}

func (n *nullTestNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	n.out.Reset(f.n)
	for _, r := range f.cut(sel) {
		null := v.IsNull(int(r))
		if !n.row || null {
			n.out.Bools[r] = null != n.not
			continue
		}
		rec, err := sqltype.DecodeRecord(alias(v.Bytes(int(r))))
		if err != nil {
			f.fail(r, err)
			break
		}
		all := true
		for _, x := range rec.Fields {
			all = all && x.Value.Null != n.not
		}
		n.out.Bools[r] = all
	}
	return n.out
}

// arrayExprNode is ARRAY[…].
type arrayExprNode struct {
	elems  []node
	typ    sqltype.Type
	elem   uint32
	nested bool
	out    *vector.Vector
}

func evalAll(f *frame, nodes []node, sel []int32) ([]*vector.Vector, []int32) {
	vs := make([]*vector.Vector, len(nodes))
	for i, a := range nodes {
		vs[i] = a.eval(f, sel)
		sel = f.cut(sel)
	}
	return vs, sel
}

func (n *arrayExprNode) eval(f *frame, sel []int32) *vector.Vector {
	vs, sel := evalAll(f, n.elems, f.cut(sel))
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	for _, r := range sel {
		v, err := n.build(vs, int(r))
		if err != nil {
			f.fail(r, err)
			break
		}
		n.out.SetValue(int(r), v)
	}
	n.out.Finish()
	return n.out
}

func (n *arrayExprNode) build(vs []*vector.Vector, row int) (sqltype.Value, error) {
	if !n.nested {
		vals := make([]sqltype.Value, len(vs))
		for i, v := range vs {
			vals[i] = aliasValue(v, row)
		}
		return MakeArray(n.elem, vals), nil
	}
	out := sqltype.Array{ElemOID: n.elem}
	empty, first := 0, true
	for _, v := range vs {
		if v.IsNull(row) {
			empty++
			continue
		}
		a, err := sqltype.DecodeArray(alias(v.Bytes(row)))
		if err != nil {
			return sqltype.Value{}, err
		}
		if len(a.Dims) == 0 {
			empty++
			continue
		}
		if first {
			out.ElemOID = a.ElemOID
			out.Dims = append([]sqltype.Dim{{Len: 0, Lower: 1}}, a.Dims...)
			if len(out.Dims) > sqltype.MaxDims {
				return sqltype.Value{}, errTooManyDims(len(out.Dims))
			}
			first = false
		} else if !sameDims(out.Dims[1:], a.Dims) {
			return sqltype.Value{}, errDimsMismatch()
		}
		out.Dims[0].Len++
		out.Elems = append(out.Elems, a.Elems...)
	}
	if empty > 0 && !first {
		return sqltype.Value{}, errDimsMismatch()
	}
	return encodeArray(out), nil
}

func errDimsMismatch() error {
	return pgerr.New(pgerr.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions")
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

// rowExprNode is ROW(…).
type rowExprNode struct {
	fields []node
	types  []sqltype.Type
	typ    sqltype.Type
	whole  bool
	out    *vector.Vector
}

func (n *rowExprNode) eval(f *frame, sel []int32) *vector.Vector {
	vs, sel := evalAll(f, n.fields, f.cut(sel))
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	vals := make([]sqltype.Value, len(vs))
	for _, r := range sel {
		null := true
		for i, v := range vs {
			vals[i] = aliasValue(v, int(r))
			null = null && vals[i].Null
		}
		if n.whole && null && len(vals) > 0 {
			setNull(n.out, r)
			continue
		}
		n.out.SetValue(int(r), MakeRecord(n.types, vals))
	}
	n.out.Finish()
	return n.out
}

// fieldNode selects a field of a row value.
type fieldNode struct {
	arg   node
	index int
	typ   sqltype.Type
	out   *vector.Vector
}

func (n *fieldNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
	for _, r := range f.cut(sel) {
		if v.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		rec, err := sqltype.DecodeRecord(alias(v.Bytes(int(r))))
		if err != nil {
			f.fail(r, err)
			break
		}
		switch {
		case n.index >= len(rec.Fields) || rec.Fields[n.index].Value.Null:
			setNull(n.out, r)
		default:
			n.out.SetValue(int(r), rec.Fields[n.index].Value)
		}
	}
	n.out.Finish()
	return n.out
}

// subscriptNode takes an element or a slice of an array.
type subscriptNode struct {
	arg          node
	lower, upper []node // nil entries are open bounds of a slice
	slice        bool
	name         bool // of type name, which is 64 bytes counted from 0
	typ          sqltype.Type
	out          *vector.Vector
}

func subscriptOf(e *plan.Subscript, args []node) *subscriptNode {
	n := &subscriptNode{arg: args[0], slice: e.Slice, name: e.Arg.Type().OID == sqltype.OIDName, typ: e.T}
	rest := args[1:]
	take := func(es []plan.Expr) []node {
		out := make([]node, len(es))
		for i, x := range es {
			if x != nil {
				out[i], rest = rest[0], rest[1:]
			}
		}
		return out
	}
	n.lower = take(e.Lower)
	n.upper = take(e.Upper)
	return n
}

func (n *subscriptNode) eval(f *frame, sel []int32) *vector.Vector {
	arr := n.arg.eval(f, sel)
	sel = f.cut(sel)
	bound := func(nodes []node) []*vector.Vector {
		out := make([]*vector.Vector, len(nodes))
		for i, x := range nodes {
			if x != nil {
				out[i] = x.eval(f, sel)
				sel = f.cut(sel)
			}
		}
		return out
	}
	lower, upper := bound(n.lower), bound(n.upper)
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	n.out.Reset(f.n)
rows:
	for _, r := range sel {
		if arr.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		for _, vs := range [][]*vector.Vector{lower, upper} {
			for _, v := range vs {
				if v != nil && v.IsNull(int(r)) {
					setNull(n.out, r)
					continue rows
				}
			}
		}
		v, err := n.pick(alias(arr.Bytes(int(r))), lower, upper, r)
		if err != nil {
			f.fail(r, err)
			break
		}
		if v.Null {
			setNull(n.out, r)
		} else {
			n.out.SetValue(int(r), v)
		}
	}
	n.out.Finish()
	return n.out
}

// byteOfName reads a fixed-length array of "char", of one dimension (array_get_element); the bytes behind the text are 0.
func (n *subscriptNode) byteOfName(s string, upper []*vector.Vector, r int32) (sqltype.Value, error) {
	if n.slice {
		return sqltype.Value{}, pgerr.New(pgerr.FeatureNotSupported, "slices of fixed-length arrays not implemented")
	}
	i := intAt(upper[0], r)
	switch {
	case len(upper) != 1 || i < 0 || i >= 64:
		return sqltype.NullValue(), nil
	case i >= len(s):
		return sqltype.Text("\x00"), nil
	}
	return sqltype.Text(s[i : i+1]), nil
}

func intAt(v *vector.Vector, r int32) int { return int(v.Physical().I32[v.Index(int(r))]) }

func (n *subscriptNode) pick(s string, lower, upper []*vector.Vector, r int32) (sqltype.Value, error) {
	if n.name {
		return n.byteOfName(s, upper, r)
	}
	a, err := sqltype.DecodeArray(s)
	if err != nil {
		return sqltype.Value{}, err
	}
	if n.slice {
		return n.sliceOf(a, lower, upper, r)
	}
	if len(upper) != len(a.Dims) || len(a.Dims) == 0 {
		return sqltype.NullValue(), nil
	}
	at := 0
	for i, d := range a.Dims {
		x := intAt(upper[i], r) - int(d.Lower)
		if x < 0 || x >= int(d.Len) {
			return sqltype.NullValue(), nil
		}
		at = at*int(d.Len) + x
	}
	return a.Elems[at], nil
}

// sliceOf returns the part of the array within the bounds, numbered from 1; an empty array where there is none.
func (n *subscriptNode) sliceOf(a sqltype.Array, lower, upper []*vector.Vector, r int32) (sqltype.Value, error) {
	empty := sqltype.Array{ElemOID: a.ElemOID}
	if len(upper) > len(a.Dims) {
		return encodeArray(empty), nil
	}
	out := sqltype.Array{ElemOID: a.ElemOID}
	from := make([]int, len(a.Dims))
	for i, d := range a.Dims {
		lo, hi := int(d.Lower), int(d.Lower+d.Len-1)
		if i < len(upper) {
			if i < len(lower) && lower[i] != nil {
				lo = max(lo, intAt(lower[i], r))
			}
			if upper[i] != nil {
				hi = min(hi, intAt(upper[i], r))
			}
		}
		if lo > hi {
			return encodeArray(empty), nil
		}
		from[i] = lo - int(d.Lower)
		out.Dims = append(out.Dims, sqltype.Dim{Len: int32(hi - lo + 1), Lower: 1})
	}
	var walk func(k, base int)
	walk = func(k, base int) {
		if k == len(a.Dims) {
			out.Elems = append(out.Elems, a.Elems[base])
			return
		}
		for i := range int(out.Dims[k].Len) {
			walk(k+1, base*int(a.Dims[k].Len)+from[k]+i)
		}
	}
	walk(0, 0)
	return encodeArray(out), nil
}
