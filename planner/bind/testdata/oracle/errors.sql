# Names that are not there, and hints.
select x from t1
select x
select t1.x from t1
select t9.a from t1
select t1.a from t1 x
select x.a from t1
select s.t1.a from t1 as z
select t1.aa from t1
select aa from t1
select column_on from t3
select column_three from t3
select t3.column_on from t3
select t4.column_one from t3
select colunm_one, 1 from t3
select * from nope
select * from s.nope
select * from nope.t1
select * from postgres.s.nope
select * from other.s.t1
select a from t1, t2
select t1.a from t1, t1
select x.a from t1 x, t2 x
select * from t1 join t1 on true
select * from t1 join t2 using (zz)
select * from t1 join t2 using (c)
select * from t1 join t2 using (a, a)
select * from t1 join t2 on t3.a = 1
select * from (t1 join t2 on true) x
select * from t1 x(a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q)
select nofunc(1)
select nofunc()
select nofunc('a', 1.5, null, a) from t1
select upper(1)
select upper(a, b) from t1
select s.nofunc(1)
select nope.nofunc(1)
select a.b.c.d(1)
select length(1)
select substr(1, 2)
select pg_catalog.nofunc(1)
select round('x', 'y', 'z')
select lower(x => 'a')
select make_interval(nope => 1)
select make_interval(days => 1, days => 2)
select make_interval(days => 1, 2)
select a + b from t1
select b + b from t1
select b + 1 from t1
select e + 1 from t1
select - b from t1
select @ e from t1
select 'a' + 'b'
select d + d from t1
select a || e from t1
select b = a from t1
select a = e from t1
select u = a from t1
select g > a from t1
select a === 1 from t1
select operator(pg_catalog.+) 1
select 1 operator(pg_catalog.+) 1
select 1 operator(nope.+) 1
select 1 <=> 2
select 'abc'::int
select 'x'::date
select '2020-13-01'::date
select 'x'::numeric
select '1.5'::int
select 'x'::boolean
select '99999999999'::int
select 'x'::timestamp
select '1 foo'::interval
select 'zz'::uuid
select '{1,2'::int[]
select '{a}'::int[]
select 'not json'::json
select a = 'x' from t1
select a from t1 where a = 'x'
select a from t1 where d > 'nonsense'
select 1::nope
select 1::s.nope
select 1::nope.int
select 1::pg_catalog.nope
select 'a'::varchar(0)
select 'a'::varchar(99999999)
select 1::numeric(0)
select 1::numeric(2000)
select 1::numeric(5,2000)
select 1::numeric(1,2,3)
select 1::int(3)
select 'a'::text(3)
select true::date
select a::date from t1
select d::int from t1
select e::uuid from t1
select row(1,2)::int
select array[1]::int
select 1::int[]
select case when 1 then 2 end
select case when true then 1 else 'x' end
select case when true then 1 else b end from t1
select case a when 'x' then 1 end from t1
select case when e then a when b then 1 end from t1
select coalesce(a, b) from t1
select coalesce(1, 'x')
select greatest(1, true)
select nullif(1, 'x')
select nullif(a, e) from t1
select array[1, 'x']
select array[1, true]
select array[]
select array[a, b] from t1
select array[array[1], 2]
select 1 in ('x')
select a in (1, 'x') from t1
select a in (b) from t1
select 1 in (select 'x')
select 1 in (select 1, 2)
select (1,2) in (select 1)
select (1,2) = (1,2,3)
select (1,2) < (1,'x')
select row() = row()
select (select 1, 2)
select array(select 1, 2)
select 1 = any(1)
select 1 = any(array['x'])
select 1 = any('{x}')
select 1 + any(array[1])
select a = all(select b from t2) from t1
select * from t1 where a
select * from t1 where 'x'
select * from t1 where a and e
select * from t1 where not b
select * from t1 where null
select * from t1 having a
select * from t1 where count(*) > 1
select * from t1 where a = max(a)
select sum(sum(a)) from t1
select sum(a) from t1 group by sum(a)
select a, count(*) from t1
select a, b from t1 group by a
select a + b from t1 group by a
select a from t1 group by b
select * from t1 group by a
select count(*) from t1 having a > 1
select a from t1 having count(*) > 1
select a, sum(c) from t1 group by a order by b
select a from t1 group by a having b = 'x'
select (select b) from t1 group by a
select (select t1.b from t2 limit 1), count(*) from t1
select a from t1 x group by x.b
select t1.a from t1 join t2 using (a) group by t2.b
select lower(b) from t1 group by upper(b)
select a from t1 group by 2
select a from t1 group by 0
select a from t1 order by 2
select a from t1 order by 1.5
select a from t1 order by 'x'
select a from t1 group by 'x'
select a from t1 order by -1
select a from t1 order by zz
select a as x, b as x from t1 order by x
select a as x, b as x from t1 group by x
select distinct a from t1 order by b
select distinct on (a) a from t1 order by b
select distinct on (a, b) a from t1 order by a, c, b
select distinct on (3) a from t1
select j::json from t1 order by j::json
select distinct j::json from t1
select j::json from t1 group by j::json
select j::json from t1 union select j::json from t1
select max(j) from t1
select count(a, b) from t1
select count() from t1
select sum(b) from t1
select sum(*) from t1
select avg(d) from t1
select upper(*) from t1
select upper(distinct b) from t1
select upper(b order by a) from t1
select upper(b) filter (where e) from t1
select upper(b) over () from t1
select upper(b) within group (order by a) from t1
select sum(a) within group (order by a) from t1
select percentile_cont(0.5) from t1
select percentile_cont(0.5) within group (order by f) over () from t1
select percentile_cont(f) within group (order by f) from t1
select percentile_cont(0.5, 0.6) within group (order by f) from t1
select percentile_cont(0.5) within group (order by b) from t1
select mode(1) within group (order by f) from t1
select rank(1, 2) within group (order by a) from t1
select rank() within group (order by a) from t1
select string_agg(b) from t1
select string_agg(b order by a, ',') from t1
select string_agg(distinct b, ',' order by a) from t1
select count(distinct j::json) from t1
select sum(a) filter (where b) from t1
select sum(a) filter (where count(*) > 1) from t1
select row_number() from t1
select rank() from t1
select row_number() over w from t1
select a from t1 where row_number() over () = 1
select a from t1 group by row_number() over ()
select a from t1 having row_number() over () > 1
select sum(row_number() over ()) from t1
select sum(sum(a) over ()) over () from t1
select count(distinct a) over () from t1
select string_agg(b, ',' order by a) over () from t1
select row_number() filter (where e) over () from t1
select sum(a) over (w) from t1 window w as (order by a rows 1 preceding)
select sum(a) over (w partition by b) from t1 window w as (order by a)
select sum(a) over (w order by b) from t1 window w as (order by a)
select sum(a) over (w order by b) from t1 window w as (partition by a)
select 1 from t1 window w as (), w as ()
select sum(a) over (nope) from t1
select sum(a) over (rows a preceding) from t1
select sum(a) over (order by a rows 'x' preceding) from t1
select sum(a) over (order by a rows 1.5 preceding) from t1
select sum(a) over (range 1 preceding) from t1
select sum(a) over (order by a, b range 1 preceding) from t1
select sum(a) over (order by b range 1 preceding) from t1
select sum(a) over (order by a range '1 day' preceding) from t1
select sum(a) over (order by d range 1 preceding) from t1
select sum(a) over (groups 1 preceding) from t1
select lag(a, 'x') over () from t1
select lag(a, 1, 'x') over () from t1
select lag(a, 1, b) over () from t1
select * from t1 limit a
select * from t1 limit 'x'
select * from t1 limit true
select * from t1 limit (select a from t1)
select * from t1 limit count(*)
select * from t1 offset b
select a from t1 union select a, b from t1
select a, b from t1 intersect select a from t1
select a from t1 union select b from t1
select a from t1 union select e from t1
select 1 union select 'x'
select a from t1 union select b from t1 order by a
select a from t1 union select a from t2 order by b
select a from t1 union select a from t2 order by a + 1
select a from t1 union select a from t2 order by 2
select a from t1 union (select a from t2 order by zz)
select a from t1 except select d from t1
values (1, 2), (3)
values (1), ('x')
values (1), (true)
values (a)
values (count(*))
select * from (values (1, 2), (3)) x
select generate_series(1, 2) from t1 where generate_series(1, 2) = 1
select * from t1 where generate_series(1, 2) = 1
select * from t1 join t2 on generate_series(1, 2) = 1
select case when true then generate_series(1, 2) end
select coalesce(generate_series(1, 2), 1)
select sum(generate_series(1, 2))
select sum(generate_series(1, 2)) over ()
select * from t1 limit generate_series(1, 2)
select * from t1 having generate_series(1,2) = 1
select * from generate_series(1, generate_series(1, 2))
select * from abs(generate_series(1, 2))
select * from json_to_record('{}')
select * from json_to_record('{}') as x
select * from generate_series(1, 2) as x(a int)
select * from json_each('{}') as x(a int, b int, c int)
select * from json_to_record('{}') as x(a int, a text)
select * from t1, lateral (select t9.a) x
select * from t1, (select t1.a) x
select * from (select t1.a) x, t1
select * from t1 right join lateral (select t1.a) x on true
select * from t1 full join lateral (select t1.a) x on true
select * from t1 left join lateral (select t1.a) x on true
select * from t1 join lateral (select max(t1.a)) x on true
select * from sum(1)
select * from row_number() over ()
with x as (select 1) select * from y
with x as (select 1), x as (select 2) select 1
with x(a, b) as (select 1) select * from x
with x as (select * from y), y as (select 1) select * from x
with recursive x as (select 1 union all select * from x, x y) select * from x
with recursive x as (select * from x) select * from x
with recursive x as (select 1 union select * from x order by 1) select * from x
with recursive x as (select 1 union all select 1 from x limit 1) select * from x
with recursive x as (select * from x union all select 1) select * from x
with recursive x as (select 1 union all select (select * from x)) select * from x
with recursive x as (select 1 union all select 1 from t1 left join x on true) select * from x
with recursive x as (select 1 union all select max(a) from x y(a)) select * from x
with recursive x(n) as (select 1 union all select n + 1.5 from x) select * from x
with recursive x(n) as (select 'a' union all select n || 'b' from x) select * from x
with recursive x(n) as (select 1 union all select n, 2 from x) select * from x
with recursive x as (select 1 except select 1 from x) select * from x
with recursive x as (select 1 union all select * from y), y as (select * from x) select 1
with recursive x as (select 1 union all (select 1 intersect all select * from x)) select * from x
with x as (select * from x) select 1
select t1.a.b from t1
select a.b from t1
select (a).b from t1
select (t1).zz from t1
select (row(1,2)).f3
select (row(1,2)).zz
select (1).x
select a[1] from t1
select (array[1])['x']
select (array[1])[1.5]
select j[1:2] from t1
select b collate "nope" from t1
select a collate "C" from t1
select grouping(a) from t1
select grouping(b) from t1 group by a
select grouping(a) from t1 group by a having grouping(b) = 1
select a from t1 where grouping(a) = 1
select default
select (default) from t1
select * from t1 natural join t2 natural join t3 where h = 1
select * from t1 for update of zz
select distinct a from t1 for update
select count(*) from t1 for update
select a from t1 group by a for share
select a from t1 union select 1 for update
values (1) for update
select *
select t1.*
select * from t1 where exists (select *)
select nope.* from t1
select $0
select $1
select $2
select $1 where $1 is null
select $1 + $2
select $1, $1 + 1
select a from t1 where a = $1 and b = $1
select interval '1' year(3)
select current_timestamp(-1)
select 1 from t1 where (a, b) in (1, 2)
select (a, b) > all(select a from t1) from t1
select 'x' like 1
select a like 'x' from t1
select e is true, a is true from t1
select not a from t1
select a is unknown from t1
select a at time zone 'UTC' from t1
select extract(year from b) from t1
select extract(nope from a) from t1
select substring(a from 1) from t1
select position(1 in b) from t1
select overlay(a placing b from 1) from t1
select concat(variadic 1)
select concat(variadic array[1])
select format('x', variadic array[1,2])
select abs(variadic array[1])
select array_append(array[1], 'x')
select array_append(array[1], true)
select array_append(1, 1)
select array_cat(array[1], array['x'])
select unnest(1)
select unnest(null)
select unnest('{1}')
select array_length('{1}', 1)
select array_position(array[1], 1.5)
select json_object_agg(1) from t1
select width_bucket(1, array['x'])
select t1 = t2 from t1, t2
select t1 = 1 from t1
select min(t1) from t1
select t1 + 1 from t1
# differs: newer grammar
select 0x, 1
select 1 from t1 group by rollup (a, b), zz
select 1 order by 1 using nope
select a from t1 order by a using +
select a from t1 order by a using >
