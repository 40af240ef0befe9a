package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// cte is a query of WITH while its statement is bound.
type cte struct {
	name  string
	loc   int
	level *scope
	plan  *plan.CTE
	outs  []outCol

	recursive bool
	// term is the level of the recursive term while that is bound: references are then to the working table.
	inTerm   bool
	termRefs int
	binding  bool // its query is being bound and cannot be referenced yet
}

// findCTE finds a CTE by name, level by level outward.
func (b *binder) findCTE(s *scope, name string) *cte {
	for lvl := s; lvl != nil; lvl = lvl.parent {
		for i := len(lvl.ctes) - 1; i >= 0; i-- {
			if lvl.ctes[i].name == name {
				return lvl.ctes[i]
			}
		}
	}
	return nil
}

// futureCTE is the error for a table name that is a CTE which is not visible yet (isFutureCTE).
func (b *binder) futureCTE(s *scope, rv *pg_query.RangeVar, loc int) {
	if rv.Schemaname != "" {
		return
	}
	for lvl := s; lvl != nil; lvl = lvl.parent {
		for _, c := range lvl.future {
			if c.name == rv.Relname {
				b.fail(pgerr.Newf(pgerr.UndefinedTable, `relation "%s" does not exist`, rv.Relname).
					WithDetail(`There is a WITH item named "%s", but it cannot be referenced from this part of the query.`, rv.Relname).
					WithHint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references."), loc)
			}
		}
	}
}

// withClause binds WITH (transformWithClause); the CTEs come in an order in which each refers to earlier ones only.
func (b *binder) withClause(s *scope, w *pg_query.WithClause) []*cte {
	if w == nil {
		return nil
	}
	seen := map[string]bool{}
	var all []*cte
	var nodes []*pg_query.CommonTableExpr
	for _, n := range w.Ctes {
		x := n.GetCommonTableExpr()
		if seen[x.Ctename] {
			b.failf(pgerr.DuplicateAlias, int(x.Location), `WITH query name "%s" specified more than once`, x.Ctename)
		}
		seen[x.Ctename] = true
		switch x.Ctequery.GetNode().(type) {
		case *pg_query.Node_SelectStmt:
		case *pg_query.Node_InsertStmt, *pg_query.Node_UpdateStmt, *pg_query.Node_DeleteStmt, *pg_query.Node_MergeStmt:
			b.readOnly("SELECT") // which the statement as a whole is
		default:
			b.unsupported(int(x.Location), "Use a SELECT.", "this kind of statement in WITH is not supported")
		}
		b.cteIDs++
		c := &cte{name: x.Ctename, loc: int(x.Location), level: s, plan: &plan.CTE{ID: b.cteIDs, Name: x.Ctename}}
		switch x.Ctematerialized {
		case pg_query.CTEMaterialize_CTEMaterializeAlways:
			c.plan.Materialized = plan.MaterializedAlways
		case pg_query.CTEMaterialize_CTEMaterializeNever:
			c.plan.Materialized = plan.MaterializedNever
		}
		all, nodes = append(all, c), append(nodes, x)
	}
	if !w.Recursive {
		for i, c := range all {
			s.future = all[i:]
			b.cteQuery(s, c, nodes[i])
			s.ctes = append(s.ctes, c)
		}
		s.future = nil
		return all
	}
	// All names are visible to all; dependencies decide the order.
	deps := cteDependencies(all, nodes)
	order := b.cteOrder(all, deps)
	for _, i := range order {
		all[i].recursive = deps[i][i]
		if all[i].recursive {
			b.checkRecursion(all[i], nodes[i])
		}
	}
	// Only those already bound may be found; a name that is its own is visible inside its query.
	var out []*cte
	for _, i := range order {
		c := all[i]
		if c.recursive {
			s.ctes = append(s.ctes, c)
			out = append(out, b.recursiveCTE(s, c, nodes[i])...)
		} else {
			b.cteQuery(s, c, nodes[i])
			s.ctes = append(s.ctes, c)
		}
		out = append(out, c)
	}
	return out
}

// cteQuery binds a CTE that is not recursive.
func (b *binder) cteQuery(s *scope, c *cte, x *pg_query.CommonTableExpr) {
	q := b.selectStmt(s.child(), x.Ctequery.GetSelectStmt())
	if x.SearchClause != nil || x.CycleClause != nil {
		b.failf(pgerr.SyntaxError, int(x.Location), "WITH query is not recursive")
	}
	c.plan.Plan = q.node
	b.cteColumns(c, x, q.outs)
	for _, o := range c.outs {
		c.plan.Cols = append(c.plan.Cols, plan.Column{ID: o.id, Name: o.name, Type: o.typ})
	}
}

// cteColumns gives the CTE its column names (analyzeCTETargetList).
func (b *binder) cteColumns(c *cte, x *pg_query.CommonTableExpr, outs []outCol) {
	names := stringsOf(x.Aliascolnames)
	if len(names) > len(outs) {
		b.failf(pgerr.InvalidColumnReference, int(x.Location), `WITH query "%s" has %d columns available but %d columns specified`, c.name, len(outs), len(names))
	}
	c.outs = append([]outCol(nil), outs...)
	for i, n := range names {
		c.outs[i].name, c.outs[i].folded = n, false
	}
}

// cteRef is a reference in FROM: a scan with fresh ids.
func (b *binder) cteRef(s *scope, c *cte, rv *pg_query.RangeVar) (plan.Node, []*nsItem) {
	it := &nsItem{name: c.name, cte: c, relVisible: true, colsVisible: true, rowType: sqltype.OIDRecord, unlockable: "a WITH query"}
	if rv.Alias != nil {
		it.name, it.aliasd = rv.Alias.Aliasname, true
	}
	if c.binding {
		b.fail(pgerr.Newf(pgerr.InvalidRecursion, `recursive reference to query "%s" must not appear within its non-recursive term`, c.name), int(rv.Location))
	}
	var cols []plan.Column
	var src []plan.ColID
	for _, o := range c.outs {
		pc := b.fresh(s, o.name, o.typ)
		b.setOrigin(&pc, origin{o.rel, o.attnum})
		cols, src = append(cols, pc), append(src, o.id)
		if rec, ok := b.records[o.id]; ok {
			b.records[pc.ID] = rec
		}
		it.cols = append(it.cols, &nsCol{name: o.name, folded: o.folded, id: pc.ID, typ: o.typ})
	}
	b.aliasColumns(it, rv.Alias)
	b.addItem(s, it)
	if c.inTerm {
		c.termRefs++
		if c.termRefs > 1 {
			b.failf(pgerr.InvalidRecursion, int(rv.Location), `recursive reference to query "%s" must not appear more than once`, c.name)
		}
		return &plan.WorkTable{CTE: c.plan.ID, Name: c.name, Alias: it.name, Cols: cols, Source: src}, []*nsItem{it}
	}
	c.plan.References++
	return &plan.CTEScan{CTE: c.plan.ID, Name: c.name, Alias: it.name, Cols: cols, Source: src}, []*nsItem{it}
}

// recursiveCTE binds start UNION [ALL] step. The step sees the working table with the start's types.
// It gives the CTEs of a WITH of its own, which come before it: the plan of a recursive CTE is the recursion itself.
func (b *binder) recursiveCTE(s *scope, c *cte, x *pg_query.CommonTableExpr) []*cte {
	sel := x.Ctequery.GetSelectStmt()
	if x.SearchClause != nil || x.CycleClause != nil {
		b.unsupported(int(x.Location), "Compute the path or the order in the recursive term.", "SEARCH and CYCLE are not supported")
	}
	lvl := s.child()
	ctes := b.withClause(lvl, sel.WithClause)
	left := lvl.child()
	left.resolveUnknown = true
	c.binding = true
	start := b.selectStmt(left, sel.Larg)
	c.binding = false
	lvl.addBranch(start.outs)
	b.cteColumns(c, x, start.outs)
	types := make([]sqltype.Type, len(c.outs))
	// The CTE's columns get ids of their own: those of the union.
	startOuts := append([]outCol(nil), start.outs...)
	for i := range c.outs {
		types[i] = c.outs[i].typ
		pc := b.fresh(lvl, c.outs[i].name, c.outs[i].typ)
		c.outs[i].id, c.outs[i].rel, c.outs[i].attnum, c.outs[i].untyped = pc.ID, 0, 0, nil
		c.plan.Cols = append(c.plan.Cols, pc)
	}
	c.inTerm = true
	right := lvl.child()
	right.resolveUnknown = false
	right.recursiveTerm = c
	step := b.selectStmt(right, sel.Rarg)
	c.inTerm = false
	if len(step.outs) != len(startOuts) {
		b.failf(pgerr.SyntaxError, b.selectLoc(sel.Rarg), "each UNION query must have the same number of columns")
	}
	rec := &plan.Recursive{CTE: c.plan.ID, All: sel.All, Start: start.node, Cols: c.plan.Cols}
	for _, o := range startOuts {
		rec.StartIn = append(rec.StartIn, o.id)
	}
	var want []sqltype.Type
	for i, o := range step.outs {
		le := at(b, &plan.ColRef{ID: startOuts[i].id, T: types[i]}, -1)
		t, _ := b.setOpType([]plan.Expr{le, b.outExpr(o)}, "UNION")
		if t.OID != types[i].OID || t.Typmod != types[i].Typmod {
			b.fail(pgerr.Newf(pgerr.DatatypeMismatch, `recursive query "%s" column %d has type %s in non-recursive term but type %s overall`,
				c.name, i+1, b.typeNameMod(types[i]), b.typeNameMod(t)).WithHint("Cast the output of the non-recursive term to the correct type."), b.startColumnLoc(sel.Larg, i))
		}
		want = append(want, t)
	}
	node, ids := b.coerceOutputs(right, step, want, "UNION")
	rec.Step, rec.StepIn = node, ids
	if !sel.All {
		for i, t := range types {
			b.needEquality(t.OID, b.startColumnLoc(sel.Larg, i))
		}
	}
	c.plan.Recursive = true
	c.plan.Plan = rec
	return ctes
}

// startColumnLoc is where an output of the non-recursive term stands.
func (b *binder) startColumnLoc(sel *pg_query.SelectStmt, i int) int {
	for sel.Larg != nil {
		sel = sel.Larg
	}
	if i < len(sel.TargetList) {
		return rawLoc(sel.TargetList[i].GetResTarget().GetVal())
	}
	return -1
}

// wrapWith puts the CTEs that are referenced around a plan.
func wrapWith(ctes []*cte, n plan.Node) plan.Node {
	var used []*plan.CTE
	for i := len(ctes) - 1; i >= 0; i-- {
		if ctes[i].plan.References > 0 {
			used = append([]*plan.CTE{ctes[i].plan}, used...)
		}
	}
	if len(used) == 0 {
		return n
	}
	return &plan.With{CTEs: used, Input: n}
}
