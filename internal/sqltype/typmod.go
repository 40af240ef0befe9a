package sqltype

import (
	"github.com/odatagres/odatagres/internal/pgerr"
)

// ModifiersOf turns the numbers in a type's parentheses, as in numeric(10,2), into a typmod, with the warning that
// PostgreSQL gives where it lowers a precision. Interval takes its mask of fields first and its precision second, as the
// parser gives them.
func ModifiersOf(oid uint32, numbers []int64) (typmod int32, warning *pgerr.Error, err error) {
	i, _ := Lookup(oid)
	if i != nil && i.IsArray {
		return ModifiersOf(i.Elem, numbers)
	}
	invalid := func(format string, args ...any) (int32, *pgerr.Error, error) {
		return -1, nil, pgerr.Newf(pgerr.InvalidParameterValue, format, args...)
	}
	for _, n := range numbers {
		if n > 1<<31-1 || n < -1<<31 {
			return -1, nil, valueRange("integer", string(AppendInt(nil, n)))
		}
	}
	switch oid {
	case OIDNumeric:
		switch len(numbers) {
		case 1:
			numbers = append(numbers[:1:1], 0)
		case 2:
		default:
			return invalid("invalid NUMERIC type modifier")
		}
		p, s := numbers[0], numbers[1]
		if p < 1 || p > numericMaxDisplayScale {
			return invalid("NUMERIC precision %d must be between 1 and %d", p, numericMaxDisplayScale)
		}
		if s < -numericMaxDisplayScale || s > numericMaxDisplayScale {
			return invalid("NUMERIC scale %d must be between %d and %d", s, -numericMaxDisplayScale, numericMaxDisplayScale)
		}
		return int32(p<<16|s&0x7ff) + 4, nil, nil
	case OIDVarChar, OIDBPChar, OIDBit, OIDVarBit:
		name, limit, extra := map[uint32]string{OIDVarChar: "varchar", OIDBPChar: "char", OIDBit: "bit", OIDVarBit: "varbit"}[oid], int64(10485760), int32(4)
		if oid == OIDBit || oid == OIDVarBit {
			limit, extra = 83886080, 0
		}
		if len(numbers) != 1 {
			return invalid("invalid type modifier")
		}
		if numbers[0] < 1 {
			return invalid("length for type %s must be at least 1", name)
		}
		if numbers[0] > limit {
			return invalid("length for type %s cannot exceed %d", name, limit)
		}
		return int32(numbers[0]) + extra, nil, nil
	case OIDTime, OIDTimeTZ, OIDTimestamp, OIDTimestampTZ:
		if len(numbers) != 1 {
			return invalid("invalid type modifier")
		}
		word := "TIMESTAMP"
		if oid == OIDTime || oid == OIDTimeTZ {
			word = "TIME"
		}
		if oid == OIDTimeTZ || oid == OIDTimestampTZ {
			word += "(%d) WITH TIME ZONE"
		} else {
			word += "(%d)"
		}
		n := numbers[0]
		if n < 0 {
			return invalid(word+" precision must not be negative", n)
		}
		if n > 6 {
			w := pgerr.Warning(pgerr.InvalidParameterValue, word+" precision reduced to maximum allowed, %d", n, 6)
			return 6, w, nil
		}
		return int32(n), nil, nil
	case OIDInterval:
		return intervalModifiers(numbers)
	}
	return -1, nil, pgerr.Newf(pgerr.SyntaxError, "type modifier is not allowed for type \"%s\"", typeName(oid))
}

func typeName(oid uint32) string {
	if i, ok := Lookup(oid); ok {
		return i.Name
	}
	return "???"
}

func intervalModifiers(numbers []int64) (int32, *pgerr.Error, error) {
	invalid := func(format string, args ...any) (int32, *pgerr.Error, error) {
		return -1, nil, pgerr.Newf(pgerr.InvalidParameterValue, format, args...)
	}
	if len(numbers) == 0 || len(numbers) > 2 {
		return invalid("invalid INTERVAL type modifier")
	}
	fields := numbers[0]
	if _, ok := intervalFieldNames[int(fields)]; !ok && fields != intervalFullRange {
		return invalid("invalid INTERVAL type modifier")
	}
	if len(numbers) == 1 {
		if fields == intervalFullRange {
			return -1, nil, nil
		}
		return int32(fields<<16 | intervalFullPrec), nil, nil
	}
	p := numbers[1]
	if p < 0 {
		return invalid("INTERVAL(%d) precision must not be negative", p)
	}
	var warning *pgerr.Error
	if p > 6 {
		warning = pgerr.Warning(pgerr.InvalidParameterValue, "INTERVAL(%d) precision reduced to maximum allowed, %d", p, 6)
		p = 6
	}
	return int32(fields<<16 | p), warning, nil
}

// ApplyTypmod coerces a value to its type's modifier, as the length coercion functions do. explicit is true for casts,
// which cut text that is too long without an error. Arrays are coerced by element.
func ApplyTypmod(t Type, v Value, explicit bool) (Value, error) {
	if t.Typmod < 0 || v.Null {
		return v, nil
	}
	var err error
	switch t.OID {
	case OIDNumeric:
		v.Num, err = FitNumeric(v.Num, t.Typmod)
	case OIDVarChar:
		v.S, err = FitVarchar(v.S, t.Typmod, explicit)
	case OIDBPChar:
		v.S, err = FitBPChar(v.S, t.Typmod, explicit)
	case OIDTime, OIDTimestamp, OIDTimestampTZ:
		v.I = FitTimestamp(v.I, t.Typmod)
	case OIDTimeTZ:
		v.Iv.Micros = FitTimestamp(v.Iv.Micros, t.Typmod)
	case OIDInterval:
		v.Iv = FitInterval(v.Iv, t.Typmod)
	default:
		if i := t.Info(); i.IsArray {
			return applyToElements(Type{i.Elem, t.Typmod}, v, explicit)
		}
	}
	return v, err
}

func applyToElements(elem Type, v Value, explicit bool) (Value, error) {
	a, err := DecodeArray(v.S)
	if err != nil {
		return v, err
	}
	for i := range a.Elems {
		if a.Elems[i], err = ApplyTypmod(elem, a.Elems[i], explicit); err != nil {
			return v, err
		}
	}
	return EncodeArray(a), nil
}
