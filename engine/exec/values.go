package exec

import (
	"cmp"
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// valuesOp gives constant rows; an expression is evaluated when its row is asked for.
type valuesOp struct {
	ctx   *eval.Ctx
	types []sqltype.Type
	rows  [][]*eval.Program
	next  int
	later later
}

func (b *builder) values(n *plan.Values) (Operator, error) {
	o := &valuesOp{ctx: b.ctx, types: columnTypes(n.Cols), rows: make([][]*eval.Program, len(n.Rows))}
	for i, r := range n.Rows {
		ps, err := b.compileAll(r, nil)
		if err != nil {
			return nil, err
		}
		o.rows[i] = ps
	}
	return o, nil
}

func (o *valuesOp) Open(context.Context) error {
	o.next, o.later = 0, later{}
	return nil
}
func (o *valuesOp) Ready() bool  { return true }
func (o *valuesOp) Close() error { return nil }

func (o *valuesOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := cmp.Or(o.later.take(), ctx.Err()); err != nil {
		return nil, err
	}
	if o.next >= len(o.rows) {
		return nil, nil
	}
	o.ctx.Context = ctx
	n := min(len(o.rows)-o.next, vector.BatchRows)
	out := &vector.Batch{Cols: make([]*vector.Vector, len(o.types))}
	for k, t := range o.types {
		out.Cols[k] = vector.NewFlat(t, 0)
	}
	for range n {
		vals, err := o.row(o.rows[o.next])
		if err != nil {
			if out.N == 0 {
				return nil, err
			}
			o.later.err = err
			return out, nil
		}
		for k := range o.types {
			out.Cols[k].Append(vals[k])
		}
		out.N++
		o.next++
	}
	return out, nil
}

func (o *valuesOp) row(ps []*eval.Program) ([]sqltype.Value, error) {
	vals := make([]sqltype.Value, len(ps))
	for k, p := range ps {
		v, err := one(o.ctx, p)
		if err != nil {
			return nil, err
		}
		vals[k] = v
	}
	return vals, nil
}

// one evaluates an expression without columns.
func one(ctx *eval.Ctx, p *eval.Program) (sqltype.Value, error) {
	v, _, err := p.Eval(ctx, exprBatch())
	if err != nil {
		return sqltype.Value{}, err
	}
	return v.Value(0), nil
}
