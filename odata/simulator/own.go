package simulator

import "fmt"

// Set is an entity set of the caller's own, for a service that is made of such sets alone (see [Options.Sets]).
type Set struct {
	Name       string
	Rows       int
	Properties []Property
}

// Property is a property of a [Set].
type Property struct {
	Name   string
	Type   string // an Edm type: Edm.Boolean, an integer type, Edm.Double, Edm.Decimal, Edm.String, Edm.DateTimeOffset …
	Facets string // further attributes, such as Precision="12" Scale="2"
	// Nullable and Key are declared; a key property is never nullable.
	Nullable, Key bool
	// Value makes the value of a row, counted from 0: bool, int64, float64 or string; nil is null. Strings are texts, guids in lower
	// case and numbers of decimals; an int64 of Edm.DateTimeOffset is in units of 100 ns since 0001-01-01.
	Value func(row int) any
}

// ownModel declares a caller's sets.
func ownModel(sets []Set) (*model, error) {
	m := &model{namespace: "Sample.Own", container: "Container"}
	for _, s := range sets {
		set := &entitySet{name: s.Name, entityType: s.Name + "Row"}
		for _, p := range s.Properties {
			k, ok := primitives()[p.Type]
			if !ok {
				return nil, fmt.Errorf("%s.%s has the unknown type %q", s.Name, p.Name, p.Type)
			}
			prop := property{name: p.Name, typ: edmType{name: p.Type, k: k}, nullable: p.Nullable && !p.Key, key: p.Key}
			if p.Facets != "" {
				prop.facets = " " + p.Facets
			}
			set.props = append(set.props, prop)
		}
		m.sets = append(m.sets, set)
	}
	m.seal()
	return m, nil
}

// ownData makes a caller's rows.
func ownData(sets []Set) map[string]*dataset {
	out := map[string]*dataset{}
	for _, s := range sets {
		cols := map[string]column{}
		for _, p := range s.Properties {
			k := primitives()[p.Type]
			cols[p.Name] = func(r ref) value { return ownValue(k, p.Value(r.i)) }
		}
		out[s.Name] = static(s.Rows, cols)
	}
	return out
}

func ownValue(k kind, v any) value {
	switch x := v.(type) {
	case bool:
		return boolean(x)
	case int64:
		return value{k: k, n: x}
	case float64:
		if k == kSingle {
			return single(float32(x))
		}
		return double(x)
	case string:
		return value{k: k, s: x}
	default:
		return null()
	}
}
