package edm

import (
	"slices"
	"strings"
)

// Bounds of flattening. PostgreSQL's tables end at 1600 columns; honest nesting reaches four levels.
const (
	maxColumns = 1600
	maxNesting = 8
	maxTotal   = 1 << 20 // columns of a whole document
)

// flatten gives the columns of a set: a property each, and for a complex property the columns of its members, a_b. A complex
// property is one column of JSON where it cannot be taken apart: its type contains itself, has no declared member, or the bounds
// are reached. Derived types are left out, for which of them a row has is known by the row only. Streams have no value in JSON.
func (r *reader) flatten(s *EntitySet) []Column {
	if s.Type == nil {
		return nil
	}
	f := &flattener{}
	f.members(s.Type, nil, false, nil)
	key, ok := f.place(s.Type.EffectiveKey())
	if !ok {
		r.problem(s.Type.Line, "the key of %s names a property that is no column; the set is taken to have no key", s.TypeName)
	}
	for pos, i := range key {
		// A key column has no nulls whatever Nullable says: most services leave it out there.
		f.columns[i].KeyPos, f.columns[i].Nullable = pos+1, false
	}
	return f.columns
}

type flattener struct {
	columns []Column
}

// members adds the columns of a type's properties. inside are the complex types on the way here.
func (f *flattener) members(t *StructType, path []string, nullable bool, inside []*StructType) {
	seen := map[string]bool{}
	for _, c := range t.Chain() {
		for _, p := range c.Properties {
			if seen[p.Name] { // an heir that states a property of its base again
				continue
			}
			seen[p.Name] = true
			f.property(p, append(slices.Clone(path), p.Name), nullable || p.Nullable, inside)
		}
	}
}

func (f *flattener) property(p *Property, path []string, nullable bool, inside []*StructType) {
	t := p.Type
	switch {
	case t.Kind == KindStream, len(f.columns) >= maxColumns:
		return
	case t.Kind == KindComplex:
		before := len(f.columns)
		if len(path) < maxNesting && !slices.Contains(inside, t.Struct) {
			f.members(t.Struct, path, nullable, append(slices.Clone(inside), t.Struct))
		}
		if len(f.columns) > before {
			return
		}
		t = Type{Kind: KindUntyped, Name: t.Name, Facets: NoFacets()}
	case t.Kind == KindCollection:
		// Nullable speaks of the items, and services send null for a collection all the same.
		nullable = true
	}
	f.columns = append(f.columns, Column{
		Name: strings.Join(path, "_"), Path: path, Type: t, Nullable: nullable, Property: p, Description: description(p.Annotations),
	})
}

// place finds the columns of a key. A key of which one part is no column identifies nothing.
func (f *flattener) place(key []KeyRef) ([]int, bool) {
	var at []int
	for _, k := range key {
		i := slices.IndexFunc(f.columns, func(c Column) bool { return slices.Equal(c.Path, k.Path) })
		if i < 0 || slices.Contains(at, i) {
			return nil, false
		}
		at = append(at, i)
	}
	return at, true
}

func description(as []Annotation) string {
	for _, term := range [...]string{TermDescription, TermLongDescription} {
		if a := Find(as, term); a != nil && a.XML == "" {
			return a.Value
		}
	}
	return ""
}

// Description is what the document says about the set, or about its type.
func (s *EntitySet) Description() string {
	if d := description(s.Annotations); d != "" || s.Type == nil {
		return d
	}
	return description(s.Type.Annotations)
}
