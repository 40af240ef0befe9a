package faulttest

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

// chains are ways to make a statement of a megabyte that nests as deep as it is long.
func chains() map[string]string {
	const size = 1<<20 - 64
	repeat := func(head, unit, tail string) string { return head + strings.Repeat(unit, size/len(unit)) + tail }
	half := func(head, open, middle, shut string) string {
		n := size / (len(open) + len(shut))
		return head + strings.Repeat(open, n) + middle + strings.Repeat(shut, n)
	}
	return map[string]string{
		"signs": repeat("select ", "+-", "1"), "plus": repeat("select 1", "+1", ""), "or": repeat("select true", " or true", ""),
		"and": repeat("select true", " and true", ""), "not": repeat("select ", "not ", "true"), "concat": repeat("select ''", "||''", ""),
		"parentheses": half("select ", "(", "1", ")"), "brackets": half("select ", "array[", "1", "]"), "cast": repeat("select 1", "::int", ""),
		"in": repeat("select 1", " in(1)", ""), "isnull": repeat("select 1", " isnull", ""), "between": repeat("select 1", " between 1 and 1", ""),
		"case": half("select ", "case when true then ", "1", " end"), "union": repeat("select 1", " union all select 1", ""),
		"subqueries": half("select * from ", "(select * from ", "(select 1) x", ") x"), "joins": repeat("select 1 from (select 1) a", " cross join (select 1) a", ""),
		"functions": half("select ", "abs(", "1", ")"), "commas": repeat("select 1", ",1", ""), "values": repeat("values (1)", ",(1)", ""),
		"quotes": repeat("select ", "'", ""), "comments": half("", "/*", "", "*/"), "semicolons": repeat("select 1", ";", ""),
		"statements": repeat("", "select 1;", ""), "with": half("", "with x as (", "select 1", ") select 1"), "subscripts": repeat("select '{}'::int[]", "[1]", ""),
		"fields": repeat("select a", ".a", ""), "collate": repeat("select 'a'", ` collate "C"`, ""), "at": repeat("select now()", " at time zone 'UTC'", ""),
		"operators": repeat("select 1 ", "@ ", "1"), "dollars": repeat("select $", "1", ""), "digits": repeat("select ", "9", ""),
		"name": repeat("select ", "a", ""), "like": repeat("select 'a'", " like 'a'", ""), "explain": repeat("", "explain ", "select 1"),
		"rows": half("select ", "row(", "1", ")"), "sublinks": half("select ", "(select ", "1", ")"), "exists": half("select ", "exists(select ", "1", ")"),
	}
}

// TestChains sends each chain by both protocols. Whether it is answered or refused, the server lives, and answers the others.
func TestChains(t *testing.T) {
	t.Parallel()
	g := running.Demo(t, "--quiet", "--devices", "20", "--days", "2")
	bystander := connect(t, g.URL)
	for name, sql := range chains() {
		config, err := pgx.ParseConfig(g.URL)
		if err != nil {
			t.Fatal(err)
		}
		c, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec} {
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			begin := time.Now()
			_, err := c.Exec(ctx, sql, mode)
			cancel()
			var e *pgconn.PgError
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("%s: after %v the connection is lost: %v", name, time.Since(begin), err)
			}
			if e != nil && (e.Severity != "ERROR" || strings.HasPrefix(e.Code, "XX")) {
				t.Errorf("%s gave %v", name, e)
			}
			var n int
			if err := bystander.QueryRow(t.Context(), "select count(*) from devices").Scan(&n); err != nil || n < 20 {
				t.Fatalf("after %s another session gets %d, %v", name, n, err)
			}
			if err := c.QueryRow(t.Context(), "select 1").Scan(&n); err != nil {
				t.Fatalf("after %s its own session gets %v", name, err)
			}
		}
		_ = c.Close(t.Context())
	}
}

// TestFramesBeforeAuthentication sends what a client that never authenticates may send.
func TestFramesBeforeAuthentication(t *testing.T) {
	t.Parallel()
	g := running.Demo(t, "--quiet", "--devices", "20", "--days", "2")
	frame := func(kind byte, body ...byte) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
	}
	startup := func() []byte {
		body := append([]byte{0, 3, 0, 0}, "user\x00demo\x00database\x00warehouse\x00\x00"...)
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4)), body...)
	}
	for name, bytes := range map[string][]byte{
		// A Bind whose only parameter has length -2.
		"bind":            append(startup(), frame('B', 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0)...),
		"bind, minimum":   append(startup(), frame('B', 0, 0, 0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0)...),
		"bind, counts":    append(startup(), frame('B', 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)...),
		"function call":   append(startup(), frame('F', 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff)...),
		"long frame":      append(startup(), 'p', 0x7f, 0xff, 0xff, 0xff),
		"negative frame":  append(startup(), 'p', 0xff, 0xff, 0xff, 0xff),
		"query":           append(startup(), frame('Q', []byte("select 1\x00")...)...),
		"unknown":         append(startup(), frame('~')...),
		"short startup":   {0, 0, 0, 7, 0, 3, 0},
		"long startup":    {0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0},
		"http":            []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		"nothing":         nil,
		"ssl, then noise": append(binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, 80877103), "noise in clear text"...),
	} {
		conn, err := net.Dial("tcp", g.Address())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := conn.Write(bytes); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		answer, err := io.ReadAll(conn)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			t.Errorf("%s: the server neither answers nor closes", name)
		}
		if strings.Contains(string(answer), "panic") || strings.Contains(string(answer), "SELECT") {
			t.Errorf("%s: the answer is %q", name, answer)
		}
		_ = conn.Close()
		var n int
		if err := connect(t, g.URL).QueryRow(t.Context(), "select 1").Scan(&n); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
	}
	if !g.Running() {
		t.Error("the server has ended")
	}
}
