package catalog

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// PrivilegeTest is one privilege that a has_*_privilege function asks for.
type PrivilegeTest struct {
	Priv   Privilege
	Option bool // WITH GRANT OPTION
}

// The names of privileges that the has_*_privilege functions take, by kind of object (acl.c).
func tablePrivNames() map[string]Privilege {
	return map[string]Privilege{
		"SELECT": PrivSelect, "INSERT": PrivInsert, "UPDATE": PrivUpdate, "DELETE": PrivDelete, "TRUNCATE": PrivTruncate,
		"REFERENCES": PrivReferences, "TRIGGER": PrivTrigger, "RULE": 0,
	}
}

// ObjectKind is what a privilege is asked on.
type ObjectKind byte

// The kinds of objects.
const (
	OnTable ObjectKind = iota
	OnColumn
	OnSchema
	OnDatabase
	OnFunction
	OnUsage // languages, types, foreign data wrappers and servers
	OnTablespace
	OnSequence
)

func privNamesOf(k ObjectKind) map[string]Privilege {
	switch k {
	case OnColumn:
		return map[string]Privilege{"SELECT": PrivSelect, "INSERT": PrivInsert, "UPDATE": PrivUpdate, "REFERENCES": PrivReferences}
	case OnSchema:
		return map[string]Privilege{"CREATE": PrivCreate, "USAGE": PrivUsage}
	case OnDatabase:
		return map[string]Privilege{"CREATE": PrivCreate, "TEMPORARY": PrivTemp, "TEMP": PrivTemp, "CONNECT": PrivConnect}
	case OnFunction:
		return map[string]Privilege{"EXECUTE": PrivExecute}
	case OnUsage:
		return map[string]Privilege{"USAGE": PrivUsage}
	case OnTablespace:
		return map[string]Privilege{"CREATE": PrivCreate}
	case OnSequence:
		return map[string]Privilege{"USAGE": PrivUsage, "SELECT": PrivSelect, "UPDATE": PrivUpdate}
	case OnTable:
	}
	return tablePrivNames()
}

// ParsePrivileges reads the last argument of a has_*_privilege function: names separated by commas, without regard to case.
func ParsePrivileges(k ObjectKind, text string) ([]PrivilegeTest, error) {
	names := privNamesOf(k)
	var tests []PrivilegeTest
	for _, part := range strings.Split(text, ",") {
		part = strings.Trim(part, spaces)
		name := strings.ToUpper(part)
		base, option := strings.CutSuffix(name, " WITH GRANT OPTION")
		p, ok := names[base]
		if !ok || option && base == "RULE" {
			return nil, pgerr.Newf(pgerr.InvalidParameterValue, "unrecognized privilege type: %q", part)
		}
		tests = append(tests, PrivilegeTest{Priv: p, Option: option})
	}
	return tests, nil
}

// The roles that have a right on everything (acl.c, pg_class_aclmask_ext).
const (
	roleReadAllData  uint32 = 6181
	roleWriteAllData uint32 = 6182
)

// rights are what a role has on an object by its owner, its access list and its memberships. A nil list is the default one.
func (s *Snapshot) rights(role *Role, owner uint32, acl, byDefault []ACLItem, all Privilege) (privs, options Privilege) {
	if role.Superuser || s.Member(role, s.roleByOID[owner]) {
		return all, all
	}
	if acl == nil {
		acl = byDefault
	}
	for _, it := range acl {
		if it.Grantee == 0 || s.Member(role, s.roleByOID[it.Grantee]) {
			privs |= it.Privs
			options |= it.Options
		}
	}
	return privs, options
}

func passes(tests []PrivilegeTest, privs, options Privilege) bool {
	for _, t := range tests {
		have := privs
		if t.Option {
			have = options
		}
		if t.Priv != 0 && have&t.Priv == t.Priv {
			return true
		}
	}
	return false
}

func (s *Snapshot) relationRights(role *Role, r *Relation) (privs, options Privilege) {
	privs, options = s.rights(role, RoleBootstrap, r.ACL, nil, AllTablePrivileges)
	if s.Member(role, s.roleByOID[roleReadAllData]) {
		privs |= PrivSelect
	}
	if s.Member(role, s.roleByOID[roleWriteAllData]) {
		privs |= PrivInsert | PrivUpdate | PrivDelete
	}
	return privs, options
}

// HasRelation is has_table_privilege: any of the tests.
func (s *Snapshot) HasRelation(role *Role, r *Relation, tests []PrivilegeTest) bool {
	privs, options := s.relationRights(role, r)
	return passes(tests, privs, options)
}

// HasColumn is has_column_privilege: by the relation's or by the column's access list.
func (s *Snapshot) HasColumn(role *Role, r *Relation, c *Column, tests []PrivilegeTest) bool {
	privs, options := s.relationRights(role, r)
	p, o := s.rights(role, RoleBootstrap, c.ACL, nil, 0)
	return passes(tests, privs|p, options|o)
}

// HasAnyColumn is has_any_column_privilege.
func (s *Snapshot) HasAnyColumn(role *Role, r *Relation, tests []PrivilegeTest) bool {
	if s.HasRelation(role, r, tests) {
		return true
	}
	for i := range r.Columns {
		if c := &r.Columns[i]; c.ACL != nil && s.HasColumn(role, r, c, tests) {
			return true
		}
	}
	return false
}

// HasSchema is has_schema_privilege.
func (s *Snapshot) HasSchema(role *Role, sc *Schema, tests []PrivilegeTest) bool {
	privs, options := s.rights(role, sc.Owner, sc.ACL, nil, AllSchemaPrivileges)
	if s.Member(role, s.roleByOID[roleReadAllData]) || s.Member(role, s.roleByOID[roleWriteAllData]) {
		privs |= PrivUsage
	}
	return passes(tests, privs, options)
}

// DatabaseACL is the database's access list: everybody may connect, and nobody may make temporary tables, since there are
// none.
func (s *Snapshot) DatabaseACL() []ACLItem {
	return []ACLItem{
		{Grantor: RoleBootstrap, Privs: PrivConnect},
		{Grantee: RoleBootstrap, Grantor: RoleBootstrap, Privs: AllDatabasePrivileges},
	}
}

// HasDatabase is has_database_privilege on the only database.
func (s *Snapshot) HasDatabase(role *Role, tests []PrivilegeTest) bool {
	privs, options := s.rights(role, RoleBootstrap, s.DatabaseACL(), nil, AllDatabasePrivileges)
	return passes(tests, privs, options)
}

// HasByACL tests an object with an access list of its own (functions, types, languages, tablespaces); byDefault is what
// everybody has where the list is nil.
func (s *Snapshot) HasByACL(role *Role, owner uint32, acl []ACLItem, byDefault, all Privilege, tests []PrivilegeTest) bool {
	privs, options := s.rights(role, owner, acl, []ACLItem{{Grantor: owner, Privs: byDefault}}, all)
	return passes(tests, privs, options)
}

// HasRole is pg_has_role: "MEMBER" and "USAGE", and with them WITH ADMIN OPTION or GRANT OPTION, which nobody but a superuser
// has.
func (s *Snapshot) HasRole(role, of *Role, text string) (bool, error) {
	for _, part := range strings.Split(text, ",") {
		part = strings.Trim(part, spaces)
		switch strings.ToUpper(part) {
		case "USAGE", "MEMBER":
			if s.Inherits(role, of) {
				return true, nil
			}
		case "USAGE WITH GRANT OPTION", "USAGE WITH ADMIN OPTION", "MEMBER WITH GRANT OPTION", "MEMBER WITH ADMIN OPTION":
			if role.Superuser {
				return true, nil
			}
		default:
			return false, pgerr.Newf(pgerr.InvalidParameterValue, "unrecognized privilege type: %q", part)
		}
	}
	return false, nil
}
