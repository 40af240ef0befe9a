package engine_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// What was learned is believed for a day, survives a restart, and is forgotten when the name stands for another service.
func TestLearnedExpiresAndIsKept(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{Profile: "full"})
	var refusals, ahead atomic.Int64
	url := front(t, sim, refusing(func(q string) bool { return strings.Contains(q, "manufacturer eq") }, &refusals, http.StatusBadRequest))
	dir := t.TempDir()
	start := func(url string) *gateway {
		return serve(t, engine.Options{
			Logger: zerolog.Nop(), StateDir: dir, Services: []engine.ServiceOptions{service("s", url, profile.Standard())},
			Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		}).ready(t)
	}
	const q = `select "deviceName" from devices where "manufacturer" = 'Apple'`
	pushed := func(g *gateway) bool {
		return strings.Contains(must(t, connect(t, g.dsn("analyst", "")), "explain "+q), "$filter=manufacturer%20eq")
	}
	g := start(url)
	if !pushed(g) {
		t.Error("the condition is not pushed at first")
	}
	must(t, connect(t, g.dsn("analyst", "")), q)
	if refusals.Load() != 1 || pushed(g) {
		t.Errorf("%d refusals; pushed again: %t", refusals.Load(), pushed(g))
	}
	if pushed(start(url)) {
		t.Error("a restart forgets")
	}
	ahead.Store(int64(25 * time.Hour))
	if !pushed(g) || !pushed(start(url)) {
		t.Error("it is believed for ever")
	}
	ahead.Store(0)
	if pushed(g) {
		t.Error("the clock does not matter")
	}
	if !pushed(start(sim.URL())) {
		t.Error("another service inherits it")
	}
	info, err := os.Stat(filepath.Join(dir, "learned.json"))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("state file: %v %v", info, err)
	}
	// A broken state file is no reason not to start.
	for _, name := range []string{"learned.json", "attnums.json", "metadata-s.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{nonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !pushed(start(url)) {
		t.Error("something was read from nonsense")
	}
}

// Estimates follow what was read.
func TestEstimatesFollowReads(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{})
	c := connect(t, intune(t, sim, "").dsn("analyst", ""))
	estimate := func() string {
		_, plan, _ := strings.Cut(must(t, c, "explain select * from devices"), "rows=")
		n, _, _ := strings.Cut(plan, " ")
		return n
	}
	rows := strings.TrimSpace(must(t, c, "select count(*) + 0 from (select * from users) u"))
	before := estimate()
	must(t, c, "select * from devices limit 3") // says nothing
	if got := estimate(); got != before {
		t.Errorf("estimate %s after a part of the set, before %s", got, before)
	}
	n := strings.TrimSpace(must(t, c, `select count("deviceKey") from devices`))
	if got := estimate(); got != n || n == before || n == rows {
		t.Errorf("estimate %s, before %s, rows %s", got, before, n)
	}
}

// A set that is read later than others may be refused after rows have left: the statement fails once.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{Profile: "full"})
	var refusals atomic.Int64
	url := front(t, sim, refusing(func(q string) bool {
		return strings.Contains(q, "$select=displayName") || strings.Contains(q, "startswith")
	}, &refusals, http.StatusBadRequest))
	g := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", url, profile.Standard()), service("plain", sim.URL(), profile.Standard())}}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	const q = `select "deviceName" from devices union all select "displayName" from users union all select "displayName" from users where "displayName" like 'A%' order by 1`
	for _, q := range []string{strings.TrimSuffix(q, " order by 1"), q} {
		must(t, c, "set search_path = plain")
		want := must(t, c, q)
		must(t, c, "set search_path = s")
		got, err := answer(t, c, q)
		if err != nil {
			wantHint(t, err, "run the statement again")
			if got, err = answer(t, c, q); err != nil {
				t.Fatalf("a second time: %v", err)
			}
		}
		if got != want || want == "" {
			t.Errorf("answer\n%swant\n%s", got, want)
		}
	}
	if refusals.Load() == 0 {
		t.Error("nothing was refused")
	}
}

func wantHint(t *testing.T, err error, hint string) {
	t.Helper()
	var e *pgconn.PgError
	if !errors.As(err, &e) || !strings.Contains(e.Hint, hint) {
		t.Errorf("error %v", err)
	}
}
