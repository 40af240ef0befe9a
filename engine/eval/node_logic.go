package eval

import (
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// boolAt returns a boolean row and whether it is null.
func boolAt(v *vector.Vector, r int32) (val, null bool) {
	if v.IsNull(int(r)) {
		return false, true
	}
	return v.Physical().Bools[v.Index(int(r))], false
}

// logicNode is AND or OR. An operand is evaluated only over the rows that no earlier one has decided.
type logicNode struct {
	or   bool
	args []node
	out  *vector.Vector
	rest []int32
	// doubt marks, while rows are selected, those of which an operand of AND is null.
	doubt []bool
}

func (n *logicNode) eval(f *frame, sel []int32) *vector.Vector {
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	out := n.out
	out.Reset(f.n)
	sel = f.cut(sel)
	for _, r := range sel {
		out.Bools[r] = !n.or // undecided so far
	}
	rest := sel
	for _, a := range n.args {
		rest = f.cut(rest)
		if len(rest) == 0 {
			break
		}
		v := a.eval(f, rest)
		rest = f.cut(rest)
		if v.Form == vector.Flat && v.Valid == nil && out.Valid == nil {
			// No row is null: what the operand says is the result so far.
			if span(rest) == len(rest) {
				copy(out.Bools[:len(rest)], v.Bools)
			} else {
				for _, r := range rest {
					out.Bools[r] = v.Bools[r]
				}
			}
			n.rest = rowsThatAre(!n.or, v, rest, n.rest)
			rest = n.rest
			continue
		}
		next := n.rest[:0]
		for _, r := range rest {
			val, null := boolAt(v, r)
			switch {
			case null:
				setNull(out, r)
				next = append(next, r)
			case val == n.or: // decided
				out.Bools[r] = n.or
				if out.Valid != nil {
					out.Valid[r>>6] |= 1 << (uint(r) & 63)
				}
			default:
				next = append(next, r)
			}
		}
		// rest may be n.rest itself: next then trails behind the reads.
		n.rest = next
		rest = next
	}
	return out
}

// selectRows implements selector.
func (n *logicNode) selectRows(f *frame, sel, dst []int32) []int32 {
	if n.or {
		v := n.eval(f, sel)
		return trueRows(v, f.cut(sel), dst)
	}
	rest, doubt := f.cut(sel), false
	for _, a := range n.args {
		if len(rest) == 0 {
			break
		}
		v := a.eval(f, rest)
		rest = f.cut(rest)
		if !v.MayHaveNulls() {
			dst = trueRows(v, rest, dst)
			rest = dst
			continue
		}
		// A null makes the result null or false, but later operands are evaluated all the same, and their errors show.
		if !doubt {
			doubt = true
			n.doubt = append(n.doubt[:0], make([]bool, f.n)...)
		}
		dst = room(dst, len(rest))
		k := 0
		for _, r := range rest {
			val, null := boolAt(v, r)
			dst[k] = r
			if null || val {
				k++
			}
			n.doubt[r] = n.doubt[r] || null
		}
		rest = dst[:k]
	}
	if !doubt {
		return rest
	}
	dst = room(dst, len(rest))
	k := 0
	for _, r := range rest {
		dst[k] = r
		if !n.doubt[r] {
			k++
		}
	}
	return dst[:k]
}

// notNode is NOT.
type notNode struct {
	arg node
	out *vector.Vector
}

func (n *notNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	n.out.Reset(f.n)
	sel = f.cut(sel)
	if v.Form == vector.Flat && v.Valid == nil {
		for _, r := range sel {
			n.out.Bools[r] = !v.Bools[r]
		}
		return n.out
	}
	for _, r := range sel {
		val, null := boolAt(v, r)
		if null {
			setNull(n.out, r)
		} else {
			n.out.Bools[r] = !val
		}
	}
	return n.out
}

// boolTestNode is IS [NOT] TRUE, FALSE or UNKNOWN.
type boolTestNode struct {
	arg  node
	kind plan.BoolTestKind
	not  bool
	out  *vector.Vector
}

func (n *boolTestNode) eval(f *frame, sel []int32) *vector.Vector {
	v := n.arg.eval(f, sel)
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	n.out.Reset(f.n)
	for _, r := range f.cut(sel) {
		val, null := boolAt(v, r)
		is := false
		switch n.kind {
		case plan.IsTrue:
			is = !null && val
		case plan.IsFalse:
			is = !null && !val
		case plan.IsUnknown:
			is = null
		}
		n.out.Bools[r] = is != n.not
	}
	return n.out
}

// distinctNode is IS [NOT] DISTINCT FROM.
type distinctNode struct {
	left, right node
	eq          *callee
	not         bool
	out         *vector.Vector
	both        []int32
}

func (n *distinctNode) eval(f *frame, sel []int32) *vector.Vector {
	l := n.left.eval(f, sel)
	r := n.right.eval(f, f.cut(sel))
	sel = f.cut(sel)
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	n.out.Reset(f.n)
	n.both = n.both[:0]
	for _, row := range sel {
		a, b := l.IsNull(int(row)), r.IsNull(int(row))
		if a || b {
			n.out.Bools[row] = (a == b) == n.not
		} else {
			n.both = append(n.both, row)
		}
	}
	if len(n.both) == 0 {
		return n.out
	}
	eq := n.eq.run(f, []*vector.Vector{l, r}, n.both)
	for _, row := range f.cut(n.both) {
		val, null := boolAt(eq, row)
		n.out.Bools[row] = (val && !null) == n.not
	}
	return n.out
}

// rowCompareNode is <, <=, > or >= of rows: the first pair that is not equal decides, a null before it makes the result null.
type rowCompareNode struct {
	op          string
	left, right []node
	eq, less    []*callee
	out         *vector.Vector
}

func (n *rowCompareNode) eval(f *frame, sel []int32) *vector.Vector {
	if n.out == nil {
		n.out = vector.New(boolType())
	}
	n.out.Reset(f.n)
	wantLess := n.op == "<" || n.op == "<="
	orEqual := n.op == "<=" || n.op == ">="
	rest := f.cut(sel)
	for i := range n.left {
		if len(rest) == 0 {
			return n.out
		}
		l := n.left[i].eval(f, rest)
		r := n.right[i].eval(f, f.cut(rest))
		pair := []*vector.Vector{l, r}
		eq := n.eq[i].run(f, pair, f.cut(rest))
		less := n.less[i].run(f, pair, f.cut(rest))
		rest = f.cut(rest)
		next := make([]int32, 0, len(rest))
		for _, row := range rest {
			e, null := boolAt(eq, row)
			switch {
			case null:
				setNull(n.out, row)
			case e:
				next = append(next, row)
			default:
				lt, _ := boolAt(less, row)
				n.out.Bools[row] = lt == wantLess
			}
		}
		rest = next
	}
	for _, row := range rest {
		n.out.Bools[row] = orEqual
	}
	return n.out
}
