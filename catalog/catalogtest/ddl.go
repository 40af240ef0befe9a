package catalogtest

import (
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/catalog"
)

// DDL makes in PostgreSQL what the snapshot holds besides initdb's part: roles, schemas, tables, keys, comments and grants.
// It is meant for an empty database of the snapshot's name, as superuser.
func DDL(s *catalog.Snapshot) string {
	var b strings.Builder
	f := func(format string, args ...any) { fmt.Fprintf(&b, format+";\n", args...) }
	lit := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	q := catalog.QuoteIdent
	f("revoke temporary on database %s from public", q(s.Database))
	for _, r := range s.Roles() {
		if r.OID >= catalog.FirstUserOID {
			f("create role %s login", q(r.Name))
			for _, m := range r.MemberOf {
				f("grant %s to %s", q(m.Name), q(r.Name))
			}
		}
	}
	for _, sc := range s.Schemas() {
		if sc.OID < catalog.FirstUserOID {
			continue
		}
		f("create schema %s", q(sc.Name))
		if sc.Comment != "" {
			f("comment on schema %s is %s", q(sc.Name), lit(sc.Comment))
		}
		if sc.Name == catalog.OwnSchema {
			f("grant usage on schema %s to public", q(sc.Name))
		}
		for _, r := range s.Roles() {
			if sc.Service != "" && r.OID >= catalog.FirstUserOID && r.MayUse(sc.Service) {
				f("grant usage on schema %s to %s", q(sc.Name), q(r.Name))
			}
		}
	}
	for _, r := range s.Relations() {
		if r.Initdb() || r.Kind != catalog.RelTable {
			continue
		}
		name := catalog.QuoteQualified(r.Schema.Name, r.Name)
		var cols []string
		for _, c := range r.Columns {
			if c.Attnum > 0 {
				def := q(c.Name) + " " + s.FormatType(nil, c.Type.OID, c.Type.Typmod)
				if c.NotNull {
					def += " not null"
				}
				cols = append(cols, def)
			}
		}
		f("create table %s (%s)", name, strings.Join(cols, ", "))
		if r.Comment != "" {
			f("comment on table %s is %s", name, lit(r.Comment))
		}
		for _, c := range r.Columns {
			if c.Comment != "" {
				f("comment on column %s.%s is %s", name, q(c.Name), lit(c.Comment))
			}
		}
		if r.Schema.Name == catalog.OwnSchema {
			f("grant select on %s to public", name)
		}
		for _, role := range s.Roles() {
			if r.Schema.Service != "" && role.OID >= catalog.FirstUserOID && role.MayUse(r.Schema.Service) {
				f("grant select, references on %s to %s", name, q(role.Name))
			}
		}
	}
	for _, foreign := range []bool{false, true} {
		for _, c := range s.Constraints() {
			if c.OID >= catalog.FirstUserOID && (c.Kind == 'f') == foreign {
				f("alter table %s add constraint %s %s", catalog.QuoteQualified(c.Table.Schema.Name, c.Table.Name), q(c.Name),
					s.ConstraintDefinition(catalog.Path{"pg_catalog"}, c))
			}
		}
	}
	return b.String()
}
