package sqltype_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// tryCompute evaluates an expression over a and b for every pair.
const tryCompute = `
create or replace function pg_temp.try_compute(expr text, typ text, a text[], b text[]) returns setof text language plpgsql as $$
declare o text; st text; m text;
begin
  for i in 1 .. array_length(a, 1) loop
    begin
      execute format('select (%s)::text from (select %L::%s as a, %L::%s as b) q', expr, a[i], typ, b[i], typ) into o;
      return next o;
    exception when others then
      get stacked diagnostics st = returned_sqlstate, m = message_text;
      return next 'error ' || st || ' ' || m;
    end;
  end loop;
end $$`

func compute(t *testing.T, conn *pgx.Conn, expr, typ string, a, b []string) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), "select pg_temp.try_compute($1, $2, $3, $4)", expr, typ, a, b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(got))
	for i, g := range got {
		if out[i] = "null"; g != nil {
			out[i] = *g
		}
	}
	return out
}

func connect(t *testing.T, setup ...string) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	conn, err := oracle.Start(t).Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	for _, s := range setup {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

func randomNumeric(r *rand.Rand, wide bool) string {
	special := []string{
		"0", "0.00", "1", "-1", "NaN", "Infinity", "-Infinity", "9223372036854775807", "-9223372036854775808", "10", "0.5", "-0.5", "2",
		"1.0000", "0.9999999", "1.1", "0.9", "1e-20", "12345678901234567890", "99999999999999999999.5", "10000", "9999", "0.0001", "3", "7", "1.5", "2.5",
	}
	if r.IntN(4) == 0 {
		return special[r.IntN(len(special))]
	}
	var b strings.Builder
	if r.IntN(3) == 0 {
		b.WriteByte('-')
	}
	limit := 12
	if wide && r.IntN(3) == 0 {
		limit = 40
	}
	for range 1 + r.IntN(limit) {
		b.WriteByte('0' + byte(r.IntN(10)))
	}
	if r.IntN(3) > 0 {
		b.WriteByte('.')
		for range 1 + r.IntN(limit) {
			b.WriteByte('0' + byte(r.IntN(10)))
		}
	}
	return b.String()
}

func numText(n sqltype.Numeric, err error) string {
	if err != nil {
		return errText(err)
	}
	return n.String()
}

func errText(err error) string { return "error " + string(pgerr.CodeOf(err)) + " " + err.Error() }

func intText(i int64, err error) string {
	if err != nil {
		return errText(err)
	}
	return strconv.FormatInt(i, 10)
}

func floatText(f float64, err error) string {
	if err != nil {
		return errText(err)
	}
	return string(sqltype.AppendFloat8(nil, f, 1))
}

func TestNumericFunctionsAreTheOracles(t *testing.T) {
	t.Parallel()
	type num = sqltype.Numeric
	for _, c := range []struct {
		expr string
		wide bool
		n    int
		ours func(a, b num) string
	}{
		{"a + b", true, 2000, func(a, b num) string { return numText(a.Add(b)) }},
		{"a - b", true, 2000, func(a, b num) string { return numText(a.Sub(b)) }},
		{"a * b", true, 2000, func(a, b num) string { return numText(a.Mul(b)) }},
		{"a / b", true, 3000, func(a, b num) string { return numText(a.Div(b)) }},
		{"a % b", true, 2000, func(a, b num) string { return numText(a.Mod(b)) }},
		{"div(a, b)", true, 2000, func(a, b num) string { return numText(a.DivTrunc(b)) }},
		{"-a", true, 300, func(a, _ num) string { return a.Neg().String() }},
		{"abs(a)", true, 300, func(a, _ num) string { return a.Abs().String() }},
		{"sign(a)", true, 300, func(a, _ num) string {
			if a.IsNaN() {
				return "NaN"
			}
			return strconv.Itoa(a.Sign())
		}},
		{"ceil(a)", true, 500, func(a, _ num) string { return numText(a.Ceil()) }},
		{"floor(a)", true, 500, func(a, _ num) string { return numText(a.Floor()) }},
		{"round(a, 0)", true, 500, func(a, _ num) string { return numText(a.Round(0)) }},
		{"round(a, 3)", true, 1000, func(a, _ num) string { return numText(a.Round(3)) }},
		{"round(a, 20)", true, 300, func(a, _ num) string { return numText(a.Round(20)) }},
		{"round(a, -3)", true, 500, func(a, _ num) string { return numText(a.Round(-3)) }},
		{"trunc(a, 2)", true, 500, func(a, _ num) string { return a.Trunc(2).String() }},
		{"trunc(a, -2)", true, 500, func(a, _ num) string { return a.Trunc(-2).String() }},
		{"trim_scale(a)", true, 500, func(a, _ num) string { return a.TrimScale().String() }},
		{"coalesce(min_scale(a)::text, 'none')", true, 500, func(a, _ num) string {
			if a.IsSpecial() {
				return "none"
			}
			return strconv.Itoa(a.MinScale())
		}},
		{"sqrt(a)", true, 1000, func(a, _ num) string { return numText(a.Sqrt()) }},
		{"exp(a)", false, 400, func(a, _ num) string { return numText(a.Exp()) }},
		{"ln(a)", true, 700, func(a, _ num) string { return numText(a.Ln()) }},
		{"log(b, a)", false, 500, func(a, b num) string { return numText(a.Log(b)) }},
		{"power(a, b)", false, 100, func(a, b num) string { return numText(a.Power(b)) }},
		{"power(a, mod(b, 20))", false, 500, func(a, b num) string {
			m, _ := b.Mod(sqltype.NumericInt(20))
			return numText(a.Power(m))
		}},
		{"power(a, trunc(mod(b, 30)))", true, 700, func(a, b num) string {
			m, _ := b.Mod(sqltype.NumericInt(30))
			return numText(a.Power(m.Trunc(0)))
		}},
		{"gcd(a, b)", true, 500, func(a, b num) string { return numText(a.Gcd(b)) }},
		{"lcm(a, b)", true, 500, func(a, b num) string { return numText(a.Lcm(b)) }},
		{"a::int4", true, 700, func(a, _ num) string { return intText(a.Int64(sqltype.OIDInt4)) }},
		{"a::int8", true, 700, func(a, _ num) string { return intText(a.Int64(sqltype.OIDInt8)) }},
		{"a::int2", true, 700, func(a, _ num) string { return intText(a.Int64(sqltype.OIDInt2)) }},
		{"a::float8", true, 700, func(a, _ num) string { return floatText(a.Float64()) }},
		{"a::float8::numeric", true, 700, func(a, _ num) string {
			f, err := a.Float64()
			if err != nil {
				return errText(err)
			}
			return numText(sqltype.NumericFromFloat64(f))
		}},
		{"a::float4::numeric", true, 700, func(a, _ num) string {
			f, err := a.Float32()
			if err != nil {
				return errText(err)
			}
			return numText(sqltype.NumericFromFloat32(f))
		}},
		{"(a < b)::int::text || (a = b)::int || (a > b)::int", true, 2000, func(a, b num) string {
			c := a.Cmp(b)
			if c == 0 && a.Hash() != b.Hash() {
				return "equal numbers with different hashes"
			}
			return [3]string{"100", "010", "001"}[c+1]
		}},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, tryCompute)
			r := rand.New(rand.NewPCG(7, 7))
			var as, bs []string
			for range c.n {
				a, b := randomNumeric(r, c.wide), randomNumeric(r, c.wide)
				if r.IntN(8) == 0 {
					b = a + "00"
					if _, err := sqltype.ParseNumeric(b); err != nil {
						b = a
					}
				}
				as, bs = append(as, a), append(bs, b)
			}
			failed := 0
			for i, want := range compute(t, conn, c.expr, "numeric", as, bs) {
				a, errA := sqltype.ParseNumeric(as[i])
				b, errB := sqltype.ParseNumeric(bs[i])
				if errA != nil || errB != nil {
					t.Fatal(errA, errB)
				}
				if got := c.ours(a, b); got != want {
					if failed++; failed <= 10 {
						t.Errorf("a=%s b=%s\n got %s\nwant %s", as[i], bs[i], got, want)
					}
				}
			}
			if failed > 0 {
				t.Errorf("%s: %d of %d differ", c.expr, failed, c.n)
			}
		})
	}
}

func TestFactorialsAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	for _, n := range []int64{-1, 0, 1, 2, 5, 20, 21, 100, 1000} {
		var want string
		err := conn.QueryRow(context.Background(), "select factorial($1)::text", n).Scan(&want)
		got, ours := sqltype.Factorial(n)
		if err != nil {
			if ours == nil || !strings.Contains(err.Error(), ours.Error()) {
				t.Errorf("%d!: got %v, want %v", n, ours, err)
			}
			continue
		}
		if got.String() != want {
			t.Errorf("%d!: got %s, want %s", n, got, want)
		}
	}
	if _, err := sqltype.Factorial(32178); pgerr.CodeOf(err) != pgerr.NumericValueOutOfRange {
		t.Errorf("32178!: %v", err)
	}
}

// ordered are literals whose order and equality are compared pair by pair.
func ordered() map[string][]string {
	return map[string][]string{
		"interval": {
			"1 month", "30 days", "720 hours", "1 mon -30 days", "0", "-1 day", "-24 hours", "1 year", "360 days", "365 days",
			"1 us", "-178956970 years", "178956970 years", "2147483647 days", "2562047788:00:54.775807", "-1 mon +1 us", "1 day 00:00:01",
		},
		"jsonb": {
			"null", "true", "false", "1", "1.0", "1.00", "2", `"a"`, `"b"`, `"ab"`, "[]", "{}", "[1]", "[null]", "[1,2]", "[[]]", `[{}]`, `{"a":1}`,
			`{"b":1}`, `{"a":2}`, `{"a":1,"b":2}`, `{"aa":1}`, "[true]", `["a"]`, `[[1]]`, `{"a":[]}`, `{"a":null}`, "-1", "1e2", "100", `""`, `[[],[]]`, `[1,{}]`,
		},
		"int4[]": {
			"{}", "{1}", "{1,2}", "{2}", "{NULL}", "{1,NULL}", "[0:0]={1}", "[2:3]={1,2}", "{{1,2}}", "{{1},{2}}", "{{1,2},{3,4}}", "{1,2,3,4}", "[2:2]={1}",
		},
		"text[]": {`{a}`, `{a,b}`, `{B}`, `{""}`, `{NULL}`, `{ä}`, `{"a "}`},
		"bpchar": {"a", "a ", "a  ", "b", "", " ", "aa", "a\tb", "Z", "ä"},
		"text":   {"a", "a ", "b", "", " ", "aa", "Z", "ä", "é", "日本", "~", "_", "\u007f", "\U0001F600", "\uffff"},
		"timetz": {"10:00+00", "11:00+01", "09:00-01", "10:00+02", "24:00+00", "00:00+00", "23:59:59.999999-15:59"},
		"float8": {"0", "-0", "NaN", "Infinity", "-Infinity", "1", "1e-320", "-1", "1e308"},
		"float4": {"0", "-0", "NaN", "Infinity", "-Infinity", "1", "0.1"},
		"oidvector": {
			"", "1", "1 2", "2", "4294967295", "3 1", "0",
		},
		"xid8":      {"0", "1", "18446744073709551615", "9223372036854775808"},
		"oid":       {"0", "1", "4294967295", "2147483648"},
		"bytea":     {`\x`, `\x00`, `\xff`, `\x0000`, `\x61`, `\x6162`},
		"uuid":      {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "80000000-0000-0000-0000-000000000000"},
		"\"char\"":  {"", "a", "A", `\377`, `\200`, "~"},
		"name":      {"a", "b", "", "A", "ä"},
		"tid":       {"(0,0)", "(0,1)", "(1,0)", "(4294967295,1)", "(1,65535)"},
		"date":      {"infinity", "-infinity", "2024-01-01", "4714-11-24 BC", "5874897-12-31"},
		"timestamp": {"infinity", "-infinity", "2024-01-01", "4714-11-24 BC", "294276-12-31"},
		"bool":      {"t", "f"},
		"numeric[]": {"{1.0}", "{1.00}", "{NaN}", "{2}", "{1.0,NULL}", "{Infinity}"},
	}
}

func TestOrderAndHashAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t, tryCompute)
	for name, values := range ordered() {
		var oid uint32
		if err := conn.QueryRow(context.Background(), "select $1::regtype::oid", name).Scan(&oid); err != nil {
			t.Fatal(err)
		}
		typ := sqltype.Of(oid)
		var as, bs []string
		for _, a := range values {
			for _, b := range values {
				as, bs = append(as, a), append(bs, b)
			}
		}
		for i, want := range compute(t, conn, "(a < b)::int::text || (a = b)::int || (a > b)::int", name, as, bs) {
			a, errA := sqltype.ParseText(typ, as[i], nil)
			b, errB := sqltype.ParseText(typ, bs[i], nil)
			if errA != nil || errB != nil {
				t.Fatal(name, as[i], bs[i], errA, errB)
			}
			c := sqltype.Compare(typ, a, b)
			if got := [3]string{"100", "010", "001"}[c+1]; got != want {
				t.Errorf("%s: %q against %q: got %s, want %s", name, as[i], bs[i], got, want)
			}
			if c == 0 && sqltype.Hash(typ, a) != sqltype.Hash(typ, b) {
				t.Errorf("%s: %q equals %q and hashes differently", name, as[i], bs[i])
			}
		}
	}
}

func TestTypeNamesAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	for _, i := range sqltype.All() {
		if i.Name == "interval" || i.Name == "_interval" {
			continue // its modifiers are checked below: others are errors
		}
		for _, mod := range []int32{-1, 0, 3, 4, 5, 9, 655366, 6553604, 1028, 2047 + 4} {
			var want string
			if err := conn.QueryRow(context.Background(), "select format_type($1, $2)", i.OID, mod).Scan(&want); err != nil {
				t.Fatal(i.Name, mod, err)
			}
			if got := sqltype.FormatTypeModified(i.OID, mod); got != want {
				t.Errorf("%s %d: got %s, want %s", i.Name, mod, got, want)
			}
		}
		var want string
		if err := conn.QueryRow(context.Background(), "select format_type($1, null)", i.OID).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if got := sqltype.FormatType(i.OID, -1); got != want {
			t.Errorf("%s: got %s, want %s", i.Name, got, want)
		}
	}
}

func TestModifiersAreTheOracles(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	for typ, oid := range map[string]uint32{
		"numeric": sqltype.OIDNumeric, "varchar": sqltype.OIDVarChar, "bpchar": sqltype.OIDBPChar, "time": sqltype.OIDTime, "timetz": sqltype.OIDTimeTZ,
		"timestamp": sqltype.OIDTimestamp, "timestamptz": sqltype.OIDTimestampTZ, "pg_catalog.bit": sqltype.OIDBit, "varbit": sqltype.OIDVarBit, "text": sqltype.OIDText,
		"numeric[]": sqltype.OIDNumericArray, "int4": sqltype.OIDInt4,
	} {
		for _, mods := range [][]int64{{0}, {1}, {3}, {6}, {7}, {10, 2}, {10, -2}, {3, 5}, {1000}, {1001}, {1000, 1000}, {10, 1001}, {10, -1001}, {1, 2, 3}, {-1}, {10485760}, {10485761}, {83886080}, {83886081}} {
			text := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(mods)), ","), "[]")
			base, array, _ := strings.Cut(typ, "[")
			if array != "" {
				array = "[" + array
			}
			sql := fmt.Sprintf("select null::%s(%s)%s", base, text, array)
			_, err := conn.Exec(context.Background(), "drop table if exists pg_temp.m; create temp table m as "+sql)
			var want string
			if err != nil {
				want = err.Error()
			} else if err := conn.QueryRow(context.Background(), "select atttypmod::text from pg_attribute where attrelid = 'pg_temp.m'::regclass and attnum = 1").Scan(&want); err != nil {
				t.Fatal(err)
			}
			mod, _, ours := sqltype.ModifiersOf(oid, mods)
			switch {
			case err != nil && strings.Contains(want, "at or near"): // the grammar's, not the type's
			case err != nil && ours == nil:
				t.Errorf("%s(%s): got %d, want %s", typ, text, mod, want)
			case err != nil:
				if !strings.Contains(want, ours.Error()) || !strings.Contains(want, string(pgerr.CodeOf(ours))) {
					t.Errorf("%s(%s): got %v, want %s", typ, text, errText(ours), want)
				}
			case ours != nil || strconv.Itoa(int(mod)) != want:
				t.Errorf("%s(%s): got %d %v, want %s", typ, text, mod, ours, want)
			}
		}
	}
}
