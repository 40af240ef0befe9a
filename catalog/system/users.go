package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// userIndex finds the relations that initdb does not make: the services' tables and their indexes, and this server's own.
type userIndex struct {
	relations []*catalog.Relation
	byName    map[string][]*catalog.Relation
	// fkeysTo are the foreign keys toward a table.
	fkeysTo map[uint32][]*catalog.FKey
	fkeysOf map[uint32][]*catalog.FKey
}

type userIndexKey struct{}

func users(s *catalog.Snapshot) *userIndex {
	u, _ := s.Derived(userIndexKey{}, func() any { return newUserIndex(s) }).(*userIndex)
	return u
}

func newUserIndex(s *catalog.Snapshot) *userIndex {
	u := &userIndex{
		byName: make(map[string][]*catalog.Relation), fkeysTo: make(map[uint32][]*catalog.FKey), fkeysOf: make(map[uint32][]*catalog.FKey),
	}
	for _, r := range s.Relations() {
		if !r.Initdb() {
			u.relations = append(u.relations, r)
			u.byName[r.Name] = append(u.byName[r.Name], r)
		}
	}
	for _, fk := range s.ForeignKeys() {
		u.fkeysTo[fk.To.OID] = append(u.fkeysTo[fk.To.OID], fk)
		u.fkeysOf[fk.From.OID] = append(u.fkeysOf[fk.From.OID], fk)
	}
	return u
}

// userRelation finds a relation that initdb does not make, or nil.
func userRelation(s *catalog.Snapshot, o uint32) *catalog.Relation {
	if r := s.RelationByOID(o); r != nil && !r.Initdb() {
		return r
	}
	return nil
}

type byRelation = func(*call, sqltype.Value, func(*catalog.Relation) error) error

func relationByOID(c *call, v sqltype.Value, yield func(*catalog.Relation) error) error {
	return one(userRelation(c.snap, key(v)), yield)
}

func relationByName(c *call, v sqltype.Value, yield func(*catalog.Relation) error) error {
	return each(users(c.snap).byName[v.S], yield)
}

func userRelations(c *call, yield func(*catalog.Relation) error) error {
	return each(users(c.snap).relations, yield)
}

// nameIndex finds all relations, those of initdb included, by name.
type nameIndexKey struct{}

func namedRelations(s *catalog.Snapshot, name string) []*catalog.Relation {
	m, _ := s.Derived(nameIndexKey{}, func() any {
		m := make(map[string][]*catalog.Relation)
		for _, r := range s.Relations() {
			m[r.Name] = append(m[r.Name], r)
		}
		return m
	}).(map[string][]*catalog.Relation)
	return m[name]
}
