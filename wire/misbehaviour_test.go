package wire_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgproto3/v2"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/backend"
)

// faulty is a session whose statements go wrong by what their text says.
type faulty struct{ *memorySession }

func (f *faulty) Simple(ctx context.Context, st backend.Statement, implicit bool) (backend.Portal, error) {
	text := st.Text()
	switch {
	case strings.Contains(text, "panic"):
		panic("engine broke")
	case strings.Contains(text, "uncoded"):
		return nil, errors.New("secret token in an error without a code")
	case strings.Contains(text, "fatal"):
		return nil, pgerr.New(pgerr.DataCorrupted, "it is over").WithSeverity(pgerr.SeverityFatal)
	case strings.Contains(text, "fields"):
		return nil, &pgerr.Error{
			Severity: pgerr.SeverityError, Code: "22012", Message: "M\x00\xff", Detail: "D", Hint: "H", Position: 3, Where: "W",
			Schema: "s", Table: "t", Column: "c", DataType: "d", Constraint: "n",
		}
	}
	p, err := f.memorySession.Simple(ctx, st, implicit)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.Contains(text, "noisy"):
		return &noisy{Portal: p, session: f.memorySession}, nil
	case strings.Contains(text, "greedy"):
		return &greedy{p}, nil
	}
	return p, nil
}

// noisy queues a notice with every batch.
type noisy struct {
	backend.Portal
	session *memorySession
}

func (n *noisy) Next(ctx context.Context, maxRows int) (*vector.Batch, error) {
	n.session.notices = append(n.session.notices, pgerr.Notice("asked for rows"))
	return n.Portal.Next(ctx, maxRows)
}

// greedy gives columns that it has not announced.
type greedy struct{ backend.Portal }

func (g *greedy) Next(ctx context.Context, maxRows int) (*vector.Batch, error) {
	b, err := g.Portal.Next(ctx, maxRows)
	if b != nil {
		b.Cols = append(b.Cols, b.Cols[0])
	}
	return b, err
}

func faultyEngine() *memory {
	m := newMemory()
	m.wrap = func(s *memorySession) backend.Session { return &faulty{s} }
	return m
}

// receiveError reads to the next ErrorResponse.
func receiveError(t *testing.T, c interface {
	Receive() (pgproto3.BackendMessage, error)
},
) pgproto3.ErrorResponse {
	t.Helper()
	for {
		m, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := m.(*pgproto3.ErrorResponse); ok {
			return *e
		}
	}
}

func TestPanicEndsOneSession(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	address, _ := serve(t, faultyEngine(), wire.Options{Logger: zerolog.New(&log)})
	bystander, c := connect(t, address), connect(t, address)
	send(t, c, &pgproto3.Query{String: "select 1 as panic"})
	if e := receiveError(t, c); e.Severity != "FATAL" || e.Code != "XX000" || strings.Contains(e.Message, "broke") {
		t.Errorf("error %+v", e)
	}
	drainToEOF(t, c)
	send(t, bystander, &pgproto3.Query{String: "select 1 as a"})
	if rows := readyForQuery(t, bystander); rows != 1 {
		t.Errorf("%d rows", rows)
	}
	if !strings.Contains(log.String(), "engine broke") || !strings.Contains(log.String(), "misbehaviour_test.go") {
		t.Errorf("the log lacks the panic: %s", log.String())
	}
}

func TestErrorsWithoutACode(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, faultyEngine(), wire.Options{})
	c := connect(t, address)
	for _, q := range []string{"select 1 as uncoded", "select 1 as greedy"} {
		send(t, c, &pgproto3.Query{String: q})
		if e := receiveError(t, c); e.Severity != "ERROR" || e.Code != "XX000" || strings.Contains(e.Message+e.Detail+e.Hint, "secret") {
			t.Errorf("error %+v", e)
		}
		readyForQuery(t, c)
	}
	send(t, c, &pgproto3.Query{String: "select 1 as fatal; select 2"})
	if e := receiveError(t, c); e.Severity != "FATAL" || e.Code != "XX001" || e.Message != "it is over" {
		t.Errorf("error %+v", e)
	}
	drainToEOF(t, c)
}

func TestErrorFields(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, faultyEngine(), wire.Options{})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "select 1 as fields"})
	got := receiveError(t, c)
	want := pgproto3.ErrorResponse{
		Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "22012", Message: "M\uFFFD", Detail: "D", Hint: "H", Position: 3, Where: "W",
		SchemaName: "s", TableName: "t", ColumnName: "c", DataTypeName: "d", ConstraintName: "n",
	}
	got.UnknownFields = nil
	if gb, wb := got.Encode(nil); wb != nil || !bytes.Equal(gb, encode(t, &want)) {
		t.Errorf("error %+v", got)
	}
	readyForQuery(t, c)
}

func encode(t *testing.T, m pgproto3.BackendMessage) []byte {
	t.Helper()
	b, err := m.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Notices come between the rows that they belong to, not at the end.
func TestNotices(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, faultyEngine(), wire.Options{})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "select g as noisy from generate_series(1, 2000) g"})
	var order []byte
	for {
		m, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.NoticeResponse:
			order = append(order, 'n')
			if m.Severity != "NOTICE" || m.Code != "00000" || m.Message != "asked for rows" {
				t.Errorf("notice %+v", m)
			}
		case *pgproto3.DataRow:
			if len(order) == 0 || order[len(order)-1] != 'd' {
				order = append(order, 'd')
			}
		case *pgproto3.ReadyForQuery:
			if string(order) != "ndndn" {
				t.Errorf("order %s", order)
			}
			return
		}
	}
}

// Rows that are there must not wait for those that a service has not given yet.
func TestRowsLeaveBeforeAWait(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "select g, pg_sleep(1000 * (g - 1)) from generate_series(1, 2) g"})
	for {
		m, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := m.(*pgproto3.DataRow); ok {
			break
		}
	}
	cancelUntil(t, c, "57014")
	readyForQuery(t, c)
}

func TestFinished(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	c := connect(t, address)
	for _, q := range []struct {
		sql  string
		rows int64
		code pgerr.Code
	}{
		{"select g from generate_series(1, 2000) g", 2000, ""},
		{"copy (select g from generate_series(1, 5) g) to stdout", 5, ""},
		{"set application_name to 'x'", 0, ""},
		{"select 6/(g-3) from generate_series(1, 5) g", 2, "22012"},
		{"select nosuch", 0, "42703"},
	} {
		engine.finished.Store(nil)
		send(t, c, &pgproto3.Query{String: q.sql})
		readyForQuery(t, c)
		f := engine.finished.Load()
		if f == nil {
			t.Errorf("%s: not told", q.sql)
			continue
		}
		var code pgerr.Code
		if f.Err != nil {
			code = f.Err.Code
		}
		if f.Rows != q.rows || code != q.code || (f.Portal == nil) != (q.code == "42703") || f.Suspended {
			t.Errorf("%s: %+v", q.sql, f)
		}
		if q.rows > 0 && f.BytesSent < 2*q.rows {
			t.Errorf("%s: %d bytes", q.sql, f.BytesSent)
		}
	}
	send(t, c, &pgproto3.Parse{Query: "select g from generate_series(1, 9) g"}, &pgproto3.Bind{}, &pgproto3.Execute{MaxRows: 4}, &pgproto3.Sync{})
	readyForQuery(t, c)
	if f := engine.finished.Load(); !f.Suspended || f.Rows != 4 {
		t.Errorf("suspended: %+v", f)
	}
}

// One line per connection, without passwords or keys; none for those that only look whether the port is open.
func TestConnectionLog(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	address, _ := serve(t, newMemory(), wire.Options{Logger: zerolog.New(&log).Level(zerolog.InfoLevel)})
	_ = exchangeNothing(t, address)
	config := clientConfig(address)
	config.Parameters = map[string]string{"application_name": "tester"}
	c := connectWith(t, config)
	send(t, c, &pgproto3.Terminate{})
	drainToEOF(t, c)
	eventually(t, "the line is written", func() bool { return strings.Count(log.String(), "\n") == 1 })
	for _, want := range []string{`"user":"postgres"`, `"database":"postgres"`, `"application":"tester"`, `"reason":"closed"`, `"remote":"127.0.0.1:`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s lacks %s", log.String(), want)
		}
	}
	if strings.Contains(log.String(), "pencil") {
		t.Errorf("password in %s", log.String())
	}
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
