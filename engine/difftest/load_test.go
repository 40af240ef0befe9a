package difftest

import (
	"testing"
)

// TestEveryVariantLoads fills PostgreSQL with each form that the warehouse's tables take.
func TestEveryVariantLoads(t *testing.T) {
	seen := map[string]bool{}
	for _, variants := range variantSets() {
		_, db := database(t, variants...)
		seen[db] = true
	}
	if len(seen) < 5 {
		t.Errorf("only %d forms of tables: the variants of types are not in force", len(seen))
	}
}
