package bind

import (
	"fmt"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// setOperation is transformSetOperationStmt.
func (b *binder) setOperation(s *scope, sel *pg_query.SelectStmt) *query {
	for _, n := range sel.LockingClause {
		b.failf(pgerr.FeatureNotSupported, -1, "%s is not allowed with UNION/INTERSECT/EXCEPT", lockName(n.GetLockingClause().Strength))
	}
	ctes := b.withClause(s, sel.WithClause)
	q := b.setTree(s, sel, true)
	b.setOpOrder(s, sel, q)
	if len(ctes) > 0 {
		q.node = wrapWith(ctes, q.node)
	}
	return q
}

// setOpOrder binds ORDER BY and LIMIT of a set operation: only output columns can be named.
func (b *binder) setOpOrder(s *scope, sel *pg_query.SelectStmt, q *query) {
	st := &selectState{node: q.node}
	it := &nsItem{name: "*SELECT*", colsVisible: true}
	for _, o := range q.outs {
		b.owner[o.id] = s
		st.targets = append(st.targets, &target{
			name: o.name, folded: o.folded, expr: at(b, &plan.ColRef{ID: o.id, T: o.typ, Name: o.name}, o.loc),
			col: plan.Column{ID: o.id, Name: o.name, Type: o.typ},
		})
		it.cols = append(it.cols, &nsCol{name: o.name, folded: o.folded, id: o.id, typ: o.typ})
	}
	s.items = []*nsItem{it}
	n := len(st.targets)
	st.sort = b.sortClause(s, st, sel.SortClause, false)
	if len(st.targets) > n {
		b.fail(pgerr.New(pgerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
			WithDetail("Only result column names can be used, not expressions or functions.").
			WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause."), b.loc(st.targets[n].expr))
	}
	s.items = nil
	offset := b.limitClause(s, sel.LimitOffset, kindOffset, "OFFSET", sel.LimitOption)
	count := b.limitClause(s, sel.LimitCount, kindLimit, "LIMIT", sel.LimitOption)
	var keys []plan.SortKey
	for _, k := range st.sort {
		keys = append(keys, plan.SortKey{Expr: b.ref(k.t), Desc: k.desc, NullsFirst: k.nullsFirst})
	}
	if len(keys) > 0 {
		q.node = &plan.Sort{Input: q.node, Keys: keys}
	}
	if count != nil || offset != nil {
		l := &plan.Limit{Input: q.node, Count: count, Offset: offset}
		if sel.LimitOption == pg_query.LimitOption_LIMIT_OPTION_WITH_TIES {
			l.WithTies, l.Ties = true, keys
		}
		q.node = l
	}
}

func setOpName(op pg_query.SetOperation) (string, plan.SetOpKind) {
	switch op {
	case pg_query.SetOperation_SETOP_INTERSECT:
		return "INTERSECT", plan.Intersect
	case pg_query.SetOperation_SETOP_EXCEPT:
		return "EXCEPT", plan.Except
	default:
		return "UNION", plan.Union
	}
}

// setTree binds the tree of a set operation (transformSetOperationTree). A side with clauses of its own is a query by
// itself.
func (b *binder) setTree(s *scope, sel *pg_query.SelectStmt, top bool) *query {
	defer b.enter()()
	isOp := sel.Op != pg_query.SetOperation_SETOP_NONE && sel.Op != pg_query.SetOperation_SET_OPERATION_UNDEFINED
	if isOp && !top && (len(sel.SortClause) > 0 || sel.LimitCount != nil || sel.LimitOffset != nil || len(sel.LockingClause) > 0 || sel.WithClause != nil) {
		isOp = false
	}
	if !isOp {
		if sel.IntoClause != nil {
			b.fail(pgerr.New(pgerr.SyntaxError, "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT"), int(sel.IntoClause.Rel.GetLocation()))
		}
		leaf := s.child()
		leaf.resolveUnknown = false
		leaf.recursiveTerm = s.recursiveTerm
		q := b.selectStmt(leaf, sel)
		s.addBranch(q.outs)
		return q
	}
	name, kind := setOpName(sel.Op)
	l := b.setTree(s, sel.Larg, false)
	r := b.setTree(s, sel.Rarg, false)
	if len(l.outs) != len(r.outs) {
		b.failf(pgerr.SyntaxError, b.selectLoc(sel.Rarg), "each %s query must have the same number of columns", name)
	}
	op := &plan.SetOp{Kind: kind, All: sel.All}
	out := &query{}
	var types []sqltype.Type
	for i := range l.outs {
		lo, ro := l.outs[i], r.outs[i]
		t, loc := b.setOpType([]plan.Expr{b.outExpr(lo), b.outExpr(ro)}, name)
		types = append(types, t)
		if !sel.All || kind != plan.Union {
			b.needEquality(t.OID, loc)
		}
		c := b.fresh(s, lo.name, t)
		if rec, ok := b.records[lo.id]; ok {
			b.records[c.ID] = rec
		}
		op.Cols = append(op.Cols, c)
		out.outs = append(out.outs, outCol{name: lo.name, folded: lo.folded, id: c.ID, typ: t, loc: loc})
	}
	op.L, op.LeftIn = b.coerceOutputs(s, l, types, name)
	op.R, op.RightIn = b.coerceOutputs(s, r, types, name)
	out.node = op
	return out
}

// addBranch notes an input of a set operation, which the hints of later errors may name.
func (s *scope) addBranch(outs []outCol) {
	it := &nsItem{name: fmt.Sprintf("*SELECT* %d", len(s.rtable)+1)}
	for _, o := range outs {
		it.cols = append(it.cols, &nsCol{name: o.name, folded: o.folded, id: o.id, typ: o.typ})
	}
	s.rtable = append(s.rtable, it)
}

// outExpr stands for a query's output when types are resolved.
func (b *binder) outExpr(o outCol) plan.Expr {
	if o.untyped != nil {
		return o.untyped
	}
	return at(b, &plan.ColRef{ID: o.id, T: o.typ, Name: o.name}, o.loc)
}

// setOpType is the common type of a column, with the modifier that both sides share.
func (b *binder) setOpType(es []plan.Expr, name string) (sqltype.Type, int) {
	t := b.commonType(es, name)
	for _, e := range es {
		b.toCommon(e, t, name) // for its errors; the inputs are converted once all columns are known
	}
	return sqltype.Type{OID: t, Typmod: commonTypmod(es, t)}, b.loc(es[0])
}

// coerceOutputs brings a query's outputs to types, in a Project above it where it is needed.
func (b *binder) coerceOutputs(s *scope, q *query, types []sqltype.Type, name string) (plan.Node, []plan.ColID) {
	changed := false
	p := &plan.Project{Input: q.node}
	var ids []plan.ColID
	cols := q.node.Columns()
	for i, o := range q.outs {
		b.branches[o.id] = o.typ.OID == sqltype.OIDUnknown
		ref := plan.Expr(at(b, &plan.ColRef{ID: o.id, T: o.typ, Name: o.name}, o.loc))
		e := ref
		if o.untyped != nil {
			e = o.untyped
			if par, ok := e.(*plan.Param); ok {
				b.params.settled(par)
			}
		}
		if e.Type().OID != types[i].OID {
			e = b.toCommon(e, types[i].OID, name)
		}
		if e == o.untyped {
			e = ref
		}
		if e == ref {
			p.Exprs = append(p.Exprs, plan.Named{Column: cols[i], Expr: ref})
			ids = append(ids, o.id)
			continue
		}
		changed = true
		c := b.fresh(s, o.name, e.Type())
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: e})
		ids = append(ids, c.ID)
	}
	if !changed {
		return q.node, ids
	}
	return p, ids
}
