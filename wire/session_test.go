package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/wiretest"
)

func send(t testing.TB, c *wiretest.Client, messages ...pgproto3.FrontendMessage) {
	t.Helper()
	if err := c.Send(messages...); err != nil {
		t.Fatal(err)
	}
}

// errorCode reads to the next ErrorResponse.
func errorCode(t testing.TB, c *wiretest.Client) string {
	t.Helper()
	for {
		m, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := m.(*pgproto3.ErrorResponse); ok {
			return e.Code
		}
	}
}

// readyForQuery reads to ReadyForQuery and counts the rows before it.
func readyForQuery(t testing.TB, c *wiretest.Client) (rows int) {
	t.Helper()
	for {
		m, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m.(type) {
		case *pgproto3.DataRow:
			rows++
		case *pgproto3.ReadyForQuery:
			return rows
		}
	}
}

// cancelUntil sends CancelRequests until the statement has ended with the code.
func cancelUntil(t testing.TB, c *wiretest.Client, code string) {
	t.Helper()
	if err := c.CancelStatement(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := errorCode(t, c); got != code {
		t.Fatalf("SQLSTATE %s, want %s", got, code)
	}
}

func drainToEOF(t testing.TB, c *wiretest.Client) {
	t.Helper()
	for {
		if _, err := c.Receive(); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("the server did not close the connection")
			}
			return
		}
	}
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestFunctionCallIsRefused(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	c := connect(t, address)
	for _, frame := range []string{
		"F\x00\x00\x00\x0e\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00",                 // no arguments
		"F\x00\x00\x00\x12\x00\x00\x00\x01\x00\x00\x00\x01\xff\xff\xff\xff\x00\x00", // a null argument, which panics the codec
	} {
		if err := c.SendRaw([]byte(frame)); err != nil {
			t.Fatal(err)
		}
		if code := errorCode(t, c); code != "0A000" {
			t.Errorf("SQLSTATE %s", code)
		}
		readyForQuery(t, c)
	}
	for _, frame := range []string{"F\x00\x00\x00\x06\x00\x00", "F\x00\x00\x00\x12\x00\x00\x00\x01\x00\x00\x00\x01\xff\xff\xff\xfe\x00\x00"} {
		if err := c.SendRaw([]byte(frame)); err != nil {
			t.Fatal(err)
		}
		if code := errorCode(t, c); code != "08P01" {
			t.Errorf("SQLSTATE %s", code)
		}
		readyForQuery(t, c)
	}
}

func TestMessageLimit(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{MessageBytes: 1 << 20})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "select length('" + strings.Repeat("x", 1<<20-100) + "')"})
	if rows := readyForQuery(t, c); rows != 1 {
		t.Errorf("%d rows", rows)
	}
	// Only the header: the length alone decides.
	if err := c.SendRaw([]byte("Q\x00\x10\x00\x05")); err != nil {
		t.Fatal(err)
	}
	if code := errorCode(t, c); code != "54000" {
		t.Errorf("SQLSTATE %s", code)
	}
	drainToEOF(t, c)
}

func TestByteByByte(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	c := connect(t, address)
	var frames []byte
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.Parse{Query: "select $1::text as a"},
		&pgproto3.Bind{Parameters: [][]byte{[]byte("x")}},
		&pgproto3.Execute{},
		&pgproto3.Sync{},
	} {
		frames, _ = m.Encode(frames)
	}
	for i := range frames {
		if err := c.SendRaw(frames[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if rows := readyForQuery(t, c); rows != 1 {
		t.Errorf("%d rows", rows)
	}
}

// A client that writes megabytes of statements before it reads anything must not deadlock with a server that writes megabytes
// of rows.
func TestPipeliningWithoutReading(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{PipelineBytes: 64 << 10})
	c := connect(t, address)
	const n = 200
	text := strings.Repeat("x", 50_000)
	var batch []byte
	batch, _ = (&pgproto3.Parse{Name: "s", Query: "select $1::text as a"}).Encode(batch)
	for range n {
		batch, _ = (&pgproto3.Bind{PreparedStatement: "s", Parameters: [][]byte{[]byte(text)}}).Encode(batch)
		batch, _ = (&pgproto3.Execute{}).Encode(batch)
	}
	batch, _ = (&pgproto3.Sync{}).Encode(batch)
	if err := c.SendRaw(batch); err != nil {
		t.Fatalf("the server stopped reading: %v", err)
	}
	if rows := readyForQuery(t, c); rows != n {
		t.Errorf("%d rows", rows)
	}
}

func TestDisconnectCancels(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	for _, leave := range []struct {
		name string
		f    func(c *wiretest.Client)
	}{
		{"close", func(c *wiretest.Client) { _ = c.Close() }},
		{"terminate and close", func(c *wiretest.Client) { _ = c.Send(&pgproto3.Terminate{}); _ = c.Close() }},
		{"reset", func(c *wiretest.Client) { _ = c.Conn().(*net.TCPConn).SetLinger(0); _ = c.Close() }},
	} {
		t.Run(leave.name, func(t *testing.T) {
			c := connect(t, address)
			send(t, c, &pgproto3.Query{String: "select pg_sleep(1000)"})
			eventually(t, "the statement runs", func() bool { return engine.sleeping.Load() == 1 })
			leave.f(c)
			eventually(t, "the statement ends", func() bool { return engine.sleeping.Load() == 0 })
			eventually(t, "the session ends", func() bool { return engine.open.Load() == 0 })
		})
	}
}

// A client that closes its side after its last message still gets the answers.
func TestHalfClose(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "select g from generate_series(1, 10000) g"})
	if err := c.Conn().(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rows := readyForQuery(t, c); rows != 10000 {
		t.Errorf("%d rows", rows)
	}
	drainToEOF(t, c)
}

func TestClientThatStopsReading(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{WriteTimeout: 200 * time.Millisecond})
	stuck := connect(t, address)
	other := connect(t, address)
	send(t, stuck, &pgproto3.Query{String: "select repeat('x', 1000) from generate_series(1, 1000000) g"})
	// Others are served meanwhile, and then the stuck one is gone.
	for engine.open.Load() == 2 {
		send(t, other, &pgproto3.Query{String: "select 1"})
		if rows := readyForQuery(t, other); rows != 1 {
			t.Fatalf("%d rows", rows)
		}
	}
}

// A client that is slow, but reads, is waited for.
func TestSlowClient(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{WriteTimeout: 2 * time.Second})
	c := connect(t, address)
	_ = c.Conn().(*net.TCPConn).SetReadBuffer(16 << 10)
	send(t, c, &pgproto3.Query{String: "select repeat('x', 100000) as a from generate_series(1, 200) g"})
	buf := make([]byte, 600<<10)
	total := 0
	for total < 200*100_000 {
		_ = c.Conn().SetReadDeadline(time.Now().Add(wiretest.Timeout))
		n, err := c.Conn().Read(buf)
		if err != nil {
			t.Fatalf("after %d bytes: %v", total, err)
		}
		total += n
		if total < 8<<20 {
			time.Sleep(10 * time.Millisecond) // the client's slowness is what is tested
		}
	}
}

func TestIdleTimeouts(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "set idle_session_timeout to '50ms'"})
	readyForQuery(t, c)
	if code := errorCode(t, c); code != "57P05" {
		t.Errorf("SQLSTATE %s", code)
	}
	drainToEOF(t, c)
	c = connect(t, address)
	send(t, c, &pgproto3.Query{String: "begin; set idle_in_transaction_session_timeout to '50ms'"})
	readyForQuery(t, c)
	if code := errorCode(t, c); code != "25P03" {
		t.Errorf("SQLSTATE %s", code)
	}
	drainToEOF(t, c)
}

func TestTerminateFromOutside(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	idle := connect(t, address)
	engine.last.Load().Terminate()
	if code := errorCode(t, idle); code != "57P01" {
		t.Errorf("SQLSTATE %s", code)
	}
	drainToEOF(t, idle)
	busy := connect(t, address)
	send(t, busy, &pgproto3.Query{String: "select pg_sleep(1000)"})
	eventually(t, "the statement runs", func() bool { return engine.sleeping.Load() == 1 })
	engine.last.Load().Terminate()
	if code := errorCode(t, busy); code != "57P01" {
		t.Errorf("SQLSTATE %s", code)
	}
	drainToEOF(t, busy)
}

func TestWrongCancelKey(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	c := connect(t, address)
	send(t, c, &pgproto3.Query{String: "select pg_sleep(0.3)"})
	eventually(t, "the statement runs", func() bool { return engine.sleeping.Load() == 1 })
	pid, key := c.Key()
	for _, wrong := range [][]byte{
		binary.BigEndian.AppendUint32(nil, key+1),
		append(binary.BigEndian.AppendUint32(nil, key), 0), // the right key and more
	} {
		body := append(binary.BigEndian.AppendUint32(nil, pid), wrong...)
		if got := exchange(t, address, packet(80877102, string(body))); got != "" {
			t.Errorf("answer %q", got)
		}
	}
	if rows := readyForQuery(t, c); rows != 1 {
		t.Errorf("a wrong key cancelled the statement")
	}
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := wire.NewServer(wire.Options{Backend: engine})
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background(), l) }()
	address := l.Addr().String()
	idle, quick, stuck := connect(t, address), connect(t, address), connect(t, address)
	send(t, quick, &pgproto3.Query{String: "select pg_sleep(0.3)"})
	send(t, stuck, &pgproto3.Query{String: "select pg_sleep(1000)"})
	eventually(t, "both run", func() bool { return engine.sleeping.Load() == 2 })
	login, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer login.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var done sync.WaitGroup
	done.Go(func() {
		if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown returned %v", err)
		}
	})
	if code := errorCode(t, idle); code != "57P01" || ctx.Err() != nil {
		t.Errorf("idle session: SQLSTATE %s", code)
	}
	if rows := readyForQuery(t, quick); rows != 1 || ctx.Err() != nil {
		t.Errorf("busy session: %d rows", rows)
	}
	if code := errorCode(t, quick); code != "57P01" {
		t.Errorf("busy session: SQLSTATE %s", code)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Errorf("still accepts")
	}
	if code := errorCode(t, stuck); code != "57P01" || ctx.Err() == nil {
		t.Errorf("stuck session: SQLSTATE %s", code)
	}
	done.Wait()
	if err := <-served; !errors.Is(err, wire.ErrServerClosed) {
		t.Errorf("Serve returned %v", err)
	}
	if n := engine.open.Load(); n != 0 {
		t.Errorf("%d sessions open", n)
	}
	if _, err := io.ReadAll(login); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("connection without a startup packet: %v", err)
	}
	if err := server.Shutdown(context.Background()); err != nil {
		t.Errorf("second Shutdown: %v", err)
	}
}
