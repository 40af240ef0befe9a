package bind

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// SetStmt is SET name = values, SET name TO DEFAULT and SET TIME ZONE (name "timezone").
type SetStmt struct {
	Name    string
	Values  []SetValue
	Default bool
	Local   bool
	// Current is SET … FROM CURRENT, which only functions take.
	Current bool
}

// SetValue is one value of SET. Number says that it was written as a number, Interval that it was an interval literal
// (SET TIME ZONE INTERVAL …), already in PostgreSQL's text form.
type SetValue struct {
	Text     string
	Number   bool
	Interval bool
}

// TransactionModes are the modes of BEGIN and SET TRANSACTION; an empty or nil one is not given.
type TransactionModes struct {
	Isolation  string // "read committed" …
	ReadOnly   *bool
	Deferrable *bool
}

// SetTransactionStmt is SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION when Session is set.
type SetTransactionStmt struct {
	Modes    TransactionModes
	Session  bool
	Snapshot string
}

// ResetStmt is RESET name, or RESET ALL when Name is empty.
type ResetStmt struct{ Name string }

// ShowStmt is SHOW name, or SHOW ALL when Name is "all".
type ShowStmt struct{ Name string }

// DiscardStmt is DISCARD; What is ALL, PLANS, SEQUENCES or TEMP.
type DiscardStmt struct{ What string }

// TransactionKind is what a TransactionStmt does.
type TransactionKind uint8

// The transaction statements.
const (
	TxBegin TransactionKind = iota
	TxCommit
	TxRollback
	TxSavepoint
	TxRelease
	TxRollbackTo
)

// TransactionStmt is BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE or ROLLBACK TO.
type TransactionStmt struct {
	Kind      TransactionKind
	Modes     TransactionModes
	Savepoint string
	Chain     bool
}

// PrepareStmt is PREPARE name (types) AS query; the query is bound when the statement is prepared.
type PrepareStmt struct {
	Name      string
	ParamOIDs []uint32
	Query     *parser.Statement
}

// ExecuteStmt is EXECUTE name (arguments). The arguments are bound by Binder.BindExecute once the parameter types are known.
type ExecuteStmt struct {
	Name string
	Args int
}

// DeallocateStmt is DEALLOCATE name, or DEALLOCATE ALL when Name is empty.
type DeallocateStmt struct{ Name string }

// DeclareStmt is DECLARE name CURSOR; the query is in the Bound's Root and Output.
type DeclareStmt struct {
	Name        string
	Binary      bool
	Scroll      bool
	NoScroll    bool
	Insensitive bool
	Asensitive  bool
	Hold        bool
	Query       *parser.Statement
}

// FetchDirection is how FETCH and MOVE go.
type FetchDirection uint8

// The directions.
const (
	FetchForward FetchDirection = iota
	FetchBackward
	FetchAbsolute
	FetchRelative
)

// FetchAll is the count of FETCH ALL.
const FetchAll int64 = 1<<63 - 1

// FetchStmt is FETCH, or MOVE when Move is set.
type FetchStmt struct {
	Name      string
	Direction FetchDirection
	Count     int64
	Move      bool
}

// CloseStmt is CLOSE name, or CLOSE ALL when Name is empty.
type CloseStmt struct{ Name string }

// CopyStmt is COPY (query) TO STDOUT, also of a table; the query is in the Bound's Root and Output.
type CopyStmt struct {
	Format     string // text, csv or binary
	Header     bool
	Delimiter  string
	Null       string
	Quote      string
	Escape     string
	ForceQuote []bool // per output column; nil: none
}

// ExplainStmt is EXPLAIN; the query is in the Bound's Root and Output says what EXPLAIN itself gives. Query is the
// statement below, for EXPLAIN EXECUTE the ExecuteStmt is set and Root is nil.
type ExplainStmt struct {
	Analyze, Verbose, Costs, Buffers, Timing, Summary, Settings, WAL bool
	Format                                                           string // text, json, xml or yaml
	QueryOutput                                                      []OutputColumn
	Execute                                                          *ExecuteStmt
	Query                                                            *parser.Statement
}

// ListenStmt is LISTEN channel.
type ListenStmt struct{ Channel string }

// UnlistenStmt is UNLISTEN channel, or UNLISTEN * when Channel is empty.
type UnlistenStmt struct{ Channel string }

// LockStmt is LOCK TABLE: nothing is locked, but the tables exist. It needs a transaction block.
type LockStmt struct{ Tables []string }

// ConstraintsStmt is SET CONSTRAINTS, which changes nothing.
type ConstraintsStmt struct{}

// ExecuteArgs are the bound arguments of EXECUTE.
type ExecuteArgs struct {
	Args []plan.Expr
	IDs  *plan.IDs
	Type []sqltype.Type
}
