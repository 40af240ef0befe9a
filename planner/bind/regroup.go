package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

const (
	oidUnknown = sqltype.OIDUnknown
	oidRecord  = sqltype.OIDRecord
)

// regrouper expresses what stands above an Aggregate by its columns: sub-expressions that equal a key become the key, and
// a column of the level that is left over is the error of check_ungrouped_columns.
type regrouper struct {
	b      *binder
	s      *scope
	agg    *plan.Aggregate
	inside bool // within a subquery
	direct bool // within a direct argument of an ordered-set aggregate
}

// own is the key that an output is by itself: of outputs that are written alike, grouping sets may leave out one and keep the other.
func (g *regrouper) own(group *grouping, t *target) plan.Expr {
	if group == nil {
		return nil
	}
	for i, k := range group.keys {
		if k == t {
			return g.key(i, t.expr)
		}
	}
	return nil
}

// key refers to a key by its place, in the place of an expression.
func (g *regrouper) key(i int, e plan.Expr) plan.Expr {
	k := g.agg.Keys[i].Column
	ref := at(g.b, &plan.ColRef{ID: k.ID, T: k.Type, Name: k.Name}, g.b.loc(e))
	if c, ok := e.(*plan.ColRef); ok {
		ref.Name, ref.Qualifier = c.Name, c.Qualifier
	}
	return ref
}

func (g *regrouper) expr(e plan.Expr) plan.Expr {
	b := g.b
	for i, k := range g.agg.Keys {
		if equalExpr(k.Expr, e) {
			return g.key(i, e)
		}
	}
	switch x := e.(type) {
	case *plan.ColRef:
		return g.column(x)
	case *plan.Subquery:
		return g.subquery(x)
	case *plan.RowExpr:
		if x.Whole {
			return g.whole(x)
		}
	case *plan.Subscript:
		return g.subscript(x)
	}
	ops := e.Operands()
	if len(ops) == 0 {
		return e
	}
	out := make([]plan.Expr, len(ops))
	for i, o := range ops {
		out[i] = g.expr(o)
	}
	r := e.WithOperands(out)
	if r != e {
		b.locs[r] = b.loc(e)
	}
	return r
}

func (g *regrouper) column(c *plan.ColRef) plan.Expr {
	b := g.b
	if b.owner[c.ID] != g.s || b.isAgg(g.s, c.ID) {
		return c
	}
	if g.window(c.ID) {
		return c
	}
	for _, k := range g.agg.Keys {
		if k.Column.ID == c.ID {
			return c
		}
	}
	if b.env.GroupByKey && g.agg.Sets == nil {
		if key := g.dependent(c); key != nil {
			return key
		}
	}
	if e := b.merged[c.ID]; e != nil && g.grouped(e) {
		return g.expr(e)
	}
	return g.ungrouped(c)
}

// grouped reports whether an expression needs only columns of the level that are keys.
func (g *regrouper) grouped(e plan.Expr) bool {
	for _, k := range g.agg.Keys {
		if equalExpr(k.Expr, e) {
			return true
		}
	}
	if c, ok := e.(*plan.ColRef); ok {
		below := g.b.merged[c.ID]
		return g.b.owner[c.ID] != g.s || below != nil && g.grouped(below)
	}
	for _, o := range e.Operands() {
		if !g.grouped(o) {
			return false
		}
	}
	return true
}

// ungrouped is the error for a column that is neither grouped nor aggregated.
func (g *regrouper) ungrouped(c *plan.ColRef) plan.Expr {
	b := g.b
	name := c.Name
	if c.Qualifier != "" {
		name = c.Qualifier + "." + c.Name
	}
	if g.inside {
		b.failf(pgerr.GroupingError, b.loc(c), `subquery uses ungrouped column "%s" from outer query`, name)
	}
	if g.direct {
		b.fail(pgerr.Newf(pgerr.GroupingError, `column "%s" must appear in the GROUP BY clause or be used in an aggregate function`, name).
			WithDetail("Direct arguments of an ordered-set aggregate must use only grouped columns."), b.loc(c))
	}
	b.failf(pgerr.GroupingError, b.loc(c), `column "%s" must appear in the GROUP BY clause or be used in an aggregate function`, name)
	return nil
}

// dependent groups by a column of a table whose declared key is grouped by.
func (g *regrouper) dependent(c *plan.ColRef) plan.Expr {
	for _, it := range g.s.rtable {
		if it.rel == nil || len(it.rel.Key) == 0 {
			continue
		}
		mine := false
		byAttnum := map[int16]plan.ColID{}
		for _, col := range it.cols {
			mine = mine || col.id == c.ID
			byAttnum[col.attnum] = col.id
		}
		if !mine {
			continue
		}
		all := true
		for _, k := range it.rel.Key {
			id := byAttnum[it.rel.Columns[k].Attnum]
			found := false
			for _, key := range g.agg.Keys {
				if r, ok := key.Expr.(*plan.ColRef); ok && r.ID == id {
					found = true
				}
			}
			all = all && found
		}
		if all {
			col := g.b.fresh(g.s, c.Name, c.T)
			g.b.setOrigin(&col, g.b.origins[c.ID])
			g.agg.Keys = append(g.agg.Keys, plan.Named{Column: col, Expr: c})
			return at(g.b, &plan.ColRef{ID: col.ID, T: c.T, Name: c.Name, Qualifier: c.Qualifier}, g.b.loc(c))
		}
	}
	return nil
}

// whole is a whole-row reference, which its columns' being grouped does not make grouped.
func (g *regrouper) whole(r *plan.RowExpr) plan.Expr {
	out := make([]plan.Expr, len(r.Fields))
	for i, f := range r.Fields {
		c, ok := f.(*plan.ColRef)
		if !ok || g.b.owner[c.ID] != g.s {
			out[i] = g.expr(f)
			continue
		}
		if !g.b.env.GroupByKey || g.agg.Sets != nil || g.dependent(c) == nil {
			all := *c
			all.Name = "*"
			g.b.locs[&all] = g.b.loc(r)
			return g.ungrouped(&all)
		}
		out[i] = g.expr(f)
	}
	n := r.WithOperands(out)
	g.b.locs[n] = g.b.loc(r)
	return n
}

// subscript looks at the subscripts before the array, in PostgreSQL's order: it decides which error comes first.
func (g *regrouper) subscript(x *plan.Subscript) plan.Expr {
	ops := x.Operands()
	out := make([]plan.Expr, len(ops))
	upper := 0
	for _, u := range x.Upper {
		if u != nil {
			upper++
		}
	}
	for i := len(ops) - upper; i < len(ops); i++ {
		out[i] = g.expr(ops[i])
	}
	for i := 1; i < len(ops)-upper; i++ {
		out[i] = g.expr(ops[i])
	}
	out[0] = g.expr(ops[0])
	r := x.WithOperands(out)
	g.b.locs[r] = g.b.loc(x)
	return r
}

// window rewrites the arguments of a window function where its result is met for the first time.
func (g *regrouper) window(id plan.ColID) bool {
	w := g.s.winIDs[id]
	if w == nil {
		return false
	}
	if !w.regrouped {
		w.regrouped = true
		for i, x := range w.call.Args {
			w.call.Args[i] = g.expr(x)
		}
		if w.call.Filter != nil {
			w.call.Filter = g.expr(w.call.Filter)
		}
	}
	return true
}

// subquery replaces the level's columns inside a subquery.
func (g *regrouper) subquery(x *plan.Subquery) plan.Expr {
	in := &regrouper{b: g.b, s: g.s, agg: g.agg, inside: true}
	// Of several columns that are not grouped the error names the one of the outermost level, as in PostgreSQL, which looks at a query's own
	// expressions before those of its FROM clause.
	plan.WalkDeep(x.Plan, func(n plan.Node) {
		for _, e := range plan.Exprs(n) {
			in.inner(e)
		}
	})
	p := plan.RewriteDeep(x.Plan, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e plan.Expr) plan.Expr { return in.inner(e) })
	})
	r := x.WithPlan(p)
	if r.Test != nil {
		t := g.expr(r.Test)
		r = r.WithOperands([]plan.Expr{t}).(*plan.Subquery)
	}
	g.b.locs[r] = g.b.loc(x)
	return r
}

// inner rewrites an expression of a subquery's plan; deeper subqueries are rewritten by RewriteDeep before.
func (g *regrouper) inner(e plan.Expr) plan.Expr {
	if _, ok := e.(*plan.Subquery); ok {
		s := e.(*plan.Subquery)
		if s.Test == nil {
			return s
		}
		return s.WithOperands([]plan.Expr{g.inner(s.Test)})
	}
	// Only columns are looked for among the keys inside a subquery, as in PostgreSQL.
	if c, ok := e.(*plan.ColRef); ok {
		for _, k := range g.agg.Keys {
			if equalExpr(k.Expr, c) {
				return &plan.ColRef{ID: k.Column.ID, T: k.Column.Type, Name: k.Column.Name}
			}
		}
		return g.column(c)
	}
	if r, ok := e.(*plan.RowExpr); ok && r.Whole {
		return g.whole(r)
	}
	ops := e.Operands()
	if len(ops) == 0 {
		return e
	}
	out := make([]plan.Expr, len(ops))
	for i, o := range ops {
		out[i] = g.inner(o)
	}
	return e.WithOperands(out)
}
