package difftest

import (
	"flag"
	"slices"
	"strings"
	"testing"
)

var matrixShow = flag.Int("matrix-show", 20, "how many differing cases are printed of each part of the matrix")

// tailReasons is the closed list of what is no part of the product's SQL.
func tailReasons() []string {
	return []string{
		"jsonpath", "ranges", "text search", "bit strings", "network and geometric types", "hypothetical-set aggregates", "no tool or analyst uses it",
	}
}

// openReasons is the closed list of why a case of the matrix may differ for the time being.
func openReasons() []string {
	return []string{"PostgreSQL's own fault", "not yet"}
}

// readEntries reads a file of the matrix in the form of differences.txt: "reason: text", and below it, indented, the names that it
// excuses.
func readEntries(t *testing.T, file string, reasons []string) *differences {
	t.Helper()
	d := &differences{}
	for _, line := range readLines(t, root+"/rows/matrix/"+file) {
		if line[0] == ' ' {
			if len(d.list) == 0 {
				t.Fatalf("%s: a name before the first entry: %s", file, line)
			}
			d.list[len(d.list)-1].cases[strings.TrimSpace(line)] = false
			continue
		}
		reason, text, _ := strings.Cut(line, ": ")
		if !slices.Contains(reasons, reason) {
			t.Errorf("%s: %q is none of the reasons %q", file, reason, reasons)
		}
		d.list = append(d.list, difference{reason: reason, text: text, cases: map[string]bool{}})
	}
	return d
}

// excusesName says whether an entry names the case.
func (d *differences) excusesName(name string) bool {
	for i := range d.list {
		if _, ok := d.list[i].cases[name]; ok {
			d.list[i].cases[name] = true
			return true
		}
	}
	return false
}

// checkNames fails for names that excused nothing.
func (d *differences) checkNames(t *testing.T, file, prefix string) {
	t.Helper()
	names := 0
	for _, e := range d.list {
		for name, used := range e.cases {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			if names++; !used {
				t.Errorf("%s: %q differs no longer, or is no case: take it out", file, name)
			}
		}
	}
	t.Logf("%s: %d names", file, names)
}

// TestMatrix asks PostgreSQL and the gateway for every cell of the matrix.
func TestMatrix(t *testing.T) {
	m := startMatrix(t)
	ex := &excuses{known: readDifferences(t), tails: readEntries(t, "tails.txt", tailReasons()), open: readEntries(t, "open.txt", openReasons())}
	parts := []struct {
		name string
		run  func(*testing.T, *matrix, *excuses)
	}{{"casts", matrixCasts}, {"functions", matrixFunctions}, {"operators", matrixOperators}, {"plans", matrixPlans}, {"errors", matrixErrors}}
	ran := 0
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			ran++
			p.run(t, m, ex)
		})
	}
	if ran == len(parts) {
		ex.known.checkNames(t, "differences.txt", "matrix/")
		ex.tails.checkNames(t, "tails.txt", "")
		ex.open.checkNames(t, "open.txt", "")
	}
}
