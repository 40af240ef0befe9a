package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// sortItem is an item of ORDER BY.
type sortItem struct {
	t          *target
	desc       bool
	nullsFirst bool
}

// distinct is DISTINCT or DISTINCT ON.
type distinct struct {
	all bool
	on  []*target
}

// findTarget is findTargetlistEntrySQL92: a name or an ordinal of the target list, else an expression, which joins the list
// as junk if it is not there.
func (b *binder) findTarget(s *scope, st *selectState, n *pg_query.Node, k exprKind) *target {
	if ref := n.GetColumnRef(); ref != nil && len(ref.Fields) == 1 && ref.Fields[0].GetString_() != nil {
		name := ref.Fields[0].GetString_().Sval
		loc := int(ref.Location)
		quoted := quotedParts(b.stmt.Source(), loc, []string{name})[0]
		search := true
		if k == kindGroupBy {
			// In GROUP BY a column of FROM goes before an output name (SQL92 has it so).
			if _, c := b.columnAt(s, name, quoted, loc); c != nil {
				search = false
			}
		}
		if search {
			if t := b.targetNamed(st, name, quoted, k, loc); t != nil {
				return t
			}
		}
	}
	if c := n.GetAConst(); c != nil {
		loc := int(c.Location)
		isInt := c.GetIval() != nil || (c.Val == nil && !c.Isnull)
		if !isInt {
			b.failf(pgerr.SyntaxError, loc, "non-integer constant in %s", k)
		}
		pos := int(c.GetIval().GetIval())
		place := 0
		for _, t := range st.targets {
			if t.junk {
				continue
			}
			place++
			if place == pos {
				return t
			}
		}
		b.failf(pgerr.InvalidColumnReference, loc, "%s position %d is not in select list", k, pos)
	}
	return b.findTargetExpr(s, st, n, k)
}

// targetNamed finds an output by its name; two different outputs of one name are ambiguous.
func (b *binder) targetNamed(st *selectState, name string, quoted bool, k exprKind, loc int) *target {
	for _, anyCase := range passes(quoted) {
		var found *target
		for _, t := range st.targets {
			if t.junk || !matches(t.name, t.folded, name, anyCase) {
				continue
			}
			if found != nil && !equalExpr(found.expr, t.expr) {
				b.failf(pgerr.AmbiguousColumn, loc, `%s "%s" is ambiguous`, k, name)
			}
			if found == nil {
				found = t
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// findTargetExpr is findTargetlistEntrySQL99.
func (b *binder) findTargetExpr(s *scope, st *selectState, n *pg_query.Node, k exprKind) *target {
	e := b.clause(s, n, k)
	for _, t := range st.targets {
		if equalExpr(t.expr, e) {
			return t
		}
	}
	t := &target{expr: e, junk: true}
	st.targets = append(st.targets, t)
	b.checkWidth(len(st.targets))
	return t
}

// sortClause binds ORDER BY (transformSortClause). sql99: only expressions, as in aggregates and windows.
func (b *binder) sortClause(s *scope, st *selectState, nodes []*pg_query.Node, sql99 bool) []sortItem {
	var out []sortItem
	for _, n := range nodes {
		sb := n.GetSortBy()
		var t *target
		if sql99 {
			t = b.findTargetExpr(s, st, sb.Node, s.kind)
		} else {
			t = b.findTarget(s, st, sb.Node, kindOrderBy)
		}
		it, ok := b.sortItem(t, sb, out)
		if ok {
			out = append(out, it)
		}
	}
	return out
}

// sortItem is addTargetToSortList; a key that is there already is left out.
func (b *binder) sortItem(t *target, sb *pg_query.SortBy, have []sortItem) (sortItem, bool) {
	if t.expr.Type().OID == sqltype.OIDUnknown {
		t.expr = b.coerceTo(t.expr, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
	}
	it := sortItem{t: t}
	loc := int(sb.Location)
	if loc < 0 {
		loc = rawLoc(sb.Node)
	}
	oid := t.expr.Type().OID
	switch sb.SortbyDir {
	case pg_query.SortByDir_SORTBY_DESC:
		it.desc = true
		b.needOrdering(oid, loc)
	case pg_query.SortByDir_SORTBY_USING:
		name := operatorName(sb.UseOp)
		b.binaryOperator(name, oid, oid, false, int(sb.Location)) // for its errors
		switch name.name {
		case "<", "~<~":
		case ">", "~>~":
			it.desc = true
		default:
			b.fail(pgerr.Newf(pgerr.WrongObjectType, "operator %s is not a valid ordering operator", name).
				WithHint(`Ordering operators must be "<" or ">" members of btree operator families.`), int(sb.Location))
		}
	default:
		b.needOrdering(oid, loc)
	}
	switch sb.SortbyNulls {
	case pg_query.SortByNulls_SORTBY_NULLS_FIRST:
		it.nullsFirst = true
	case pg_query.SortByNulls_SORTBY_NULLS_LAST:
	default:
		it.nullsFirst = it.desc
	}
	for _, h := range have {
		if h.t == t {
			return it, false
		}
	}
	return it, true
}

// needOrdering refuses types without an order (get_sort_group_operators).
func (b *binder) needOrdering(oid uint32, loc int) {
	if !b.ordered(oid) {
		b.fail(pgerr.Newf(pgerr.UndefinedFunction, "could not identify an ordering operator for type %s", b.typeName(oid)).
			WithHint("Use an explicit ordering operator or modify the query."), loc)
	}
}

// needEquality refuses types without equality.
func (b *binder) needEquality(oid uint32, loc int) {
	if !b.comparable(oid) {
		b.failf(pgerr.UndefinedFunction, loc, "could not identify an equality operator for type %s", b.typeName(oid))
	}
}

// ordered says whether a type has a btree operator class: the type cache looks at arrays' elements.
func (b *binder) ordered(oid uint32) bool {
	if e := b.elem(oid); e != 0 {
		return b.ordered(e)
	}
	if oid == sqltype.OIDXID || oid == sqltype.OIDCID || oid == sqltype.OIDUnknown {
		return oid == sqltype.OIDUnknown
	}
	if b.isRow(oid) {
		return true
	}
	return b.comparison("<", oid) != nil
}

func (b *binder) comparable(oid uint32) bool {
	if e := b.elem(oid); e != 0 {
		return b.comparable(e)
	}
	if b.isRow(oid) || oid == sqltype.OIDUnknown {
		return true
	}
	return b.comparison("=", oid) != nil
}

// distinctClause binds DISTINCT and DISTINCT ON (transformDistinctClause, transformDistinctOnClause).
func (b *binder) distinctClause(s *scope, st *selectState, sel *pg_query.SelectStmt) {
	if len(sel.DistinctClause) == 0 {
		return
	}
	if sel.DistinctClause[0].GetNode() == nil {
		st.distinct.all = true
		for _, it := range st.sort {
			if it.t.junk {
				b.failf(pgerr.InvalidColumnReference, b.loc(it.t.expr), "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
			}
		}
		if len(st.targets) == 0 {
			b.failf(pgerr.SyntaxError, -1, "SELECT DISTINCT must have at least one column")
		}
		for _, t := range st.targets {
			if t.expr.Type().OID == sqltype.OIDUnknown {
				t.expr = b.coerceTo(t.expr, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
			}
			b.needEquality(t.expr.Type().OID, b.loc(t.expr))
		}
		return
	}
	where := map[*target]int{}
	for _, n := range sel.DistinctClause {
		t := b.findTarget(s, st, n, kindDistinctOn)
		if t.expr.Type().OID == sqltype.OIDUnknown {
			t.expr = b.coerceTo(t.expr, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
		}
		b.needEquality(t.expr.Type().OID, b.loc(t.expr))
		dup := false
		for _, o := range st.distinct.on {
			dup = dup || o == t
		}
		if !dup {
			where[t] = rawLoc(n)
			st.distinct.on = append(st.distinct.on, t)
		}
	}
	in := func(t *target) bool {
		for _, o := range st.distinct.on {
			if o == t {
				return true
			}
		}
		return false
	}
	// The ON expressions must be the first ones of ORDER BY.
	skipped := false
	matched := 0
	for _, it := range st.sort {
		if in(it.t) {
			if skipped {
				b.failf(pgerr.InvalidColumnReference, where[it.t], "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
			}
			matched++
		} else {
			skipped = true
		}
	}
	if skipped && matched < len(st.distinct.on) {
		for _, o := range st.distinct.on {
			found := false
			for _, it := range st.sort {
				found = found || it.t == o
			}
			if !found {
				b.failf(pgerr.InvalidColumnReference, where[o], "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
			}
		}
	}
}
