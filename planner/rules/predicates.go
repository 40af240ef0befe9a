package rules

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// MovePredicates moves predicates as far down as they keep their meaning: through projections (by substitution), sorts,
// distinct, grouping keys, window partitions, set operations, into the sides of joins; what names both sides of an inner
// join becomes its condition.
//
// Counter-examples: a predicate on the nullable side of an outer join filters null-extended rows and stays above (unless the
// outer join can be inner, see outerjoin.go); nothing moves below LIMIT; a predicate on an aggregate's result stays; a
// volatile predicate stays, and so does one on a volatile column; one on a set-returning column stays. Equal values may be told
// apart (1.5 and 1.50 as text), so only predicates that cannot do so move below a window's partition or EXCEPT, where a row
// that is dropped early would have counted; below DISTINCT, UNION and GROUP BY they only choose which of the equal values
// shows, and PostgreSQL moves them there too.
func MovePredicates(root plan.Node, ids *plan.IDs) plan.Node {
	m := &mover{ids: ids}
	return m.subqueries(m.node(root))
}

type mover struct{ ids *plan.IDs }

// subqueries treats the plans inside expressions.
func (m *mover) subqueries(root plan.Node) plan.Node {
	return plan.Rewrite(root, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e plan.Expr) plan.Expr {
			return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
				if s, ok := e.(*plan.Subquery); ok {
					return s.WithPlan(m.subqueries(m.node(s.Plan)))
				}
				return e
			})
		})
	})
}

func (m *mover) node(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return m.push(m.keepVolatile(n))
	case *plan.Join:
		return m.join(n, nil)
	}
	in := n.Children()
	if len(in) == 0 {
		return n
	}
	out := make([]plan.Node, len(in))
	for i, c := range in {
		out[i] = m.node(c)
	}
	return n.WithChildren(out)
}

// keepVolatile splits a filter: predicates up to the first volatile one may move.
func (m *mover) keepVolatile(f *plan.Filter) (n plan.Node, move, stay []plan.Expr) {
	for _, p := range f.Preds {
		if plan.IsVolatile(p) {
			stay = append(stay, p)
			continue
		}
		move = append(move, p)
	}
	return f.Input, move, stay
}

func (m *mover) push(n plan.Node, preds, stay []plan.Expr) plan.Node {
	return filtered(m.into(n, preds), stay)
}

func filtered(n plan.Node, preds []plan.Expr) plan.Node {
	if len(preds) == 0 {
		return n
	}
	if f, ok := n.(*plan.Filter); ok {
		return &plan.Filter{Input: f.Input, Preds: append(append([]plan.Expr(nil), f.Preds...), preds...)}
	}
	return &plan.Filter{Input: n, Preds: preds}
}

// into puts the predicates, none of them volatile, into n as deep as they go.
func (m *mover) into(n plan.Node, preds []plan.Expr) plan.Node {
	if len(preds) == 0 {
		return m.node(n)
	}
	switch n := n.(type) {
	case *plan.Filter:
		in, move, stay := m.keepVolatile(n)
		return filtered(m.into(in, append(move, preds...)), stay)
	case *plan.Project:
		down, stay := m.throughProject(n.Exprs, preds)
		return filtered(&plan.Project{Input: m.into(n.Input, down), Exprs: n.Exprs}, stay)
	case *plan.ProjectSet:
		down, stay := m.throughProject(n.Exprs, preds)
		return filtered(&plan.ProjectSet{Input: m.into(n.Input, down), Exprs: n.Exprs}, stay)
	case *plan.Sort:
		return n.WithChildren([]plan.Node{m.into(n.Input, preds)})
	case *plan.Distinct:
		if n.On == nil {
			return n.WithChildren([]plan.Node{m.into(n.Input, preds)})
		}
		on := plan.Set{}
		on.Add(n.On...)
		down, stay := splitBy(preds, n, on)
		return filtered(n.WithChildren([]plan.Node{m.into(n.Input, down)}), stay)
	case *plan.Aggregate:
		if len(n.Keys) == 0 || n.Sets != nil {
			break
		}
		keys := plan.Set{}
		for _, k := range n.Keys {
			if !plan.IsVolatile(k.Expr) {
				keys.Add(k.Column.ID)
			}
		}
		move, stay := splitBy(preds, n, keys)
		down := make([]plan.Expr, len(move))
		for i, p := range move {
			down[i] = substitute(p, n.Keys)
		}
		return filtered(n.WithChildren([]plan.Node{m.into(n.Input, down)}), stay)
	case *plan.Window:
		part := plan.Set{}
		for _, p := range n.Partition {
			if c, ok := p.(*plan.ColRef); ok {
				part.Add(c.ID)
			}
		}
		down, stay := splitBy(preds, n, part)
		down, stay = keepTelling(down, stay)
		return filtered(n.WithChildren([]plan.Node{m.into(n.Input, down)}), stay)
	case *plan.SetOp:
		return m.throughSetOp(n, preds)
	case *plan.With:
		out := n.WithChildren(mapLast(n.Children(), m.node, func(in plan.Node) plan.Node { return m.into(in, preds) }))
		return out
	case *plan.Join:
		return m.join(n, preds)
	case *plan.Apply:
		left := plan.IDsOf(n.L)
		down, stay := splitBy(preds, n, left)
		return filtered(n.WithChildren([]plan.Node{m.into(n.L, down), m.node(n.R)}), stay)
	}
	return filtered(m.node(n), preds)
}

func mapLast(ns []plan.Node, each, last func(plan.Node) plan.Node) []plan.Node {
	out := make([]plan.Node, len(ns))
	for i, n := range ns {
		if i == len(ns)-1 {
			out[i] = last(n)
		} else {
			out[i] = each(n)
		}
	}
	return out
}

// throughProject substitutes. A predicate stays if it names a column that is volatile, a set or holds a subquery.
func (m *mover) throughProject(exprs []plan.Named, preds []plan.Expr) (down, stay []plan.Expr) {
	blocked := plan.Set{}
	for _, x := range exprs {
		if plan.IsVolatile(x.Expr) || plan.HasSubquery(x.Expr) || isSet(x.Expr) {
			blocked.Add(x.Column.ID)
		}
	}
	for _, p := range preds {
		refs := plan.Set{}
		plan.Refs(p, refs)
		ok := true
		for id := range refs {
			ok = ok && !blocked.Has(id)
		}
		if !ok {
			stay = append(stay, p)
			continue
		}
		down = append(down, substitute(p, exprs))
	}
	return down, stay
}

func isSet(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, ok := e.(*plan.Call); ok && c.Fn.RetSet {
			found = true
		}
		return !found
	})
	return found
}

func (m *mover) throughSetOp(n *plan.SetOp, preds []plan.Expr) plan.Node {
	var stay []plan.Expr
	preds, stay = splitIf(preds, func(p plan.Expr) bool {
		// A subquery cannot stand on both sides: its columns have one id each.
		return !plan.HasSubquery(p) && (n.Kind == plan.Union || !tellsApart(p))
	})
	side := func(in []plan.ColID, input plan.Node) []plan.Expr {
		by := map[plan.ColID]plan.Expr{}
		cols := map[plan.ColID]plan.Column{}
		for _, c := range input.Columns() {
			cols[c.ID] = c
		}
		for i, c := range n.Cols {
			src := cols[in[i]]
			by[c.ID] = &plan.ColRef{ID: in[i], T: src.Type, Name: src.Name}
		}
		out := make([]plan.Expr, len(preds))
		for i, p := range preds {
			out[i] = substituteIDs(p, by)
		}
		return out
	}
	return filtered(n.WithChildren([]plan.Node{m.into(n.L, side(n.LeftIn, n.L)), m.into(n.R, side(n.RightIn, n.R))}), stay)
}

func splitIf(preds []plan.Expr, f func(plan.Expr) bool) (yes, no []plan.Expr) {
	for _, p := range preds {
		if f(p) {
			yes = append(yes, p)
		} else {
			no = append(no, p)
		}
	}
	return yes, no
}

// keepTelling moves the predicates that may tell equal values apart from down to stay.
func keepTelling(down, stay []plan.Expr) (d, s []plan.Expr) {
	d, more := splitIf(down, func(p plan.Expr) bool { return !tellsApart(p) })
	return d, append(stay, more...)
}

// tellsApart reports a predicate that may differ between values that = takes for equal. It cannot if its columns' types have one
// form per value, or if it only compares them.
func tellsApart(p plan.Expr) bool {
	found := false
	plan.WalkExpr(p, func(e plan.Expr) bool {
		switch e := e.(type) {
		case *plan.ColRef:
			found = found || !oneForm(e.T)
		case *plan.NullTest:
			_, plain := e.Arg.(*plan.ColRef)
			return !plain
		case *plan.Call:
			if e.Form == plan.FormOperator && comparison(e.Op) && len(e.Args) == 2 {
				for _, a := range e.Args {
					if _, plain := a.(*plan.ColRef); !plain {
						found = found || tellsApart(a)
					}
				}
				return false
			}
		case *plan.Subquery:
			found = true
			return false
		}
		return !found
	})
	return found
}

func comparison(op string) bool {
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// oneForm: equal values of the type are the same value.
func oneForm(t sqltype.Type) bool {
	switch t.OID {
	case sqltype.OIDBool, sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDOID, sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDName,
		sqltype.OIDChar, sqltype.OIDDate, sqltype.OIDTime, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ, sqltype.OIDUUID, sqltype.OIDBytea:
		return true
	}
	return false
}

// splitBy separates the predicates that name columns of own, and none of the node's other columns. Columns of outer queries do not
// hinder.
func splitBy(preds []plan.Expr, node plan.Node, own plan.Set) (in, out []plan.Expr) {
	blocked := plan.IDsOf(node)
	for id := range own {
		delete(blocked, id)
	}
	for _, p := range preds {
		if plan.Place(p, own, blocked) == plan.OnLeft {
			in = append(in, p)
		} else {
			out = append(out, p)
		}
	}
	return in, out
}

// join distributes predicates from above over a join and its sides.
func (m *mover) join(n *plan.Join, preds []plan.Expr) plan.Node {
	if len(preds) > 0 {
		if inner := m.strengthen(n, preds); inner != nil {
			return m.into(inner, preds)
		}
	}
	left, right := plan.IDsOf(n.L), plan.IDsOf(n.R)
	// From above, the names of a null-extended side are fresh: a predicate on them must not move.
	fresh := plan.IDsOf(n)
	for _, s := range []plan.Set{left, right} {
		for id := range s {
			delete(fresh, id)
		}
	}
	var downL, downR, on, above []plan.Expr
	for _, p := range preds {
		if plan.Place(p, fresh, nil) != plan.OnNeither {
			above = append(above, p)
			continue
		}
		switch plan.Place(p, left, right) {
		case plan.OnLeft:
			downL = append(downL, p)
		case plan.OnRight:
			downR = append(downR, p)
		case plan.OnBoth:
			if n.Kind == plan.Inner {
				on = append(on, p)
			} else {
				above = append(above, p)
			}
		default:
			above = append(above, p)
		}
	}
	for _, p := range n.On {
		where := plan.Place(p, left, right)
		switch {
		case plan.IsVolatile(p):
			on = append(on, p)
		case where == plan.OnLeft && (n.Kind == plan.Inner || n.Kind == plan.Semi || n.Kind == plan.Right):
			downL = append(downL, p)
		case where == plan.OnRight && n.Kind != plan.Right && n.Kind != plan.Full:
			downR = append(downR, p)
		default:
			on = append(on, p)
		}
	}
	c := *n
	c.L, c.R, c.On = m.into(n.L, downL), m.into(n.R, downR), on
	return filtered(&c, above)
}
