package catalog

import (
	"strings"

	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

// references finds the relationships between a service's tables. Three sources speak of them: navigation properties of the
// metadata, with or without referential constraints; annotations of properties whose term is called References, of any
// namespace, and whose value is set.property; and the profile, for services that document relationships by value but declare
// none. Those that lead to a declared key or to a column declared unique, with equal types, become foreign keys;
// all of them stand in odatagres.relationships.
//
// A constraint toward other columns must not become a foreign key: tools would take it for a promise that a join finds at
// most one row (Intune's users.userId repeats; half of Dynamics' constraints name columns that their target's key is not).
func (b *builder) references(svc *Service, tables map[string]*Relation) {
	var found []*FKey
	for _, set := range svc.Model.Sets {
		if set.Type == nil {
			continue
		}
		for _, nav := range set.Type.AllNavigations() {
			if fk := navigationFKey(svc.Model, set, nav, tables); fk != nil {
				found = append(found, fk)
			}
		}
	}
	byValue := func(ref profile.Reference, origin string) {
		from, to := tables[ref.Set], tables[ref.ToSet]
		if from == nil || to == nil {
			return
		}
		f, t := columnByPath(from, ref.Property), columnByPath(to, ref.ToProperty)
		if f < 0 || t < 0 {
			return
		}
		found = append(found, &FKey{Name: from.Columns[f].Name, From: from, To: to, FromCols: []int{f}, ToCols: []int{t}, Origin: origin})
	}
	for _, set := range svc.Model.Sets {
		for _, c := range set.Columns() {
			if ref, ok := annotatedReference(set, c); ok {
				byValue(ref, "annotation")
			}
		}
	}
	if svc.Profile != nil {
		for _, ref := range svc.Profile.References {
			byValue(ref, "profile")
		}
	}
	used := make(map[string]map[string]bool) // constraint names by table
	for _, fk := range found {
		if duplicate(b.snap.relationships, fk) {
			continue
		}
		b.snap.relationships = append(b.snap.relationships, fk)
		if idx := foreignKeyIndex(fk); idx != nil {
			b.foreignKey(fk, idx, used)
		}
	}
}

// annotatedReference reads a References annotation of a column's property.
func annotatedReference(set *edm.EntitySet, c edm.Column) (profile.Reference, bool) {
	if c.Property == nil {
		return profile.Reference{}, false
	}
	for _, a := range c.Property.Annotations {
		if !strings.HasSuffix(a.Term, ".References") || a.Qualifier != "" {
			continue
		}
		if to, property, ok := strings.Cut(a.Value, "."); ok {
			return profile.Reference{Set: set.Name, Property: pathKey(c.Path), ToSet: to, ToProperty: property}, true
		}
	}
	return profile.Reference{}, false
}

// navigationFKey reads a navigation property, or gives nil where it leads to no set of this service.
func navigationFKey(m *edm.Model, set *edm.EntitySet, nav *edm.NavigationProperty, tables map[string]*Relation) *FKey {
	to := navigationTarget(m, set, nav)
	if to == nil || tables[to.Name] == nil || tables[set.Name] == nil {
		return nil
	}
	fk := &FKey{Name: nav.Name, From: tables[set.Name], To: tables[to.Name], Many: nav.Collection, Origin: "navigation"}
	for _, c := range nav.Constraints {
		f, t := columnByPath(fk.From, c.Property), columnByPath(fk.To, c.Referenced)
		if f < 0 || t < 0 {
			// A constraint of which a part is unknown says nothing.
			fk.FromCols, fk.ToCols = nil, nil
			break
		}
		fk.FromCols = append(fk.FromCols, f)
		fk.ToCols = append(fk.ToCols, t)
	}
	return fk
}

// navigationTarget is the set that a binding names, or without one the only set of the entity's type; a singleton is no set.
func navigationTarget(m *edm.Model, set *edm.EntitySet, nav *edm.NavigationProperty) *edm.EntitySet {
	for _, b := range set.Bindings {
		if b.Path == nav.Name || strings.HasSuffix(b.Path, "/"+nav.Name) {
			name := b.Target
			if i := strings.LastIndexByte(name, '/'); i >= 0 {
				name = name[i+1:]
			}
			return m.Set(name)
		}
	}
	var only *edm.EntitySet
	for _, s := range m.Sets {
		if s.TypeName != nav.TypeName || s.Singleton {
			continue
		}
		if only != nil {
			return nil
		}
		only = s
	}
	return only
}

func columnByPath(r *Relation, path string) int {
	for i := range r.Columns {
		if r.Columns[i].Path != nil && pathKey(r.Columns[i].Path) == path {
			return i
		}
	}
	return -1
}

func duplicate(have []*FKey, fk *FKey) bool {
	for _, h := range have {
		if h.From == fk.From && h.To == fk.To && h.Name == fk.Name {
			return true
		}
		if len(fk.FromCols) > 0 && h.From == fk.From && h.To == fk.To && equalInts(h.FromCols, fk.FromCols) && equalInts(h.ToCols, fk.ToCols) {
			return true
		}
	}
	return false
}

func equalInts(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// foreignKeyIndex is the key that a relationship leads to, or nil where it is no foreign key.
func foreignKeyIndex(fk *FKey) *Index {
	if fk.Many || len(fk.FromCols) == 0 {
		return nil
	}
	for i := range fk.FromCols {
		if fk.From.Columns[fk.FromCols[i]].Type.OID != fk.To.Columns[fk.ToCols[i]].Type.OID {
			return nil
		}
	}
	return keyFor(fk.To, fk.ToCols)
}

func (b *builder) foreignKey(fk *FKey, idx *Index, used map[string]map[string]bool) {
	table := fk.From
	names := used[table.Name]
	if names == nil {
		names = make(map[string]bool)
		for _, i := range table.Indexes {
			names[i.Constraint.Name] = true
		}
		used[table.Name] = names
	}
	cols := make([]string, 0, len(fk.FromCols))
	paths := make([]string, 0, len(fk.FromCols))
	for _, c := range fk.FromCols {
		cols = append(cols, table.Columns[c].Name)
		paths = append(paths, pathKey(table.Columns[c].Path))
	}
	identity := []string{table.EntitySet, fk.To.EntitySet, strings.Join(paths, ",")}
	fk.Declared = true
	fk.Name = chooseName(table.Name, strings.Join(cols, "_"), "fkey", names)
	con := &Constraint{Schema: table.Schema, Name: fk.Name, Kind: 'f', Table: table, Index: idx, FKey: fk}
	b.snap.fkeys = append(b.snap.fkeys, fk)
	b.snap.constraints = append(b.snap.constraints, con)
	b.named(oidKey("fkey", table.Schema.Name, identity...), &con.OID)
	b.also = append(b.also, func() { fk.OID = con.OID })
}
