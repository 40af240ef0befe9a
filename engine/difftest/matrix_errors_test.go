package difftest

import (
	"strings"
	"testing"
)

// mishap is an integer expression over a column n that fails where n is 3 and is no NULL elsewhere.
type mishap struct{ name, expr string }

func mishaps() []mishap {
	return []mishap{
		{"division by zero", "12 / (%n - 3)"},
		{"modulo by zero", "(7 % (%n - 3))::int"},
		{"numeric division by zero", "(1.5 / (%n - 3)::numeric)::int"},
		{"float division by zero", "(1 / (%n - 3)::float8)::int"},
		{"integer overflow", "(case when %n = 3 then 2147483647 else 1 end) + %n"},
		{"smallint overflow", "(%n * (case when %n = 3 then 16000 else 5 end))::int2::int"},
		{"bigint to integer", "(case when %n = 3 then 3000000000 else 7 end)::int8::int4"},
		{"bad integer", "(array['1', '2', 'x', '4', '5'])[%n]::int"},
		{"bad boolean", "(array['t', 'f', 'maybe', 'yes', 'no'])[%n]::bool::int"},
		{"bad date", "extract(day from (array['2024-01-01', '2024-01-02', '2024-02-30', '2024-01-04', '2024-01-05'])[%n]::date)::int"},
		{"bad json", "length(((array['1', '[]', '{', '{}', 'null'])[%n]::json)::text)"},
		{"bad uuid", "length((case when %n = 3 then 'zz' else 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' end)::uuid::text)"},
		{"numeric precision", "(%n * (case when %n = 3 then 40 else 1 end))::numeric(3, 1)::int"},
		{"invalid regular expression", "length(substring('abc' from (array['a', 'ab', '(', 'c', 'bc'])[%n]))"},
		{"two rows of a subquery", "(select 1 from generate_series(1, case when %n = 3 then 2 else 1 end))"},
		{"square root", "sqrt((%n - 3) * (%n - 3) - 0.5)::int"},
		{"logarithm", "ln(abs(%n - 3))::int"},
		{"negative length", "length(substring('abcdef', 1, abs(%n - 3) - 1)) + 1"},
		{"null identifier", "length(format('%I', nullif(%n, 3)))"},
		{"field out of range", "extract(day from make_date(2024, 2, case when %n = 3 then 30 else %n end))::int"},
		{"null character", "ascii(chr(abs(%n - 3)))"},
		{"interval out of range", "(extract(year from interval '178000000 years' * (case when %n = 3 then 2 else 1 end)) / 100000000)::int"},
		{"unknown time zone", "extract(hour from timestamptz '2024-01-01 12:00+00' at time zone (array['UTC', 'Europe/Berlin', 'Nowhere', '+02', 'UTC'])[%n])::int"},
		{"array subscripts", "cardinality(array_fill(1, array[abs(%n - 3) - 1])) + 1"},
	}
}

// spot is a place where an expression may stand. %e is the expression over n, %c the same with 3 for n, %s the rows of n from 1
// to 5.
type spot struct {
	name, sql string
	// blocks says that PostgreSQL may read all rows before it gives the first, so that what comes before the error is left open.
	blocks bool
}

func spots() []spot {
	return []spot{
		{name: "select list", sql: "select n, %e from %s"},
		{name: "select list, LIMIT below", sql: "select n, %e from %s limit 2"},
		{name: "select list, OFFSET beyond", sql: "select n, %e from %s offset 3"},
		{name: "select list behind ORDER BY", sql: "select n, %e from %s order by n desc limit 3", blocks: true},
		{name: "WHERE", sql: "select n from %s where %e <> 0"},
		{name: "WHERE, guard before", sql: "select n from %s where n <> 3 and %e > -100"},
		{name: "WHERE, guard behind", sql: "select n from %s where %e > -100 and n <> 3"},
		{name: "WHERE, OR", sql: "select n from %s where n = 3 or %e > -100"},
		{name: "WHERE, false beside", sql: "select n from %s where false and %e > -100", blocks: true},
		{name: "WHERE, NOT", sql: "select n from %s where not (n = 3 or %e > 100)"},
		{name: "WHERE, BETWEEN", sql: "select n from %s where n between %e and 100"},
		{name: "WHERE, IN list", sql: "select n from %s where n in (%e, n)"},
		{name: "WHERE, ANY", sql: "select n from %s where n = any (array[%e, n])"},
		{name: "HAVING", sql: "select n from %s group by n having %e <> 0", blocks: true},
		{name: "HAVING over an aggregate", sql: "select count(*) from %s having max(%e) > -100", blocks: true},
		{name: "GROUP BY", sql: "select count(*) from %s group by %e", blocks: true},
		{name: "GROUPING SETS", sql: "select count(*) from %s group by grouping sets ((%e), ())", blocks: true},
		{name: "select list of groups", sql: "select %e from %s group by n", blocks: true},
		{name: "ORDER BY", sql: "select n from %s order by %e, n", blocks: true},
		{name: "ORDER BY, LIMIT", sql: "select n from %s order by %e, n limit 1", blocks: true},
		{name: "DISTINCT", sql: "select distinct %e from %s", blocks: true},
		{name: "DISTINCT ON", sql: "select distinct on (%e) n from %s order by %e, n", blocks: true},
		{name: "aggregate argument", sql: "select sum(%e) from %s", blocks: true},
		{name: "aggregate DISTINCT", sql: "select count(distinct %e) from %s", blocks: true},
		{name: "aggregate ORDER BY", sql: "select array_agg(n order by %e) from %s", blocks: true},
		{name: "FILTER", sql: "select count(*) filter (where %e > 0) from %s", blocks: true},
		{name: "aggregate argument, FILTER guards", sql: "select sum(%e) filter (where n <> 3) from %s", blocks: true},
		{name: "ordered-set argument", sql: "select percentile_disc(0.5) within group (order by %e) from %s", blocks: true},
		{name: "CASE guarded", sql: "select n, case when n <> 3 then %e else -1 end from %s"},
		{name: "CASE not guarded", sql: "select n, case when n = 3 then %e else -1 end from %s"},
		{name: "CASE condition", sql: "select n, case when %e > 0 then 1 else 2 end from %s"},
		{name: "CASE operand", sql: "select n, case %e when 1 then 'a' else 'b' end from %s"},
		{name: "CASE arm never reached", sql: "select n, case n when 1 then 1 when 2 then 2 when 3 then 3 else %e end from %s"},
		{name: "COALESCE, not reached", sql: "select n, coalesce(n, %e) from %s"},
		{name: "COALESCE, reached", sql: "select n, coalesce(nullif(n, 3), %e) from %s"},
		{name: "COALESCE, first", sql: "select n, coalesce(%e, n) from %s"},
		{name: "NULLIF", sql: "select n, nullif(%e, n) from %s"},
		{name: "GREATEST", sql: "select n, greatest(n, %e) from %s"},
		{name: "AND", sql: "select n, n <> 3 and %e > 0 from %s"},
		{name: "AND, wrong way round", sql: "select n, %e > 0 and n <> 3 from %s"},
		{name: "OR", sql: "select n, n = 3 or %e > 0 from %s"},
		{name: "IS NULL", sql: "select n, %e is null from %s"},
		{name: "strict function with NULL", sql: "select n, null::int + %e from %s"},
		{name: "row comparison", sql: "select n, (n, %e) < (3, 1) from %s"},
		{name: "row equality, decided before", sql: "select n, (n, %e) = (0, 1) from %s"},
		{name: "array", sql: "select n, array[n, %e] from %s"},
		{name: "subscript", sql: "select n, (array[1, 2, 3])[%e] from %s"},
		{name: "row", sql: "select row(n, %e) from %s"},
		{name: "concatenation", sql: "select n, n || '/' || %e from %s"},
		{name: "variadic function", sql: "select n, concat(n, %e) from %s"},
		{name: "cast", sql: "select n, (%e)::text::varchar(1) from %s"},
		{name: "JOIN ON", sql: "select a.n from %s cross join lateral (select n as m) b join (values (1), (2), (3)) v(x) on x = n and %e <> 0", blocks: true},
		{name: "LEFT JOIN ON", sql: "select n, x from %s left join (values (1), (2), (3)) v(x) on x = n and %e <> 0", blocks: true},
		{name: "FULL JOIN of it", sql: "select x from (select %e as y from %s) q full join (values (1), (2)) v(x) on x = y", blocks: true},
		{name: "semi-join", sql: "select n from %s where exists (select from (values (1), (2), (3)) v(x) where x = n and %e <> 0)", blocks: true},
		{name: "EXISTS does not look", sql: "select n from %s where exists (select %e)"},
		{name: "IN subquery", sql: "select n from %s where n in (select %e from (values (1)) v(x))", blocks: true},
		{name: "NOT IN subquery", sql: "select x from (values (1), (2)) v(x) where x not in (select %e from %s)", blocks: true},
		{name: "ALL", sql: "select n from %s where 100 > all (select %e)"},
		{name: "scalar subquery", sql: "select n, (select %e) from %s"},
		{name: "scalar subquery with LIMIT", sql: "select (select %e from %s limit 1)"},
		{name: "ARRAY subquery", sql: "select array(select %e from %s)", blocks: true},
		{name: "LIMIT", sql: "select n from %s limit (select %c)", blocks: true},
		{name: "OFFSET", sql: "select n from %s offset (select %c)", blocks: true},
		{name: "LIMIT, constant", sql: "select n from %s limit %c", blocks: true},
		{name: "FETCH FIRST WITH TIES", sql: "select n from %s order by n fetch first (%c) rows with ties", blocks: true},
		{name: "window frame offset", sql: "select sum(n) over (order by n rows between (%c) preceding and current row) from %s", blocks: true},
		{name: "window argument", sql: "select n, max(%e) over (order by n) from %s", blocks: true},
		{name: "window function argument", sql: "select n, lag(n, %e) over (order by n) from %s", blocks: true},
		{name: "window PARTITION BY", sql: "select n, count(*) over (partition by %e) from %s", blocks: true},
		{name: "window ORDER BY", sql: "select n, count(*) over (order by %e) from %s", blocks: true},
		{name: "window FILTER", sql: "select n, count(*) filter (where %e > 0) over (order by n) from %s", blocks: true},
		{name: "over a window", sql: "select n, %e + count(*) over () from %s"},
		{name: "function in FROM", sql: "select g from generate_series(1, %c) g", blocks: true},
		{name: "function in FROM, LATERAL", sql: "select n, g from %s, generate_series(1, %e) g"},
		{name: "ROWS FROM", sql: "select n, x, y from %s, rows from (generate_series(1, %e), generate_series(1, 1)) r(x, y)"},
		{name: "LATERAL subquery", sql: "select n, x from %s, lateral (select %e as x) q"},
		{name: "set-returning function", sql: "select n, generate_series(1, %e) from %s"},
		{name: "beside a set-returning function", sql: "select generate_series(1, 2), %e from %s"},
		{name: "unnest", sql: "select n, unnest(array[n, %e]) from %s"},
		{name: "subquery in FROM, used", sql: "select x from (select %e as x from %s) q"},
		{name: "subquery in FROM, not used", sql: "select n from (select n, %e as x from %s) q"},
		{name: "subquery in FROM, not used, kept", sql: "select n from (select n, %e as x from %s offset 0) q"},
		{name: "subquery in FROM, filtered outside", sql: "select x from (select n, %e as x from %s offset 0) q where n <> 3"},
		{name: "subquery in FROM, guarded inside", sql: "select x from (select n, %e as x from %s where n <> 3) q where x > -100"},
		{name: "CTE, used", sql: "with c as (select n, %e as x from %s) select x from c"},
		{name: "CTE, LIMIT", sql: "with c as (select n, %e as x from %s) select x from c limit 2"},
		{name: "CTE, not used", sql: "with c as (select %e as x from %s) select 1"},
		{name: "CTE, used twice", sql: "with c as (select n, %e as x from %s) select a.x from c a join c b using (n)", blocks: true},
		{name: "MATERIALIZED CTE, LIMIT", sql: "with c as materialized (select n, %e as x from %s) select x from c limit 2"},
		{name: "MATERIALIZED CTE, column not used", sql: "with c as materialized (select n, %e as x from %s) select n from c"},
		{name: "NOT MATERIALIZED CTE, filtered", sql: "with c as not materialized (select n, %e as x from %s) select x from c where n <> 3"},
		{name: "recursive term", sql: "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5 and %e > -100) select n from r", blocks: true},
		{name: "recursive term, LIMIT", sql: "with recursive r(n, x) as (select 1, 0 union all select n + 1, %e from r) select n, x from r limit 2"},
		{name: "UNION ALL, second branch", sql: "select 1 union all select %e from %s"},
		{name: "UNION ALL, LIMIT in the first", sql: "(select 1) union all (select %e from %s) limit 1"},
		{name: "UNION", sql: "select 1 union select %e from %s", blocks: true},
		{name: "INTERSECT", sql: "select 1 intersect select %e from %s", blocks: true},
		{name: "EXCEPT", sql: "select %e from %s except select 1", blocks: true},
		{name: "VALUES", sql: "values (1), (%c), (3)", blocks: true},
		{name: "VALUES in FROM", sql: "select x from (values (1), (%c)) v(x)", blocks: true},
		{name: "parameter of EXECUTE", sql: "execute take(%c)", blocks: true},
	}
}

// errorCells put every mishap in every place, over rows of a function and of VALUES, and as a constant.
func errorCells() []cell {
	var out []cell
	sources := []struct{ name, sql string }{
		{"generate_series", "generate_series(1, 5) a(n)"},
		{"VALUES", "(values (1), (2), (3), (4), (5)) a(n)"},
	}
	for i, m := range mishaps() {
		for j, s := range spots() {
			for k, src := range sources {
				constant := strings.ReplaceAll(m.expr, "%n", "3")
				sql := strings.NewReplacer("%e", "("+strings.ReplaceAll(m.expr, "%n", "n")+")", "%c", "("+constant+")", "%s", src.sql).Replace(s.sql)
				out = append(out, cell{row: m.name, col: s.name + ", rows of " + src.name, sql: sql, mode: format((i + j + k) % 3), blocks: s.blocks, tie: s.blocks})
			}
			if strings.Contains(s.sql, "%e") {
				constant := strings.ReplaceAll(m.expr, "%n", "3")
				sql := strings.NewReplacer("%e", "("+constant+")", "%c", "("+constant+")", "%s", sources[1].sql).Replace(s.sql)
				out = append(out, cell{row: m.name, col: s.name + ", constant", sql: sql, mode: format((i + j) % 3), blocks: true, tie: s.blocks})
			}
		}
	}
	return out
}

// matrixErrors compares what fails, and what does not, in every place.
func matrixErrors(t *testing.T, m *matrix, ex *excuses) {
	t.Helper()
	m.setup = []string{"prepare take(int) as select $1 as v"}
	outs := m.run(t, errorCells())
	t.Logf("%d errors in %d places; rows of %d operators", len(mishaps()), len(spots()), len(rowSources()))
	judge(t, "error in a place", outs, ex)
	judge(t, "error in a row", m.run(t, rowErrorCells()), ex)
}
