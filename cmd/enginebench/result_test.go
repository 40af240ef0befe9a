package enginebench

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The criterion: how many times PostgreSQL's speed the gateway has on one core, in the geometric mean of all queries, and query by
// query, where a query's slack does not say otherwise.
const (
	leastMean  = 3
	leastRatio = 1
)

// metrics are what `go test -bench` prints of a query.
func (m *measured) metrics(b *testing.B, cores []int) {
	b.Helper()
	b.ReportMetric(milliseconds(m.postgres.wall), "ms-PostgreSQL")
	for i, n := range cores {
		suffix := ""
		if n != 1 {
			suffix = "-" + strconv.Itoa(n) + "cores"
		}
		b.ReportMetric(milliseconds(m.ours[i].wall), "ms"+suffix)
		b.ReportMetric(m.ratio(i), "x"+suffix)
		if n == 1 {
			b.ReportMetric(float64(m.postgres.cpu)/float64(m.ours[i].cpu), "x-cpu")
		}
	}
	b.ReportMetric(float64(m.peak)/(1<<20), "MB-peak")
	if m.pageRows > 0 {
		b.ReportMetric(float64(m.pageRows)/m.pages.wall.Seconds(), "rows/s-pages")
	}
	b.ReportMetric(0, "ns/op")
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

// result is all that was measured.
type result struct {
	bench *bench
	whole bool // all queries were asked
	list  []measured
}

// finish prints the table, keeps it, and holds it against the criterion if it is whole.
func (r *result) finish(b *testing.B) {
	b.Helper()
	if len(r.list) == 0 {
		return
	}
	text := r.markdown()
	b.Logf("%d rows\n%s", r.bench.rows, text)
	if *outFlag != "" {
		if err := os.WriteFile(*outFlag, []byte(text), 0o600); err != nil {
			b.Error(err)
		}
	}
	if *readmeFlag != "" {
		if err := r.intoReadme(*readmeFlag, text); err != nil {
			b.Error(err)
		}
	}
	if r.bench.cores[0] != 1 {
		return // the criterion is for one core
	}
	for i := range r.list {
		m := &r.list[i]
		least := float64(leastRatio)
		if m.query.slack > 0 {
			least /= m.query.slack
		}
		if m.ratio(0) < least {
			b.Errorf("%s: %.2f times PostgreSQL's speed, at least %.2f is wanted", m.query.name, m.ratio(0), least)
		}
	}
	if mean := r.mean(0); r.whole && mean < leastMean {
		b.Errorf("%.2f times PostgreSQL's speed in the geometric mean, at least %d is wanted", mean, leastMean)
	}
}

// The lines of the README between which the table stands.
const (
	tableBegins = "<!-- cmd/enginebench -readme writes from here -->\n"
	tableEnds   = "<!-- to here -->\n"
)

// intoReadme puts the table in the place of the one before.
func (r *result) intoReadme(path, table string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(old), tableBegins)
	_, after, ok2 := strings.Cut(rest, tableEnds)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s has no place for the table", path)
	}
	pages := ""
	if r.bench.simulator != nil {
		pages = fmt.Sprintf(", %s over pages", counted(r.bench.pageRows))
	}
	line := fmt.Sprintf("%s rows in the largest table%s; %d MiB of memory for a query on both sides.\n\n", counted(r.bench.rows), pages, *memoryFlag)
	return os.WriteFile(path, []byte(before+tableBegins+line+table+tableEnds+after), 0o600)
}

// counted is a number of rows in words.
func counted(n int64) string {
	if n%1_000_000 == 0 {
		return fmt.Sprintf("%d million", n/1_000_000)
	}
	return fmt.Sprintf("%d thousand", n/1000)
}

// mean is the geometric mean of the ratios for one of the numbers of cores.
func (r *result) mean(core int) float64 {
	sum := 0.0
	for i := range r.list {
		sum += math.Log(r.list[i].ratio(core))
	}
	return math.Exp(sum / float64(len(r.list)))
}

// markdown is the table as the README shows it.
func (r *result) markdown() string {
	var b strings.Builder
	cells := func(list ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(list, " | ")) }
	head, rule := []string{"Query", "PostgreSQL, ms"}, []string{"---", "--:"}
	for _, n := range r.bench.cores {
		name := strconv.Itoa(n) + " cores"
		if n == 1 {
			name = "1 core"
		}
		head, rule = append(head, name+", ms", "times as fast"), append(rule, "--:", "--:")
	}
	head, rule = append(head, "peak, MB"), append(rule, "--:")
	if r.bench.simulator != nil {
		head, rule = append(head, "over pages, rows/s"), append(rule, "--:")
	}
	cells(head...)
	cells(rule...)
	mean := []string{"geometric mean", ""}
	for i := range r.list {
		m := &r.list[i]
		row := []string{"`" + m.query.name + "`", fmt.Sprintf("%.0f", milliseconds(m.postgres.wall))}
		for k := range r.bench.cores {
			row = append(row, fmt.Sprintf("%.0f", milliseconds(m.ours[k].wall)), fmt.Sprintf("%.2f", m.ratio(k)))
		}
		row = append(row, fmt.Sprintf("%d", m.peak>>20))
		if r.bench.simulator != nil {
			rate := ""
			if m.pageRows > 0 {
				rate = fmt.Sprintf("%.2f M", float64(m.pageRows)/1e6/m.pages.wall.Seconds())
			}
			row = append(row, rate)
		}
		cells(row...)
	}
	for k := range r.bench.cores {
		mean = append(mean, "", fmt.Sprintf("**%.2f**", r.mean(k)))
	}
	for len(mean) < len(head) {
		mean = append(mean, "")
	}
	cells(mean...)
	return b.String()
}
