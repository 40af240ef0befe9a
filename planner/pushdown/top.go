package pushdown

import (
	"math"

	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// limits pushes LIMIT as $top, and ORDER BY with LIMIT as $orderby and $top. The operators stay: they end the read, skip the
// OFFSET, and put right what the service may do differently.
//
// Sound only if the service's rows are SQL's rows: every predicate is Exact, and between the limit and the read there are
// only projections. With ORDER BY the service's order must be SQL's and total, so the key is added; a nullable column is
// left alone, because services that page by key lose its nulls. Counter-example: with a residual filter the first n rows
// may all be dropped here.
func (p *pusher) limits(n plan.Node) plan.Node {
	n = plan.MapExprs(n, p.exists)
	switch n := n.(type) {
	case *plan.Limit:
		rows, ok := wanted(n.Count, n.Offset)
		if !ok || n.WithTies {
			return n
		}
		if below := p.limitBelow(n.Input, rows, nil); below != nil {
			return n.WithChildren([]plan.Node{below})
		}
	case *plan.TopN:
		rows, ok := wanted(n.Count, n.Offset)
		if !ok {
			return n
		}
		if below := p.limitBelow(n.Input, rows, n.Keys); below != nil {
			return n.WithChildren([]plan.Node{below})
		}
	}
	return n
}

// exists lets EXISTS ask for one row: it reads no more.
func (p *pusher) exists(e plan.Expr) plan.Expr {
	return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
		if s, ok := e.(*plan.Subquery); ok && s.Kind == plan.Exists {
			if below := p.limitBelow(s.Plan, 1, nil); below != nil {
				return s.WithPlan(below)
			}
		}
		return e
	})
}

// wanted is how many rows a limit reads at the most.
func wanted(count, offset plan.Expr) (int64, bool) {
	k, ok := count.(*plan.Const)
	if !ok || k.Value.Null || k.Value.I < 1 {
		return 0, false
	}
	rows := k.Value.I
	if offset != nil {
		o, ok := offset.(*plan.Const)
		if !ok || !o.Value.Null && (o.Value.I < 0 || o.Value.I > math.MaxInt64-rows) {
			return 0, false
		}
		if !o.Value.Null {
			rows += o.Value.I
		}
	}
	return rows, true
}

// limitBelow goes down through projections; keys are rewritten to their inputs on the way. nil: nothing changes.
func (p *pusher) limitBelow(n plan.Node, rows int64, keys []plan.SortKey) plan.Node {
	switch n := n.(type) {
	case *plan.Project:
		by := map[plan.ColID]plan.Expr{}
		for _, x := range n.Exprs {
			by[x.Column.ID] = x.Expr
		}
		inner := make([]plan.SortKey, len(keys))
		for i, k := range keys {
			inner[i] = k
			inner[i].Expr = plan.RewriteExpr(k.Expr, func(e plan.Expr) plan.Expr {
				if ref, ok := e.(*plan.ColRef); ok {
					if to, ok := by[ref.ID]; ok {
						return to
					}
				}
				return e
			})
		}
		if below := p.limitBelow(n.Input, rows, inner); below != nil {
			return n.WithChildren([]plan.Node{below})
		}
	case *plan.Filter:
		if len(keys) == 0 { // the rows that pass are not counted, but pages are better asked for on demand
			if below := p.onDemand(n.Input); below != nil {
				return n.WithChildren([]plan.Node{below})
			}
		}
	case *plan.Remote:
		return p.limitRemote(n, rows, keys)
	}
	return nil
}

func (p *pusher) onDemand(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Remote:
		if n.Count || n.RowLimit > 0 {
			return nil
		}
		c := *n
		c.RowLimit = math.MaxInt64
		return &c
	case *plan.Project, *plan.Filter:
		if below := p.onDemand(n.Children()[0]); below != nil {
			return n.WithChildren([]plan.Node{below})
		}
	}
	return nil
}

func (p *pusher) limitRemote(r *plan.Remote, rows int64, keys []plan.SortKey) plan.Node {
	if r.Count || r.Query.Top != nil {
		return nil
	}
	out := *r
	text := "LIMIT"
	if len(keys) > 0 {
		text = "ORDER BY with LIMIT"
	} else {
		out.RowLimit = math.MaxInt64
		if len(r.Filter) == 0 {
			out.RowLimit = rows
		}
	}
	if why := p.noTop(&out, keys); why != "" {
		p.keep(&out, text, why)
		return &out
	}
	order, local, why := p.order(&out, keys, true)
	if why != "" {
		p.keep(&out, text, why)
		return &out
	}
	out.Query.OrderBy, out.Order, out.Ordered = order, local, len(order) > 0
	out.Query.Top = &rows
	out.Limited = true
	out.RowLimit = rows
	out.EstimatedRows = min(out.EstimatedRows, float64(rows))
	p.push(&out, text, profile.Exact)
	return &out
}

func (p *pusher) noTop(r *plan.Remote, keys []plan.SortKey) string {
	prof := p.services.Profile(r.Scan.Service)
	switch {
	case prof == nil:
		return "the service's profile is not known"
	case len(r.Filter) > 0:
		return "rows are still dropped here, so the service's first rows may not be enough"
	case !prof.Top:
		return reason(prof.NoTop, "the service does not limit rows")
	}
	options := []string{"$top"}
	if len(keys) > 0 {
		options = append(options, "$orderby")
	}
	for _, o := range options {
		if why, refused := p.services.NoOption(r.Scan.Service, r.Scan.EntitySet, o); refused {
			return why
		}
	}
	return ""
}

// order translates sort keys to $orderby; total adds the table's key, so that no two rows are equal.
func (p *pusher) order(r *plan.Remote, keys []plan.SortKey, total bool) (order []query.Order, local []plan.SortKey, why string) {
	if len(keys) == 0 {
		return nil, nil, ""
	}
	prof := p.services.Profile(r.Scan.Service)
	named := map[string]bool{}
	for i, k := range keys {
		col, ok := property(r, k.Expr)
		if !ok {
			return nil, nil, "only plain columns are sorted there"
		}
		if !col.Claims.NotNull && !col.Claims.Key {
			return nil, nil, "the column may hold nulls, which services that page by key lose"
		}
		proof, why := prof.OrderVerdict(r.Scan.EntitySet, col.Property.Path.String(), col.Property.Type, false, k.Desc, k.NullsFirst)
		if proof == profile.Unordered || proof == profile.Finer && i < len(keys)-1 {
			return nil, nil, reason(why, "the service's order is not proved to be SQL's")
		}
		if proof == profile.Finer && total {
			return nil, nil, reason(why, "the service's order is finer than SQL's")
		}
		order = append(order, query.Order{Path: col.Property.Path, Desc: k.Desc})
		local = append(local, k)
		named[col.Property.Path.String()] = true
	}
	if !total {
		return order, local, ""
	}
	key := p.services.Key(r.Scan.TableOID)
	if len(key) == 0 {
		return nil, nil, "the table has no key to make the order total"
	}
	for _, k := range key {
		if !named[k.Path.String()] {
			order = append(order, query.Order{Path: k.Path})
		}
	}
	return order, local, ""
}

// sorts pushes an ORDER BY without LIMIT, which saves keeping all rows here. It is sound over a Superset, since dropping rows
// keeps their order. The operator goes, so the order is checked on every row.
func (p *pusher) sorts(n plan.Node) plan.Node {
	s, ok := n.(*plan.Sort)
	if !ok {
		return n
	}
	var below func(n plan.Node, keys []plan.SortKey) plan.Node
	below = func(n plan.Node, keys []plan.SortKey) plan.Node {
		switch n := n.(type) {
		case *plan.Project:
			by := map[plan.ColID]plan.Expr{}
			for _, x := range n.Exprs {
				by[x.Column.ID] = x.Expr
			}
			inner := make([]plan.SortKey, len(keys))
			for i, k := range keys {
				inner[i] = k
				if ref, ok := k.Expr.(*plan.ColRef); ok && by[ref.ID] != nil {
					inner[i].Expr = by[ref.ID]
				}
			}
			if b := below(n.Input, inner); b != nil {
				return n.WithChildren([]plan.Node{b})
			}
		case *plan.Remote:
			prof := p.services.Profile(n.Scan.Service)
			if n.Count || n.Query.Top != nil || prof == nil {
				return nil
			}
			if _, refused := p.services.NoOption(n.Scan.Service, n.Scan.EntitySet, "$orderby"); refused {
				return nil
			}
			order, local, why := p.order(n, keys, false)
			if why != "" {
				return nil
			}
			out := *n
			out.Query.OrderBy, out.Order, out.Ordered = order, local, true
			p.push(&out, "ORDER BY", profile.Exact)
			return &out
		}
		return nil
	}
	if b := below(s.Input, s.Keys); b != nil {
		return b
	}
	return n
}
