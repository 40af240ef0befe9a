package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// commonType is select_common_type. what names the construct in the error; "" gives 0 instead of an error.
func (b *binder) commonType(exprs []plan.Expr, what string) uint32 {
	ptype := exprs[0].Type().OID
	if ptype != sqltype.OIDUnknown {
		same := true
		for _, e := range exprs[1:] {
			if e.Type().OID != ptype {
				same = false
				break
			}
		}
		if same {
			return ptype
		}
	}
	pcat, ppref := b.category(ptype), b.preferred(ptype)
	for _, e := range exprs[1:] {
		ntype := e.Type().OID
		if ntype == sqltype.OIDUnknown || ntype == ptype {
			continue
		}
		ncat, npref := b.category(ntype), b.preferred(ntype)
		switch {
		case ptype == sqltype.OIDUnknown:
			ptype, pcat, ppref = ntype, ncat, npref
		case ncat != pcat:
			if what == "" {
				return 0
			}
			b.failf(pgerr.DatatypeMismatch, b.loc(e), "%s types %s and %s cannot be matched", what, b.typeName(ptype), b.typeName(ntype))
		case !ppref && b.can(ptype, ntype, implicit) && !b.can(ntype, ptype, implicit):
			ptype, pcat, ppref = ntype, ncat, npref
		}
	}
	if ptype == sqltype.OIDUnknown {
		ptype = sqltype.OIDText
	}
	return ptype
}

// toCommon is coerce_to_common_type.
func (b *binder) toCommon(e plan.Expr, t uint32, what string) plan.Expr {
	from := e.Type().OID
	if from == t {
		return e
	}
	if b.can(from, t, implicit) {
		return b.coerce(e, sqltype.Of(t), implicit, plan.FormImplicitCast, -1)
	}
	b.failf(pgerr.CannotCoerce, b.loc(e), "%s could not convert type %s to %s", what, b.typeName(from), b.typeName(t))
	return nil
}

// commonTypmod is select_common_typmod.
func commonTypmod(exprs []plan.Expr, t uint32) int32 {
	mod := int32(-1)
	for i, e := range exprs {
		if e.Type().OID != t {
			return -1
		}
		if i == 0 {
			mod = e.Type().Typmod
		} else if e.Type().Typmod != mod {
			return -1
		}
	}
	return mod
}

// unify brings expressions to their common type and gives it with the modifier that they share.
func (b *binder) unify(exprs []plan.Expr, what string) ([]plan.Expr, sqltype.Type) {
	t := b.commonType(exprs, what)
	out := make([]plan.Expr, len(exprs))
	for i, e := range exprs {
		out[i] = b.toCommon(e, t, what)
	}
	return out, sqltype.Type{OID: t, Typmod: commonTypmod(out, t)}
}
