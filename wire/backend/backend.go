package backend

import (
	"context"
	"net"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Backend makes sessions. It is safe for concurrent use.
type Backend interface {
	// Credential looks a user up for authentication and never fails: an unknown user gets Known false and the protocol
	// goes through the motions all the same.
	Credential(user string) Credential
	// Connect starts a session after authentication. It fails with 28000, 3D000, 53300 or for a bad startup parameter.
	Connect(ctx context.Context, c Connection) (Session, error)
}

// Credential is what authentication needs of a user. Exactly one of Password and Verifier is set for a known user.
type Credential struct {
	Known    bool
	Password string // clear, as configured
	Verifier string // "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>", as pg_authid.rolpassword stores it
}

// Connection is what a session is told about its client.
type Connection struct {
	User, Database string
	Parameters     map[string]string // the startup packet's other parameters, with options already split into settings
	PID            uint32            // also the first half of the cancel key
	SecretKey      []byte
	Remote         net.Addr
	TLS            string // "" or the protocol version, for pg_stat_ssl
	// Cancel ends the statement that runs now, as CancelRequest does; Terminate ends the connection with 57P01. Both may be
	// called from any goroutine (pg_cancel_backend, pg_terminate_backend).
	Cancel, Terminate func()
}

// TxStatus is the status byte of ReadyForQuery.
type TxStatus byte

// The transaction states.
const (
	Idle     TxStatus = 'I'
	InBlock  TxStatus = 'T'
	InFailed TxStatus = 'E'
)

// ParameterStatus is a setting that the client is told of.
type ParameterStatus struct{ Name, Value string }

// Statement is a parsed statement that has not been analysed yet.
type Statement interface {
	// Text is the statement's own part of the query string.
	Text() string
}

// Param is one parameter of Bind. Data nil means NULL. Data is only valid during the call of Bind.
type Param struct {
	Format int16 // 0 text, 1 binary
	Data   []byte
}

// Column is one column of a result.
type Column struct {
	Name     string
	Type     sqltype.Type
	TableOID uint32
	Attnum   int16
}

// Prepared is a named or unnamed prepared statement.
type Prepared interface {
	ParamOIDs() []uint32
	Columns() []Column // nil: returns no rows
}

// Kind says what Execute of a portal produces.
type Kind uint8

// The kinds of a portal.
const (
	Rows Kind = iota
	CopyOut
	Command
	Empty
)

// CopyFormat is the format of COPY TO STDOUT.
type CopyFormat struct {
	Format     string // text, csv or binary
	Header     bool
	Delimiter  byte
	Null       string
	Quote      byte
	Escape     byte
	ForceQuote []bool // per column; nil: none
}

// Session is one client's session. PostgreSQL's rules for transactions apply: an error fails the transaction, Sync ends an
// implicit one.
type Session interface {
	// Parse splits and parses a query string: syntax only, each statement is analysed when its turn comes. No statement
	// (empty text) gives an empty slice. In a failed transaction it still parses.
	Parse(ctx context.Context, sql string) ([]Statement, error)
	// Prepare analyses a statement and stores it under the name (empty: the unnamed statement, replaced without an error;
	// another existing name is 42P05). st nil stands for the empty query. Parameter types not given (0) are inferred. It
	// asks no service.
	Prepare(ctx context.Context, name string, st Statement, paramOIDs []uint32) (Prepared, error)
	// Statement finds a prepared statement, in a failed transaction too: 26000 when there is none.
	Statement(name string) (Prepared, error)
	// Portal finds a portal: 34000 when there is none.
	Portal(name string) (Portal, error)
	// Bind makes a portal (empty: the unnamed portal, replaced; another existing name is 42P03) from a prepared statement.
	// There are as many params as the statement has, and as many resultFormats as columns, or nil for all text.
	Bind(ctx context.Context, portal, statement string, params []Param, resultFormats []int16) (Portal, error)
	// Simple analyses and binds one statement of a simple query; implicit says that the statement is one of several in its query string.
	Simple(ctx context.Context, st Statement, implicit bool) (Portal, error)
	// CloseStatement and ClosePortal drop by name; unknown names are no error.
	CloseStatement(name string)
	ClosePortal(name string)
	// Fail tells that wire met an error: the transaction is failed.
	Fail(err *pgerr.Error)
	// Sync ends the implicit transaction and its portals. It returns the state for ReadyForQuery and the settings that
	// changed since the last call (after connecting: all that are reported).
	Sync(ctx context.Context) (TxStatus, []ParameterStatus)
	// DrainNotices returns the notices queued since the last call, oldest first.
	DrainNotices() []*pgerr.Error
	// Env is the session's settings for input and output of values, as they are now.
	Env() sqltype.Env
	// StatementTimeout is statement_timeout in milliseconds, 0 for none; IdleTimeouts likewise for idle_session_timeout and
	// idle_in_transaction_session_timeout.
	StatementTimeout() int64
	IdleTimeouts() (idle, inTransaction int64)
	// Finished tells the engine that an execution of a statement ended or was suspended, for its log line and pg_stat_activity.
	Finished(f Finished)
	Close() error
}

// Finished is what only the wire knows about an execution that ended: of one Execute, or of one statement of a simple query.
type Finished struct {
	Portal    Portal // nil if the statement failed before it had one
	Rows      int64
	BytesSent int64
	Suspended bool // the row limit was reached; another Execute may follow, or Close or Sync end the portal
	Err       *pgerr.Error
}

// Portal is a statement ready to run, or running. Portals are used by the session's goroutine only.
type Portal interface {
	Kind() Kind
	Columns() []Column
	// Formats are the result formats that Bind gave, one per column, or nil for all text.
	Formats() []int16
	Copy() CopyFormat // of a CopyOut portal
	// Next returns the next rows, at the most maxRows of them (0: as many as a batch holds), or nil, nil at the end. ctx
	// bounds this call only. A Command portal does its work in the first call, which returns nil, nil. The batch is valid
	// until the next call of Next or Close.
	Next(ctx context.Context, maxRows int) (*vector.Batch, error)
	// Ready reports whether Next would return without waiting for a service; if not, the caller flushes first.
	Ready() bool
	// TagName is the command tag without a row count ("SELECT", "SET", "COPY"). If WantsCount, wire appends the count of
	// this Execute's rows; FETCH and MOVE that know their own count return WantsCount false and the whole tag.
	TagName() string
	WantsCount() bool
	// Close ends the portal and everything below it. Idempotent.
	Close() error
}
