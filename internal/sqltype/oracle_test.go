package sqltype_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// session is the Env of a comparison: the same settings on both sides, and the oracle's transaction time.
type session struct {
	zone, order, style, interval, bytea string
	digits                              int
	now                                 time.Time
}

func newSession() *session {
	return &session{zone: "UTC", order: "MDY", style: "ISO", interval: "postgres", bytea: "hex", digits: 1}
}

func (s *session) Location() *time.Location {
	loc, err := sqltype.LoadLocation(s.zone)
	if err != nil {
		panic(err)
	}
	return loc
}
func (s *session) DateOrder() string                    { return s.order }
func (s *session) DateStyle() string                    { return s.style }
func (s *session) IntervalStyle() string                { return s.interval }
func (s *session) ExtraFloatDigits() int                { return s.digits }
func (s *session) ByteaOutput() string                  { return s.bytea }
func (s *session) Now() time.Time                       { return s.now }
func (s *session) RegOut(uint32, uint32) (string, bool) { return "", false }
func (s *session) RegIn(_ uint32, name string) (uint32, error) {
	return 0, pgerr.Newf(pgerr.UndefinedObject, "no object named %s", name)
}

// tryInput calls a type's own input, output and send functions and returns their texts or the error.
const tryInput = `
create or replace function pg_temp.try_input(typ oid, mod int, inputs text[]) returns setof text[] language plpgsql as $$
declare s text; i pg_type; args text; o text; b text; st text; m text; d text; h text;
begin
  select * into i from pg_type where oid = typ;
  foreach s in array inputs loop
    begin
      args := case (select pronargs from pg_proc where oid = i.typinput)
        when 1 then '' else format(', %s::oid, %s', case when i.typelem <> 0 then i.typelem else i.oid end, mod) end;
      execute format('select %s(v), %s from (select %s(%L::cstring%s) as v offset 0) q', i.typoutput::regproc,
        case when i.typsend = 0 then 'null' else format('encode(%s(v), ''hex'')', i.typsend::regproc) end, i.typinput::regproc, s, args) into o, b;
      return next array['ok', o, b];
    exception when others then
      get stacked diagnostics st = returned_sqlstate, m = message_text, d = pg_exception_detail, h = pg_exception_hint;
      return next array['err', st, m, d, h];
    end;
  end loop;
end $$`

type comparison struct {
	conn *pgx.Conn
	tx   pgx.Tx
	env  *session
}

func startComparison(t *testing.T, server *oracle.Server, env *session) *comparison {
	t.Helper()
	ctx := context.Background()
	conn, err := server.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	for _, sql := range []string{
		fmt.Sprintf("set timezone = '%s'", env.zone), fmt.Sprintf("set datestyle = '%s, %s'", env.style, env.order),
		fmt.Sprintf("set intervalstyle = '%s'", env.interval), fmt.Sprintf("set bytea_output = '%s'", env.bytea),
		fmt.Sprintf("set extra_float_digits = %d", env.digits), tryInput,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var epoch int64
	if err := tx.QueryRow(ctx, "select (extract(epoch from now())*1000000)::int8").Scan(&epoch); err != nil {
		t.Fatal(err)
	}
	env.now = time.UnixMicro(epoch)
	return &comparison{conn, tx, env}
}

func (c *comparison) run(t *testing.T, typ sqltype.Type, inputs []string) (failed int) {
	t.Helper()
	var clean []string
	for _, s := range inputs {
		if sqltype.CheckUTF8(s) == nil {
			clean = append(clean, s)
		}
	}
	rows, err := c.tx.Query(context.Background(), "select pg_temp.try_input($1, $2, $3)", typ.OID, typ.Typmod, clean)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := pgx.CollectRows(rows, pgx.RowTo[[]*string])
	if err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(clean) {
		t.Fatalf("%d inputs, %d answers", len(clean), len(answers))
	}
	good := 0
	for i, a := range answers {
		want := make([]string, len(a))
		for k, p := range a {
			if p != nil {
				want[k] = *p
			}
		}
		if want[0] == "ok" {
			good++
		}
		if (typ.OID == sqltype.OIDTimestampTZ || typ.OID == sqltype.OIDTimeTZ) && posixSummer.MatchString(clean[i]) {
			continue
		}
		if got := c.ours(t, typ, clean[i]); strings.Join(got, "|") != strings.Join(want, "|") {
			if failed++; failed <= 25 {
				t.Errorf("%s %q\n got %q\nwant %q", typ, clean[i], got, want)
			}
		}
	}
	t.Logf("%s: %d inputs, %d accepted, %d differ", typ, len(clean), good, failed)
	return failed
}

func (c *comparison) ours(t *testing.T, typ sqltype.Type, s string) []string {
	t.Helper()
	v, err := sqltype.ParseText(typ, s, c.env)
	if err != nil {
		e := pgerr.As(err)
		return []string{"err", string(e.Code), e.Message, e.Detail, e.Hint}
	}
	text := string(sqltype.AppendText(nil, typ, v, c.env))
	bin, err := sqltype.AppendBinary(nil, typ, v, c.env)
	if err != nil {
		return []string{"ok", text, ""}
	}
	again, err := sqltype.ParseBinary(typ, bin, c.env)
	if c := pgerr.CodeOf(err); err != nil && (c == pgerr.InvalidTimeZoneDisplacementValue || c == pgerr.DatetimeFieldOverflow) {
		// PostgreSQL writes zones past 16 hours and rounds to timestamps past the last one; it reads neither back.
		return []string{"ok", text, hex.EncodeToString(bin)}
	}
	if err != nil {
		t.Errorf("%s %q: binary form %x is not read back: %v", typ, s, bin, err)
	} else if back := string(sqltype.AppendText(nil, typ, again, c.env)); back != text {
		t.Errorf("%s %q: text %q becomes %q through the binary form", typ, s, text, back)
	} else if !sqltype.Equal(typ, v, again) || sqltype.Hash(typ, v) != sqltype.Hash(typ, again) {
		t.Errorf("%s %q: differs from itself read back", typ, s)
	}
	return []string{"ok", text, hex.EncodeToString(bin)}
}

// posixSummer finds zones as E7DT: POSIX specifications with a summer time, whose rules Go's time package applies to the
// centuries before 1970 with the wrong weekdays.
var posixSummer = regexp.MustCompile(`[A-Za-z/][0-9:]+[A-Za-z/]`)

// mutate makes n inputs from seeds by small changes and by joining parts of them.
func mutate(r *rand.Rand, seeds []string, alphabet string, n int) []string {
	out := append([]string(nil), seeds...)
	for len(out) < n+len(seeds) {
		s := seeds[r.IntN(len(seeds))]
		for range 1 + r.IntN(3) {
			at := 0
			if len(s) > 0 {
				at = r.IntN(len(s) + 1)
			}
			c := string(alphabet[r.IntN(len(alphabet))])
			switch r.IntN(5) {
			case 0:
				s = s[:at] + c + s[at:]
			case 1:
				s = s[:at] + s[min(at+1, len(s)):]
			case 2:
				s = s[:at] + c + s[min(at+1, len(s)):]
			case 3:
				o := seeds[r.IntN(len(seeds))]
				if r.IntN(2) == 0 {
					s += " "
				}
				s += o
			default:
				o := seeds[r.IntN(len(seeds))]
				if o != "" {
					s = s[:at] + o[r.IntN(len(o)):]
				}
			}
		}
		if len(s) < 200 && !strings.Contains(s, "\x00") {
			out = append(out, s)
		}
	}
	return out
}

func lines(s string) []string { return strings.Split(strings.Trim(s, "\n"), "\n") }

// perType is how many inputs are made for each type and setting.
const perType = 2500

func TestInputAndOutputAreTheOracles(t *testing.T) {
	t.Parallel()
	server := oracle.Start(t)
	for _, c := range comparisons() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			env := newSession()
			if c.env != nil {
				c.env(env)
			}
			cmp := startComparison(t, server, env)
			r := rand.New(rand.NewPCG(1, uint64(len(c.name))))
			for _, typ := range c.types {
				cmp.run(t, typ, mutate(r, lines(c.seeds), c.alphabet, perType))
			}
		})
	}
}
