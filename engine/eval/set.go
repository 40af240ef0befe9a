package eval

import (
	"sync"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// SetIterator gives the rows of a set-returning function one by one.
type SetIterator interface {
	// Next fills row, which has a place per column of the function's result, and returns false at the end.
	Next(row []sqltype.Value) (bool, error)
}

// SetKernel computes a set-returning function.
type SetKernel struct {
	Name string
	Open func(c *Call, args []sqltype.Value) (SetIterator, error)
}

var setKernels = sync.OnceValue(func() map[string]*SetKernel {
	m := map[string]*SetKernel{}
	for _, family := range setFamilies() {
		for _, k := range family {
			m[k.Name] = &k
		}
	}
	return m
})

// SetKernelNames lists the names in the table of set kernels, as often as they stand there.
func SetKernelNames() []string {
	var names []string
	for _, family := range setFamilies() {
		for _, k := range family {
			names = append(names, k.Name)
		}
	}
	return names
}

// setFunc is a SetIterator made of a function.
type setFunc func(row []sqltype.Value) (bool, error)

// Next implements SetIterator.
func (f setFunc) Next(row []sqltype.Value) (bool, error) { return f(row) }

// emptySet gives no rows.
func emptySet() SetIterator {
	return setFunc(func([]sqltype.Value) (bool, error) { return false, nil })
}

// listSet gives one-column rows.
func listSet(vals []sqltype.Value) SetIterator {
	return setFunc(func(row []sqltype.Value) (bool, error) {
		if len(vals) == 0 {
			return false, nil
		}
		row[0], vals = vals[0], vals[1:]
		return true, nil
	})
}

// rowSet gives rows that are there already.
func rowSet(rows [][]sqltype.Value) SetIterator {
	return setFunc(func(row []sqltype.Value) (bool, error) {
		if len(rows) == 0 {
			return false, nil
		}
		copy(row, rows[0])
		rows = rows[1:]
		return true, nil
	})
}

// SetProgram is a compiled call of a function in FROM or in a ProjectSet, set-returning or not.
type SetProgram struct {
	call    *plan.Call
	kernel  *SetKernel
	args    []*Program
	types   []sqltype.Type
	scalar  *Program // a function that returns one value
	columns []sqltype.Type
}

// CompileSet makes a program of an expression that gives rows. A call of a set-returning function may give several columns (OUT
// arguments); any other expression gives one row of one value.
// A caller that wants a record as one value puts the columns together with MakeRecord.
func CompileSet(e plan.Expr, layout Layout, opts Options) (*SetProgram, error) {
	call, ok := e.(*plan.Call)
	if !ok || !call.Fn.RetSet {
		p, err := Compile(e, layout, opts)
		return &SetProgram{scalar: p, columns: []sqltype.Type{e.Type()}}, err
	}
	k := setKernels()[call.Fn.Kernel]
	if k == nil || call.Fn.Kernel == "" {
		return nil, pgerr.Unsupported("Use another function.", "function %s is not supported", call.Fn.Name)
	}
	p := &SetProgram{call: call, kernel: k, columns: setColumns(call), types: typesOf(call.Args)}
	for _, a := range call.Args {
		ap, err := Compile(a, layout, opts)
		if err != nil {
			return nil, err
		}
		p.args = append(p.args, ap)
	}
	return p, nil
}

// setColumns lists the columns of a function's rows: its OUT and TABLE arguments, or the one value.
func setColumns(call *plan.Call) []sqltype.Type {
	var cols []sqltype.Type
	for i, m := range call.Fn.ArgModes {
		if m == 'o' || m == 'b' || m == 't' {
			t := sqltype.Of(call.Fn.AllArgs[i])
			if t.OID == oidAnyElement && len(call.Args) > 0 { // of anyarray's function
				t = sqltype.Of(elemOf(call.Args[0].Type()))
			}
			cols = append(cols, t)
		}
	}
	if len(cols) == 0 {
		cols = []sqltype.Type{call.T}
	}
	return cols
}

const oidAnyElement = 2283

// Columns are the types of the rows' columns.
func (p *SetProgram) Columns() []sqltype.Type { return p.columns }

// Open evaluates the arguments for the row of b at a place among those that count, and returns the rows.
func (p *SetProgram) Open(ctx *Ctx, b *vector.Batch, row int) (SetIterator, error) {
	one := &vector.Batch{Cols: b.Cols, N: b.N, Sel: []int32{int32(b.Row(row))}}
	at := b.Row(row)
	if p.scalar != nil {
		v, _, err := p.scalar.Eval(ctx, one)
		if err != nil {
			return nil, err
		}
		return listSet([]sqltype.Value{v.Value(at)}), nil
	}
	vals := make([]sqltype.Value, len(p.args))
	for i, a := range p.args {
		v, _, err := a.Eval(ctx, one)
		if err != nil {
			return nil, err
		}
		vals[i] = v.Value(at)
	}
	if p.call.Fn.Strict {
		for _, v := range vals {
			if v.Null {
				return emptySet(), nil
			}
		}
	}
	c := &Call{Fn: p.call.Fn, ArgTypes: p.types, T: p.call.T, VariadicArray: p.call.VariadicArray, rows: p.call.Rows, result: p.call.Result, f: newFrame(ctx, nil, 1)}
	defer c.settle(ctx) // the rows are what the query holds of them; this is whether there is room to make them
	if err := c.open(vals); err != nil {
		return nil, err
	}
	return p.kernel.Open(c, vals)
}
