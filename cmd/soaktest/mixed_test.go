package soaktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/odata/simulator"
	"github.com/odatagres/odatagres/wire"
)

const (
	mixedClients = 100
	// mixedGrowth is by how much the heap may grow from when the first round of clients has left to when the second has: sessions must not
	// stay.
	mixedGrowth = 16 * mb
	// mixedResident is the same for the process's memory as the system sees it. The race detector keeps its shadow of all memory that was
	// ever in use, which the first round shows, and uses more of it where memory is fragmented in another way.
	mixedResident = 160 * mb
	// What queries may have in memory is little, so they spill; what all of them may have is less than the clients ask for, so they queue.
	mixedQuery, mixedServer = 2 * mb, 24 * mb
	// mixedWait is how long one thing that a client does may take.
	mixedWait = 2 * time.Minute
)

// mixedTime is how long the clients ask; SOAKTIME makes it longer.
func mixedTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SOAKTIME")
	if text == "" {
		return 2 * time.Minute
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// mixedQuestions have a total order and rows. S stands for a schema.
func mixedQuestions() []string {
	return []string{
		`select "deviceKey", "deviceName", "lastSyncDateTime" from S.devices order by 1`,
		`select count(*), sum("deviceKey"), max("deviceName") from S.devices`,
		`select "deviceKey", "dateKey" from S."devicePropertyHistories" where "dateKey" >= 20261119 order by 1, 2`,
		`select s."complianceStatus", h."dateKey", count(*) from S."devicePropertyHistories" h
			join S."complianceStates" s on s."complianceStateKey" = h."complianceStateKey" group by 1, 2 order by 1, 2`,
		`select "operatingSystem", "deviceKey", row_number() over (partition by "operatingSystem" order by "deviceKey") from S.devices order by 2`,
		`select "deviceKey" from S.devices where "deviceKey" <> 3 order by 1 desc limit 25 offset 5`,
		`select d."deviceKey", (select count(*) from S."devicePropertyHistories" h where h."deviceKey" = d."deviceKey") from S.devices d order by 1 limit 40`,
		`with recent as (select distinct "deviceKey" from S."devicePropertyHistories" where "dateKey" = 20261120)
			select "deviceKey" from S.devices where "deviceKey" in (select "deviceKey" from recent) order by 1`,
		`select "deviceName" from S.devices where "deviceName" like '%a%' union select "operatingSystem" from S.devices order by 1`,
		// These need more memory than they get.
		`select count(*), sum(k), min(t), max(t) from (select g as k, md5(g::text) as t from generate_series(1, 30000) g order by 2 offset 10) r`,
		`select count(*), sum(n), max(t) from (select md5((g % 20000)::text) as t, count(*) as n from generate_series(1, 30000) g group by 1) r`,
		`select count(*), sum(a), max(b.t) from (select g as a, md5(g::text) as t from generate_series(1, 20000) g) a
			join (select md5(g::text) as t, repeat('x', 50) from generate_series(1, 20000, 2) g) b using (t)`,
		`select sum(n), max(s) from (select row_number() over (partition by g % 5 order by md5(g::text)) as n, sum(g) over (order by g) as s
			from generate_series(1, 20000) g) r`,
	}
}

// passingFaults come and go while clients ask. None of them is a lie that nobody could notice.
func passingFaults() []string {
	return []string{
		"503-once", "reset-page2-once", "truncated-json", "error-200", "malformed-json", "429-bare", "error-mid-body", "html",
		"empty-body", "500-always", "repeated-nextlink", "eof-always", "bad-value", "unauthorized-always", "latency",
	}
}

// faultCodes are the SQLSTATEs that a question may end with while its service is at fault.
func faultCodes() []string {
	return []string{"HV000", "HV00N", "HV00R", "42501", "53000", "58000", "58030"}
}

// mixed is the run that its clients share.
type mixed struct {
	url   string
	truth map[string]string // rows by question
	until time.Time
	// spilled is the most bytes that were in temporary files at once.
	spilled func() int64
	done    [len(actionNames)]atomic.Int64
}

// actionNames are what clients do; each must have been done at the end.
var actionNames = [...]string{"ask", "ask at fault", "cancel", "leave", "fail", "cursor", "copy", "parameters", "reconnect"}

// TestMixedClients lets many clients ask, cancel, fail and leave at once, while one of the services misbehaves: every answer
// is right or an error that has a cause, sessions outlive errors and cancels, and nothing is left behind.
func TestMixedClients(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	honest, full, faulty := mixedService(t, "intune"), mixedService(t, "full"), mixedService(t, "full")
	m := &mixed{truth: map[string]string{}}
	var e *engine.Engine
	m.url, e = mixedGateway(t,
		mixedSchema("intune", profile.Intune(), honest), mixedSchema("std", profile.Standard(), full),
		mixedSchema("gen", profile.Generic(), full), mixedSchema("faulty", profile.Generic(), faulty))
	m.spilled = func() int64 {
		_, peak, _ := e.Temporary()
		return peak
	}

	first, err := pgx.Connect(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(context.Background())
	for _, q := range mixedQuestions() {
		rows, err := answerOf(t.Context(), first, q, "gen")
		if err != nil || rows == "" {
			t.Fatalf("%s: %q, %v", q, rows, err)
		}
		m.truth[q] = rows
	}
	m.round(t, faulty, mixedTime(t)/4, 1)
	before, resident := heap(honest, full, faulty), residentMemory(t)
	m.round(t, faulty, mixedTime(t), 2)
	if t.Failed() {
		return
	}
	for _, schema := range []string{"intune", "std", "gen", "faulty"} {
		for _, q := range mixedQuestions() {
			if rows, err := answerOf(t.Context(), first, q, schema); err != nil || rows != m.truth[q] {
				t.Errorf("afterwards %s in %s: %v\n%s\nnot\n%s", q, schema, err, rows, m.truth[q])
			}
		}
	}
	for i, name := range actionNames {
		t.Logf("%s: %d", name, m.done[i].Load())
		if m.done[i].Load() == 0 {
			t.Errorf("no client came to %s", name)
		}
	}
	after := heap(honest, full, faulty)
	t.Logf("heap: %s, then %s", megabytes(int64(before)), megabytes(int64(after)))
	if after > before+mixedGrowth {
		t.Errorf("the heap grew from %s to %s", megabytes(int64(before)), megabytes(int64(after)))
	}
	now := residentMemory(t)
	t.Logf("resident: %s, then %s", megabytes(resident), megabytes(now))
	if now > resident+mixedResident {
		t.Errorf("resident memory grew from %s to %s", megabytes(resident), megabytes(now))
	}
	if m.spilled() == 0 {
		t.Error("nothing was spilled")
	}
	var n int
	err = first.QueryRow(t.Context(), `select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d other sessions are left, %v", n, err)
	}
}

// round lets the clients come, work for a time while faults come and go, and leave.
func (m *mixed) round(t *testing.T, faulty *simulator.Server, long time.Duration, seed uint64) {
	t.Helper()
	m.until = time.Now().Add(long)
	var work sync.WaitGroup
	for i := range mixedClients {
		work.Go(func() { m.client(t, rand.New(rand.NewPCG(uint64(i), seed))) })
	}
	work.Go(func() {
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for n := 0; time.Now().Before(m.until); n++ {
			fault := passingFaults()[n%len(passingFaults())]
			if err := faulty.SetFaults(fault); err != nil {
				t.Error(err)
				return
			}
			<-tick.C
		}
	})
	work.Wait()
	if err := faulty.SetFaults(); err != nil {
		t.Fatal(err)
	}
}

// heap is what is reachable, without the services' records of requests.
func heap(services ...*simulator.Server) uint64 {
	for _, s := range services {
		s.ResetRequests()
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// residentMemory is what the system counts as this process's (VmRSS, proc(5)), after unused memory was given back.
func residentMemory(t *testing.T) int64 {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	var kb int64
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	if _, err := fmt.Sscanf(rest, "%d kB", &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// client does one thing after the other until the time is over.
func (m *mixed) client(t *testing.T, rnd *rand.Rand) {
	c, err := pgx.Connect(t.Context(), m.url)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = c.Close(context.Background()) }()
	for time.Now().Before(m.until) && !t.Failed() {
		action := rnd.IntN(len(actionNames))
		question := mixedQuestions()[rnd.IntN(len(mixedQuestions()))]
		schema := []string{"intune", "std", "gen"}[rnd.IntN(3)]
		ctx, cancel := context.WithTimeout(t.Context(), mixedWait)
		again := false
		switch actionNames[action] {
		case "ask":
			err = m.judge(question, m.ask(ctx, c, question, schema))
		case "ask at fault":
			if _, err = c.Exec(ctx, "set statement_timeout = '10s'"); err == nil {
				err = m.judge(question, m.ask(ctx, c, question, "faulty"), append(faultCodes(), "57014")...)
				_, reset := c.Exec(ctx, "reset statement_timeout")
				err = errors.Join(err, reset)
			}
		case "cancel":
			err = m.cancel(ctx, c, question, schema, time.Duration(rnd.IntN(30))*time.Millisecond)
		case "leave":
			err, again = leave(ctx, c, question, schema), true
		case "fail":
			err = fail(ctx, c)
		case "cursor":
			err = cursor(ctx, c, schema)
		case "copy":
			err = copies(ctx, c, schema)
		case "parameters":
			err = parameters(ctx, c, schema, rnd)
		case "reconnect":
			err, again = c.Close(ctx), true
		}
		if again && err == nil {
			c, err = pgx.Connect(ctx, m.url)
		}
		cancel()
		if err != nil {
			t.Errorf("%s, %s in %s: %v", actionNames[action], question, schema, err)
			return
		}
		m.done[action].Add(1)
	}
}

// outcome is the rows of a question, or why there are none.
type outcome struct {
	rows string
	err  error
}

func (m *mixed) ask(ctx context.Context, c *pgx.Conn, question, schema string) outcome {
	rows, err := answerOf(ctx, c, question, schema)
	return outcome{rows, err}
}

// judge takes right rows, or an error with one of the SQLSTATEs.
func (m *mixed) judge(question string, o outcome, codes ...string) error {
	var e *pgconn.PgError
	switch {
	case errors.As(o.err, &e) && slices.Contains(codes, e.Code):
		return nil
	case o.err != nil:
		return o.err
	case o.rows != m.truth[question]:
		return fmt.Errorf("wrong rows:\n%s\nnot\n%s", o.rows, m.truth[question])
	}
	return nil
}

// answerOf is a question's rows as text.
func answerOf(ctx context.Context, c *pgx.Conn, question, schema string) (string, error) {
	r := c.PgConn().ExecParams(ctx, strings.ReplaceAll(question, "S.", schema+"."), nil, nil, nil, nil)
	var b strings.Builder
	for r.NextRow() {
		for _, v := range r.Values() {
			if v == nil {
				b.WriteString("null|")
			} else {
				fmt.Fprintf(&b, "%q|", v)
			}
		}
		b.WriteByte('\n')
	}
	_, err := r.Close()
	return b.String(), err
}

// cancel asks from a second connection for the end of a question. It comes too late, or the question ends with 57014; the
// session goes on in both cases.
func (m *mixed) cancel(ctx context.Context, c *pgx.Conn, question, schema string, after time.Duration) error {
	var sent sync.WaitGroup
	var cancelled error
	sent.Go(func() {
		timer := time.NewTimer(after)
		defer timer.Stop()
		<-timer.C
		cancelled = c.PgConn().CancelRequest(ctx)
	})
	err := m.judge(question, m.ask(ctx, c, question, schema), "57014")
	sent.Wait()
	if err := errors.Join(err, cancelled); err != nil {
		return err
	}
	// A cancel that came late may meet this statement.
	var one int
	for range 3 {
		err = c.QueryRow(ctx, "select 1").Scan(&one)
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "57014" {
			return err
		}
	}
	return err
}

// leave goes away without a word, in the middle of the rows.
func leave(ctx context.Context, c *pgx.Conn, question, schema string) error {
	r := c.PgConn().ExecParams(ctx, strings.ReplaceAll(question, "S.", schema+"."), nil, nil, nil, nil)
	if !r.NextRow() {
		_, err := r.Close()
		return errors.Join(errors.New("no row"), err)
	}
	return c.PgConn().Conn().Close()
}

// fail makes mistakes, outside and inside of a transaction.
func fail(ctx context.Context, c *pgx.Conn) error {
	for _, step := range [][2]string{
		{"selec 1", "42601"},
		{"select * from nowhere", "42P01"},
		{"select 1 / (select 0)", "22012"},
		{"begin", ""},
		{"select 'x'::int", "22P02"},
		{"select 1", "25P02"},
		{"rollback", ""},
		{"select 1", ""},
	} {
		_, err := c.Exec(ctx, step[0])
		var e *pgconn.PgError
		code := ""
		if errors.As(err, &e) {
			code = e.Code
		} else if err != nil {
			return err
		}
		if code != step[1] {
			return fmt.Errorf("%s: SQLSTATE %q, not %q", step[0], code, step[1])
		}
	}
	return nil
}

// cursor reads some rows of a cursor and forgets the others.
func cursor(ctx context.Context, c *pgx.Conn, schema string) error {
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `declare few cursor for select "deviceKey" from `+schema+`.devices order by 1`); err != nil {
		return err
	}
	for range 2 {
		tag, err := tx.Exec(ctx, "fetch 7 from few")
		if err != nil || tag.RowsAffected() != 7 {
			return errors.Join(fmt.Errorf("fetched %d rows", tag.RowsAffected()), err)
		}
	}
	return tx.Rollback(ctx)
}

// copies reads a whole table by COPY.
func copies(ctx context.Context, c *pgx.Conn, schema string) error {
	var want int
	if err := c.QueryRow(ctx, `select count(*) from `+schema+`."devicePropertyHistories"`).Scan(&want); err != nil {
		return err
	}
	var b bytes.Buffer
	_, err := c.PgConn().CopyTo(ctx, &b, `copy (select * from `+schema+`."devicePropertyHistories") to stdout`)
	if got := bytes.Count(b.Bytes(), []byte("\n")); err != nil || got != want {
		return errors.Join(fmt.Errorf("%d lines, not %d", got, want), err)
	}
	return nil
}

// parameters asks for one device by its key, prepared and in binary.
func parameters(ctx context.Context, c *pgx.Conn, schema string, rnd *rand.Rand) error {
	var key, found int64
	err := c.QueryRow(ctx, `select "deviceKey" from `+schema+`.devices order by 1 offset $1 limit 1`, int64(rnd.IntN(40))).Scan(&key)
	if err != nil {
		return err
	}
	if err := c.QueryRow(ctx, `select "deviceKey" from `+schema+`.devices where "deviceKey" = $1`, key).Scan(&found); err != nil {
		return err
	}
	if found != key {
		return fmt.Errorf("asked for %d, got %d", key, found)
	}
	return nil
}

func mixedService(t *testing.T, name string) *simulator.Server {
	t.Helper()
	until, err := time.Parse(time.DateOnly, running.LastDay)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(simulator.Options{Profile: name, Devices: 60, Days: 4, Until: until, PageSize: 50})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func mixedSchema(name string, p *profile.Profile, s *simulator.Server) engine.ServiceOptions {
	return engine.ServiceOptions{Schema: name, Profile: p, Client: odata.Config{
		Name: name, Root: s.URL(), Connections: 4, Log: zerolog.Nop(), Custom: []query.Option{{Name: "api-version", Value: "v1.0"}},
		Timeouts: odata.Timeouts{Connect: 10 * time.Second, FirstByte: 10 * time.Second, Idle: 10 * time.Second},
		Auth: odata.Auth{
			Kind: odata.AuthClientCredentials, TokenURL: s.TokenURL(), ClientID: "sample", ClientSecret: "sample-secret", Style: odata.StyleInParams,
			Scopes: []string{"https://api.manage.microsoft.com//.default"},
		},
	}}
}

// mixedGateway serves in the test's process, so that the race detector sees it and what it leaves behind shows.
func mixedGateway(t *testing.T, services ...engine.ServiceOptions) (url string, e *engine.Engine) {
	t.Helper()
	e, err := engine.New(engine.Options{
		Limits: engine.Limits{
			QueryMemory: mixedQuery, ServerMemory: mixedServer, SpillDir: t.TempDir(),
			MemoryWait: mixedWait, // under the race detector, on two cores, a hundred wait for long
		},
		Database: "warehouse", Users: []engine.User{{Name: "analyst", Password: "secret"}}, StateDir: t.TempDir(), Services: services,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := wire.NewServer(wire.Options{Backend: e, Logger: zerolog.Nop(), MaxConnections: 3 * mixedClients})
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background() // the test's own ends before its clean-ups run
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ctx, listener); !errors.Is(err, wire.ErrServerClosed) {
			t.Errorf("serving ended with %v", err)
		}
	})
	t.Cleanup(func() {
		grace, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		if err := server.Shutdown(grace); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		serving.Wait()
		if used, _, files := e.Temporary(); used != 0 || files != 0 {
			t.Errorf("%d bytes in %d temporary files are left", used, files)
		}
		if err := e.Close(); err != nil {
			t.Errorf("closing the engine: %v", err)
		}
	})
	e.Start(ctx)
	if err := e.WaitMetadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	return "postgres://analyst:secret@" + listener.Addr().String() + "/warehouse?sslmode=disable", e
}
