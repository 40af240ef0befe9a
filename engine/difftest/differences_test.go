package difftest

import (
	"slices"
	"strings"
	"testing"
)

// difference is an entry of testdata/differences.txt: what is not as in PostgreSQL 15, why, and the cases that it excuses.
type difference struct {
	reason, text string
	cases        map[string]bool // file: statement on one line; true once it excused
}

// reasons is the closed list of reasons why something may differ from PostgreSQL.
func reasons() []string {
	return []string{"newer grammar", "no storage behind it", "service's nature", "security"}
}

// differences are the entries of the file.
type differences struct {
	list []difference
}

// readDifferences reads the file. An entry begins with a line "reason: text"; below it, indented, stand the cases as
// "file: statement".
func readDifferences(t *testing.T) *differences {
	t.Helper()
	d := &differences{}
	for _, line := range readLines(t, root+"/differences.txt") {
		if line[0] == ' ' {
			if len(d.list) == 0 {
				t.Fatalf("differences.txt: a case before the first entry: %s", line)
			}
			d.list[len(d.list)-1].cases[strings.TrimSpace(line)] = false
			continue
		}
		reason, text, _ := strings.Cut(line, ": ")
		if !slices.Contains(reasons(), reason) {
			t.Errorf("differences.txt: %q is none of the reasons %q", reason, reasons())
		}
		if text == "" {
			t.Errorf("differences.txt: an entry says nothing: %s", line)
		}
		d.list = append(d.list, difference{reason: reason, text: text, cases: map[string]bool{}})
	}
	return d
}

// name is how differences.txt calls a case.
func (q *question) name() string {
	file, _, _ := strings.Cut(q.place, ".txt:")
	return file + ": " + strings.Join(strings.Fields(q.sql), " ")
}

// excuses says whether an entry names the case.
func (d *differences) excuses(q *question) bool {
	for i := range d.list {
		if _, ok := d.list[i].cases[q.name()]; ok {
			d.list[i].cases[q.name()] = true
			return true
		}
	}
	return false
}

// check fails for entries that excuse nothing, and prints how many there are.
func (d *differences) check(t *testing.T) {
	t.Helper()
	cases := 0
	for _, e := range d.list {
		if len(e.cases) == 0 {
			t.Errorf("differences.txt: %q names no case", e.text)
		}
		for c, used := range e.cases {
			if strings.HasPrefix(c, "matrix/") {
				continue // checked where the matrix is
			}
			cases++
			if !used {
				t.Errorf("differences.txt: %q is as in PostgreSQL, or no case: take it out", c)
			}
		}
	}
	t.Logf("differences from PostgreSQL: %d, in %d cases", len(d.list), cases)
}
