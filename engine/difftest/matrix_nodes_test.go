package difftest

import (
	"fmt"
	"strings"
	"testing"
)

// node is a part of a plan as a FROM list, with the expressions of its three columns: a number, a text and a numeric.
type node struct{ name, from, a, b, c string }

// matrixNodes are the nodes that a plan can have.
func matrixNodes() []node {
	const (
		v1 = `(values (1, 'x', 1.5), (2, 'y', null), (3, 'x', 2.5), (4, null, 0), (5, 'y', 3.50)) v1(a, b, c)`
		v2 = `(values (2, 'p'), (3, 'q'), (3, 'r'), (6, null)) v2(a, d)`
	)
	joined := func(kind, condition string) string { return v1 + " " + kind + " " + v2 + condition }
	inner := func(sql string) string { return "(" + sql + ") t(a, b, c)" }
	all := "select a, b, c from " + v1
	return []node{
		{"VALUES", v1, "a", "b", "c"},
		{"service's rows", "samples", `id`, `left(code, 2)`, `"decimal4"`},
		{"service's rows, filtered", `(select * from samples where id between 3 and 40 and "boolean") s`, `id`, `right(code, 1)`, `"decimal4"`},
		{"service's rows, joined", `samples s join groups g on g."groupId" = s."groupId"`, `s.id`, `g.name`, `"decimal4"`},
		{"catalog relation", "(select oid::int, typname, typlen from pg_type where oid < 30) t(a, b, c)", "a", "b::text", "c::numeric"},
		{"function", "generate_series(1, 5) a", "a", "chr(96 + a % 2)", "a / 2.0"},
		{"function WITH ORDINALITY", "unnest(array['x', 'y', null, 'x']) with ordinality t(b, a)", "a::int", "b", "a * 1.5"},
		{"ROWS FROM", "rows from (generate_series(1, 4), unnest(array['x', 'y'])) t(a, b)", "a", "b", "a::numeric"},
		{"function of records", `jsonb_to_recordset('[{"a": 1, "b": "x", "c": 1.5}, {"a": 2, "b": "y"}, {"b": "x", "c": 2}]') t(a int, b text, c numeric)`, "a", "b", "c"},
		{"jsonb_each_text", `jsonb_each_text('{"x": "1", "y": "2", "z": null}') t(k, v)`, "v::int", "k", "v::numeric + 0.5"},
		{"CROSS JOIN", joined("cross join", ""), "v1.a", "v1.b || v2.d", "v1.c"},
		{"JOIN ON", joined("join", " on v1.a = v2.a"), "v1.a", "v2.d", "v1.c"},
		{"JOIN ON inequality", joined("join", " on v1.a < v2.a and v2.d is not null"), "v1.a", "v2.d", "v1.c"},
		{"LEFT JOIN", joined("left join", " on v1.a = v2.a"), "v1.a", "v2.d", "v1.c"},
		{"LEFT JOIN on more", joined("left join", " on v1.a = v2.a and v1.c > 2"), "v1.a", "v2.d", "v1.c"},
		{"RIGHT JOIN", joined("right join", " on v1.a = v2.a"), "v2.a", "v1.b", "v1.c"},
		{"FULL JOIN", joined("full join", " on v1.a = v2.a"), "coalesce(v1.a, v2.a)", "v2.d", "v1.c"},
		{"JOIN USING", joined("join", " using (a)"), "a", "d", "c"},
		{"LEFT JOIN USING", joined("left join", " using (a)"), "a", "d", "c"},
		{"RIGHT JOIN USING", joined("right join", " using (a)"), "a", "d", "c"},
		{"FULL JOIN USING", joined("full join", " using (a)"), "a", "d", "c"},
		{"JOIN USING with an alias", joined("join", " using (a) as u"), "u.a", "d", "c"},
		{"NATURAL JOIN", joined("natural join", ""), "a", "d", "c"},
		{"NATURAL LEFT JOIN", joined("natural left join", ""), "a", "d", "c"},
		{"NATURAL FULL JOIN", joined("natural full join", ""), "a", "b", "c"},
		{"join of a join", "(" + joined("join", " using (a)") + ") left join (values ('p', 7), ('q', 8)) v3(d, e) using (d)", "a", "d", "c + e"},
		{"join with an alias", "(" + joined("join", " using (a)") + ") as j(a, b, c, d)", "j.a", "j.d", "j.c"},
		{"list of FROM", v1 + ", " + v2, "v1.a", "v2.d", "v1.c"},
		{"self join", v1 + ", (values (1, 'x'), (3, 'z')) w(a, b)", "v1.a + w.a", "w.b", "v1.c"},
		{"LATERAL", v1 + ", lateral (select v1.a * 10 + n as e from generate_series(1, v1.a % 3) n) l", "e", "v1.b", "v1.c"},
		{"LEFT JOIN LATERAL", v1 + " left join lateral (select d, a from " + v2 + " where v2.a = v1.a order by d limit 1) l on true", "v1.a", "l.d", "v1.c"},
		{"LATERAL function", v1 + ", lateral generate_series(1, v1.a % 3) n", "v1.a * n", "v1.b", "v1.c"},
		{"semi-join", inner(all + " where exists (select from " + v2 + " where v2.a = v1.a)"), "a", "b", "c"},
		{"semi-join by IN", inner(all + " where a in (select a from " + v2 + ")"), "a", "b", "c"},
		{"anti-join", inner(all + " where not exists (select from " + v2 + " where v2.a = v1.a)"), "a", "b", "c"},
		{"NOT IN", inner(all + " where b not in (select d from " + v2 + " where d <> 'q')"), "a", "b", "c"},
		{"ANY of a subquery", inner(all + " where a > any (select a from " + v2 + ")"), "a", "b", "c"},
		{"ALL of a subquery", inner(all + " where a >= all (select a from " + v2 + " where d < 'z')"), "a", "b", "c"},
		{"row IN subquery", inner(all + " where (a, b) in (select a - 1, case when a < 3 then 'x' else 'y' end from " + v2 + ")"), "a", "b", "c"},
		{"correlated subquery", inner("select a, (select max(d) from " + v2 + " where v2.a >= v1.a), c from " + v1), "a", "b", "c"},
		{"scalar subquery", inner("select a, b, (select sum(a) from " + v2 + ") + c from " + v1), "a", "b", "c"},
		{"aggregate", inner("select count(*)::int, max(b), sum(c) from " + v1), "a", "b", "c"},
		{"GROUP BY", inner("select count(*)::int, b, sum(c) from " + v1 + " group by b"), "a", "b", "c"},
		{"GROUP BY, FILTER", inner("select count(*) filter (where c > 1)::int, b, min(c) filter (where a <> 3) from " + v1 + " group by 2"), "a", "b", "c"},
		{"GROUP BY, DISTINCT", inner("select count(distinct c)::int, b, sum(distinct c) from " + v1 + " group by b"), "a", "b", "c"},
		{"GROUP BY, ORDER BY inside", inner("select (array_agg(a order by c desc nulls last, a))[1], b, avg(c) from " + v1 + " group by b"), "a", "b", "c"},
		{"ordered-set aggregate", inner("select percentile_disc(0.5) within group (order by a), b, (percentile_cont(0.5) within group (order by a))::numeric from " + v1 + " group by b"), "a", "b", "c"},
		{"GROUPING SETS", inner("select grouping(b), b, sum(c) from " + v1 + " group by grouping sets ((b), (b, c), ())"), "a", "b", "c"},
		{"ROLLUP", inner("select count(*)::int, b, c from " + v1 + " group by rollup (b, c)"), "a", "b", "c"},
		{"CUBE", inner("select max(a), b, c from " + v1 + " group by cube (b, c)"), "a", "b", "c"},
		{"HAVING", inner("select max(a), b, sum(c) from " + v1 + " group by b having count(*) > 1"), "a", "b", "c"},
		{"window, ROWS", inner("select a, b, sum(c) over (order by a rows between 1 preceding and 1 following) from " + v1), "a", "b", "c"},
		{"window, RANGE", inner("select (count(*) over (order by a range between 2 preceding and current row))::int, b, c from " + v1), "a", "b", "c"},
		{"window, GROUPS", inner("select a, last_value(b) over (order by b groups between current row and 1 following exclude ties), c from " + v1), "a", "b", "c"},
		{"window, PARTITION BY", inner("select (row_number() over w)::int, lag(b) over w, first_value(c) over w from " + v1 + " window w as (partition by b order by a)"), "a", "b", "c"},
		{"window over groups", inner("select (rank() over (order by sum(c)))::int, b, sum(c) from " + v1 + " group by b"), "a", "b", "c"},
		{"UNION", inner(all + " union select a, d, 0 from " + v2), "a", "b", "c"},
		{"UNION ALL", inner(all + " union all select a, d, a / 2.0 from " + v2), "a", "b", "c"},
		{"INTERSECT", inner(all + " intersect select a, b, 1.5 from " + v1), "a", "b", "c"},
		{"INTERSECT ALL", inner("select n, 'x', 1.5 from (values (1), (1), (2), (3)) v(n) intersect all select n, 'x', 1.50 from (values (1), (1), (1), (3)) v(n)"), "a", "b", "c"},
		{"EXCEPT", inner(all + " except select a, b, 1.5 from " + v1), "a", "b", "c"},
		{"EXCEPT ALL", inner("select n, 'x', 1.5 from (values (1), (1), (2), (3)) v(n) except all select n, 'x', 1.5 from (values (1), (3)) v(n)"), "a", "b", "c"},
		{"set operations, nested", inner("(" + all + " union all " + all + ") except all select a, b, c from " + v1 + " where a < 3"), "a", "b", "c"},
		{"WITH", inner("with q as (" + all + ") select a, b, c from q"), "a", "b", "c"},
		{"WITH, read twice", inner("with q as (" + all + ") select x.a, y.b, x.c from q x join q y on x.a = y.a + 1"), "a", "b", "c"},
		{"WITH MATERIALIZED", inner("with q as materialized (" + all + ") select a, b, c from q"), "a", "b", "c"},
		{"WITH NOT MATERIALIZED", inner("with q as not materialized (" + all + ") select a, b, c from q where a > 1"), "a", "b", "c"},
		{"WITH RECURSIVE, UNION ALL", inner("with recursive r(a, b) as (select 1, 'x' union all select a + 1, b || 'y' from r where a < 4) select a, b, a * 0.5 from r"), "a", "b", "c"},
		{"WITH RECURSIVE, UNION", inner("with recursive r(a) as (select 1 union select (a * 2) % 7 from r) select a, 'x' || a % 2, a::numeric from r"), "a", "b", "c"},
		{"DISTINCT", inner("select distinct a % 2, b, c from " + v1), "a", "b", "c"},
		{"DISTINCT ON", inner("select distinct on (b) a, b, c from " + v1 + " order by b, a desc"), "a", "b", "c"},
		{"LIMIT", inner(all + " order by a desc limit 3"), "a", "b", "c"},
		{"OFFSET", inner(all + " order by a offset 2"), "a", "b", "c"},
		{"FETCH FIRST WITH TIES", inner(all + " order by b fetch first 1 row with ties"), "a", "b", "c"},
		{"ORDER BY", inner(all + " order by b desc nulls last, a"), "a", "b", "c"},
		{"set-returning function", inner("select generate_series(1, a), b, c from " + v1), "a", "b", "c"},
		{"two set-returning functions", inner("select generate_series(1, 2), unnest(array['x', 'y', 'z']), c from " + v1 + " where a < 3"), "a", "b", "c"},
		{"unnest of arrays", "unnest(array[1, 2, 3], array['x', null], array[1.5, 2, null]) t(a, b, c)", "a", "b", "c"},
		{"array column", inner("select x[1], y[2], x[2:3] [2] * 1.0 from (values (array[1, 2, 3], array['p', 'q']), (array[4, 5], null)) w(x, y)"), "a", "b", "c"},
		{"composite column", inner("select (r).a, (r).b, (r).c from (select v1 as r from " + v1 + ") w"), "a", "b", "c"},
		{"whole row", inner("select (q).* from (select v1 as q from " + v1 + ") w"), "a", "b", "c"},
		{"subquery of a subquery", inner("select a, b, c from (select a + 1 as a, b, c from (" + all + " where a < 5) p where b is not null) q"), "a", "b", "c"},
		{"CASE and COALESCE", inner("select case when a > 2 then a end, coalesce(b, 'none'), nullif(c, 1.5) from " + v1), "a", "b", "c"},
	}
}

// matrixClauses are the clauses in which a node's columns stand; %f is its FROM list.
func matrixClauses() []struct{ name, sql string } {
	const z = "(values (1, 'one'), (2, 'two'), (3, 'three'), (9, null)) z(n, y)"
	return []struct{ name, sql string }{
		{"select list", "select %a, %b, %c from %f"},
		{"select list, star", "select * from %f"},
		{"select list, expressions", "select %a + 1 as x, upper(%b) as y, %c * 2, %a::text || coalesce(%b, '-') from %f"},
		{"select list, CASE", "select case when %a > 2 then %b else 'small' end, coalesce(%c, -1) from %f"},
		{"select list, whole row", "select q, (q).a from (select %a as a, %b as b from %f) q"},
		{"select list, row and array", "select row(%a, %b), array[%a, 0], (array[%b])[1] from %f"},
		{"select list, scalar subquery", "select n, (select max(%c) from %f where %a = n) from " + z},
		{"select list, EXISTS", "select n, exists (select from %f where %a > n) from " + z},
		{"select list, IN", "select n, n in (select %a from %f) from " + z},
		{"select list, ARRAY", "select array(select %a from %f order by 1), array(select %b from %f order by 1 desc nulls last)"},
		{"select list, set-returning function", "select %a, generate_series(1, 2) from %f"},
		{"select list, json", "select jsonb_build_object('a', %a, 'b', %b), to_json(%c) from %f"},
		{"WHERE", "select %a, %b from %f where %a > 1 and %b is not null"},
		{"WHERE, OR", "select %a, %b from %f where %a = 1 or %b = 'x' or %c is null"},
		{"WHERE, IN list", "select %a from %f where %a in (1, 3, 5) and %b not in ('p')"},
		{"WHERE, LIKE and BETWEEN", "select %a, %b from %f where %b like '_' and %a between 1 and 4"},
		{"WHERE, EXISTS", "select %a from %f where exists (select from " + z + " where n = %a)"},
		{"WHERE, NOT IN subquery", "select n from " + z + " where n not in (select %a from %f where %a is not null)"},
		{"WHERE, ANY", "select n from " + z + " where n < any (select %a from %f)"},
		{"WHERE, ALL", "select n from " + z + " where n >= all (select %a from %f where %a < 3)"},
		{"WHERE, row comparison", "select %a, %c from %f where (%a, %c) > (2, 0)"},
		{"WHERE, = ANY of an array", "select %a from %f where %a = any (array[1, 2, 7])"},
		{"WHERE, false", "select %a from %f where false"},
		{"GROUP BY", "select %b, count(*), sum(%a), max(%c) from %f group by %b order by 1 nulls first"},
		{"GROUP BY, ordinal", "select %a %% 2, count(%b), avg(%c) from %f group by 1 order by 1"},
		{"GROUP BY, ROLLUP", "select %b, grouping(%b), count(*) from %f group by rollup (%b) order by 2, 1"},
		{"GROUP BY, CUBE", "select %a %% 2, %b, count(*) from %f group by cube (1, 2) order by 1, 2, 3"},
		{"GROUP BY, FILTER", "select %b, count(*) filter (where %a > 1), array_agg(%a order by %a, %c) filter (where %a <> 2) from %f group by %b order by 1"},
		{"GROUP BY, DISTINCT", "select %b, count(distinct %a), string_agg(distinct %b, ',') from %f group by %b order by 1"},
		{"aggregate", "select count(*), count(%b), sum(%a), min(%b), max(%c), bool_or(%a > 3) from %f"},
		{"aggregate, ORDER BY", "select array_agg(%a order by %b nulls first, %a, %c), string_agg(%b, '|' order by %b desc) from %f"},
		{"aggregate, ordered set", "select percentile_disc(0.5) within group (order by %a), mode() within group (order by %b) from %f where %b = 'x'"},
		{"HAVING", "select %b, count(*) from %f group by %b having count(*) > 1 and max(%a) < 100 order by 1"},
		{"HAVING alone", "select sum(%a) from %f having count(*) > 0"},
		{"ORDER BY", "select %a, %b, %c from %f order by %b desc nulls last, %a, %c"},
		{"ORDER BY, name", "select %a as x, %b as y, %c as z from %f order by z, y, x"},
		{"ORDER BY, ordinal and expression", "select %a, %b from %f order by -%a, 2, %c"},
		{"ORDER BY, USING", "select %a, %b from %f order by %a using >, %b, %c"},
		{"LIMIT", "select %a, %b from %f order by %a, %b, %c limit 2"},
		{"LIMIT 0", "select %a, %b from %f limit 0"},
		{"LIMIT, subquery", "select %a from %f order by %a, %b, %c limit (select min(n) + 1 from " + z + ")"},
		{"OFFSET", "select %a, %b from %f order by %a, %b, %c offset 1"},
		{"LIMIT and OFFSET", "select %a, %b from %f order by %a desc, %b, %c limit 2 offset 1"},
		{"FETCH FIRST WITH TIES", "select %b from %f order by %b fetch first 1 row with ties"},
		{"DISTINCT", "select distinct %b, %a %% 2 from %f order by 1, 2"},
		{"DISTINCT ON", "select distinct on (%b) %b, %a from %f order by %b, %a desc, %c"},
		{"window", "select %a, %b, rank() over (partition by %b order by %a, %c), sum(%a) over (order by %a, %b, %c rows between 1 preceding and current row) from %f order by %a, %b, %c"},
		{"window, GROUPS and EXCLUDE", "select %a, count(*) over (order by %a groups between 1 preceding and 1 following exclude group), rank() over (order by %a) from %f order by %a, %b, %c"},
		{"window, RANGE", "select %a, sum(%c) over (order by %a range between 1 preceding and 1 following) from %f order by %a, %b, %c"},
		{"window over groups", "select %b, sum(count(*)) over (order by %b) from %f group by %b order by 1"},
		{"JOIN ON", "select p.a, z.y from (select %a as a from %f) p join " + z + " on p.a = z.n"},
		{"LEFT JOIN ON", "select p.a, z.y from (select %a as a from %f) p left join " + z + " on p.a = z.n and z.y <> 'two'"},
		{"RIGHT JOIN ON", "select p.a, z.y from (select %a as a from %f) p right join " + z + " on p.a = z.n"},
		{"FULL JOIN ON", "select p.a, z.n from (select %a as a from %f) p full join " + z + " on p.a = z.n"},
		{"JOIN ON inequality", "select p.a, z.n from (select %a as a from %f) p join " + z + " on p.a > z.n"},
		{"JOIN USING", "select n, y from (select %a as n from %f) p join " + z + " using (n)"},
		{"NATURAL JOIN", "select * from (select %a as n, %b as b from %f) p natural join " + z},
		{"LATERAL", "select p.a, g from (select %a as a from %f) p, lateral generate_series(1, least(p.a, 3)) g"},
		{"LATERAL subquery", "select n, q.* from " + z + " left join lateral (select %a, %b from %f where %a = z.n order by %b, %c limit 1) q(a, b) on true"},
		{"UNION", "select %a, %b from %f union select n, y from " + z},
		{"UNION ALL", "select %a, %b from %f union all select n, y from " + z},
		{"INTERSECT ALL", "select %a from %f intersect all select n from " + z},
		{"EXCEPT", "select %a from %f except select n from " + z},
		{"EXCEPT ALL, other side", "select n from " + z + " except all select %a from %f"},
		{"WITH", "with q as (select %a as a, %b as b from %f) select count(*), sum(a), max(b) from q"},
		{"WITH, read twice", "with q as (select %a as a from %f) select count(*) from q x, q y where x.a <= y.a"},
		{"WITH MATERIALIZED", "with q as materialized (select %a as a, %b as b from %f) select a, b from q where a > 1"},
		{"WITH RECURSIVE, start", "with recursive r(n) as (select min(%a) from %f union all select n + 1 from r where n < 4) select n from r"},
		{"WITH RECURSIVE, step", "with recursive r(n, s) as (select 0, 0 union all select n + 1, s + (select count(*)::int from %f where %a = n) from r where n < 5) select * from r"},
	}
}

// nodeCells stand every node in every clause.
func nodeCells() []cell {
	var out []cell
	for i, n := range matrixNodes() {
		for j, c := range matrixClauses() {
			sql := strings.NewReplacer("%f", n.from, "%a", n.a, "%b", n.b, "%c", n.c, "%%", "%").Replace(c.sql)
			for k := range 3 {
				if k > 0 && (i+j)%3 != k { // each cell by the simple protocol, and by one of the others where the turn comes
					continue
				}
				out = append(out, cell{row: n.name, col: c.name, sql: sql, mode: format(k), tie: !orders(sql), none: strings.Contains(c.name, "false") || strings.HasSuffix(c.name, " 0")})
			}
		}
	}
	return out
}

// keyedForms are the operators that compare values, over a column v of any type with its places n.
func keyedForms() []struct{ name, sql string } {
	return []struct{ name, sql string }{
		{"ORDER BY", "select n from %v order by v, n"},
		{"ORDER BY DESC NULLS LAST", "select n from %v order by v desc nulls last, n"},
		{"ORDER BY, LIMIT", "select n, v from %v order by v desc, n limit 3"},
		{"GROUP BY", "select min(n), count(*) from %v group by v order by 1"},
		{"GROUP BY two keys", "select min(n), count(*) from %v group by n %% 2, v order by 1"},
		{"DISTINCT", "select count(*) from (select distinct v from %v) q"},
		{"DISTINCT ON", "select distinct on (v) n from %v order by v, n"},
		{"count(DISTINCT)", "select count(distinct v) from %v"},
		{"JOIN", "select a.n, b.n from %v a(n, v) join %v b(n, v) on a.v = b.v order by 1, 2"},
		{"LEFT JOIN", "select a.n, b.n from %v a(n, v) left join (select * from %v where n %% 2 = 0) b(n, v) on a.v = b.v order by 1, 2"},
		{"JOIN by less", "select a.n, b.n from %v a(n, v) join %v b(n, v) on a.v < b.v order by 1, 2"},
		{"IN subquery", "select n from %v where v in (select v from %v w(n, v) where n > 1) order by n"},
		{"NOT IN subquery", "select n from %v where v not in (select v from %v w(n, v) where n = 2) order by n"},
		{"= ANY of an array", "select n from %v where v = any (array(select v from %v w(n, v) where n <= 2)) order by n"},
		{"PARTITION BY", "select n, row_number() over (partition by v order by n) from %v order by n"},
		{"window ORDER BY", "select n, rank() over (order by v), dense_rank() over (order by v desc) from %v order by n"},
		{"UNION", "select count(*) from (select v from %v union select v from %v) q"},
		{"INTERSECT ALL", "select count(*) from (select v from %v intersect all select v from %v w(n, v) where n <> 1) q"},
		{"EXCEPT", "select count(*) from (select v from %v except select v from %v w(n, v) where n = 1) q"},
		{"min and max", "select min(v), max(v) from %v"},
		{"GREATEST", "select greatest(v, (select v from %v w(n, v) where n = 1)) from %v order by n"},
		{"IS DISTINCT FROM", "select n from %v where v is distinct from (select v from %v w(n, v) where n = 2) order by n"},
		{"BETWEEN", "select n from %v where v between (select v from %v w(n, v) where n = 2) and (select v from %v w(n, v) where n = 1) order by n"},
		{"WITH RECURSIVE, UNION", "with recursive r(v) as (select v from %v union select r.v from r) select count(*) from r"},
		{"FETCH FIRST WITH TIES", "select n from %v order by v fetch first 2 rows with ties"},
		{"row comparison", "select a.n, b.n from %v a(n, v) join %v b(n, v) on (a.v, a.n) > (b.v, b.n) order by 1, 2"},
		{"NULLIF and CASE", "select n, nullif(v, (select v from %v w(n, v) where n = 1)), case v when (select v from %v w(n, v) where n = 2) then 'two' end from %v order by n"},
		{"subquery in FROM", "select v, n from (select * from %v offset 0) q order by n"},
		{"CTE", "with q as materialized (select * from %v) select a.v, b.v from q a join q b using (n) order by n"},
		{"UNION ALL", "select n, v from %v union all select n + 100, v from %v order by n"},
	}
}

// keyedCells put columns of every type under every operator that compares, or keeps, values.
func keyedCells() []cell {
	var out []cell
	for i, s := range samplesOfAll() {
		var rows []string
		for j, v := range append(s.values, s.values[0]) {
			rows = append(rows, fmt.Sprintf("(%d, %s)", j+1, literal(s.name, v)))
		}
		v := "(values " + strings.Join(rows, ", ") + ", (50, null))"
		for j, f := range keyedForms() {
			sql := strings.NewReplacer("%v a(n, v)", v+" a(n, v)", "%v b(n, v)", v+" b(n, v)", "%v w(n, v)", v+" w(n, v)", "%v", v+" t(n, v)", "%%", "%").Replace(f.sql)
			out = append(out, cell{row: f.name, col: s.name, sql: sql, mode: format((i + j) % 3), tie: f.name == "FETCH FIRST WITH TIES"})
		}
	}
	return out
}

// frameCells are the frames of windows: every mode with every pair of bounds and every exclusion, over keys of types that RANGE
// takes offsets for.
func frameCells() []cell {
	keys := []struct{ typ, offset, values string }{
		{"integer", "1", "1, 2, 2, 4, null, 7"},
		{"numeric", "1.5", "1.5, 3, 3.0, 'NaN', null, -2"},
		{"double precision", "0.5", "0.5, 1, 1, 'Infinity', null, -1"},
		{"date", "interval '1 day'", "'2024-02-28', '2024-02-29', '2024-02-29', '2024-03-02', null, 'infinity'"},
		{"timestamptz", "interval '1 hour'", "'2024-03-31 00:00+00', '2024-03-31 01:00+00', '2024-03-31 01:00+00', '-infinity', null, '2024-04-01 00:00+00'"},
		{"interval", "interval '1 day'", "'1 day', '24:00', '2 days', '0', null, '3 days'"},
		{"time", "interval '1 hour'", "'10:00', '11:00', '11:00', '13:00', null, '09:30'"},
		{"text", "1", "'a', 'b', 'b', 'c', null, 'd'"},
	}
	const functions = "count(*) over w, sum(n) over w, min(n) over w, array_agg(n) over w, first_value(n) over w, last_value(n) over w, nth_value(n, 2) over w, row_number() over w, rank() over w"
	var out []cell
	at := 0
	for _, k := range keys {
		var rows []string
		for i, v := range strings.Split(k.values, ", ") {
			rows = append(rows, fmt.Sprintf("(%d, %s::%s)", i+1, v, k.typ))
		}
		for _, mode := range []string{"rows", "range", "groups"} {
			offset := "1"
			if mode == "range" {
				offset = k.offset
			}
			for _, from := range []string{"unbounded preceding", "%o preceding", "current row", "%o following", "unbounded following"} {
				for _, to := range []string{"", "unbounded preceding", "%o preceding", "current row", "%o following", "unbounded following"} {
					for _, exclude := range []string{"", " exclude current row", " exclude group", " exclude ties", " exclude no others"} {
						if at++; exclude != "" && k.typ != "integer" && k.typ != "date" && at%2 == 0 {
							continue
						}
						bounds := mode + " between " + from + " and " + to
						if to == "" {
							bounds = mode + " " + from
						}
						sql := fmt.Sprintf("select n, v, %s from (values %s) t(n, v) window w as (order by v %s%s) order by v, n",
							functions, strings.Join(rows, ", "), strings.ReplaceAll(bounds, "%o", offset), exclude)
						// Rows of equal keys come in no order: ROWS tells them apart.
						if mode == "rows" {
							sql = strings.Replace(sql, "(order by v rows", "(order by v, n rows", 1)
						}
						if mode != "rows" { // which of equal rows comes first is left open
							for _, f := range []string{"array_agg", "first_value", "last_value", "nth_value"} {
								sql = strings.Replace(sql, f+"(n", f+"(v", 1)
							}
							sql = strings.Replace(sql, "row_number()", "dense_rank()", 1)
						}
						out = append(out, cell{row: k.typ, col: bounds + exclude, sql: sql, mode: format(at % 3)})
					}
				}
			}
		}
	}
	return out
}

// matrixPlans compares every node in every clause, every operator over every type, and every frame of windows.
func matrixPlans(t *testing.T, m *matrix, ex *excuses) {
	t.Helper()
	nodes, keyed := m.run(t, nodeCells()), m.run(t, keyedCells())
	checkProduct(t, "nodes × clauses", len(matrixNodes()), len(matrixClauses()), nodes)
	checkProduct(t, "comparing operators × types", len(keyedForms()), len(samplesOfAll()), keyed)
	judge(t, "node in a clause", nodes, ex)
	judge(t, "operator over a type", keyed, ex)
	judge(t, "window frame", m.run(t, frameCells()), ex)
}
