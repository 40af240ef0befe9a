package clienttest

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
)

// odbcString is a connection string of the driver manager.
func odbcString(t *testing.T, address, options string) string {
	t.Helper()
	drivers, err := filepath.Glob("/usr/lib/*/odbc/psqlodbcw.so")
	if err != nil || len(drivers) == 0 {
		t.Fatal("psqlODBC is missing (Debian's package odbc-postgresql); `make test` installs it")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return "DRIVER=" + drivers[0] + ";SERVER=" + u.Hostname() + ";PORT=" + u.Port() + ";DATABASE=" + u.Path[1:] + ";UID=" + u.User.Username() +
		";PWD={" + password + "};" + options
}

type odbcAnswers struct {
	Answers json.RawMessage
	Catalog []struct {
		Names []string
		Rows  [][]*string
		Error string
	}
}

func odbc(t *testing.T, address, options string, questions []string) (a odbcAnswers) {
	t.Helper()
	out := program(t, questions, python, "testdata/odbc_client.py", odbcString(t, address, options))
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return a
}

func TestODBC(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	qs := questions(t, g.URL)
	for _, options := range []string{"SSLmode=prefer", "SSLmode=require;UseDeclareFetch=1;Fetch=7", "UseServerSidePrepare=0;ByteaAsLongVarBinary=1"} {
		a := odbc(t, g.URL, options, texts(qs))
		checkProgram(t, "psqlODBC, "+options, qs, a.Answers)
	}
}

// TestODBCCatalog compares what ODBC's catalog functions give with PostgreSQL's.
func TestODBCCatalog(t *testing.T) {
	t.Parallel()
	ours, theirs := besidePostgres(t)
	u, err := url.Parse(theirs)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "trusted")
	got, want := odbc(t, ours, "SSLmode=prefer", []string{}), odbc(t, u.String(), "SSLmode=disable", []string{})
	if len(got.Catalog) != len(want.Catalog) || len(want.Catalog) == 0 {
		t.Fatalf("%d answers, not %d", len(got.Catalog), len(want.Catalog))
	}
	text := func(names []string, rows [][]*string) (lines []string) {
		for _, r := range rows {
			line := ""
			for i, v := range r {
				if names[i] == "TABLE OID" { // the driver's own column
					continue
				}
				if v == nil {
					line += null + "|"
				} else {
					line += *v + "|"
				}
			}
			lines = append(lines, line)
		}
		return lines
	}
	for i := range want.Catalog {
		if want.Catalog[i].Error != "" || len(want.Catalog[i].Names) == 0 {
			t.Errorf("function %d: PostgreSQL gave %+v", i, want.Catalog[i])
		}
		g, w := text(got.Catalog[i].Names, got.Catalog[i].Rows), text(want.Catalog[i].Names, want.Catalog[i].Rows)
		if got.Catalog[i].Error != "" || !slices.Equal(got.Catalog[i].Names, want.Catalog[i].Names) || !slices.Equal(g, w) {
			t.Errorf("function %d: %s %v\n%v\nnot\n%v", i, got.Catalog[i].Error, got.Catalog[i].Names, g, w)
		}
	}
}
