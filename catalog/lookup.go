package catalog

import "strings"

// Schemas are the namespaces in order of their OIDs' making.
func (s *Snapshot) Schemas() []*Schema { return s.schemas }

// Relations are all relations, system relations and indexes included.
func (s *Snapshot) Relations() []*Relation { return s.relations }

// ForeignKeys are the foreign keys toward declared keys.
func (s *Snapshot) ForeignKeys() []*FKey { return s.fkeys }

// Schema finds a namespace by its exact name.
func (s *Snapshot) Schema(name string) *Schema {
	for _, x := range s.schemas {
		if x.Name == name {
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
