package rules

import "github.com/odatagres/odatagres/planner/plan"

// PruneColumns drops the columns that nothing above reads, down to the scans, and projections that only pass columns on.
//
// Counter-examples: DISTINCT, UNION, INTERSECT and EXCEPT compare all their columns; a grouping key counts although it is not
// selected; a filter's own columns are needed below it; a set-returning expression multiplies rows even if its value is not
// read; a volatile expression may stay unevaluated, as in PostgreSQL.
func PruneColumns(root plan.Node, output []plan.ColID) plan.Node {
	need := plan.Set{}
	need.Add(output...)
	p := &pruner{ctes: map[int]plan.Set{}}
	return p.node(root, need)
}

type pruner struct {
	ctes map[int]plan.Set
	stop bool // passed columns, too
}

func (p *pruner) expr(e plan.Expr) plan.Expr {
	return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
		s, ok := e.(*plan.Subquery)
		if !ok {
			return e
		}
		need := plan.Set{}
		switch s.Kind {
		case plan.Exists:
		case plan.Any, plan.All:
			plan.Refs(&plan.Subquery{Kind: plan.Exists, Plan: &plan.Values{}, Test: s.Test}, need)
		default:
			for _, c := range s.Plan.Columns() {
				need.Add(c.ID)
			}
		}
		return s.WithPlan(p.exact(s.Plan, need, s.Kind))
	})
}

// exact prunes below a subquery whose columns are told by place: its own list stays as it is.
func (p *pruner) exact(n plan.Node, need plan.Set, kind plan.SubqueryKind) plan.Node {
	if kind == plan.Scalar || kind == plan.Array || kind == plan.RowSub {
		need = plan.IDsOf(n)
	}
	return p.node(n, need)
}

func (p *pruner) with(need plan.Set, n plan.Node) plan.Set {
	out := plan.Set{}
	for id := range need {
		out.Add(id)
	}
	for _, e := range plan.Exprs(n) {
		plan.Refs(e, out)
	}
	return out
}

func (p *pruner) node(n plan.Node, need plan.Set) plan.Node {
	n = p.narrow(n, need)
	if p.stop {
		n = stopUnread(n, need)
	}
	n = plan.MapExprs(n, p.expr)
	need = p.with(need, n)
	switch n := n.(type) {
	case *plan.Project:
		in := p.node(n.Input, need)
		if passesAll(n, in) {
			return in
		}
		return n.WithChildren([]plan.Node{in})
	case *plan.Distinct:
		if n.On == nil {
			return n.WithChildren([]plan.Node{p.node(n.Input, plan.IDsOf(n.Input))})
		}
		need.Add(n.On...)
	case *plan.SetOp:
		l, r := plan.Set{}, plan.Set{}
		l.Add(n.LeftIn...)
		r.Add(n.RightIn...)
		return n.WithChildren([]plan.Node{p.list(n.L, n.LeftIn, l), p.list(n.R, n.RightIn, r)})
	case *plan.Recursive:
		// A work table hands its columns on by the CTE's list, which stays whole.
		return n.WithChildren([]plan.Node{p.node(n.Start, plan.IDsOf(n.Start)), p.node(n.Step, plan.IDsOf(n.Step))})
	case *plan.Join:
		for _, r := range append(append([]plan.Rename(nil), n.LeftOut...), n.RightOut...) {
			need.Add(r.In)
		}
	case *plan.Apply:
		for _, r := range n.RightOut {
			need.Add(r.In)
		}
		need.Add(n.Outer...)
		for id := range plan.FreeIDs(n.R) {
			need.Add(id)
		}
	case *plan.With:
		return p.withNode(n, need)
	case *plan.CTEScan:
		p.useCTE(n.CTE, n.Source)
	case *plan.WorkTable:
		p.useCTE(n.CTE, n.Source)
	}
	in := n.Children()
	if len(in) == 0 {
		return n
	}
	out := make([]plan.Node, len(in))
	for i, c := range in {
		out[i] = p.node(c, need)
	}
	n = n.WithChildren(out)
	if a, ok := n.(*plan.Apply); ok {
		return applyOuter(a)
	}
	return n
}

// list prunes an input of a set operation, which takes its columns by id.
func (p *pruner) list(n plan.Node, _ []plan.ColID, need plan.Set) plan.Node { return p.node(n, need) }

func (p *pruner) useCTE(id int, source []plan.ColID) {
	if p.ctes[id] == nil {
		p.ctes[id] = plan.Set{}
	}
	p.ctes[id].Add(source...)
}

// computed adds the columns that a CTE computes: PostgreSQL evaluates all of them, so that their errors show although nobody reads
// the column.
func computed(n plan.Node, used plan.Set) {
	project, ok := n.(*plan.Project)
	if !ok {
		return
	}
	for _, item := range project.Exprs {
		switch item.Expr.(type) {
		case *plan.ColRef, *plan.Const:
		default:
			used.Add(item.Column.ID)
		}
	}
}

// withNode prunes the input first, then the CTEs from the last to the first, since a later one reads earlier ones.
func (p *pruner) withNode(n *plan.With, need plan.Set) plan.Node {
	children := n.Children()
	out := make([]plan.Node, len(children))
	last := len(children) - 1
	out[last] = p.node(children[last], need)
	ctes := make([]*plan.CTE, len(n.CTEs))
	for i := last - 1; i >= 0; i-- {
		c := *n.CTEs[i]
		used := p.ctes[c.ID]
		if c.Recursive || used == nil {
			used = plan.IDsOf(c.Plan)
		}
		computed(c.Plan, used)
		c.Plan = p.node(c.Plan, used)
		have := plan.IDsOf(c.Plan)
		var cols []plan.Column
		for _, col := range c.Cols {
			if have.Has(col.ID) {
				cols = append(cols, col)
			}
		}
		c.Cols = cols
		ctes[i] = &c
	}
	return &plan.With{CTEs: ctes, Input: out[last]}
}

// narrow drops what n itself gives and nobody needs.
func (p *pruner) narrow(n plan.Node, need plan.Set) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		var cols []plan.ScanColumn
		for _, c := range n.Cols {
			if need.Has(c.ID) {
				cols = append(cols, c)
			}
		}
		if len(cols) == len(n.Cols) {
			return n
		}
		c := *n
		c.Cols = cols
		return &c
	case *plan.SystemScan:
		cols := neededColumns(n.Cols, need)
		if len(cols) == len(n.Cols) {
			return n
		}
		c := *n
		c.Cols = cols
		return &c
	case *plan.Values:
		return narrowValues(n, need)
	case *plan.Project:
		exprs := neededNamed(n.Exprs, need, nil)
		if len(exprs) == len(n.Exprs) {
			return n
		}
		return &plan.Project{Input: n.Input, Exprs: exprs}
	case *plan.ProjectSet:
		exprs := neededNamed(n.Exprs, need, isSet)
		if len(exprs) == len(n.Exprs) {
			return n
		}
		return &plan.ProjectSet{Input: n.Input, Exprs: exprs}
	case *plan.Aggregate:
		var aggs []plan.AggCall
		for _, a := range n.Aggs {
			if need.Has(a.Out.ID) {
				aggs = append(aggs, a)
			}
		}
		if len(aggs) == len(n.Aggs) {
			return n
		}
		c := *n
		c.Aggs = aggs
		return &c
	case *plan.Window:
		var calls []plan.WindowCall
		for _, a := range n.Calls {
			if need.Has(a.Out.ID) {
				calls = append(calls, a)
			}
		}
		if len(calls) == len(n.Calls) {
			return n
		}
		c := *n
		c.Calls = calls
		return &c
	case *plan.Join:
		l, r := neededRenames(n.LeftOut, need), neededRenames(n.RightOut, need)
		if len(l) == len(n.LeftOut) && len(r) == len(n.RightOut) {
			return n
		}
		c := *n
		c.LeftOut, c.RightOut = l, r
		return &c
	case *plan.Apply:
		r := neededRenames(n.RightOut, need)
		if len(r) == len(n.RightOut) {
			return n
		}
		c := *n
		c.RightOut = r
		return &c
	case *plan.CTEScan:
		cols, src := neededSources(n.Cols, n.Source, need)
		if len(cols) == len(n.Cols) {
			return n
		}
		c := *n
		c.Cols, c.Source = cols, src
		return &c
	case *plan.SetOp:
		if n.Kind != plan.Union || !n.All {
			return n
		}
		var cols []plan.Column
		var l, r []plan.ColID
		for i, col := range n.Cols {
			if need.Has(col.ID) {
				cols, l, r = append(cols, col), append(l, n.LeftIn[i]), append(r, n.RightIn[i])
			}
		}
		if len(cols) == len(n.Cols) {
			return n
		}
		c := *n
		c.Cols, c.LeftIn, c.RightIn = cols, l, r
		return &c
	}
	return n
}

func neededColumns(cols []plan.Column, need plan.Set) []plan.Column {
	var out []plan.Column
	for _, c := range cols {
		if need.Has(c.ID) {
			out = append(out, c)
		}
	}
	return out
}

func neededSources(cols []plan.Column, src []plan.ColID, need plan.Set) ([]plan.Column, []plan.ColID) {
	var out []plan.Column
	var ids []plan.ColID
	for i, c := range cols {
		if need.Has(c.ID) {
			out, ids = append(out, c), append(ids, src[i])
		}
	}
	return out, ids
}

func neededNamed(xs []plan.Named, need plan.Set, always func(plan.Expr) bool) []plan.Named {
	var out []plan.Named
	for _, x := range xs {
		if need.Has(x.Column.ID) || always != nil && always(x.Expr) {
			out = append(out, x)
		}
	}
	return out
}

func neededRenames(rs []plan.Rename, need plan.Set) []plan.Rename {
	if rs == nil {
		return nil
	}
	out := []plan.Rename{}
	for _, r := range rs {
		if need.Has(r.Out.ID) {
			out = append(out, r)
		}
	}
	return out
}

func narrowValues(n *plan.Values, need plan.Set) plan.Node {
	var keep []int
	for i, c := range n.Cols {
		if need.Has(c.ID) {
			keep = append(keep, i)
		}
	}
	if len(keep) == len(n.Cols) {
		return n
	}
	out := &plan.Values{}
	for _, i := range keep {
		out.Cols = append(out.Cols, n.Cols[i])
	}
	for _, r := range n.Rows {
		row := make([]plan.Expr, 0, len(keep))
		for _, i := range keep {
			row = append(row, r[i])
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// passesAll reports a projection that gives exactly its input's columns under their own ids.
func passesAll(n *plan.Project, in plan.Node) bool {
	cols := in.Columns()
	if len(cols) != len(n.Exprs) {
		return false
	}
	for i, x := range n.Exprs {
		ref, ok := x.Expr.(*plan.ColRef)
		if !ok || ref.ID != x.Column.ID || cols[i].ID != ref.ID {
			return false
		}
	}
	return true
}
