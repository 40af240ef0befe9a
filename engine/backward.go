package engine

import "github.com/odatagres/odatagres/planner/plan"

// backward says whether a cursor that was declared with neither SCROLL nor NO SCROLL goes backward, from the query as it was written:
// where PostgreSQL's plan can run backward (ExecSupportsBackwardScan), which scans and sorts can and joins and groups cannot. Where the
// choice is that planner's alone (groups that come sorted), it is taken to sort.
func backward(n plan.Node) bool { return cteScope{}.node(n) }

// cteScope holds the CTEs in whose scope a node stands.
type cteScope map[int]*plan.CTE

func (ctes cteScope) node(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan, *plan.SystemScan, *plan.FunctionScan, *plan.Sort, *plan.WorkTable:
		return true
	case *plan.Values:
		return len(n.Rows) > 1 // one row is a Result, which cannot
	case *plan.Project:
		return ctes.node(n.Input)
	case *plan.Filter:
		return ctes.filter(n)
	case *plan.Limit:
		return ctes.node(n.Input)
	case *plan.SetOp:
		return n.Kind == plan.Union && n.All && ctes.node(n.L) && ctes.node(n.R)
	case *plan.With:
		for _, c := range n.CTEs {
			ctes[c.ID] = c
		}
		return ctes.node(n.Input)
	case *plan.CTEScan:
		c := ctes[n.CTE]
		inlined := c != nil && !c.Recursive && c.Materialized != plan.MaterializedAlways && (c.References == 1 || c.Materialized == plan.MaterializedNever)
		return !inlined || ctes.node(c.Plan)
	}
	return false
}

// filter: a condition that is never true leaves no scan, and IN and an EXISTS that looks at the row become joins.
func (ctes cteScope) filter(n *plan.Filter) bool {
	for _, p := range n.Preds {
		if c, ok := p.(*plan.Const); ok && (c.Value.Null || c.Value.I == 0) {
			return false
		}
		not, negated := p.(*plan.Not)
		if negated {
			p = not.Arg
		}
		q, ok := p.(*plan.Subquery)
		if ok && (q.Kind == plan.Exists && len(plan.FreeIDs(q.Plan)) > 0 || q.Kind == plan.Any && !negated) {
			return false
		}
	}
	return ctes.node(n.Input)
}
