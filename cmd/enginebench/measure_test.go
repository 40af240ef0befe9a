package enginebench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/odata/simulator"
)

// side is one of the two that are compared.
type side struct {
	name string
	conn *pgx.Conn
	pid  int // of the process that works for conn
}

// timing is what an answer took: by the clock of the client, and of processors.
type timing struct{ wall, cpu time.Duration }

// least keeps the shorter time of each kind.
func (t *timing) least(o timing) {
	if t.wall == 0 || o.wall < t.wall {
		t.wall = o.wall
	}
	if t.cpu == 0 || o.cpu < t.cpu {
		t.cpu = o.cpu
	}
}

// ask sends a query by the simple protocol, whose answers are text, and returns each row as a line.
func (s *side) ask(ctx context.Context, sql string) (rows []string, t timing, err error) {
	used, err := processorTime(s.pid)
	if err != nil {
		return nil, t, err
	}
	begin := time.Now()
	results, err := s.conn.PgConn().Exec(ctx, sql).ReadAll()
	t.wall = time.Since(begin)
	if err != nil {
		return nil, t, fmt.Errorf("%s: %w", s.name, err)
	}
	now, err := processorTime(s.pid)
	if err != nil {
		return nil, t, err
	}
	t.cpu = now - used
	for _, r := range results {
		if r.Err != nil {
			return nil, t, fmt.Errorf("%s: %w", s.name, r.Err)
		}
		for _, row := range r.Rows {
			var line []string
			for _, v := range row {
				if v == nil {
					line = append(line, "null")
				} else {
					line = append(line, string(v))
				}
			}
			rows = append(rows, strings.Join(line, "|"))
		}
	}
	return rows, t, nil
}

// processorTime is what all threads of a process have used, in nanoseconds (schedstat of each, Documentation/scheduler/sched-stats
// of Linux); neither Go nor PostgreSQL ends threads while it works.
func processorTime(pid int) (time.Duration, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(tasks) == 0 {
		return 0, fmt.Errorf("process %d has no threads: %w", pid, err)
	}
	var sum time.Duration
	for _, path := range tasks {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(ns)
	}
	return sum, nil
}

// resident is what a process has in memory now.
func resident(tb testing.TB, pid int) int64 {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		tb.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// shows asks a side whether its plan, as it was run, has the query's node, and that all rows went through it.
func (s *side) shows(tb testing.TB, q *query, rows int64) {
	tb.Helper()
	if q.node == "" {
		return
	}
	lines, _, err := s.ask(tb.Context(), "explain (analyze, timing off) "+q.sql)
	if err != nil {
		tb.Fatal(err)
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return ran(l, q.node, rows) }) {
		tb.Fatalf("%s: no node %s of %d rows in the plan of %s:\n%s", s.name, q.node, rows, q.name, strings.Join(lines, "\n"))
	}
}

// ran says whether a line of EXPLAIN ANALYZE is of the node, and that it gave so many rows.
func ran(line, node string, rows int64) bool {
	line = strings.TrimLeft(line, " ->")
	if word, _, _ := strings.Cut(line, " "); word != node {
		return false
	}
	_, actual, ok := strings.Cut(line, "(actual ")
	return ok && strings.Contains(actual, fmt.Sprintf("rows=%d ", rows))
}

// measured is what became of a query.
type measured struct {
	query    query
	postgres timing
	ours     []timing // for each of the numbers of cores
	peak     int64    // the gateway's memory above its rows, on one core
	pages    timing   // over pages, on one core
	pageRows int64    // that came as pages
}

// ratio is how many times faster than PostgreSQL the gateway was.
func (m *measured) ratio(i int) float64 { return float64(m.postgres.wall) / float64(m.ours[i].wall) }

// bench holds both sides of a benchmark.
type bench struct {
	rows           int64
	cores          []int
	gateway        *gateway
	ours, postgres *side

	// The same over pages, where there are any.
	pageRows             int64
	simulator            *simulator.Server
	ourPages, theirPages *side
}

func startBench(tb testing.TB, rows, pageRows int64, cores []int) *bench {
	tb.Helper()
	b := &bench{rows: rows, cores: cores, pageRows: pageRows}
	dsn := startPostgres(tb, rows)
	theirs := func(rows int64) *side {
		c := connectPostgres(tb, dsn, tables(rows))
		return &side{name: "PostgreSQL", conn: c, pid: int(c.PgConn().PID())}
	}
	b.postgres = theirs(rows)
	address := ""
	if pageRows > 0 {
		b.theirPages = theirs(pageRows)
		b.simulator = startPages(tb, tables(pageRows))
		address = b.simulator.URL()
	}
	b.gateway = startGateway(tb, rows, address)
	ours := func(schema string) *side {
		c, err := pgx.Connect(tb.Context(), b.gateway.url+"&search_path="+schema)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = c.Close(context.Background()) })
		return &side{name: "the gateway", conn: c, pid: b.gateway.PID()}
	}
	b.ours = ours("bench")
	if pageRows > 0 {
		b.ourPages = ours("pages")
	}
	return b
}

// compare asks two sides a query once and fails the test unless they agree. Whoever keeps something for the next time has it then.
func compare(tb testing.TB, q *query, ours, theirs *side) {
	tb.Helper()
	want, _, err := theirs.ask(tb.Context(), q.sql)
	if err != nil {
		tb.Fatal(err)
	}
	if len(want) == 0 {
		tb.Fatalf("%s: no rows", q.name)
	}
	got, _, err := ours.ask(tb.Context(), q.sql)
	if err != nil {
		tb.Fatal(err)
	}
	if !slices.Equal(got, want) {
		tb.Fatalf("%s: the answers differ: %s\nthe gateway:\n%.2000s\nPostgreSQL:\n%.2000s", q.name, q.sql, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// round asks both in turn and keeps the shortest times.
func (b *bench) round(tb testing.TB, m *measured) {
	tb.Helper()
	_, t, err := b.postgres.ask(tb.Context(), m.query.sql)
	if err != nil {
		tb.Fatal(err)
	}
	m.postgres.least(t)
	for i, n := range b.cores {
		b.gateway.tell(tb, "/cores?n="+strconv.Itoa(n))
		b.gateway.tell(tb, "/collect")
		before := resident(tb, b.ours.pid)
		if _, t, err = b.ours.ask(tb.Context(), m.query.sql); err != nil {
			tb.Fatal(err)
		}
		if i == 0 {
			m.peak = max(m.peak, b.gateway.PeakMemory()-before)
		}
		m.ours[i].least(t)
	}
}

// overPages asks the gateway over pages, once to have them rendered and compared, and then for the time.
func (b *bench) overPages(tb testing.TB, m *measured, times int) {
	tb.Helper()
	if b.simulator == nil || m.query.series() {
		return
	}
	b.gateway.tell(tb, "/cores?n=1")
	compare(tb, &m.query, b.ourPages, b.theirPages)
	for range times {
		b.simulator.ResetRequests()
		b.gateway.tell(tb, "/collect")
		_, t, err := b.ourPages.ask(tb.Context(), m.query.sql)
		if err != nil {
			tb.Fatal(err)
		}
		m.pages.least(t)
		m.pageRows = rowsRead(b.simulator)
	}
}

// available is the memory that the machine can still give (MemAvailable, proc(5)).
func available(tb testing.TB) int64 {
	tb.Helper()
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			return kb << 10
		}
	}
	tb.Fatal("there is no MemAvailable")
	return 0
}
