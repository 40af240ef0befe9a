package eval

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

type compiler struct {
	layout  Layout
	opts    Options
	facts   map[plan.Expr]*facts
	inOnce  bool // inside a subtree that is evaluated once already
	inEntry bool // inside a subtree that is evaluated per dictionary entry already
}

// facts says what the value of an expression depends on.
type facts struct {
	col      int // the batch column it reads; -1 none, -2 several
	volatile bool
	outer    bool // outer columns or subqueries
	caseVal  bool // a CaseValue that is bound outside of it
}

func (a *facts) add(b *facts) {
	switch {
	case b.col == -1 || a.col == b.col:
	case a.col == -1:
		a.col = b.col
	default:
		a.col = -2
	}
	a.volatile = a.volatile || b.volatile
	a.outer = a.outer || b.outer
	a.caseVal = a.caseVal || b.caseVal
}

func (c *compiler) factsOf(e plan.Expr) *facts {
	if x, ok := c.facts[e]; ok {
		return x
	}
	x := &facts{col: -1}
	for _, o := range e.Operands() {
		x.add(c.factsOf(o))
	}
	switch e := e.(type) {
	case *plan.ColRef:
		if i, ok := c.layout.Cols[e.ID]; ok {
			x.col = i
		} else {
			x.outer = true
		}
	case *plan.Call:
		x.volatile = x.volatile || e.Fn.Volatile == 'v'
	case *plan.Subquery:
		x.outer = true
	case *plan.CaseValue:
		x.caseVal = true
	case *plan.Case:
		if e.Arg != nil {
			x.caseVal = c.factsOf(e.Arg).caseVal
		}
	case *plan.NullIf:
		x.caseVal = c.factsOf(e.Left).caseVal || c.factsOf(e.Right).caseVal
	}
	if c.facts == nil {
		c.facts = map[plan.Expr]*facts{}
	}
	c.facts[e] = x
	return x
}

// compile returns the node of an expression. A subtree without columns is evaluated once; one over a single column once per
// entry where that column comes as a dictionary.
func (c *compiler) compile(e plan.Expr) (node, error) {
	switch e := e.(type) {
	case *plan.ColRef:
		return c.column(e)
	case *plan.Const:
		return &constNode{vec: vector.NewConstant(e.T, e.Value, 1)}, nil
	case *plan.Param:
		if e.N < 1 || e.N > len(c.opts.Params) {
			return nil, pgerr.Newf(pgerr.UndefinedParameter, "there is no parameter $%d", e.N)
		}
		return &constNode{vec: vector.NewConstant(e.T, c.opts.Params[e.N-1], 1)}, nil
	case *plan.CaseValue:
		return caseValueNode{}, nil
	}
	x := c.factsOf(e)
	if x.volatile || x.outer || x.caseVal {
		return c.build(e)
	}
	switch {
	case x.col == -1 && !c.inOnce:
		c.inOnce = true
		n, err := c.build(e)
		c.inOnce = false
		if err != nil {
			return nil, err
		}
		return &onceNode{inner: n, typ: e.Type()}, nil
	case x.col >= 0 && !c.inEntry:
		c.inEntry = true
		n, err := c.build(e)
		c.inEntry = false
		if err != nil {
			return nil, err
		}
		return &entryNode{inner: n, typ: e.Type(), col: x.col}, nil
	}
	return c.build(e)
}

func (c *compiler) column(e *plan.ColRef) (node, error) {
	if i, ok := c.layout.Cols[e.ID]; ok {
		return columnNode{i}, nil
	}
	if i, ok := c.layout.Outer[e.ID]; ok {
		return &outerNode{slot: i, typ: e.T}, nil
	}
	return nil, pgerr.Internal("column %q (%d) is not in the input", e.Name, e.ID)
}

func (c *compiler) list(es []plan.Expr) ([]node, error) {
	out := make([]node, len(es))
	for i, e := range es {
		if e == nil {
			continue
		}
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

func typesOf(es []plan.Expr) []sqltype.Type {
	out := make([]sqltype.Type, len(es))
	for i, e := range es {
		if e != nil {
			out[i] = e.Type()
		}
	}
	return out
}

// build is the one place that maps expressions to nodes.
func (c *compiler) build(e plan.Expr) (node, error) {
	args, err := c.list(operandsOf(e))
	if err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case *plan.Call:
		return c.call(e, args)
	case *plan.Cast:
		return c.cast(e, args[0])
	case *plan.Logic:
		return &logicNode{or: e.Op == plan.Or, args: args}, nil
	case *plan.Not:
		return &notNode{arg: args[0]}, nil
	case *plan.NullTest:
		return &nullTestNode{arg: args[0], not: e.Not, row: e.Row, typ: e.Arg.Type()}, nil
	case *plan.BoolTest:
		return &boolTestNode{arg: args[0], kind: e.Kind, not: e.Not}, nil
	case *plan.DistinctTest:
		eq, err := newCallee(e.Eq, typesOf(e.Operands()), boolType(), false)
		return &distinctNode{left: args[0], right: args[1], eq: eq, not: e.Not}, err
	case *plan.Case:
		return caseOf(e, args), nil
	case *plan.Coalesce:
		return &coalesceNode{args: args, merger: merger{typ: e.T}}, nil
	case *plan.NullIf:
		return &nullIfNode{left: args[0], test: args[2], typ: e.T}, nil
	case *plan.MinMax:
		return &minMaxNode{args: args, least: e.Least, merger: merger{typ: e.T}, cmp: Comparator(e.T)}, nil
	case *plan.ArrayOp:
		return c.arrayOp(e, args)
	case *plan.ArrayExpr:
		return &arrayExprNode{elems: args, typ: e.T, nested: e.Nested, elem: elemOfExpr(e)}, nil
	case *plan.RowExpr:
		return &rowExprNode{fields: args, types: typesOf(e.Fields), typ: e.T, whole: e.Extended}, nil
	case *plan.Field:
		return &fieldNode{arg: args[0], index: e.Index, typ: e.T}, nil
	case *plan.Subscript:
		return subscriptOf(e, args), nil
	case *plan.RowCompare:
		return c.rowCompare(e, args)
	case *plan.SQLValue:
		return &sqlValueNode{name: e.Name, typ: e.T}, nil
	case *plan.Subquery:
		return c.subquery(e)
	}
	return nil, pgerr.Internal("expression %T cannot be evaluated", e)
}

// operandsOf lists the operands that become nodes; a subquery's test belongs to the executor.
func operandsOf(e plan.Expr) []plan.Expr {
	if _, ok := e.(*plan.Subquery); ok {
		return nil
	}
	return e.Operands()
}

// elemOfExpr is the type of the elements that ARRAY[…] is written with.
func elemOfExpr(e *plan.ArrayExpr) uint32 {
	if elem := sqltype.ElemOf(e.T.OID); elem != 0 || e.Nested || len(e.Elems) == 0 {
		return elem
	}
	return e.Elems[0].Type().OID
}

func boolType() sqltype.Type { return sqltype.Of(sqltype.OIDBool) }

func (c *compiler) call(e *plan.Call, args []node) (node, error) {
	if e.Fn.RetSet {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "set-valued function called in context that cannot accept a set")
	}
	callee, err := newCallee(e.Fn, typesOf(e.Args), e.T, e.VariadicArray)
	if err != nil {
		return nil, err
	}
	for _, a := range e.Args {
		if k, ok := a.(*plan.Const); ok && k.Value.Null && e.Fn.Strict {
			callee.strict = true // a call over a null is null before anything of it is computed
		}
	}
	callee.call.rows, callee.call.result = e.Rows, e.Result
	return &callNode{callee: callee, args: args, vecs: make([]*vector.Vector, len(args))}, nil
}

// newCallee finds a function's kernel.
func newCallee(fn *builtin.Function, args []sqltype.Type, t sqltype.Type, variadicArray bool) (*callee, error) {
	if fn == nil {
		return nil, pgerr.Internal("a call without a function")
	}
	k, ok := scalarKernels()[fn.Kernel]
	if !ok || fn.Kernel == "" {
		return nil, pgerr.Unsupported("Use another function.", "function %s is not supported", fn.Name)
	}
	return &callee{
		kernel: k, strict: fn.Strict && !k.OwnNulls, volatile: fn.Volatile == 'v',
		call: Call{Fn: fn, ArgTypes: args, T: t, VariadicArray: variadicArray}, out: vector.New(t), one: vector.New(t),
	}, nil
}

func (c *compiler) rowCompare(e *plan.RowCompare, args []node) (node, error) {
	n := &rowCompareNode{op: e.Op, left: args[:len(e.Left)], right: args[len(e.Left):]}
	for i := range e.Left {
		types := []sqltype.Type{e.Left[i].Type(), e.Right[i].Type()}
		eq, err := newCallee(e.Eq[i], types, boolType(), false)
		if err != nil {
			return nil, err
		}
		less, err := newCallee(e.Less[i], types, boolType(), false)
		if err != nil {
			return nil, err
		}
		n.eq, n.less = append(n.eq, eq), append(n.less, less)
	}
	return n, nil
}
