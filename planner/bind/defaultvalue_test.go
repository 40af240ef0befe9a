package bind

import (
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/planner/plan"
)

// TestDefaultsAreLiterals reads every default of the catalog: nothing but literals occurs.
func TestDefaultsAreLiterals(t *testing.T) {
	t.Parallel()
	b := &binder{opts: &Binder{}, locs: map[plan.Expr]int{}}
	seen := 0
	for _, f := range builtin.Load().AllFunctions() {
		first := len(f.Args) - len(f.Defaults)
		for i, d := range f.Defaults {
			seen++
			func() {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s: default %q: %v", f.Name, d, r)
					}
				}()
				if c, ok := b.defaultValue(d, f.Args[first+i], -1).(*plan.Const); !ok || c.T.OID != f.Args[first+i] {
					t.Errorf("%s: default %q is no constant of its type", f.Name, d)
				}
			}()
		}
	}
	if seen < 40 {
		t.Errorf("only %d defaults were read", seen)
	}
}
