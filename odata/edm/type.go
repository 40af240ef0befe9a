package edm

import "github.com/odatagres/odatagres/internal/sqltype"

// Values of Facets where a facet is not a plain number.
const (
	Unset    = -1 // not given
	Variable = -2 // Scale="variable" or "floating", in any case; SRID="variable"
	Max      = -3 // MaxLength="max", in any case
)

// Facets limit the values of a type. They are claims.
type Facets struct {
	MaxLength int // Unset, Max or characters
	Precision int // Unset or digits: of a decimal, or of the fraction of a second
	Scale     int // Unset, Variable or digits
	SRID      int // Unset, Variable or a number
}

// NoFacets is what a property without facets has.
func NoFacets() Facets { return Facets{MaxLength: Unset, Precision: Unset, Scale: Unset, SRID: Unset} }

// Type is a resolved type. It is comparable.
type Type struct {
	Kind   Kind
	Name   string // qualified by namespace, never by alias: Edm.String, Ns.Color, Collection(Ns.Address)
	Facets Facets
	Enum   *EnumType   // of KindEnum
	Struct *StructType // of KindComplex
}

// Of returns a primitive type without facets.
func Of(k Kind) Type { return Type{Kind: k, Name: k.String(), Facets: NoFacets()} }

// IsFlags reports an enumeration whose values are sets of members.
func (t Type) IsFlags() bool { return t.Kind == KindEnum && t.Enum != nil && t.Enum.IsFlags }

// SQL is the SQL type of a column of this type; false for a type that gives no column (streams), or several (complex).
func (t Type) SQL() (sqltype.Type, bool) {
	info := t.Kind.info()
	if info.OID == 0 {
		return sqltype.Type{}, false
	}
	st := sqltype.Of(info.OID)
	// By the text a Decimal without Scale has scale 0, but services send more digits: only a given Scale is a modifier.
	if f := t.Facets; t.Kind == KindDecimal && f.Scale >= 0 && f.Precision > 0 && f.Precision <= 1000 && f.Scale <= f.Precision {
		st.Typmod = int32(f.Precision<<16|f.Scale) + 4
	}
	return st, true
}
