package pushdown

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// literal writes a constant as a literal of the property's type, or says why it has none. A constant that no value of the
// property can equal (2.5 against an integer, 3000000000 against an Int32) is decided here, not sent: services disagree
// about literals out of range.
func (p *pusher) literal(col plan.ScanColumn, k *plan.Const) (*query.Literal, *local) {
	refuse := func(why string) (*query.Literal, *local) { return nil, &local{why: why} }
	t := col.Property.Type
	want, ok := t.SQL()
	if !ok || want.OID != col.Type.OID {
		return refuse("the column's type is not the property's own")
	}
	v := k.Value
	switch {
	case t.Kind.IsInteger():
		i, ok := integer(k)
		if !ok {
			return refuse("the constant is not a whole number in the property's range")
		}
		lo, hi := integerRange(t.Kind)
		if i < lo || i > hi {
			return refuse("the constant is out of the property's range")
		}
		return &query.Literal{Type: t, Value: sqltype.Int(i)}, nil
	case t.Kind == edm.KindDecimal:
		switch k.T.Kind() {
		case sqltype.KindNumeric:
			if v.Num.IsSpecial() {
				return refuse("the constant has no literal there")
			}
		case sqltype.KindInt16, sqltype.KindInt32, sqltype.KindInt64:
			v = sqltype.Num(sqltype.NumericInt(v.I))
		default:
			return refuse("the constant's type is not compared exactly there")
		}
		return &query.Literal{Type: t, Value: v}, nil
	case t.Kind == edm.KindDouble:
		if k.T.OID != sqltype.OIDFloat8 || math.IsNaN(v.F) || math.IsInf(v.F, 0) {
			return refuse("the constant is not compared exactly there")
		}
		return &query.Literal{Type: t, Value: v}, nil
	case t.Kind == edm.KindString:
		switch k.T.OID {
		case sqltype.OIDText, sqltype.OIDVarChar:
			return &query.Literal{Type: t, Value: v}, nil
		}
		return refuse("blanks at the end count differently there")
	case t.Kind == edm.KindDate:
		if k.T.OID != sqltype.OIDDate {
			return refuse("a date is compared with an instant here")
		}
		if y := year(v.I); y < 1 || y > 9999 {
			return refuse("the constant has no literal there")
		}
		return &query.Literal{Type: t, Value: v}, nil
	case k.T.OID == want.OID:
		return &query.Literal{Type: t, Value: v}, nil
	}
	return refuse("the constant's type is not the property's")
}

// integer reads a constant of an exact numeric type as a whole number.
func integer(k *plan.Const) (int64, bool) {
	switch k.T.Kind() {
	case sqltype.KindInt16, sqltype.KindInt32, sqltype.KindInt64:
		return k.Value.I, true
	case sqltype.KindNumeric:
		n := k.Value.Num
		if n.IsSpecial() || n.MinScale() > 0 {
			return 0, false
		}
		i, err := n.Int64(sqltype.OIDInt8)
		return i, err == nil
	}
	return 0, false
}

func integerRange(k edm.Kind) (lo, hi int64) {
	switch k {
	case edm.KindByte:
		return 0, math.MaxUint8
	case edm.KindSByte:
		return math.MinInt8, math.MaxInt8
	case edm.KindInt16:
		return math.MinInt16, math.MaxInt16
	case edm.KindInt32:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// year is the year of a day counted from 2000-01-01; infinite dates give years far out.
func year(day int64) int {
	y, _, _ := sqltype.CivilFromDays(day)
	return y
}
