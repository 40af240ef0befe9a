package difftest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// root is the project's folder of cases, seen from this package.
const root = "../../testdata"

// only runs cases whose position or text contains a word.
var only = flag.String("only", "", "run only the cases whose place (file:line) or SQL contains this")

// question is a case: one statement, and how to judge its answer.
type question struct {
	place string // file:line
	sql   string
	// args are the values of parameters, as text; nil for NULL.
	args []*string
	// tie gives the reason why the order of rows is not total: they are compared without order.
	tie string
	// empty gives the reason why no row is a good answer.
	empty string
	// refused says that the gateway does not know this yet: it must answer 0A000 with a hint.
	refused bool
	// phases of the planner decide here, as PostgreSQL's planning does, whether there is an error: readers without all phases of one of
	// these lists are not asked.
	phases [][]string
	// requests is the golden.
	requests string
	data     *datadriven.TestData
}

// skipped says that the case was not asked for.
func (q *question) skipped() bool {
	return *only != "" && !strings.Contains(q.place, *only) && !strings.Contains(q.sql, *only)
}

// decidedBy reports whether phases that decide about an error are left out.
func (q *question) decidedBy(out []string) bool {
	return slices.ContainsFunc(q.phases, func(list []string) bool {
		return !slices.ContainsFunc(list, func(name string) bool { return !slices.Contains(out, name) })
	})
}

// parse reads a case of a file. Arguments of the directive rows are
//
//	params=(a,b)        values of $1, $2 …, NULL for null, _ for a blank
//	tie=reason          ORDER BY leaves ties, words joined by _
//	empty=reason        no row is right
//	refused             not supported yet: 0A000 with a hint
//	phases=(a,b+c)      without planner phase a, or without both b and c, there is an error, as there were in PostgreSQL without its own
//
// Conditions and sort keys that change nothing are marked in the statement, see mutants_test.go.
func parse(d *datadriven.TestData) (*question, error) {
	q := &question{place: d.Pos, sql: strings.TrimSpace(d.Input), requests: d.Expected, data: d}
	q.place = strings.TrimPrefix(strings.TrimPrefix(q.place, root), "/rows/")
	if d.Cmd != "rows" {
		return nil, fmt.Errorf("%s: unknown directive %s", d.Pos, d.Cmd)
	}
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "params":
			for _, v := range a.Vals {
				if v == "NULL" {
					q.args = append(q.args, nil)
					continue
				}
				v = strings.ReplaceAll(v, "_", " ")
				q.args = append(q.args, &v)
			}
		case "tie":
			q.tie = strings.Join(a.Vals, ",")
		case "empty":
			q.empty = strings.Join(a.Vals, ",")
		case "refused":
			q.refused = true
		case "phases":
			for _, list := range a.Vals {
				q.phases = append(q.phases, strings.Split(list, "+"))
			}
		default:
			return nil, fmt.Errorf("%s: unknown argument %s", d.Pos, a.Key)
		}
	}
	if q.sql == "" {
		return nil, fmt.Errorf("%s: no statement", d.Pos)
	}
	return q, nil
}

// questions reads all cases of a folder of testdata/rows.
func questions(t *testing.T, folder string) []*question {
	t.Helper()
	var out []*question
	for _, path := range caseFiles(t, folder) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			q, err := parse(d)
			if err != nil {
				t.Fatal(err)
			}
			if !q.skipped() {
				out = append(out, q)
			}
			return d.Expected
		})
	}
	if len(out) == 0 && *only == "" {
		t.Fatalf("no cases in %s", folder)
	}
	return out
}

func caseFiles(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "rows", folder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files of cases in %s: %v", folder, err)
	}
	return paths
}

// readLines gives the lines of a file that are neither blank nor comments.
func readLines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, " \n"); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}
