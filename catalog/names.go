package catalog

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Path is the schemas that unqualified names are looked up in, in order, as current_schemas(true) lists them: only schemas
// that exist, pg_catalog first unless it is named.
type Path []string

// SearchPath resolves the setting search_path for a user.
func (s *Snapshot) SearchPath(setting []string, user string) Path {
	var path Path
	has := func(name string) bool {
		for _, p := range path {
			if p == name {
				return true
			}
		}
		return false
	}
	explicit := false
	for _, name := range setting {
		if name == "$user" {
			name = user
		}
		if s.Schema(name) == nil || has(name) {
			continue
		}
		explicit = explicit || name == "pg_catalog"
		path = append(path, name)
	}
	if !explicit {
		path = append(Path{"pg_catalog"}, path...)
	}
	return path
}

// Explicit is the path without the schema that is searched implicitly, as current_schemas(false) lists it: setting is the
// search_path that made the path.
func (p Path) Explicit(setting []string) Path {
	for _, name := range setting {
		if name == "pg_catalog" {
			return p
		}
	}
	if len(p) > 0 && p[0] == "pg_catalog" {
		return p[1:]
	}
	return p
}

// FindRelation finds the relation that a name means: exactly over the whole path, then, for an unquoted name, over the path
// again without regard to case. It fails as RangeVarGetRelid does.
func (s *Snapshot) FindRelation(path Path, parts []Ident) (*Relation, error) {
	schema, name, err := s.splitSchema(parts)
	if err != nil {
		return nil, err
	}
	in := path
	if schema != "" {
		if s.Schema(schema) == nil {
			return nil, pgerr.Newf(pgerr.InvalidSchemaName, "schema %q does not exist", schema)
		}
		in = Path{schema}
	}
	for _, sc := range in {
		if r := s.Relation(sc, name.Name); r != nil {
			return r, nil
		}
	}
	if !name.Quoted {
		for _, sc := range in {
			switch found := s.RelationsFolded(sc, name.Name); len(found) {
			case 0:
			case 1:
				return found[0], nil
			default:
				return nil, pgerr.Newf(pgerr.AmbiguousAlias, "table reference %q is ambiguous", name.Name).
					WithHint("Quote the name to say which of the tables is meant.")
			}
		}
	}
	for _, sc := range in {
		if reason, missing := s.Missing[sc]; missing {
			return nil, s.missing(sc, reason)
		}
	}
	return nil, pgerr.Newf(pgerr.UndefinedTable, "relation %q does not exist", joinIdents(parts))
}

// missing is the error for a name that may be one of a service whose metadata is not known.
func (s *Snapshot) missing(schema, reason string) error {
	return pgerr.Newf(pgerr.FDWUnableToEstablishConnection, "the tables of service %q are not known: %s", schema, reason)
}

// splitSchema takes a qualified name apart; the database may be named too.
func (s *Snapshot) splitSchema(parts []Ident) (schema string, name Ident, err error) {
	switch len(parts) {
	case 1:
		return "", parts[0], nil
	case 2:
		return parts[0].Name, parts[1], nil
	case 3:
		if parts[0].Name != s.Database {
			return "", name, pgerr.Newf(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", quotedJoin(parts))
		}
		return parts[1].Name, parts[2], nil
	}
	return "", name, pgerr.Newf(pgerr.SyntaxError, "improper relation name (too many dotted names): %s", joinIdents(parts))
}

func joinIdents(parts []Ident) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.Name
	}
	return strings.Join(names, ".")
}

func quotedJoin(parts []Ident) string { return `"` + joinIdents(parts) + `"` }

// RelationFromText is regclass input for a text that is no number.
func (s *Snapshot) RelationFromText(path Path, text string) (*Relation, error) {
	parts, err := SplitQualified(text)
	if err != nil {
		return nil, err
	}
	return s.FindRelation(path, parts)
}

// RelationVisible reports whether the relation is found by its bare name (pg_table_is_visible).
func (s *Snapshot) RelationVisible(path Path, r *Relation) bool {
	for _, sc := range path {
		if x := s.Relation(sc, r.Name); x != nil {
			return x == r
		}
	}
	return false
}

// RelationName prints a relation as regclass does: qualified only where its bare name would not find it.
func (s *Snapshot) RelationName(path Path, r *Relation) string {
	if s.RelationVisible(path, r) {
		return QuoteIdent(r.Name)
	}
	return QuoteQualified(r.Schema.Name, r.Name)
}

// SchemaFromText is regnamespace input.
func (s *Snapshot) SchemaFromText(text string) (*Schema, error) {
	parts, err := SplitQualified(text)
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 {
		return nil, pgerr.New(pgerr.InvalidName, "invalid name syntax")
	}
	if sc := s.Schema(parts[0].Name); sc != nil {
		return sc, nil
	}
	return nil, pgerr.Newf(pgerr.InvalidSchemaName, "schema %q does not exist", parts[0].Name)
}

// RoleFromText is regrole input.
func (s *Snapshot) RoleFromText(text string) (*Role, error) {
	parts, err := SplitQualified(text)
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 {
		return nil, pgerr.New(pgerr.InvalidName, "invalid name syntax")
	}
	if r := s.RoleByName(parts[0].Name); r != nil {
		return r, nil
	}
	return nil, pgerr.Newf(pgerr.UndefinedObject, "role %q does not exist", parts[0].Name)
}
