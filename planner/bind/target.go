package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// target is an entry of the target list.
type target struct {
	name   string
	folded bool
	expr   plan.Expr
	junk   bool // only for ORDER BY, GROUP BY or DISTINCT ON
	// plain: not the column's own value to the client, though it looks like a bare reference (COLLATE).
	plain bool
	// col is the column that it becomes, once it is computed.
	col plan.Column
}

// targetList binds a target list with its stars expanded (transformTargetList).
func (b *binder) targetList(s *scope, nodes []*pg_query.Node, k exprKind) []*target {
	var out []*target
	old := s.kind
	s.kind = k
	defer func() { s.kind = old }()
	for _, n := range nodes {
		rt := n.GetResTarget()
		val := rt.GetVal()
		if ref := val.GetColumnRef(); ref != nil && len(ref.Fields) > 0 && ref.Fields[len(ref.Fields)-1].GetAStar() != nil {
			out = append(out, b.expandStar(s, ref)...)
			continue
		}
		if ind := val.GetAIndirection(); ind != nil && len(ind.Indirection) > 0 && ind.Indirection[len(ind.Indirection)-1].GetAStar() != nil {
			out = append(out, b.expandRow(s, ind)...)
			continue
		}
		out = append(out, b.target(s, val, rt.Name))
	}
	return out
}

// target binds one entry. A bare column without AS keeps the column's real name and its mark.
func (b *binder) target(s *scope, val *pg_query.Node, name string) *target {
	t := &target{expr: b.expr(s, val), name: name, plain: val.GetCollateClause() != nil}
	if name == "" {
		t.name = b.columnName(val)
		if ref := val.GetColumnRef(); ref != nil {
			if c, ok := t.expr.(*plan.ColRef); ok && equalFold(t.name, c.Name) {
				t.name = c.Name
				t.folded = b.foldedCol(s, c)
			}
		}
		if ind := val.GetAIndirection(); ind != nil {
			if f, ok := t.expr.(*plan.Field); ok && equalFold(t.name, f.Name) {
				t.name = f.Name
			}
			if c, ok := t.expr.(*plan.ColRef); ok && equalFold(t.name, c.Name) {
				t.name = c.Name
			}
		}
	}
	return t
}

// foldedCol says whether a referenced column's name comes from a service's metadata.
func (b *binder) foldedCol(s *scope, ref *plan.ColRef) bool {
	for lvl := s; lvl != nil; lvl = lvl.parent {
		for _, it := range lvl.items {
			for _, c := range it.cols {
				if c.id == ref.ID && c.name == ref.Name {
					return c.folded
				}
			}
		}
	}
	return false
}

// expandStar binds * and x.* (ExpandColumnRefStar).
func (b *binder) expandStar(s *scope, ref *pg_query.ColumnRef) []*target {
	loc := int(ref.Location)
	var names []string
	for _, f := range ref.Fields[:len(ref.Fields)-1] {
		names = append(names, f.GetString_().GetSval())
	}
	var out []*target
	add := func(it *nsItem) {
		for _, c := range it.visibleCols() {
			if it.lateralOnly {
				b.lateral++
			}
			b.system.use(c.id)
			out = append(out, &target{
				name: c.name, folded: c.folded,
				expr: at(b, &plan.ColRef{ID: c.id, T: c.typ, Name: c.name, Qualifier: it.name}, loc),
			})
		}
	}
	if len(names) == 0 {
		found := false
		for _, it := range s.items {
			if !it.colsVisible || it.lateralOnly {
				continue
			}
			found = true
			add(it)
		}
		if !found {
			b.failf(pgerr.SyntaxError, loc, "SELECT * with no tables specified is not valid")
		}
		return out
	}
	it := b.starItem(s, names, quotedParts(b.stmt.Source(), loc, names), loc)
	if it.scalar && len(it.visibleCols()) == 1 && b.isRow(it.visibleCols()[0].typ.OID) {
		add(it)
		return out
	}
	add(it)
	return out
}

// expandRow binds (expression).* (ExpandIndirectionStar).
func (b *binder) expandRow(s *scope, ind *pg_query.A_Indirection) []*target {
	e := b.expr(s, ind.Arg)
	if len(ind.Indirection) > 1 {
		e = b.indirect(s, e, ind.Indirection[:len(ind.Indirection)-1])
	}
	loc := b.loc(e)
	fields, ok := b.fieldsOf(e)
	if !ok {
		if !b.isRow(e.Type().OID) {
			b.failf(pgerr.WrongObjectType, loc, "type %s is not composite", b.typeName(e.Type().OID))
		}
		b.failf(pgerr.FeatureNotSupported, loc, "record type has not been registered")
	}
	var out []*target
	for i, f := range fields {
		t := &target{name: f.name, folded: f.folded}
		if i > 0 && hasSubquery(e) {
			// Every field computes the row anew, and a plan stands in one place only.
			e = b.indirect(s, b.expr(s, ind.Arg), ind.Indirection[:len(ind.Indirection)-1])
		}
		if r, isRow := e.(*plan.RowExpr); isRow {
			t.expr = r.Fields[i]
		} else {
			t.expr = at(b, &plan.Field{Arg: e, Index: i, Name: f.name, T: f.typ}, loc)
		}
		out = append(out, t)
	}
	return out
}

// columnName is FigureColname.
func (b *binder) columnName(n *pg_query.Node) string {
	name, _ := b.figureName(n)
	if name == "" {
		return "?column?"
	}
	return name
}

// figureName gives a name and its strength: 2 is a good one, 1 one that something inside may beat (FigureColnameInternal).
func (b *binder) figureName(n *pg_query.Node) (string, int) {
	switch x := n.GetNode().(type) {
	case *pg_query.Node_ColumnRef:
		for i := len(x.ColumnRef.Fields) - 1; i >= 0; i-- {
			if s := x.ColumnRef.Fields[i].GetString_(); s != nil {
				return s.Sval, 2
			}
		}
	case *pg_query.Node_AIndirection:
		for i := len(x.AIndirection.Indirection) - 1; i >= 0; i-- {
			if s := x.AIndirection.Indirection[i].GetString_(); s != nil {
				return s.Sval, 2
			}
		}
		return b.figureName(x.AIndirection.Arg)
	case *pg_query.Node_FuncCall:
		fn := x.FuncCall.Funcname
		return fn[len(fn)-1].GetString_().GetSval(), 2
	case *pg_query.Node_AExpr:
		if x.AExpr.Kind == pg_query.A_Expr_Kind_AEXPR_NULLIF {
			return "nullif", 2
		}
	case *pg_query.Node_TypeCast:
		name, strength := b.figureName(x.TypeCast.Arg)
		if strength <= 1 {
			names := stringsOf(x.TypeCast.TypeName.Names)
			return names[len(names)-1], 1
		}
		return name, strength
	case *pg_query.Node_CollateClause:
		return b.figureName(x.CollateClause.Arg)
	case *pg_query.Node_GroupingFunc:
		return "grouping", 2
	case *pg_query.Node_SubLink:
		switch x.SubLink.SubLinkType {
		case pg_query.SubLinkType_EXISTS_SUBLINK:
			return "exists", 2
		case pg_query.SubLinkType_ARRAY_SUBLINK:
			return "array", 2
		case pg_query.SubLinkType_EXPR_SUBLINK:
			if name, ok := b.subNames[x.SubLink]; ok {
				return name, 2
			}
		}
	case *pg_query.Node_CaseExpr:
		if x.CaseExpr.Defresult != nil {
			if name, strength := b.figureName(x.CaseExpr.Defresult); strength > 1 {
				return name, strength
			}
		}
		return "case", 1
	case *pg_query.Node_AArrayExpr:
		return "array", 2
	case *pg_query.Node_RowExpr:
		return "row", 2
	case *pg_query.Node_CoalesceExpr:
		return "coalesce", 2
	case *pg_query.Node_MinMaxExpr:
		if x.MinMaxExpr.Op == pg_query.MinMaxOp_IS_LEAST {
			return "least", 2
		}
		return "greatest", 2
	case *pg_query.Node_SqlvalueFunction:
		return b.sqlValue(x.SqlvalueFunction).(*plan.SQLValue).Name, 2
	}
	return "", 0
}

// settleUnknown makes text of outputs that are still untyped literals or undecided parameters
// (resolveTargetListUnknowns).
func (b *binder) settleUnknown(ts []*target) {
	for _, t := range ts {
		if t.expr.Type().OID == sqltype.OIDUnknown {
			t.expr = b.coerceTo(t.expr, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
		}
	}
}
