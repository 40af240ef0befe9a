package bind

import (
	"math"
	"reflect"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// equalExpr says whether two bound expressions are the same, as equal() does: neither names nor forms count, and ids that
// are made inside a subquery may differ as long as they correspond.
func equalExpr(a, c plan.Expr) bool {
	if a == c {
		return true
	}
	if reflect.TypeOf(a) != reflect.TypeOf(c) || a.Type() != c.Type() {
		return false
	}
	switch x := a.(type) {
	case *plan.ColRef:
		return x.ID == c.(*plan.ColRef).ID
	case *plan.Const:
		return sameValue(x.Value, c.(*plan.Const).Value)
	case *plan.Param:
		return x.N == c.(*plan.Param).N
	}
	m := &idMatch{fwd: map[plan.ColID]plan.ColID{}, back: map[plan.ColID]plan.ColID{}, ctes: map[int]int{}, made: map[int]bool{}}
	if !m.same(reflect.ValueOf(a), reflect.ValueOf(c)) {
		return false
	}
	// Ids that are not made inside must be the very same.
	free := plan.Set{}
	plan.Refs(a, free)
	for id := range free {
		if other, ok := m.fwd[id]; ok && other != id {
			return false
		}
	}
	for one, other := range m.ctes {
		if one != other && !m.made[one] {
			return false
		}
	}
	return true
}

// stripImplicit gives an expression as it stood before conversions that nobody wrote (strip_implicit_coercions).
func stripImplicit(e plan.Expr) plan.Expr {
	for {
		switch x := e.(type) {
		case *plan.Cast:
			if x.Explicit {
				return e
			}
			e = x.Arg
		case *plan.Call:
			if x.Form != plan.FormImplicitCast {
				return e
			}
			e = x.Args[0]
		default:
			return e
		}
	}
}

// sameValue compares the images of two constants: NaN is the same as itself, 0 is not the same as -0.
func sameValue(a, c sqltype.Value) bool {
	x, y := math.Float64bits(a.F), math.Float64bits(c.F)
	a.F, c.F = 0, 0
	return a == c && x == y
}

// idMatch pairs the ids of two trees one to one.
type idMatch struct {
	fwd, back map[plan.ColID]plan.ColID
	ctes      map[int]int  // CTEs by their numbers
	made      map[int]bool // those that are defined inside
}

// cte pairs CTEs. No number is given twice, so one direction is enough.
func (m *idMatch) cte(a, c int) bool {
	if other, ok := m.ctes[a]; ok {
		return other == c
	}
	m.ctes[a] = c
	return true
}

func (m *idMatch) pair(a, c plan.ColID) bool {
	x, ok1 := m.fwd[a]
	y, ok2 := m.back[c]
	if ok1 || ok2 {
		return ok1 && ok2 && x == c && y == a
	}
	m.fwd[a], m.back[c] = c, a
	return true
}

func (m *idMatch) same(a, c reflect.Value) bool {
	if a.Kind() != c.Kind() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface:
		if a.IsNil() || c.IsNil() {
			return a.IsNil() == c.IsNil()
		}
		if a.Elem().Type() != c.Elem().Type() {
			return false
		}
		return m.same(a.Elem(), c.Elem())
	case reflect.Pointer:
		if a.IsNil() || c.IsNil() {
			return a.IsNil() == c.IsNil()
		}
		if _, ok := a.Interface().(*builtin.Function); ok {
			return a.Pointer() == c.Pointer()
		}
		return m.same(a.Elem(), c.Elem())
	case reflect.Slice:
		if a.Len() != c.Len() {
			return false
		}
		for i := range a.Len() {
			if !m.same(a.Index(i), c.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		t := a.Type()
		if v, ok := a.Interface().(sqltype.Value); ok {
			return sameValue(v, c.Interface().(sqltype.Value))
		}
		if t.PkgPath() != reflect.TypeOf(plan.ColRef{}).PkgPath() {
			return reflect.DeepEqual(a.Interface(), c.Interface())
		}
		for i := range a.NumField() {
			switch t.Field(i).Name {
			case "Name", "Qualifier", "Form", "Explicit", "Alias", "Names", "Whole", "Extended", "CTE", "References", "CollateAt":
				if t.Field(i).Name == "CTE" && !m.cte(int(a.Field(i).Int()), int(c.Field(i).Int())) {
					return false
				}
				continue
			case "ID":
				if t == reflect.TypeOf(plan.CTE{}) {
					m.made[int(a.Field(i).Int())] = true
					if !m.cte(int(a.Field(i).Int()), int(c.Field(i).Int())) {
						return false
					}
					continue
				}
			}
			if !m.same(a.Field(i), c.Field(i)) {
				return false
			}
		}
		return true
	default:
		if a.Type() == reflect.TypeOf(plan.ColID(0)) {
			return m.pair(plan.ColID(a.Int()), plan.ColID(c.Int()))
		}
		return a.Interface() == c.Interface()
	}
}
