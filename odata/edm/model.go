package edm

import "slices"

// Model is what a service's $metadata says.
type Model struct {
	Version   string // of the document: 4.0 or 4.01
	Container string // qualified name of the entity container
	Schemas   []Schema
	Sets      []*EntitySet // entity sets and singletons in the document's order
	Types     map[string]*StructType
	Enums     map[string]*EnumType
	Problems  []Problem // what could not be understood and was left out
	// Annotations of the container.
	Annotations []Annotation

	sets map[string]*EntitySet
}

// Set finds an entity set or singleton by its exact name, or returns nil.
func (m *Model) Set(name string) *EntitySet { return m.sets[name] }

// Schema is a namespace of the document.
type Schema struct{ Namespace, Alias string }

// Problem is something in the document that was left out.
type Problem struct {
	Line int
	Text string
}

// EntitySet is an entity set or a singleton.
type EntitySet struct {
	Name              string
	Singleton         bool
	TypeName          string      // qualified
	Type              *StructType // nil where the document does not define it
	InServiceDocument bool
	Bindings          []Binding
	Annotations       []Annotation

	columns []Column
}

// Binding says to which set a navigation property of a set's entities leads.
type Binding struct{ Path, Target string }

// StructType is an entity type or a complex type.
type StructType struct {
	Name      string // qualified by namespace
	Entity    bool
	BaseName  string      // qualified, empty without base
	Base      *StructType // nil without base, or where the document does not define it
	Abstract  bool
	Open      bool // itself or by its base
	HasStream bool

	Properties  []*Property           // own ones
	Navigations []*NavigationProperty // own ones
	Key         []KeyRef              // own one
	Annotations []Annotation
	Line        int
}

// Chain returns the type after its bases, the root first.
func (t *StructType) Chain() []*StructType {
	var chain []*StructType
	for b := t; b != nil; b = b.Base {
		chain = append(chain, b)
	}
	slices.Reverse(chain)
	return chain
}

// Property finds a property by name, inherited ones included, or returns nil.
func (t *StructType) Property(name string) *Property {
	for _, s := range t.Chain() {
		for _, p := range s.Properties {
			if p.Name == name {
				return p
			}
		}
	}
	return nil
}

// EffectiveKey is the key of the type: the one of the root-most type in its chain that has one, since heirs must not
// state another (CSDL 4.01 section 6.5) and some state the same again.
func (t *StructType) EffectiveKey() []KeyRef {
	for _, s := range t.Chain() {
		if len(s.Key) > 0 {
			return s.Key
		}
	}
	return nil
}

// AllNavigations are the navigation properties, inherited ones first.
func (t *StructType) AllNavigations() []*NavigationProperty {
	var all []*NavigationProperty
	for _, s := range t.Chain() {
		all = append(all, s.Navigations...)
	}
	return all
}

// KeyRef names one property of a key.
type KeyRef struct {
	Path  []string // one name, or the way into a complex property
	Alias string   // given where the path has several names
}

// Property is a structural property.
type Property struct {
	Name        string
	Type        Type
	Nullable    bool // for a collection it speaks of the items
	Default     string
	HasDefault  bool
	Annotations []Annotation
	Line        int
}

// NavigationProperty leads to other entities.
type NavigationProperty struct {
	Name           string
	TypeName       string // qualified, of one entity
	Collection     bool
	Nullable       bool
	Partner        string
	ContainsTarget bool
	Constraints    []ReferentialConstraint
	Annotations    []Annotation
}

// ReferentialConstraint says that a property has the value of a property of the related entity. It need not be a key there.
type ReferentialConstraint struct{ Property, Referenced string }

// EnumType is an enumeration type.
type EnumType struct {
	Name       string
	Underlying Kind
	IsFlags    bool
	Members    []EnumMember
}

// EnumMember is a member of an enumeration.
type EnumMember struct {
	Name  string
	Value int64
}

// Member finds a member by its exact name.
func (e *EnumType) Member(name string) (EnumMember, bool) {
	for _, m := range e.Members {
		if m.Name == name {
			return m, true
		}
	}
	return EnumMember{}, false
}

// Annotation is an annotation as it stands in the document.
type Annotation struct {
	Term      string // qualified by namespace where the alias is known
	Qualifier string
	Value     string // of a constant expression given as an attribute or as the only text; "true" for a term without value
	XML       string // the children of an annotation that is not constant, raw
}

// Find returns the first annotation with the term (and no qualifier), or nil.
func Find(as []Annotation, term string) *Annotation {
	for i := range as {
		if as[i].Term == term && as[i].Qualifier == "" {
			return &as[i]
		}
	}
	return nil
}

// The terms that this module reads itself.
const (
	TermDescription     = "Org.OData.Core.V1.Description"
	TermLongDescription = "Org.OData.Core.V1.LongDescription"
)

// Column is a property of an entity set as a table's column: a property, or a member of a complex property.
type Column struct {
	Name        string   // the names of the path joined by "_"
	Path        []string // from the entity to the value
	Type        Type
	Nullable    bool // false for every column of the key
	KeyPos      int  // place in the key from 1, 0 outside it
	Description string
	Property    *Property
}

// Columns are the columns of the set in the document's order, bases first. The slice must not be changed.
func (s *EntitySet) Columns() []Column { return s.columns }
