package clienttest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
)

// psqlCommand is psql 15 without anybody's settings.
func psqlCommand(t *testing.T, url string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := oracle.Binary("psql")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, append([]string{"-X", "-v", "ON_ERROR_STOP=1", "-d", url}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8", "PAGER=cat"}
	return cmd
}

func psql(t *testing.T, url string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := psqlCommand(t, url, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

func TestPsql(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	for _, fetch := range []string{"0", "17"} { // by cursors, seventeen rows at a time
		for _, q := range questions(t, g.URL) {
			out, errs, err := psql(t, g.URL, "--csv", "-P", "null="+null, "-v", "FETCH_COUNT="+fetch, "-c", q.sql)
			if err != nil || errs != "" {
				t.Errorf("%s: %v\n%s", q.place, err, errs)
				continue
			}
			lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil || len(lines) == 0 {
				t.Errorf("%s: %v in\n%s", q.place, err, out)
				continue
			}
			rows := make([][]*string, 0, len(lines)-1)
			for _, l := range lines[1:] {
				row := make([]*string, len(l))
				for i := range l {
					if l[i] != null {
						row[i] = &l[i]
					}
				}
				rows = append(rows, row)
			}
			q.check(t, "psql, FETCH_COUNT="+fetch, lines[0], q.canonicalRows(rows))
		}
	}
}

func TestPsqlSession(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	cmd := psqlCommand(t, g.URL, "-At")
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		"begin;", `select count(*) as n from devices \gset`, `select 'a' \gdesc`, "savepoint s;", "rollback to s;", "commit;",
		"prepare p as select $1::int * 2;", "execute p(21);", `\encoding`, "show timezone;",
		"set timezone to 'Europe/Berlin'; select timestamptz '2026-07-01 12:00+00';", `select 1 \; select 2;`, "select :n > 199;",
	}, "\n"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	out, errs := stdout.String(), stderr.String()
	if want := "BEGIN\n?column?|text\nSAVEPOINT\nROLLBACK\nCOMMIT\nPREPARE\n42\nUTF8\nUTC\nSET\n2026-07-01 14:00:00+02\n1\n2\nt\n"; err != nil || errs != "" || out != want {
		t.Errorf("psql gave %q, not %q: %v\n%s", out, want, err, errs)
	}
	_, errs, err = psql(t, g.URL, "-c", `select "deviceNam" from devices`)
	want := "ERROR:  column \"deviceNam\" does not exist\nLINE 1: select \"deviceNam\" from devices\n               ^\nHINT:  Perhaps you meant to reference the column \"devices.deviceName\".\n"
	if err == nil || errs != want {
		t.Errorf("psql printed %q, not %q (%v)", errs, want, err)
	}
	_, errs, err = psql(t, strings.Replace(g.URL, "demo:demo@", "demo:wrong@", 1), "-c", "select 1")
	if err == nil || !strings.Contains(errs, `FATAL:  password authentication failed for user "demo"`) {
		t.Errorf("a wrong password gave %v, %s", err, errs)
	}
	_, errs, err = psql(t, strings.Replace(g.URL, "/warehouse", "/other", 1), "-c", "select 1")
	if err == nil || !strings.Contains(errs, `FATAL:  database "other" does not exist`) {
		t.Errorf("a wrong database gave %v, %s", err, errs)
	}
}

func TestPsqlCopies(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	file := filepath.Join(t.TempDir(), "out.csv")
	out, errs, err := psql(t, g.URL, "-c", `\copy (select "deviceKey", "deviceName", "lastSyncDateTime" from devices order by 1) to '`+file+`' with (format csv, header)`)
	if err != nil || errs != "" {
		t.Fatalf("%v\n%s", err, errs)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(lines) < 201 || strings.Join(lines[0], ",") != "deviceKey,deviceName,lastSyncDateTime" {
		t.Errorf("%d lines, %v; psql printed %s", len(lines), err, out)
	}
	// An error after the rows have begun is an error.
	_, errs, err = psql(t, g.URL, "-c", `\copy (select 1/(g-3000) from generate_series(1, 5000) g) to '`+file+`'`)
	if err == nil || !strings.Contains(errs, "division by zero") {
		t.Errorf("a failing copy gave %v, %s", err, errs)
	}
	_, errs, err = psql(t, g.URL, "-c", `\copy devices from '`+file+`'`)
	if err == nil || !strings.Contains(errs, "ERROR") {
		t.Errorf("copying into a table gave %v, %s", err, errs)
	}
}

func TestPsqlInterrupt(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	watch := connectPgx(t, g.URL, pgx.QueryExecModeSimpleProtocol)
	cmd := psqlCommand(t, g.URL, "-c", "select pg_sleep(1000)")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var n int
		err := watch.QueryRow(t.Context(), "select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'").Scan(&n)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the statement was not seen to run: %v", err)
		}
		if n == 1 {
			break
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !strings.Contains(errs.String(), "ERROR:  canceling statement due to user request") {
			t.Errorf("psql ended with %v and printed %q", err, errs.String())
		}
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("the statement was not cancelled")
	}
}
