package catalog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

// Options is what a snapshot is built from.
type Options struct {
	Version  uint64
	Database string
	Services []Service // in the order of the configuration
	Users    []User
	System   System  // catalog/system's system.Definitions()
	Attnums  Attnums // nil: every column is numbered by its place
}

// Service is one OData service, shown as a schema.
type Service struct {
	Schema  string
	Model   *edm.Model // nil: the metadata is not known
	Reason  string     // why Model is nil
	Names   NameMode
	Profile *profile.Profile          // nil: nothing is declared unique
	Columns map[string]ColumnOverride // by set.property, a property inside a complex one reached by slashes
}

// ColumnOverride is what the configuration says about a column.
type ColumnOverride struct {
	Type    sqltype.Type // OID 0: the one that follows from the metadata
	OnError string       // "" an error, "null" null with a notice
	Unique  bool
}

// User is a role that may log in.
type User struct {
	Name        string
	AllServices bool
	Services    []string // schemas, where not all
	MemberOf    []string // pg_monitor, pg_signal_backend …
}

// System is what catalog/system contributes: everything that PostgreSQL's initdb makes.
type System struct {
	Relations   []SystemRelation
	Types       []*NamedType  // those that are neither in sqltype's table nor row types of Relations: domains and their arrays
	Indexes     []SystemIndex // of system relations
	Constraints []SystemConstraint
}

// SystemRelation defines a relation of a system schema.
type SystemRelation struct {
	OID                uint32 // 0: hashed like a table's
	Schema, Name       string
	Kind               Relkind
	Columns            []Column
	Comment            string
	RowType, ArrayType uint32
	ACL                []ACLItem // nil: only the owner
	Table              SystemTable
	// Definition and PrettyDefinition are what pg_get_viewdef prints for a view.
	Definition, PrettyDefinition string
}

// SystemIndex is an index of a system relation; the index itself is one of the relations.
type SystemIndex struct {
	OID, Table      uint32
	Attnums         []int16
	Unique, Primary bool
}

// SystemConstraint is a constraint that initdb makes.
type SystemConstraint struct {
	OID        uint32
	Schema     string
	Name       string
	Kind       byte   // p, u or c
	Table      uint32 // 0 for a domain's
	Domain     uint32
	Index      uint32
	Definition string // of a check constraint
}

// check refuses names that would hide or stand beside PostgreSQL's own.
func (o *Options) check() error {
	if o.Database == "" {
		return errors.New("the database has no name")
	}
	users := make(map[string]bool)
	for _, u := range o.Users {
		if u.Name == "" || u.Name == "public" || u.Name == "none" || strings.HasPrefix(u.Name, "pg_") {
			return fmt.Errorf("the user name %q is reserved", u.Name)
		}
		if users[u.Name] {
			return fmt.Errorf("the user %q is there twice", u.Name)
		}
		users[u.Name] = true
	}
	schemas := map[string]bool{"public": true, "information_schema": true, OwnSchema: true}
	for i := range o.Services {
		name := o.Services[i].Schema
		if name == "" || schemas[name] || strings.HasPrefix(name, "pg_") {
			return fmt.Errorf("the schema name %q is reserved, or there twice", name)
		}
		schemas[name] = true
	}
	return nil
}
