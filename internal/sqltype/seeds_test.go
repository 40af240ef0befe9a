package sqltype_test

import "github.com/odatagres/odatagres/internal/sqltype"

type comparisonCase struct {
	name     string
	types    []sqltype.Type
	env      func(*session)
	seeds    string
	alphabet string
}

func of(oids ...uint32) (ts []sqltype.Type) {
	for _, o := range oids {
		ts = append(ts, sqltype.Of(o))
	}
	return ts
}

const (
	intSeeds = `
0
1
-1
+7
 12 
32767
32768
-32768
-32769
2147483647
2147483648
-2147483648
9223372036854775807
9223372036854775808
-9223372036854775808
-9223372036854775809
99999999999999999999999
4294967295
4294967296
1.5
1e5
0x10
017
abc
--1
+
-

12 34`
	floatSeeds = `
0
-0
1
1.5
-2.25
1e15
123456789012345
1234567890123456
1e14
999999999999999.9
0.0001
0.00001
0.000123456
1e300
1e309
1e-320
1e-400
5e-324
4.9406564584124654e-324
2.2250738585072014e-308
18014398509481990
9007199254740993
1e22
1e23
36028797018963968
3.4028235e38
1e-45
1e-46
16777217
1234567
123456
33554434
NaN
nan
inf
-Infinity
+infinity
infinit
0x1p3
0x1.8p1
.5
5.
.
e5
1e
1e+
 1 
1_000
0.1
0.3
1.1754943508222875e-38
7.0064923216240854e-46`
	numericSeeds = `
0
-0
0.00
1
1.50
-123.456
12345678901234567890
123456789.123456789123456789
0.000000000000000000000000001
1e10
1e-10
1.5e3
1e400
1e131071
1e131072
1e-16383
1e-16384
9999.9999
10000
0.0001
00012.3400
NaN
nan
Infinity
-inf
+Infinity
+nan
.5
5.
.
-
1e
1e+
1 2
 7 
99999999999999999999.5
-9223372036854775808
9223372036854775807
9223372036854775808
922337203685477580.8
0.9223372036854775807
123456789012345678
1234567890123456789
1e18
1_0
0x1f
abc`
	dateSeeds = `
2024-01-02
2024-1-2
20240102
240102
January 8, 1999
8 Jan 1999
Jan-08-1999
08-Jan-99
1/8/1999
1/18/1999
01/02/03
1999.008
1999.123
J2451187
J2451187.5
January 8, 99 BC
2024-02-30
2024-02-29
2023-02-29
epoch
infinity
-infinity
+infinity
today
tomorrow
yesterday
now
0001-01-01
0000-01-01
4713-11-24 BC
4714-11-24 BC
4714-11-23 BC
5874897-12-31
5874898-01-01
294276-12-31
99-01-08
99-Jan-08
1999-Jan-08
Mon Jan 08 1999
13/1/2024
2024/01/02
2024.01.02
02.01.2024
y2024m1d5
2024-01-02 10:11:12
2024-01-02T10:11:12Z
20240102T101112
1.5.2024
12345-06-07
May 5
2024 Jan 5
5 2024 Jan
Sept 5 2024
2024-366
2024-001`
	timestampSeeds = `
2024-01-02 03:04:05
2024-01-02T03:04:05.6Z
2024-01-02 03:04:05.123456789
2024-01-02 03:04:05.9999999
2024-01-02 24:00:00
2024-01-02 23:59:60
2024-01-02 24:00:01
2024-01-02 3:04 pm
2024-01-02 12:00 am
2024-01-02 13:00 pm
Mon Jan 08 04:05:06 1999
January 8 04:05:06 1999 PST
1999-01-08 04:05:06 -8:00
2024-07-01 12:00:00 America/New_York
2024-03-10 02:30:00 America/New_York
2024-11-03 01:30:00 America/New_York
2024-11-03 01:30 EDT
2024-01-02 03:04:05+05:30
2024-01-02 03:04:05+0530
2024-01-02 03:04:05-02
2024-01-02 03:04:05+15:59:59
2024-01-02 03:04:05+16
20240102 030405
20240102T030405
20240102T030405.5
20240102T030405-07
20240102 030405.5+02
epoch
infinity
-infinity
now
today
yesterday
today 10:00
tomorrow 04:05
allballs
4714-11-24 00:00:00 BC
4714-11-23 23:59:59 BC
294276-12-31 23:59:59.999999
294277-01-01 00:00:00
J2451187 04:05
1999.008 10:11
2024-01-02 03:04:05 BC
03:04:05 2024-01-02
03:04:05
2024-01-02 030405
2024-01-02 0304
2024-01-02 03
2024-01-02 MSK 10:00
2014-07-01 12:00 MSK
2024-07-01 12:00 CET DST
2024-01-02 10:00 EST
2024-01-02 10:00 Z
2024-01-02 10:00 UTC
2024-01-02 10:00 UTC+3
2024-01-02 10:00 <+02>-2
2024-01-02 10:00 Foo/Bar
2024-01-02 10:00 foo
2024-01-02 1:2:3
2024-01-02 :04:05
2024-01-02 10:00:00.
2024-01-02 10:61
Sat Jan 02 2024 10:11:12 GMT+1
1883-11-18 12:00 America/New_York
1850-01-01 00:00 Europe/Berlin
2500-07-01 00:00 Europe/Berlin
12/31/2024 5:06:07.5 AM`
	timeSeeds = `
04:05:06.789
04:05:06
04:05
040506
0405
04:05 AM
04:05 PM
04:05:06.789-8
04:05:06-08:00
04:05-08:00
040506-08
040506+0730
040506+07:30:00
04:05:06 PST
2003-04-12 04:05:06 America/New_York
04:05:06 America/New_York
04:05:06 Asia/Tokyo
24:00:00
24:00:01
23:59:60
23:59:59.9999999
25:00
allballs
now
12:00 am
12:00 pm
13:00 pm
T040506
t04:05
4:5:6
040506.789
04:05:06 UTC
04:05:06 MSK
04:05 EDT
04:05 EST DST
1
12
123
12345
2024-01-02 04:05
04:05 2024-01-02
today
infinity
J2451187
15:04:05.000001`
	intervalSeeds = `
1 day
1 year 2 mons 3 days 04:05:06
1-2
1-2 3 4:05:06
-1-2 +3 -4:05:06
P1Y2M3DT4H5M6S
P1Y
PT1.5H
P1W
P0001-02-03T04:05:06
P00010203T040506
P-1Y2M
P1Y2M3DT4:05:06
P1.5Y
P
PT
@ 1 min
@ 1 year 2 mons ago
1 day ago
-1 day
1.5 days
1.5 months
1.3 years
1.5 weeks
2.5 hours
1 decade
1 century
1 millennium
1 mil 2 c
10 microseconds
15 milliseconds
1.5 ms
1 us
04:05
04:05:06.789
-04:05:06
+04:05:06
1:02.5
100:00:00
2562047788:00:54.775807
2562047788:00:54.775808
178956970 years 7 months
178956970 years 8 months
178956971 years
2147483647 days
2147483648 days
-2147483648 days
9223372036854775807 us
9223372036854775808 us
1
1.5
1 2:03
1 month 2
12h 30m
3 days 4 hours 5 minutes 6 seconds
1y 1mon 1d 1h 1m 1s
1 quarter
1 week 2 days
1 day 1 day
1 hour 04:05
0.1 ms 
-1.5
.5 day
1e3 s
1 day -02:03:04
1 days 2 hours ago
ago
infinity
sunday
1 day 24:00:00
23:59:60
1 mon -1 day
-1 mon +1 day 1 hour
1 year -1 mon
6 weeks 1.25 days`
	boolSeeds = `
t
true
TRUE
tr
f
false
fal
y
yes
n
no
on
of
off
o
1
0
 true 
2

truee`
	textSeeds = `
abc
abc   
abcdef
äöü
日本語テキスト
  x

a"b\c
'quoted'
long text beyond five
0123456789012345678901234567890123456789012345678901234567890123456789
äääääääääääääääääääääääääääääääääääää
\303
\777
\12`
	byteaSeeds = `
\x
\x00ff
\xDEADBEEF
\xde ad be ef
\x1
\xzz
\xä
abc
a\\b
\001\377
\400
\1
\
text with 'quotes'
ä`
	uuidSeeds = `
a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11
{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}
a0eebc999c0b4ef8bb6d6bb9bd380a11
a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11
11111111-1111-1111-1111-11111111111
11111111-1111-1111-1111-111111111111 
{22222222-2222-2222-2222-222222222222 
11111111-1111-1111-G111-111111111111`
	jsonSeeds = `
{}
[]
null
true
false
1
-0
1.50
1e5
1E-3
"a"
"a\u00e9\n\"b"
{"a": 1, "b": [1, 2, {"c": null}]}
{"bb":1,"a":2,"ccc":3,"a":4}
[1,2,3
[1,,2]
[1 2]
{"a" 1}
{"a":}
{a:1}
{"a":1,}
[1,]
01
1.
.5
-
+1
"abc
"\u12"
"\ud83d\ude00"
"\ud83d"
"\ude00"
"\ud83d\ud83d"
"\u0000"
"\q"
nul
truex
{"a":1} x
]
}
:
,
'a'
1e400
[[[[1]]]]
{"x":{"y":{"z":[]}}}
"\/\b\f\n\r\t"
 { "k" : "v" } 
{"ä":"ö"}
{"a":[{"b":[{"c":[]}]}]}
12345678901234567890.12345678901234567890`
	arraySeeds = `
{}
{1}
{1,2,3}
{1,NULL,3}
{{1,2},{3,4}}
{{{1},{2}},{{3},{4}}}
[2:4]={1,2,3}
[0:1][1:2]={{1,2},{3,4}}
[1:0]={}
[3:2]={1}
[1:2]={1}
[5]={1,2,3,4,5}
[1:]={1}
[1={1}
[-2:0]={1,2,3}
 { 1 , 2 } 
{1,2
{1,2}}
1,2
{,}
{1,}
{,1}
{{1},2}
{1,{2}}
{{1,2},{3}}
{{},{}}
{{1},{}}
{"1","2"}
{"a b",c}
{a b}
{null}
{"null"}
{\1}
{"a\"b"}
{"a"b}
{a"b"}
{x,y}
{1}{2}
{{{{{{1}}}}}}
{{{{{{{1}}}}}}}
{1.5}
{""}
{ }
{{}}`
	vectorSeeds = `
1 2 3

1
 1  2 
1,2
a
1 a
65536
-1 2
99999999999
4294967295`
	tidSeeds = `
(0,0)
(1,2)
(4294967295,65535)
(4294967296,1)
(1,65536)
(1,2
1,2
(-1,2)
(1,-2)
( 1 , 2 )
(a,b)
()`
)

const dateAlphabet = "0123456789-/.: +,TZJBCapm"

func comparisons() []comparisonCase {
	date, ts, tstz := sqltype.OIDDate, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ
	return []comparisonCase{
		{"integers", of(sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDOID, sqltype.OIDXID, sqltype.OIDCID, sqltype.OIDXID8), nil, intSeeds, "0123456789+- xab."},
		{"bool", of(sqltype.OIDBool), nil, boolSeeds, "tfyn10 oe"},
		{"floats", of(sqltype.OIDFloat8, sqltype.OIDFloat4), nil, floatSeeds, "0123456789.eE+-xpN "},
		{"floats with digits", of(sqltype.OIDFloat8, sqltype.OIDFloat4), func(s *session) { s.digits = 0 }, floatSeeds, "0123456789.eE+-"},
		{"floats with few digits", of(sqltype.OIDFloat8, sqltype.OIDFloat4), func(s *session) { s.digits = -10 }, floatSeeds, "0123456789.eE+-"},
		{"numeric", append(of(sqltype.OIDNumeric), numericOf(10, 2), numericOf(5, 0), numericOf(3, 5), numericOf(4, -2), numericOf(40, 20)), nil, numericSeeds, "0123456789.eE+-N "},
		{"text", append(of(sqltype.OIDText, sqltype.OIDVarChar, sqltype.OIDBPChar, sqltype.OIDName, sqltype.OIDChar, sqltype.OIDRefCursor), sqltype.Type{OID: sqltype.OIDVarChar, Typmod: 9}, sqltype.Type{OID: sqltype.OIDBPChar, Typmod: 9}), nil, textSeeds, " abc\\07"},
		{"bytea", of(sqltype.OIDBytea), nil, byteaSeeds, "0123456789abcdefx\\ "},
		{"bytea escape", of(sqltype.OIDBytea), func(s *session) { s.bytea = "escape" }, byteaSeeds, "0123456789abcdefx\\ "},
		{"uuid", of(sqltype.OIDUUID), nil, uuidSeeds, "0123456789abcdef-{} "},
		{"json", of(sqltype.OIDJSON, sqltype.OIDJSONB), nil, jsonSeeds, "0123456789{}[]\",:.eE+-\\ truefalsn\t"},
		{"date", of(date), nil, dateSeeds, dateAlphabet},
		{"date DMY", of(date), func(s *session) { s.order = "DMY"; s.style = "SQL" }, dateSeeds, dateAlphabet},
		{"date YMD", of(date), func(s *session) { s.order = "YMD"; s.style = "German" }, dateSeeds, dateAlphabet},
		{"timestamp", append(of(ts, tstz), sqltype.Type{OID: ts, Typmod: 3}, sqltype.Type{OID: tstz, Typmod: 0}), nil, timestampSeeds, dateAlphabet},
		{"timestamp New York", of(tstz, ts), func(s *session) { s.zone = "America/New_York"; s.style = "Postgres" }, timestampSeeds, dateAlphabet},
		{"timestamp Kolkata", of(tstz), func(s *session) { s.zone = "Asia/Kolkata"; s.style = "SQL"; s.order = "DMY" }, timestampSeeds, dateAlphabet},
		{"timestamp Berlin", of(tstz), func(s *session) { s.zone = "Europe/Berlin"; s.style = "German"; s.order = "DMY" }, timestampSeeds, dateAlphabet},
		{"timestamp dates", of(ts, tstz), func(s *session) { s.zone = "America/Sao_Paulo" }, dateSeeds, dateAlphabet},
		{"time", append(of(sqltype.OIDTime, sqltype.OIDTimeTZ), sqltype.Type{OID: sqltype.OIDTime, Typmod: 2}), nil, timeSeeds, dateAlphabet},
		{"time Berlin", of(sqltype.OIDTimeTZ), func(s *session) { s.zone = "Europe/Berlin" }, timeSeeds, dateAlphabet},
		{"interval", of(sqltype.OIDInterval), nil, intervalSeeds, "0123456789.-+: PTYMDHSago"},
		{"interval verbose", of(sqltype.OIDInterval), func(s *session) { s.interval = "postgres_verbose" }, intervalSeeds, "0123456789.-+: PTYMDHSago"},
		{"interval SQL", of(sqltype.OIDInterval), func(s *session) { s.interval = "sql_standard" }, intervalSeeds, "0123456789.-+: PTYMDHSago"},
		{"interval ISO", of(sqltype.OIDInterval), func(s *session) { s.interval = "iso_8601" }, intervalSeeds, "0123456789.-+: PTYMDHSago"},
		{"interval fields", intervalTypes(), nil, intervalSeeds, "0123456789.-+: "},
		{"arrays", of(sqltype.OIDInt4Array, sqltype.OIDTextArray, sqltype.OIDNumericArray, sqltype.OIDBoolArray), nil, arraySeeds, "0123456789{},\"\\ []:=aN"},
		{"arrays of jsonb", of(sqltype.OIDJSONBArray, sqltype.OIDTimestampTZArray), nil, arraySeeds, "0123456789{},\"\\ "},
		{"vectors", of(sqltype.OIDInt2Vector, sqltype.OIDOIDVector), nil, vectorSeeds, "0123456789 -,a"},
		{"tid", of(sqltype.OIDTID), nil, tidSeeds, "0123456789(), -"},
	}
}

func numericOf(p, s int32) sqltype.Type {
	mod, _, err := sqltype.ModifiersOf(sqltype.OIDNumeric, []int64{int64(p), int64(s)})
	if err != nil {
		panic(err)
	}
	return sqltype.Type{OID: sqltype.OIDNumeric, Typmod: mod}
}

func intervalTypes() (ts []sqltype.Type) {
	for _, fields := range []int64{2, 4, 6, 8, 1 << 10, 1 << 11, 1 << 12, 8 | 1<<10, 8 | 3<<10, 8 | 7<<10, 3 << 10, 7 << 10, 6 << 10} {
		ts = append(ts, sqltype.Type{OID: sqltype.OIDInterval, Typmod: int32(fields<<16 | 0xffff)})
	}
	return append(ts, sqltype.Type{OID: sqltype.OIDInterval, Typmod: 0x7fff<<16 | 2})
}
