package plan

// Exprs lists the expressions that a node itself holds (not its children's).
func Exprs(n Node) []Expr {
	var out []Expr
	add := func(es ...Expr) {
		for _, e := range es {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	keys := func(ks []SortKey) {
		for _, k := range ks {
			add(k.Expr)
		}
	}
	switch n := n.(type) {
	case *SystemScan:
		if n.Lookup != nil {
			add(n.Lookup.Value)
		}
	case *Values:
		for _, r := range n.Rows {
			add(r...)
		}
	case *FunctionScan:
		for _, c := range n.Calls {
			add(c.Expr)
		}
	case *Project:
		for _, x := range n.Exprs {
			add(x.Expr)
		}
	case *ProjectSet:
		for _, x := range n.Exprs {
			add(x.Expr)
		}
	case *Filter:
		add(n.Preds...)
	case *Sort:
		keys(n.Keys)
	case *TopN:
		keys(n.Keys)
		add(n.Count, n.Offset)
	case *Limit:
		add(n.Count, n.Offset)
		keys(n.Ties)
	case *Join:
		add(n.On...)
	case *Apply:
		add(n.On...)
	case *Aggregate:
		for _, k := range n.Keys {
			add(k.Expr)
		}
		for _, a := range n.Aggs {
			add(a.Args...)
			add(a.Direct...)
			keys(a.Order)
			add(a.Filter)
		}
	case *Window:
		add(n.Partition...)
		keys(n.Order)
		add(n.Frame.StartOffset, n.Frame.EndOffset)
		for _, c := range n.Calls {
			add(c.Args...)
			add(c.Filter)
		}
	case *Remote:
		add(n.Check...)
		add(n.Filter...)
		keys(n.Order)
	}
	return out
}

// MapExprs returns the node with every expression that it itself holds replaced by f, or the node itself if f changed none.
func MapExprs(n Node, f func(Expr) Expr) Node {
	changed := false
	one := func(e Expr) Expr {
		if e == nil {
			return nil
		}
		r := f(e)
		changed = changed || r != e
		return r
	}
	many := func(es []Expr) []Expr {
		if es == nil {
			return nil
		}
		out := make([]Expr, len(es))
		for i, e := range es {
			out[i] = one(e)
		}
		return out
	}
	named := func(xs []Named) []Named {
		out := make([]Named, len(xs))
		for i, x := range xs {
			out[i] = Named{Column: x.Column, Expr: one(x.Expr)}
		}
		return out
	}
	keys := func(ks []SortKey) []SortKey {
		if ks == nil {
			return nil
		}
		out := make([]SortKey, len(ks))
		for i, k := range ks {
			out[i] = k
			out[i].Expr = one(k.Expr)
		}
		return out
	}
	var out Node
	switch n := n.(type) {
	case *SystemScan:
		if n.Lookup == nil {
			return n
		}
		c, l := *n, *n.Lookup
		l.Value = one(l.Value)
		c.Lookup = &l
		out = &c
	case *Values:
		c := &Values{Cols: n.Cols, Rows: make([][]Expr, len(n.Rows))}
		for i, r := range n.Rows {
			c.Rows[i] = many(r)
		}
		out = c
	case *FunctionScan:
		c := *n
		c.Calls = make([]FunctionCall, len(n.Calls))
		for i, x := range n.Calls {
			x.Expr = one(x.Expr)
			c.Calls[i] = x
		}
		out = &c
	case *Project:
		out = &Project{Input: n.Input, Exprs: named(n.Exprs)}
	case *ProjectSet:
		out = &ProjectSet{Input: n.Input, Exprs: named(n.Exprs)}
	case *Filter:
		out = &Filter{Input: n.Input, Preds: many(n.Preds)}
	case *Sort:
		out = &Sort{Input: n.Input, Keys: keys(n.Keys)}
	case *TopN:
		c := *n
		c.Keys, c.Count, c.Offset = keys(n.Keys), one(n.Count), one(n.Offset)
		out = &c
	case *Limit:
		c := *n
		c.Count, c.Offset, c.Ties = one(n.Count), one(n.Offset), keys(n.Ties)
		out = &c
	case *Join:
		c := *n
		c.On = many(n.On)
		out = &c
	case *Apply:
		c := *n
		c.On = many(n.On)
		out = &c
	case *Aggregate:
		c := *n
		c.Keys = named(n.Keys)
		c.Aggs = make([]AggCall, len(n.Aggs))
		for i, a := range n.Aggs {
			a.Args, a.Direct, a.Order, a.Filter = many(a.Args), many(a.Direct), keys(a.Order), one(a.Filter)
			c.Aggs[i] = a
		}
		out = &c
	case *Window:
		c := *n
		c.Partition, c.Order = many(n.Partition), keys(n.Order)
		c.Frame.StartOffset, c.Frame.EndOffset = one(n.Frame.StartOffset), one(n.Frame.EndOffset)
		c.Calls = make([]WindowCall, len(n.Calls))
		for i, x := range n.Calls {
			x.Args, x.Filter = many(x.Args), one(x.Filter)
			c.Calls[i] = x
		}
		out = &c
	case *Remote:
		c := *n
		c.Check, c.Filter, c.Order = many(n.Check), many(n.Filter), keys(n.Order)
		out = &c
	default:
		return n
	}
	if !changed {
		return n
	}
	return out
}

// Rewrite rebuilds the tree from the leaves up with f, which returns its argument where nothing changes. Plans inside
// Subquery expressions are not entered.
func Rewrite(n Node, f func(Node) Node) Node {
	in := n.Children()
	if len(in) > 0 {
		out := make([]Node, len(in))
		for i, c := range in {
			out[i] = Rewrite(c, f)
		}
		n = n.WithChildren(out)
	}
	return f(n)
}

// RewriteDeep is Rewrite that also enters the plans of Subquery expressions, before the node that holds them.
func RewriteDeep(n Node, f func(Node) Node) Node {
	return Rewrite(n, func(n Node) Node {
		n = MapExprs(n, func(e Expr) Expr {
			return RewriteExpr(e, func(e Expr) Expr {
				if s, ok := e.(*Subquery); ok {
					return s.WithPlan(RewriteDeep(s.Plan, f))
				}
				return e
			})
		})
		return f(n)
	})
}

// RewriteExpr rebuilds the expression from its operands up with f.
func RewriteExpr(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	ops := e.Operands()
	var out []Expr // made when the first operand changes
	for i, o := range ops {
		r := RewriteExpr(o, f)
		if r != o && out == nil {
			out = append(make([]Expr, 0, len(ops)), ops[:i]...)
		}
		if out != nil {
			out = append(out, r)
		}
	}
	if out != nil {
		e = e.WithOperands(out)
	}
	return f(e)
}

// WalkExpr calls f for the expression and, where f returns true, for its operands.
func WalkExpr(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	for _, o := range e.Operands() {
		WalkExpr(o, f)
	}
}

// Walk calls f for the node and, where f returns true, for its children. Plans inside expressions are not entered.
func Walk(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	for _, c := range n.Children() {
		Walk(c, f)
	}
}

// Refs adds the column ids that the expression uses, also those that its subqueries use freely.
func Refs(e Expr, into Set) {
	WalkExpr(e, func(e Expr) bool {
		switch e := e.(type) {
		case *ColRef:
			into.Add(e.ID)
		case *Subquery:
			free := FreeIDs(e.Plan)
			for id := range free {
				into.Add(id)
			}
			if e.Test != nil {
				own, refs := Set{}, Set{}
				for _, c := range e.Plan.Columns() {
					own.Add(c.ID)
				}
				Refs(e.Test, refs)
				for id := range refs {
					if !own.Has(id) {
						into.Add(id)
					}
				}
			}
			return false
		}
		return true
	})
}

// FreeIDs are the ids that the tree uses and no node in it gives: columns of outer queries.
func FreeIDs(n Node) Set {
	used, given := Set{}, Set{}
	var visit func(Node)
	visit = func(n Node) {
		for _, c := range n.Columns() {
			given.Add(c.ID)
		}
		for _, e := range Exprs(n) {
			Refs(e, used)
		}
		for _, c := range n.Children() {
			visit(c)
		}
	}
	visit(n)
	free := Set{}
	for id := range used {
		if !given.Has(id) {
			free.Add(id)
		}
	}
	return free
}
