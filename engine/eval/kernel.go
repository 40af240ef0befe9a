package eval

import (
	"sync"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// Kernel computes a function under the name that is PostgreSQL's prosrc. Exactly one of Vec and Scalar is set.
type Kernel struct {
	Name string
	// Vec computes the rows of sel, which are ascending, into out, which is flat and reset to the arguments' length. Of a strict
	// function no argument is null in those rows. It calls c.fail for a row in error and stops.
	Vec func(c *Call, args []*vector.Vector, out *vector.Vector, sel []int32)
	// Scalar computes one row. Strings among the arguments are valid during the call only; whoever keeps one clones it.
	Scalar func(c *Call, args []sqltype.Value) (sqltype.Value, error)
}

// Call is what a kernel knows of its call.
type Call struct {
	Fn            *builtin.Function
	ArgTypes      []sqltype.Type
	T             sqltype.Type
	VariadicArray bool // the last argument of a VARIADIC "any" function is an array
	// State is the kernel's own, kept between calls (a compiled pattern, a parsed format). It starts as nil.
	State any

	f        *frame
	rowNames []*rowNames // by argument: the field names of rows, where the expression shows them
}

// Ctx and Env are those of the evaluation under way.
func (c *Call) Ctx() *Ctx { return c.f.ctx }

// Env is the session's.
func (c *Call) Env() Env { return c.f.ctx.Env }

func (c *Call) fail(row int32, err error) { c.f.fail(row, err) }

// scalarKernels is the table of all kernels of functions that return one value.
var scalarKernels = sync.OnceValue(func() map[string]*Kernel {
	m := map[string]*Kernel{}
	for _, family := range kernelFamilies() {
		for _, k := range family {
			m[k.Name] = &k
		}
	}
	return m
})

// HasKernel reports whether a scalar kernel of the name exists.
func HasKernel(name string) bool { return scalarKernels()[name] != nil }

// callee is a function ready to be called, with the buffers of one place in a program.
type callee struct {
	kernel   *Kernel
	strict   bool
	volatile bool
	call     Call
	out      *vector.Vector
	one      *vector.Vector
	buf      []int32
	vals     []sqltype.Value
	consts   []*vector.Vector
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
		sel, n.buf = live(out, vecs, sel, n.buf)
	}
	n.call.f = f
	if len(sel) > 0 {
		if n.kernel.Vec != nil {
			n.kernel.Vec(&n.call, vecs, out, sel)
		} else {
			n.scalar(f, vecs, out, sel)
		}
	}
	out.Finish()
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
		for i, v := range vecs {
			if v.Form != vector.Constant {
				vals[i] = aliasValue(v, int(r))
			}
		}
		res, err := n.kernel.Scalar(&n.call, vals)
		if err != nil {
			f.fail(r, err)
			return
		}
		if res.Null {
			setNull(out, r)
		} else {
			out.SetValue(int(r), res)
		}
	}
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

// ScalarKernelNames lists the names in the table of scalar kernels, as often as they stand there.
func ScalarKernelNames() []string {
	var names []string
	for _, family := range kernelFamilies() {
		for _, k := range family {
			names = append(names, k.Name)
		}
	}
	return names
}
