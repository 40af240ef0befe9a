package pushdown

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// comparisonOps maps SQL's comparison operators to the conditions of a profile.
func comparisonOps() map[string]profile.Op {
	return map[string]profile.Op{"=": profile.Eq, "<>": profile.Ne, "<": profile.Lt, "<=": profile.Le, ">": profile.Gt, ">=": profile.Ge}
}

func mirrored() map[profile.Op]profile.Op {
	return map[profile.Op]profile.Op{
		profile.Eq: profile.Eq, profile.Ne: profile.Ne, profile.Lt: profile.Gt, profile.Le: profile.Ge, profile.Gt: profile.Lt, profile.Ge: profile.Le,
	}
}

func queryOps() map[profile.Op]query.Op {
	return map[profile.Op]query.Op{
		profile.Eq: query.Eq, profile.Ne: query.Ne, profile.Lt: query.Lt, profile.Le: query.Le, profile.Gt: query.Gt, profile.Ge: query.Ge,
	}
}

// comparison is a column compared with a constant, a LIKE, or starts_with.
func (p *pusher) comparison(r *plan.Remote, prof *profile.Profile, e *plan.Call) (condition, *local) {
	if len(e.Args) != 2 {
		return stays("such a function is not evaluated there")
	}
	if e.Form != plan.FormOperator {
		if e.Fn.Name == "starts_with" {
			return p.startsWith(r, prof, e.Args[0], e.Args[1])
		}
		return stays("such a function is not evaluated there")
	}
	switch e.Op {
	case "~~":
		return p.like(r, prof, e.Args[0], e.Args[1])
	case "^@":
		return p.startsWith(r, prof, e.Args[0], e.Args[1])
	}
	op, ok := comparisonOps()[e.Op]
	if !ok {
		return stays("such an operator is not evaluated there")
	}
	x, y := e.Args[0], e.Args[1]
	if _, isConst := x.(*plan.Const); isConst {
		x, y, op = y, x, mirrored()[op]
	}
	k, isConst := y.(*plan.Const)
	if !isConst {
		return stays("only comparisons of a column with a constant are sent")
	}
	col, ok := p.column(r, x)
	if !ok {
		return stays("only comparisons of a plain column are sent")
	}
	if k.Value.Null {
		return stays("nothing equals null")
	}
	return p.compare(r, prof, col, op, k)
}

// column sees through casts that lose nothing: x::int8 of an int4 column, x::text of a varchar.
func (p *pusher) column(r *plan.Remote, e plan.Expr) (col plan.ScanColumn, ok bool) {
	if col, ok = property(r, e); ok {
		return col, true
	}
	var arg plan.Expr
	switch e := e.(type) {
	case *plan.Call:
		if e.Form != plan.FormImplicitCast && e.Form != plan.FormExplicitCast || len(e.Args) != 1 {
			return col, false
		}
		arg = e.Args[0]
	case *plan.Cast:
		if e.Method != plan.CastRelabel {
			return col, false
		}
		arg = e.Arg
	default:
		return col, false
	}
	col, ok = p.column(r, arg)
	return col, ok && lossless(arg.Type().OID, e.Type().OID)
}

// lossless: different values stay different and in the same order.
func lossless(from, to uint32) bool {
	switch from {
	case sqltype.OIDInt2:
		return to == sqltype.OIDInt4 || to == sqltype.OIDInt8 || to == sqltype.OIDNumeric
	case sqltype.OIDInt4:
		return to == sqltype.OIDInt8 || to == sqltype.OIDNumeric
	case sqltype.OIDInt8:
		return to == sqltype.OIDNumeric
	case sqltype.OIDVarChar:
		return to == sqltype.OIDText
	}
	return from == to
}

// compare is a column against a constant that is not null.
func (p *pusher) compare(r *plan.Remote, prof *profile.Profile, col plan.ScanColumn, op profile.Op, k *plan.Const) (condition, *local) {
	if col.Property.Type.Kind.HasFraction() {
		return p.instant(r, prof, col, op, k)
	}
	lit, l := p.literal(col, k)
	if l != nil {
		return condition{}, l
	}
	e := query.Expr(&query.Binary{Op: queryOps()[op], Left: propertyExpr(col), Right: lit})
	if op == profile.Ne && !col.Claims.NotNull {
		// OData's ne is true for null, SQL's <> is not. A claim of not being nullable only saves the guard: with a null all the same,
		// the row comes and is dropped here.
		e = query.AndAll(e, &query.Binary{Op: query.Ne, Left: propertyExpr(col), Right: query.Null()})
	}
	c, l := p.leaf(r, prof, col, op, e)
	if l == nil && op == profile.Ne && col.Claims.NotNull {
		c.verdict = min(c.verdict, profile.Superset)
	}
	return c, l
}

// list is column = ANY (constant array), which IN (…) becomes: an `in` where the service has one, else an or of equalities.
// Nulls in the list never make it true and are left out. Where the service takes neither, but a range, the range that holds
// all members is sent.
func (p *pusher) list(r *plan.Remote, prof *profile.Profile, e *plan.ArrayOp) (condition, *local) {
	k, ok := e.Array.(*plan.Const)
	if !ok || e.All || e.Op != "=" || k.Value.Null {
		return stays("only IN lists of constants are sent")
	}
	col, ok := p.column(r, e.Left)
	if !ok {
		return stays("only comparisons of a plain column are sent")
	}
	arr, err := sqltype.DecodeArray(k.Value.S)
	if err != nil {
		return stays("the list cannot be read")
	}
	elem := sqltype.Of(sqltype.ElemOf(k.T.OID))
	c, l := p.members(r, prof, col, arr.Elems, elem)
	if l != nil {
		if hull, ok := p.hull(r, prof, col, arr.Elems, elem); ok {
			return hull, nil
		}
	}
	return c, l
}

// hull is the range from the least to the greatest member, where the service takes a range and not the list: a superset.
// Members without a literal are not between others' literals for sure, so with one of them there is no hull.
func (p *pusher) hull(r *plan.Remote, prof *profile.Profile, col plan.ScanColumn, members []sqltype.Value, elem sqltype.Type) (condition, bool) {
	if !prof.And || !col.Property.Type.Kind.IsInteger() && col.Property.Type.Kind != edm.KindDate {
		return condition{}, false
	}
	var lo, hi *plan.Const
	for _, v := range members {
		if v.Null {
			continue
		}
		k := &plan.Const{Value: v, T: elem}
		if lo == nil || sqltype.Compare(elem, v, lo.Value) < 0 {
			lo = k
		}
		if hi == nil || sqltype.Compare(elem, v, hi.Value) > 0 {
			hi = k
		}
	}
	if lo == nil {
		return condition{}, false
	}
	from, l := p.compare(r, prof, col, profile.Ge, lo)
	if l != nil {
		return condition{}, false
	}
	to, l := p.compare(r, prof, col, profile.Le, hi)
	if l != nil {
		return condition{}, false
	}
	return condition{
		expr: query.AndAll(from.expr, to.expr), verdict: profile.Superset, props: from.props, parts: append(from.parts, to.parts...),
	}, true
}

// hullOf is the hull of a disjunction of equalities of one column.
func (p *pusher) hullOf(r *plan.Remote, prof *profile.Profile, or *plan.Logic) (condition, bool) {
	var col plan.ScanColumn
	var members []sqltype.Value
	var elem sqltype.Type
	for i, a := range or.Args {
		c, ok := a.(*plan.Call)
		if !ok || c.Form != plan.FormOperator || c.Op != "=" || len(c.Args) != 2 {
			return condition{}, false
		}
		x, y := c.Args[0], c.Args[1]
		if _, isConst := x.(*plan.Const); isConst {
			x, y = y, x
		}
		k, isConst := y.(*plan.Const)
		own, ok := p.column(r, x)
		if !ok || !isConst || i > 0 && (own.ID != col.ID || k.T.OID != elem.OID) {
			return condition{}, false
		}
		col, elem = own, k.T
		members = append(members, k.Value)
	}
	return p.hull(r, prof, col, members, elem)
}

// members is the list itself.
func (p *pusher) members(r *plan.Remote, prof *profile.Profile, col plan.ScanColumn, members []sqltype.Value, elem sqltype.Type) (condition, *local) {
	if prof.InList > 0 && len(members) > prof.InList {
		return stays("the list has more members than the service takes")
	}
	var lits, eqs []query.Expr
	verdict := profile.Exact
	for _, v := range members {
		if v.Null {
			continue
		}
		if col.Property.Type.Kind.HasFraction() {
			c, l := p.instant(r, prof, col, profile.Eq, &plan.Const{Value: v, T: elem})
			if l != nil {
				return condition{}, l
			}
			verdict = min(verdict, c.verdict)
			eqs = append(eqs, c.expr)
			continue
		}
		lit, l := p.literal(col, &plan.Const{Value: v, T: elem})
		if l != nil {
			return condition{}, l
		}
		lits = append(lits, lit)
		eqs = append(eqs, &query.Binary{Op: query.Eq, Left: propertyExpr(col), Right: lit})
	}
	if len(eqs) == 0 {
		return stays("the list holds only nulls")
	}
	if len(lits) == len(eqs) && len(lits) > 1 {
		if c, l := p.leaf(r, prof, col, profile.In, &query.In{Arg: propertyExpr(col), List: lits}); l == nil {
			return c, nil
		}
	}
	if len(eqs) > 1 && !prof.Or {
		return stays(reason(prof.Reason, "the service takes no or"))
	}
	c, l := p.leaf(r, prof, col, profile.Eq, query.OrAll(eqs...))
	c.verdict = min(c.verdict, verdict)
	return c, l
}

func boolLiteral(col plan.ScanColumn, b bool) *query.Literal {
	return &query.Literal{Type: col.Property.Type, Value: sqltype.Bool(b)}
}

// isText reports the types that hold an Edm.String.
func isText(c plan.ScanColumn) bool { return c.Property.Type.Kind == edm.KindString }
