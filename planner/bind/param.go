package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// params infers parameter types as PostgreSQL's parse_param.c does: the first context that needs a type gives it.
type params struct {
	types []uint32 // by number from 0; 0: not referenced, unknown: referenced and not yet decided
	// replaced holds undecided references below a set operation, for which one above it stands that is decided.
	replaced map[*plan.Param]bool
}

// maxParam is the greatest parameter number (MaxAllocSize / sizeof(Oid) in PostgreSQL; the protocol counts in 16 bits).
const maxParam = 65535

func newParams(declared []uint32) params {
	return params{types: append([]uint32(nil), declared...)}
}

// param binds $n.
func (b *binder) param(n, loc int) plan.Expr {
	if word := junkAfter(b.stmt.Source(), loc); word != "" {
		b.failf(pgerr.SyntaxError, loc, `trailing junk after parameter at or near "%s"`, word)
	}
	if n <= 0 || n > maxParam || b.env.NoParams {
		b.failf(pgerr.UndefinedParameter, loc, "there is no parameter $%d", n)
	}
	for len(b.params.types) < n {
		b.params.types = append(b.params.types, 0)
	}
	t := &b.params.types[n-1]
	if *t == 0 {
		*t = sqltype.OIDUnknown
	}
	if *t == sqltype.OIDVoid {
		// psql and others send void for an undecided parameter (variable_paramref_hook).
		*t = sqltype.OIDUnknown
	}
	if _, listed := sqltype.Lookup(*t); !listed && b.relationByRowType(*t) == nil && b.elemOfRowArray(*t) == 0 {
		b.failf(pgerr.InternalError, -1, "cache lookup failed for type %d", *t)
	}
	return at(b, &plan.Param{N: n, T: sqltype.Of(*t)}, loc)
}

// junkAfter gives a parameter's name with the letters that follow it without a blank, which PostgreSQL's scanner refuses; "" where
// there are none.
func junkAfter(src string, loc int) string {
	if loc < 0 || loc >= len(src) || src[loc] != '$' {
		return ""
	}
	end := loc + 1
	for end < len(src) && src[end] >= '0' && src[end] <= '9' {
		end++
	}
	word := parser.IdentifierAt(src[end:])
	if word == "" {
		return ""
	}
	return src[loc:end] + word
}

// isVoidParam says that the client declared $n as void and that nothing has used it as a value.
func (b *binder) isVoidParam(n int) bool {
	return n > 0 && n <= len(b.params.types) && b.params.types[n-1] == sqltype.OIDVoid
}

// coerceParam decides the type of an undecided parameter. ok is false if p is decided already.
func (b *binder) coerceParam(p *plan.Param, target uint32, loc int) (plan.Expr, bool) {
	if p.T.OID != sqltype.OIDUnknown {
		return nil, false
	}
	t := &b.params.types[p.N-1]
	switch *t {
	case sqltype.OIDUnknown:
		*t = target
	case target:
	default:
		b.fail(pgerr.Newf(pgerr.AmbiguousParameter, "inconsistent types deduced for parameter $%d", p.N).
			WithDetail("%s versus %s", b.typeName(*t), b.typeName(target)), b.loc(p))
	}
	l := b.loc(p)
	if l < 0 || (loc >= 0 && loc < l) {
		l = loc
	}
	return at(b, &plan.Param{N: p.N, T: sqltype.Of(target)}, l), true
}

// paramTypes checks that every parameter has a type.
func (b *binder) paramTypes() []sqltype.Type {
	out := make([]sqltype.Type, len(b.params.types))
	for i, t := range b.params.types {
		if t == 0 || t == sqltype.OIDUnknown {
			b.failf(pgerr.IndeterminateDatatype, -1, "could not determine data type of parameter $%d", i+1)
		}
		out[i] = sqltype.Of(t)
	}
	return out
}

// settleParams gives references that were bound before their parameter's type was known that type.
func (b *binder) settleParams(n plan.Node) plan.Node {
	open := false
	if len(b.params.types) == 0 {
		return n
	}
	for e := range b.locs {
		if p, ok := e.(*plan.Param); ok && p.T.OID == sqltype.OIDUnknown {
			open = true
			if b.params.types[p.N-1] != sqltype.OIDUnknown {
				continue
			}
		}
	}
	if !open {
		return n
	}
	return plan.RewriteDeep(n, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e plan.Expr) plan.Expr {
			return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
				p, ok := e.(*plan.Param)
				if !ok || p.T.OID != sqltype.OIDUnknown || b.params.types[p.N-1] == sqltype.OIDUnknown {
					return e
				}
				if b.params.replaced[p] {
					return &plan.Param{N: p.N, T: sqltype.Of(b.params.types[p.N-1])}
				}
				// A reference that stayed unknown while another decided the type (check_parameter_resolution_walker).
				b.failf(pgerr.AmbiguousParameter, b.loc(p), "could not determine data type of parameter $%d", p.N)
				return e
			})
		})
	})
}

// settled notes that an undecided reference is replaced by one above it.
func (p *params) settled(ref *plan.Param) {
	if p.replaced == nil {
		p.replaced = map[*plan.Param]bool{}
	}
	p.replaced[ref] = true
}
