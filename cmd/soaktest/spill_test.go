package soaktest

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

const (
	// spillBudget is the memory of a query; its rows are spillTimes as much.
	spillBudget = 4 * mb
	spillTimes  = 20
	spillRows   = 420_000
	// spillBound is how much more than an idle gateway one may have in memory that answers such queries. The collector lets a heap grow
	// before it cleans, and the client's rows pass through buffers.
	spillBound = 80 * mb
)

// spillSource is rows of 200 bytes each with a key and a text in no order; t is another for every row.
const spillSource = `(select g as k, md5(g::text) || repeat('x', 150) as t from generate_series(1, 420000) g)`

// spillQuestion is a statement whose operator must keep more than its memory.
type spillQuestion struct {
	name    string
	sql     string // R stands for spillSource
	ordered bool   // the order of the rows is part of the answer
}

func spillQuestions() []spillQuestion {
	return []spillQuestion{
		{"sort", `select k, t from R r order by t`, true},
		{"sort downward by two keys", `select k, t from R r order by left(t, 2) desc, k`, true},
		{"sort below an offset", `select k, t from R r order by t offset 300000`, true},
		{"large limit", `select k, t from R r order by t limit 200000`, true},
		{"distinct", `select distinct t from R r`, false},
		{"distinct on", `select distinct on (t) t, k from R r order by t, k`, true},
		{"group", `select t, count(*), sum(k), avg(k), max(k) from R r group by t`, false},
		{"rollup", `select k % 7, t, count(*), grouping(t) from R r group by rollup (k % 7, t)`, false},
		{"count of distinct values", `select count(distinct t), count(distinct k) from R r`, true},
		{"ordered aggregate", `select k % 50, string_agg(left(t, 1), '' order by t) from R r group by 1 order by 1`, true},
		{"numbered rows", `select k, t, row_number() over (order by t), lag(k) over (order by t), sum(k) over (order by t) from R r`, false},
		{"one partition", `select k, t, count(*) over (), max(t) over () from R r`, false},
		{"partitions", `select k, rank() over (partition by k % 3 order by t), first_value(t) over (partition by k % 3 order by t) from R r`, false},
		{"sliding frame", `select k, sum(k) over (order by t rows between 50 preceding and 50 following), min(t) over (order by k rows 9 preceding) from R r`, false},
		{"union", `select t from R a union select t || '' from R b`, false},
		{"intersect", `select t from R a intersect select t from R b where k % 3 > 0`, false},
		{"except", `select t from R a except select t from R b where k % 3 > 0`, false},
		{"except all", `select t from R a except all select t from R b where k % 3 > 0`, false},
		{"join", `select a.k, b.t from R a join R b on a.t = b.t`, false},
		{"left join", `select a.k, b.k from R a left join R b on a.t = b.t and b.k % 3 = 0`, false},
		{"full join", `select a.k, b.k from (select * from R a where k % 3 > 0) a full join (select * from R b where k % 2 > 0) b on a.t = b.t`, false},
		{"semi-join", `select k from R a where exists (select from R b where a.t = b.t and b.k % 2 = 0)`, false},
		{"anti-join", `select k from R a where not exists (select from R b where a.t = b.t and b.k % 2 = 0)`, false},
		{"one key", `select a.k, b.k from (select * from R a where k <= 2) a join R b on a.k / 10 = b.k / 1000000 and b.t > a.t`, false},
		{"without equality", `select a.k, count(*) from (select * from R a where k <= 5) a join R b on a.t < b.t group by 1`, false},
		{"read twice", `with c as materialized (select * from R r) select k, t from c union all select -k, t from c where k % 2 = 0`, false},
		{"recursion of one row a round", `with recursive r(k, t) as (select 1, '' union select k + 1, md5(k::text) || repeat('x', 150) from r where k < 420000) select k, t from r`, false},
		{"recursion of many rows a round", `with recursive r(k, t) as (select k, t from R x where k <= 105000 union select k + 105000, t || '' from r where k <= 315000) select k, t from r`, false},
		{"recursion of rows that were seen", `with recursive r(k, t) as (select k, t from R x where k <= 300000 union select k % 420000 + 1, md5((k % 420000 + 1)::text) || repeat('x', 150) from r) select k, t from r where k <= 420000`, false},
		{"not in", `select k from R a where t not in (select t from R b where b.k % 2 = 0)`, false},
		{"in with nulls", `select k, t in (select nullif(b.t, b.t || b.k % 400000) from R b where b.k % 2 = 0) from R a`, false},
		{"row not in", `select k from R a where (k % 1000, t) not in (select b.k % 1000, b.t from R b where b.k % 3 = 0)`, false},
		{"correlated", `select k, (select max(b.t) from R b where b.k = a.k) from R a where k % 200 = 0`, false},
	}
}

func (q spillQuestion) text() string { return strings.ReplaceAll(q.sql, "R ", spillSource+" ") }

// answerHash is the number of rows and a hash of them.
type answerHash struct {
	rows int
	hash uint64
}

func hashAnswer(ctx context.Context, c *pgconn.PgConn, q spillQuestion, seed maphash.Seed) (answerHash, error) {
	r := c.ExecParams(ctx, q.text(), nil, nil, nil, nil)
	var a answerHash
	var h maphash.Hash
	h.SetSeed(seed)
	for r.NextRow() {
		h.Reset()
		for _, v := range r.Values() {
			if v == nil {
				_ = h.WriteByte(1)
			}
			_, _ = h.Write(v)
			_ = h.WriteByte(0)
		}
		if q.ordered {
			a.hash = a.hash*0x9e3779b97f4a7c15 + h.Sum64()
		} else {
			a.hash += h.Sum64()
		}
		a.rows++
	}
	_, err := r.Close()
	return a, err
}

// spillGateway is a gateway with this much memory for a query, and the directory for what does not fit.
func spillGateway(t *testing.T, memory int64) (*running.Gateway, string) {
	t.Helper()
	dir := t.TempDir()
	g := running.ServeWith(t, fmt.Sprintf("log: {level: info, format: json}\nlimits: {query_memory: %d, server_memory: %d, spill_dir: %q}\n",
		memory, max(memory, 64*mb), dir))
	return g, dir
}

func dial(t *testing.T, url string) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// openFiles counts the temporary files that a gateway has open: they have lost their names.
func openFiles(t *testing.T, g *running.Gateway, dir string) int {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", g.PID()))
	if err != nil || len(fds) == 0 {
		t.Fatalf("no open files of the gateway are seen: %v", err)
	}
	n := 0
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}

// nothingLeft waits for the end of what a statement began, and reports what it left.
func nothingLeft(t *testing.T, g *running.Gateway, dir string) {
	t.Helper()
	if n := openFiles(t, g, dir); n > 0 {
		t.Errorf("%d temporary files are open", n)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("the directory holds %v, %v", left, err)
	}
}

// TestSpilledAnswers asks for twenty times what a query may hold: the answers are those of a gateway with memory for everything, its
// own memory stays small, and no file is left.
func TestSpilledAnswers(t *testing.T) {
	small, dir := spillGateway(t, spillBudget)
	large, _ := spillGateway(t, 4<<30)
	c, reference := dial(t, small.URL), dial(t, large.URL)
	if _, err := c.Exec(t.Context(), `select count(*) from generate_series(1, 1000000)`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	idle := small.PeakMemory()
	seed := maphash.MakeSeed()
	for _, q := range spillQuestions() {
		t.Run(q.name, func(t *testing.T) {
			var want answerHash
			var failed error
			var work sync.WaitGroup
			work.Go(func() { want, failed = hashAnswer(t.Context(), reference, q, seed) })
			began := time.Now()
			got, err := hashAnswer(t.Context(), c, q, seed)
			took := time.Since(began)
			work.Wait()
			if err != nil || failed != nil {
				t.Fatalf("%v; with enough memory %v", err, failed)
			}
			if got != want || got.rows == 0 {
				t.Errorf("%d rows (%x), not %d (%x)", got.rows, got.hash, want.rows, want.hash)
			}
			nothingLeft(t, small, dir)
			peak := small.PeakMemory()
			t.Logf("%d rows in %s, peak so far %s above idle", got.rows, took.Round(time.Millisecond), megabytes(peak-idle))
			if peak > idle+spillBound {
				t.Errorf("the gateway's memory peaks at %s, idle it has %s", megabytes(peak), megabytes(idle))
			}
		})
	}
}

// TestSpillingEnds: an error, a cancel and a client that leaves while rows are in files leave nothing; nor does a gateway that is killed.
func TestSpillingEnds(t *testing.T) {
	g, dir := spillGateway(t, spillBudget)
	big := spillQuestion{sql: `select a.t, count(*) from R a join R b on a.t = b.t group by a.t order by 1`}.text()

	// begin sends the statement and waits until it spills.
	begin := func(t *testing.T, g *running.Gateway, dir, sql string) (*pgconn.PgConn, chan error) {
		t.Helper()
		c, ended := dial(t, g.URL), make(chan error, 1)
		go func() {
			_, err := c.Exec(context.Background(), sql).ReadAll()
			ended <- err
		}()
		for range 6000 {
			if openFiles(t, g, dir) > 0 {
				return c, ended
			}
			select {
			case err := <-ended:
				t.Fatalf("the statement ended before a file was seen: %v", err)
			case <-time.After(5 * time.Millisecond):
			}
		}
		t.Fatal("nothing was spilled")
		return nil, nil
	}
	// gone waits until the gateway has no file any more.
	gone := func(t *testing.T) {
		t.Helper()
		for range 2000 {
			if openFiles(t, g, dir) == 0 {
				nothingLeft(t, g, dir)
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Errorf("%d files stay open", openFiles(t, g, dir))
	}

	t.Run("error", func(t *testing.T) {
		c := dial(t, g.URL)
		_, err := c.Exec(t.Context(), spillQuestion{sql: `select 1000 / (k - 419999), t from R r order by t`}.text()).ReadAll()
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "22012" {
			t.Fatal(err)
		}
		gone(t)
	})
	t.Run("cancel", func(t *testing.T) {
		c, ended := begin(t, g, dir, big)
		if err := c.CancelRequest(t.Context()); err != nil {
			t.Fatal(err)
		}
		var e *pgconn.PgError
		if err := <-ended; !errors.As(err, &e) || e.Code != "57014" {
			t.Fatal(err)
		}
		gone(t)
		if _, err := c.Exec(t.Context(), "select 1").ReadAll(); err != nil {
			t.Error(err)
		}
	})
	t.Run("leave", func(t *testing.T) {
		c, ended := begin(t, g, dir, big)
		if err := c.Conn().Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Fatal("the statement ended well")
		}
		gone(t)
	})
	t.Run("limit of all files", func(t *testing.T) {
		path := t.TempDir()
		g := running.ServeWith(t, fmt.Sprintf("limits: {query_memory: %d, spill_dir: %q, spill_bytes: 20MiB}\n", spillBudget, path))
		c := dial(t, g.URL)
		_, err := c.Exec(t.Context(), spillQuestion{sql: `select k, t || md5(t) || md5(t || k) from R r order by 2`}.text()).ReadAll()
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "53400" {
			t.Fatal(err)
		}
		nothingLeft(t, g, path)
	})
	t.Run("kill", func(t *testing.T) {
		path := t.TempDir()
		settings := fmt.Sprintf("limits: {query_memory: %d, spill_dir: %q}\n", spillBudget, path)
		g := running.ServeWith(t, settings)
		_, ended := begin(t, g, path, big)
		g.Kill()
		if err := <-ended; err == nil {
			t.Fatal("the statement ended well")
		}
		// A process that dies between making a file and taking its name away leaves it.
		for _, name := range []string{"odatagres-spill-1", "odatagres-page-2", "mine"} {
			if err := os.WriteFile(filepath.Join(path, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again := running.ServeWith(t, settings)
		left, err := filepath.Glob(filepath.Join(path, "*"))
		if err != nil || len(left) != 1 || filepath.Base(left[0]) != "mine" {
			t.Errorf("after a new start there are %v, %v", left, err)
		}
		if _, err := dial(t, again.URL).Exec(t.Context(), "select 1").ReadAll(); err != nil {
			t.Error(err)
		}
	})
}
