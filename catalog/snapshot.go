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
	RelToast Relkind = 't'
)

// Schema is a namespace of the snapshot.
type Schema struct {
	OID     uint32
	Name    string
	Owner   uint32
	Service string // name of the service whose sets it holds; "" for pg_catalog, information_schema, public and the server's own
	Comment string
	ACL     []ACLItem // nil: only the owner
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

	ACL []ACLItem // nil: only the owner
	// Index describes an index; nil for other relations. Indexes lists a table's.
	Index   *Index
	Indexes []*Index
	// Definition and PrettyDefinition are what pg_get_viewdef prints for a view.
	Definition, PrettyDefinition string
}

// UserTable reports a table that holds a service's entity set.
func (r *Relation) UserTable() bool { return r.EntitySet != "" }

// Initdb reports a relation that PostgreSQL's initdb makes.
func (r *Relation) Initdb() bool { return r.OID < FirstUserOID }

// Index is an index: of a declared key, of a column declared unique, or of a system catalog.
type Index struct {
	Relation *Relation // of kind RelIndex
	Table    *Relation
	Cols     []int // places in Table.Columns
	Unique   bool
	Primary  bool
	// Constraint is the constraint that the index stands behind, or nil.
	Constraint *Constraint
}

// Constraint is a row of pg_constraint.
type Constraint struct {
	OID    uint32
	Schema *Schema
	Name   string
	Kind   byte      // p primary key, u unique, f foreign key, c check
	Table  *Relation // nil for a domain's
	Domain *NamedType
	Index  *Index // the one behind p and u; the referenced one of f
	FKey   *FKey  // of f
	// Definition is the text of a check constraint.
	Definition string
}

// NamedType is a type that sqltype's table does not hold: a row type, an array of one, a domain or its array.
type NamedType struct {
	OID      uint32
	Name     string
	Schema   string
	Kind     byte         // typtype: c, d or b (arrays)
	Elem     uint32       // of an array
	Array    uint32       // the array over it, or 0
	Base     sqltype.Type // of a domain
	Relation *Relation    // of a row type
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
	ACL     []ACLItem // nil: none beyond the relation's
	// Domain is the domain that a column of information_schema is declared with; Type is then its base type.
	Domain uint32
	// Collation is the column's collation where it is not its type's.
	Collation uint32
}

// SystemTable computes a system relation (package catalog/system).
type SystemTable interface {
	// Scan calls emit for the rows. Row values stand in the order of the relation's Columns; only the columns in want
	// (places in Columns) need to be filled. With a lookup only rows whose column equals one of its values need to be given
	// (others may be: the engine tests again). A row is valid only during the call.
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
	// Declared: it is shown as a foreign key; To then has a key or a unique column with ToCols.
	Declared bool
	Many     bool   // one row of From has several of To
	Origin   string // navigation, annotation or profile
}

// Snapshot is an immutable catalog: what one statement sees. A session's snapshot holds only what its user may use.
type Snapshot struct {
	Version  uint64
	Database string
	// DatabaseOID is the OID of the only database.
	DatabaseOID uint32
	// Missing says, by schema name, why a service's tables are not known.
	Missing map[string]string

	schemas       []*Schema
	relations     []*Relation
	fkeys         []*FKey
	relationships []*FKey
	constraints   []*Constraint
	roles         []*Role
	derived       *derived

	typeList    []*NamedType
	types       map[uint32]*NamedType
	typesByName map[string]map[string]*NamedType // schema, name
	consByTable map[uint32][]*Constraint
	consByOID   map[uint32]*Constraint
	roleByOID   map[uint32]*Role
	roleByName  map[string]*Role
	byName      map[string]map[string]*Relation   // schema, name
	byFold      map[string]map[string][]*Relation // schema, lower-case name, folded relations only
	byOID       map[uint32]*Relation
}
