package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/planner/bind/parser"
)

// IsTransactionExit reports whether a statement may run in a failed transaction: COMMIT, ROLLBACK and ROLLBACK TO.
func IsTransactionExit(stmt *parser.Statement) bool {
	if stmt == nil {
		return false
	}
	t := stmt.Node().GetTransactionStmt()
	if t == nil {
		return false
	}
	switch t.Kind {
	case pg_query.TransactionStmtKind_TRANS_STMT_COMMIT, pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK,
		pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO:
		return true
	}
	return false
}
