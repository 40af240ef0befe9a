package builtin

import (
	"embed"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

//go:embed kernels/*.txt
var kernelLists embed.FS

// KernelKind says who runs a kernel.
type KernelKind string

// The kinds of kernels; each has a list of that name.
const (
	ScalarKernel    KernelKind = "scalar"    // engine/eval
	SetKernel       KernelKind = "set"       // engine/eval, set-returning
	AggregateKernel KernelKind = "aggregate" // engine/exec
	WindowKernel    KernelKind = "window"    // engine/exec
)

// Kernels returns the names of the kernels of a kind, in the list's order.
func Kernels(kind KernelKind) []string {
	text, err := kernelLists.ReadFile("kernels/" + string(kind) + ".txt")
	if err != nil {
		return nil
	}
	return strings.Fields(string(text))
}

func kernelSets() map[KernelKind]map[string]bool {
	sets := map[KernelKind]map[string]bool{}
	for _, kind := range []KernelKind{ScalarKernel, SetKernel, AggregateKernel, WindowKernel} {
		sets[kind] = map[string]bool{}
		for _, k := range Kernels(kind) {
			sets[kind][k] = true
		}
	}
	return sets
}

// KernelKindOf says whose kernel computes the function.
func (f *Function) KernelKindOf() KernelKind {
	switch {
	case f.Kind == 'a':
		return AggregateKernel
	case f.Kind == 'w':
		return WindowKernel
	case f.RetSet:
		return SetKernel
	default:
		return ScalarKernel
	}
}

// KernelName is the name that a kernel of the function has: prosrc for internal and C functions; for aggregates and for functions
// written in SQL, which have none of their own, name and argument types joined by _ (lpad_text_int4).
func (f *Function) KernelName() string {
	if f.Kind != 'a' && f.Language != "sql" {
		return f.Source
	}
	name := f.Name
	for _, a := range f.Args {
		if i, ok := sqltype.Lookup(a); ok {
			name += "_" + i.Name
		}
	}
	return name
}
