package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/planner/bind/parser"
)

// IsTransactionExit reports a statement that a failed transaction still runs (IsTransactionExitStmt): COMMIT, ROLLBACK,
// ROLLBACK TO and PREPARE TRANSACTION.
func IsTransactionExit(stmt *parser.Statement) bool {
	t := stmt.Node().GetTransactionStmt()
	if t == nil {
		return false
	}
	switch t.Kind {
	case pg_query.TransactionStmtKind_TRANS_STMT_COMMIT, pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK,
		pg_query.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO, pg_query.TransactionStmtKind_TRANS_STMT_PREPARE:
		return true
	}
	return false
}
