package sqltype_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// samples holds a literal for every type that has text input; a type of the table that is missing here fails the test.
var samples = map[string]string{
	"bool": "t", "bytea": `\x00ff`, "char": "a", "name": "n", "int8": "-9", "int2": "3", "int2vector": "1 2", "int4": "7", "regproc": "1", "text": "ä",
	"oid": "4294967295", "tid": "(1,2)", "xid": "5", "cid": "6", "oidvector": "3 4", "json": `{"a" : 1}`, "float4": "1.5", "float8": "0.1", "unknown": "u",
	"aclitem": "a=r/b", "bpchar": "c ", "varchar": "v", "date": "2024-02-29", "time": "04:05:06.7", "timestamp": "2024-02-29 01:02:03", "timestamptz": "2024-02-29 01:02:03+00",
	"interval": "1 mon -2 days 00:00:03", "timetz": "04:05:06-07", "numeric": "123456789012345678901234567890.10", "refcursor": "r", "regprocedure": "2", "regoper": "3",
	"regoperator": "4", "regclass": "5", "regtype": "6", "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "jsonb": `{"a": [1, 2.50]}`, "regconfig": "7", "regdictionary": "8",
	"regnamespace": "9", "regrole": "10", "regcollation": "11", "xid8": "18446744073709551615", "cstring": "x", "void": "",
}

// madeElsewhere have no text input, in PostgreSQL neither.
var madeElsewhere = map[string]bool{"record": true, "_record": true, "pg_node_tree": true, "anyarray": true}

func TestEveryTypeHasItsFourForms(t *testing.T) {
	t.Parallel()
	for _, i := range sqltype.All() {
		typ := sqltype.Of(i.OID)
		text, ok := samples[i.Name]
		if i.IsArray {
			elem, _ := sqltype.Lookup(i.Elem)
			if s, found := samples[elem.Name]; found {
				ok = true
				text = `{"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `",NULL}`
			}
		}
		switch {
		case !i.Implemented:
			if ok {
				t.Errorf("%s: has a sample and no codec", i.Name)
			}
			if _, err := sqltype.ParseText(typ, "1", nil); pgerr.CodeOf(err) != pgerr.FeatureNotSupported {
				t.Errorf("%s: input gives %v", i.Name, err)
			}
			continue
		case madeElsewhere[i.Name]:
			continue
		case !ok:
			t.Errorf("%s: no sample", i.Name)
			continue
		}
		v, err := sqltype.ParseText(typ, text, nil)
		if err != nil {
			t.Errorf("%s: %v", i.Name, err)
			continue
		}
		out := string(sqltype.AppendText(nil, typ, v, nil))
		bin, err := sqltype.AppendBinary(nil, typ, v, nil)
		if i.Send == "-" || i.IsArray && sqltype.Of(i.Elem).Info().Send == "-" {
			if pgerr.CodeOf(err) != pgerr.UndefinedFunction {
				t.Errorf("%s: binary output gives %v", i.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: binary output: %v", i.Name, err)
			continue
		}
		back, err := sqltype.ParseBinary(typ, bin, nil)
		if err != nil {
			t.Errorf("%s: binary input: %v", i.Name, err)
			continue
		}
		if again := string(sqltype.AppendText(nil, typ, back, nil)); again != out {
			t.Errorf("%s: %q becomes %q", i.Name, out, again)
		}
		if !sqltype.Equal(typ, v, back) || sqltype.Hash(typ, v) != sqltype.Hash(typ, back) {
			t.Errorf("%s: %q differs from itself", i.Name, out)
		}
	}
}

func TestTheTableIsTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	rows, err := conn.Query(context.Background(), `
select t.oid::int8, concat_ws(' ', t.typname, t.typlen, t.typbyval, t.typtype, t.typcategory, t.typispreferred, t.typdelim, t.typalign, t.typstorage,
	t.typelem::oid, t.typarray::oid, t.typcollation::oid, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typsubscript)
from pg_type t left join pg_type e on e.oid = t.typelem and t.typinput = 'array_in'::regproc
where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype <> 'c' and coalesce(e.typtype, 'b') <> 'c'`)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		var oid int64
		var want string
		if err := rows.Scan(&oid, &want); err != nil {
			t.Fatal(err)
		}
		n++
		i, ok := sqltype.Lookup(uint32(oid))
		if !ok {
			t.Errorf("%d is missing: %s", oid, want)
			continue
		}
		tf := map[bool]string{true: "t", false: "f"}
		got := fmt.Sprint(i.Name, " ", i.Len, " ", tf[i.ByVal], " ", string(i.TypType), " ", string(i.Category), " ", tf[i.Preferred], " ", string(i.Delim), " ",
			string(i.Align), " ", string(i.Storage), " ", i.Elem, " ", i.Array, " ", i.Collation, " ", strings.Join([]string{
				i.Input, i.Output, i.Receive, i.Send, i.ModIn, i.ModOut, i.Analyze, i.Subscript,
			}, " "))
		if got != want {
			t.Errorf("%d:\n got %s\nwant %s", oid, got, want)
		}
		if byName, ok := sqltype.ByName(i.Name); !ok || byName != i {
			t.Errorf("%s is not found by name", i.Name)
		}
		if i.Array != 0 && (sqltype.ArrayOf(i.OID) != i.Array || sqltype.ElemOf(i.Array) != i.OID) {
			t.Errorf("%s: array and element do not agree", i.Name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n != len(sqltype.All()) {
		t.Errorf("PostgreSQL has %d types, the table %d", n, len(sqltype.All()))
	}
}

func TestAbbreviationsAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	ours := map[string]sqltype.Abbreviation{}
	for _, a := range sqltype.ZoneAbbreviations(time.Now()) {
		ours[a.Name] = a
	}
	rows, err := conn.Query(context.Background(), "select abbrev, extract(epoch from utc_offset)::int, is_dst from pg_timezone_abbrevs")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		var want sqltype.Abbreviation
		if err := rows.Scan(&want.Name, &want.Offset, &want.DST); err != nil {
			t.Fatal(err)
		}
		n++
		if got := ours[want.Name]; got != want {
			t.Errorf("%s: got %+v, want %+v", want.Name, got, want)
		}
	}
	if n != len(ours) {
		t.Errorf("PostgreSQL has %d abbreviations, we %d", n, len(ours))
	}
}

func TestZonesAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	ctx := context.Background()
	zones := []string{
		"America/New_York", "Europe/Berlin", "europe/london", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca",
		"Europe/Dublin", "America/St_Johns", "Asia/Tehran", "UTC", "UTC+3", "<+02>-2", "EST5EDT", "Etc/GMT+5", "FOO-5:30", "EST5EDT,M3.2.0,M11.1.0", "CST6CDT5,M4.1.0/3,M10.5.0",
	}
	const steps = 400
	for _, zone := range zones {
		loc, err := sqltype.LoadLocation(zone)
		if err != nil {
			t.Error(err)
			continue
		}
		// Every 41 days and some hours from 1968 to 2060, and the hours around each change of 2024 and 2025.
		rows, err := conn.Query(ctx, `
with p as (select timestamp '1968-01-01' + i * interval '84 days 5 hours 17 min' as t from generate_series(0, $1) i
union all select timestamp '2024-01-01' + i * interval '30 min' from generate_series(0, 17520*2) i where $2)
select (extract(epoch from t) * 1000000)::int8 - 946684800000000, (extract(epoch from t at time zone $3) * 1000000)::int8 - 946684800000000,
  (extract(epoch from (t at time zone 'UTC') at time zone $3) * 1000000)::int8 - 946684800000000 from p`, steps, !strings.Contains(zone, ","), zone)
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for rows.Next() {
			var at, toUTC, toLocal int64
			if err := rows.Scan(&at, &toUTC, &toLocal); err != nil {
				t.Fatal(err)
			}
			gotUTC, _ := sqltype.LocalToUTC(loc, at)
			gotLocal, _ := sqltype.UTCToLocal(loc, at)
			if gotUTC != toUTC || gotLocal != toLocal {
				if bad++; bad < 5 {
					t.Errorf("%s %s: to UTC off by %d s, to local off by %d s", zone, sqltype.TimeFromTimestamp(at), (gotUTC-toUTC)/1e6, (gotLocal-toLocal)/1e6)
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
	}
	for _, bad := range []string{"", "Foo/Bar", "foo", "+3", "Europe/", "UTC+200", "<+02", "../etc/passwd"} {
		if loc, err := sqltype.LoadLocation(bad); err == nil {
			t.Errorf("%q is accepted as %s", bad, loc)
		}
	}
}

func TestRecordsAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	for _, c := range []string{
		"row(1, 'a b', null)", "row('', '\"', '\\', ',', '(', ')')", "row()", "row(1.50, true, array['x','y z'], row(1,2))", "row('2024-01-02'::date, '1 day'::interval)",
		"row('x'::name, 'y'::\"char\", 5::oid)", "row(null::int)", "row('{\"a\": 1}'::jsonb)", "row(' ')",
	} {
		var text string
		var bin []byte
		if err := conn.QueryRow(context.Background(), fmt.Sprintf("select r::text, record_send(r) from (select %s as r) q", c)).Scan(&text, &bin); err != nil {
			t.Fatal(c, err)
		}
		typ := sqltype.Of(sqltype.OIDRecord)
		r, err := sqltype.DecodeRecord(string(bin))
		if err != nil {
			t.Error(c, err)
			continue
		}
		v := sqltype.EncodeRecord(r)
		if _, err := sqltype.ParseBinary(typ, bin, nil); pgerr.CodeOf(err) != pgerr.FeatureNotSupported {
			t.Errorf("%s: records from outside are refused by PostgreSQL; got %v", c, err)
		}
		if got := string(sqltype.AppendText(nil, typ, v, nil)); got != text {
			t.Errorf("%s: got %s, want %s", c, got, text)
		}
		if got, _ := sqltype.AppendBinary(nil, typ, v, nil); string(got) != string(bin) {
			t.Errorf("%s: got %x, want %x", c, got, bin)
		}
	}
}

func TestErrorsOfJSONSayWhere(t *testing.T) {
	t.Parallel()
	conn := connect(t, `
create or replace function pg_temp.where_of(s text) returns text language plpgsql as $$
declare c text;
begin
  perform json_in(s::cstring); return '';
exception when others then
  get stacked diagnostics c = pg_exception_context; return split_part(c, E'\nSQL', 1);
end $$`)
	for _, s := range []string{
		"{", `{"a":1,}`, "[1,\n2,\n x]", `{"a very long key that goes on and on": 1, "another long key, even longer than that": nope, "more": 2}`, `"abc`, "", `{"a" 1}`, `"\q"`, "nul", `["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", x`, "[1,2,3,x]\n", `"\u12"`,
	} {
		var want string
		if err := conn.QueryRow(context.Background(), "select pg_temp.where_of($1)", s).Scan(&want); err != nil {
			t.Fatal(err)
		}
		want, _, _ = strings.Cut(want, "\nPL/pgSQL")
		e := pgerr.As(sqltype.CheckJSON(s))
		if e == nil {
			t.Errorf("%q is accepted", s)
			continue
		}
		if e.Where != want && !strings.HasPrefix(want, e.Where+"\n") {
			t.Errorf("%q: got %q, want %q", s, e.Where, want)
		}
	}
}
