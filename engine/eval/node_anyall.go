package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// arrayOpNode is op ANY (array) and op ALL (array): true if the operator is for some element, or all; null if that cannot be told
// because of a null.
type arrayOpNode struct {
	left, array node
	fn          *callee
	all         bool
	elem        sqltype.Type
	leftType    sqltype.Type
	lookup      bool // = ANY or <> ALL by a type whose equality is that of bytes or integers

	out   *vector.Vector
	made  string // the array that set was made of
	set   *memberSet
	elems *vector.Vector
}

func (c *compiler) arrayOp(e *plan.ArrayOp, args []node) (node, error) {
	elem := sqltype.Of(elemOf(e.Array.Type()))
	if elem.OID == 0 && len(e.Fn.Args) == 2 {
		elem = sqltype.Of(e.Fn.Args[1])
	}
	fn, err := newCallee(e.Fn, []sqltype.Type{e.Left.Type(), elem}, boolType(), false)
	if err != nil {
		return nil, err
	}
	n := &arrayOpNode{left: args[0], array: args[1], fn: fn, all: e.All, elem: elem, leftType: e.Left.Type()}
	n.lookup = (e.Op == "=" && !e.All || e.Op == "<>" && e.All) && setKernel(e.Fn.Kernel)
	return n, nil
}

// setKernel reports whether the function is equality, or its negation, of two values of one representation that can be a set's key.
func setKernel(name string) bool {
	switch strings.TrimSuffix(strings.TrimSuffix(name, "ne"), "eq") {
	case "int2", "int4", "int8", "oid", "text", "name", "char":
		return true
	}
	switch name {
	case "date_eq", "date_ne", "timestamp_eq", "timestamp_ne", "uuid_eq", "uuid_ne":
		return true
	}
	return false
}

func (n *arrayOpNode) eval(f *frame, sel []int32) *vector.Vector {
	l := n.left.eval(f, sel)
	sel = f.cut(sel)
	arr := n.array.eval(f, sel)
	sel = f.cut(sel)
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	n.out.Reset(f.n)
	if arr.Form == vector.Constant {
		n.constant(f, l, arr, sel)
		return n.out
	}
	for _, r := range sel {
		if arr.IsNull(int(r)) {
			setNull(n.out, r)
			continue
		}
		res, null, err := n.row(f, l, int(r), alias(arr.Bytes(int(r))))
		switch {
		case err != nil:
			f.fail(r, err)
			return n.out
		case null:
			setNull(n.out, r)
		default:
			n.out.Bools[r] = res
		}
	}
	return n.out
}

// constant handles the same array for all rows.
func (n *arrayOpNode) constant(f *frame, l, arr *vector.Vector, sel []int32) {
	if len(sel) == 0 {
		return
	}
	if arr.IsNull(0) {
		for _, r := range sel {
			setNull(n.out, r)
		}
		return
	}
	s := alias(arr.Bytes(0))
	if n.lookup {
		if n.set == nil || n.made != s {
			vals, err := arrayValues(s)
			if err != nil {
				f.fail(sel[0], err)
				return
			}
			n.set, n.made = newMemberSet(vals, n.elem.Kind()), strings.Clone(s)
		}
		n.set.members(l, n.out, sel, n.all)
		return
	}
	vals, err := arrayValues(s)
	if err != nil {
		f.fail(sel[0], err)
		return
	}
	for _, r := range sel {
		n.out.Bools[r] = n.all
	}
	rest := append([]int32(nil), sel...)
	for _, v := range vals {
		rest = f.cut(rest)
		if len(rest) == 0 {
			return
		}
		res := n.fn.run(f, []*vector.Vector{l, vector.NewConstant(n.elem, v, f.n)}, rest)
		rest = f.cut(rest)
		next := rest[:0]
		for _, r := range rest {
			val, null := boolAt(res, r)
			switch {
			case null:
				setNull(n.out, r)
				next = append(next, r)
			case val != n.all: // decided
				n.out.Bools[r] = val
				if n.out.Valid != nil {
					n.out.Valid[r>>6] |= 1 << (uint(r) & 63)
				}
			default:
				next = append(next, r)
			}
		}
		rest = next
	}
}

// row decides one row by its own array.
func (n *arrayOpNode) row(f *frame, l *vector.Vector, row int, s string) (res, null bool, err error) {
	vals, err := arrayValues(s)
	if err != nil || len(vals) == 0 {
		return n.all, false, err
	}
	if n.elems == nil {
		n.elems = vector.New(n.elem)
	}
	n.elems.Reset(len(vals))
	for i, v := range vals {
		n.elems.SetValue(i, v)
	}
	n.elems.Finish()
	g := f.sub(nil, len(vals))
	sel := rowsUpTo(len(vals))
	out := n.fn.run(g, []*vector.Vector{vector.NewConstant(n.leftType, l.Value(row), len(vals)), n.elems}, sel)
	for _, i := range g.cut(sel) {
		val, isNull := boolAt(out, i)
		switch {
		case isNull:
			null = true
		case val != n.all:
			return val, false, nil
		}
	}
	return n.all, null, g.err
}
