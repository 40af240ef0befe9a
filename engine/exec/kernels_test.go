package exec

import (
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
)

// TestEveryListedAggregateHasCode proves that catalog/builtin's lists of aggregates and window functions name exactly what is implemented here.
func TestEveryListedAggregateHasCode(t *testing.T) {
	t.Parallel()
	for _, k := range builtin.Kernels(builtin.AggregateKernel) {
		if aggregators()[k] == nil {
			t.Errorf("aggregate kernel %q is listed and has no code", k)
		}
	}
	for _, k := range builtin.Kernels(builtin.WindowKernel) {
		if windowFunctions()[k] == nil {
			t.Errorf("window kernel %q is listed and has no code", k)
		}
	}
	for k := range windowFunctions() {
		if !slices.Contains(builtin.Kernels(builtin.WindowKernel), k) {
			t.Errorf("window kernel %q has code and is not listed", k)
		}
	}
	for name := range families() {
		if !slices.ContainsFunc(builtin.Kernels(builtin.AggregateKernel), func(k string) bool {
			return k == name || strings.HasPrefix(k, name+"_")
		}) {
			t.Errorf("aggregate %q has code and is not listed", name)
		}
	}
}
