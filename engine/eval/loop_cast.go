package eval

import (
	"strconv"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// rowCast converts a row that is not null from v to out, or reports that it is a case for the conversion through text.
type rowCast func(out, v *vector.Vector, r int32, env sqltype.Env) bool

// directCast finds the short way from one type to another, nil where there is none.
func directCast(from, to sqltype.Type) rowCast {
	plainText := (to.OID == sqltype.OIDText || to.OID == sqltype.OIDVarChar) && to.Typmod < 0
	switch {
	case plainText && (from.OID == sqltype.OIDInt2 || from.OID == sqltype.OIDInt4 || from.OID == sqltype.OIDInt8):
		return printInt
	case plainText && !isTextual(from.OID):
		return func(out, v *vector.Vector, r int32, env sqltype.Env) bool {
			out.StartBytes(int(r))
			out.Data = sqltype.AppendText(out.Data, from, aliasValue(v, int(r)), env)
			out.EndBytes(int(r))
			return true
		}
	case !isTextual(from.OID):
		return nil
	}
	switch to.OID {
	case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8:
		return readInt
	case sqltype.OIDNumeric:
		if to.Typmod < 0 {
			return readNumeric
		}
	case sqltype.OIDDate:
		return readDate
	}
	return nil
}

func printInt(out, v *vector.Vector, r int32, _ sqltype.Env) bool {
	p, i := v.Physical(), v.Index(int(r))
	var x int64
	switch v.Kind {
	case sqltype.KindInt16:
		x = int64(p.I16[i])
	case sqltype.KindInt32:
		x = int64(p.I32[i])
	default:
		x = p.I64[i]
	}
	out.StartBytes(int(r))
	out.Data = strconv.AppendInt(out.Data, x, 10)
	out.EndBytes(int(r))
	return true
}

// maxPlainDigits is how many decimal digits fit int64 whatever they are.
const maxPlainDigits = 18

// plainNumber reads a sign, digits, and a point between digits, all no more than fit int64. Anything else is left to the type's input.
func plainNumber(s []byte) (coef int64, scale int, ok bool) {
	neg := len(s) > 0 && s[0] == '-'
	if neg {
		s = s[1:]
	}
	point := -1
	for i, c := range s {
		if d := c - '0'; d <= 9 {
			coef = coef*10 + int64(d)
			continue
		}
		if c != '.' || point >= 0 || i == 0 || i == len(s)-1 {
			return 0, 0, false
		}
		point = i
	}
	if len(s) == 0 || len(s) > maxPlainDigits {
		return 0, 0, false
	}
	if point >= 0 {
		scale = len(s) - 1 - point
	}
	if neg {
		coef = -coef
	}
	return coef, scale, true
}

func readInt(out, v *vector.Vector, r int32, _ sqltype.Env) bool {
	x, scale, ok := plainNumber(v.Bytes(int(r)))
	if !ok || scale != 0 {
		return false
	}
	switch out.Kind {
	case sqltype.KindInt16:
		out.I16[r] = int16(x)
		return int64(int16(x)) == x
	case sqltype.KindInt32:
		out.I32[r] = int32(x)
		return int64(int32(x)) == x
	}
	out.I64[r] = x
	return true
}

func readNumeric(out, v *vector.Vector, r int32, _ sqltype.Env) bool {
	x, scale, ok := plainNumber(v.Bytes(int(r)))
	if ok {
		out.I64[r], out.Scales[r] = x, uint8(scale)
	}
	return ok
}

// readDate reads year, month and day as ISO 8601 writes them, which no DateStyle takes for something else.
func readDate(out, v *vector.Vector, r int32, _ sqltype.Env) bool {
	s := v.Bytes(int(r))
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	num := func(b []byte) int {
		n := 0
		for _, c := range b {
			if c-'0' > 9 {
				return -1
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	y, m, d := num(s[:4]), num(s[5:7]), num(s[8:])
	if y < 1 || m < 1 || m > 12 || d < 1 || d > sqltype.DaysInMonth(y, m) {
		return false
	}
	out.I32[r] = int32(sqltype.DaysFromCivil(y, m, d))
	return true
}

// concatWithAny makes text || any and any || text; other is the argument that is no text.
func concatWithAny(name string, other int) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		t, x := textsOf(v[1-other]), v[other]
		for _, r := range sel {
			if !c.fits(out, r, len(t.at(r))) {
				return
			}
			out.StartBytes(int(r))
			if other == 1 {
				out.Data = append(out.Data, t.at(r)...)
			}
			switch c.ArgTypes[other].OID {
			case sqltype.OIDInt4:
				out.Data = strconv.AppendInt(out.Data, int64(x.I32[x.Index(int(r))]), 10)
			case sqltype.OIDInt8:
				out.Data = strconv.AppendInt(out.Data, x.I64[x.Index(int(r))], 10)
			default:
				out.Data = append(out.Data, castText(c, c.ArgTypes[other], aliasValue(x, int(r)))...)
			}
			if other == 0 {
				out.Data = append(out.Data, t.at(r)...)
			}
			out.EndBytes(int(r))
		}
	}}
}
