package difftest

import "testing"

// phasesSeed says which phases are left out.
const phasesSeed = 20261120

// TestEquivalence asks every question in every way of reading: what is pushed down, and which phases of the planner run, must not
// change an answer.
func TestEquivalence(t *testing.T) {
	all := append(questions(t, "intune"), questions(t, "sql")...)
	known := readDifferences(t)
	for _, r := range readers(phasesSeed) {
		t.Run(r.name, func(t *testing.T) {
			p := startPair(t, r.o)
			for _, q := range all {
				if q.refused || known.excuses(q) || q.decidedBy(r.o.disable) {
					continue
				}
				if diff := p.compare(t, q, extendedBinary); diff != "" {
					t.Errorf("%s: %s\n%s", q.place, diff, q.sql)
				}
			}
		})
	}
}
