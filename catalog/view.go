package catalog

// ForUser is the snapshot as one user sees it: the schemas of other services, and everything in them, are not there. An
// unknown user sees no service.
func (s *Snapshot) ForUser(name string) *Snapshot {
	role := s.roleByName[name]
	sees := func(sc *Schema) bool { return sc.Service == "" || role != nil && role.MayUse(sc.Service) }
	v := &Snapshot{
		Version: s.Version, Database: s.Database, DatabaseOID: s.DatabaseOID, Missing: make(map[string]string),
		roles: s.roles, derived: newDerived(),
	}
	all := true
	for _, sc := range s.schemas {
		if sees(sc) {
			v.schemas = append(v.schemas, sc)
		} else {
			all = false
		}
	}
	if all {
		return s
	}
	seen := make(map[string]bool, len(v.schemas))
	for _, sc := range v.schemas {
		seen[sc.Name] = true
	}
	for schema, reason := range s.Missing {
		if seen[schema] {
			v.Missing[schema] = reason
		}
	}
	for _, r := range s.relations {
		if seen[r.Schema.Name] {
			v.relations = append(v.relations, r)
		}
	}
	for _, t := range s.typeList {
		if seen[t.Schema] {
			v.typeList = append(v.typeList, t)
		}
	}
	for _, c := range s.constraints {
		if seen[c.Schema.Name] {
			v.constraints = append(v.constraints, c)
		}
	}
	for _, fk := range s.fkeys {
		if seen[fk.From.Schema.Name] && seen[fk.To.Schema.Name] {
			v.fkeys = append(v.fkeys, fk)
		}
	}
	for _, fk := range s.relationships {
		if seen[fk.From.Schema.Name] && seen[fk.To.Schema.Name] {
			v.relationships = append(v.relationships, fk)
		}
	}
	v.index()
	return v
}
