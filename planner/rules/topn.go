package rules

import "github.com/odatagres/odatagres/planner/plan"

// TopN joins a Limit and the Sort below it, also through projections that only pass rows on, so that a sort keeps no more
// rows than are wanted.
//
// Counter-examples: WITH TIES needs the rows after the last one; a Limit without a count sorts everything; a limit so large
// that it bounds nothing is left to Sort.
func TopN(root plan.Node) plan.Node {
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok || l.Count == nil || l.WithTies {
			return n
		}
		k, ok := l.Count.(*plan.Const)
		if !ok || k.Value.Null || k.Value.I < 0 || k.Value.I > largestTopN {
			return n
		}
		if o, ok := l.Offset.(*plan.Const); l.Offset != nil && (!ok || o.Value.Null || o.Value.I < 0 || o.Value.I > largestTopN) {
			return n
		}
		return topNBelow(l, l.Input, n)
	})
}

// largestTopN: above it a heap costs more than a sort saves.
const largestTopN = 1_000_000

func topNBelow(l *plan.Limit, in, otherwise plan.Node) plan.Node {
	switch x := in.(type) {
	case *plan.Sort:
		return postpone(&plan.TopN{Input: x.Input, Keys: x.Keys, Count: l.Count, Offset: l.Offset})
	case *plan.Project:
		if below := topNBelow(l, x.Input, nil); below != nil {
			return x.WithChildren([]plan.Node{below})
		}
	}
	return otherwise
}

// postpone has subqueries of the select list run for the rows that are left, not for all that are sorted, as PostgreSQL does
// (make_sort_input_target): nothing else of it costs more than keeping its value. What the order reads must be there before.
func postpone(t *plan.TopN) plan.Node {
	p, ok := t.Input.(*plan.Project)
	if !ok {
		return t
	}
	keys, need := plan.Set{}, plan.Set{}
	for _, k := range t.Keys {
		plan.Refs(k.Expr, keys)
	}
	before, after := &plan.Project{Input: p.Input}, &plan.Project{}
	for _, x := range p.Exprs {
		if plan.HasSubquery(x.Expr) && !keys.Has(x.Column.ID) {
			plan.Refs(x.Expr, need)
			after.Exprs = append(after.Exprs, x)
			continue
		}
		before.Exprs = append(before.Exprs, x)
		after.Exprs = append(after.Exprs, plan.Named{Column: x.Column, Expr: &plan.ColRef{ID: x.Column.ID, Name: x.Column.Name, T: x.Column.Type}})
	}
	if len(before.Exprs) == len(p.Exprs) {
		return t
	}
	there := plan.IDsOf(before)
	for _, c := range p.Input.Columns() {
		if need.Has(c.ID) && !there.Has(c.ID) {
			before.Exprs = append(before.Exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, Name: c.Name, T: c.Type}})
		}
	}
	below := *t
	below.Input = before
	after.Input = &below
	return after
}
