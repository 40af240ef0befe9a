package bind

import (
	"slices"
	"sort"
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// searchPath is the effective path: pg_catalog first unless it is listed.
func (b *binder) searchPath() []string {
	if slices.Contains(b.env.SearchPath, "pg_catalog") {
		return b.env.SearchPath
	}
	return append([]string{"pg_catalog"}, b.env.SearchPath...)
}

// findRelation finds a table or view by name; schema "" searches the path: the whole path exactly, then the path again
// without regard to case.
func (b *binder) findRelation(schema, name string, schemaQuoted, quoted bool) *catalog.Relation {
	snap := b.env.Snapshot
	if snap == nil {
		return nil
	}
	schemas := b.searchPath()
	if schema != "" {
		sc := b.findSchema(schema, schemaQuoted)
		if sc == nil {
			return nil
		}
		schemas = []string{sc.Name}
	}
	for _, sc := range schemas {
		if r := snap.Relation(sc, name); r != nil {
			return r
		}
	}
	if quoted {
		return nil
	}
	for _, sc := range schemas {
		switch rs := snap.RelationsFolded(sc, name); len(rs) {
		case 0:
		case 1:
			return rs[0]
		default:
			names := make([]string, len(rs))
			for i, r := range rs {
				names[i] = `"` + r.Name + `"`
			}
			sort.Strings(names)
			b.fail(pgerr.Newf(pgerr.AmbiguousAlias, `table reference "%s" is ambiguous`, name).
				WithHint("Quote the name that you mean: %s.", strings.Join(names, ", ")), -1)
		}
	}
	return nil
}

// findSchema finds a namespace; a schema of a service also without regard to case if the name was not quoted.
func (b *binder) findSchema(name string, quoted bool) *catalog.Schema {
	if b.env.Snapshot == nil {
		return nil
	}
	if sc := b.env.Snapshot.Schema(name); sc != nil {
		return sc
	}
	if quoted {
		return nil
	}
	for _, sc := range b.env.Snapshot.Schemas() {
		if sc.Service != "" && strings.EqualFold(sc.Name, name) {
			return sc
		}
	}
	return nil
}

// missingRelation is the error for a table that is not there. A service without metadata on the path may be the reason.
func (b *binder) missingRelation(schema, name string, loc int) {
	if snap := b.env.Snapshot; snap != nil && len(snap.Missing) > 0 {
		where := b.searchPath()
		if schema != "" {
			where = []string{schema}
		}
		for _, sc := range where {
			if why, ok := snap.Missing[sc]; ok {
				shown := name
				if schema != "" {
					shown = schema + "." + name
				}
				b.fail(pgerr.Newf(pgerr.FDWUnableToEstablishConnection, `relation "%s" does not exist: the metadata of service "%s" is not available`, shown, sc).
					WithDetail("%s", why), loc)
			}
		}
	}
	if schema != "" {
		b.failf(pgerr.UndefinedTable, loc, `relation "%s.%s" does not exist`, schema, name)
	}
	b.failf(pgerr.UndefinedTable, loc, `relation "%s" does not exist`, name)
}

// visible is RelationIsVisible: the name alone finds it on the path.
func (b *binder) visible(r *catalog.Relation) bool {
	for _, sc := range b.searchPath() {
		if f := b.env.Snapshot.Relation(sc, r.Name); f != nil {
			return f == r
		}
	}
	return false
}

// relationName prints the name of a row type as format_type does.
func (b *binder) relationName(r *catalog.Relation) string {
	if b.visible(r) {
		return quoteIdent(r.Name)
	}
	return quoteIdent(r.Schema.Name) + "." + quoteIdent(r.Name)
}

// quoteIdent quotes a name where it needs it; keywords are quoted by those who print SQL.
func quoteIdent(s string) string {
	safe := s != "" && (s[0] == '_' || s[0] >= 'a' && s[0] <= 'z')
	for i := 0; i < len(s) && safe; i++ {
		c := s[i]
		safe = c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
	}
	if safe {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
