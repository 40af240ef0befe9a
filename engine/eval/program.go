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
	sel := b.Sel
	if sel == nil {
		sel = rowsUpTo(b.N)
	}
	f := &p.f
	*f = *newFrame(ctx, b.Cols, b.N)
	v = p.root.eval(f, sel)
	return v, len(f.cut(sel)), f.err
}

// Select returns the places of the rows that count and for which the predicate is true, appended to dst[:0]. n and err are as Eval's,
// and the selection holds rows before the failing one only.
func (p *Program) Select(ctx *Ctx, b *vector.Batch, dst []int32) (sel []int32, n int, err error) {
	in := b.Sel
	if in == nil {
		in = rowsUpTo(b.N)
	}
	f := &p.f
	*f = *newFrame(ctx, b.Cols, b.N)
	sel = selectRows(p.root, f, in, dst)
	return f.cut(sel), len(f.cut(in)), f.err
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
