package plan

// CloneFresh copies a tree with a fresh id for every column that a node in it gives; free ids stay. The map leads from old
// ids to new ones. CTEs defined inside keep their numbers, so a tree that holds a With must replace the original, not
// stand beside it.
func CloneFresh(root Node, ids *IDs) (Node, map[ColID]ColID) {
	c := &cloner{ids: ids, to: map[ColID]ColID{}}
	c.collect(root)
	return c.node(root), c.to
}

type cloner struct {
	ids *IDs
	to  map[ColID]ColID
}

func (c *cloner) collect(root Node) {
	Walk(root, func(n Node) bool {
		for _, col := range n.Columns() {
			if _, ok := c.to[col.ID]; !ok {
				c.to[col.ID] = c.ids.Next()
			}
		}
		if r, ok := n.(*Remote); ok {
			for _, col := range r.Scan.Columns() {
				if _, ok := c.to[col.ID]; !ok {
					c.to[col.ID] = c.ids.Next()
				}
			}
		}
		for _, e := range Exprs(n) {
			WalkExpr(e, func(e Expr) bool {
				if s, ok := e.(*Subquery); ok {
					c.collect(s.Plan)
				}
				return true
			})
		}
		return true
	})
}

func (c *cloner) id(id ColID) ColID {
	if to, ok := c.to[id]; ok {
		return to
	}
	return id
}

func (c *cloner) idList(in []ColID) []ColID {
	out := make([]ColID, len(in))
	for i, id := range in {
		out[i] = c.id(id)
	}
	return out
}

func (c *cloner) col(col Column) Column {
	col.ID = c.id(col.ID)
	return col
}

func (c *cloner) cols(in []Column) []Column {
	out := make([]Column, len(in))
	for i, col := range in {
		out[i] = c.col(col)
	}
	return out
}

func (c *cloner) renames(in []Rename) []Rename {
	out := make([]Rename, len(in))
	for i, r := range in {
		out[i] = Rename{Out: c.col(r.Out), In: c.id(r.In)}
	}
	return out
}

func (c *cloner) expr(e Expr) Expr {
	return RewriteExpr(e, func(e Expr) Expr {
		switch e := e.(type) {
		case *ColRef:
			if id := c.id(e.ID); id != e.ID {
				r := *e
				r.ID = id
				return &r
			}
		case *Subquery:
			return e.WithPlan(c.node(e.Plan))
		}
		return e
	})
}

func (c *cloner) node(n Node) Node {
	in := n.Children()
	out := make([]Node, len(in))
	for i, x := range in {
		out[i] = c.node(x)
	}
	n = MapExprs(n.WithChildren(out), c.expr)
	switch n := n.(type) {
	case *Scan:
		return c.scan(n)
	case *SystemScan:
		r := *n
		r.Cols = c.cols(n.Cols)
		return &r
	case *Values:
		return &Values{Cols: c.cols(n.Cols), Rows: n.Rows}
	case *FunctionScan:
		r := *n
		r.Cols = c.cols(n.Cols)
		return &r
	case *Project:
		return &Project{Input: n.Input, Exprs: c.named(n.Exprs)}
	case *ProjectSet:
		return &ProjectSet{Input: n.Input, Exprs: c.named(n.Exprs)}
	case *Distinct:
		return &Distinct{Input: n.Input, On: c.onList(n.On)}
	case *Join:
		r := *n
		r.LeftOut, r.RightOut = c.renames(n.LeftOut), c.renames(n.RightOut)
		return &r
	case *Apply:
		r := *n
		r.Outer, r.RightOut = c.idList(n.Outer), c.renames(n.RightOut)
		return &r
	case *Aggregate:
		r := *n
		r.Keys = c.named(n.Keys)
		r.Aggs = append([]AggCall(nil), n.Aggs...)
		for i := range r.Aggs {
			r.Aggs[i].Out = c.col(r.Aggs[i].Out)
		}
		r.Grouping = append([]GroupingCall(nil), n.Grouping...)
		for i := range r.Grouping {
			r.Grouping[i].Out = c.col(r.Grouping[i].Out)
		}
		return &r
	case *Window:
		r := *n
		r.Calls = append([]WindowCall(nil), n.Calls...)
		for i := range r.Calls {
			r.Calls[i].Out = c.col(r.Calls[i].Out)
		}
		r.While = append([]RowLimit(nil), n.While...)
		for i := range r.While {
			for k, call := range n.Calls {
				if call.Out.ID == r.While[i].Call {
					r.While[i].Call = r.Calls[k].Out.ID
				}
			}
		}
		return &r
	case *SetOp:
		r := *n
		r.Cols, r.LeftIn, r.RightIn = c.cols(n.Cols), c.idList(n.LeftIn), c.idList(n.RightIn)
		return &r
	case *With:
		r := &With{Input: n.Input}
		for _, x := range n.CTEs {
			cte := *x
			cte.Cols = c.cols(x.Cols)
			r.CTEs = append(r.CTEs, &cte)
		}
		return r
	case *CTEScan:
		r := *n
		r.Cols, r.Source = c.cols(n.Cols), c.idList(n.Source)
		return &r
	case *WorkTable:
		r := *n
		r.Cols, r.Source = c.cols(n.Cols), c.idList(n.Source)
		return &r
	case *Recursive:
		r := *n
		r.Cols, r.StartIn, r.StepIn = c.cols(n.Cols), c.idList(n.StartIn), c.idList(n.StepIn)
		return &r
	case *Remote:
		r := *n
		r.Scan, r.CountCol = c.scan(n.Scan), c.col(n.CountCol)
		return &r
	}
	return n
}

func (c *cloner) onList(in []ColID) []ColID {
	if in == nil {
		return nil
	}
	return c.idList(in)
}

func (c *cloner) scan(n *Scan) *Scan {
	r := *n
	r.Cols = append([]ScanColumn(nil), n.Cols...)
	for i := range r.Cols {
		r.Cols[i].Column = c.col(r.Cols[i].Column)
	}
	return &r
}

func (c *cloner) named(in []Named) []Named {
	out := make([]Named, len(in))
	for i, x := range in {
		out[i] = Named{Column: c.col(x.Column), Expr: x.Expr}
	}
	return out
}
