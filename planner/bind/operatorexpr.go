package bind

import (
	"fmt"
	"sort"
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

func nodeKind(n *pg_query.Node) string { return fmt.Sprintf("%T", n.GetNode()) }

// operatorExpr binds the forms of A_Expr.
func (b *binder) operatorExpr(s *scope, x *pg_query.A_Expr) plan.Expr {
	loc := int(x.Location)
	switch x.Kind {
	case pg_query.A_Expr_Kind_AEXPR_OP, pg_query.A_Expr_Kind_AEXPR_LIKE, pg_query.A_Expr_Kind_AEXPR_ILIKE, pg_query.A_Expr_Kind_AEXPR_SIMILAR:
		return b.plainOperator(s, x)
	case pg_query.A_Expr_Kind_AEXPR_OP_ANY, pg_query.A_Expr_Kind_AEXPR_OP_ALL:
		l := b.expr(s, x.Lexpr)
		r := b.expr(s, x.Rexpr)
		return b.makeArrayOp(operatorName(x.Name), x.Kind == pg_query.A_Expr_Kind_AEXPR_OP_ALL, l, r, loc)
	case pg_query.A_Expr_Kind_AEXPR_DISTINCT, pg_query.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		return b.distinctExpr(s, x)
	case pg_query.A_Expr_Kind_AEXPR_NULLIF:
		return b.nullIf(s, x)
	case pg_query.A_Expr_Kind_AEXPR_IN:
		return b.inList(s, x)
	case pg_query.A_Expr_Kind_AEXPR_BETWEEN, pg_query.A_Expr_Kind_AEXPR_NOT_BETWEEN,
		pg_query.A_Expr_Kind_AEXPR_BETWEEN_SYM, pg_query.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		return b.between(s, x)
	}
	b.unsupported(loc, "Write the expression in another way.", "operator form %s is not supported", x.Kind)
	return nil
}

// plainOperator is transformAExprOp.
func (b *binder) plainOperator(s *scope, x *pg_query.A_Expr) plan.Expr {
	loc := int(x.Location)
	name := operatorName(x.Name)
	if x.Lexpr.GetRowExpr() != nil {
		if sl := x.Rexpr.GetSubLink(); sl != nil && sl.SubLinkType == pg_query.SubLinkType_EXPR_SUBLINK {
			return b.rowSubLink(s, x, sl)
		}
		if x.Rexpr.GetRowExpr() != nil {
			l := b.expr(s, x.Lexpr).(*plan.RowExpr)
			r := b.expr(s, x.Rexpr).(*plan.RowExpr)
			return b.rowCompare(s, name, l.Fields, r.Fields, loc)
		}
	}
	var l plan.Expr
	if x.Lexpr != nil {
		l = b.expr(s, x.Lexpr)
	}
	var r plan.Expr
	if x.Rexpr != nil {
		r = b.expr(s, x.Rexpr)
	}
	return b.makeOp(s, name, l, r, loc)
}

// rowCompare is make_row_comparison_op.
func (b *binder) rowCompare(s *scope, name opName, left, right []plan.Expr, loc int) plan.Expr {
	if len(left) != len(right) {
		b.failf(pgerr.SyntaxError, loc, "unequal number of entries in row expressions")
	}
	if len(left) == 0 {
		b.failf(pgerr.FeatureNotSupported, loc, "cannot compare rows of zero length")
	}
	calls := make([]plan.Expr, len(left))
	for i := range left {
		c := b.makeOp(s, name, left[i], right[i], loc)
		if c.Type().OID != sqltype.OIDBool {
			b.failf(pgerr.DatatypeMismatch, loc, "row comparison operator must yield type boolean, not type %s", b.typeName(c.Type().OID))
		}
		if b.returnsSet(c) {
			b.failf(pgerr.DatatypeMismatch, loc, "row comparison operator must not return a set")
		}
		calls[i] = c
	}
	if len(calls) == 1 {
		return calls[0]
	}
	where := loc
	for _, c := range calls {
		where = leftmost(where, b.loc(c))
	}
	op := name.name
	switch op {
	case "=":
		return at(b, &plan.Logic{Op: plan.And, Args: calls}, where)
	case "<>":
		return at(b, &plan.Logic{Op: plan.Or, Args: calls}, where)
	case "<", "<=", ">", ">=":
	case "~<~", "~<=~", "~>~", "~>=~": // of text_pattern_ops: by bytes, as all text is here
		op = strings.Trim(op, "~")
	default:
		b.fail(pgerr.Newf(pgerr.FeatureNotSupported, "could not determine interpretation of row comparison operator %s", name.name).
			WithHint("Row comparison operators must be associated with btree operator families."), loc)
	}
	out := &plan.RowCompare{Op: op}
	for _, c := range calls {
		call := c.(*plan.Call)
		l, r := call.Args[0], call.Args[1]
		eq := b.binaryOperator(opName{name: "="}, l.Type().OID, r.Type().OID, true, loc)
		lt := b.binaryOperator(opName{name: "<"}, l.Type().OID, r.Type().OID, true, loc)
		if eq == nil || lt == nil {
			b.fail(pgerr.Newf(pgerr.FeatureNotSupported, "could not determine interpretation of row comparison operator %s", name.name).
				WithHint("Row comparison operators must be associated with btree operator families."), loc)
		}
		if b.failing(lt, []uint32{l.Type().OID, r.Type().OID}) {
			eq = lt // for its error
		}
		out.Left, out.Right = append(out.Left, l), append(out.Right, r)
		out.Eq = append(out.Eq, b.reg.FunctionByOID(eq.Function))
		out.Less = append(out.Less, b.reg.FunctionByOID(lt.Function))
	}
	return at(b, out, where)
}

func isNullConst(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Value.Null
}

func (b *binder) distinctExpr(s *scope, x *pg_query.A_Expr) plan.Expr {
	loc := int(x.Location)
	not := x.Kind == pg_query.A_Expr_Kind_AEXPR_NOT_DISTINCT
	l := b.expr(s, x.Lexpr)
	r := b.expr(s, x.Rexpr)
	if isNullConst(r) && r.Type().OID == sqltype.OIDUnknown {
		return at(b, &plan.NullTest{Arg: l, Not: !not, Row: false}, leftmost(loc, b.loc(l)))
	}
	if isNullConst(l) && l.Type().OID == sqltype.OIDUnknown {
		return at(b, &plan.NullTest{Arg: r, Not: !not, Row: false}, leftmost(loc, b.loc(r)))
	}
	name := operatorName(x.Name)
	lr, lok := l.(*plan.RowExpr)
	rr, rok := r.(*plan.RowExpr)
	if lok && rok && !lr.Whole && !rr.Whole {
		if len(lr.Fields) != len(rr.Fields) {
			b.failf(pgerr.SyntaxError, loc, "unequal number of entries in row expressions")
		}
		var parts []plan.Expr
		for i := range lr.Fields {
			parts = append(parts, b.distinctTest(s, name, lr.Fields[i], rr.Fields[i], false, loc))
		}
		var e plan.Expr
		switch len(parts) {
		case 0:
			e = at(b, &plan.Const{T: sqltype.Of(sqltype.OIDBool), Value: sqltype.Bool(false)}, loc)
		case 1:
			e = parts[0]
		default:
			e = at(b, &plan.Logic{Op: plan.Or, Args: parts}, leftmost(loc, b.loc(parts[0])))
		}
		if not {
			e = at(b, &plan.Not{Arg: e}, b.loc(e))
		}
		return e
	}
	return b.distinctTest(s, name, l, r, not, loc)
}

func (b *binder) distinctTest(s *scope, name opName, l, r plan.Expr, not bool, loc int) plan.Expr {
	call := b.makeOp(s, name, l, r, loc).(*plan.Call)
	if call.T.OID != sqltype.OIDBool {
		b.failf(pgerr.DatatypeMismatch, loc, "IS DISTINCT FROM requires = operator to yield boolean")
	}
	if call.Fn.RetSet {
		b.failf(pgerr.DatatypeMismatch, loc, "%s must not return a set", "IS DISTINCT FROM")
	}
	return at(b, &plan.DistinctTest{Left: call.Args[0], Right: call.Args[1], Eq: call.Fn, Not: not}, b.loc(call))
}

func (b *binder) nullIf(s *scope, x *pg_query.A_Expr) plan.Expr {
	loc := int(x.Location)
	l := b.expr(s, x.Lexpr)
	r := b.expr(s, x.Rexpr)
	call := b.makeOp(s, operatorName(x.Name), l, r, loc).(*plan.Call)
	if call.T.OID != sqltype.OIDBool {
		b.failf(pgerr.DatatypeMismatch, loc, "NULLIF requires = operator to yield boolean")
	}
	if call.Fn.RetSet {
		b.failf(pgerr.DatatypeMismatch, loc, "%s must not return a set", "NULLIF")
	}
	left := call.Args[0]
	if hasSubquery(r) {
		// The comparison holds a plan of its own: one stands in one place only.
		again := b.makeOp(s, operatorName(x.Name), left, b.expr(s, x.Rexpr), loc).(*plan.Call)
		call = &plan.Call{Fn: call.Fn, Args: []plan.Expr{left, again.Args[1]}, T: call.T, Form: call.Form, Op: call.Op}
	}
	right := call.Args[1]
	test := &plan.Call{Fn: call.Fn, Args: []plan.Expr{&plan.CaseValue{T: left.Type()}, right}, T: call.T, Form: plan.FormOperator, Op: call.Op}
	return at(b, &plan.NullIf{Left: left, Right: b.argument(r, right.Type().OID), Test: test, T: left.Type()}, leftmost(loc, b.loc(left)))
}

// inList is transformAExprIn: the constants of a long list become one array, the rest single comparisons.
func (b *binder) inList(s *scope, x *pg_query.A_Expr) plan.Expr {
	loc := int(x.Location)
	name := operatorName(x.Name)
	or := name.name != "<>"
	left := b.expr(s, x.Lexpr)
	var vars, consts []plan.Expr
	for _, n := range x.Rexpr.GetList().GetItems() {
		r := b.expr(s, n)
		if b.hasLevelVars(s, r) {
			vars = append(vars, r)
		} else {
			consts = append(consts, r)
		}
	}
	var parts []plan.Expr
	if len(consts) > 1 {
		t := b.commonType(append([]plan.Expr{left}, consts...), "")
		arr := uint32(0)
		if t != 0 && t != sqltype.OIDRecord {
			arr = b.arrayOf(t)
		}
		if arr != 0 && t != 0 {
			if !b.can(left.Type().OID, t, implicit) {
				arr = 0
			}
			for _, c := range consts {
				if !b.can(c.Type().OID, t, implicit) {
					arr = 0
				}
			}
		}
		if arr != 0 {
			elems := make([]plan.Expr, len(consts))
			for i, c := range consts {
				elems[i] = b.toCommon(c, t, "IN")
			}
			a := at(b, &plan.ArrayExpr{Elems: elems, T: sqltype.Of(arr)}, -1)
			parts = append(parts, b.makeArrayOp(name, !or, left, a, loc))
			consts = nil
		}
	}
	rest := append(append([]plan.Expr(nil), consts...), vars...)
	if parts != nil {
		rest = vars
	} else if len(vars) > 0 {
		rest = b.inTextOrder(consts, vars)
	}
	for i, r := range rest {
		if (i > 0 || len(parts) > 0) && hasSubquery(left) {
			left = b.expr(s, x.Lexpr) // every comparison computes it anew, and a plan stands in one place only
		}
		lr, lok := left.(*plan.RowExpr)
		rr, rok := r.(*plan.RowExpr)
		var cmp plan.Expr
		if lok && rok && !lr.Whole && !rr.Whole {
			cmp = b.rowCompare(s, name, lr.Fields, rr.Fields, loc)
		} else {
			cmp = b.makeOp(s, name, left, r, loc)
		}
		parts = append(parts, b.boolean(cmp, "IN"))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	op := plan.Or
	if !or {
		op = plan.And
	}
	where := loc
	for _, p := range parts {
		where = leftmost(where, b.loc(p))
	}
	return at(b, &plan.Logic{Op: op, Args: parts}, where)
}

// hasSubquery reports whether an expression holds a plan.
func hasSubquery(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		_, sub := e.(*plan.Subquery)
		found = found || sub
		return !found
	})
	return found
}

// inTextOrder keeps the order in which PostgreSQL tests the items: as written.
func (b *binder) inTextOrder(a, c []plan.Expr) []plan.Expr {
	out := append(append([]plan.Expr(nil), a...), c...)
	sort.SliceStable(out, func(i, j int) bool { return b.loc(out[i]) < b.loc(out[j]) })
	return out
}

// hasLevelVars is contain_vars_of_level(…, 0).
func (b *binder) hasLevelVars(s *scope, e plan.Expr) bool {
	refs := plan.Set{}
	plan.Refs(e, refs)
	for id := range refs {
		if b.owner[id] == s {
			return true
		}
	}
	return false
}

// between is transformAExprBetween: its bounds are bound by the comparisons that it stands for.
func (b *binder) between(s *scope, x *pg_query.A_Expr) plan.Expr {
	loc := int(x.Location)
	bounds := x.Rexpr.GetList().GetItems()
	lo, hi := bounds[0], bounds[1]
	cmp := func(op string, bound *pg_query.Node) plan.Expr {
		return b.plainOperator(s, &pg_query.A_Expr{
			Kind: pg_query.A_Expr_Kind_AEXPR_OP, Name: []*pg_query.Node{pg_query.MakeStrNode(op)}, Lexpr: x.Lexpr, Rexpr: bound, Location: x.Location,
		})
	}
	and := func(l, r plan.Expr) plan.Expr {
		return at(b, &plan.Logic{Op: plan.And, Args: []plan.Expr{b.boolean(l, "AND"), b.boolean(r, "AND")}}, leftmost(loc, b.loc(l)))
	}
	or := func(l, r plan.Expr) plan.Expr {
		return at(b, &plan.Logic{Op: plan.Or, Args: []plan.Expr{b.boolean(l, "OR"), b.boolean(r, "OR")}}, leftmost(loc, b.loc(l)))
	}
	switch x.Kind {
	case pg_query.A_Expr_Kind_AEXPR_BETWEEN:
		return and(cmp(">=", lo), cmp("<=", hi))
	case pg_query.A_Expr_Kind_AEXPR_NOT_BETWEEN:
		return or(cmp("<", lo), cmp(">", hi))
	case pg_query.A_Expr_Kind_AEXPR_BETWEEN_SYM:
		return or(and(cmp(">=", lo), cmp("<=", hi)), and(cmp(">=", hi), cmp("<=", lo)))
	default:
		return and(or(cmp("<", lo), cmp(">", hi)), or(cmp("<", hi), cmp(">", lo)))
	}
}
