package engine_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// answer sends a query string and returns its last result as text, one row a line.
func answer(t *testing.T, c *pgconn.PgConn, sql string) (string, error) {
	t.Helper()
	results, err := c.Exec(t.Context(), sql).ReadAll()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, row := range results[len(results)-1].Rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte('|')
			}
			b.Write(v)
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

func must(t *testing.T, c *pgconn.PgConn, sql string) string {
	t.Helper()
	s, err := answer(t, c, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

// wantCode asks for an error with an SQLSTATE and returns its message.
func wantCode(t *testing.T, c *pgconn.PgConn, sql, code string) *pgconn.PgError {
	t.Helper()
	_, err := answer(t, c, sql)
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("%s: %v, want SQLSTATE %s", sql, err, code)
	}
	return e
}

// rowRequests are the queries of the requests for rows that a service got.
func rowRequests(s *simulator.Server) []string {
	var out []string
	for _, r := range s.Requests() {
		if r.Kind == "rows" || r.Kind == "count" {
			out = append(out, fmt.Sprintf("%s?%s %d", r.Set, r.Query, r.Status))
		}
	}
	return out
}

const dayQuery = `select count(*), min("dateKey"), max("dateKey") from "devicePropertyHistories" where "dateKey" >= 20261119`

func TestOtherSpellingIsTriedAndRemembered(t *testing.T) {
	t.Parallel()
	plain := warehouse(t, simulator.Options{})
	want := must(t, connect(t, intune(t, plain, "").dsn("analyst", "")), dayQuery)
	for _, variant := range []string{"filter-pascal", "filter-camel", "mix-strict"} {
		t.Run(variant, func(t *testing.T) {
			t.Parallel()
			sim := warehouse(t, simulator.Options{Variants: []string{variant}})
			dir := t.TempDir()
			g := intune(t, sim, dir)
			c := connect(t, g.dsn("analyst", ""))
			if got := must(t, c, dayQuery); got != want {
				t.Errorf("answer %q, want %q", got, want)
			}
			sim.ResetRequests()
			if got := must(t, c, dayQuery); got != want {
				t.Errorf("second answer %q, want %q", got, want)
			}
			again := connect(t, intune(t, sim, dir).dsn("analyst", "")) // another process with the same state
			if got := must(t, again, dayQuery); got != want {
				t.Errorf("answer after a restart %q, want %q", got, want)
			}
			requests := rowRequests(sim)
			if len(requests) != 2 {
				t.Errorf("requests %q: what the service takes was not remembered", requests)
			}
			for _, r := range requests {
				if !strings.Contains(strings.ToLower(r), "datekey ge 20261119") || !strings.HasSuffix(r, " 200") {
					t.Errorf("request %q", r)
				}
			}
			if plan := must(t, c, "explain "+dayQuery); !strings.Contains(strings.ToLower(plan), "datekey%20ge%2020261119") {
				t.Errorf("plan without the condition: %s", plan)
			}
		})
	}
}

// intune is a gateway before one warehouse.
func intune(t *testing.T, sim *simulator.Server, stateDir string) *gateway {
	t.Helper()
	return serve(t, engine.Options{
		Logger: zerolog.Nop(), StateDir: stateDir, Services: []engine.ServiceOptions{service("intune", sim.URL(), profile.Intune())},
	}).ready(t)
}

// refusing answers 400 where refuse says so, and counts.
func refusing(refuse func(query string) bool, refusals *atomic.Int64, status int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if q, err := decoded(r); err == nil && refuse(q) {
				refusals.Add(1)
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = fmt.Fprint(w, `{"error":{"code":"No","message":"not this"}}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func decoded(r *http.Request) (string, error) {
	var b strings.Builder
	q := r.URL.Query()
	for _, name := range []string{"$filter", "$select", "$orderby", "$top", "$count"} {
		if v := q.Get(name); v != "" {
			fmt.Fprintf(&b, "%s=%s ", name, v)
		}
	}
	return r.URL.Path + " " + b.String(), nil
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const q = `select "deviceName" from devices where "deviceTypeKey" >= 1 and "manufacturer" = 'Apple' and "model" is not null order by "deviceKey" limit 7`
	sim := warehouse(t, simulator.Options{Profile: "full"})
	plain := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", sim.URL(), profile.Standard())}}).ready(t)
	want := must(t, connect(t, plain.dsn("analyst", "")), q)
	if want == "" {
		t.Fatal("the question has no answer")
	}
	for _, c := range []struct {
		name    string
		refuse  func(q string) bool
		first   int64  // most refusals for the first query
		keeps   string // in the second query's plan
		without string
	}{
		{"one condition", func(q string) bool { return strings.Contains(q, "manufacturer eq") }, 12, "deviceTypeKey%20ge", "manufacturer%20eq"},
		{"two conditions", func(q string) bool { return strings.Contains(q, "manufacturer eq") || strings.Contains(q, "model ne") }, 25, "deviceTypeKey%20ge", "manufacturer%20eq"},
		{"select", func(q string) bool { return strings.Contains(q, "$select") }, 12, "manufacturer%20eq", "$select"},
		{"order", func(q string) bool { return strings.Contains(q, "$orderby") }, 12, "manufacturer%20eq", "$orderby"},
		{"everything", func(q string) bool { return strings.Contains(q, "=") }, 45, "GET", "$filter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var refusals atomic.Int64
			url := front(t, sim, refusing(c.refuse, &refusals, http.StatusBadRequest))
			g := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", url, profile.Standard())}}).ready(t)
			conn := connect(t, g.dsn("analyst", ""))
			if got := must(t, conn, q); got != want {
				t.Errorf("answer\n%swant\n%s", got, want)
			}
			if n := refusals.Load(); n == 0 || n > c.first {
				t.Errorf("%d requests were refused", n)
			}
			refusals.Store(0)
			if got := must(t, conn, q); got != want {
				t.Errorf("second answer\n%swant\n%s", got, want)
			}
			if n := refusals.Load(); n != 0 {
				t.Errorf("%d requests were refused again", n)
			}
			plan := must(t, conn, "explain "+q)
			_, request, _ := strings.Cut(plan, "Request:")
			request, _, _ = strings.Cut(request, "\n")
			if !strings.Contains(request, c.keeps) || strings.Contains(request, c.without) {
				t.Errorf("request %s", request)
			}
			if got := must(t, conn, "select count(*) from odatagres.capabilities where verdict = 'refused' and table_name = 'devices' and learned_at <= now() and valid_until > now() and reason like '%not this%'"); got == "0\n" {
				t.Error("odatagres.capabilities does not tell of it")
			}
			// Other sets are not concerned.
			if plan := must(t, conn, `explain select "userId" from users where "displayName" = 'x'`); !strings.Contains(plan, "$filter=displayName%20eq") {
				t.Errorf("another set's plan: %s", plan)
			}
		})
	}
}

// Nothing is learned from answers that say nothing about the options, nor when nothing helps.
func TestNothingIsLearnedFromOtherErrors(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{Profile: "full"})
	const q = `select "deviceName" from devices where "manufacturer" = 'Apple'`
	for _, c := range []struct {
		status int
		code   string
	}{{401, "42501"}, {403, "42501"}, {404, "HV00R"}, {414, "HV000"}, {429, "53000"}, {400, "HV000"}, {500, "HV000"}} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			t.Parallel()
			var on atomic.Bool
			var refusals atomic.Int64
			url := front(t, sim, refusing(func(q string) bool { return on.Load() && strings.Contains(q, "/devices ") }, &refusals, c.status))
			dir := t.TempDir()
			g := serve(t, engine.Options{Logger: zerolog.Nop(), StateDir: dir, Services: []engine.ServiceOptions{service("s", url, profile.Standard())}}).ready(t)
			conn := connect(t, g.dsn("analyst", ""))
			on.Store(true)
			_ = wantCode(t, conn, q, c.code)
			if refusals.Load() == 0 {
				t.Error("the service was not asked")
			}
			on.Store(false)
			if plan := must(t, conn, "explain "+q); !strings.Contains(plan, "$filter=manufacturer%20eq") || !strings.Contains(plan, "$select") {
				t.Errorf("something was learned: %s", plan)
			}
			if _, err := os.Stat(filepath.Join(dir, "learned.json")); err == nil {
				t.Error("something was written down")
			}
			must(t, conn, q)
		})
	}
}

// Two reads of one query may be refused at once.
func TestRefusalsOfSeveralSets(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{Profile: "full"})
	var refusals atomic.Int64
	url := front(t, sim, refusing(func(q string) bool {
		return strings.Contains(q, "manufacturer eq") || strings.Contains(q, "/users ") && strings.Contains(q, "$select")
	}, &refusals, http.StatusNotImplemented))
	g := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", url, profile.Standard()), service("plain", sim.URL(), profile.Standard())}}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	const q = `select count(*), count(distinct u."userKey") from %s.devices d join %s.users u on u."userId"::text = d."userId"::text where d."manufacturer" = 'Apple'`
	got, want := must(t, c, fmt.Sprintf(q, "s", "s")), must(t, c, fmt.Sprintf(q, "plain", "plain"))
	if got != want || strings.HasPrefix(got, "0|") {
		t.Errorf("answer %q, want %q", got, want)
	}
	if refusals.Load() < 2 {
		t.Errorf("%d refusals", refusals.Load())
	}
}

func TestUnreachableService(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{})
	var up atomic.Bool
	url := front(t, sim, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !up.Load() {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	dir := t.TempDir()
	g := serve(t, engine.Options{
		Logger: zerolog.Nop(), StateDir: dir, MetadataRetry: 20 * time.Millisecond,
		Services: []engine.ServiceOptions{service("gone", url, profile.Intune()), service("second", sim.URL(), profile.Intune())},
	})
	if err := g.engine.WaitMetadata(t.Context()); err == nil {
		t.Fatal("a service that cannot be reached gives its metadata")
	}
	var mu sync.Mutex
	var notices []string
	noting := func(cfg *pgconn.Config) {
		cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
			mu.Lock()
			defer mu.Unlock()
			notices = append(notices, n.Severity+" "+n.Code+" "+n.Message)
		}
	}
	c := connect(t, g.dsn("analyst", ""), noting)
	if len(notices) != 1 || !strings.HasPrefix(notices[0], "WARNING HV00N") || !strings.Contains(notices[0], `"gone"`) || !strings.Contains(notices[0], "502") {
		t.Errorf("notices %q", notices)
	}
	if e := wantCode(t, c, "select 1 from nosuch", "HV00N"); !strings.Contains(e.Message+e.Detail, "502") {
		t.Errorf("message %q %q", e.Message, e.Detail)
	}
	if e := wantCode(t, c, "select 1 from gone.devices", "HV00N"); !strings.Contains(e.Message+e.Detail, "502") {
		t.Errorf("message %q", e.Message)
	}
	_ = wantCode(t, c, "select 1 from second.nosuch", "42P01")
	if got := must(t, c, "select count(*) > 0 from devices"); got != "t\n" {
		t.Errorf("the other service's table: %q", got)
	}
	if got := must(t, c, "select table_schema, tables, problem is not null from odatagres.services order by 1"); got != "gone|0|t\nsecond|42|f\n" {
		t.Errorf("odatagres.services: %q", got)
	}
	// Who must not use the service hears nothing of it.
	notices = nil
	limited := connect(t, g.dsn("limited", ""), noting)
	if len(notices) != 0 {
		t.Errorf("notices %q", notices)
	}
	_ = wantCode(t, limited, "select 1 from gone.devices", "42P01")

	up.Store(true)
	eventually(t, "the metadata is read in the background", func() bool {
		_, err := answer(t, c, "select count(*) from gone.devices")
		return err == nil
	})

	// Another start finds the metadata on disk.
	up.Store(false)
	again := serve(t, engine.Options{
		Logger: zerolog.Nop(), StateDir: dir,
		Services: []engine.ServiceOptions{service("gone", url, profile.Intune()), service("second", sim.URL(), profile.Intune())},
	})
	if err := again.engine.WaitMetadata(t.Context()); err == nil {
		t.Fatal("the service is up")
	}
	cached := connect(t, again.dsn("analyst", ""))
	if got := must(t, cached, "select count(*) from information_schema.tables where table_schema = 'gone'"); got != "42\n" {
		t.Errorf("tables from the cache: %q", got)
	}
	attnums := must(t, c, "select attrelid, attname, attnum from pg_attribute where attrelid >= 16384 order by 1, 3")
	if got := must(t, cached, "select attrelid, attname, attnum from pg_attribute where attrelid >= 16384 order by 1, 3"); got != attnums || got == "" {
		t.Error("attribute numbers changed")
	}
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

// Users see the services of their allow-lists alone, however they ask.
func TestAllowLists(t *testing.T) {
	t.Parallel()
	sim, other := warehouse(t, simulator.Options{}), warehouse(t, simulator.Options{Devices: 17, Seed: 2})
	g := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{
		service("first", sim.URL(), profile.Intune()), service("second", other.URL(), profile.Intune()),
	}}).ready(t)
	analyst, limited, nobody := connect(t, g.dsn("analyst", "")), connect(t, g.dsn("limited", "")), connect(t, g.dsn("nobody", ""))
	const q = `select count(*) from devices where "deviceKey" >= 0`
	a, l := must(t, analyst, q), must(t, limited, q)
	if a == l {
		t.Errorf("both see %q", a)
	}
	if got := must(t, limited, `select count(*) from second.devices where "deviceKey" >= 0`); got != l {
		t.Errorf("second.devices has %q, devices %q", got, l)
	}
	_ = wantCode(t, limited, "select * from first.devices", "42P01")
	_ = wantCode(t, nobody, "select * from devices", "42P01")
	for _, c := range []*pgconn.PgConn{limited, nobody} {
		for _, q := range []string{
			"select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'first'",
			"select count(*) from information_schema.columns where table_schema = 'first'",
			"select count(*) from pg_attribute a where attrelid in (select c.oid from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'first')",
			"select count(*) from odatagres.services where table_schema = 'first'",
			"select count(*) from odatagres.relationships where table_schema = 'first'",
			"select count(*) from odatagres.capabilities where table_schema = 'first'",
			"select coalesce(to_regclass('first.devices')::oid, 0)::int",
		} {
			if got := must(t, c, q); got != "0\n" {
				t.Errorf("%s: %q", q, got)
			}
		}
	}
	_ = wantCode(t, limited, "prepare p as select * from first.devices", "42P01")
	_ = wantCode(t, limited, "explain select * from first.devices", "42P01")
	_ = wantCode(t, limited, "copy first.devices to stdout", "42P01")
}

// A statement that was prepared before the metadata changed is bound anew; another result type is an error.
func TestMetadataChangesUnderAStatement(t *testing.T) {
	t.Parallel()
	var version atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fields := map[int64]string{
			0: `<Property Name="a" Type="Edm.Int32"/>`,
			1: `<Property Name="b" Type="Edm.Int32"/><Property Name="a" Type="Edm.Int32"/>`,
			2: `<Property Name="a" Type="Edm.String"/>`,
		}[version.Load()]
		if strings.HasSuffix(r.URL.Path, "$metadata") {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = fmt.Fprintf(w, `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="n" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="T"><Key><PropertyRef Name="k"/></Key>
<Property Name="k" Type="Edm.Int32" Nullable="false"/>%s</EntityType><EntityContainer Name="c"><EntitySet Name="ts" EntityType="n.T"/>
<Singleton Name="one" Type="n.T"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`, fields)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/one") {
			if r.URL.Query().Has("$filter") || r.URL.Query().Has("$top") {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			_, _ = fmt.Fprint(w, `{"@odata.context":"$metadata#one","k":7,"a":70,"b":700}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"value":[{"k":1,"a":10,"b":100}]}`)
	}))
	t.Cleanup(web.Close)
	g := serve(t, engine.Options{
		Logger: zerolog.Nop(), MetadataEvery: 5 * time.Millisecond, StateDir: t.TempDir(),
		Services: []engine.ServiceOptions{service("s", web.URL, profile.Standard())},
	}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	if got := must(t, c, "select * from one where k > 3 limit 1"); got != "7|70\n" {
		t.Errorf("singleton: %q", got)
	}
	if got := must(t, c, "select count(*) from one where k > 8"); got != "0\n" {
		t.Errorf("singleton: %q", got)
	}
	must(t, c, "prepare named as select a from ts; prepare everything as select * from ts")
	columns := func() string {
		return must(t, c, "select string_agg(attname || attnum, ' ' order by attnum) from pg_attribute where attrelid = 'ts'::regclass and attnum > 0 and not attisdropped")
	}
	if got := columns(); got != "k1 a2\n" {
		t.Errorf("columns %q", got)
	}
	version.Store(1)
	eventually(t, "the new column is seen", func() bool { return strings.Contains(columns(), "b") })
	if got := columns(); got != "k1 a2 b3\n" {
		t.Errorf("columns %q: numbers moved", got)
	}
	if got := must(t, c, "execute named"); got != "10\n" {
		t.Errorf("named: %q", got)
	}
	if e := wantCode(t, c, "execute everything", "0A000"); e.Message != "cached plan must not change result type" {
		t.Errorf("message %q", e.Message)
	}
	version.Store(2)
	eventually(t, "the new type is seen", func() bool {
		return must(t, c, "select atttypid::regtype from pg_attribute where attrelid = 'ts'::regclass and attname = 'a'") == "text\n"
	})
	_ = wantCode(t, c, "execute named", "0A000")
	if got := must(t, c, "deallocate named; prepare named as select a from ts; select name from pg_prepared_statements where name = 'named'"); got != "named\n" {
		t.Errorf("prepared anew: %q", got)
	}
}
