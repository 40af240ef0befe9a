package exec

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// functionOp gives the rows of functions in FROM, side by side.
type functionOp struct {
	ctx        *eval.Ctx
	types      []sqltype.Type
	calls      []functionCall
	ordinality bool

	iters []eval.SetIterator
	ended []bool
	vals  []sqltype.Value // of the row being made
	n     int64
	done  bool
	later later
}

type functionCall struct {
	set     *eval.SetProgram
	columns int
	row     []sqltype.Value
	unpack  bool // the function gives one record, whose fields are the columns
}

func (b *builder) functionScan(n *plan.FunctionScan) (Operator, error) {
	o := &functionOp{ctx: b.ctx, types: columnTypes(n.Cols), ordinality: n.Ordinality}
	layout := eval.Layout{Outer: b.outer}
	for _, c := range n.Calls {
		p, err := eval.CompileSet(c.Expr, layout, eval.Options{Params: b.rt.Params, Subqueries: &subqueries{b: b}})
		if err != nil {
			return nil, err
		}
		call := functionCall{set: p, columns: c.Columns, row: make([]sqltype.Value, len(p.Columns()))}
		if len(p.Columns()) != c.Columns {
			if len(p.Columns()) != 1 {
				return nil, pgerr.Internal("a function gives %d columns where %d are expected", len(p.Columns()), c.Columns)
			}
			call.unpack = true
		} else if c.Composite && len(p.Columns()) == 1 && p.Columns()[0].OID == sqltype.OIDRecord {
			call.unpack = true
		}
		o.calls = append(o.calls, call)
	}
	return o, nil
}

func (o *functionOp) Open(context.Context) error {
	o.iters, o.ended, o.n, o.done, o.later = nil, nil, 0, false, later{}
	return nil
}
func (o *functionOp) Ready() bool { return true }
func (o *functionOp) Close() error {
	o.iters = nil
	return nil
}

func (o *functionOp) begin() error {
	o.iters = make([]eval.SetIterator, len(o.calls))
	o.ended = make([]bool, len(o.calls))
	for i := range o.calls {
		it, err := o.calls[i].set.Open(o.ctx, exprBatch(), 0)
		if err != nil {
			return err
		}
		o.iters[i] = it
	}
	return nil
}

func (o *functionOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := o.later.take(); err != nil {
		return nil, err
	}
	if o.done {
		return nil, nil
	}
	o.ctx.Context = ctx
	if o.iters == nil {
		if err := o.begin(); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &vector.Batch{Cols: make([]*vector.Vector, len(o.types))}
	for i, t := range o.types {
		out.Cols[i] = vector.NewFlat(t, 0)
	}
	for out.N < vector.BatchRows {
		more, err := o.row(out)
		if err != nil {
			if out.N == 0 {
				return nil, err
			}
			o.later.err = err
			return out, nil
		}
		if !more {
			o.done = true
			break
		}
	}
	if out.N == 0 {
		return nil, nil
	}
	return out, nil
}

// row appends one row; false when every function has ended.
func (o *functionOp) row(out *vector.Batch) (bool, error) {
	vals := o.vals[:0]
	some := false
	for i := range o.calls {
		c := &o.calls[i]
		ok := false
		if !o.ended[i] {
			var err error
			if ok, err = o.iters[i].Next(c.row); err != nil {
				return false, err
			}
			o.ended[i] = !ok
		}
		some = some || ok
		switch {
		case !ok:
			for range c.columns {
				vals = append(vals, sqltype.NullValue())
			}
		case c.unpack:
			fields, err := unpack(c.row[0], c.columns)
			if err != nil {
				return false, err
			}
			vals = append(vals, fields...)
		default:
			vals = append(vals, c.row...)
		}
	}
	if !some {
		return false, nil
	}
	o.n++
	o.vals = vals
	if o.ordinality {
		vals = append(vals, sqltype.Int(o.n))
	}
	for i, v := range vals {
		out.Cols[i].Append(v)
	}
	out.N++
	return true, nil
}

// unpack opens a record into its fields; a null record gives nulls.
func unpack(v sqltype.Value, n int) ([]sqltype.Value, error) {
	out := make([]sqltype.Value, n)
	if v.Null {
		for i := range out {
			out[i] = sqltype.NullValue()
		}
		return out, nil
	}
	rec, err := sqltype.DecodeRecord(v.S)
	if err != nil {
		return nil, err
	}
	if len(rec.Fields) != n {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "function return row and query-specified return row do not match").
			WithDetail("Returned row contains %d attributes, but query expects %d.", len(rec.Fields), n)
	}
	for i, f := range rec.Fields {
		out[i] = f.Value
	}
	return out, nil
}
