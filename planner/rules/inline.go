package rules

import "github.com/odatagres/odatagres/planner/plan"

// InlineCTEs puts a CTE's plan in place of its only reference, as PostgreSQL does since 12: not if MATERIALIZED is said, it
// is recursive, or volatile. NOT MATERIALIZED inlines several references. A CTE without references is dropped.
//
// The clone has fresh ids, so that two references of one CTE stay different. Counter-example: a CTE that is read twice and
// calls random() must give both the same rows.
func InlineCTEs(root plan.Node, ids *plan.IDs) plan.Node {
	i := &inliner{ids: ids, plans: map[int]*plan.CTE{}, uses: map[int]int{}}
	i.count(root)
	return i.node(root)
}

type inliner struct {
	ids   *plan.IDs
	plans map[int]*plan.CTE // those to inline
	uses  map[int]int
}

func (i *inliner) count(root plan.Node) {
	plan.WalkDeep(root, func(n plan.Node) {
		if s, ok := n.(*plan.CTEScan); ok {
			i.uses[s.CTE]++
		}
	})
}

// definesCTEs: two copies of a WITH would define the same CTE twice.
func definesCTEs(n plan.Node) bool {
	found := false
	plan.WalkDeep(n, func(n plan.Node) {
		switch n.(type) {
		case *plan.With, *plan.Recursive:
			found = true
		}
	})
	return found
}

func (i *inliner) node(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.With:
		var keep []*plan.CTE
		for _, c := range n.CTEs {
			c2 := *c
			c2.Plan = i.node(c.Plan)
			uses := i.uses[c.ID]
			if uses == 0 {
				continue
			}
			inline := !c.Recursive && c.Materialized != plan.MaterializedAlways && !plan.TreeIsVolatile(c2.Plan) &&
				(uses == 1 || c.Materialized == plan.MaterializedNever && !definesCTEs(c2.Plan))
			if inline {
				i.plans[c.ID] = &c2
				continue
			}
			keep = append(keep, &c2)
		}
		input := i.node(n.Input)
		if len(keep) == 0 {
			return input
		}
		return &plan.With{CTEs: keep, Input: input}
	case *plan.CTEScan:
		c, ok := i.plans[n.CTE]
		if !ok {
			return n
		}
		body, ids := plan.CloneFresh(c.Plan, i.ids)
		p := &plan.Project{Input: body}
		for k, col := range n.Cols {
			src := ids[n.Source[k]]
			p.Exprs = append(p.Exprs, plan.Named{Column: col, Expr: &plan.ColRef{ID: src, T: col.Type, Name: col.Name, Qualifier: n.Alias}})
		}
		return p
	}
	in := n.Children()
	if len(in) > 0 {
		out := make([]plan.Node, len(in))
		for k, c := range in {
			out[k] = i.node(c)
		}
		n = n.WithChildren(out)
	}
	return plan.MapExprs(n, func(e plan.Expr) plan.Expr {
		return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
			if s, ok := e.(*plan.Subquery); ok {
				return s.WithPlan(i.node(s.Plan))
			}
			return e
		})
	})
}
