package eval

import (
	"context"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Env is what expressions see of their session. The engine implements it; the embedded sqltype.Env serves the text forms of
// values.
type Env interface {
	sqltype.Env

	// Setting returns a run-time parameter by its lower-case name; SetSetting changes it, until the transaction's end if local.
	Setting(name string) (string, bool)
	SetSetting(name, value string, local bool) error

	StatementTime() time.Time
	TransactionTime() time.Time
	ClockTime() time.Time

	User() string
	SessionUser() string
	Database() string
	BackendPID() int32
	// Query is the text of the statement that the client sent.
	Query() string
	// ServerStart and ConfigTime are pg_postmaster_start_time and pg_conf_load_time.
	ServerStart() time.Time
	ConfigTime() time.Time
	// LocalAddr and RemoteAddr are the connection's addresses and ports; an empty address for a socket without one.
	LocalAddr() (addr string, port int)
	RemoteAddr() (addr string, port int)
	// TransactionID is the number of the current transaction.
	TransactionID() uint64
	// Signal cancels (terminate false) or ends another session; false where no session has the pid.
	Signal(pid int32, terminate bool) (bool, error)

	// Random gives a float in [0, 1); SeedRandom restarts the sequence.
	Random() float64
	SeedRandom(seed float64)

	Notice(*pgerr.Error)
	Catalog() Catalog
}

// ObjectKind is a kind of catalog object, by the catalog that holds it.
type ObjectKind string

// The kinds that look-ups are made for.
const (
	ObjRelation   ObjectKind = "pg_class"
	ObjType       ObjectKind = "pg_type"
	ObjFunction   ObjectKind = "pg_proc"
	ObjOperator   ObjectKind = "pg_operator"
	ObjOpclass    ObjectKind = "pg_opclass"
	ObjOpfamily   ObjectKind = "pg_opfamily"
	ObjCollation  ObjectKind = "pg_collation"
	ObjConversion ObjectKind = "pg_conversion"
	ObjSchema     ObjectKind = "pg_namespace"
	ObjDatabase   ObjectKind = "pg_database"
	ObjRole       ObjectKind = "pg_authid"
	ObjLanguage   ObjectKind = "pg_language"
	ObjTablespace ObjectKind = "pg_tablespace"
	ObjConstraint ObjectKind = "pg_constraint"
	ObjServer     ObjectKind = "pg_foreign_server"
	ObjWrapper    ObjectKind = "pg_foreign_data_wrapper"
	ObjTSConfig   ObjectKind = "pg_ts_config"
	ObjTSDict     ObjectKind = "pg_ts_dict"
	ObjTSParser   ObjectKind = "pg_ts_parser"
	ObjTSTemplate ObjectKind = "pg_ts_template"
	ObjStatistics ObjectKind = "pg_statistic_ext"
)

// Catalog answers what catalog functions ask, from the statement's snapshot. Names are exact.
type Catalog interface {
	// Visible reports whether an object is found by its bare name on the search_path; exists is false for an unknown OID.
	Visible(kind ObjectKind, oid uint32) (visible, exists bool)
	// Name returns an object's schema ("" for kinds without one) and name.
	Name(kind ObjectKind, oid uint32) (schema, name string, ok bool)
	// OID finds an object of a kind without schema by its name: a role, schema, database, language, tablespace.
	OID(kind ObjectKind, name string) (uint32, bool)
	// Comment returns the comment on an object (class is the OID of its catalog, 0 any) or on a column of it.
	Comment(class, oid uint32, sub int32) (string, bool)
	SharedComment(class, oid uint32) (string, bool)
	// Definitions; false for an unknown OID. column is 0 for the whole index. pretty leaves out what can be left out: the
	// schema of a visible table, and parentheses.
	ConstraintDef(oid uint32) (string, bool)
	IndexDef(oid uint32, column int, pretty bool) (string, bool)
	ViewDef(oid uint32, pretty bool) (string, bool)
	// Relkind returns pg_class.relkind.
	Relkind(oid uint32) (byte, bool)
	// Attnum finds a column of a relation; Column gives its name.
	Attnum(relation uint32, column string) (int16, bool)
	Column(relation uint32, attnum int16) (string, bool)
	// HasPrivilege reports whether a role may use an object. privilege is SELECT, USAGE, CONNECT … in capitals; attnum 0 is the
	// whole object, -1 any of its columns. exists is false for an unknown object.
	HasPrivilege(role uint32, kind ObjectKind, oid uint32, attnum int16, privilege string) (has, exists bool)
	// IsMember reports whether a role has another's privileges.
	IsMember(role, of uint32) bool
	IsSuperuser(role uint32) bool
	// RelationSize and DatabaseSize are in bytes.
	RelationSize(oid uint32) (int64, bool)
	DatabaseSize(oid uint32) (int64, bool)
	// SearchPath lists the schemas of the search_path that exist, with pg_catalog where it is implied if implicit is set.
	SearchPath(implicit bool) []string
}

// Ctx is what one evaluation runs with.
type Ctx struct {
	// Context ends long kernels; nil means never.
	Context context.Context
	Env     Env
	// Outer holds the values of outer columns, in the slots that the Layout named.
	Outer []sqltype.Value
	// Mem pays for values that functions build; nil accepts everything.
	Mem *vector.Budget

	oneRow bool // values of any size may be made: there is nothing to put off
}

// MaxValue is the size in bytes that no single value may pass, as in PostgreSQL (MaxAllocSize).
const MaxValue = 1<<30 - 1

// checkSize refuses to build a value of n bytes, before it is built.
func (c *Ctx) checkSize(n int64) error {
	if n > MaxValue {
		return pgerr.New(pgerr.ProgramLimitExceeded, "requested length too large")
	}
	if n > 1<<16 && c != nil && c.Mem != nil {
		if err := c.Mem.Grow(n); err != nil {
			return err
		}
		c.Mem.Shrink(n)
	}
	return nil
}
