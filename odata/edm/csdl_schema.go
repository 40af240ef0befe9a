package edm

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// nsOlder begins the namespaces of OData 1 to 3 and of Entity Framework. The Version attribute does not tell: fixtures called
// 4.0 have been seen with these.
const nsOlder = "http://schemas.microsoft.com/ado/"

// schema reads a Schema element. Its children count only if they are in its own namespace, which one known document leaves empty.
func (r *reader) schema(el xml.StartElement) error {
	if strings.HasPrefix(el.Name.Space, nsOlder) {
		r.older = el.Name.Space
		return r.skip()
	}
	r.schemas++
	ns, alias := attr(el, "Namespace"), attr(el, "Alias")
	r.model.Schemas = append(r.model.Schemas, Schema{Namespace: ns, Alias: alias})
	if alias != "" {
		r.aliases[alias] = ns
	}
	own := el.Name.Space
	return r.children(func(el xml.StartElement) error {
		if el.Name.Space != own {
			return r.skip()
		}
		switch el.Name.Local {
		case "EntityType":
			return r.structType(el, ns, own, true)
		case "ComplexType":
			return r.structType(el, ns, own, false)
		case "EnumType":
			return r.enumType(el, ns, own)
		case "TypeDefinition":
			r.typedefs[ns+"."+attr(el, "Name")] = &typeDef{underlying: r.typeRef(el, "UnderlyingType")}
			return r.skip()
		case "EntityContainer":
			return r.container(el, ns, own)
		case "Annotations":
			return r.annotationsBlock(el)
		}
		return r.skip()
	})
}

func (r *reader) structType(el xml.StartElement, ns, own string, entity bool) error {
	t := &StructType{
		Name: ns + "." + attr(el, "Name"), Entity: entity,
		Abstract: isTrue(attr(el, "Abstract")), Open: isTrue(attr(el, "OpenType")), HasStream: isTrue(attr(el, "HasStream")),
		Line: r.line(),
	}
	raw := &rawStruct{StructType: t, base: attr(el, "BaseType")}
	if _, twice := r.model.Types[t.Name]; twice {
		r.problem(t.Line, "type %s is defined twice; the first definition counts", t.Name)
	} else {
		r.model.Types[t.Name] = t
	}
	r.types = append(r.types, raw)
	return r.children(func(el xml.StartElement) error {
		if el.Name.Space != own {
			return r.skip()
		}
		switch el.Name.Local {
		case "Key":
			return r.key(t, own)
		case "Property":
			return r.property(el, t, raw)
		case "NavigationProperty":
			return r.navigation(el, t)
		case "Annotation":
			return r.annotation(el, &t.Annotations)
		}
		return r.skip()
	})
}

func (r *reader) key(t *StructType, own string) error {
	return r.children(func(el xml.StartElement) error {
		if name := attr(el, "Name"); el.Name.Space == own && el.Name.Local == "PropertyRef" && name != "" {
			t.Key = append(t.Key, KeyRef{Path: strings.Split(name, "/"), Alias: attr(el, "Alias")})
		}
		return r.skip()
	})
}

func (r *reader) property(el xml.StartElement, t *StructType, raw *rawStruct) error {
	p := &Property{Name: attr(el, "Name"), Nullable: !isFalse(attr(el, "Nullable")), Line: r.line()}
	p.Default, p.HasDefault = lookup(el, "DefaultValue")
	ref := r.typeRef(el, "Type")
	switch {
	case p.Name == "":
		r.problem(p.Line, "a property of %s has no name", t.Name)
	case ref.name == "":
		r.problem(p.Line, "property %s of %s has no type", p.Name, t.Name)
	}
	if p.Name != "" {
		t.Properties = append(t.Properties, p)
		raw.references = append(raw.references, ref)
	}
	return r.annotated(&p.Annotations)
}

// annotated reads an element of which only the annotations matter.
func (r *reader) annotated(into *[]Annotation) error {
	return r.children(func(el xml.StartElement) error {
		if el.Name.Local == "Annotation" {
			return r.annotation(el, into)
		}
		return r.skip()
	})
}

func (r *reader) navigation(el xml.StartElement, t *StructType) error {
	n := &NavigationProperty{
		Name: attr(el, "Name"), Nullable: !isFalse(attr(el, "Nullable")), Partner: attr(el, "Partner"),
		ContainsTarget: isTrue(attr(el, "ContainsTarget")),
	}
	n.TypeName, n.Collection = elementType(attr(el, "Type"))
	if n.Name == "" {
		r.problem(r.line(), "a navigation property of %s has no name", t.Name)
	} else {
		t.Navigations = append(t.Navigations, n)
	}
	return r.children(func(el xml.StartElement) error {
		switch el.Name.Local {
		case "ReferentialConstraint":
			n.Constraints = append(n.Constraints, ReferentialConstraint{attr(el, "Property"), attr(el, "ReferencedProperty")})
		case "Annotation":
			return r.annotation(el, &n.Annotations)
		}
		return r.skip()
	})
}

func (r *reader) enumType(el xml.StartElement, ns, own string) error {
	e := &EnumType{Name: ns + "." + attr(el, "Name"), IsFlags: isTrue(attr(el, "IsFlags")), Underlying: KindInt32}
	if u := attr(el, "UnderlyingType"); u != "" {
		if k := edmNames[u]; k.IsInteger() {
			e.Underlying = k
		} else {
			r.problem(r.line(), "enumeration %s has the underlying type %s", e.Name, u)
		}
	}
	if _, twice := r.model.Enums[e.Name]; !twice {
		r.model.Enums[e.Name] = e
	}
	next := int64(0)
	return r.children(func(el xml.StartElement) error {
		if el.Name.Space == own && el.Name.Local == "Member" {
			if v, ok := lookup(el, "Value"); ok {
				n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
				if err != nil {
					r.problem(r.line(), "member %s of %s has the value %q", attr(el, "Name"), e.Name, v)
				} else {
					next = n
				}
			}
			e.Members = append(e.Members, EnumMember{attr(el, "Name"), next})
			next++
		}
		return r.skip()
	})
}

func (r *reader) container(el xml.StartElement, ns, own string) error {
	c := &rawContainer{name: ns + "." + attr(el, "Name"), extends: attr(el, "Extends"), line: r.line()}
	r.containers = append(r.containers, c)
	if r.model.Container == "" {
		r.model.Container = c.name
	}
	return r.children(func(el xml.StartElement) error {
		if el.Name.Space != own {
			return r.skip()
		}
		switch el.Name.Local {
		case "EntitySet":
			s := &EntitySet{Name: attr(el, "Name"), TypeName: attr(el, "EntityType"), InServiceDocument: !isFalse(attr(el, "IncludeInServiceDocument"))}
			return r.entitySet(s, c)
		case "Singleton":
			return r.entitySet(&EntitySet{Name: attr(el, "Name"), TypeName: attr(el, "Type"), Singleton: true, InServiceDocument: true}, c)
		case "Annotation":
			return r.annotation(el, &r.model.Annotations)
		}
		return r.skip()
	})
}

func (r *reader) entitySet(s *EntitySet, c *rawContainer) error {
	if s.Name == "" {
		r.problem(r.line(), "an entity set has no name")
	} else {
		c.sets = append(c.sets, s)
	}
	return r.children(func(el xml.StartElement) error {
		switch el.Name.Local {
		case "NavigationPropertyBinding":
			s.Bindings = append(s.Bindings, Binding{attr(el, "Path"), attr(el, "Target")})
		case "Annotation":
			return r.annotation(el, &s.Annotations)
		}
		return r.skip()
	})
}

func (r *reader) typeRef(el xml.StartElement, name string) typeRef {
	line := r.line()
	return typeRef{
		name: strings.TrimSpace(attr(el, name)),
		line: line,
		facets: Facets{
			MaxLength: r.facet(el, line, "MaxLength", "max", Max),
			Precision: r.facet(el, line, "Precision", "", Unset),
			Scale:     r.scale(el, line),
			SRID:      r.facet(el, line, "SRID", "variable", Variable),
		},
	}
}

func (r *reader) scale(el xml.StartElement, line int) int {
	if strings.EqualFold(attr(el, "Scale"), "floating") {
		return Variable
	}
	return r.facet(el, line, "Scale", "variable", Variable)
}

// facet reads a facet that is a number or, in any case, a word. Anything else is a problem and no reason to lose the property.
func (r *reader) facet(el xml.StartElement, line int, name, word string, meaning int) int {
	v, ok := lookup(el, name)
	if !ok {
		return Unset
	}
	v = strings.TrimSpace(v)
	if word != "" && strings.EqualFold(v, word) {
		return meaning
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 0 {
		r.problem(line, "%s=%q of %s is not understood", name, v, attr(el, "Name"))
		return Unset
	}
	return int(n)
}

// elementType takes Collection( ) off a type name.
func elementType(name string) (element string, collection bool) {
	name = strings.TrimSpace(name)
	if strings.HasPrefix(name, "Collection(") && strings.HasSuffix(name, ")") {
		return strings.TrimSpace(name[len("Collection(") : len(name)-1]), true
	}
	return name, false
}

func isTrue(s string) bool  { return strings.EqualFold(s, "true") || s == "1" }
func isFalse(s string) bool { return strings.EqualFold(s, "false") || s == "0" }
