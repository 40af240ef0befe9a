package catalog

import (
	"context"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// Relkind is pg_class.relkind.
type Relkind byte

// The kinds of a relation.
const (
	RelTable Relkind = 'r'
	RelIndex Relkind = 'i'
	RelView  Relkind = 'v'
)

// Schema is a namespace of the snapshot.
type Schema struct {
	OID     uint32
	Name    string
	Owner   uint32
	Service string // name of the service whose sets it holds; "" for pg_catalog, information_schema, public and the server's own
	Comment string
}

// Relation is a table, view or index that clients see.
type Relation struct {
	OID     uint32
	Schema  *Schema
	Name    string
	Kind    Relkind
	Columns []Column
	Comment string
	// RowType and ArrayType are the OIDs of the composite type and of its array.
	RowType, ArrayType uint32
	// Key lists the declared key as places in Columns; empty: none. A claim of the service.
	Key []int
	// Folded marks a name that comes from a service's metadata: an unquoted name then matches without regard to case.
	Folded bool
	// EntitySet is the set behind a table; System is what computes a system relation. Exactly one of them is set.
	EntitySet string
	System    SystemTable
}

// Column is a column of a relation.
type Column struct {
	Name    string
	Attnum  int16
	Type    sqltype.Type
	NotNull bool // as declared
	Comment string
	Folded  bool
	// Hidden columns are not part of *, but can be named (system columns, pg_class.relhasoids).
	Hidden bool
	// Path and Edm say which property it is; unset for system relations.
	Path []string
	Edm  edm.Type
	// Unique: the profile or the configuration declares the values unique.
	Unique bool
	// OnError says what a value that does not convert becomes: "" an error, "null" null with a notice.
	OnError string
}

// SystemTable computes a system relation (package catalog/system).
type SystemTable interface {
	// Scan calls emit for the rows. Row values stand in the order of the relation's Columns; only the columns in want
	// (places in Columns) need to be filled. With a lookup only rows whose column equals one of its values need to be given
	// (others may be: the engine tests again).
	Scan(ctx context.Context, env SystemEnv, want []int, lookup *Lookup, emit func(row []sqltype.Value) error) error
	// Indexed lists the columns, by place, that a lookup is fast on.
	Indexed() []int
}

// Lookup restricts a scan of a system relation.
type Lookup struct {
	Column int // place in Columns
	Values []sqltype.Value
}

// SystemEnv is what system relations see of the session that asks.
type SystemEnv interface {
	Snapshot() *Snapshot
	// Live gives the rows of a view over the server's state (activity, cursors, prepared statements, settings, locks …) as the
	// type that catalog/system declares for it, or nil.
	Live() any
	User() string
	Database() string
}

// FKey is a foreign key, or a relationship that is not one (Declared false), between columns of two tables.
type FKey struct {
	OID              uint32
	Name             string
	From, To         *Relation
	FromCols, ToCols []int // places in Columns
}

// Snapshot is an immutable catalog: what one statement sees. A session's snapshot holds only what its user may use.
type Snapshot struct {
	Version  uint64
	Database string
	// Missing says, by schema name, why a service's tables are not known.
	Missing map[string]string

	schemas   []*Schema
	relations []*Relation
	fkeys     []*FKey
	byName    map[string]map[string]*Relation   // schema, name
	byFold    map[string]map[string][]*Relation // schema, lower-case name, folded relations only
	byOID     map[uint32]*Relation
}
