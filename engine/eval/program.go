package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// Layout says where a program finds its columns: Cols maps an id to its place in the batch, Outer the ids of outer queries to
// slots of Ctx.Outer.
type Layout struct {
	Cols  map[plan.ColID]int
	Outer map[plan.ColID]int
}

// LayoutOf returns the layout of a batch with these columns.
func LayoutOf(cols []plan.Column) Layout {
	l := Layout{Cols: make(map[plan.ColID]int, len(cols))}
	for i, c := range cols {
		l.Cols[c.ID] = i
	}
	return l
}

// SubqueryRunner prepares subqueries; engine/exec implements it.
type SubqueryRunner interface {
	// Prepare compiles a subquery. free lists the ids of outer columns that its plan and its test use, in the order in which
	// Run gets their values.
	Prepare(q *plan.Subquery, free []plan.ColID) (PreparedSubquery, error)
}

// PreparedSubquery is a subquery that can run for one outer row after another.
type PreparedSubquery interface {
	// Run returns the subquery's value as an expression: a boolean, which may be null, for Exists, Any and All; the value, or null
	// where there is no row, for Scalar; an array for Array; a record for RowSub.
	Run(ctx *Ctx, outer []sqltype.Value) (sqltype.Value, error)
}

// Options is what Compile needs beyond the expression.
type Options struct {
	Params     []sqltype.Value // values of $1 …
	Subqueries SubqueryRunner  // nil: an expression with a subquery does not compile
}

// Program is a compiled expression. It belongs to one goroutine.
type Program struct {
	typ  sqltype.Type
	root node
	f    frame

	whole *vector.Vector // of a batch that is evaluated in parts
}

// node computes a value per row. sel lists the rows wanted in ascending order; of the result only those rows have a meaning, less
// those from frame.errRow on. The result's length is the frame's n. It is valid until the node runs again.
type node interface {
	eval(f *frame, sel []int32) *vector.Vector
}

// Compile makes a program of an expression.
func Compile(e plan.Expr, layout Layout, opts Options) (*Program, error) {
	c := &compiler{layout: layout, opts: opts}
	root, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	return &Program{typ: e.Type(), root: root}, nil
}

// Type is the type of the result.
func (p *Program) Type() sqltype.Type { return p.typ }

// Eval computes the expression for the rows of b that count. The result is aligned with b's columns (b's selection applies to it).
// n says how many of the rows that count have their value; where n is less than b.Rows(), err is the error of the next row.
func (p *Program) Eval(ctx *Ctx, b *vector.Batch) (v *vector.Vector, n int, err error) {
	return p.inParts(ctx, b, false)
}

// EvalPart is Eval for fewer rows where the values of all would be too large to be had at once. Then Full is true of err, n is at least
// 1, and nothing is wrong with the next row.
func (p *Program) EvalPart(ctx *Ctx, b *vector.Batch) (v *vector.Vector, n int, err error) {
	return p.inParts(ctx, b, true)
}

// inParts evaluates the rows of b. Where values on the way to the result become too large, some rows are evaluated at a time.
func (p *Program) inParts(ctx *Ctx, b *vector.Batch, part bool) (v *vector.Vector, n int, err error) {
	sel := rowsOf(b)
	eval := func(f *frame, sel []int32) { v = p.root.eval(f, sel) }
	if n, err = p.run(ctx, b, sel, eval); err == nil || !Full(err) || part && ctx.fills(v.Physical(), 2*int64(len(v.Physical().Data))) {
		return v, n, err
	}
	if p.whole == nil {
		p.whole = vector.New(p.typ)
	}
	p.whole.Type = p.typ
	p.whole.Reset(b.N)
	for done := 0; ; {
		for _, r := range sel[done : done+n] {
			p.whole.SetRow(int(r), v, int(r))
		}
		done += n
		switch {
		case done == len(sel), err != nil && !Full(err):
			p.whole.Finish()
			return p.whole, done, err
		case part && ctx.fills(p.whole, 2*int64(len(p.whole.Data))):
			p.whole.Finish()
			return p.whole, done, errFull()
		}
		n, err = p.run(ctx, b, sel[done:min(done+2*n, len(sel))], eval)
	}
}

func rowsOf(b *vector.Batch) []int32 {
	if b.Sel != nil {
		return b.Sel
	}
	return rowsUpTo(b.N)
}

// run has do evaluate rows of b. If the values of the first one are too large for a batch, it is evaluated alone.
func (p *Program) run(ctx *Ctx, b *vector.Batch, sel []int32, do func(f *frame, sel []int32)) (n int, err error) {
	f := &p.f
	*f = *newFrame(ctx, b.Cols, b.N)
	do(f, sel)
	if n = len(f.cut(sel)); n > 0 || f.err == nil || !Full(f.err) {
		return n, f.err
	}
	*f = *newFrame(ctx, b.Cols, b.N)
	ctx.oneRow = true
	do(f, sel[:1])
	ctx.oneRow = false
	if f.err == nil && len(sel) > 1 {
		return 1, errFull()
	}
	return len(f.cut(sel[:1])), f.err
}

// Select returns the places of the rows that count and for which the predicate is true, appended to dst[:0]. n and err are as Eval's,
// and the selection holds rows before the failing one only.
func (p *Program) Select(ctx *Ctx, b *vector.Batch, dst []int32) (sel []int32, n int, err error) {
	in := rowsOf(b)
	part := func(f *frame, in []int32) { sel = f.cut(selectRows(p.root, f, in, dst)) }
	if n, err = p.run(ctx, b, in, part); !Full(err) {
		return sel, n, err
	}
	var whole []int32
	for done := 0; ; {
		whole = append(whole, sel...)
		done += n
		if done == len(in) || err != nil && !Full(err) {
			return append(dst[:0], whole...), done, err
		}
		n, err = p.run(ctx, b, in[done:min(done+2*n, len(in))], part)
	}
}

// EvalConst computes an expression that uses no columns.
func EvalConst(ctx *Ctx, e plan.Expr, params ...sqltype.Value) (sqltype.Value, error) {
	p, err := Compile(e, Layout{}, Options{Params: params})
	if err != nil {
		return sqltype.Value{}, err
	}
	v, _, err := p.Eval(ctx, &vector.Batch{N: 1})
	if err != nil {
		return sqltype.Value{}, err
	}
	return v.Value(0), nil
}

// IsFoldable reports whether an expression may be replaced by its value: it uses no columns, parameters or subqueries, and no
// function that is volatile, or stable unless stable is set.
func IsFoldable(e plan.Expr, stable bool) bool {
	ok := true
	plan.WalkExpr(e, func(e plan.Expr) bool {
		switch x := e.(type) {
		case *plan.ColRef, *plan.Param, *plan.Subquery:
			ok = false
		case *plan.Call:
			ok = ok && !x.Fn.RetSet && x.Fn.Kind == 'f' && (x.Fn.Volatile == 'i' || stable && x.Fn.Volatile == 's')
		case *plan.ArrayOp:
			ok = ok && (x.Fn.Volatile == 'i' || stable && x.Fn.Volatile == 's')
		case *plan.SQLValue:
			ok = ok && stable
		case *plan.Cast:
			ok = ok && (stable || x.Method != plan.CastIO && x.Method != plan.CastArray || immutableIO(x.Arg.Type().OID, x.T.OID))
			if x.Method == plan.CastArray {
				ok = ok && IsFoldable(x.Elem, stable)
			}
		}
		return ok
	})
	return ok
}

// immutableIO reports whether the conversion through text depends on no setting: neither type is one whose text form does.
func immutableIO(from, to uint32) bool {
	for _, oid := range []uint32{from, to} {
		i := sqltype.Of(oid).Info()
		if i.Elem != 0 && i.IsArray {
			i = sqltype.Of(i.Elem).Info()
		}
		switch i.OID {
		case sqltype.OIDBool, sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDNumeric, sqltype.OIDText, sqltype.OIDVarChar,
			sqltype.OIDBPChar, sqltype.OIDName, sqltype.OIDChar, sqltype.OIDUUID, sqltype.OIDOID, sqltype.OIDUnknown, sqltype.OIDJSONB, sqltype.OIDJSON:
		default:
			return false
		}
	}
	return true
}
