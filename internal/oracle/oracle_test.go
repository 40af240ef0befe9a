package oracle_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/internal/oracle"
)

// childEnv makes the test binary a process that starts a server and waits to be
// killed.
const childEnv = "ORACLE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		runChild()
	}
	goleak.VerifyTestMain(m)
}

func runChild() {
	s, err := oracle.New(context.Background(), oracle.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.Port())
	select {}
}

func one(t *testing.T, s *oracle.Server, sql string) string {
	t.Helper()
	results, err := s.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	last := results[len(results)-1]
	return *last.Rows[0][0]
}

func TestTheOracleIsWhatTheGatewayClaimsToBe(t *testing.T) {
	t.Parallel()
	s := oracle.Start(t)
	if oracle.Start(t) != s {
		t.Error("the tests of one process do not share a server")
	}
	for setting, want := range map[string]string{
		"server_version_num": oracle.Major, "lc_collate": "C.UTF-8", "lc_ctype": "C.UTF-8",
		"server_encoding": "UTF8", "timezone": "UTC", "datestyle": "ISO, MDY", "listen_addresses": "127.0.0.1",
	} {
		if got := one(t, s, "show "+setting); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %s, not %s", setting, got, want)
		}
	}
}

func TestRowsAreLoadedByBothFormats(t *testing.T) {
	t.Parallel()
	s := oracle.Start(t)
	table := oracle.Table{
		Schema: "Load", Name: "odd \"name",
		Columns: []oracle.Column{
			{Name: "deviceKey", Type: "int4 not null"},
			{Name: "at", Type: "timestamptz"},
			{Name: "id", Type: "uuid"},
			{Name: "n", Type: "numeric"},
			{Name: "ok", Type: "bool"},
			{Name: "t", Type: "text"},
		},
		Key: []string{"deviceKey"},
	}
	if err := s.CreateTable(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	n, err := s.Load(t.Context(), table, pgx.CopyFromRows([][]any{
		{int32(1), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), nil, "1.50", true, nil},
	}))
	if err != nil || n != 1 {
		t.Fatalf("%d %v", n, err)
	}
	text := func(s string) *string { return &s }
	n, err = s.LoadText(t.Context(), table, slices.Values([][]*string{
		{text("2"), text("2026-11-20T01:02:03.123456Z"), text("00000000-0000-0000-0000-000000000001"), text("NaN"), text("true"), text("a\tb\\N\r\nä")},
		{text("3"), text("9999-12-31T23:59:59.999999Z"), nil, nil, nil, text("")},
	}))
	if err != nil || n != 2 {
		t.Fatalf("%d %v", n, err)
	}
	got := one(t, s, `select string_agg(x::text, ';' order by "deviceKey") from "Load"."odd ""name" x`)
	want := `(1,"2026-01-01 00:00:00+00",,1.50,t,);` +
		`(2,"2026-11-20 01:02:03.123456+00",00000000-0000-0000-0000-000000000001,NaN,t,"a` + "\tb\\\\N\r\n" + `ä");` +
		`(3,"9999-12-31 23:59:59.999999+00",,,,"")`
	if got != want {
		t.Errorf("%s", got)
	}
}

func TestResultsAreTextWithTypesAndTags(t *testing.T) {
	t.Parallel()
	s := oracle.Start(t)
	results, err := s.Query(t.Context(), "select 1 as a, null::varchar(5) as b; create temp table x (i int); select 1/0; select 2")
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != "22012" {
		t.Fatalf("%v", err)
	}
	if len(results) != 2 || results[0].Tag != "SELECT 1" || results[1].Tag != "CREATE TABLE" {
		t.Fatalf("%+v", results)
	}
	if c := results[0].Columns; c[0].OID != 23 || c[1].OID != 1043 || c[1].TypMod != 9 || c[1].Name != "b" {
		t.Errorf("%+v", c)
	}
	if r := results[0].Rows[0]; *r[0] != "1" || r[1] != nil {
		t.Errorf("%v", r)
	}
}

func TestDatabasesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := oracle.Start(t)
	if err := s.CreateDatabase(t.Context(), "its own"); err != nil {
		t.Fatal(err)
	}
	c, err := s.Connect(t.Context(), "its own")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheClockStands(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC)
	s, err := oracle.New(t.Context(), oracle.Options{Clock: clock, Settings: []string{"timezone=Europe/Berlin"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := one(t, s, "select count(*) from generate_series(1, 300000); select clock_timestamp() || ' ' || current_date"); got != "2026-11-20 13:34:56+01 2026-11-20" {
			t.Errorf("the clock says %s", got)
		}
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

// TestTheServerEndsWithItsProcess kills a process that has a server and waits
// for the server's port and folder to go.
func TestTheServerEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	tmp, err := os.MkdirTemp("", "oracle-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil { // as /tmp, for PostgreSQL's user
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1", "TMPDIR="+tmp)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := "127.0.0.1:" + strings.TrimSpace(line)
	if !accepts(addr) {
		t.Fatalf("nothing listens on %q", addr)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	deadline := time.Now().Add(20 * time.Second)
	for {
		left, err := os.ReadDir(tmp)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 && !accepts(addr) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server or its folder outlived the process: %v", left)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func accepts(addr string) bool {
	c, err := net.DialTimeout("tcp4", addr, time.Second)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := oracle.New(t.Context(), oracle.Options{Settings: []string{"no_such_setting=1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("%v", err)
	}
}
