package difftest

import (
	"os"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/odata/profile"
)

func TestScratch(t *testing.T) {
	p := os.Getenv("SCRATCH")
	if p == "" {
		t.Skip()
	}
	pr := startPair(t, gatewayOptions{profile: profile.Standard()})
	b, _ := os.ReadFile(p)
	for _, sql := range strings.Split(string(b), ";\n") {
		if strings.TrimSpace(sql) == "" {
			continue
		}
		a, err := ask(t.Context(), pr.oracle, sql, nil, simple)
		t.Logf("%s\nPG %s %v", sql, a, err)
		a, err = ask(t.Context(), pr.ours, sql, nil, simple)
		t.Logf("OURS %s %v", a, err)
		a, err = ask(t.Context(), pr.ours, "explain "+sql, nil, simple)
		if a != nil {
			for _, r := range a.rows {
				t.Logf("%s", r[0])
			}
		}
	}
}
