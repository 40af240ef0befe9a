# Target lists, names of outputs, stars, types of literals.
select 1
select 1, 'a', 1.5, null, true, 10000000000, 99999999999999999999
select 1e3, .5, -1, - 1, -(1), +1, -1.5
select -2147483648, 2147483648, -9223372036854775808, 9223372036854775808
select 1 as x, 2 "Y", 3 z
select a from t1
select * from t1
select t1.* from t1
select s.t1.* from s.t1
select postgres.s.t1.a from postgres.s.t1
select t1.a, t1.b, s.t1.c from s.t1
select a, a from t1
select a as x, a as y, x from t1
select x.a from t1 x
select x.* from t1 as x(one, two)
select one, two, c from t1 as x(one, two)
select t1 from t1
select x from t1 x
select (t1).a from t1
select (t1).* from t1
select (x.*).b from t1 x
select 'a'::text, 'a'::varchar(3), 'a'::char, 'a'::char(5), 'a'::name, 'a'::"char"
select 1::int, 1::int4, 1::bigint, 1::smallint, 1::numeric(10,2), 1::real, 1::float, 1::float(10), 1::double precision
select '1'::numeric(5), '1'::numeric(5,0), '1'::decimal(5,1), '1'::numeric(5,-2)
select date '2020-01-01', timestamp '2020-01-01', timestamptz '2020-01-01', time '10:00', timetz '10:00+00', interval '1 day'
select timestamp(3) '2020-01-01', timestamp(0) with time zone '2020-01-01', time(2) '10:00', interval(3) '1 second'
select interval '1' year, interval '1-2' year to month, interval '1' day, interval '1 2' day to hour, interval '1' second(2)
select cast(1 as text), cast('1' as int), cast(a as varchar(10)) from t1
select a::text, b::int, c::int, d::date, e::text, f::numeric(6,2) from t1
select current_date, current_time, current_timestamp, localtime, localtimestamp
select current_time(2), current_timestamp(3), localtime(1), localtimestamp(0), current_timestamp(9)
select current_user, session_user, user, current_role, current_catalog, current_schema
select case when true then 1 end, case a when 1 then 'x' else 'y' end from t1
select case when e then a else c end, case when e then b end from t1
select case when true then 1 else 2.5 end, case when true then 'a' else b end from t1
select case when true then a else i end, case when true then null else a end from t1
select coalesce(a, 1), coalesce(null, 'x'), coalesce(a, h), coalesce(c, 1.5), coalesce(b, 'x') from t1
select greatest(1, 2.5), least(a, h), greatest('a', 'b'), least(b, 'c') from t1
select nullif(a, 1), nullif('a', 'b'), nullif(1, 2.5), nullif(c, 1) from t1
select array[1,2], array[1,2.5], array['a','b'], array[a,h], array[[1,2],[3,4]] from t1
select array[]::int[], '{1,2}'::int[], array[1,2]::text[], array['1','2']::int[]
select row(1,2), (1,'a'), row(), row(a,b) from t1
select (row(1,'a')).f1
select (array[1,2,3])[1], (array[1,2,3])[1:2], (array[[1,2]])[1][1], (array[1,2,3])[:2], (array[1,2,3])[2:]
select ('{a,b}'::text[])[1]
select exists(select 1), array(select a from t1), (select a from t1), (select b as x from t1)
select (select 1), (select 'a'), (select null)
select 1 in (1,2), a in (1,2), b in ('x','y'), a in (select a from t2) from t1
select a between 1 and 2, a not between 1 and 2, a between symmetric 2 and 1, b between 'a' and 'b' from t1
select a is null, a is not null, e is true, e is not false, e is unknown, e is not unknown from t1
select a is distinct from 1, a is not distinct from null, null is distinct from a from t1
select not e, e and true, e or false, not 't' from t1
select b like 'a%', b not like 'a%', b ilike 'A%', b like 'a' escape '!', b similar to 'a+', b similar to 'x' escape '#' from t1
select b ~ 'x', b ~* 'x', b !~ 'x', b !~* 'x', b ^@ 'x' from t1
select b || 'x', b || 1, 1 || b, a || 'x', 'x' || 'y', 'x' || null, array[1] || 2, 1 || array[2], array[1] || array[2] from t1
select a + 1, a - 1, a * 2, a / 2, a % 2, -a, @a, a ^ 2, |/ a from t1
select a + h, a + i, a + c, a + f, i + 1, i + i, h + 1, f + 1, f + c, c * 2, k + 1, k + f, k + c from t1
select 1 + '1', '1' + 1, 1.5 + '1', 1 / 2, 1 / 2.0, 5 % 3, 2 ^ 3, 2.0 ^ 3
select d + interval '1 day', d - d, d - interval '1 day', g + 1, g - g, g + interval '1 day', g - 1, l + interval '1 h', m * 2, m / 2 from t1
select d > '2020-01-01', g = '2020-01-01', g > current_date, d < now(), l > '10:00', m > '1 day', u = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' from t1
select d at time zone 'UTC', d at time zone interval '1 hour', timestamp '2020-01-01' at time zone 'UTC', timezone('UTC', d) from t1
select extract(year from d), extract(epoch from g), extract(hour from l), extract(day from m), date_part('year', d), extract('month' from d) from t1
select overlay(b placing 'x' from 2), overlay(b placing 'x' from 2 for 3), position('x' in b), substring(b from 2), substring(b from 2 for 3), substring(b from 'x'), substring(b for 2) from t1
select substring(b similar 'x' escape '#'), trim(b), trim(both 'x' from b), trim(leading from b), trim(trailing 'x' from b), trim(b, 'x') from t1
select normalize('a'), normalize('a', NFD), 'a' is normalized, collation for ('a')
select (1,2) = (1,2), (1,2) < (a, h), (1,2) <> (3,4), (1,'a') in ((1,'b'),(2,'c')) from t1
select (a, b) = (select a, b from t2), (a,b) in (select a, b from t2), row(a,b) is null from t1
select (1,2) overlaps (3,4)
select (d, d) overlaps (d, interval '1 day') from t1
select a = any(array[1,2]), a = any('{1,2}'), a <> all(array[1,2]), a = any(select a from t2), a > all(select a from t2), b = any(array['x','y']), a = some(array[1]) from t1
select b collate "C", b collate "default", b collate pg_catalog."default", b collate "POSIX" < 'x' from t1
select count(*), count(a), count(distinct a), sum(a), sum(h), sum(c), sum(f), sum(i), sum(k), avg(a), avg(f), avg(c), min(a), max(b), min(d) from t1
select string_agg(b, ','), array_agg(a), array_agg(b order by a desc), json_agg(a), bool_and(e), every(e), stddev(a), variance(f), corr(f, f), bit_or(a) from t1
select count(*) filter (where a > 1), sum(a) filter (where e), string_agg(distinct b, ',' order by b) from t1
select string_agg(b, ',' order by a, b desc) from t1
select percentile_cont(0.5) within group (order by f), percentile_disc(0.5) within group (order by b), mode() within group (order by a), percentile_cont(array[0.1,0.9]) within group (order by f) from t1
select rank(1) within group (order by a), dense_rank('x') within group (order by b), percent_rank(1.5) within group (order by f) from t1
select row_number() over (), rank() over (order by a), lag(a) over (order by a), lag(a, 1, 0) over (order by a), first_value(b) over (partition by e order by a), ntile(4) over (order by a) from t1
select sum(a) over (), sum(a) over (partition by b), count(*) over w, avg(c) over (w rows 3 preceding) from t1 window w as (order by a)
select sum(a) over (order by a rows between 1 preceding and 1 following), sum(a) over (order by a range between 1 preceding and current row), sum(a) over (order by d range between '1 day' preceding and current row), sum(a) over (order by a groups 1 preceding exclude ties) from t1
select generate_series(1,3), generate_series(1,3) + 1, unnest(array['a','b']), regexp_split_to_table(b, 'x') from t1
select distinct a from t1
select distinct on (a) a, b from t1 order by a, b
select all a from t1
select upper(b), lower('X'), length(b), substr(b, 1, 2), replace(b, 'x', 'y'), left(b, 1), concat(a, b, c), concat_ws(',', a, b), format('%s', a), to_char(d, 'YYYY'), md5(b) from t1
select abs(a), abs(c), abs(f), round(c), round(c, 1), round(f), ceil(c), floor(f), trunc(c, 1), sign(a), sqrt(a), power(a, 2), exp(f), ln(c), log(c), log(2, c), mod(a, 2), div(c, 2) from t1
select round(1), round(1.5), round('1.5'), abs('-1'), sqrt('4'), length('x'), upper('x'), char_length('x')
select now(), date_trunc('day', d), date_trunc('day', g), date_trunc('hour', m), age(d), age(d, d), to_timestamp(1), to_date('x', 'y'), make_date(2020,1,1), make_interval(days => 1), make_interval(1, 2) from t1
select version(), current_database(), current_schema(), current_schemas(true), pg_backend_pid(), current_setting('x'), current_setting('x', true), set_config('a', 'b', false)
select array_length(array[1], 1), array_upper(array[1], 1), array_to_string(array[1], ','), string_to_array('a', ','), array_position(array[1], 1), array_append(array[1], 2), array_cat(array[1], array[2]), cardinality(array[1]), unnest(array[1])
select j -> 'a', j ->> 'a', j #> '{a}', j #>> '{a,b}', j -> 0, j @> '{}', j ? 'a', j || '{}', j - 'a', j['a'], j['a']['b'], j[0] from t1
select jsonb_build_object('a', 1), json_build_array(1, 'a'), to_jsonb(a), row_to_json(t1), jsonb_array_length(j), jsonb_typeof(j) from t1
select (jsonb_each(j)).key, (jsonb_each(j)).* from t1
select pg_typeof(a), 'pg_class'::regclass, 'pg_class'::regclass::oid, 1259::regclass, 'int4'::regtype, 'int4'::regtype::text, 'pg_catalog'::regnamespace
select tableoid, xmin, xmax, cmin, cmax from t1
select t1.tableoid::regclass from t1
select from t1
select
select a, count(*) from t1 group by a
select $1
select $1::int, $2::text
select a from t1 where a = $1
select a from t1 where b = $1 and c > $2 and d between $3 and $4 and e = $5
select a from t1 where a in ($1, $2)
select a from t1 where a = any($1)
select a from t1 where b like $1
select a + $1, $2 + a, c * $3, d + $4, d - $5, $6 || b, g + $7 from t1
select $1 + 1, 1 + $2, $3 || 'x', $1 + $1
select coalesce($1, a), coalesce($2, 'x'), case when true then $3 else a end, greatest($4, 1.5), nullif($5, a) from t1
select * from t1 limit $1 offset $2
select upper($1), substr($2, $3), length($4), round($5, 2)
select $1::int + $1
select array[$1, 1], array[$2, 'x'], row($3, 1)
select a from t1 union select $1
select $1 union select a from t1
select $1 union all select $2
values ($1, 1), (2, $2)
select (select $1), exists(select $2 where $3)
select a from t1 where $1
select a from t1 where ($1 is null or a = $1)
select a from t1 where ($1::int is null or a = $1)
select a from t1 where a = $2
select generate_series($1, $2)
select generate_series($1, 10)
select generate_series(1, $1)
select date_trunc($1, d), extract(year from $2::date), to_char($3::timestamp, $4) from t1
select $1 as x from t1 group by 1
select distinct $1 from t1
select $1 order by 1
select a from t1 where (a, b) = ($1, $2)
select a from t1 where a between $1 and $1 + 10
select interval '1 day' * $1, $2 * interval '1 day', now() - $3
select $1 = 'x', 'x' = $2, $3 = $4
select $1 is null, $2 is distinct from 1
select $1::varchar(10), $2::numeric(10,2)
select concat($1, $2), format($1, $3)
select json_build_object($1::text, $2::int)
select $1 in (select a from t1), a = any(select $2::int) from t1
select lag(a, $1) over (order by a rows between $2 preceding and $3 following) from t1
select case $1 when 1 then 'a' end, case $2 when 'x' then $3 else $4 end
