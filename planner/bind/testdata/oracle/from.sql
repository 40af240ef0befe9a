# Joins, subqueries, functions, CTEs, set operations.
select * from t1, t2
select * from t1 cross join t2
select * from t1 join t2 on t1.a = t2.a
select * from t1 join t2 using (a)
select * from t1 join t2 using (a, b)
select * from t1 left join t2 using (a)
select * from t1 right join t2 using (a)
select * from t1 full join t2 using (a)
select * from t1 natural join t2
select * from t1 natural left join t2
select a, t1.a, t2.a from t1 join t2 using (a)
select a from t1 full join t2 using (a)
select j1.* from t1 join t2 using (a) as j1
select x.a, x.y from (t1 join t2 using (a)) x
select * from t3 join t1 using (h)
select h from t3 join t1 using (h)
select h from t3 left join t1 using (h)
select h from t3 right join t1 using (h)
select h from t3 full join t1 using (h)
select h from t1 join t3 using (h)
select * from t1 natural join t2 natural join (select 1 as x) z
select t1.b from (t1 join t2 on t1.a = t2.a) join t3 on true
select * from (select 1 as a, 'x' as b) q
select q.b from (select 'x' as b) q
select b || 'y' from (select 'x' as b) q
select * from (select a, a from t1) q
select a from (select a, a from t1) q
select * from (select a as x, b from t1) q(z)
select * from (values (1, 'a'), (2, 'b')) v(x, y)
select * from (values (1, 'a'), (2.5, null)) v
select column1, column2 from (values (1, 2)) v
values (1, 'a'), (2, 'b')
values (1), (2.5), (null)
values (null), (1)
values ('a'), (null)
values (1, 2) order by 1 limit 1
values (1), (2) order by column1 desc
select * from (values ('2020-01-01'::date), ('2021-01-01')) v
select * from generate_series(1, 3)
select * from generate_series(1, 3) x
select x from generate_series(1, 3) x
select x.x from generate_series(1, 3) x
select x.* from generate_series(1, 3) x
select n from generate_series(1, 3) x(n)
select * from generate_series(1, 3) with ordinality
select * from generate_series(1, 3) with ordinality as x(n, o)
select * from generate_series(now(), now(), interval '1 day')
select * from generate_series('2020-01-01'::date, '2020-01-03', '1 day')
select * from generate_series(1.5, 3)
select * from unnest(array[1,2])
select * from unnest(array[1,2], array['a','b'])
select * from unnest(array[1,2], array['a','b']) as x(n, s)
select * from rows from (generate_series(1, 2), generate_series(1, 3)) as x(p, q)
select * from rows from (generate_series(1, 2), unnest(array['a'])) with ordinality
select * from json_each('{}')
select * from jsonb_each_text('{}') e
select e.key from json_each('{}') e
select e from json_each('{}') e
select * from json_to_record('{}') as x(a int, b text)
select * from jsonb_to_recordset('[]') as x(a int, b varchar(5), c numeric(10,2))
select x from json_to_record('{}') as x(a int, b text)
select * from rows from (json_to_record('{}') as (a int, b text), generate_series(1,2)) x
select * from pg_get_keywords()
select word from pg_get_keywords() k
select * from current_date
select * from current_user
select * from abs(-1)
select * from abs(-1) x
select * from upper('x') as u(v)
select * from coalesce(1, 2)
select * from cast(1 as text)
select * from t1, lateral (select t1.a + 1 as n) x
select * from t1 cross join lateral generate_series(1, t1.a) g
select * from t1, generate_series(1, a) g
select * from t1 left join lateral (select x from t2 where t2.a = t1.a limit 1) l on true
select * from t1, unnest(string_to_array(b, ',')) with ordinality as u(v, n)
select g.n from t1, lateral (select generate_series(1, t1.a) as n) g
select s[1] from string_to_array('a,b', ',') s
select s from string_to_array('a,b', ',') s
select s[i] from generate_series(1, 2) as i, string_to_array('a,b', ',') s
select (select count(*) from t2 where t2.a = t1.a) from t1
select * from t1 where exists (select 1 from t2 where t2.a = t1.a)
select * from t1 where a in (select a from t2 where t2.b = t1.b)
select * from t1 where a = (select max(a) from t2)
select * from t1 where (a, b) in (select a, b from t2)
select * from t1 where a not in (select a from t2)
select (select sum(t1.a)) from t1
select (select sum(t1.a + t2.a) from t2) from t1
select (select count(t1.a) from t2) from t1
select sum((select a from t2 limit 1)) from t1
with x as (select 1 as a) select * from x
with x as (select a, b from t1) select x.a, y.b from x join x y using (a)
with x(n) as (select a from t1) select n from x
with x as materialized (select 1) select * from x
with x as not materialized (select 1 as c) select c from x
with x as (select 1), y as (select * from x) select * from y
with x as (select 'a') select * from x
with t1 as (select 1 as z) select * from t1
with x as (select 1 as a) select (select a from x), exists (select * from x)
with x as (with y as (select 1 as q) select * from y) select q from x
with recursive x(n) as (select 1 union all select n + 1 from x where n < 10) select n from x
with recursive x as (select 1 as n, 'a'::text as s union select n + 1, s || 'b' from x) select * from x
with recursive x as (select a, b from t1 union all select t2.a, t2.b from t2 join x on x.a = t2.x) select * from x
with recursive y as (select * from x), x as (select 1 as q) select * from y
with recursive x(n) as (values (1) union all select n + 1 from x) select sum(n) from x
with recursive x(n) as (select $1::int union all select n + 1 from x where n < $2) select n from x
select a from t1 union select a from t2
select a from t1 union all select h from t1
select a, b from t1 union select a, 'x' from t2
select a, b from t1 union all select null, null
select null union select 1
select 'a' union select 'b'
select 'a' as x union select b from t1
select b from t1 union select 'x'
select 1 union select 2.5
select 1 union select 2.5 union select 'x'::text::int
select null union select null
select null union select null union select 1
select a from t1 intersect select a from t2 except select 1
select a from t1 union select a from t2 order by a
select a as x from t1 union select a from t2 order by x desc nulls last limit 5
select a from t1 union select a from t2 order by 1
(select a from t1 order by b limit 1) union all (select a from t2 order by x limit 2)
(select a from t1) union (select a from t2) order by a
select * from (select a from t1 union select x from t2) q
select c from t1 union select c from t1
select c from t1 union select n from t1
select b::varchar(5) from t1 union select b::varchar(5) from t1
select b::varchar(5) from t1 union select b::varchar(6) from t1
select b::varchar(5) from t1 union select b from t1
select array[1] union select array[2.5]
select '1' union select 2
select g from t1 union select d from t1
select i from t1 union select a from t1 union select h from t1
select '2020-01-01' union select g from t1
select a from t1 where a in (select 1 union select 2)
select row(1,2) union select row(1,2)
select a, count(*) from t1 group by a
select a, b, count(*) from t1 group by 1, 2 order by 3 desc
select upper(b), count(*) from t1 group by upper(b)
select upper(b) as u, count(*) from t1 group by u having count(*) > 1 order by u
select a + 1, count(*) from t1 group by a + 1
select a + 1 as x from t1 group by a order by a + 1
select a as b, count(*) from t1 group by a
select count(*) from t1 group by ()
select a, b, sum(c) from t1 group by rollup (a, b)
select a, b, grouping(a, b), sum(c) from t1 group by cube (a, b)
select a, b, sum(c) from t1 group by grouping sets ((a), (b), ())
select a, b from t1 group by (a, b)
select a, b from t1 group by grouping sets (rollup (a), cube (b))
select a, (select max(t2.a) from t2 where t2.a = t1.a) from t1 group by a
select a, (select t1.a + 1) from t1 group by a
select lower(b), (select lower(t1.b)) from t1 group by b
select case when a > 1 then 'x' end, count(*) from t1 group by case when a > 1 then 'x' end
select sum(a) over (order by sum(a)), a from t1 group by a
select rank() over (order by count(*) desc), a from t1 group by a
select count(*) over (partition by a) from t1 group by a
select 'x', count(*) from t1
select 'x' as k, count(*) from t1 group by k
select 1 group by 1
select null group by 1
select max(a) from t1 having true
select distinct b, a from t1 order by a
select a from t1 order by b
select a as x from t1 order by x
select a as x from t1 order by a
select b as a from t1 order by a
select a from t1 order by a + 1, b desc nulls first
select a from t1 order by (select 1)
select distinct on (b) a from t1
select distinct on (1) a, b from t1 order by 1, 2
select distinct on (a, b) a from t1 order by b, a
select a from t1 limit 10 offset 5
select a from t1 fetch first 5 rows only
select a from t1 order by a fetch first 5 rows with ties
select a from t1 limit all
select a from t1 limit null
select a from t1 limit '5'
select a from t1 limit 1.5
select a from t1 for update
select a from t1 for no key update of t1 skip locked
table t1
select * from pg_class
select relname, relkind, reltuples, relacl, oid from pg_class
select c.oid, c.relname, n.nspname from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relname operator(pg_catalog.~) '^(t1)$' collate pg_catalog.default and pg_catalog.pg_table_is_visible(c.oid) order by 2, 3
select c.relchecks, c.relkind, case when c.reloftype = 0 then '' else c.reloftype::pg_catalog.regtype::pg_catalog.text end, c.relpersistence from pg_catalog.pg_class c where c.oid = '16384'
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (select pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) from pg_catalog.pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum and a.atthasdef), a.attnotnull from pg_catalog.pg_attribute a where a.attrelid = '16384' and a.attnum > 0 and not a.attisdropped order by a.attnum
select typname from pg_type where typtype in ('b', 'e') and oid = any(array[23, 25])
select (current_schemas(true))[1], indkey[0], indkey[1:2], indkey, indclass from pg_index
select i.indkey[0] = 1 from pg_index i
select pg_get_indexdef(indexrelid, 1, false), generate_subscripts(indkey, 1) from pg_index
select (information_schema._pg_expandarray(indkey)).n from pg_index
select (information_schema._pg_expandarray(indkey)).* from pg_index
select result.a, (result.k).x from (select indexrelid as a, information_schema._pg_expandarray(indkey) as k from pg_index) result
select table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length from information_schema.columns
select * from information_schema.tables
select TABLE_NAME from INFORMATION_SCHEMA.TABLES where data_type like '%x%'
select 'a'::information_schema.sql_identifier, 1::information_schema.cardinal_number, 'x'::information_schema.character_data, 'YES'::information_schema.yes_or_no
select oid::regclass, relnamespace::regnamespace, relowner::regrole from pg_class
select * from pg_class where oid = 't1'::regclass
select conkey, conkey[1], array_upper(conkey, 1) from pg_constraint
select prosrc, proargtypes, proargtypes::regtype[], prorettype::regtype::text from pg_proc
select c.relname from pg_class c where c.relkind = any(array['r', 'v'])
select c.* from pg_class c where relkind = 'r'::"char"
select n.oid, n.*, d.description from pg_namespace n left outer join pg_description d on d.objoid = n.oid and d.objsubid = 0 and d.classoid = 'pg_namespace'::regclass order by nspname
select array(select rolname from pg_roles where oid = any(polroles)) from pg_policy
select setting::int / 100 from pg_settings where name = 'x'
select current_setting('server_version_num')::int/100 as version
select quote_ident(table_schema) in (select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end from generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i, string_to_array(current_setting('search_path'),',') s) from information_schema.tables
select t.oid, t.typname, t.typbasetype, (select a.typname from pg_type a where a.oid = t.typelem) from pg_type t where t.typname ~ '^x'
select nspname = any(current_schemas(true)), nspname <> all('{a,b}'::name[]), nspname || '.x', nspname like 'pg_%' from pg_namespace
select relname || 'x', relname = 'x', upper(relname), length(relname), relname::text, substring(relname from 1 for 2) from pg_class
select relkind = 'r', relkind || 'x', relkind in ('r','v'), upper(relkind) from pg_class
select coalesce(relname, 'x'), case when true then relname else 'y' end, relname from pg_class union select 'a', 'b', 'c'
select "Devices".* from "Devices"
select "deviceKey", "deviceName" from "Devices" where "deviceKey" = 1
select d."deviceKey" from "Devices" d order by d."lastSeen" desc
select deviceKey from "Devices" x(devicekey)
select count(*) as "Count", max("lastSeen") as "Last" from "Devices" group by "osVersion"
# CTEs within recursive ones, joins of joins, names across levels.
with recursive r(n) as (with b as (select 1 as k) select k from b union all select n + 1 from r, b where n < 3) select * from r
with recursive r(n) as (with recursive q(m) as (select 1 union all select m + 1 from q where m < 2) select m from q union all select n + 1 from r where n < 3) select * from r
with a as (select 1 as x), b as (with a as (select 2 as y) select y from a) select a.x, b.y from a, b
select * from (t1 left join t2 using (a)) left join t3 on t3.h = t2.x
select a, b, x from (t2 join t1 using (a, b)) where x > 1
select t2.x from t1 right join (t2 left join t3 on t2.a = t3.h) on t1.a = t2.a
select q.a from t1 q where exists (select 1 from t2 where t2.a = q.a and exists (select 1 from t3 where t3.h = q.a and t3.h = t2.x))
select (select (select t1.a + t2.a) from t2 limit 1) from t1
select count(*) from t1 where (select count(*) from t2 where t2.a > t1.a) > 1 group by e having (select max(a) from t2) > count(*)
select e, count(*) from t1 group by e having (select bool_or(y) from t2 where t2.y = t1.e)
select sum(a) + sum(a), sum(a), count(*) filter (where a > 1), count(*) filter (where a > 1) from t1
select (select sum(t1.a)) + 1, (select max(t1.b || t2.b) from t2) from t1
select x.a, lag(x.a) over w, sum(x.a) over (w rows 1 preceding) from t1 x window w as (partition by x.b order by x.a)
select * from t1 where a = any(array(select a from t2)) and b in ('x', (select b from t2))
