package rules

import (
	"reflect"

	"github.com/odatagres/odatagres/planner/plan"
)

// factor takes what all arms of an OR require out of it, as PostgreSQL does (canonicalize_qual): (a AND b) OR (a AND c) is a AND (b OR c), so
// that a join finds the equality in it. An arm that requires nothing else makes the rest needless. It returns e itself where arms have
// nothing in common. Distribution holds in three-valued logic.
func factor(e *plan.Logic) plan.Expr {
	arms := make([][]plan.Expr, len(e.Args))
	for i, a := range e.Args {
		arms[i] = required(Negate(a), nil)
	}
	var common []plan.Expr
	for _, c := range arms[0] {
		if plan.IsVolatile(c) || plan.HasSubquery(c) {
			continue
		}
		everywhere := true
		for _, arm := range arms[1:] {
			everywhere = everywhere && has(arm, c)
		}
		if everywhere && !has(common, c) {
			common = append(common, c)
		}
	}
	if len(common) == 0 {
		return e
	}
	rest := &plan.Logic{Op: plan.Or}
	for _, arm := range arms {
		var left []plan.Expr
		for _, c := range arm {
			if !has(common, c) {
				left = append(left, c)
			}
		}
		switch len(left) {
		case 0:
			return &plan.Logic{Op: plan.And, Args: common}
		case 1:
			rest.Args = append(rest.Args, left[0])
		default:
			rest.Args = append(rest.Args, &plan.Logic{Op: plan.And, Args: left})
		}
	}
	return &plan.Logic{Op: plan.And, Args: append(common, rest)}
}

// required appends what AND joins in e.
func required(e plan.Expr, to []plan.Expr) []plan.Expr {
	l, ok := e.(*plan.Logic)
	if !ok || l.Op != plan.And {
		return append(to, e)
	}
	for _, a := range l.Args {
		to = required(Negate(a), to)
	}
	return to
}

func has(list []plan.Expr, e plan.Expr) bool {
	for _, x := range list {
		if x == e || reflect.DeepEqual(x, e) {
			return true
		}
	}
	return false
}
