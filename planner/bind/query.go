package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// outCol is a column that a query gives.
type outCol struct {
	name   string
	folded bool
	id     plan.ColID
	typ    sqltype.Type
	rel    uint32
	attnum int16
	// untyped is the literal or parameter of unknown type that the column is, in an input of a set operation.
	untyped plan.Expr
	loc     int
}

// query is a bound query: node gives exactly outs, in order.
type query struct {
	node plan.Node
	outs []outCol
}

// selectStmt binds any form of SELECT.
func (b *binder) selectStmt(s *scope, sel *pg_query.SelectStmt) *query {
	defer b.enter()()
	if sel.IntoClause != nil {
		b.readOnly("SELECT INTO")
	}
	switch {
	case sel.Op != pg_query.SetOperation_SETOP_NONE && sel.Op != pg_query.SetOperation_SET_OPERATION_UNDEFINED:
		return b.setOperation(s, sel)
	case len(sel.ValuesLists) > 0:
		return b.valuesQuery(s, sel)
	default:
		return b.simpleSelect(s, sel)
	}
}

// sel is a simple SELECT while it is bound.
type selectState struct {
	node     plan.Node
	targets  []*target
	having   plan.Expr
	group    *grouping
	sort     []sortItem
	distinct distinct
	count    plan.Expr
	offset   plan.Expr
	withTies bool
	winDefs  []*windowDef
}

// simpleSelect is transformSelectStmt, in its order.
func (b *binder) simpleSelect(s *scope, sel *pg_query.SelectStmt) *query {
	ctes := b.withClause(s, sel.WithClause)
	st := &selectState{}
	st.winDefs = b.namedWindows(sel.WindowClause)
	s.winDefs = st.winDefs
	st.node = b.fromClause(s, sel.FromClause)
	st.targets = b.targetList(s, sel.TargetList, kindSelectTarget)
	b.checkWidth(len(st.targets))
	if sel.WhereClause != nil {
		w := b.where(s, sel.WhereClause, kindWhere, "WHERE")
		st.node = &plan.Filter{Input: st.node, Preds: conjuncts(w)}
	}
	if sel.HavingClause != nil {
		st.having = b.where(s, sel.HavingClause, kindHaving, "HAVING")
	}
	st.sort = b.sortClause(s, st, sel.SortClause, false)
	st.group = b.groupClause(s, st, sel.GroupClause, sel.GroupDistinct)
	b.distinctClause(s, st, sel)
	st.offset = b.limitClause(s, sel.LimitOffset, kindOffset, "OFFSET", sel.LimitOption)
	st.count = b.limitClause(s, sel.LimitCount, kindLimit, "LIMIT", sel.LimitOption)
	st.withTies = sel.LimitOption == pg_query.LimitOption_LIMIT_OPTION_WITH_TIES
	b.bindWindows(s, st)
	b.checkWidth(len(st.targets))
	if s.resolveUnknown {
		b.settleUnknown(st.targets)
	}
	b.lockingClause(s, sel)
	q := b.finish(s, st)
	if len(ctes) > 0 {
		q.node = wrapWith(ctes, q.node)
	}
	return q
}

// checkWidth refuses target lists that PostgreSQL has no room for (MaxTupleAttributeNumber).
func (b *binder) checkWidth(n int) {
	const most = 1664
	if n > most {
		b.failf(pgerr.TooManyColumns, -1, "target lists can have at most %d entries", most)
	}
}

// limitClause is transformLimitClause.
func (b *binder) limitClause(s *scope, n *pg_query.Node, k exprKind, name string, opt pg_query.LimitOption) plan.Expr {
	if n == nil {
		return nil
	}
	e := b.clause(s, n, k)
	e = b.specific(e, sqltype.OIDInt8, name)
	if b.hasLevelVars(s, e) {
		b.failf(pgerr.InvalidColumnReference, b.varLoc(s, e), "argument of %s must not contain variables", name)
	}
	if k == kindLimit && opt == pg_query.LimitOption_LIMIT_OPTION_WITH_TIES && isNullConst(e) {
		b.failf(pgerr.InvalidRowCountInLimitClause, -1, "row count cannot be null in FETCH FIRST ... WITH TIES clause")
	}
	return e
}

// varLoc is where the first column of a level stands in an expression.
func (b *binder) varLoc(s *scope, e plan.Expr) int {
	loc := -1
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, ok := e.(*plan.ColRef); ok && loc < 0 && b.owner[c.ID] == s {
			loc = b.loc(c)
		}
		return loc < 0
	})
	return loc
}

// lockingClause accepts FOR UPDATE and its kin where PostgreSQL does: there is nothing to lock in a read-only source.
func (b *binder) lockingClause(s *scope, sel *pg_query.SelectStmt) {
	for _, n := range sel.LockingClause {
		lc := n.GetLockingClause()
		name := lockName(lc.Strength)
		refuse := func(what string) {
			b.failf(pgerr.FeatureNotSupported, -1, "%s is not allowed with %s", name, what)
		}
		switch {
		case len(sel.DistinctClause) > 0:
			refuse("DISTINCT clause")
		case len(sel.GroupClause) > 0:
			refuse("GROUP BY clause")
		case sel.HavingClause != nil:
			refuse("HAVING clause")
		case len(s.aggs) > 0:
			refuse("aggregate functions")
		case len(s.windows) > 0:
			refuse("window functions")
		case s.hasSets:
			refuse("set-returning functions in the target list")
		}
		for _, r := range lc.LockedRels {
			rv := r.GetRangeVar()
			if rv.Schemaname != "" || rv.Catalogname != "" {
				b.failf(pgerr.SyntaxError, int(rv.Location), "%s must specify unqualified relation names", name)
			}
			var found *nsItem
			for _, it := range append(append([]*nsItem(nil), s.rtable...), s.joins...) {
				if found == nil && (it.name == rv.Relname || it.folded && strings.EqualFold(it.name, rv.Relname)) {
					found = it
				}
			}
			if found == nil {
				b.failf(pgerr.UndefinedTable, int(rv.Location), `relation "%s" in %s clause not found in FROM clause`, rv.Relname, name)
			}
			if found.unlockable != "" {
				b.failf(pgerr.FeatureNotSupported, int(rv.Location), "%s cannot be applied to %s", name, found.unlockable)
			}
		}
		b.locking = true
	}
}

func lockName(l pg_query.LockClauseStrength) string {
	switch l {
	case pg_query.LockClauseStrength_LCS_FORKEYSHARE:
		return "FOR KEY SHARE"
	case pg_query.LockClauseStrength_LCS_FORSHARE:
		return "FOR SHARE"
	case pg_query.LockClauseStrength_LCS_FORNOKEYUPDATE:
		return "FOR NO KEY UPDATE"
	default:
		return "FOR UPDATE"
	}
}
