package rules

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// Consts evaluates an expression without columns.
type Consts interface {
	EvalConst(e plan.Expr) (sqltype.Value, error)
}

// Fold replaces expressions without columns by constants, as PostgreSQL's eval_const_expressions does, and stable
// functions too, since a plan serves one execution. An immutable expression that fails, fails here: PostgreSQL raises
// division by zero for SELECT 1/0 WHERE false. A stable one that fails is left to its row.
//
// Arms of CASE, COALESCE, AND and OR that cannot be reached are dropped before they are folded, so that CASE WHEN true THEN 1 ELSE 1/0 END is 1.
// A column that nobody reads is never evaluated and does not fail.
func Fold(root plan.Node, output []plan.ColID, params []sqltype.Value, c Consts) (plan.Node, error) {
	f := &folder{params: params, consts: c, upTo: stable}
	if changesSettings(root) {
		f.upTo = immutable
	}
	out := f.subplans(f.node(root))
	if f.err != nil {
		read := *f
		read.err = nil
		read.subplans(read.node(PruneColumns(root, output)))
		f.err = read.err
	}
	return out, f.err
}

type folder struct {
	params []sqltype.Value
	consts Consts
	upTo   volatility // what is folded
	err    error      // the first; what failed stays as it is
}

// changesSettings reports a call of set_config: stable functions of the same statement may read what it sets, so their time matters.
func changesSettings(root plan.Node) bool {
	found := false
	plan.WalkDeep(root, func(n plan.Node) {
		for _, e := range plan.Exprs(n) {
			plan.WalkExpr(e, func(e plan.Expr) bool {
				if c, ok := e.(*plan.Call); ok && c.Fn.Kernel == "set_config_by_name" {
					found = true
				}
				return !found
			})
		}
	})
	return found
}

func (f *folder) node(n plan.Node) plan.Node {
	in := n.Children()
	if len(in) > 0 {
		out := make([]plan.Node, len(in))
		for i, c := range in {
			out[i] = f.node(c)
		}
		n = n.WithChildren(out)
	}
	if filter, ok := n.(*plan.Filter); ok {
		return f.filter(filter)
	}
	return plan.MapExprs(n, f.expr)
}

// filter folds conditions up to one that is false, which decides: those behind it cannot fail any more. A null does not.
func (f *folder) filter(n *plan.Filter) plan.Node {
	decided := false
	return plan.MapExprs(n, func(e plan.Expr) plan.Expr {
		if decided {
			return e
		}
		e = f.expr(e)
		k, ok := e.(*plan.Const)
		decided = ok && !k.Value.Null && k.Value.I == 0
		return e
	})
}

// subplans folds the plans of the subqueries that are left when everything around them is folded.
func (f *folder) subplans(n plan.Node) plan.Node {
	in := n.Children()
	if len(in) > 0 {
		out := make([]plan.Node, len(in))
		for i, c := range in {
			out[i] = f.subplans(c)
		}
		n = n.WithChildren(out)
	}
	return plan.MapExprs(n, func(e plan.Expr) plan.Expr {
		return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
			if s, ok := e.(*plan.Subquery); ok {
				return s.WithPlan(f.subplans(f.node(s.Plan)))
			}
			return e
		})
	})
}

// expr folds e from the outside in, so that unreachable arms are never evaluated.
func (f *folder) expr(e plan.Expr) plan.Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *plan.Param:
		if e.N <= len(f.params) {
			return &plan.Const{Value: f.params[e.N-1], T: e.T}
		}
		return e
	case *plan.Logic:
		return f.logic(e)
	case *plan.Case:
		return f.caseExpr(e)
	case *plan.Coalesce:
		return f.coalesce(e)
	case *plan.Subquery:
		// Its plan comes last: what stands around may need no value of it.
		if e.Test != nil {
			return e.WithOperands([]plan.Expr{f.expr(e.Test)})
		}
		return e
	}
	ops := e.Operands()
	if len(ops) > 0 {
		folded := make([]plan.Expr, len(ops))
		for i, o := range ops {
			folded[i] = f.expr(o)
		}
		e = e.WithOperands(folded)
	}
	return f.evaluate(e)
}

func (f *folder) evaluate(e plan.Expr) plan.Expr {
	v := ownVolatility(e)
	if v > f.upTo || !allConst(e.Operands()) {
		return strictNull(e)
	}
	if _, isConst := e.(*plan.Const); isConst {
		return e
	}
	val, err := f.consts.EvalConst(e)
	if err != nil {
		// An operand that is a set or needs a running query is no constant, whatever its function says.
		if v == immutable && pgerr.CodeOf(err) != pgerr.InternalError && pgerr.CodeOf(err) != pgerr.FeatureNotSupported && f.err == nil {
			f.err = err
		}
		return e
	}
	return &plan.Const{Value: val, T: e.Type()}
}

// strictNull folds a call of a strict function with a null constant among its arguments.
func strictNull(e plan.Expr) plan.Expr {
	c, ok := e.(*plan.Call)
	if !ok || !c.Fn.Strict || c.Fn.RetSet {
		return e
	}
	for _, a := range c.Args {
		if k, isConst := a.(*plan.Const); isConst && k.Value.Null {
			return &plan.Const{Value: sqltype.NullValue(), T: c.T}
		}
	}
	return e
}

func allConst(es []plan.Expr) bool {
	for _, e := range es {
		if _, ok := e.(*plan.Const); !ok {
			return false
		}
	}
	return true
}

type volatility uint8

const (
	immutable volatility = iota
	stable
	volatile
	variable // depends on rows, or is not an expression of one value
)

// ownVolatility is the volatility of the expression itself, its operands apart.
func ownVolatility(e plan.Expr) volatility {
	switch e := e.(type) {
	case *plan.Const:
		return immutable
	case *plan.ColRef, *plan.Param, *plan.CaseValue, *plan.Subquery:
		return variable
	case *plan.SQLValue:
		return stable
	case *plan.Call:
		if e.Fn.RetSet || e.Fn.Kind != 'f' {
			return variable
		}
		switch e.Fn.Volatile {
		case 'i':
			return immutable
		case 's':
			return stable
		}
		return volatile
	case *plan.NullIf, *plan.Case:
		return variable
	case *plan.Cast:
		if e.Method == plan.CastIO || e.Method == plan.CastArray {
			return castVolatility(e)
		}
	}
	return immutable
}

// castVolatility: text forms that depend on settings or the catalog are stable.
func castVolatility(e *plan.Cast) volatility {
	for _, t := range []sqltype.Type{e.Arg.Type(), e.T} {
		switch t.Info().Category {
		case 'D', 'T': // date and time, interval
			return stable
		case 'A', 'P', 'C':
			return stable
		case 'N':
			if t.OID != sqltype.OIDInt2 && t.OID != sqltype.OIDInt4 && t.OID != sqltype.OIDInt8 && t.OID != sqltype.OIDFloat4 &&
				t.OID != sqltype.OIDFloat8 && t.OID != sqltype.OIDNumeric && t.OID != sqltype.OIDOID {
				return stable // regclass and its kin
			}
		}
	}
	return immutable
}

func (f *folder) logic(e *plan.Logic) plan.Expr {
	// For AND a constant true is dropped and a constant false decides; for OR the other way round. A null stays.
	decides := int64(0)
	if e.Op == plan.Or {
		decides = 1
	}
	var args []plan.Expr
	for _, a := range e.Args {
		a = f.expr(a)
		if k, ok := a.(*plan.Const); ok && !k.Value.Null {
			if k.Value.I == decides {
				return k
			}
			continue
		}
		if inner, ok := a.(*plan.Logic); ok && inner.Op == e.Op {
			args = append(args, inner.Args...)
			continue
		}
		args = append(args, a)
	}
	switch len(args) {
	case 0:
		return &plan.Const{Value: sqltype.Value{I: 1 - decides}, T: e.Type()}
	case 1:
		return args[0]
	}
	if allConst(args) { // only nulls are left
		return args[0]
	}
	return &plan.Logic{Op: e.Op, Args: args}
}

// caseExpr drops arms that cannot be reached. Arms behind a condition that is not constant are folded and raise their error
// at once, as PostgreSQL's documentation of CASE warns.
func (f *folder) caseExpr(e *plan.Case) plan.Expr {
	conds := make([]plan.Expr, len(e.Whens))
	for i, w := range e.Whens {
		conds[i] = w.Cond
	}
	if e.Arg != nil {
		arg := f.expr(e.Arg)
		k, ok := arg.(*plan.Const)
		for i := 0; ok && i < len(conds); i++ {
			conds[i], ok = withCaseValue(conds[i], k)
		}
		if !ok {
			ops := []plan.Expr{arg}
			for _, w := range e.Whens {
				ops = append(ops, f.expr(w.Cond), f.expr(w.Result))
			}
			return e.WithOperands(append(ops, f.expr(e.Else)))
		}
	}
	out := &plan.Case{T: e.T}
	for i, w := range e.Whens {
		cond := f.expr(conds[i])
		if k, ok := cond.(*plan.Const); ok {
			if k.Value.Null || k.Value.I == 0 {
				continue
			}
			out.Else = f.expr(w.Result)
			break
		}
		out.Whens = append(out.Whens, plan.When{Cond: cond, Result: f.expr(w.Result)})
	}
	if out.Else == nil {
		out.Else = f.expr(e.Else)
	}
	if len(out.Whens) == 0 {
		return out.Else
	}
	return out
}

// withCaseValue puts a constant in the place of the CaseValue that a condition compares: it stands on the left of =, perhaps
// converted. Conditions of another form are left alone.
func withCaseValue(cond plan.Expr, k *plan.Const) (plan.Expr, bool) {
	var put func(e plan.Expr) (plan.Expr, bool)
	put = func(e plan.Expr) (plan.Expr, bool) {
		switch x := e.(type) {
		case *plan.CaseValue:
			return k, true
		case *plan.Cast:
			if x.Method == plan.CastArray {
				return e, false
			}
		case *plan.Call:
			if len(x.Args) != 1 {
				return e, false
			}
		default:
			return e, false
		}
		arg, ok := put(e.Operands()[0])
		return e.WithOperands([]plan.Expr{arg}), ok
	}
	eq, ok := cond.(*plan.Call)
	if !ok || len(eq.Args) != 2 {
		return cond, false
	}
	left, ok := put(eq.Args[0])
	if !ok {
		return cond, false
	}
	return eq.WithOperands([]plan.Expr{left, eq.Args[1]}), true
}

func (f *folder) coalesce(e *plan.Coalesce) plan.Expr {
	var args []plan.Expr
	for _, a := range e.Args {
		a = f.expr(a)
		if k, ok := a.(*plan.Const); ok {
			if k.Value.Null {
				continue
			}
			args = append(args, a)
			break
		}
		args = append(args, a)
	}
	switch len(args) {
	case 0:
		return &plan.Const{Value: sqltype.NullValue(), T: e.T}
	case 1:
		return args[0]
	}
	return &plan.Coalesce{Args: args, T: e.T}
}
