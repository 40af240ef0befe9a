package enginebench

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestAnswers asks both all queries over few rows: the answers are equal and the plans are what the names of queries promise.
func TestAnswers(t *testing.T) {
	const rows = 30_000
	b := startBench(t, rows, []int{1})
	for _, q := range chosen(t, queries(rows)) {
		t.Run(q.name, func(t *testing.T) {
			b.compare(t, &q)
			b.ours.shows(t, &q)
			b.postgres.shows(t, &q)
		})
	}
}

// BenchmarkEngine compares with PostgreSQL, query by query.
func BenchmarkEngine(b *testing.B) {
	rows := int64(*rowsFlag)
	run := startBench(b, rows, coresOf(b))
	var done []measured
	for _, q := range chosen(b, queries(rows)) {
		b.Run(q.name, func(b *testing.B) {
			run.compare(b, &q) // and whoever keeps something for the next time has it now
			run.ours.shows(b, &q)
			run.postgres.shows(b, &q)
			m := measured{query: q, ours: make([]timing, len(run.cores))}
			for b.Loop() {
				for range *repeatFlag {
					run.round(b, &m)
				}
			}
			run.profile(b, &q)
			m.report(b, run.cores)
			done = append(done, m)
		})
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

// report is the line that `go test -bench` prints.
func (m *measured) report(b *testing.B, cores []int) {
	b.Helper()
	ms := func(ns int64) float64 { return float64(ns) / 1e6 }
	b.ReportMetric(ms(int64(m.postgres.wall)), "ms-PostgreSQL")
	for i, n := range cores {
		suffix := ""
		if n != 1 {
			suffix = "-" + strconv.Itoa(n) + "cores"
		}
		b.ReportMetric(ms(int64(m.ours[i].wall)), "ms"+suffix)
		b.ReportMetric(m.ratio(i), "x"+suffix)
		if n == 1 {
			b.ReportMetric(float64(m.postgres.cpu)/float64(m.ours[i].cpu), "x-cpu")
		}
	}
	b.ReportMetric(float64(m.peak)/(1<<20), "MB-peak")
	b.ReportMetric(0, "ns/op")
}
