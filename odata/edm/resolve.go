package edm

import "strings"

// edmNames is never written.
var edmNames = primitives()

// qualified replaces an alias by its namespace. A namespace that is also somebody's alias is taken as the namespace.
func (r *reader) qualified(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return name
	}
	for _, s := range r.model.Schemas {
		if s.Namespace == name[:i] {
			return name
		}
	}
	if ns, ok := r.aliases[name[:i]]; ok {
		return ns + name[i:]
	}
	return name
}

// qualifiedTerm also knows the customary aliases of the standard vocabularies, which some documents use undeclared.
func (r *reader) qualifiedTerm(term string) string {
	q := r.qualified(term)
	if q != term {
		return q
	}
	for _, v := range [...][2]string{
		{"Core.", "Org.OData.Core.V1."},
		{"Capabilities.", "Org.OData.Capabilities.V1."},
		{"Measures.", "Org.OData.Measures.V1."},
		{"Validation.", "Org.OData.Validation.V1."},
	} {
		if rest, ok := strings.CutPrefix(term, v[0]); ok && !strings.Contains(rest, ".") {
			return v[1] + rest
		}
	}
	return term
}

// resolve ties names to what they name, after everything is read: types are used before and across schemas.
func (r *reader) resolve() {
	r.resolveBases()
	for _, t := range r.types {
		for i, p := range t.Properties {
			p.Type = r.resolveType(t.references[i], t.Name+"/"+p.Name)
		}
		for _, n := range t.Navigations {
			n.TypeName = r.qualified(n.TypeName)
		}
		r.terms(t.Annotations)
		for _, p := range t.Properties {
			r.terms(p.Annotations)
		}
		for _, n := range t.Navigations {
			r.terms(n.Annotations)
		}
	}
	r.terms(r.model.Annotations)
	r.resolveContainers()
	r.placeAnnotations()
	total := 0
	for _, s := range r.model.Sets {
		if total > maxTotal {
			r.problem(0, "entity set %s is left without columns: the document has too many", s.Name)
			continue
		}
		s.columns = r.flatten(s)
		total += len(s.columns)
	}
}

func (r *reader) terms(as []Annotation) {
	for i := range as {
		as[i].Term = r.qualifiedTerm(as[i].Term)
	}
}

// maxBases bounds a chain of base types; honest ones reach about six.
const maxBases = 100

func (r *reader) resolveBases() {
	for _, t := range r.types {
		if t.base == "" {
			continue
		}
		t.BaseName = r.qualified(t.base)
		base := r.model.Types[t.BaseName]
		switch {
		case base == nil:
			r.problem(t.Line, "base type %s of %s is not defined here", t.BaseName, t.Name)
		case base.Entity != t.Entity:
			r.problem(t.Line, "base type %s of %s is of another sort", t.BaseName, t.Name)
		default:
			t.Base = base
		}
	}
	// Rings are cut only after all bases are known; otherwise where a ring is cut would depend on the order.
	for _, t := range r.types {
		n := 0
		for b := t.Base; b != nil; b = b.Base {
			if n++; b == t.StructType || n > maxBases {
				r.problem(t.Line, "type %s inherits from itself, or from too many types", t.Name)
				t.Base = nil
				break
			}
		}
	}
	for _, t := range r.types {
		for b := t.Base; b != nil; b = b.Base {
			t.Open = t.Open || b.Open
			t.HasStream = t.HasStream || b.HasStream
		}
	}
}

// resolveType finds what a Type attribute names. A type that stands in another document leaves a column that holds JSON.
func (r *reader) resolveType(ref typeRef, where string) Type {
	name, collection := elementType(ref.name)
	var t Type
	if name == "" {
		t = Type{Kind: KindUntyped, Name: "Edm.Untyped", Facets: ref.facets}
	} else {
		t = r.elementary(name, ref, where)
	}
	if collection {
		return Type{Kind: KindCollection, Name: "Collection(" + t.Name + ")", Facets: NoFacets()}
	}
	return t
}

func (r *reader) elementary(name string, ref typeRef, where string) Type {
	q := r.qualified(name)
	if k, ok := edmNames[q]; ok {
		return Type{Kind: k, Name: q, Facets: ref.facets}
	}
	if e := r.model.Enums[q]; e != nil {
		return Type{Kind: KindEnum, Name: q, Facets: ref.facets, Enum: e}
	}
	if d := r.typedefs[q]; d != nil {
		return r.definition(d, ref, where)
	}
	if s := r.model.Types[q]; s != nil && !s.Entity {
		return Type{Kind: KindComplex, Name: q, Facets: NoFacets(), Struct: s}
	}
	r.problem(ref.line, "type %s of %s is not defined here; its values are shown as JSON", q, where)
	return Type{Kind: KindUntyped, Name: q, Facets: NoFacets()}
}

// definition resolves a type definition to its base; facets of the use count before those of the definition.
func (r *reader) definition(d *typeDef, ref typeRef, where string) Type {
	if d.resolving {
		r.problem(ref.line, "the type definition that %s uses is defined by itself", where)
		return Type{Kind: KindUntyped, Name: ref.name, Facets: NoFacets()}
	}
	d.resolving = true
	defer func() { d.resolving = false }()
	under := d.underlying
	under.facets = Facets{
		MaxLength: either(ref.facets.MaxLength, under.facets.MaxLength),
		Precision: either(ref.facets.Precision, under.facets.Precision),
		Scale:     either(ref.facets.Scale, under.facets.Scale),
		SRID:      either(ref.facets.SRID, under.facets.SRID),
	}
	return r.resolveType(under, where)
}

func either(a, b int) int {
	if a == Unset {
		return b
	}
	return a
}

func (r *reader) resolveContainers() {
	byName := map[string]*rawContainer{}
	for _, c := range r.containers {
		byName[c.name] = c
	}
	for _, c := range r.containers {
		if c.extends != "" {
			base := r.qualified(c.extends)
			if byName[base] == nil {
				r.problem(c.line, "entity container %s, which %s extends, is not defined here", base, c.name)
			}
		}
		// A base container of the same document is listed itself, so all containers' sets make the model.
		for _, s := range c.sets {
			if r.model.sets[s.Name] != nil {
				r.problem(c.line, "entity set %s is defined twice; the first definition counts", s.Name)
				continue
			}
			s.TypeName = r.qualified(s.TypeName)
			s.Type = r.model.Types[s.TypeName]
			if s.Type != nil && !s.Type.Entity {
				s.Type = nil
			}
			if s.Type == nil {
				r.problem(c.line, "type %s of entity set %s is not defined here", s.TypeName, s.Name)
			}
			r.terms(s.Annotations)
			r.model.sets[s.Name] = s
			r.model.Sets = append(r.model.Sets, s)
		}
	}
}

// placeAnnotations gives annotations with a target to what they speak of: a type, a property of a type, the container or a set.
func (r *reader) placeAnnotations() {
	for _, block := range r.outer {
		r.terms(block.annotations)
		name, member, _ := strings.Cut(block.target, "/")
		name = r.qualified(name)
		if t := r.model.Types[name]; t != nil {
			placeOnType(t, member, block.annotations)
			continue
		}
		for _, c := range r.containers {
			switch {
			case c.name != name:
			case member == "":
				r.model.Annotations = append(r.model.Annotations, block.annotations...)
			default:
				if s := r.model.sets[member]; s != nil {
					s.Annotations = append(s.Annotations, block.annotations...)
				}
			}
		}
	}
}

func placeOnType(t *StructType, member string, as []Annotation) {
	if member == "" {
		t.Annotations = append(t.Annotations, as...)
		return
	}
	for _, p := range t.Properties {
		if p.Name == member {
			p.Annotations = append(p.Annotations, as...)
			return
		}
	}
	for _, n := range t.Navigations {
		if n.Name == member {
			n.Annotations = append(n.Annotations, as...)
			return
		}
	}
}
