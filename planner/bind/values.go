package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// valuesQuery is transformValuesClause: VALUES is a FROM item of which everything is selected.
func (b *binder) valuesQuery(s *scope, sel *pg_query.SelectStmt) *query {
	ctes := b.withClause(s, sel.WithClause)
	var rows [][]plan.Expr
	for i, n := range sel.ValuesLists {
		old := s.kind
		s.kind = kindValues
		row := b.exprList(s, n.GetList().GetItems())
		s.kind = old
		if i > 0 && len(row) != len(rows[0]) {
			b.failf(pgerr.SyntaxError, rawLoc(n), "VALUES lists must all be the same length")
		}
		rows = append(rows, row)
	}
	it := &nsItem{name: "*VALUES*", colsVisible: true, rowType: sqltype.OIDRecord}
	v := &plan.Values{}
	for c := range rows[0] {
		col := make([]plan.Expr, len(rows))
		for r := range rows {
			col[r] = rows[r][c]
		}
		var t sqltype.Type
		col, t = b.unify(col, "VALUES")
		for r := range rows {
			rows[r][c] = col[r]
		}
		pc := b.fresh(s, "column"+itoa(c+1), t)
		v.Cols = append(v.Cols, pc)
		it.cols = append(it.cols, &nsCol{name: pc.Name, id: pc.ID, typ: t})
	}
	v.Rows = rows
	st := &selectState{node: v}
	b.addItem(s, it)
	s.items = []*nsItem{it}
	for i, c := range it.cols {
		st.targets = append(st.targets, &target{name: c.name, expr: at(b, &plan.ColRef{ID: c.id, T: c.typ, Name: c.name, Qualifier: it.name}, b.loc(rows[0][i]))})
	}
	st.sort = b.sortClause(s, st, sel.SortClause, false)
	st.offset = b.limitClause(s, sel.LimitOffset, kindOffset, "OFFSET", sel.LimitOption)
	st.count = b.limitClause(s, sel.LimitCount, kindLimit, "LIMIT", sel.LimitOption)
	st.withTies = sel.LimitOption == pg_query.LimitOption_LIMIT_OPTION_WITH_TIES
	for _, n := range sel.LockingClause {
		b.failf(pgerr.FeatureNotSupported, -1, "%s cannot be applied to VALUES", lockName(n.GetLockingClause().Strength))
	}
	q := b.finish(s, st)
	// An input of a set operation that is one untyped literal takes the other side's type.
	if !s.resolveUnknown {
		for i := range q.outs {
			q.outs[i].loc = b.loc(rows[0][i])
		}
	}
	if len(ctes) > 0 {
		q.node = wrapWith(ctes, q.node)
	}
	return q
}
