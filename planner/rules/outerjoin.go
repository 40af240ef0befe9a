package rules

import "github.com/odatagres/odatagres/planner/plan"

// strengthen turns an outer join into an inner or one-sided one if a predicate above rejects its null-extended rows, which
// PostgreSQL calls reduce_outer_joins. A projection gives the fresh names of the side that no longer is nullable. It returns nil
// where nothing changes.
//
// Sound because such a predicate is never true for a row whose nullable side is null: it is a comparison by a strict
// function, or IS NOT NULL, over a column of that side. Counter-example: WHERE r.x IS NULL keeps exactly the null-extended rows.
func (m *mover) strengthen(n *plan.Join, preds []plan.Expr) plan.Node {
	rejects := func(rs []plan.Rename) bool {
		out := plan.Set{}
		for _, r := range rs {
			out.Add(r.Out.ID)
		}
		for _, p := range preds {
			if rejectsNull(p, out) {
				return true
			}
		}
		return false
	}
	l, r := n.LeftOut != nil && rejects(n.LeftOut), n.RightOut != nil && rejects(n.RightOut)
	c := *n
	switch {
	case n.Kind == plan.Left && r, n.Kind == plan.Right && l, n.Kind == plan.Full && l && r:
		c.Kind, c.LeftOut, c.RightOut = plan.Inner, nil, nil
	case n.Kind == plan.Full && l:
		c.Kind, c.LeftOut = plan.Left, nil
	case n.Kind == plan.Full && r:
		c.Kind, c.RightOut = plan.Right, nil
	default:
		return nil
	}
	p := &plan.Project{Input: &c}
	inputs := map[plan.ColID]plan.ColID{}
	if c.LeftOut == nil {
		for _, x := range n.LeftOut {
			inputs[x.Out.ID] = x.In
		}
	}
	if c.RightOut == nil {
		for _, x := range n.RightOut {
			inputs[x.Out.ID] = x.In
		}
	}
	for _, col := range n.Columns() {
		src := col.ID
		if in, ok := inputs[src]; ok {
			src = in
		}
		p.Exprs = append(p.Exprs, plan.Named{Column: col, Expr: &plan.ColRef{ID: src, T: col.Type, Name: col.Name, Qualifier: m.qualifier(&c, src)}})
	}
	return p
}

func (m *mover) qualifier(n plan.Node, id plan.ColID) string {
	alias := ""
	plan.Walk(n, func(n plan.Node) bool {
		var name string
		switch n := n.(type) {
		case *plan.Scan:
			name = n.Alias
		case *plan.SystemScan:
			name = n.Alias
		default:
			return alias == ""
		}
		for _, c := range n.Columns() {
			if c.ID == id {
				alias = name
			}
		}
		return false
	})
	return alias
}

// rejectsNull reports whether p is never true when the columns of out are null.
func rejectsNull(p plan.Expr, out plan.Set) bool {
	switch p := p.(type) {
	case *plan.Logic:
		for _, a := range p.Args {
			r := rejectsNull(a, out)
			if r && p.Op == plan.And {
				return true
			}
			if !r && p.Op == plan.Or {
				return false
			}
		}
		return p.Op == plan.Or
	case *plan.NullTest:
		return p.Not && !p.Row && nullIfNull(p.Arg, out)
	case *plan.ArrayOp:
		// Over an empty array ANY is false, not null: it rejects the row here, but would not under a NOT.
		return !p.All && p.Fn.Strict && nullIfNull(p.Left, out)
	case *plan.BoolTest:
		return !p.Not && p.Kind != plan.IsUnknown && nullIfNull(p.Arg, out)
	}
	return nullIfNull(p, out)
}

// nullIfNull reports whether e is surely null when the columns of out are.
func nullIfNull(e plan.Expr, out plan.Set) bool {
	switch e := e.(type) {
	case *plan.ColRef:
		return out.Has(e.ID)
	case *plan.Call:
		if !e.Fn.Strict || e.Fn.RetSet {
			return false
		}
		for _, a := range e.Args {
			if nullIfNull(a, out) {
				return true
			}
		}
	case *plan.Cast:
		return (e.Method == plan.CastRelabel || e.Method == plan.CastIO || e.Method == plan.CastTypmod) && nullIfNull(e.Arg, out)
	case *plan.Not:
		return nullIfNull(e.Arg, out)
	}
	return false
}
