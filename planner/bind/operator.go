package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// opName is an operator's name as written: op or OPERATOR(schema.op).
type opName struct{ schema, name string }

func operatorName(nodes []*pg_query.Node) opName {
	parts := stringsOf(nodes)
	switch len(parts) {
	case 0:
		return opName{}
	case 1:
		return opName{name: parts[0]}
	default:
		return opName{schema: parts[len(parts)-2], name: parts[len(parts)-1]}
	}
}

func (n opName) String() string {
	if n.schema != "" {
		return n.schema + "." + n.name
	}
	return n.name
}

func (b *binder) opSignature(n opName, left, right uint32, prefix bool) string {
	if prefix {
		return n.String() + " " + b.typeName(right)
	}
	return b.typeName(left) + " " + n.String() + " " + b.typeName(right)
}

func (b *binder) operators(n opName, loc int) []*builtin.Operator {
	if n.schema != "" && n.schema != "pg_catalog" {
		if b.findSchema(n.schema, true) == nil {
			b.failf(pgerr.InvalidSchemaName, loc, `schema "%s" does not exist`, n.schema)
		}
		return nil
	}
	return b.reg.Operators(n.name)
}

// binaryOperator resolves an operator over two argument types (oper); nil without an error if quiet.
func (b *binder) binaryOperator(n opName, left, right uint32, quiet bool, loc int) *builtin.Operator {
	ops := b.operators(n, loc)
	exact := func(l, r uint32) *builtin.Operator {
		for _, o := range ops {
			if o.Kind == 'b' && o.Left == l && o.Right == r {
				return o
			}
		}
		return nil
	}
	// binary_oper_exact: an untyped literal beside a typed value is tried as the other's type.
	l, r := left, right
	if l == sqltype.OIDUnknown && r != 0 {
		l = r
	} else if r == sqltype.OIDUnknown && l != 0 {
		r = l
	}
	if o := exact(l, r); o != nil {
		return o
	}
	var cands []candidate
	for _, o := range ops {
		if o.Kind == 'b' {
			cands = append(cands, candidate{args: []uint32{o.Left, o.Right}, op: o})
		}
	}
	c, ambiguous := b.selectOperator([]uint32{left, right}, cands)
	if c != nil {
		return c.op
	}
	if !quiet {
		b.opError(b.opSignature(n, left, right, false), ambiguous, "You might need to add explicit type casts.", "types", loc)
	}
	return nil
}

// prefixOperator resolves a prefix operator (left_oper).
func (b *binder) prefixOperator(n opName, arg uint32, loc int) *builtin.Operator {
	var cands []candidate
	for _, o := range b.operators(n, loc) {
		if o.Kind == 'l' {
			if o.Right == arg {
				return o
			}
			cands = append(cands, candidate{args: []uint32{o.Right}, op: o})
		}
	}
	c, ambiguous := b.selectOperator([]uint32{arg}, cands)
	if c != nil {
		return c.op
	}
	b.opError(b.opSignature(n, 0, arg, true), ambiguous, "You might need to add an explicit type cast.", "type", loc)
	return nil
}

func (b *binder) opError(sig string, ambiguous bool, casts, noun string, loc int) {
	if ambiguous {
		b.fail(pgerr.Newf(pgerr.AmbiguousFunction, "operator is not unique: %s", sig).
			WithHint("Could not choose a best candidate operator. You might need to add explicit type casts."), loc)
	}
	b.fail(pgerr.Newf(pgerr.UndefinedFunction, "operator does not exist: %s", sig).
		WithHint("No operator matches the given name and argument %s. %s", noun, casts), loc)
}

// selectOperator is oper_select_candidate.
func (b *binder) selectOperator(args []uint32, cands []candidate) (*candidate, bool) {
	cands = b.matching(args, cands)
	switch len(cands) {
	case 0:
		return nil, false
	case 1:
		return &cands[0], false
	}
	if c := b.bestCandidate(args, cands); c != nil {
		return c, false
	}
	return nil, true
}

// makeOp binds an operator over bound arguments (make_op); left nil for a prefix operator.
func (b *binder) makeOp(s *scope, n opName, left, right plan.Expr, loc int) plan.Expr {
	if right == nil {
		b.fail(pgerr.New(pgerr.SyntaxError, "postfix operators are not supported"), loc)
	}
	var op *builtin.Operator
	var args []plan.Expr
	var actual, declared []uint32
	if left == nil {
		op = b.prefixOperator(n, right.Type().OID, loc)
		args, declared = []plan.Expr{right}, []uint32{op.Right}
	} else {
		op = b.binaryOperator(n, left.Type().OID, right.Type().OID, false, loc)
		args, declared = []plan.Expr{left, right}, []uint32{op.Left, op.Right}
	}
	if op.Function == 0 {
		b.fail(pgerr.Newf(pgerr.UndefinedFunction, "operator is only a shell: %s", b.opSignature(n, op.Left, op.Right, left == nil)), loc)
	}
	for _, a := range args {
		actual = append(actual, a.Type().OID)
	}
	result := b.resolvePoly(actual, declared, op.Result, false)
	for i := range args {
		args[i] = b.argument(args[i], declared[i])
	}
	fn := b.reg.FunctionByOID(op.Function)
	if fn == nil {
		b.fail(pgerr.Internal("operator %s has no function", op.Name), loc)
	}
	b.needKernel(fn, loc)
	if fn.RetSet {
		b.checkSetPlacement(s, loc)
	}
	where := loc
	for _, a := range args {
		where = leftmost(where, b.loc(a))
	}
	form := plan.FormOperator
	if b.failing(op, actual) {
		form = plan.FormFunction
	}
	return at(b, &plan.Call{Fn: fn, Args: args, T: sqltype.Of(result), Form: form, Op: op.Name}, where)
}

// failing says that an operator over arrays finds no comparison for their elements (json[] = json[]): that fails with the first pair of
// values, so that it is called for them and no plan may rely on it as a comparison.
func (b *binder) failing(op *builtin.Operator, actual []uint32) bool {
	return op.Left == sqltype.OIDAnyArray && op.Right == sqltype.OIDAnyArray && (!b.comparable(actual[0]) || !b.ordered(actual[0]))
}

// argument coerces an argument to its declared type (make_fn_arguments).
func (b *binder) argument(e plan.Expr, declared uint32) plan.Expr {
	if e.Type().OID == declared || declared == 0 {
		return e
	}
	return b.coerce(e, sqltype.Of(declared), implicit, plan.FormImplicitCast, -1)
}

// makeArrayOp binds x op ANY (array) and x op ALL (array) (make_scalar_array_op).
func (b *binder) makeArrayOp(n opName, all bool, left, array plan.Expr, loc int) plan.Expr {
	at2 := array.Type().OID
	elem := sqltype.OIDUnknown
	if at2 != sqltype.OIDUnknown {
		elem = b.elem(at2)
		if elem == 0 {
			b.failf(pgerr.WrongObjectType, loc, "op ANY/ALL (array) requires array on right side")
		}
	}
	op := b.binaryOperator(n, left.Type().OID, elem, false, loc)
	fn := b.reg.FunctionByOID(op.Function)
	if op.Result != sqltype.OIDBool {
		b.failf(pgerr.WrongObjectType, loc, "op ANY/ALL (array) requires operator to yield boolean")
	}
	if fn == nil {
		b.fail(pgerr.Internal("operator %s has no function", op.Name), loc)
	}
	if fn.RetSet {
		b.failf(pgerr.WrongObjectType, loc, "op ANY/ALL (array) requires operator not to return a set")
	}
	b.needKernel(fn, loc)
	declared := []uint32{op.Left, op.Right}
	b.resolvePoly([]uint32{left.Type().OID, elem}, declared, op.Result, false)
	want := at2
	if elem == sqltype.OIDUnknown || !isPolymorphic(op.Right) {
		want = b.arrayOf(declared[1])
		if want == 0 {
			b.failf(pgerr.UndefinedObject, loc, "could not find array type for data type %s", b.typeName(declared[1]))
		}
	}
	if isPolymorphic(declared[1]) {
		want = at2
	}
	left = b.argument(left, declared[0])
	array = b.argument(array, want)
	return at(b, &plan.ArrayOp{Left: left, Array: array, Fn: fn, Op: op.Name, All: all}, leftmost(loc, b.loc(left)))
}

// comparison finds the function of =, < or > for a type, as btree's default operator class has it.
func (b *binder) comparison(op string, t uint32) *builtin.Function {
	o := b.binaryOperator(opName{name: op}, t, t, true, -1)
	if o == nil || o.Result != sqltype.OIDBool {
		return nil
	}
	return b.reg.FunctionByOID(o.Function)
}

// joinNames prints a dotted name.
func joinNames(parts []string) string { return strings.Join(parts, ".") }
