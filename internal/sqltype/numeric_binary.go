package sqltype

import (
	"encoding/binary"
	"math/big"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// AppendNumericBinary appends numeric_send's form: number of base-10000 digits, weight of the first, sign, display scale,
// digits.
func AppendNumericBinary(dst []byte, n Numeric) []byte {
	// PostgreSQL sends its infinities with a display scale of 32, a remnant of their flags.
	special := func(sign, dscale byte) []byte { return append(dst, 0, 0, 0, 0, sign, 0, 0, dscale) }
	switch n.Scale {
	case ScaleNaN:
		return special(0xc0, 0)
	case ScaleInfinity:
		return special(0xd0, 0x20)
	case ScaleNegInfinity:
		return special(0xf0, 0x20)
	case ScaleOverflow:
		return append(dst, n.Ext...)
	}
	return appendSmallBinary(dst, n.Coef, int(n.Scale))
}

func appendSmallBinary(dst []byte, coef int64, scale int) []byte {
	a := absUint(coef)
	var groups [8]uint16 // least significant first
	count := 0
	weight := -(scale + 3) / 4
	if pad := (4 - scale%4) % 4; pad > 0 && a != 0 {
		// The first group holds 4-pad decimal digits of the coefficient, followed by zeros.
		unit := uint64(pow10[4-pad])
		groups[0] = uint16(a % unit * uint64(pow10[pad]))
		a /= unit
		count = 1
	}
	for ; a != 0; count++ {
		groups[count] = uint16(a % 10000)
		a /= 10000
	}
	first := 0
	for first < count && groups[first] == 0 {
		first++
	}
	weight += count - 1
	if first == count {
		weight = 0
	}
	sign := uint16(0)
	if coef < 0 {
		sign = 0x4000
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(count-first))
	dst = binary.BigEndian.AppendUint16(dst, uint16(int16(weight)))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	dst = binary.BigEndian.AppendUint16(dst, uint16(scale))
	for i := count - 1; i >= first; i-- {
		dst = binary.BigEndian.AppendUint16(dst, groups[i])
	}
	return dst
}

func numericSend(dst []byte, v Value, _ Type, _ Env) []byte { return AppendNumericBinary(dst, v.Num) }

// ParseNumericBinary reads numeric_send's form.
func ParseNumericBinary(b []byte) (Numeric, error) {
	bad := func(what string) error {
		return pgerr.Newf(pgerr.InvalidBinaryRepresentation, "invalid %s in external \"numeric\" value", what)
	}
	if len(b) < 6 {
		return Numeric{}, wrongSize(len(b), 6)
	}
	digits := int(binary.BigEndian.Uint16(b))
	sign := binary.BigEndian.Uint16(b[4:])
	switch sign {
	case 0, 0x4000, 0xc000, 0xd000, 0xf000:
	default: // a fault of what is there comes before that of what is not
		return Numeric{}, bad("sign")
	}
	if len(b) < 8 {
		return Numeric{}, wrongSize(len(b), 8)
	}
	dscale := int(binary.BigEndian.Uint16(b[6:]))
	switch {
	case len(b) != 8+2*digits:
		return Numeric{}, wrongSize(len(b), 8+2*digits)
	case sign == 0xc000:
		return NumericNaN(), nil
	case sign == 0xd000:
		return NumericInf(false), nil
	case sign == 0xf000:
		return NumericInf(true), nil
	case dscale > numericMaxDscale:
		return Numeric{}, bad("scale")
	}
	for i := range digits {
		if binary.BigEndian.Uint16(b[8+2*i:]) > 9999 {
			return Numeric{}, bad("digit")
		}
	}
	if n, ok := fromBinary(b, digits, sign == 0x4000, dscale); ok {
		return n, nil
	}
	if digits == 0 {
		return decimal{new(big.Int), dscale}.numeric()
	}
	// toDecimal cuts places beyond the display scale, as numeric_recv does.
	return Numeric{Scale: ScaleOverflow, Ext: string(b)}.toDecimal().numeric()
}

// fromBinary takes the two common cases without big integers: up to four digits that make a small number, and numbers
// that are in the canonical large form already.
func fromBinary(b []byte, digits int, neg bool, dscale int) (Numeric, bool) {
	if digits == 0 {
		return Numeric{}, false
	}
	group := func(i int) int64 { return int64(binary.BigEndian.Uint16(b[8+2*i:])) }
	weight := int(int16(binary.BigEndian.Uint16(b[2:])))
	places := (digits - 1 - weight) * 4 // after the point, of all digits
	if digits <= 4 && dscale <= int(MaxSmallScale) {
		coef := int64(0)
		for i := range digits {
			coef = coef*10000 + group(i)
		}
		ok := true
		switch drop := places - dscale; {
		case drop >= len(pow10):
			coef = 0
		case drop > 0:
			coef /= pow10[drop]
		default:
			coef, ok = Upscale(coef, -drop)
		}
		if neg {
			coef = -coef
		}
		return Numeric{Coef: coef, Scale: uint8(dscale)}, ok
	}
	if drop := places - dscale; group(0) == 0 || group(digits-1) == 0 || drop >= 4 || drop > 0 && group(digits-1)%pow10[drop] != 0 {
		return Numeric{}, false
	}
	// Twenty decimal digits, counted from the first to the display scale, never fit int64.
	if first := len(AppendInt(nil, group(0))); weight*4+first+dscale < 20 && dscale <= int(MaxSmallScale) {
		return Numeric{}, false
	}
	return Numeric{Scale: ScaleOverflow, Ext: string(b)}, true
}

func numericRecv(b []byte, t Type, _ Env) (Value, error) {
	n, err := ParseNumericBinary(b)
	if err != nil {
		return Value{}, err
	}
	n, err = FitNumeric(n, t.Typmod)
	return Num(n), err
}
