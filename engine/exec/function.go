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
	block eval.BlockIterator // the rows, where they come many at once
	vals  []sqltype.Value    // of the row being made
	out   vector.Batch
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
		} else if c.Composite && len(p.Columns()) == 1 {
			_, listed := sqltype.Lookup(p.Columns()[0].OID) // row types of relations are not
			call.unpack = !listed || p.Columns()[0].OID == sqltype.OIDRecord
		}
		o.calls = append(o.calls, call)
	}
	return o, nil
}

func (o *functionOp) Open(context.Context) error {
	o.iters, o.ended, o.block, o.n, o.done, o.later = nil, nil, nil, 0, false, later{}
	return nil
}
func (o *functionOp) Ready() bool { return true }
func (o *functionOp) Close() error {
	o.iters, o.block = nil, nil
	return nil
}

func (o *functionOp) begin() error {
	if o.out.Cols == nil {
		for _, t := range o.types {
			o.out.Cols = append(o.out.Cols, vector.New(t))
		}
	}
	o.iters = make([]eval.SetIterator, len(o.calls))
	o.ended = make([]bool, len(o.calls))
	for i := range o.calls {
		it, err := o.calls[i].set.Open(o.ctx, exprBatch(), 0)
		if err != nil {
			return err
		}
		o.iters[i] = it
	}
	if c := &o.calls[0]; len(o.types) == 1 && len(o.calls) == 1 && c.columns == 1 && !c.unpack && !o.ordinality {
		o.block, _ = o.iters[0].(eval.BlockIterator)
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
	out := &o.out
	if o.block != nil {
		o.block.NextBlock(out.Cols[0], vector.BatchRows)
		out.N = out.Cols[0].N
		o.done = out.N == 0
	} else if err := o.rows(out); err != nil {
		if out.N == 0 {
			return nil, err
		}
		o.later.err = err
	}
	if out.N == 0 {
		return nil, nil
	}
	return out, nil
}

// rows fills a batch row by row.
func (o *functionOp) rows(out *vector.Batch) error {
	out.N = 0
	for _, c := range out.Cols {
		c.Reset(0)
	}
	for out.N < vector.BatchRows {
		more, err := o.row(out)
		if err != nil {
			return err
		}
		if !more {
			o.done = true
			break
		}
	}
	return nil
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
			fields, err := unpack(c.row[0], o.types[len(vals):len(vals)+c.columns])
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
func unpack(v sqltype.Value, types []sqltype.Type) ([]sqltype.Value, error) {
	n := len(types)
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
		_, listed := sqltype.Lookup(types[i].OID) // rows and arrays of rows of relations are held as records
		if f.OID != types[i].OID && listed {
			return nil, pgerr.New(pgerr.DatatypeMismatch, "function return row and query-specified return row do not match").
				WithDetail("Returned type %s at ordinal position %d, but query expects %s.", sqltype.FormatType(f.OID, -1), i+1, sqltype.FormatType(types[i].OID, -1))
		}
		out[i] = f.Value
	}
	return out, nil
}
