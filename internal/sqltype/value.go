package sqltype

// Value is one SQL value of a type that the holder knows. It is the form of constants, parameters and the scalar adapter;
// rows travel in vectors. Which field counts follows from the type's Kind; Null makes every other field meaningless.
// S is immutable and may be shared.
type Value struct {
	Null bool
	I    int64
	F    float64
	S    string
	Num  Numeric
	Iv   Interval
}

// NullValue is the null value of any type.
func NullValue() Value { return Value{Null: true} }

// Interval is PostgreSQL's interval: the three parts are independent and never normalized into each other.
type Interval struct {
	Micros int64
	Days   int32
	Months int32
}

// Marks in Numeric.Scale. A smaller scale is the number of decimal digits after the point, and the number is
// Coef / 10^Scale.
const (
	MaxSmallScale    uint8 = 251
	ScaleOverflow    uint8 = 252 // Ext holds the number in PostgreSQL's binary format (numeric_send)
	ScaleNaN         uint8 = 253
	ScaleInfinity    uint8 = 254
	ScaleNegInfinity uint8 = 255
)

// Numeric is PostgreSQL's numeric. Numbers whose coefficient fits int64 are held in Coef and Scale; others in Ext. A number
// that fits is never held in Ext, so the small form is canonical. Equality and hashing ignore the scale (1.5 = 1.50), output keeps it.
type Numeric struct {
	Coef  int64
	Scale uint8
	Ext   string
}

// Int returns the value of an integer-like or date-like type.
func Int(i int64) Value { return Value{I: i} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{I: 1}
	}
	return Value{}
}

// Float returns the value of a float4 or float8.
func Float(f float64) Value { return Value{F: f} }

// Text returns the value of a text-like or bytes-like type.
func Text(s string) Value { return Value{S: s} }

// Num returns a numeric value.
func Num(n Numeric) Value { return Value{Num: n} }
