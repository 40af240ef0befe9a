package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/internal/oracle"
)

// failingRows are rows of which some make an argument fail: 1/b where b is 0, sqrt(c) where c is negative.
const failingRows = `(values (1, 1, 2.0, 1, 'a'), (2, 3, 1.5, 1, 'b'), (3, 1, 4, 1, null), (4, 2, 0.5, 2, 'd'), (5, 0, 9, 2, 'e'), (6, 1, -1, 2, 'f'), (7, 1, 3, 3, 'g'), (8, 0, 1, 3, 'h'))
	t(a, b, c, p, s)`

// failingCalls have arguments that fail for some rows, which is no matter where PostgreSQL does not look at them.
func failingCalls() []string {
	return []string{
		"lag(1 / b)", "lag(a, 1, 1 / b)", "lag(a, 1 / b)", "lag(a, 2 * b, 1 / b)", "lag(1 / b, b, -1)", "lead(1 / b)", "lead(a, 1, 1 / b)", "lead(a, 3, 1 / b)", "lead(1 / b, 2, a)",
		"lead(sqrt(c), b)", "lead(s || (1 / b)::text)", "first_value(1 / b)", "last_value(1 / b)", "nth_value(1 / b, 2)", "nth_value(a, 1 / b)", "nth_value(1 / b, b)", "nth_value(a, b)",
		"ntile(1 / b)", "ntile(nullif(b, 1))", "ntile(2 - a)", "sum(1 / b)", "sum(1 / b) filter (where b <> 0)", "count(1 / b)", "max(1 / b)", "min(sqrt(c))", "max(s || (1 / b)::text)", "array_agg(1 / b)",
		"string_agg((1 / b)::text, ',')", "sum(a) filter (where 1 / b > 0)", "max(a) filter (where 1 / b > 0)", "sum((1 / b)::numeric)", "avg(sqrt(c))", "bool_or(1 / b > 0)", "count(*) filter (where 1 / b >= 0)",
		"json_agg(1 / b)", "array_agg(a) filter (where 1 / b > 0)", "sum(case when a < 7 then 1e308::float8 else -1e308::float8 end)", "json_object_agg(s, a)", "stddev(1 / b)",
	}
}

// readRows reads rows until the end or an error, which stands in the last line.
func readRows(t testing.TB, c *pgconn.PgConn, sql string) []string {
	t.Helper()
	r := c.ExecParams(t.Context(), sql, nil, nil, nil, nil)
	var out []string
	for r.NextRow() {
		var cells []string
		for _, v := range r.Values() {
			if v == nil {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, string(v))
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	if _, err := r.Close(); err != nil {
		out = append(out, pgFailure(err))
	}
	return out
}

// TestWindowErrorsBelongToTheirRows looks which rows come before an error, and whether there is one, with arguments that fail for some rows.
func TestWindowErrorsBelongToTheirRows(t *testing.T) {
	s := oracle.Start(t)
	c, err := pgconn.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	b := newBench(t)
	failed, all := 0, 0
	check := func(sql string) {
		t.Helper()
		got, want := b.answer(t, sql), readRows(t, c, sql)
		all++
		if n := len(want); n > 0 && strings.HasPrefix(want[n-1], "ERROR") {
			failed++
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got: %s\nwant: %s", sql, show(got), show(want))
		}
	}
	frames := []string{"order by a", "partition by p order by a", "order by a desc", "partition by p", "order by p", "", "partition by p order by a rows between current row and unbounded following"}
	for _, f := range []string{
		"rows between 1 preceding and 1 following", "rows between 2 following and 3 following", "rows between 1 preceding and current row exclude current row", "groups between 1 preceding and current row",
		"range between 2 preceding and 1 preceding", "rows between 3 preceding and 2 preceding", "rows between unbounded preceding and 1 following exclude ties", "rows between current row and current row",
		"rows between unbounded preceding and unbounded following",
	} {
		frames = append(frames, "order by a "+f)
	}
	for i, call := range failingCalls() {
		for k, f := range frames {
			limits := []string{"", " limit 1", " limit 3", " limit 5"}
			if k > 2 {
				limits = []string{"", limits[1+(i+k)%3]}
			}
			for _, limit := range limits {
				check(fmt.Sprintf("select a, %s over (%s) from %s%s", call, f, failingRows, limit))
			}
		}
	}
	for _, sql := range windowErrorStatements {
		check(fmt.Sprintf(sql, failingRows))
	}
	if failed < 100 || failed > all*3/4 {
		t.Errorf("%d of %d statements fail", failed, all)
	}
}

// windowErrorStatements are windows in statements: several calls, windows over windows, what stands above them.
var windowErrorStatements = []string{
	"select a, sum(1 / b) over (order by a), lag(sqrt(c)) over (order by a) from %s",
	"select a, sum(sqrt(c)) over w, sum(1 / b) over w from %s window w as (order by a desc)",
	"select a, lead(sqrt(c)) over w, sum(1 / b) over w from %s window w as (order by a)",
	"select a, sum(1 / b) over w, lead(sqrt(c)) over w from %s window w as (order by a)",
	"select a, sum(1 / b) over w, sum(sqrt(c)) over w from %s where a > 4 window w as (order by a rows between current row and 1 following)",
	"select a, sum(1 / b) over (order by a) from %s order by a desc limit 3",
	"select a, lag(x) over (order by a) from (select a, 1 / b as x from %s offset 0) q limit 2",
	"select a, 1 / b, row_number() over (order by a) from %s limit 4",
	"select a, 1 / b, row_number() over (order by a) from %s limit 5",
	"select * from (select a, row_number() over w as n, sum(1 / b) over w from %s window w as (order by a)) q where n <= 4",
	"select * from (select a, p, row_number() over w as n, sum(1 / b) over w from %s window w as (partition by p order by a)) q where n <= 1",
	"select a, lag(1 / b) over (order by a) from %s order by a limit 3",
	"select a, lag(1 / b) over (order by a) from %s order by a limit 6",
	"select a, sum(1 / b) over (partition by p order by a) from %s order by p, a limit 4",
	"select * from (select a, row_number() over w as n, sum(1 / b) over w from %s window w as (order by a)) q where n <= 3",
	"select * from (select a, row_number() over w as n, sum(1 / b) over w from %s window w as (order by a)) q where n < 4 and a > 1",
	"select * from (select a, count(*) over w as n, sum(1 / b) over w from %s window w as (order by a)) q where n <= 3",
	"select a, sum(1 / b) over (order by a), sum(a) over (order by a desc) from %s limit 3",
	"select * from (select a, row_number() over w as n, sum(1 / b) over w from %s window w as (order by a)) q where 2 >= n",
	"select * from (select a, row_number() over w as n, sum(1 / b) over w from %s window w as (order by a)) q where n = 2",
	"select * from (select a, rank() over w as n, sum(1 / b) over w from %s window w as (partition by p order by a)) q where n < 2",
	"select * from (select a, dense_rank() over w as n, sum(1 / b) over w from %s window w as (partition by p / 2 order by a desc)) q where n < 3",
	"select * from (select a, count(a) over w as n, sum(1 / b) over w from %s window w as (order by p)) q where n < 4",
	"select * from (select a, p, row_number() over (partition by p order by a) as n, lag(1 / b) over (order by a) from %s) q where n <= 1",
	"select a, sum(a) over (order by p, a), row_number() over (order by a desc), count(*) over (partition by p), rank() over (order by b) from %s limit 3",
	"select a, count(*) over (partition by s), rank() over (order by a desc nulls first), sum(b) over (order by a desc) from %s",
	"select a, count(*) over (partition by s), rank() over (order by a desc nulls first), sum(b) over (order by a desc) from %s order by a limit 5",
	"select distinct b, count(*) over (partition by b), rank() over (order by a) from %s order by b, 2, 3",
	"select a, lag(1 / b) over (partition by p order by a desc) from %s order by p, a desc limit 6",
	"select -a, lag(1 / b) over (order by -a) from %s order by -a limit 4",
	"select a, lag(1 / b) over (order by a) from %s order by a desc limit 2",
	"select exists (select sum(1 / b) over (order by a) from %s)",
	"select (select sum(1 / b) over (order by a) from %s limit 1)",
	"select a, rank() over (order by 1 / b) from %s limit 1",
	"select a, sum(sum(1 / b) filter (where b <> 0)) over (order by a) from %s group by a limit 2",
	"select a, lag(a, 1, (select 1 / t2.b from (values (0)) t2(b))) over (order by a) from %s limit 3",
	"select distinct lag(a, 1, 1 / (a - 1)) over (order by a) from %s",
	"select a, lag(a, 0, 1 / b) over (order by a) from %s",
	"select a, sum(a) over (order by a range between -1 preceding and current row) from %s",
	"select a, sum(a) over (order by a range between 1 preceding and -1 following) from %s limit 0",
	"select a, row_number() over (order by a range between -1 preceding and current row) from %s",
	"select a, row_number() over (order by a rows between -1 preceding and current row) from %s",
	"select a, first_value(a) over (order by a range between -1 preceding and current row) from %s",
	"select a, last_value(a) over (order by a range between current row and -1 following) from %s",
}
