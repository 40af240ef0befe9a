package plan

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// HashPair gives both sides of an equality as values of one type whose = is the equality of the hash; false if they have
// none, or one of them may give another value when it is evaluated again. Integers of two widths, and floats, meet in the wider type,
// name meets text, and dates meet timestamps: such keys are common in catalogs, where services disagree about widths, and in calendars.
func HashPair(c *Call) (x, y Expr, ok bool) {
	if IsVolatile(c) || HasSubquery(c) {
		return nil, nil, false
	}
	x, y = c.Args[0], c.Args[1]
	a, b := x.Type().OID, y.Type().OID
	switch {
	case a == b:
		return x, y, len(c.Fn.Args) == 2 && c.Fn.Args[0] == c.Fn.Args[1]
	case rank(a) > 0 && rank(a)/10 == rank(b)/10:
		if rank(a) < rank(b) {
			x = widen(x, b)
		} else {
			y = widen(y, a)
		}
	case datetime(a) > 0 && datetime(b) > 0:
		if datetime(a) < datetime(b) {
			x = inType(x, b)
		} else {
			y = inType(y, a)
		}
	case a == sqltype.OIDName && b == sqltype.OIDText:
		x = widen(x, b)
	case a == sqltype.OIDText && b == sqltype.OIDName:
		y = widen(y, a)
	default:
		return nil, nil, false
	}
	return x, y, x != nil && y != nil
}

// rank orders the types of one family, which its tens name, by width.
func rank(oid uint32) int {
	switch oid {
	case sqltype.OIDInt2:
		return 11
	case sqltype.OIDInt4:
		return 12
	case sqltype.OIDInt8:
		return 13
	case sqltype.OIDFloat4:
		return 21
	case sqltype.OIDFloat8:
		return 22
	}
	return 0
}

// widen casts by a cast that loses nothing; nil if there is none.
func widen(e Expr, to uint32) Expr {
	cast, ok := builtin.Load().Cast(e.Type().OID, to)
	if !ok || cast.Function == 0 {
		return nil
	}
	return &Call{Fn: builtin.Load().FunctionByOID(cast.Function), Args: []Expr{e}, T: sqltype.Of(to), Form: FormImplicitCast}
}

// datetime orders dates and timestamps by the type that two of them are compared in.
func datetime(oid uint32) int {
	switch oid {
	case sqltype.OIDDate:
		return 1
	case sqltype.OIDTimestamp:
		return 2
	case sqltype.OIDTimestampTZ:
		return 3
	}
	return 0
}

func inType(e Expr, to uint32) Expr {
	for _, f := range builtin.KeyFunctions() {
		if f.Args[0] == e.Type().OID && f.Result == to {
			return &Call{Fn: f, Args: []Expr{e}, T: sqltype.Of(to), Form: FormImplicitCast}
		}
	}
	return nil
}
