package eval

import (
	"sync"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// Kernel computes a function under the name that is PostgreSQL's prosrc. Exactly one of Vec and Scalar is set.
type Kernel struct {
	Name string
	// Vec computes the rows of sel, which are ascending, into out, which is flat and reset to the arguments' length. Of a strict
	// function no argument is null in those rows. It calls c.fail for a row in error and stops. Arguments are flat or constant; those of
	// bytes may be dictionaries.
	Vec func(c *Call, args []*vector.Vector, out *vector.Vector, sel []int32)
	// Scalar computes one row. Strings among the arguments are valid during the call only; whoever keeps one clones it.
	Scalar func(c *Call, args []sqltype.Value) (sqltype.Value, error)
	// OwnNulls says that the kernel of a strict function gets nulls: PostgreSQL writes the function in SQL, of which it computes parts first.
	OwnNulls bool
	// Shallow says that Scalar does not open its arguments: nothing is paid for that.
	Shallow bool
}

// Call is what a kernel knows of its call.
type Call struct {
	Fn            *builtin.Function
	ArgTypes      []sqltype.Type
	T             sqltype.Type
	VariadicArray bool // the last argument of a VARIADIC "any" function is an array
	// State is the kernel's own, kept between calls (a compiled pattern, a parsed format). It starts as nil.
	State any

	charges
	steps  int // of a loop, since the end of the query was looked at
	f      *frame
	rows   [][]plan.RowField // by argument: the fields of rows; nil where there are none
	result []plan.RowField   // those of the rows that the call makes
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
