package rules

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// Simplify splits conjunctions into lists, pushes negation to the leaves, and empties what a false filter or LIMIT 0 makes empty:
// no service is asked for rows that nobody gets.
//
// Counter-example: an aggregate without keys gives one row over no rows, so emptiness stops there; the nullable side of an
// outer join may be empty without emptying the join.
func Simplify(root plan.Node) plan.Node {
	return plan.RewriteDeep(root, simplifyNode)
}

func simplifyNode(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		preds, changed, never := conjuncts(n.Preds)
		if never || isEmpty(n.Input) {
			return empty(n)
		}
		if len(preds) == 0 {
			return n.Input
		}
		if inner, ok := n.Input.(*plan.Filter); ok {
			return &plan.Filter{Input: inner.Input, Preds: append(append([]plan.Expr(nil), inner.Preds...), preds...)}
		}
		if changed {
			return &plan.Filter{Input: n.Input, Preds: preds}
		}
	case *plan.Limit:
		if k, ok := n.Count.(*plan.Const); ok && !k.Value.Null && k.Value.I == 0 {
			// A negative OFFSET is an error even so (2201X), which the operator raises.
			if o, ok := n.Offset.(*plan.Const); n.Offset == nil || ok && (o.Value.Null || o.Value.I >= 0) {
				return empty(n)
			}
		}
		if isEmpty(n.Input) && constant(n.Count) && constant(n.Offset) {
			return emptyIfValid(n)
		}
	case *plan.Join:
		return simplifyJoin(n)
	case *plan.SetOp:
		return simplifySetOp(n)
	case *plan.Apply:
		if isEmpty(n.L) {
			return empty(n)
		}
	case *plan.Sort:
		if isEmpty(n.Input) {
			return empty(n)
		}
		return simplifySort(n)
	case *plan.Project, *plan.ProjectSet, *plan.Distinct, *plan.Window:
		if isEmpty(n.Children()[0]) {
			return empty(n)
		}
	case *plan.Aggregate:
		if len(n.Keys) > 0 && n.Sets == nil && isEmpty(n.Input) {
			return empty(n)
		}
	}
	return n
}

// simplifySort leaves out keys that are the same for all rows. Without a key there is no sort, and a LIMIT above ends what is below it.
func simplifySort(n *plan.Sort) plan.Node {
	var keys []plan.SortKey
	for _, k := range n.Keys {
		if !constantIn(k.Expr, n.Input) {
			keys = append(keys, k)
		}
	}
	switch len(keys) {
	case 0:
		return n.Input
	case len(n.Keys):
		return n
	}
	out := *n
	out.Keys = keys
	return &out
}

// constantIn reports that an expression is a constant, or a column of n that projections make of one.
func constantIn(e plan.Expr, n plan.Node) bool {
	switch e := e.(type) {
	case *plan.Const:
		return true
	case *plan.ColRef:
		if p, ok := n.(*plan.Project); ok {
			for _, x := range p.Exprs {
				if x.Column.ID == e.ID {
					return constantIn(x.Expr, p.Input)
				}
			}
		}
	}
	return false
}

// simplifySetOp leaves out a side without rows. What is left keeps the operation's columns, and its duplicates only with ALL.
func simplifySetOp(n *plan.SetOp) plan.Node {
	l, r := isEmpty(n.L), isEmpty(n.R)
	switch {
	case l && r, n.Kind == plan.Intersect && (l || r), n.Kind == plan.Except && l:
		return empty(n)
	case !l && !r:
		return n
	}
	side, in := n.L, n.LeftIn
	if l {
		side, in = n.R, n.RightIn
	}
	p := &plan.Project{Input: side}
	for i, c := range n.Cols {
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: in[i], T: c.Type, Name: c.Name}})
	}
	if n.All {
		return p
	}
	return &plan.Distinct{Input: p}
}

func simplifyJoin(n *plan.Join) plan.Node {
	on, changed, never := conjuncts(n.On)
	l, r := isEmpty(n.L), isEmpty(n.R)
	switch n.Kind {
	case plan.Inner:
		if never || l || r {
			return empty(n)
		}
	case plan.Semi:
		if never || l || r {
			return empty(n)
		}
	case plan.Left:
		if l {
			return empty(n)
		}
	case plan.Anti:
		if l {
			return empty(n)
		}
		if r || never {
			return n.L
		}
	case plan.Right:
		if r {
			return empty(n)
		}
	case plan.Full:
		if l && r {
			return empty(n)
		}
	}
	if never {
		on = []plan.Expr{falseConst()}
	}
	if changed {
		c := *n
		c.On = on
		return &c
	}
	return n
}

func constant(e plan.Expr) bool {
	if e == nil {
		return true
	}
	_, ok := e.(*plan.Const)
	return ok
}

// emptyIfValid keeps a Limit whose constants are out of range, so that its error is raised.
func emptyIfValid(n *plan.Limit) plan.Node {
	for _, e := range []plan.Expr{n.Count, n.Offset} {
		if k, ok := e.(*plan.Const); ok && !k.Value.Null && k.Value.I < 0 {
			return n
		}
	}
	return empty(n)
}

func falseConst() plan.Expr { return &plan.Const{T: sqltype.Of(sqltype.OIDBool)} }

func empty(n plan.Node) plan.Node { return &plan.Values{Cols: n.Columns()} }

func isEmpty(n plan.Node) bool {
	v, ok := n.(*plan.Values)
	return ok && len(v.Rows) == 0
}

// conjuncts splits ANDs, also those that all arms of an OR have, moves NOT inward and drops true; never reports a predicate that is false or null for every row. Predicates before it
// that may fail do not hinder that: PostgreSQL drops them too.
func conjuncts(preds []plan.Expr) (out []plan.Expr, changed, never bool) {
	var add func(e plan.Expr)
	add = func(e plan.Expr) {
		e2 := Negate(e)
		changed = changed || e2 != e
		switch e := e2.(type) {
		case *plan.Logic:
			if e.Op == plan.And {
				changed = true
				for _, a := range e.Args {
					add(a)
				}
				return
			}
			if f := factor(e); f != e {
				changed = true
				add(f)
				return
			}
		case *plan.Const:
			changed = true
			if e.Value.Null || e.Value.I == 0 {
				never = true
			}
			return
		}
		out = append(out, e2)
	}
	for _, p := range preds {
		add(p)
	}
	return out, changed, never
}

// Negate moves NOT to the leaves: De Morgan over AND and OR, IS NULL, the boolean tests and comparisons turned round, double negation gone.
// All of it holds in three-valued logic.
func Negate(e plan.Expr) plan.Expr {
	n, ok := e.(*plan.Not)
	if !ok {
		return e
	}
	switch a := n.Arg.(type) {
	case *plan.Not:
		return Negate(a.Arg)
	case *plan.Logic:
		args := make([]plan.Expr, len(a.Args))
		for i, x := range a.Args {
			args[i] = Negate(&plan.Not{Arg: x})
		}
		op := plan.And
		if a.Op == plan.And {
			op = plan.Or
		}
		return &plan.Logic{Op: op, Args: args}
	case *plan.NullTest:
		if a.Row {
			return e // a row of nulls and values is neither null nor not null
		}
		return &plan.NullTest{Arg: a.Arg, Not: !a.Not}
	case *plan.BoolTest:
		return &plan.BoolTest{Arg: a.Arg, Kind: a.Kind, Not: !a.Not}
	case *plan.DistinctTest:
		c := *a
		c.Not = !a.Not
		return &c
	case *plan.Call:
		if c := plan.NegatedComparison(a); c != nil {
			return c
		}
	}
	return e
}
