package catalog

import (
	"fmt"
	"strings"
	"sync"
)

// The schemas that initdb makes.
const (
	SchemaCatalog     uint32 = 11
	SchemaToast       uint32 = 99
	SchemaPublic      uint32 = 2200
	SchemaInformation uint32 = 13207 // given by initdb of PostgreSQL 15; not fixed by its sources
)

// OwnSchema is the schema of the server's own relations.
const OwnSchema = "odatagres"

type builder struct {
	opts Options
	snap *Snapshot
	oids *oidMaker
	// dest are the places that wait for an OID, by key; also runs after they are filled.
	dest map[string][]*uint32
	also []func()
}

// Build makes a snapshot of all services. It asks nobody and keeps nothing of the options but the models' immutable parts.
func Build(opts Options) (*Snapshot, error) {
	b := &builder{
		opts: opts, oids: newOIDMaker(), dest: make(map[string][]*uint32),
		snap: &Snapshot{
			Version: opts.Version, Database: opts.Database, Missing: make(map[string]string), derived: newDerived(),
		},
	}
	b.named(oidKey("database", "", opts.Database), &b.snap.DatabaseOID)
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	b.roles()
	b.schemas()
	if err := b.system(); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	for i := range opts.Services {
		b.service(&opts.Services[i])
	}
	b.rowTypes()
	b.assign()
	b.snap.index()
	return b.snap, nil
}

// named asks for the OID of an object.
func (b *builder) named(key string, dest *uint32) {
	b.oids.want(key)
	b.dest[key] = append(b.dest[key], dest)
}

func (b *builder) assign() {
	b.oids.assign(hashOID)
	for key, places := range b.dest {
		for _, p := range places {
			*p = b.oids.of(key)
		}
	}
	for _, f := range b.also {
		f()
	}
}

func (b *builder) roles() {
	s := b.snap
	s.roles = predefinedRoles()
	byName := make(map[string]*Role)
	for _, r := range s.roles {
		byName[r.Name] = r
	}
	for _, u := range b.opts.Users {
		if u.Name == BootstrapRole {
			// The configuration's user has the name; nobody is ever the bootstrap role.
			byName[BootstrapRole].Name = "pg_bootstrap"
		}
		r := &Role{Name: u.Name, CanLogin: true, AllServices: u.AllServices, Services: u.Services}
		for _, m := range u.MemberOf {
			if of := byName[m]; of != nil && of.OID != RoleBootstrap {
				r.MemberOf = append(r.MemberOf, of)
			}
		}
		b.named(oidKey("role", "", u.Name), &r.OID)
		s.roles = append(s.roles, r)
	}
}

func (b *builder) schemas() {
	public := func(owner uint32) []ACLItem {
		return []ACLItem{{Grantee: owner, Grantor: owner, Privs: AllSchemaPrivileges}, {Grantor: owner, Privs: PrivUsage}}
	}
	b.snap.schemas = []*Schema{
		{OID: SchemaToast, Name: "pg_toast", Owner: RoleBootstrap, Comment: "reserved schema for TOAST tables"},
		{OID: SchemaCatalog, Name: "pg_catalog", Owner: RoleBootstrap, Comment: "system catalog schema", ACL: public(RoleBootstrap)},
		{OID: SchemaPublic, Name: "public", Owner: RoleDatabaseOwner, Comment: "standard public schema", ACL: public(RoleDatabaseOwner)},
		{OID: SchemaInformation, Name: "information_schema", Owner: RoleBootstrap, ACL: public(RoleBootstrap)},
	}
	own := &Schema{Name: OwnSchema, Owner: RoleBootstrap, Comment: "what this server knows about its services", ACL: public(RoleBootstrap)}
	b.snap.schemas = append(b.snap.schemas, own)
	b.named(oidKey("schema", "", OwnSchema), &own.OID)
}

func (b *builder) schemaNamed(name string) *Schema {
	for _, s := range b.snap.schemas {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// service adds a schema with the service's tables. A schema's access list names the users that may use the service.
func (b *builder) service(svc *Service) {
	schema := &Schema{Name: svc.Schema, Owner: RoleBootstrap, Service: svc.Schema}
	b.named(oidKey("schema", "", svc.Schema), &schema.OID)
	b.snap.schemas = append(b.snap.schemas, schema)
	b.also = append(b.also, func() { b.grant(schema) })
	if svc.Model == nil {
		b.snap.Missing[svc.Schema] = svc.Reason
		return
	}
	schema.Comment = description(svc.Model.Annotations)
	originals := make([]original, 0, len(svc.Model.Sets))
	for _, set := range svc.Model.Sets {
		originals = append(originals, original{key: set.Name, text: set.Name})
	}
	names := uniqueNames(svc.Names, originals, nil)
	tables := make(map[string]*Relation, len(names))
	used := make(map[string]bool, 2*len(names))
	var inOrder []*Relation
	for _, set := range svc.Model.Sets {
		if tables[set.Name] != nil {
			continue
		}
		t := b.table(svc, schema, set, names[set.Name])
		tables[set.Name] = t
		used[t.Name] = true
		inOrder = append(inOrder, t)
		b.snap.relations = append(b.snap.relations, t)
		b.named(oidKey("table", svc.Schema, set.Name), &t.OID)
		b.named(oidKey("rowtype", svc.Schema, set.Name), &t.RowType)
		b.named(oidKey("arraytype", svc.Schema, set.Name), &t.ArrayType)
	}
	for _, t := range inOrder {
		b.keys(t, used)
	}
	b.references(svc, tables)
}

// readerPrivileges are what a user has on a service's tables. REFERENCES lets nobody do anything here, but without it
// information_schema hides keys and foreign keys (table_constraints, referential_constraints), which tools read joins from.
const readerPrivileges = PrivSelect | PrivReferences

// grant writes the access lists of a service's schema and tables once roles have OIDs.
func (b *builder) grant(schema *Schema) {
	owner := ACLItem{Grantee: RoleBootstrap, Grantor: RoleBootstrap}
	var users, readers []ACLItem
	for _, r := range b.snap.roles {
		if r.OID < FirstUserOID || !r.MayUse(schema.Service) {
			continue
		}
		users = append(users, ACLItem{Grantee: r.OID, Grantor: RoleBootstrap, Privs: PrivUsage})
		readers = append(readers, ACLItem{Grantee: r.OID, Grantor: RoleBootstrap, Privs: readerPrivileges})
	}
	if len(users) == 0 {
		return
	}
	owner.Privs = AllSchemaPrivileges
	schema.ACL = append([]ACLItem{owner}, users...)
	owner.Privs = AllTablePrivileges
	tables := append([]ACLItem{owner}, readers...)
	for _, r := range b.snap.relations {
		if r.Schema == schema && r.Kind == RelTable {
			r.ACL = tables
		}
	}
}

// rowTypes names the row types and their arrays. PostgreSQL gives a row type the table's name and its array the name with
// "_" before it.
func (b *builder) rowTypes() {
	used := make(map[string]map[string]bool)
	take := func(schema string) map[string]bool {
		if used[schema] == nil {
			used[schema] = make(map[string]bool)
		}
		return used[schema]
	}
	for _, t := range b.snap.typeList {
		take(t.Schema)[t.Name] = true
	}
	var rows []*Relation
	for _, r := range b.snap.relations {
		if r.Kind == RelTable || r.Kind == RelView {
			take(r.Schema.Name)[r.Name] = true
			rows = append(rows, r)
		}
	}
	for _, r := range rows {
		row := &NamedType{Name: r.Name, Schema: r.Schema.Name, Kind: 'c', Relation: r}
		arr := &NamedType{Name: arrayTypeName(r.Name, take(r.Schema.Name)), Schema: r.Schema.Name, Kind: 'b'}
		b.snap.typeList = append(b.snap.typeList, row, arr)
		b.also = append(b.also, func() {
			row.OID, row.Array = r.RowType, r.ArrayType
			arr.OID, arr.Elem = r.ArrayType, r.RowType
		})
	}
}

// derived keeps what others compute from a snapshot, once per snapshot.
type derived struct {
	mu sync.Mutex
	m  map[any]*derivedValue
}

type derivedValue struct {
	once sync.Once
	v    any
}

func newDerived() *derived { return &derived{m: make(map[any]*derivedValue)} }

// Derived returns what compute made for the key when it was first asked for. The value must not change and must depend on
// the snapshot alone.
func (s *Snapshot) Derived(key any, compute func() any) any {
	s.derived.mu.Lock()
	d := s.derived.m[key]
	if d == nil {
		d = new(derivedValue)
		s.derived.m[key] = d
	}
	s.derived.mu.Unlock()
	d.once.Do(func() { d.v = compute() })
	return d.v
}

// index fills the maps from the lists.
func (s *Snapshot) index() {
	s.byName = make(map[string]map[string]*Relation, len(s.schemas))
	s.byFold = make(map[string]map[string][]*Relation, len(s.schemas))
	s.byOID = make(map[uint32]*Relation, len(s.relations))
	for _, sc := range s.schemas {
		s.byName[sc.Name] = make(map[string]*Relation)
		s.byFold[sc.Name] = make(map[string][]*Relation)
	}
	for _, r := range s.relations {
		s.byName[r.Schema.Name][r.Name] = r
		s.byOID[r.OID] = r
		if r.Folded {
			low := strings.ToLower(r.Name)
			s.byFold[r.Schema.Name][low] = append(s.byFold[r.Schema.Name][low], r)
		}
	}
	s.types = make(map[uint32]*NamedType, len(s.typeList))
	s.typesByName = make(map[string]map[string]*NamedType)
	for _, t := range s.typeList {
		s.types[t.OID] = t
		if s.typesByName[t.Schema] == nil {
			s.typesByName[t.Schema] = make(map[string]*NamedType)
		}
		s.typesByName[t.Schema][t.Name] = t
	}
	s.consByTable = make(map[uint32][]*Constraint)
	s.consByOID = make(map[uint32]*Constraint, len(s.constraints))
	for _, c := range s.constraints {
		s.consByOID[c.OID] = c
		if c.Table != nil {
			s.consByTable[c.Table.OID] = append(s.consByTable[c.Table.OID], c)
		}
	}
	s.roleByOID = make(map[uint32]*Role, len(s.roles))
	s.roleByName = make(map[string]*Role, len(s.roles))
	for _, r := range s.roles {
		s.roleByOID[r.OID] = r
		s.roleByName[r.Name] = r
	}
}
