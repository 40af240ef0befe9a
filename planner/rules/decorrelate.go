package rules

import "github.com/odatagres/odatagres/planner/plan"

// Decorrelate turns EXISTS, NOT EXISTS and IN among a filter's predicates into semi and anti joins, so that the inner table
// is read once and not once per row. Predicates of the inner query that name outer columns become join conditions.
//
// Sound because a filter only keeps rows for which the predicate is true: for EXISTS and IN, null and false are the same
// there. Counter-examples: NOT IN (a null in the inner rows makes it null; it stays a subquery), EXISTS over an aggregate
// without GROUP BY (always true), over LIMIT or OFFSET, an inner query whose outer references stand elsewhere than in a
// filter (it stays a subquery, run per row).
func Decorrelate(root plan.Node) plan.Node {
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		input, rest := f.Input, []plan.Expr(nil)
		var joins []func(plan.Node) plan.Node
		for _, p := range f.Preds {
			if j := asJoin(p); j != nil {
				joins = append(joins, j)
				continue
			}
			rest = append(rest, p)
		}
		if len(joins) == 0 {
			return n
		}
		// Cheap predicates first: they also come first in PostgreSQL.
		if len(rest) > 0 {
			input = &plan.Filter{Input: input, Preds: rest}
		}
		for _, j := range joins {
			input = j(input)
		}
		return input
	})
}

// asJoin returns how to join an input for the predicate, or nil if it stays a predicate.
func asJoin(p plan.Expr) func(plan.Node) plan.Node {
	kind := plan.Semi
	if not, ok := p.(*plan.Not); ok {
		kind, p = plan.Anti, not.Arg
	}
	s, ok := p.(*plan.Subquery)
	if !ok || plan.TreeIsVolatile(s.Plan) {
		return nil
	}
	switch s.Kind {
	case plan.Exists:
		return existsJoin(kind, s)
	case plan.Any:
		if kind == plan.Semi {
			return anyJoin(s)
		}
	}
	return nil
}

func existsJoin(kind plan.JoinKind, s *plan.Subquery) func(plan.Node) plan.Node {
	inner, on, ok := pullCorrelated(existsBody(s.Plan))
	if !ok || len(on) == 0 {
		return nil // uncorrelated: it is run once, and its value decides for all rows
	}
	return func(outer plan.Node) plan.Node { return &plan.Join{Kind: kind, L: outer, R: inner, On: on} }
}

// existsBody drops what cannot change whether there is a row.
func existsBody(n plan.Node) plan.Node {
	for {
		switch x := n.(type) {
		case *plan.Project:
			n = x.Input
		case *plan.Sort:
			n = x.Input
		case *plan.Distinct:
			n = x.Input
		case *plan.Aggregate:
			if len(x.Keys) == 0 || x.Sets != nil {
				return n
			}
			n = x.Input
		case *plan.Limit:
			if k, ok := x.Count.(*plan.Const); x.Offset != nil || !ok || k.Value.Null || k.Value.I < 1 {
				return n
			}
			n = x.Input
		default:
			return n
		}
	}
}

func anyJoin(s *plan.Subquery) func(plan.Node) plan.Node {
	if plan.HasSubquery(s.Test) || plan.IsVolatile(s.Test) {
		return nil
	}
	body, test := s.Plan, s.Test
	if p, ok := body.(*plan.Project); ok && len(plan.FreeIDs(body)) > 0 {
		for _, x := range p.Exprs {
			if plan.HasSubquery(x.Expr) {
				return nil
			}
		}
		body, test = p.Input, substitute(test, p.Exprs)
	}
	inner, on, ok := pullCorrelated(body)
	if !ok {
		return nil
	}
	on = append(append([]plan.Expr(nil), on...), splitAnd(test)...)
	return func(outer plan.Node) plan.Node { return &plan.Join{Kind: plan.Semi, L: outer, R: inner, On: on} }
}

func splitAnd(e plan.Expr) []plan.Expr {
	if l, ok := e.(*plan.Logic); ok && l.Op == plan.And {
		var out []plan.Expr
		for _, a := range l.Args {
			out = append(out, splitAnd(a)...)
		}
		return out
	}
	return []plan.Expr{e}
}

// substitute replaces references to a projection's columns by their expressions.
func substitute(e plan.Expr, exprs []plan.Named) plan.Expr {
	by := make(map[plan.ColID]plan.Expr, len(exprs))
	for _, x := range exprs {
		by[x.Column.ID] = x.Expr
	}
	return substituteIDs(e, by)
}

func substituteIDs(e plan.Expr, by map[plan.ColID]plan.Expr) plan.Expr {
	return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
		switch e := e.(type) {
		case *plan.ColRef:
			if to, ok := by[e.ID]; ok {
				return to
			}
		case *plan.Subquery:
			return e.WithPlan(substituteIn(e.Plan, by))
		}
		return e
	})
}

func substituteIn(n plan.Node, by map[plan.ColID]plan.Expr) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		n = plan.MapExprs(n, func(e plan.Expr) plan.Expr { return substituteIDs(e, by) })
		if a, ok := n.(*plan.Apply); ok {
			return applyOuter(a)
		}
		return n
	})
}

// applyOuter recomputes the outer ids of an Apply from what its right side uses.
func applyOuter(a *plan.Apply) plan.Node {
	free, left := plan.FreeIDs(a.R), plan.Set{}
	var outer []plan.ColID
	for _, c := range a.L.Columns() {
		left.Add(c.ID)
		if free.Has(c.ID) {
			outer = append(outer, c.ID)
		}
	}
	c := *a
	c.Outer = outer
	return &c
}

// pullCorrelated takes the predicates with outer columns out of a tree of filters and inner joins. It fails if outer columns
// are used anywhere else.
func pullCorrelated(n plan.Node) (out plan.Node, pulled []plan.Expr, ok bool) {
	free := plan.FreeIDs(n)
	if len(free) == 0 {
		return n, nil, true
	}
	switch x := n.(type) {
	case *plan.Filter:
		in, pulled, ok := pullCorrelated(x.Input)
		if !ok {
			return nil, nil, false
		}
		stay, go1, ok := splitCorrelated(x.Preds, free)
		if !ok {
			return nil, nil, false
		}
		pulled = append(pulled, go1...)
		if len(stay) == 0 {
			return in, pulled, true
		}
		return &plan.Filter{Input: in, Preds: stay}, pulled, true
	case *plan.Join:
		if x.Kind != plan.Inner {
			return nil, nil, false
		}
		l, pl, ok := pullCorrelated(x.L)
		if !ok {
			return nil, nil, false
		}
		r, pr, ok := pullCorrelated(x.R)
		if !ok {
			return nil, nil, false
		}
		stay, go1, ok := splitCorrelated(x.On, free)
		if !ok {
			return nil, nil, false
		}
		return &plan.Join{Kind: plan.Inner, L: l, R: r, On: stay}, append(append(pl, pr...), go1...), true
	case *plan.Project:
		return pullThroughProject(x, free)
	}
	return nil, nil, false
}

// pullThroughProject adds to a projection the columns that the pulled predicates need.
func pullThroughProject(x *plan.Project, free plan.Set) (plan.Node, []plan.Expr, bool) {
	refs := plan.Set{}
	for _, e := range x.Exprs {
		plan.Refs(e.Expr, refs)
	}
	for id := range refs {
		if free.Has(id) {
			return nil, nil, false
		}
	}
	in, pulled, ok := pullCorrelated(x.Input)
	if !ok {
		return nil, nil, false
	}
	need, have := plan.Set{}, plan.Set{}
	for _, p := range pulled {
		plan.Refs(p, need)
	}
	exprs := append([]plan.Named(nil), x.Exprs...)
	for _, e := range exprs {
		have.Add(e.Column.ID)
	}
	for _, c := range in.Columns() {
		if need.Has(c.ID) && !have.Has(c.ID) {
			exprs = append(exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name}})
		}
	}
	return &plan.Project{Input: in, Exprs: exprs}, pulled, true
}

func splitCorrelated(preds []plan.Expr, free plan.Set) (stay, pulled []plan.Expr, ok bool) {
	for _, p := range preds {
		refs, correlated := plan.Set{}, false
		plan.Refs(p, refs)
		for id := range refs {
			correlated = correlated || free.Has(id)
		}
		if !correlated {
			stay = append(stay, p)
			continue
		}
		if plan.HasSubquery(p) {
			return nil, nil, false
		}
		pulled = append(pulled, p)
	}
	return stay, pulled, true
}
