package simulator

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// modelJSON is the Intune data model as data: entity sets, properties, keys,
// references, fixed rows, and how sure each fact is.
//
//go:embed model.json
var modelJSON []byte

// edmType is a property's declared type.
type edmType struct {
	name       string // "Edm.Int32", or the qualified name of a type of the model
	k          kind   // representation of one value (of one item, for a collection)
	collection bool
	complexT   *complexType
	enumT      *enumType
}

// kindOf is the representation of a whole value of the type.
func (t edmType) kindOf() kind {
	if t.collection {
		return kCollection
	}
	return t.k
}

// csdl is the type as CSDL writes it.
func (t edmType) csdl() string {
	if t.collection {
		return "Collection(" + t.name + ")"
	}
	return t.name
}

type property struct {
	name          string
	typ           edmType
	nullable, key bool
	facets        string // further CSDL attributes, each after a blank: ` Precision="7"`
	references    string // "set.property", a reference by value
	note          string
	evidence      string
	confidence    string
}

type complexType struct {
	name  string
	props []property
}

type enumType struct {
	name       string
	underlying string
	flags      bool
	members    []enumMember
}

type enumMember struct {
	name string
	n    int64
}

// navigation is a declared navigation property with its constraint (types model only).
type navigation struct {
	name, target, partner string
	collection            bool
	property, referenced  string
}

type entitySet struct {
	name, entityType string
	kind, note       string
	evidence         string
	lastSeen         string
	retention        *int
	filterable       []string
	honoursHistory   bool
	props            []property
	navs             []navigation
	index            map[string]int
}

func (s *entitySet) prop(name string) int {
	if i, ok := s.index[name]; ok {
		return i
	}
	return -1
}

// model is what one api-version of a service declares.
type model struct {
	version   string
	namespace string
	container string
	terms     [][3]string // name, type, what it applies to
	sets      []*entitySet
	complexes []*complexType
	enums     []*enumType
	typeDefs  [][3]string // name, underlying type, facets
}

func (m *model) set(name string) *entitySet {
	for _, s := range m.sets {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (m *model) seal() {
	for _, s := range m.sets {
		s.index = make(map[string]int, len(s.props))
		for i, p := range s.props {
			s.index[p.name] = i
		}
	}
}

// primitives gives the representation of each primitive Edm type that the simulator serves.
func primitives() map[string]kind {
	return map[string]kind{
		"Edm.Boolean": kBool, "Edm.Byte": kInt, "Edm.SByte": kInt, "Edm.Int16": kInt, "Edm.Int32": kInt,
		"Edm.Int64": kInt, "Edm.Single": kSingle, "Edm.Double": kDouble, "Edm.Decimal": kDecimal,
		"Edm.String": kString, "Edm.Guid": kGuid, "Edm.Date": kDate, "Edm.DateTimeOffset": kTimestamp,
		"Edm.TimeOfDay": kTimeOfDay, "Edm.Duration": kDuration, "Edm.Binary": kBinary,
		"Edm.GeographyPoint": kRaw, "Edm.Untyped": kRaw, "Edm.Stream": kStream,
	}
}

// fixedRows are the documented rows of a lookup set.
type fixedRows struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

type modelFile struct {
	Versions []struct {
		Version string    `json:"version"`
		Sets    []setFile `json:"sets"`
	} `json:"versions"`
	FixedRows map[string]fixedRows `json:"fixedRows"`
}

type setFile struct {
	Name       string         `json:"name"`
	AsIn       string         `json:"asIn"`
	EntityType string         `json:"entityType"`
	Kind       string         `json:"kind"`
	Note       string         `json:"note"`
	Evidence   string         `json:"keyEvidence"`
	LastSeen   string         `json:"lastSeen"`
	Retention  *int           `json:"retentionDays"`
	Filterable []string       `json:"filterableProperties"`
	Honours    bool           `json:"honoursMaxHistoryDays"`
	Properties []propertyFile `json:"properties"`
}

type propertyFile struct {
	Name           string `json:"name"`
	Type           string `json:"type"`
	Nullable       bool   `json:"nullable"`
	Key            bool   `json:"key"`
	References     string `json:"references"`
	Note           string `json:"note"`
	Evidence       string `json:"evidence"`
	TypeConfidence string `json:"typeConfidence"`
}

const (
	dateKeyName   = "dateKey"
	timestampName = "rowLastModifiedDateTimeUTC"
)

// intuneTerms are the annotations that carry the model's facts beside the standard's description.
func intuneTerms() [][3]string {
	return [][3]string{
		{"References", "Edm.String", "Property"},
		{"Evidence", "Edm.String", "Property"},
		{"TypeConfidence", "Edm.String", "Property"},
		{"Kind", "Edm.String", "EntityType"},
		{"KeyEvidence", "Edm.String", "EntityType"},
		{"LastSeen", "Edm.String", "EntityType"},
		{"RetentionDays", "Edm.Int32", "EntityType"},
	}
}

// intuneModels reads the embedded model and applies the traits that change
// what is declared: integer widths, identifiers, an extra timestamp on facts.
func intuneModels(t traits) (map[string]*model, map[string]fixedRows, error) {
	var file modelFile
	if err := json.Unmarshal(modelJSON, &file); err != nil {
		return nil, nil, fmt.Errorf("reading the embedded Intune model: %w", err)
	}
	models := map[string]*model{}
	for _, v := range file.Versions {
		m := &model{version: v.Version, namespace: "Microsoft.Intune.DataWarehouse", container: "DataWarehouse", terms: intuneTerms()}
		for _, sf := range v.Sets {
			var set *entitySet
			var err error
			if sf.AsIn != "" {
				base := models[sf.AsIn].set(sf.Name)
				cp := *base
				set = &cp
			} else if set, err = sf.entitySet(t); err != nil {
				return nil, nil, err
			}
			m.sets = append(m.sets, set)
		}
		slices.SortFunc(m.sets, func(a, b *entitySet) int { return strings.Compare(a.name, b.name) })
		m.seal()
		models[v.Version] = m
	}
	return models, file.FixedRows, nil
}

func (sf *setFile) entitySet(t traits) (*entitySet, error) {
	set := &entitySet{
		name: sf.Name, entityType: sf.EntityType, kind: sf.Kind, note: sf.Note, evidence: sf.Evidence, lastSeen: sf.LastSeen,
		retention: sf.Retention, filterable: sf.Filterable, honoursHistory: sf.Honours,
	}
	for _, pf := range sf.Properties {
		name := t.typeName(pf)
		k, ok := primitives()[name]
		if !ok {
			return nil, fmt.Errorf("embedded Intune model: %s.%s has the unknown type %q", sf.Name, pf.Name, pf.Type)
		}
		p := property{
			name: pf.Name, typ: edmType{name: name, k: k}, nullable: pf.Nullable, key: pf.Key, references: pf.References,
			note: pf.Note, evidence: pf.Evidence, confidence: pf.TypeConfidence,
		}
		if name == "Edm.DateTimeOffset" {
			p.facets = ` Precision="7"`
		}
		set.props = append(set.props, p)
	}
	if t.timestampOnFacts && sf.Kind == "fact" && !slices.Contains(sf.Filterable, timestampName) {
		set.filterable = append(slices.Clone(set.filterable), timestampName)
		set.props = append(set.props, property{
			name: timestampName, typ: edmType{name: "Edm.DateTimeOffset", k: kTimestamp}, nullable: true, facets: ` Precision="7"`,
			note: "when the warehouse row last changed", evidence: "variant", confidence: "variant",
		})
	}
	return set, nil
}
