package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// subLink binds a subquery in an expression (transformSubLink).
func (b *binder) subLink(s *scope, x *pg_query.SubLink) plan.Expr {
	loc := int(x.Location)
	b.subLinkAllowed(s, loc)
	q := b.subquery(s, x.Subselect)
	if len(q.outs) > 0 {
		b.subNames[x] = q.outs[0].name
	}
	switch x.SubLinkType {
	case pg_query.SubLinkType_EXISTS_SUBLINK:
		return at(b, &plan.Subquery{Kind: plan.Exists, Plan: q.node, T: sqltype.Of(sqltype.OIDBool)}, loc)
	case pg_query.SubLinkType_EXPR_SUBLINK, pg_query.SubLinkType_ARRAY_SUBLINK:
		if len(q.outs) != 1 {
			b.failf(pgerr.SyntaxError, loc, "subquery must return only one column")
		}
		t := q.outs[0].typ
		if x.SubLinkType == pg_query.SubLinkType_EXPR_SUBLINK {
			return at(b, &plan.Subquery{Kind: plan.Scalar, Plan: q.node, T: t}, loc)
		}
		arr := b.arrayOf(t.OID)
		if b.nests(t.OID) {
			arr = t.OID // an array of arrays has one more dimension
		}
		if arr == 0 {
			b.failf(pgerr.UndefinedObject, loc, "could not find array type for data type %s", b.typeName(t.OID))
		}
		return at(b, &plan.Subquery{Kind: plan.Array, Plan: q.node, T: sqltype.Type{OID: arr, Typmod: t.Typmod}}, loc)
	case pg_query.SubLinkType_ANY_SUBLINK, pg_query.SubLinkType_ALL_SUBLINK:
		left := b.expr(s, x.Testexpr)
		name := operatorName(x.OperName)
		if name.name == "" {
			name.name = "=" // IN
		}
		kind := plan.Any
		if x.SubLinkType == pg_query.SubLinkType_ALL_SUBLINK {
			kind = plan.All
		}
		test := b.subLinkTest(s, name, left, q, loc)
		return at(b, &plan.Subquery{Kind: kind, Plan: q.node, Test: test, T: sqltype.Of(sqltype.OIDBool)}, leftmost(loc, b.loc(left)))
	}
	b.unsupported(loc, "Write the subquery in another way.", "this kind of subquery is not supported")
	return nil
}

// subLinkTest compares the left side with the subquery's columns.
func (b *binder) subLinkTest(s *scope, name opName, left plan.Expr, q *query, loc int) plan.Expr {
	lefts := []plan.Expr{left}
	if r, ok := left.(*plan.RowExpr); ok && !r.Whole {
		lefts = r.Fields
	}
	var rights []plan.Expr
	for _, o := range q.outs {
		rights = append(rights, at(b, &plan.ColRef{ID: o.id, T: o.typ, Name: o.name}, loc))
	}
	if len(lefts) < len(rights) {
		b.failf(pgerr.SyntaxError, loc, "subquery has too many columns")
	}
	if len(lefts) > len(rights) {
		b.failf(pgerr.SyntaxError, loc, "subquery has too few columns")
	}
	return b.rowCompare(s, name, lefts, rights, loc)
}

// rowSubLink binds (a, b) op (SELECT …): the subquery's only row compared with a row.
func (b *binder) rowSubLink(s *scope, x *pg_query.A_Expr, sl *pg_query.SubLink) plan.Expr {
	loc := int(x.Location)
	q := b.subquery(s, sl.Subselect)
	left := b.expr(s, x.Lexpr).(*plan.RowExpr)
	if len(left.Fields) < len(q.outs) {
		b.failf(pgerr.SyntaxError, loc, "subquery has too many columns")
	}
	if len(left.Fields) > len(q.outs) {
		b.failf(pgerr.SyntaxError, loc, "subquery has too few columns")
	}
	row := at(b, &plan.Subquery{Kind: plan.RowSub, Plan: q.node, T: sqltype.Of(sqltype.OIDRecord)}, int(sl.Location))
	var rights []plan.Expr
	for i, o := range q.outs {
		value := &plan.CaseValue{T: row.T}
		rights = append(rights, at(b, &plan.Field{Arg: value, Index: i, Name: o.name, T: o.typ}, int(sl.Location)))
	}
	cmp := b.rowCompare(s, operatorName(x.Name), left.Fields, rights, loc)
	// The row is computed once: CASE row WHEN it compares true THEN true WHEN it compares false THEN false END.
	truth := func(v sqltype.Value) plan.Expr { return &plan.Const{T: sqltype.Of(sqltype.OIDBool), Value: v} }
	return at(b, &plan.Case{
		Arg:   row,
		Whens: []plan.When{{Cond: cmp, Result: truth(sqltype.Bool(true))}, {Cond: &plan.Not{Arg: cmp}, Result: truth(sqltype.Bool(false))}},
		Else:  truth(sqltype.NullValue()), T: sqltype.Of(sqltype.OIDBool),
	}, b.loc(cmp))
}

func (b *binder) subLinkAllowed(s *scope, loc int) {
	if s.kind == kindExecute {
		b.failf(pgerr.FeatureNotSupported, loc, "cannot use subquery in EXECUTE parameter")
	}
}

// subquery binds a query one level down.
func (b *binder) subquery(s *scope, n *pg_query.Node) *query {
	sel := n.GetSelectStmt()
	if sel == nil {
		b.unsupported(-1, "Use a SELECT.", "this kind of subquery is not supported")
	}
	c := s.child()
	return b.selectStmt(c, sel)
}
