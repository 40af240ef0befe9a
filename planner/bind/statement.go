package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// statement binds any statement.
func (b *binder) statement(n *pg_query.Node) *Bound {
	if sel := n.GetSelectStmt(); sel != nil {
		bound := b.queryStatement(sel)
		bound.Tag = "SELECT"
		return bound
	}
	bound := b.utility(n)
	bound.Session = b.values.list()
	return bound
}

// queryStatement binds a query with everything that is settled at its end.
func (b *binder) queryStatement(sel *pg_query.SelectStmt) *Bound {
	top := &scope{resolveUnknown: true}
	q := b.selectStmt(top, sel)
	// An untyped output of a set operation's input cannot be left: the operation's columns are typed.
	root := b.settleCollations(b.settleParams(q.node))
	root = b.dropSystemColumns(root)
	bound := &Bound{Kind: KindQuery, Root: root, IDs: b.ids, Params: b.paramTypes(), Session: b.values.list(), Locking: b.locking}
	for _, o := range q.outs {
		bound.Output = append(bound.Output, OutputColumn{Name: o.name, ID: o.id, Type: o.typ, TableOID: o.rel, Attnum: o.attnum})
	}
	return bound
}

// readOnly is the error for a command that writes: PostgreSQL's in a read-only transaction.
func (b *binder) readOnly(command string) {
	b.failf(pgerr.ReadOnlySQLTransaction, -1, "cannot execute %s in a read-only transaction", command)
}

// explainColumn is the one column of EXPLAIN.
func (b *binder) explainColumn(oid uint32) OutputColumn {
	return OutputColumn{Name: "QUERY PLAN", ID: plan.ColID(0), Type: sqltype.Of(oid)}
}
