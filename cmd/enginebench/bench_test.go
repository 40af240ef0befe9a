package enginebench

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestAnswers asks both all queries over few rows, from memory and from pages: the answers are equal and the plans are what the
// names of queries promise.
func TestAnswers(t *testing.T) {
	const rows, pageRows = 30_000, 25_000
	b := startBench(t, rows, pageRows, []int{1})
	for _, q := range chosen(t, queries(rows)) {
		t.Run(q.name, func(t *testing.T) {
			compare(t, &q, b.ours, b.postgres)
			b.ours.shows(t, &q, rows)
			b.postgres.shows(t, &q, rows)
			m := measured{query: q}
			if b.overPages(t, &m, 1); !q.series() && m.pageRows == 0 {
				t.Error("no rows came as pages")
			}
		})
	}
}

// BenchmarkEngine compares with PostgreSQL, query by query.
func BenchmarkEngine(b *testing.B) {
	rows := rowsWanted(b)
	run := startBench(b, rows, int64(*pagesFlag), coresOf(b))
	r := &result{bench: run, whole: *onlyFlag == ""}
	for _, q := range chosen(b, queries(rows)) {
		b.Run(q.name, func(b *testing.B) {
			compare(b, &q, run.ours, run.postgres)
			run.ours.shows(b, &q, rows)
			run.postgres.shows(b, &q, rows)
			m := measured{query: q, ours: make([]timing, len(run.cores))}
			for b.Loop() {
				for range *repeatFlag {
					run.round(b, &m)
				}
			}
			run.overPages(b, &m, *repeatFlag)
			run.profile(b, &q)
			m.metrics(b, run.cores)
			r.list = append(r.list, m)
		})
	}
	r.finish(b)
}

// rowsWanted is what the flag says, else 10 million where memory allows that for both sides, and else a million.
func rowsWanted(tb testing.TB) int64 {
	tb.Helper()
	const need = 10 << 30 // rows of both, a query of both, and the files of PostgreSQL
	switch {
	case *rowsFlag > 0:
		return int64(*rowsFlag)
	case available(tb) >= need:
		return 10_000_000
	default:
		tb.Log("there is no memory for 10 million rows")
		return 1_000_000
	}
}

func coresOf(tb testing.TB) []int {
	tb.Helper()
	var out []int
	for _, word := range strings.Split(*coresFlag, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			tb.Fatalf("-cores %q: %v", *coresFlag, err)
		}
		out = append(out, n)
	}
	return out
}

// profile asks the gateway once more, on one core, while it is profiled.
func (b *bench) profile(tb testing.TB, q *query) {
	tb.Helper()
	if *profilesFlag == "" {
		return
	}
	file, err := filepath.Abs(filepath.Join(*profilesFlag, q.name+".pprof"))
	if err != nil {
		tb.Fatal(err)
	}
	b.gateway.tell(tb, "/cores?n=1")
	b.gateway.tell(tb, "/profile?file="+url.QueryEscape(file))
	for range *repeatFlag {
		if _, _, err := b.ours.ask(tb.Context(), q.sql); err != nil {
			tb.Fatal(err)
		}
	}
	b.gateway.tell(tb, "/profiled")
}
