# Syntax errors, one a line, compared with PostgreSQL: SQLSTATE, message, position, hint, detail.
select
selec 1
select 1 from
select 1 2
select * fro t
select 'abc
select "abc
select ""
select 1 /* open
select $$abc
select $x$abc$$
select e'\u12'
select e'\ud800'
select e'\ud800\u0041'
select e'\U00110000'
select u&'\zzzz'
select u&'\+1'
select u&'a\00zz'
select u&'\d800'
select u&'x' uescape '+'
select u&'x' uescape 'ab'
select u&'x' uescape 1
select b'102'
select x'xyz'
select 1a
select 1.5x
select 1e
select 1e+
# differs: newer grammar
select 0b
# differs: the parser's grammar allows a name right after a parameter
select $1a
select $99999999999
select :x
select @
select 1 +
select ?
select a.
select .a
select a..b from t
select (1
select 1)
select [1]
select array[1
select case end
select case when 1 end
select cast(1 as)
select cast(1 int)
select 1::
select not
select 1 in ()
select 1 in
select 1 between 2
select 1 is
select 1 is not
select 1 like
select count(*
select count(distinct)
select f(a,)
select f(,a)
select f(variadic)
select sum(a) over
select sum(a) over (order)
select sum(a) filter (a)
select sum(a) over (rows unbounded following)
select sum(a) over (rows between current row and unbounded preceding)
select sum(a) over (rows between unbounded following and current row)
select sum(a) over (rows between 1 following and current row)
select sum(a) over (rows between 1 following and 1 preceding)
select sum(a) over (rows between current row and 1 preceding)
select sum(a) over (rows between 1 preceding)
select a from t where
select a from t group
select a from t group by
select a from t having
select a from t order
select a from t order by
select a from t order by a nulls
select a from t limit
select a from t limit 1, 2
select a from t limit 1 limit 2
select a from t offset 1 offset 2
select a from t order by a order by b
(select 1 order by 1) order by 1
(select 1 limit 1) limit 1
(select 1 offset 1) offset 1
(with x as (select 1) select 1) union select 1
with x as (select 1) (with y as (select 1) select 1)
select a from t fetch first 1 row with ties
select a from t order by a fetch first 1 rows with ties for update skip locked
select a from t union
select a from t union all
select a from t intersect
select union select 1
select a from t join
select a from t join u
select a from t join u on
select a from t join u using
select a from t join u using ()
select a from t natural join
select a from t cross join u on true
select a from t left u
select * from (select 1
select * from (values (1)
select * from f() as (a)
select * from t as
select * from t tablesample
select * from a.b.c.d
select a.b.c.d.e.f.g from t
values
values ()
values (1), 
table
table a.b.c.d
with x as select 1
with x (select 1)
with recursive
insert into t
insert into t values
update t
update t set
delete t
create
create table
create table t (
create table t (a)
create table t (a int b int)
create view v as
create or replace constraint trigger x after insert on t for each row execute function f()
create table t (a int references u match partial)
create table a.b.c.d (x int)
create schema if not exists s create table t (a int)
create assertion a check (true)
create user u unencrypted password 'x'
create user u foo
create role public
create role none
drop role current_user
grant x to none
create extension e from 'x'
alter
drop
drop table
begin foo
commit foo
set
set x
set x =
set x to
set session
set time zone
set time zone interval '1' day
set time zone interval '1' year
show
reset
copy t
copy t to
copy t to program stdout
copy t from stdin with (format)
copy t (a) to stdout where a = 1
explain
explain (analyze
explain (analyze) 
prepare x
prepare x as
execute
execute x (
deallocate
declare c
declare c cursor
fetch
close
lock
listen
notify
vacuum (
select interval '1' foo
select interval '1' year to day
select timestamp(x) '2020'
select float(0) '1'
select 1::float(0)
select 1::float(54)
select 1::bit(
select (1,2) overlaps (1)
select (1) overlaps (1,2)
select (1,2,3) overlaps (1,2)
select unique (select 1)
select f(a order by b) within group (order by c)
select f(distinct a) within group (order by c)
select f(variadic a) within group (order by c)
select 1 collate
select 1 collate x collate
select a operator
select a operator(
select a operator(pg_catalog)
select a at time
select extract(year d)
select extract(from d)
select trim(both)
select substring()
select position(a, b)
select overlay(a from 1)
select xmlelement()
select treat(a)
select coalesce()
select greatest()
select nullif(1)
select grouping()
select row(
select exists 1
select exists ()
select any (select 1)
select 1 = any
select 1 = any ()
select all
select distinct on a from t
select distinct on () a from t
select * from t for
select * from t for update of
select * from t for update nowait skip locked
select 1;; select 2 from
select 1; selct 2
;;selec
select 'é' frm x y z
select "ä" + + from t where
select 'a' 'b'
select 1 as select
select 1 as from
select from where
select * from t where a = = b
select * from t where a ! b
select a, from t
select , a from t
select a b c from t
select t.* x from t
select * as x from t
select *, from t
select * from t,
select * from , t
select 1 where 1 group by
select date
select cast (x as y
select array(select 1
select x[1:2:3]
select x[
select (x).
select -
select - from t
select 1 - - 
select @@ from
select 1 === from
select a#b from
select 1 from t1 t2 t3
select current_date()
select current_timestamp('x')
select user()
select null(1)
select true(1)
select distinct
select all from from
