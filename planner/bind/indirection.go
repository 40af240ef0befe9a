package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// indirection binds x[…], x[a:b] and (x).field (transformIndirection).
func (b *binder) indirection(s *scope, x *pg_query.A_Indirection) plan.Expr {
	return b.indirect(s, b.expr(s, x.Arg), x.Indirection)
}

func (b *binder) indirect(s *scope, e plan.Expr, steps []*pg_query.Node) plan.Expr {
	loc := b.loc(e)
	var subs []*pg_query.A_Indices
	flush := func() {
		if len(subs) > 0 {
			e = b.subscript(s, e, subs, loc)
			subs = nil
		}
	}
	for _, n := range steps {
		switch {
		case n.GetAIndices() != nil:
			subs = append(subs, n.GetAIndices())
		case n.GetAStar() != nil:
			b.failf(pgerr.FeatureNotSupported, loc, "row expansion via \"*\" is not supported here")
		default:
			flush()
			e = b.fieldOf(s, e, n.GetString_().GetSval(), loc)
		}
	}
	flush()
	return e
}

// fieldOf is (x).name: a field, or a function of the row.
func (b *binder) fieldOf(s *scope, e plan.Expr, name string, loc int) plan.Expr {
	if f := b.rowField(e, name, loc); f != nil {
		return f
	}
	t := e.Type().OID
	if b.isRow(t) || t != sqltype.OIDUnknown {
		fns := b.functions([]string{name}, loc)
		for _, c := range b.callCandidates(fns, 1, nil, true) {
			if c.fn.Args[0] == t {
				return b.call(s, []string{name}, []plan.Expr{e}, nil, nil, callSite{loc: loc})
			}
		}
	}
	// unknown_attribute
	if row, ok := e.(*plan.RowExpr); ok && row.Whole {
		q := ""
		if len(row.Fields) > 0 {
			if c, isCol := row.Fields[0].(*plan.ColRef); isCol {
				q = c.Qualifier
			}
		}
		b.failf(pgerr.UndefinedColumn, loc, "column %s.%s does not exist", q, name)
	}
	switch {
	case b.isComposite(t):
		b.failf(pgerr.UndefinedColumn, loc, `column "%s" not found in data type %s`, name, b.typeName(t))
	case t == sqltype.OIDRecord:
		b.failf(pgerr.UndefinedColumn, loc, `could not identify column "%s" in record data type`, name)
	}
	b.failf(pgerr.WrongObjectType, loc, "column notation .%s applied to type %s, which is not a composite type", name, b.typeName(t))
	return nil
}

// subscript binds subscripts of an array, or of jsonb.
func (b *binder) subscript(s *scope, e plan.Expr, subs []*pg_query.A_Indices, loc int) plan.Expr {
	t := e.Type().OID
	if t == sqltype.OIDJSONB {
		return b.jsonSubscript(s, e, subs, loc)
	}
	elem := b.elem(t)
	if info, ok := sqltype.Lookup(t); ok && elem == 0 && info.Elem != 0 && info.Subscript == "raw_array_subscript_handler" {
		elem = info.Elem
	}
	if elem == 0 {
		b.failf(pgerr.DatatypeMismatch, loc, "cannot subscript type %s because it does not support subscripting", b.typeName(t))
	}
	out := &plan.Subscript{Arg: e}
	for _, x := range subs {
		out.Slice = out.Slice || x.IsSlice
	}
	index := func(n *pg_query.Node) plan.Expr {
		i := b.expr(s, n)
		r := b.coerceTo(i, sqltype.Of(sqltype.OIDInt4), assignment, plan.FormImplicitCast, -1)
		if r == nil {
			b.failf(pgerr.DatatypeMismatch, rawLoc(n), "array subscript must have type integer")
		}
		return r
	}
	one := func() plan.Expr {
		return &plan.Const{T: sqltype.Of(sqltype.OIDInt4), Value: sqltype.Int(1)}
	}
	for _, x := range subs {
		var lo, hi plan.Expr
		if out.Slice {
			switch {
			case x.Lidx != nil:
				lo = index(x.Lidx)
			case !x.IsSlice:
				lo = one() // a[2:3][5] means a[2:3][1:5]
			}
		}
		if x.Uidx != nil {
			hi = index(x.Uidx)
		}
		out.Lower, out.Upper = append(out.Lower, lo), append(out.Upper, hi)
	}
	if len(subs) > 6 {
		b.failf(pgerr.ProgramLimitExceeded, -1, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(subs), 6)
	}
	out.T = sqltype.Type{OID: elem, Typmod: e.Type().Typmod}
	if out.Slice {
		out.T.OID = t
		// A slice of a vector type is a plain array of the elements.
		if t == sqltype.OIDInt2Vector || t == sqltype.OIDOIDVector {
			out.T.OID = b.arrayOf(elem)
		}
	}
	return at(b, out, loc)
}

// jsonSubscript is x['a'][0] of jsonb: jsonb_extract_path over the keys as text.
func (b *binder) jsonSubscript(s *scope, e plan.Expr, subs []*pg_query.A_Indices, loc int) plan.Expr {
	var keys []plan.Expr
	for _, x := range subs {
		if x.IsSlice {
			n := x.Uidx
			if n == nil {
				n = x.Lidx
			}
			b.failf(pgerr.DatatypeMismatch, rawLoc(n), "jsonb subscript does not support slices")
		}
		k := b.expr(s, x.Uidx)
		t := k.Type().OID
		switch {
		case t == sqltype.OIDUnknown:
			k = b.coerce(k, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
		case b.can(t, sqltype.OIDInt4, implicit):
			k = b.coerce(b.coerce(k, sqltype.Of(sqltype.OIDInt4), implicit, plan.FormImplicitCast, -1), sqltype.Of(sqltype.OIDText), explicit, plan.FormImplicitCast, -1)
		case b.can(t, sqltype.OIDText, implicit):
			k = b.coerce(k, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
		default:
			b.fail(pgerr.Newf(pgerr.DatatypeMismatch, "subscript type %s is not supported", b.typeName(t)).
				WithHint("jsonb subscript must be coercible to either integer or text."), b.loc(k))
		}
		keys = append(keys, k)
	}
	fns := b.reg.Functions("pg_catalog", "jsonb_extract_path")
	if len(fns) == 0 {
		b.unsupported(loc, "Use the operator ->.", "subscripts of jsonb are not supported")
	}
	b.needKernel(fns[0], loc)
	arr := at(b, &plan.ArrayExpr{Elems: keys, T: sqltype.Of(sqltype.OIDTextArray)}, loc)
	return at(b, &plan.Call{Fn: fns[0], Args: []plan.Expr{e, arr}, T: sqltype.Of(sqltype.OIDJSONB), Form: plan.FormFunction}, loc)
}
