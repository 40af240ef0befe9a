package catalog

import "strings"

// Schemas are the namespaces in order of their OIDs' making.
func (s *Snapshot) Schemas() []*Schema { return s.schemas }

// Relations are all relations, system relations and indexes included.
func (s *Snapshot) Relations() []*Relation { return s.relations }

// ForeignKeys are the foreign keys toward declared keys.
func (s *Snapshot) ForeignKeys() []*FKey { return s.fkeys }

// Relationships are all relationships between tables, the foreign keys among them.
func (s *Snapshot) Relationships() []*FKey { return s.relationships }

// Constraints are all constraints, those of initdb first.
func (s *Snapshot) Constraints() []*Constraint { return s.constraints }

// Types are all types that sqltype's table does not hold.
func (s *Snapshot) Types() []*NamedType { return s.typeList }

// Roles are the predefined roles and the users.
func (s *Snapshot) Roles() []*Role { return s.roles }

// Schema finds a namespace by its exact name.
func (s *Snapshot) Schema(name string) *Schema {
	for _, x := range s.schemas {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// SchemaByOID finds a namespace by its OID.
func (s *Snapshot) SchemaByOID(oid uint32) *Schema {
	for _, x := range s.schemas {
		if x.OID == oid {
			return x
		}
	}
	return nil
}

// Relation finds a relation by its exact name in a schema.
func (s *Snapshot) Relation(schema, name string) *Relation { return s.byName[schema][name] }

// RelationByOID finds a relation by its OID.
func (s *Snapshot) RelationByOID(oid uint32) *Relation { return s.byOID[oid] }

// RelationsFolded finds the relations of a schema whose name comes from a service's metadata and equals the name without
// regard to case.
func (s *Snapshot) RelationsFolded(schema, name string) []*Relation {
	return s.byFold[schema][strings.ToLower(name)]
}

// TypeByOID finds a type that sqltype's table does not hold.
func (s *Snapshot) TypeByOID(oid uint32) *NamedType { return s.types[oid] }

// ConstraintByOID finds a constraint.
func (s *Snapshot) ConstraintByOID(oid uint32) *Constraint { return s.consByOID[oid] }

// ConstraintsOf are the constraints of a relation.
func (s *Snapshot) ConstraintsOf(table uint32) []*Constraint { return s.consByTable[table] }

// RoleByName finds a role by its exact name.
func (s *Snapshot) RoleByName(name string) *Role { return s.roleByName[name] }

// RoleByOID finds a role.
func (s *Snapshot) RoleByOID(oid uint32) *Role { return s.roleByOID[oid] }

// Column finds a column by its exact name, hidden ones included, and gives its place or -1.
func (r *Relation) Column(name string) int {
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// ColumnByNumber finds a column by its attribute number and gives its place or -1.
func (r *Relation) ColumnByNumber(num int16) int {
	for i := range r.Columns {
		if r.Columns[i].Attnum == num {
			return i
		}
	}
	return -1
}

// TypeByName finds a type that sqltype's table does not hold by its exact name.
func (s *Snapshot) TypeByName(schema, name string) *NamedType { return s.typesByName[schema][name] }

// CollationOID is pg_attribute.attcollation.
func (c *Column) CollationOID() uint32 {
	if c.Collation != 0 {
		return c.Collation
	}
	return c.Type.Info().Collation
}

// TypeExists reports whether a type of the OID exists, in sqltype's table or in the snapshot.
func (s *Snapshot) TypeExists(oid uint32) bool {
	_, ok := s.typeNameOf(oid)
	return ok
}

// TypeName gives a type's schema and typname.
func (s *Snapshot) TypeName(oid uint32) (schema, name string, ok bool) {
	if t := s.types[oid]; t != nil {
		return t.Schema, t.Name, true
	}
	name, ok = s.typeNameOf(oid)
	return "pg_catalog", name, ok
}
