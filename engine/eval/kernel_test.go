package eval_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
)

var writeLists = flag.Bool("write-kernel-lists", false, "write catalog/builtin/kernels/scalar.txt and set.txt from this package's tables")

// TestKernelLists proves that the lists that the binder goes by name exactly the kernels that exist.
func TestKernelLists(t *testing.T) {
	t.Parallel()
	for kind, have := range map[builtin.KernelKind][]string{
		builtin.ScalarKernel: eval.ScalarKernelNames(),
		builtin.SetKernel:    eval.SetKernelNames(),
	} {
		slices.Sort(have)
		for i := 1; i < len(have); i++ {
			if have[i] == have[i-1] {
				t.Errorf("%s: the kernel %s is in the table twice", kind, have[i])
			}
		}
		if *writeLists {
			path := "../../catalog/builtin/kernels/" + string(kind) + ".txt"
			if err := os.WriteFile(path, []byte(strings.Join(have, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		listed := builtin.Kernels(kind)
		for _, k := range listed {
			if !slices.Contains(have, k) {
				t.Errorf("%s: %s is listed but does not exist", kind, k)
			}
		}
		for _, k := range have {
			if !slices.Contains(listed, k) {
				t.Errorf("%s: %s exists but is not listed", kind, k)
			}
		}
	}
}

// TestKernelsBelongToFunctions proves that no kernel is there for nothing.
func TestKernelsBelongToFunctions(t *testing.T) {
	t.Parallel()
	names := map[builtin.KernelKind]map[string]bool{builtin.ScalarKernel: {}, builtin.SetKernel: {}}
	for _, f := range append(builtin.KeyFunctions(), builtin.Load().AllFunctions()...) {
		if m := names[f.KernelKindOf()]; m != nil {
			m[f.KernelName()] = true
		}
	}
	for _, k := range eval.ScalarKernelNames() {
		if !names[builtin.ScalarKernel][k] {
			t.Errorf("no function has the scalar kernel %s", k)
		}
	}
	for _, k := range eval.SetKernelNames() {
		if !names[builtin.SetKernel][k] {
			t.Errorf("no function has the set kernel %s", k)
		}
	}
}
