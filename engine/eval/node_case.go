package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// merger builds one vector out of several that each hold some of the rows.
type merger struct {
	typ    sqltype.Type
	out    *vector.Vector
	parts  []*vector.Vector
	choice []int32 // by row: index into parts, -1 null
}

func (m *merger) reset(n int) {
	m.parts = m.parts[:0]
	if cap(m.choice) < n {
		m.choice = make([]int32, n)
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
	if m.out == nil {
		m.out = vector.New(m.typ)
	}
	m.out.Reset(f.n)
	for _, r := range sel {
		k := m.choice[r]
		if k < 0 || m.parts[k].IsNull(int(r)) {
			setNull(m.out, r)
		} else {
			m.out.SetRow(int(r), m.parts[k], int(r))
		}
	}
	m.out.Finish()
	return m.out
}

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
		n.taken[i] = n.taken[i][:0]
		next := n.rest[:0]
		for _, r := range rest {
			if val, null := boolAt(v, r); val && !null {
				n.taken[i] = append(n.taken[i], r)
			} else {
				next = append(next, r)
			}
		}
		n.rest, rest = next, next
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
		n.took = n.took[:0]
		next := n.rest[:0]
		for _, r := range rest {
			if v.IsNull(int(r)) {
				next = append(next, r)
			} else {
				n.took = append(n.took, r)
			}
		}
		n.rest, rest = next, next
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
