package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// stream is a service with one set of 20,000 rows of a kilobyte in one page.
type stream struct {
	url          string
	open         atomic.Int64 // requests for rows that are being answered
	asked        atomic.Int64
	rows         int  // after so many it waits until the request ends; 0: never
	beforeHeader bool // it waits before it answers anything
}

const streamRows = 20_000

func startStream(t *testing.T, s *stream) *stream {
	t.Helper()
	line := `"text":"` + strings.Repeat("x", 1000) + `"}`
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "$metadata") {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = fmt.Fprint(w, `<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="n" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="T"><Key><PropertyRef Name="k"/></Key>
<Property Name="k" Type="Edm.Int32" Nullable="false"/><Property Name="text" Type="Edm.String"/></EntityType>
<EntityContainer Name="c"><EntitySet Name="ts" EntityType="n.T"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
			return
		}
		s.asked.Add(1)
		s.open.Add(1)
		defer s.open.Add(-1)
		if s.beforeHeader {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"value":[`)
		for i := range streamRows {
			sep := ","
			if i == 0 {
				sep = ""
			}
			if _, err := fmt.Fprintf(w, `%s{"k":%d,%s`, sep, i+1, line); err != nil {
				return
			}
			if i+1 == s.rows {
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return
			}
		}
		_, _ = io.WriteString(w, `]}`)
	}))
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

func (s *stream) gateway(t *testing.T, change func(*engine.Options)) *gateway {
	t.Helper()
	o := engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", s.url, profile.Generic())}}
	if change != nil {
		change(&o)
	}
	return serve(t, o).ready(t)
}

// Whatever ends a statement ends its request at once, before the service has answered and in the middle of a body.
func TestTheEndOfAStatementEndsItsRequest(t *testing.T) {
	t.Parallel()
	for _, when := range []struct {
		name         string
		beforeHeader bool
		rows         int
	}{{"before the answer", true, 0}, {"in the body", false, 2000}} {
		for _, end := range []struct {
			name string
			do   func(t *testing.T, c *pgconn.PgConn, g *gateway)
			code string // "": the connection is gone
		}{
			{"cancel request", func(t *testing.T, c *pgconn.PgConn, _ *gateway) {
				if err := c.CancelRequest(t.Context()); err != nil {
					t.Error(err)
				}
			}, "57014"},
			{"pg_cancel_backend", func(t *testing.T, c *pgconn.PgConn, g *gateway) {
				must(t, connect(t, g.dsn("analyst", "")), fmt.Sprintf("select pg_cancel_backend(%d)", c.PID()))
			}, "57014"},
			{"pg_terminate_backend", func(t *testing.T, c *pgconn.PgConn, g *gateway) {
				must(t, connect(t, g.dsn("killer", "")), fmt.Sprintf("select pg_terminate_backend(%d)", c.PID()))
			}, "57P01"},
			{"statement_timeout", nil, "57014"},
			{"disconnect", func(_ *testing.T, c *pgconn.PgConn, _ *gateway) { _ = c.Conn().Close() }, ""},
		} {
			t.Run(when.name+"/"+end.name, func(t *testing.T) {
				t.Parallel()
				s := startStream(t, &stream{beforeHeader: when.beforeHeader, rows: when.rows})
				g := s.gateway(t, nil)
				c, err := dial(t.Context(), g.dsn("analyst", ""))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close(context.Background())
				if end.do == nil {
					must(t, c, "set statement_timeout = '300ms'")
				}
				failed := make(chan error, 1)
				go func() {
					_, err := c.Exec(context.Background(), "select count(*) from ts").ReadAll()
					failed <- err
				}()
				eventually(t, "the service is asked", func() bool { return s.open.Load() == 1 })
				if end.do != nil {
					end.do(t, c, g)
				}
				err = <-failed
				var e *pgconn.PgError
				if end.code != "" && (!errors.As(err, &e) || e.Code != end.code) {
					t.Errorf("error %v, want %s", err, end.code)
				}
				eventually(t, "the request ends", func() bool { return s.open.Load() == 0 })
				if got := must(t, connect(t, g.dsn("analyst", "")), "select 1"); got != "1\n" {
					t.Errorf("afterwards: %q", got)
				}
			})
		}
	}
}

// What needs no more rows ends the request.
func TestEnoughRowsEndTheRequest(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"select k from ts limit 5",
		"select exists (select 1 from ts)",
		"begin; declare c cursor for select k from ts; fetch 5 from c; close c",
		"begin; declare c cursor for select k from ts; fetch 5 from c; rollback",
		"begin; declare c cursor for select k from ts; fetch 5 from c; select 1/0",
		"declare c cursor for select k from ts; fetch 5 from c", // an implicit block
	} {
		t.Run(q, func(t *testing.T) {
			t.Parallel()
			s := startStream(t, &stream{rows: 3000})
			c := connect(t, s.gateway(t, nil).dsn("analyst", ""))
			_, err := answer(t, c, q)
			var e *pgconn.PgError
			if err != nil && (!errors.As(err, &e) || e.Code != "22012") {
				t.Fatal(err)
			}
			if s.asked.Load() != 1 {
				t.Errorf("%d requests", s.asked.Load())
			}
			eventually(t, "the request ends", func() bool { return s.open.Load() == 0 })
		})
	}
}

// The idle time of the service's connection counts only while bytes are wanted, also of a portal that waits for its client.
func TestSlowClientDoesNotMakeTheServiceIdle(t *testing.T) {
	t.Parallel()
	s := startStream(t, &stream{})
	g := s.gateway(t, func(o *engine.Options) { o.Services[0].Client.Timeouts.Idle = 150 * time.Millisecond })
	c := connect(t, g.dsn("analyst", ""))
	if got := must(t, c, "begin; declare c cursor for select k, text from ts; fetch 3 from c"); !strings.HasPrefix(got, "1|") {
		t.Fatalf("first rows %.20q", got)
	}
	time.Sleep(600 * time.Millisecond) // the client's slowness is what is tested
	got := must(t, c, "move all in c; select 'still here'")
	if got != "still here\n" {
		t.Fatalf("answer %q", got)
	}
	results, err := c.Exec(t.Context(), "rollback; begin; declare c cursor for select k, text from ts; move 3 in c; move all in c").ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if tag := results[len(results)-1].CommandTag.String(); tag != fmt.Sprintf("MOVE %d", streamRows-3) {
		t.Errorf("tag %s", tag)
	}
}

// client speaks the protocol itself.
func client(t *testing.T, g *gateway) *pgproto3.Frontend {
	t.Helper()
	c, err := dial(t.Context(), g.dsn("analyst", ""))
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Conn.Close() })
	if err := h.Conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return h.Frontend
}

// exchange sends messages and returns the first columns of the rows until ReadyForQuery, and the SQLSTATE of an error.
func exchange(t *testing.T, c *pgproto3.Frontend, messages ...pgproto3.FrontendMessage) (rows []string, code string) {
	t.Helper()
	for _, m := range messages {
		c.Send(m)
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.DataRow:
			rows = append(rows, string(m.Values[0]))
		case *pgproto3.ErrorResponse:
			code = m.Code
		case *pgproto3.ReadyForQuery:
			return rows, code
		}
	}
}

// A client that limits its first Execute gets pages on demand; inside a transaction its portal keeps its place across Sync.
func TestPagesOnDemand(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{PageSize: 10})
	g := intune(t, sim, "")
	whole := strings.Fields(must(t, connect(t, g.dsn("analyst", "")), `select "deviceKey" from devices`))
	if len(whole) < 35 {
		t.Fatalf("%d devices", len(whole))
	}
	c := client(t, g)
	const q = `select "deviceKey" from devices`
	sim.ResetRequests()
	rows, _ := exchange(t, c, &pgproto3.Parse{Query: q}, &pgproto3.Bind{}, &pgproto3.Execute{MaxRows: 5}, &pgproto3.Sync{})
	if n := len(rowRequests(sim)); len(rows) != 5 || n != 1 {
		t.Errorf("%d rows by %d requests", len(rows), n)
	}
	sim.ResetRequests()
	exchange(t, c, &pgproto3.Query{String: "begin"})
	rows, _ = exchange(t, c, &pgproto3.Parse{Query: q}, &pgproto3.Bind{DestinationPortal: "p"}, &pgproto3.Execute{Portal: "p", MaxRows: 5}, &pgproto3.Sync{})
	if n := len(rowRequests(sim)); n != 1 {
		t.Errorf("%d requests for the first rows", n)
	}
	exchange(t, c, &pgproto3.Query{String: "select count(*) from users"}) // something in between
	for _, more := range [][]pgproto3.FrontendMessage{
		{&pgproto3.Execute{Portal: "p", MaxRows: 12}, &pgproto3.Sync{}},
		{&pgproto3.Query{String: "fetch 3 from p"}},
		{&pgproto3.Execute{Portal: "p"}, &pgproto3.Sync{}},
	} {
		next, code := exchange(t, c, more...)
		if code != "" {
			t.Errorf("SQLSTATE %s", code)
		}
		rows = append(rows, next...)
	}
	if strings.Join(rows, " ") != strings.Join(whole, " ") {
		t.Errorf("rows %v, want %v", rows, whole)
	}
	exchange(t, c, &pgproto3.Query{String: "commit"})
	if _, code := exchange(t, c, &pgproto3.Execute{Portal: "p"}, &pgproto3.Sync{}); code != "34000" {
		t.Errorf("after the transaction: %q", code)
	}
}

// A service that lies is found out; while nothing has left the answer is right all the same.
func TestLies(t *testing.T) {
	t.Parallel()
	honest := warehouse(t, simulator.Options{Profile: "full"})
	truth := connect(t, serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", honest.URL(), profile.Standard())}}).ready(t).dsn("analyst", ""))
	for _, c := range []struct{ fault, q string }{
		{"filter-ignored", `select "deviceKey" from devices where "manufacturer" = 'Apple' limit 1000`},
		{"filter-ignored", `select "deviceKey" from devices where "manufacturer" = 'Apple' and "deviceKey" > 3 order by 1`},
		{"orderby-ignored", `select "deviceKey" from devices order by "deviceKey" desc limit 7`},
		{"top-ignored", `select "deviceKey" from devices order by "deviceKey" limit 7`},
	} {
		want := must(t, truth, c.q)
		t.Run(c.fault+"/"+c.q, func(t *testing.T) {
			t.Parallel()
			sim := warehouse(t, simulator.Options{Profile: "full", Faults: []string{c.fault}})
			g := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("s", sim.URL(), profile.Standard())}}).ready(t)
			conn := connect(t, g.dsn("analyst", ""))
			if want == "" || want == "0\n" {
				t.Fatal("the question has no answer")
			}
			for range 2 {
				if got := must(t, conn, c.q); got != want {
					t.Errorf("answer %q, want %q", got, want)
				}
			}
		})
	}
}

// The table of faults has every kind, and none gets a code that drivers take for their own connection being broken.
func TestEveryFaultHasACode(t *testing.T) {
	t.Parallel()
	for _, k := range odata.Kinds() {
		e := pgerr.As(engine.Fault(&odata.Error{Kind: k, Service: "s", Message: "m"}))
		if e == nil || strings.HasPrefix(e.SQLState(), "08") || e.Code == pgerr.InternalError && k != odata.KindClosed {
			t.Errorf("%s: %v", k, e)
		}
	}
}

// Errors of services reach the client with their codes, and the session lives on.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, code string }{
		{"500-always", "HV000"},
		{"error-200", "HV000"},
		{"503-always", "53000"},
		{"429-long", "53000"},
		{"truncated-json", "58030"},
		{"malformed-json", "58030"},
		{"repeated-nextlink", "58030"},
		{"endless-nextlink", "58030"},
		{"foreign-nextlink", "58030"},
		{"eof-always", "58030"},
		{"error-mid-body", "HV000"},
		{"503-once", ""},
		{"429-bare", ""},
		{"reset-once", ""},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			sim := warehouse(t, simulator.Options{Faults: []string{c.fault}, PageSize: 10})
			conn := connect(t, intune(t, sim, "").dsn("analyst", ""))
			const q = `select count("deviceName") from devices`
			if c.code == "" {
				if got := must(t, conn, q); got == "0\n" {
					t.Errorf("answer %q", got)
				}
			} else {
				_ = wantCode(t, conn, q, c.code)
			}
			if got := must(t, conn, "select 'alive'"); got != "alive\n" {
				t.Errorf("afterwards %q", got)
			}
		})
	}
}
