package exec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/planner"
	"github.com/odatagres/odatagres/planner/plan"
)

// TestExplain runs testdata/explain. Directives: analyze (text, without times), json (with costs, analyzed).
func TestExplain(t *testing.T) {
	b := newBench(t)
	datadriven.Walk(t, "testdata/explain", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			r, err := b.start(t.Context(), d.Input, 0, true)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			if _, err := r.openAndRead(t.Context(), 0); err != nil {
				d.Fatalf(t, "%v", err)
			}
			r.close(t, d.Input)
			opts := planner.ExplainOptions{Analyze: true, Stats: func(n plan.Node) *planner.NodeStats {
				st := r.stats.Nodes[n]
				if st == nil {
					return nil
				}
				return &planner.NodeStats{Loops: st.Loops, Rows: st.Rows, Removed: st.Removed}
			}}
			switch d.Cmd {
			case "analyze":
				return strings.Join(planner.ExplainText(r.root, opts), "\n") + "\n"
			case "json":
				opts.Costs = true
				text, err := planner.ExplainJSON(r.root, opts)
				if err != nil {
					d.Fatalf(t, "%v", err)
				}
				if !json.Valid([]byte(text)) {
					d.Fatalf(t, "no JSON: %s", text)
				}
				return text + "\n"
			}
			d.Fatalf(t, "unknown directive %s", d.Cmd)
			return ""
		})
	})
}
