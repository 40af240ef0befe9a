package difftest

import "github.com/odatagres/odatagres/odata/simulator"

// variantSets is every variant of the warehouse alone (the mixes are variants, too), and none.
func variantSets() [][]string {
	out := [][]string{nil}
	for _, v := range simulator.VariantNames() {
		out = append(out, []string{v})
	}
	return out
}
