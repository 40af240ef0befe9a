package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// caseNode is CASE: conditions run over the rows that no earlier one has taken, results over the rows that theirs took.
type caseNode struct {
	merger
	arg          node
	conds, thens []node
	els          node
	taken        [][]int32
	rest         []int32
}

func caseOf(e *plan.Case, args []node) *caseNode {
	n := &caseNode{merger: merger{typ: e.T}}
	if e.Arg != nil {
		n.arg, args = args[0], args[1:]
	}
	for i := range e.Whens {
		n.conds, n.thens = append(n.conds, args[2*i]), append(n.thens, args[2*i+1])
	}
	n.els = args[len(args)-1]
	n.fixed = allFixed(n.thens) && allFixed([]node{n.els})
	n.taken = make([][]int32, len(n.conds))
	return n
}

func (n *caseNode) eval(f *frame, sel []int32) *vector.Vector {
	n.reset(f.n)
	sel = f.cut(sel)
	if n.arg != nil {
		saved := f.caseVal
		defer func() { f.caseVal = saved }()
		f.caseVal = n.arg.eval(f, sel)
	}
	rest := f.cut(sel)
	for i, cond := range n.conds {
		rest = f.cut(rest)
		if len(rest) == 0 {
			break
		}
		v := cond.eval(f, rest)
		rest = f.cut(rest)
		n.taken[i], n.rest = splitRows(v, rest, n.taken[i], n.rest)
		rest = n.rest
		if taken := n.taken[i]; len(taken) > 0 {
			n.add(n.thens[i].eval(f, taken), taken)
		}
	}
	if rest = f.cut(rest); len(rest) > 0 {
		n.add(n.els.eval(f, rest), rest)
	}
	return n.merge(f, f.cut(sel))
}

// coalesceNode is COALESCE: an argument is evaluated over the rows in which all earlier ones are null.
type coalesceNode struct {
	merger
	args       []node
	rest, took []int32
}

func (n *coalesceNode) eval(f *frame, sel []int32) *vector.Vector {
	n.reset(f.n)
	rest := f.cut(sel)
	for _, a := range n.args {
		rest = f.cut(rest)
		if len(rest) == 0 {
			break
		}
		v := a.eval(f, rest)
		rest = f.cut(rest)
		n.took, n.rest = splitNulls(v, rest, n.took, n.rest)
		rest = n.rest
		if len(n.took) > 0 {
			n.add(v, n.took)
		}
	}
	return n.merge(f, f.cut(sel))
}

// nullIfNode is NULLIF. Its test compares the case value with the right side, which it evaluates.
type nullIfNode struct {
	left, test node
	typ        sqltype.Type
	out        *vector.Vector
}

func (n *nullIfNode) eval(f *frame, sel []int32) *vector.Vector {
	l := n.left.eval(f, sel)
	sel = f.cut(sel)
	if n.out == nil {
		n.out = vector.New(n.typ)
	}
	saved := f.caseVal
	f.caseVal = l
	equal := n.test.eval(f, sel)
	f.caseVal = saved
	sel = f.cut(sel)
	n.out.Reset(f.n)
	for _, r := range sel {
		if val, null := boolAt(equal, r); val && !null || l.IsNull(int(r)) {
			setNull(n.out, r)
		} else {
			n.out.SetRow(int(r), l, int(r))
		}
	}
	n.out.Finish()
	return n.out
}

// minMaxNode is GREATEST and LEAST, which ignore nulls.
type minMaxNode struct {
	merger
	args  []node
	least bool
	cmp   Compare
}

func (n *minMaxNode) eval(f *frame, sel []int32) *vector.Vector {
	n.reset(f.n)
	for _, a := range n.args {
		sel = f.cut(sel)
		v := a.eval(f, sel)
		n.parts = append(n.parts, v)
	}
	sel = f.cut(sel)
	for _, r := range sel {
		best := int32(-1)
		for k, v := range n.parts {
			if v.IsNull(int(r)) {
				continue
			}
			if best >= 0 {
				c := n.cmp(v, int(r), n.parts[best], int(r))
				if n.least && c >= 0 || !n.least && c <= 0 {
					continue
				}
			}
			best = int32(k)
		}
		n.choice[r] = best
	}
	return n.merge(f, sel)
}
