package difftest

import (
	"strings"
	"testing"

	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// variantSets is every variant of the warehouse alone (the mixes are variants, too), and none.
func variantSets() [][]string {
	out := [][]string{nil}
	for _, v := range simulator.VariantNames() {
		out = append(out, []string{v})
	}
	return out
}

// TestIntuneVariants asks every question of every variant of the service: nobody knows which one the real service is.
func TestIntuneVariants(t *testing.T) {
	all := questions(t, "intune")
	for _, variants := range variantSets()[1:] {
		t.Run(strings.Join(variants, ","), func(t *testing.T) {
			p := startPair(t, gatewayOptions{profile: profile.Intune(), variants: variants})
			for _, q := range all {
				if diff := p.compare(t, q, extendedBinary); diff != "" {
					t.Errorf("%s: %s\n%s", q.place, diff, q.sql)
				}
			}
		})
	}
}
