package edm

// Kind is what a property's type is, after aliases and type definitions are resolved.
type Kind uint8

// The kinds. The primitive ones are OData CSDL 4.01 section 3.3.
const (
	KindInvalid Kind = iota
	KindBinary
	KindBoolean
	KindByte
	KindDate
	KindDateTimeOffset
	KindDecimal
	KindDouble
	KindDuration
	KindGuid
	KindInt16
	KindInt32
	KindInt64
	KindSByte
	KindSingle
	KindStream
	KindString
	KindTimeOfDay
	KindGeography  // Edm.Geography and its seven subtypes
	KindGeometry   // Edm.Geometry and its seven subtypes
	KindUntyped    // Edm.Untyped, Edm.PrimitiveType, Edm.ComplexType and types that the document does not define
	KindEnum       // an enumeration type
	KindComplex    // a complex type
	KindCollection // Collection(…)
	kindCount
)

// IsInteger reports whether values are whole numbers.
func (k Kind) IsInteger() bool {
	return k == KindByte || k == KindSByte || k == KindInt16 || k == KindInt32 || k == KindInt64
}

// IsNumeric reports whether values are numbers.
func (k Kind) IsNumeric() bool {
	return k.IsInteger() || k == KindDecimal || k == KindDouble || k == KindSingle
}

// HasFraction reports whether values carry fractional seconds that the service may hold finer than SQL's microseconds.
func (k Kind) HasFraction() bool {
	return k == KindDateTimeOffset || k == KindTimeOfDay || k == KindDuration
}

func (k Kind) String() string { return k.info().Name }
