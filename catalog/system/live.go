package system

import "time"

// Live is what the server's relations over running sessions see. The engine implements it for a session; this package
// decides who sees what. All lists are of the whole server, but for cursors, statements and settings, which are the asking
// session's.
type Live interface {
	// PID is the asking session's process id.
	PID() int32
	Activity() []Activity
	Cursors() []Cursor
	PreparedStatements() []PreparedStatement
	// Settings are the settings of the asking session whose value or source differs from the dumped pg_settings, and those
	// that PostgreSQL does not have.
	Settings() []Setting
	Locks() []Lock
	// Now is the transaction's start.
	Now() time.Time
}

// Activity is a session, for pg_stat_activity, pg_stat_ssl and pg_stat_gssapi.
type Activity struct {
	PID             int32
	User            string
	ApplicationName string
	ClientAddr      string // "" over a local socket
	ClientPort      int32  // -1 over a local socket
	BackendStart    time.Time
	XactStart       time.Time // zero: outside a transaction
	QueryStart      time.Time
	StateChange     time.Time
	WaitEventType   string // "" while it does not wait
	WaitEvent       string
	State           string // active, idle, idle in transaction, idle in transaction (aborted)
	Query           string
	TLSVersion      string // "" without TLS
	TLSCipher       string
	TLSBits         int32
}

// Cursor is a row of pg_cursors.
type Cursor struct {
	Name, Statement      string
	Hold, Binary, Scroll bool
	Created              time.Time
}

// PreparedStatement is a row of pg_prepared_statements.
type PreparedStatement struct {
	Name, Statement           string
	PrepareTime               time.Time
	ParameterTypes            []uint32
	FromSQL                   bool
	GenericPlans, CustomPlans int64
}

// Setting is the state of a setting in the session.
type Setting struct {
	Name, Value string
	ResetValue  string
	Source      string // default, client, session, configuration file, database, user …
	ShortDesc   string // only of settings that PostgreSQL does not have
}

// Lock is a row of pg_locks on a relation or a virtual transaction.
type Lock struct {
	PID                int32
	Relation           uint32 // 0: the session's own virtual transaction
	VirtualTransaction string
	Mode               string
	Granted, FastPath  bool
}

// NoLive is a Live in which nothing runs.
type NoLive struct{}

// PID implements Live.
func (NoLive) PID() int32 { return 0 }

// Activity implements Live.
func (NoLive) Activity() []Activity { return nil }

// Cursors implements Live.
func (NoLive) Cursors() []Cursor { return nil }

// PreparedStatements implements Live.
func (NoLive) PreparedStatements() []PreparedStatement { return nil }

// Settings implements Live.
func (NoLive) Settings() []Setting { return nil }

// Locks implements Live.
func (NoLive) Locks() []Lock { return nil }

// Now implements Live.
func (NoLive) Now() time.Time { return time.Time{} }
