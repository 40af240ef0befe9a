package exec

import (
	"cmp"
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// projectSet builds one stage for each level of nesting of set-returning calls: those of a level advance together, and a level's values are
// the arguments of the next. Above the last stage stands an ordinary projection.
func (b *builder) projectSet(n *plan.ProjectSet) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	cols := n.Input.Columns()
	exprs := make([]plan.Expr, len(n.Exprs))
	for i, x := range n.Exprs {
		exprs[i] = x.Expr
	}
	next := plan.ColID(-1)
	for {
		var sets []plan.Named
		for i, e := range exprs {
			exprs[i] = takeSets(e, &sets, &next)
		}
		if len(sets) == 0 {
			break
		}
		stage := &setStage{ctx: b.ctx, in: in, types: columnTypes(cols)}
		for _, s := range sets {
			layout := eval.LayoutOf(cols)
			layout.Outer = b.outer
			p, err := eval.CompileSet(s.Expr, layout, eval.Options{Params: b.rt.Params, Subqueries: &subqueries{b: b}})
			if err != nil {
				return nil, err
			}
			stage.sets = append(stage.sets, setCall{set: p, typ: s.Column.Type, row: make([]sqltype.Value, len(p.Columns()))})
		}
		for _, s := range sets {
			cols = append(cols[:len(cols):len(cols)], s.Column)
		}
		in = stage
	}
	c, err := b.computed(exprs, cols)
	if err != nil {
		return nil, err
	}
	return &projectOp{ctx: b.ctx, in: in, exprs: c}, nil
}

// takeSets replaces the innermost set-returning calls of e by references to columns that they will become.
func takeSets(e plan.Expr, sets *[]plan.Named, next *plan.ColID) plan.Expr {
	c, ok := e.(*plan.Call)
	if ok && c.Fn.RetSet && !hasSet(c.Args) {
		col := plan.Column{ID: *next, Name: c.Fn.Name, Type: c.T}
		*next--
		*sets = append(*sets, plan.Named{Column: col, Expr: c})
		return &plan.ColRef{ID: col.ID, T: col.Type, Name: col.Name}
	}
	ops := e.Operands()
	if len(ops) == 0 {
		return e
	}
	out := make([]plan.Expr, len(ops))
	for i, o := range ops {
		out[i] = takeSets(o, sets, next)
	}
	return e.WithOperands(out)
}

func hasSet(es []plan.Expr) bool {
	found := false
	for _, e := range es {
		plan.WalkExpr(e, func(e plan.Expr) bool {
			if c, ok := e.(*plan.Call); ok && c.Fn.RetSet {
				found = true
			}
			return !found
		})
	}
	return found
}

// setStage gives, for each input row, as many rows as its longest set; shorter ones are filled with nulls, and a row whose sets
// are all empty gives none.
type setStage struct {
	ctx   *eval.Ctx
	in    Operator
	types []sqltype.Type
	sets  []setCall

	batch *vector.Batch
	row   int
	iters []eval.SetIterator
	ended []bool
	later later
}

type setCall struct {
	set *eval.SetProgram
	typ sqltype.Type
	row []sqltype.Value
}

func (o *setStage) Open(ctx context.Context) error {
	o.batch, o.row, o.iters, o.later = nil, 0, nil, later{}
	return o.in.Open(ctx)
}
func (o *setStage) Ready() bool  { return o.batch != nil || o.in.Ready() }
func (o *setStage) Close() error { return o.in.Close() }

func (o *setStage) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := cmp.Or(o.later.take(), ctx.Err()); err != nil {
			return nil, err
		}
		if o.batch == nil {
			b, err := o.in.Next(ctx)
			if b == nil || err != nil {
				return nil, err
			}
			o.batch, o.row = b, 0
		}
		o.ctx.Context = ctx
		out, err := o.expand()
		if err != nil {
			if out.N == 0 {
				return nil, err
			}
			o.later.err = err
		}
		if out.N > 0 {
			return out, nil
		}
	}
}

// expand makes rows of the present input batch until it ends or the result is full.
func (o *setStage) expand() (*vector.Batch, error) {
	out := &vector.Batch{}
	for _, t := range o.types {
		out.Cols = append(out.Cols, vector.NewFlat(t, 0))
	}
	for _, s := range o.sets {
		out.Cols = append(out.Cols, vector.NewFlat(s.typ, 0))
	}
	for out.N < vector.BatchRows {
		if o.iters == nil {
			if o.row >= o.batch.Rows() {
				o.batch = nil
				break
			}
			if err := o.begin(); err != nil {
				return out, err
			}
		}
		vals := make([]sqltype.Value, len(o.sets))
		some := false
		for i := range o.sets {
			vals[i] = sqltype.NullValue()
			if o.ended[i] {
				continue
			}
			ok, err := o.iters[i].Next(o.sets[i].row)
			if err != nil {
				return out, err
			}
			if !ok {
				o.ended[i] = true
				continue
			}
			some = true
			vals[i] = o.sets[i].value()
		}
		if !some {
			o.iters = nil
			o.row++
			continue
		}
		at := o.batch.Row(o.row)
		for k := range o.types {
			out.Cols[k].AppendRow(o.batch.Cols[k], at)
		}
		for i, v := range vals {
			out.Cols[len(o.types)+i].Append(v)
		}
		out.N++
	}
	return out, nil
}

func (o *setStage) begin() error {
	o.iters = make([]eval.SetIterator, len(o.sets))
	o.ended = make([]bool, len(o.sets))
	for i := range o.sets {
		it, err := o.sets[i].set.Open(o.ctx, o.batch, o.row)
		if err != nil {
			o.iters = nil
			return err
		}
		o.iters[i] = it
	}
	return nil
}

// value is the set's row as one value: a record where the function has several columns.
func (s *setCall) value() sqltype.Value {
	types := s.set.Columns()
	if len(types) == 1 {
		return s.row[0]
	}
	rec := sqltype.Record{}
	for i, v := range s.row {
		rec.Fields = append(rec.Fields, sqltype.Field{OID: types[i].OID, Value: v})
	}
	return sqltype.EncodeRecord(rec)
}
