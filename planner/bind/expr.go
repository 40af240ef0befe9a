package bind

import (
	"math/big"
	"strconv"
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// clause binds an expression of a clause (transformExpr).
func (b *binder) clause(s *scope, n *pg_query.Node, k exprKind) plan.Expr {
	old := s.kind
	s.kind = k
	e := b.expr(s, n)
	s.kind = old
	return e
}

// where binds a condition of a clause (transformWhereClause).
func (b *binder) where(s *scope, n *pg_query.Node, k exprKind, what string) plan.Expr {
	return b.boolean(b.clause(s, n, k), what)
}

// expr binds an expression (transformExprRecurse).
func (b *binder) expr(s *scope, n *pg_query.Node) plan.Expr {
	defer b.enter()()
	switch x := n.GetNode().(type) {
	case *pg_query.Node_ColumnRef:
		return b.columnRef(s, x.ColumnRef)
	case *pg_query.Node_AConst:
		return b.constant(x.AConst)
	case *pg_query.Node_ParamRef:
		return b.param(int(x.ParamRef.Number), int(x.ParamRef.Location))
	case *pg_query.Node_FuncCall:
		return b.funcCall(s, x.FuncCall)
	case *pg_query.Node_AExpr:
		return b.operatorExpr(s, x.AExpr)
	case *pg_query.Node_BoolExpr:
		return b.boolExpr(s, x.BoolExpr)
	case *pg_query.Node_TypeCast:
		return b.typeCast(s, x.TypeCast)
	case *pg_query.Node_CaseExpr:
		return b.caseExpr(s, x.CaseExpr)
	case *pg_query.Node_CoalesceExpr:
		return b.coalesce(s, x.CoalesceExpr)
	case *pg_query.Node_MinMaxExpr:
		return b.minMax(s, x.MinMaxExpr)
	case *pg_query.Node_NullTest:
		return b.nullTest(s, x.NullTest)
	case *pg_query.Node_BooleanTest:
		return b.booleanTest(s, x.BooleanTest)
	case *pg_query.Node_SubLink:
		return b.subLink(s, x.SubLink)
	case *pg_query.Node_AArrayExpr:
		return b.arrayExpr(s, x.AArrayExpr, 0, sqltype.Of(0))
	case *pg_query.Node_RowExpr:
		return b.rowExpr(s, x.RowExpr)
	case *pg_query.Node_AIndirection:
		return b.indirection(s, x.AIndirection)
	case *pg_query.Node_CollateClause:
		return b.collate(s, x.CollateClause)
	case *pg_query.Node_SqlvalueFunction:
		return b.sqlValue(x.SqlvalueFunction)
	case *pg_query.Node_GroupingFunc:
		return b.groupingFunc(s, x.GroupingFunc)
	case *pg_query.Node_NamedArgExpr:
		return b.expr(s, x.NamedArgExpr.Arg)
	case *pg_query.Node_SetToDefault:
		b.failf(pgerr.SyntaxError, int(x.SetToDefault.Location), "DEFAULT is not allowed in this context")
	case *pg_query.Node_CurrentOfExpr:
		b.unsupported(-1, "Use a condition on the key.", "WHERE CURRENT OF is not supported")
	case *pg_query.Node_XmlExpr:
		b.unsupported(int(x.XmlExpr.Location), "This server has no XML type.", "XML expressions are not supported")
	case *pg_query.Node_XmlSerialize:
		b.unsupported(int(x.XmlSerialize.Location), "This server has no XML type.", "XML expressions are not supported")
	case *pg_query.Node_JsonIsPredicate:
		b.unsupported(int(x.JsonIsPredicate.Location), "Use the functions json_typeof and jsonb_typeof.", "IS JSON is not supported")
	case *pg_query.Node_JsonObjectConstructor, *pg_query.Node_JsonArrayConstructor, *pg_query.Node_JsonArrayQueryConstructor,
		*pg_query.Node_JsonObjectAgg, *pg_query.Node_JsonArrayAgg:
		b.unsupported(-1, "Use json_build_object, json_build_array, json_object_agg or json_agg.", "SQL/JSON constructors are not supported")
	}
	b.unsupported(-1, "Write the expression in another way.", "this kind of expression is not supported: %s", strings.TrimPrefix(nodeKind(n), "*pg_query.Node_"))
	return nil
}

func (b *binder) constant(c *pg_query.A_Const) plan.Expr {
	loc := int(c.Location)
	mk := func(oid uint32, v sqltype.Value) plan.Expr {
		return at(b, &plan.Const{T: sqltype.Of(oid), Value: v}, loc)
	}
	if c.Isnull {
		return mk(sqltype.OIDUnknown, sqltype.NullValue())
	}
	switch v := c.Val.(type) {
	case *pg_query.A_Const_Ival:
		return mk(sqltype.OIDInt4, sqltype.Int(int64(v.Ival.Ival)))
	case *pg_query.A_Const_Boolval:
		return mk(sqltype.OIDBool, sqltype.Bool(v.Boolval.Boolval))
	case *pg_query.A_Const_Sval:
		return mk(sqltype.OIDUnknown, sqltype.Text(v.Sval.Sval))
	case *pg_query.A_Const_Bsval:
		b.unsupported(loc, "Use a text or integer value.", "bit strings are not supported")
	case *pg_query.A_Const_Fval:
		text := strings.ReplaceAll(v.Fval.Fval, "_", "")
		if n, err := strconv.ParseInt(text, 0, 64); err == nil && !octalLike(text) {
			if n == int64(int32(n)) {
				return mk(sqltype.OIDInt4, sqltype.Int(n))
			}
			return mk(sqltype.OIDInt8, sqltype.Int(n))
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			if n == int64(int32(n)) {
				return mk(sqltype.OIDInt4, sqltype.Int(n))
			}
			return mk(sqltype.OIDInt8, sqltype.Int(n))
		}
		if i, ok := new(big.Int).SetString(text, 0); ok && !octalLike(text) {
			text = i.String()
		}
		val, err := sqltype.ParseText(sqltype.Of(sqltype.OIDNumeric), text, nil)
		if err != nil {
			b.failErr(err, loc)
		}
		return mk(sqltype.OIDNumeric, val)
	}
	// A zero integer travels as an absent value.
	return mk(sqltype.OIDInt4, sqltype.Int(0))
}

// octalLike: Go's base 0 would read 017 as octal, SQL reads it as decimal.
func octalLike(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9'
}

func (b *binder) typeCast(s *scope, c *pg_query.TypeCast) plan.Expr {
	t := b.typeNamed(c.TypeName)
	loc := int(c.Location)
	if loc < 0 {
		loc = int(c.TypeName.Location)
	}
	var arg plan.Expr
	if arr := c.Arg.GetAArrayExpr(); arr != nil && b.elem(t.OID) != 0 {
		// The elements of ARRAY[…]::type[] are coerced to the element type at once.
		arg = b.arrayExpr(s, arr, t.OID, sqltype.Type{OID: b.elem(t.OID), Typmod: t.Typmod})
	} else {
		arg = b.expr(s, c.Arg)
	}
	return b.explicitCast(arg, t, loc)
}

// explicitCast is x::type.
func (b *binder) explicitCast(arg plan.Expr, t sqltype.Type, loc int) plan.Expr {
	if i, ok := sqltype.Lookup(t.OID); ok && !i.Implemented && i.TypType != 'p' && !b.opts.ListUnimplemented {
		b.unsupported(loc, "Cast to text instead.", "values of type %s are not supported", b.typeName(t.OID))
	}
	r := b.coerceTo(arg, t, explicit, plan.FormExplicitCast, loc)
	if r == nil {
		l := loc
		if l < 0 {
			l = b.loc(arg)
		}
		b.failf(pgerr.CannotCoerce, l, "cannot cast type %s to %s", b.typeName(arg.Type().OID), b.typeName(t.OID))
	}
	return r
}

func (b *binder) boolExpr(s *scope, x *pg_query.BoolExpr) plan.Expr {
	loc := int(x.Location)
	name := "AND"
	switch x.Boolop {
	case pg_query.BoolExprType_OR_EXPR:
		name = "OR"
	case pg_query.BoolExprType_NOT_EXPR:
		name = "NOT"
	}
	args := make([]plan.Expr, len(x.Args))
	where := loc
	for i, a := range x.Args {
		args[i] = b.boolean(b.expr(s, a), name)
		where = leftmost(where, b.loc(args[i]))
	}
	switch x.Boolop {
	case pg_query.BoolExprType_NOT_EXPR:
		return at(b, &plan.Not{Arg: args[0]}, where)
	case pg_query.BoolExprType_OR_EXPR:
		return at(b, &plan.Logic{Op: plan.Or, Args: args}, where)
	default:
		return at(b, &plan.Logic{Op: plan.And, Args: args}, where)
	}
}

func (b *binder) nullTest(s *scope, x *pg_query.NullTest) plan.Expr {
	arg := b.expr(s, x.Arg)
	row := b.isRow(arg.Type().OID)
	return at(b, &plan.NullTest{Arg: arg, Not: x.Nulltesttype == pg_query.NullTestType_IS_NOT_NULL, Row: row}, leftmost(int(x.Location), b.loc(arg)))
}

func (b *binder) booleanTest(s *scope, x *pg_query.BooleanTest) plan.Expr {
	t := &plan.BoolTest{}
	name := ""
	switch x.Booltesttype {
	case pg_query.BoolTestType_IS_TRUE:
		t.Kind, name = plan.IsTrue, "IS TRUE"
	case pg_query.BoolTestType_IS_NOT_TRUE:
		t.Kind, t.Not, name = plan.IsTrue, true, "IS NOT TRUE"
	case pg_query.BoolTestType_IS_FALSE:
		t.Kind, name = plan.IsFalse, "IS FALSE"
	case pg_query.BoolTestType_IS_NOT_FALSE:
		t.Kind, t.Not, name = plan.IsFalse, true, "IS NOT FALSE"
	case pg_query.BoolTestType_IS_UNKNOWN:
		t.Kind, name = plan.IsUnknown, "IS UNKNOWN"
	default:
		t.Kind, t.Not, name = plan.IsUnknown, true, "IS NOT UNKNOWN"
	}
	t.Arg = b.boolean(b.expr(s, x.Arg), name)
	return at(b, t, leftmost(int(x.Location), b.loc(t.Arg)))
}

// caseExpr binds CASE. The ELSE result counts first for the common type, as in PostgreSQL.
func (b *binder) caseExpr(s *scope, x *pg_query.CaseExpr) plan.Expr {
	set := s.lastSet
	c := &plan.Case{}
	if x.Arg != nil {
		c.Arg = b.expr(s, x.Arg)
		if c.Arg.Type().OID == sqltype.OIDUnknown {
			c.Arg = b.toCommon(c.Arg, sqltype.OIDText, "CASE")
		}
	}
	var results []plan.Expr
	for _, w := range x.Args {
		cw := w.GetCaseWhen()
		var cond plan.Expr
		if c.Arg != nil {
			cv := at(b, &plan.CaseValue{T: c.Arg.Type()}, -1)
			v := b.expr(s, cw.Expr)
			cond = b.makeOp(s, opName{name: "="}, cv, v, int(cw.Location))
		} else {
			cond = b.expr(s, cw.Expr)
		}
		cond = b.boolean(cond, "CASE/WHEN")
		r := b.expr(s, cw.Result)
		c.Whens = append(c.Whens, plan.When{Cond: cond, Result: r})
		results = append(results, r)
	}
	if x.Defresult != nil {
		c.Else = b.expr(s, x.Defresult)
	} else {
		c.Else = at(b, &plan.Const{T: sqltype.Of(sqltype.OIDUnknown), Value: sqltype.NullValue()}, -1)
	}
	t := b.commonType(append([]plan.Expr{c.Else}, results...), "CASE")
	c.Else = b.toCommon(c.Else, t, "CASE/ELSE")
	all := []plan.Expr{c.Else}
	for i := range c.Whens {
		c.Whens[i].Result = b.toCommon(c.Whens[i].Result, t, "CASE/WHEN")
		all = append(all, c.Whens[i].Result)
	}
	c.T = sqltype.Type{OID: t, Typmod: commonTypmod(all, t)}
	if s.lastSet != set {
		b.fail(pgerr.New(pgerr.FeatureNotSupported, "set-returning functions are not allowed in CASE").
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item."), b.setLoc(append(all, caseConds(c)...)))
	}
	return at(b, c, int(x.Location))
}

func caseConds(c *plan.Case) []plan.Expr {
	var out []plan.Expr
	for _, w := range c.Whens {
		out = append(out, w.Cond)
	}
	return out
}

// setLoc is where the last set-returning call among expressions stands.
func (b *binder) setLoc(es []plan.Expr) int {
	loc := -1
	for _, e := range es {
		plan.WalkExpr(e, func(e plan.Expr) bool {
			if c, ok := e.(*plan.Call); ok && c.Fn.RetSet {
				loc = max(loc, b.loc(c))
			}
			_, sub := e.(*plan.Subquery)
			return !sub
		})
	}
	return loc
}

func (b *binder) coalesce(s *scope, x *pg_query.CoalesceExpr) plan.Expr {
	set := s.lastSet
	args := make([]plan.Expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = b.expr(s, a)
	}
	out, t := b.unify(args, "COALESCE")
	if s.lastSet != set {
		b.fail(pgerr.New(pgerr.FeatureNotSupported, "set-returning functions are not allowed in COALESCE").
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item."), b.setLoc(out))
	}
	return at(b, &plan.Coalesce{Args: out, T: t}, int(x.Location))
}

func (b *binder) minMax(s *scope, x *pg_query.MinMaxExpr) plan.Expr {
	name := "GREATEST"
	if x.Op == pg_query.MinMaxOp_IS_LEAST {
		name = "LEAST"
	}
	args := make([]plan.Expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = b.expr(s, a)
	}
	out, t := b.unify(args, name)
	if !b.ordered(t.OID) {
		b.failf(pgerr.UndefinedFunction, -1, "could not identify a comparison function for type %s", b.typeName(t.OID))
	}
	return at(b, &plan.MinMax{Least: name == "LEAST", Args: out, T: t}, int(x.Location))
}

// arrayExpr binds ARRAY[…]. With a target type the elements are coerced to it explicitly (transformArrayExpr).
func (b *binder) arrayExpr(s *scope, x *pg_query.A_ArrayExpr, arrayType uint32, elemType sqltype.Type) plan.Expr {
	defer b.enter()()
	loc := int(x.Location)
	var elems []plan.Expr
	nested := false
	for _, n := range x.Elements {
		var e plan.Expr
		if sub := n.GetAArrayExpr(); sub != nil {
			e = b.arrayExpr(s, sub, arrayType, elemType)
			nested = true
		} else {
			e = b.expr(s, n)
			nested = nested || b.nests(e.Type().OID)
		}
		elems = append(elems, e)
	}
	out := &plan.ArrayExpr{Nested: nested}
	target := elemType
	hard := arrayType != 0
	if !hard {
		if len(elems) == 0 {
			b.fail(pgerr.New(pgerr.IndeterminateDatatype, "cannot determine type of empty array").
				WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[]."), loc)
		}
		ct := b.commonType(elems, "ARRAY")
		target = sqltype.Of(ct)
		if nested {
			arrayType = ct
			if b.elem(ct) == 0 {
				b.failf(pgerr.UndefinedObject, loc, "could not find element type for data type %s", b.typeName(ct))
			}
		} else {
			arrayType = b.arrayOf(ct)
			if arrayType == 0 {
				b.failf(pgerr.UndefinedObject, loc, "could not find array type for data type %s", b.typeName(ct))
			}
		}
	} else if nested {
		target = sqltype.Type{OID: arrayType, Typmod: elemType.Typmod}
	}
	for _, e := range elems {
		if hard {
			r := b.coerceTo(e, target, explicit, plan.FormExplicitCast, -1)
			if r == nil {
				b.failf(pgerr.CannotCoerce, b.loc(e), "cannot cast type %s to %s", b.typeName(e.Type().OID), b.typeName(target.OID))
			}
			e = r
		} else {
			e = b.toCommon(e, target.OID, "ARRAY")
		}
		out.Elems = append(out.Elems, e)
	}
	out.T = sqltype.Of(arrayType)
	if len(out.Elems) > 0 {
		mod := out.Elems[0].Type().Typmod
		for _, e := range out.Elems {
			if e.Type().Typmod != mod {
				mod = -1
			}
		}
		out.T.Typmod = mod
	}
	return at(b, out, loc)
}

// nests says whether a value of the type makes an array of it one of more dimensions. int2vector and oidvector are arrays, but have
// array types of their own.
func (b *binder) nests(oid uint32) bool {
	return oid != sqltype.OIDInt2Vector && oid != sqltype.OIDOIDVector && b.elem(oid) != 0
}

// rowExpr binds ROW(…); stars in it expand.
func (b *binder) rowExpr(s *scope, x *pg_query.RowExpr) plan.Expr {
	row := &plan.RowExpr{T: sqltype.Of(sqltype.OIDRecord)}
	row.Fields = b.exprList(s, x.Args)
	if len(row.Fields) > 1664 {
		b.failf(pgerr.TooManyColumns, int(x.Location), "ROW expressions can have at most %d entries", 1664)
	}
	for i := range row.Fields {
		row.Names = append(row.Names, "f"+itoa(i+1))
	}
	return at(b, row, int(x.Location))
}

// exprList binds a list in which x.* expands (transformExpressionList).
func (b *binder) exprList(s *scope, nodes []*pg_query.Node) []plan.Expr {
	var out []plan.Expr
	for _, n := range nodes {
		if ref := n.GetColumnRef(); ref != nil && len(ref.Fields) > 0 && ref.Fields[len(ref.Fields)-1].GetAStar() != nil {
			for _, t := range b.expandStar(s, ref) {
				out = append(out, t.expr)
			}
			continue
		}
		if ind := n.GetAIndirection(); ind != nil && ind.Indirection[len(ind.Indirection)-1].GetAStar() != nil {
			for _, t := range b.expandRow(s, ind) {
				out = append(out, t.expr)
			}
			continue
		}
		out = append(out, b.expr(s, n))
	}
	return out
}

func (b *binder) sqlValue(x *pg_query.SQLValueFunction) plan.Expr {
	v := &plan.SQLValue{}
	of := func(name string, oid uint32, precise bool) {
		v.Name, v.T = name, sqltype.Of(oid)
		if precise {
			if x.Typmod < 0 {
				b.failf(pgerr.InvalidParameterValue, -1, "%s(%d)%s precision must not be negative", "TIME", x.Typmod, "")
			}
			v.T.Typmod = min(x.Typmod, 6)
		}
	}
	switch x.Op {
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_DATE:
		of("current_date", sqltype.OIDDate, false)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIME:
		of("current_time", sqltype.OIDTimeTZ, false)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIME_N:
		of("current_time", sqltype.OIDTimeTZ, true)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP:
		of("current_timestamp", sqltype.OIDTimestampTZ, false)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP_N:
		of("current_timestamp", sqltype.OIDTimestampTZ, true)
	case pg_query.SQLValueFunctionOp_SVFOP_LOCALTIME:
		of("localtime", sqltype.OIDTime, false)
	case pg_query.SQLValueFunctionOp_SVFOP_LOCALTIME_N:
		of("localtime", sqltype.OIDTime, true)
	case pg_query.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP:
		of("localtimestamp", sqltype.OIDTimestamp, false)
	case pg_query.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP_N:
		of("localtimestamp", sqltype.OIDTimestamp, true)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_ROLE:
		of("current_role", sqltype.OIDName, false)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_USER:
		of("current_user", sqltype.OIDName, false)
	case pg_query.SQLValueFunctionOp_SVFOP_USER:
		of("user", sqltype.OIDName, false)
	case pg_query.SQLValueFunctionOp_SVFOP_SESSION_USER:
		of("session_user", sqltype.OIDName, false)
	case pg_query.SQLValueFunctionOp_SVFOP_CURRENT_CATALOG:
		of("current_catalog", sqltype.OIDName, false)
	default:
		of("current_schema", sqltype.OIDName, false)
	}
	return at(b, v, int(x.Location))
}
