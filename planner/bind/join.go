package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// joinNodes makes a Join, or an Apply where the right side uses columns of the left.
func (b *binder) joinNodes(kind plan.JoinKind, l, r plan.Node, on []plan.Expr, leftOut, rightOut []plan.Rename, lateral bool) plan.Node {
	if lateral {
		free := plan.FreeIDs(r)
		var outer []plan.ColID
		for _, c := range l.Columns() {
			if free.Has(c.ID) {
				outer = append(outer, c.ID)
			}
		}
		if len(outer) > 0 {
			return &plan.Apply{Kind: kind, L: l, R: r, Outer: outer, On: on, RightOut: rightOut}
		}
	}
	return &plan.Join{Kind: kind, L: l, R: r, On: on, LeftOut: leftOut, RightOut: rightOut}
}

// conjuncts splits a condition at its top-level ANDs.
func conjuncts(e plan.Expr) []plan.Expr {
	if l, ok := e.(*plan.Logic); ok && l.Op == plan.And {
		var out []plan.Expr
		for _, a := range l.Args {
			out = append(out, conjuncts(a)...)
		}
		return out
	}
	return []plan.Expr{e}
}

// joinExpr binds a join (transformFromClauseItem).
func (b *binder) joinExpr(s *scope, j *pg_query.JoinExpr) (plan.Node, []*nsItem) {
	l, leftItems := b.fromItem(s, j.Larg)
	// LATERAL references to the left side are good for inner and left joins only.
	ok := j.Jointype == pg_query.JoinType_JOIN_INNER || j.Jointype == pg_query.JoinType_JOIN_LEFT
	setLateral(leftItems, true, ok)
	mark := len(s.items)
	s.items = append(s.items, leftItems...)
	before := b.lateral
	r, rightItems := b.fromItem(s, j.Rarg)
	lateral := b.lateral != before
	s.items = s.items[:mark]
	setLateral(leftItems, false, true)
	b.checkConflicts(leftItems, rightItems)
	items := append(append([]*nsItem(nil), leftItems...), rightItems...)

	kind := plan.Inner
	switch j.Jointype {
	case pg_query.JoinType_JOIN_LEFT:
		kind = plan.Left
	case pg_query.JoinType_JOIN_RIGHT:
		kind = plan.Right
	case pg_query.JoinType_JOIN_FULL:
		kind = plan.Full
	}
	var using []string
	if j.IsNatural {
		for _, lc := range itemsColumns(leftItems) {
			for _, rc := range itemsColumns(rightItems) {
				if lc.name == rc.name {
					using = append(using, lc.name)
					break
				}
			}
		}
	} else {
		using = stringsOf(j.UsingClause)
	}
	var on []plan.Expr
	var merged []mergedColumn
	if len(using) > 0 {
		merged, on = b.usingColumns(s, using, leftItems, rightItems)
	} else if j.Quals != nil {
		on = conjuncts(b.joinOn(s, j.Quals, items))
	}
	// The nullable sides come out with fresh ids.
	var leftOut, rightOut []plan.Rename
	renames := map[plan.ColID]plan.ColID{}
	rename := func(n plan.Node) []plan.Rename {
		var out []plan.Rename
		for _, c := range n.Columns() {
			f := b.fresh(s, c.Name, c.Type)
			b.setOrigin(&f, b.origins[c.ID])
			out = append(out, plan.Rename{Out: f, In: c.ID})
			renames[c.ID] = f.ID
			b.system.rename(f.ID, c.ID)
			if rec, known := b.records[c.ID]; known {
				b.records[f.ID] = rec
			}
		}
		for _, r := range out {
			if e := b.merged[r.In]; e != nil {
				b.merged[r.Out.ID] = b.renameColumns(e, renames)
			}
		}
		return out
	}
	if kind == plan.Left || kind == plan.Full {
		rightOut = rename(r)
	}
	if kind == plan.Right || kind == plan.Full {
		leftOut = rename(l)
	}
	node := b.joinNodes(kind, l, r, on, leftOut, rightOut, lateral)
	done := map[*nsCol]bool{}
	for i, it := range items {
		it.joined = true
		if i < len(leftItems) && leftOut != nil || i >= len(leftItems) && rightOut != nil {
			it.extended = true
		}
		for _, c := range it.cols {
			if id, renamed := renames[c.id]; renamed && !done[c] {
				c.id = id
			}
			done[c] = true
		}
	}
	node, items = b.mergeColumns(s, j, kind, node, merged, leftItems, rightItems)
	return node, items
}

// renameColumns replaces columns of an expression by those that stand for them above an outer join.
func (b *binder) renameColumns(e plan.Expr, renames map[plan.ColID]plan.ColID) plan.Expr {
	return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
		c, ok := e.(*plan.ColRef)
		if !ok {
			return e
		}
		id, renamed := renames[c.ID]
		if !renamed {
			return e
		}
		r := *c
		r.ID = id
		return at(b, &r, -1)
	})
}

// itemsColumns lists the columns that the items offer unqualified.
func itemsColumns(items []*nsItem) []*nsCol {
	var out []*nsCol
	for _, it := range items {
		if it.colsVisible {
			out = append(out, it.visibleCols()...)
		}
	}
	return out
}

// joinOn binds ON: only the two sides are visible (and outer levels).
func (b *binder) joinOn(s *scope, n *pg_query.Node, items []*nsItem) plan.Expr {
	old := s.items
	s.items = items
	setLateral(items, false, true)
	e := b.where(s, n, kindJoinOn, "JOIN/ON")
	s.items = old
	return e
}

// mergedColumn is a column of USING or NATURAL.
type mergedColumn struct {
	name        string
	left, right *nsCol
	typ         sqltype.Type
}

// usingColumns finds the pairs of USING and compares them (transformJoinUsingClause).
func (b *binder) usingColumns(s *scope, names []string, left, right []*nsItem) ([]mergedColumn, []plan.Expr) {
	seen := map[string]bool{}
	var out []mergedColumn
	var on []plan.Expr
	find := func(items []*nsItem, name, side string) *nsCol {
		for _, anyCase := range passes(false) {
			var found *nsCol
			for _, c := range itemsColumns(items) {
				if matches(c.name, c.folded, name, anyCase) {
					if found != nil {
						b.failf(pgerr.AmbiguousColumn, -1, `common column name "%s" appears more than once in %s table`, name, side)
					}
					found = c
				}
			}
			if found != nil {
				return found
			}
		}
		b.failf(pgerr.UndefinedColumn, -1, `column "%s" specified in USING clause does not exist in %s table`, name, side)
		return nil
	}
	old := s.kind
	s.kind = kindJoinUsing
	for _, n := range names {
		if seen[n] {
			b.failf(pgerr.DuplicateColumn, -1, `column name "%s" appears more than once in USING clause`, n)
		}
		seen[n] = true
		m := mergedColumn{name: n, left: find(left, n, "left"), right: find(right, n, "right")}
		le := at(b, &plan.ColRef{ID: m.left.id, T: m.left.typ, Name: m.left.name}, -1)
		re := at(b, &plan.ColRef{ID: m.right.id, T: m.right.typ, Name: m.right.name}, -1)
		cmp := b.boolean(b.makeOp(s, opName{name: "="}, le, re, -1), "JOIN/USING")
		on = append(on, cmp)
		t := b.commonType([]plan.Expr{le, re}, "JOIN/USING")
		m.typ = sqltype.Type{OID: t, Typmod: commonTypmod([]plan.Expr{le, re}, t)}
		out = append(out, m)
	}
	s.kind = old
	return out, on
}

// mergeColumns makes the join's own item: merged columns first, then the rest of both sides.
func (b *binder) mergeColumns(s *scope, j *pg_query.JoinExpr, kind plan.JoinKind, node plan.Node, merged []mergedColumn, left, right []*nsItem) (plan.Node, []*nsItem) {
	items := append(append([]*nsItem(nil), left...), right...)
	if len(merged) == 0 && j.Alias == nil {
		return node, items
	}
	own := &nsItem{join: true, colsVisible: true, rowType: sqltype.OIDRecord}
	var computed []plan.Named
	used := map[*nsCol]bool{}
	for _, m := range merged {
		used[m.left], used[m.right] = true, true
		l := at(b, &plan.ColRef{ID: m.left.id, T: m.left.typ, Name: m.left.name}, -1)
		r := at(b, &plan.ColRef{ID: m.right.id, T: m.right.typ, Name: m.right.name}, -1)
		lc := b.mergedSide(l, m.typ)
		rc := b.mergedSide(r, m.typ)
		var e plan.Expr
		switch kind {
		case plan.Inner:
			// Whichever needs no conversion.
			e = lc
			if lc != plan.Expr(l) && rc == plan.Expr(r) {
				e = rc
			}
		case plan.Left:
			e = lc
		case plan.Right:
			e = rc
		default:
			e = at(b, &plan.Coalesce{Args: []plan.Expr{lc, rc}, T: m.typ}, -1)
		}
		col := &nsCol{name: m.left.name, folded: m.left.folded, typ: m.typ}
		if kind == plan.Right {
			col.name, col.folded = m.right.name, m.right.folded
		}
		if ref, ok := e.(*plan.ColRef); ok {
			col.id, col.typ = ref.ID, ref.T
			src := m.left
			if ref == r {
				src = m.right
			}
			col.rel, col.attnum = src.rel, src.attnum
		} else {
			pc := b.fresh(s, col.name, e.Type())
			col.id, col.typ = pc.ID, e.Type()
			computed = append(computed, plan.Named{Column: pc, Expr: e})
			b.merged[pc.ID] = e
		}
		own.cols = append(own.cols, col)
	}
	if len(computed) > 0 {
		p := &plan.Project{Input: node}
		for _, c := range node.Columns() {
			p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name}})
		}
		p.Exprs = append(p.Exprs, computed...)
		node = p
	}
	for _, side := range [][]*nsItem{left, right} {
		for _, c := range itemsColumns(side) {
			if !used[c] {
				cc := *c
				own.cols = append(own.cols, &cc)
			}
		}
	}
	for _, it := range items {
		it.colsVisible = false
	}
	if j.JoinUsingAlias != nil {
		a := &nsItem{name: j.JoinUsingAlias.Aliasname, aliasd: true, relVisible: true, join: true, rowType: sqltype.OIDRecord}
		for _, c := range own.cols[:len(merged)] {
			cc := *c
			a.cols = append(a.cols, &cc)
		}
		if j.Alias == nil {
			a.unlockable = "a join"
			s.joins = append(s.joins, a)
		}
		b.checkConflicts(items, []*nsItem{a})
		items = append(items, a)
	}
	if j.Alias != nil {
		own.name, own.aliasd, own.relVisible = j.Alias.Aliasname, true, true
		b.aliasColumns(own, j.Alias)
		own.unlockable = "a join"
		s.joins = append(s.joins, own)
		for _, it := range items {
			it.relVisible = false
		}
		items = nil
	}
	for _, c := range own.cols {
		b.owner[c.id] = s
	}
	return node, append(items, own)
}

// mergedSide brings one side of a merged column to the common type.
func (b *binder) mergedSide(e plan.Expr, t sqltype.Type) plan.Expr {
	if e.Type().OID != t.OID {
		return b.coerce(e, t, implicit, plan.FormImplicitCast, -1)
	}
	if e.Type().Typmod != t.Typmod {
		return at(b, &plan.Cast{Arg: e, T: t, Method: plan.CastRelabel}, -1)
	}
	return e
}
