package clienttest

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

// root is the project's folder, seen from this package.
const root = "../.."

// warehouse are the flags of the sample warehouse that questions are asked of. The questions name days of it.
func warehouse() []string { return []string{"--devices", "200", "--days", "7"} }

func startDemo(t testing.TB) *running.Gateway {
	t.Helper()
	return running.Demo(t, append(warehouse(), "--quiet")...)
}

// question is what people ask of the warehouse, with the answer that all clients must get.
type question struct {
	place, sql string
	answer     *answer
}

// answer is rows in canonical form.
type answer struct {
	names []string
	oids  []uint32
	rows  [][]string
}

// lines are the names and the rows, one text each.
func (a *answer) lines() []string {
	lines := []string{strings.Join(a.names, " | ")}
	for _, r := range a.rows {
		lines = append(lines, strings.Join(r, " | "))
	}
	return lines
}

// questions reads testdata/rows/intune and asks each question once, over the extended protocol in text.
func questions(t *testing.T, url string) []*question {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "testdata/rows/intune/*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no questions: %v", err)
	}
	var out []*question
	for _, path := range paths {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "rows" {
				t.Fatalf("%s: unknown directive %s", d.Pos, d.Cmd)
			}
			if !d.HasArg("params") { // clients write parameters in different ways
				out = append(out, &question{place: d.Pos, sql: strings.TrimSpace(d.Input)})
			}
			return d.Expected
		})
	}
	if len(out) < 40 {
		t.Fatalf("there are only %d questions", len(out))
	}
	c, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	empty, all := 0, out
	out = nil
	for _, q := range all {
		var values [][][]byte
		q.answer = &answer{}
		r := c.ExecParams(t.Context(), q.sql, nil, nil, nil, nil)
		for r.NextRow() {
			values = append(values, slices.Clone(r.Values()))
			for i, v := range r.Values() {
				values[len(values)-1][i] = bytes.Clone(v)
			}
		}
		for _, f := range r.FieldDescriptions() {
			q.answer.names = append(q.answer.names, f.Name)
			q.answer.oids = append(q.answer.oids, f.DataTypeOID)
		}
		if _, err := r.Close(); err != nil {
			t.Errorf("%s: %v", q.place, err)
			continue
		}
		out = append(out, q)
		for _, line := range values {
			row := make([]string, len(line))
			for i, v := range line {
				row[i] = canonical(q.answer.oids[i], v)
			}
			q.answer.rows = append(q.answer.rows, row)
		}
		if len(values) == 0 {
			empty++
		}
	}
	// Some questions ask of today, where there are no rows once the warehouse's last day has gone by.
	if empty > len(out)/5 {
		t.Fatalf("%d of %d questions have no rows", empty, len(out))
	}
	return out
}

// check compares what a client got, as canonical text.
func (q *question) check(t *testing.T, client string, names []string, rows [][]string) {
	t.Helper()
	got, want := (&answer{names: names, rows: rows}).lines(), q.answer.lines()
	for i := range max(len(got), len(want)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "nothing more"
		}
		if line(got) != line(want) {
			t.Errorf("%s: %s\n%s got %d rows, %d are right; line %d is\n%s\nnot\n%s", q.place, q.sql, client, len(rows), len(q.answer.rows), i,
				line(got), line(want))
			return
		}
	}
}

// canonicalRows brings the texts of a client into canonical form; nil is NULL.
func (q *question) canonicalRows(rows [][]*string) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = make([]string, len(r))
		for j, v := range r {
			if j < len(q.answer.oids) {
				if v == nil {
					out[i][j] = canonical(q.answer.oids[j], nil)
				} else {
					out[i][j] = canonical(q.answer.oids[j], []byte(*v))
				}
			}
		}
	}
	return out
}

// texts are the questions' SQL, for programs in other languages.
func texts(qs []*question) []string {
	out := make([]string, len(qs))
	for i, q := range qs {
		out[i] = q.sql
	}
	return out
}
