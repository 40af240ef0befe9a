package eval

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// callee is a function ready to be called, with the buffers of one place in a program.
type callee struct {
	kernel   *Kernel
	strict   bool
	volatile bool
	call     Call
	out      *vector.Vector
	one      *vector.Vector
	buf      []int32
	valid    []uint64
	vals     []sqltype.Value
	consts   []*vector.Vector
	flat     []*vector.Vector
}

// callNode calls a function.
type callNode struct {
	*callee
	args []node
	vecs []*vector.Vector
}

func (n *callNode) eval(f *frame, sel []int32) *vector.Vector {
	sel = f.cut(sel)
	for i, a := range n.args {
		n.vecs[i] = a.eval(f, sel)
		sel = f.cut(sel)
	}
	return n.run(f, n.vecs, sel)
}

// run calls the function for the rows of sel. Where all arguments are constants it is called once.
func (n *callee) run(f *frame, vecs []*vector.Vector, sel []int32) *vector.Vector {
	constant := !n.volatile
	for _, v := range vecs {
		constant = constant && v.Form == vector.Constant
	}
	if !constant {
		n.compute(f, vecs, n.out, f.n, sel)
		return n.out
	}
	n.one.Form = vector.Flat
	if len(sel) == 0 {
		n.one.Reset(1)
		setNull(n.one, 0)
	} else {
		g := f.sub(nil, 1)
		g.caseVal = f.caseVal
		n.consts = n.consts[:0]
		for _, v := range vecs { // a constant's length says how long out gets
			c := *v
			c.N = 1
			n.consts = append(n.consts, &c)
		}
		n.compute(g, n.consts, n.one, 1, firstRows[:1])
		if g.err != nil {
			f.fail(sel[0], g.err)
			n.one.Reset(1)
			setNull(n.one, 0)
		}
	}
	n.one.Finish()
	n.one.Form, n.one.N = vector.Constant, f.n
	return n.one
}

func (n *callee) compute(f *frame, vecs []*vector.Vector, out *vector.Vector, rows int, sel []int32) {
	out.Type = n.call.T
	out.Reset(rows)
	if n.strict {
		sel = n.live(out, vecs, sel)
	}
	n.call.f = f
	if len(sel) > 0 {
		if n.kernel.Vec != nil {
			n.vec(f, vecs, out, sel)
		} else {
			n.scalar(f, vecs, out, sel)
		}
	}
	out.Finish()
}

// vec runs a kernel over vectors.
func (n *callee) vec(f *frame, vecs []*vector.Vector, out *vector.Vector, sel []int32) {
	defer n.call.settle(f.ctx)
	if large(vecs) {
		if err := n.call.openRows(vecs, sel); err != nil {
			f.fail(sel[0], err)
			return
		}
	}
	n.kernel.Vec(&n.call, n.plain(vecs), out, sel)
}

// live returns the rows of sel in which no argument is null, and marks the others null in out.
func (n *callee) live(out *vector.Vector, vecs []*vector.Vector, sel []int32) []int32 {
	may := false
	for _, v := range vecs {
		may = may || v.MayHaveNulls()
	}
	if !may {
		return sel
	}
	words := (out.N + 63) / 64
	if cap(n.valid) < words {
		n.valid = make([]uint64, max(words, vector.BatchRows/64))
	}
	valid := n.valid[:words]
	for i := range valid {
		valid[i] = ^uint64(0)
	}
	some := false
	for _, v := range vecs {
		some = andValid(valid, v, sel) || some
	}
	if !some {
		return sel
	}
	out.Valid = valid
	n.buf = validRows(valid, out.N, sel, n.buf)
	return n.buf
}

// plain are the arguments with dictionaries of anything but bytes written out.
func (n *callee) plain(vecs []*vector.Vector) []*vector.Vector {
	copied := false
	for i, v := range vecs {
		if v.Form != vector.Dictionary || v.Kind == sqltype.KindBytes {
			continue
		}
		if !copied {
			n.flat = append(n.flat[:0], vecs...)
			copied = true
		}
		n.flat[i] = v.Flatten()
	}
	if copied {
		return n.flat
	}
	return vecs
}

// scalar runs a one-row kernel row by row. Constant arguments are read once.
func (n *callee) scalar(f *frame, vecs []*vector.Vector, out *vector.Vector, sel []int32) {
	if cap(n.vals) < len(vecs) {
		n.vals = make([]sqltype.Value, len(vecs))
	}
	vals := n.vals[:len(vecs)]
	for i, v := range vecs {
		if v.Form == vector.Constant {
			vals[i] = v.Value(0)
		}
	}
	for _, r := range sel {
		size := 0
		for i, v := range vecs {
			if v.Form != vector.Constant {
				vals[i] = aliasValue(v, int(r))
			}
			size += len(vals[i].S)
		}
		if !n.scalarRow(f, vals, size, out, r) {
			return
		}
	}
}

// scalarRow runs a one-row kernel for a row whose arguments have size bytes. What it charges is given back when its result stands in out.
func (n *callee) scalarRow(f *frame, vals []sqltype.Value, size int, out *vector.Vector, r int32) bool {
	c := &n.call
	var err error
	if size >= chargeStep/openedJSON && !n.kernel.Shallow {
		err = c.open(vals)
	}
	var res sqltype.Value
	if err == nil {
		res, err = n.kernel.Scalar(c, vals)
	}
	if err == nil {
		err = f.ctx.room(out, len(res.S))
	}
	switch {
	case err != nil:
		f.fail(r, err)
	case res.Null:
		setNull(out, r)
	default:
		out.SetValue(int(r), res)
	}
	c.settle(f.ctx)
	return err == nil
}

// CallFunction calls a function for one row of values; the executor's way to kernels that aggregates and frames need.
type CallFunction struct {
	callee *callee
	vecs   []*vector.Vector
}

// NewCallFunction prepares calls of a function.
func NewCallFunction(fn *builtin.Function, args []sqltype.Type, t sqltype.Type) (*CallFunction, error) {
	c, err := newCallee(fn, args, t, false)
	if err != nil {
		return nil, err
	}
	return &CallFunction{callee: c, vecs: make([]*vector.Vector, len(args))}, nil
}

// Call returns the function's value.
func (p *CallFunction) Call(ctx *Ctx, args ...sqltype.Value) (sqltype.Value, error) {
	for i, a := range args {
		p.vecs[i] = vector.NewConstant(p.callee.call.ArgTypes[i], a, 1)
	}
	f := newFrame(ctx, nil, 1)
	v := p.callee.run(f, p.vecs, firstRows[:1])
	if f.err != nil {
		return sqltype.Value{}, f.err
	}
	return v.Value(0), nil
}
