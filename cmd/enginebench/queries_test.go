package enginebench

import (
	"strconv"
	"strings"
	"testing"
)

// query is asked of both sides, word for word. Many rows are counted and summed up before they leave, so that the protocol is not
// what is compared.
type query struct {
	name, sql string
	// slack is how many times slower than PostgreSQL the gateway may be; 0 is not at all.
	slack float64
	// node is a plan node that EXPLAIN ANALYZE of both must show, because the query is there for it.
	node string
}

// series says whether the rows are those of generate_series.
func (q *query) series() bool { return strings.HasPrefix(q.name, "series_") }

// regexSlack is what regular expressions may cost: Go's cannot be Spencer's.
const regexSlack = 3

// queries are all of them. ROWS stands for the rows of the largest table, MANY for a million or fewer.
func queries(rows int64) []query {
	list := []query{
		{name: "filter_sum", sql: `select count(*), sum(qty) from facts where g100k < 50000 and qty > 500`},
		{name: "groupby_10", sql: `select g10, count(*), sum(qty) from facts group by g10 order by g10`},
		{name: "groupby_100k", sql: `select count(*), sum(c), max(s) from (select g100k, count(*) c, sum(qty) s from facts group by g100k) x`},
		{name: "groupby_1m", sql: `select count(*), sum(c), max(s) from (select g1m, count(*) c, sum(qty) s from facts group by g1m) x`},
		{name: "groupby_text", sql: `select status, count(*), sum(qty) from facts group by status order by status`},
		{name: "groupby_text_100k", sql: `select count(*), sum(c), max(name) from (select name, count(*) c from facts group by name) x`},
		{name: "join_100k", sql: `select count(*), sum(f.qty), sum(d.weight) from facts f join devices d on d.key = f.g100k`},
		{name: "join_1m", sql: `select count(*), sum(o.val + e.val) from orders o join events e on e.key = o.key`},
		{name: "count_distinct", sql: `select count(distinct g1m) from facts`},
		{name: "sort", sql: `select count(*) from (select id, qty from facts order by g1m, id offset 0) s`, node: "Sort"},
		{name: "sort_text", sql: `select count(*) from (select id, name from facts order by name offset 0) s`, node: "Sort"},
		{name: "top_100", sql: `select id, g1m, qty from facts order by g1m desc, id limit 100`},
		{name: "window", node: "WindowAgg", sql: `select count(*), sum(r), max(s) from
			(select row_number() over w r, sum(qty) over w s from facts window w as (partition by g100k order by id)) x`},
		{name: "like", sql: `select count(*) from facts where name like '%7A%' or name like '%9z%'`},
		{name: "regex", sql: `select count(*) from facts where name ~ '[0-9]z[a-f]+$'`, slack: regexSlack},
		{name: "date_trunc", sql: `select date_trunc('day', at), count(*), sum(qty) from facts group by 1 order by 1`},
		{name: "numeric", sql: `select sum(amount), avg(amount) from facts`},
		{name: "numeric_groupby", sql: `select g10, sum(amount), avg(amount) from facts group by g10 order by g10`},

		{name: "series_filter_sum", sql: `select count(*), sum(g) from generate_series(1, ROWS) g where g % 3 = 0`},
		{name: "series_groupby_10", sql: `select g % 10, count(*), sum(g) from generate_series(1, ROWS) g group by 1 order by 1`},
		{name: "series_groupby_100k", sql: `select count(*), sum(c), max(s) from
			(select g % 100000, count(*) c, sum(g) s from generate_series(1, ROWS) g group by 1) x`},
		{name: "series_groupby_1m", sql: `select count(*), sum(c), max(s) from
			(select g % 1000000, count(*) c, sum(g) s from generate_series(1, ROWS) g group by 1) x`},
		{name: "series_groupby_text", sql: `select 'state ' || g % 20, count(*) from generate_series(1, ROWS) g group by 1 order by 1`},
		{name: "series_join_100k", sql: `select count(*), sum(g), sum(d) from generate_series(1, ROWS) g join generate_series(1, 100000) d on d = g % 100000`},
		{name: "series_join_1m", sql: `select count(*), sum(a + b) from generate_series(1, MANY) a join generate_series(1, MANY) b on b = a`},
		{name: "series_count_distinct", sql: `select count(distinct g % 1000000) from generate_series(1, ROWS) g`},
		{name: "series_sort", sql: `select count(*) from (select g from generate_series(1, ROWS) g order by g::int8 * 7919 % 1000003, g offset 0) s`, node: "Sort"},
		{name: "series_top_100", sql: `select g, g::int8 * 7919 % 1000003 from generate_series(1, ROWS) g order by 2 desc, g limit 100`},
		{name: "series_window", node: "WindowAgg", sql: `select count(*), sum(r), max(s) from
			(select row_number() over w r, sum(g) over w s from generate_series(1, ROWS) g window w as (partition by g % 100000 order by g)) x`},
		{name: "series_like", sql: `select count(*) from generate_series(1, ROWS) g where 'device ' || g like '%77%'`},
		{name: "series_regex", sql: `select count(*) from generate_series(1, ROWS) g where 'device ' || g ~ '7[0-4]+9$'`, slack: regexSlack},
		{name: "series_date_trunc", sql: `select date_trunc('month', timestamp '2026-01-01' + g * interval '1 second'), count(*)
			from generate_series(1, ROWS) g group by 1 order by 1`},
		{name: "series_numeric", sql: `select sum(g * 0.01), avg(g * 0.01) from generate_series(1, ROWS) g`},
	}
	fill := strings.NewReplacer("ROWS", strconv.FormatInt(rows, 10), "MANY", strconv.FormatInt(min(rows, 1_000_000), 10))
	for i := range list {
		list[i].sql = fill.Replace(list[i].sql)
	}
	return list
}

// chosen are the queries that the flag names, all if it names none.
func chosen(tb testing.TB, list []query) []query {
	tb.Helper()
	if *onlyFlag == "" {
		return list
	}
	var out []query
	for _, word := range strings.Split(*onlyFlag, ",") {
		found := false
		for _, q := range list {
			if q.name == word {
				out, found = append(out, q), true
			}
		}
		if !found {
			tb.Fatalf("there is no query %q; there are %s", word, names(list))
		}
	}
	return out
}

func names(list []query) string {
	out := make([]string, len(list))
	for i, q := range list {
		out[i] = q.name
	}
	return strings.Join(out, ", ")
}
