package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

// oneLiner fails unless text is one line of the program's own that holds a word.
func oneLiner(t *testing.T, text, word string) {
	t.Helper()
	if !strings.HasPrefix(text, "odatagres: ") || strings.Count(text, "\n") != 1 || !strings.Contains(text, word) {
		t.Errorf("the error is not one line with %q:\n%s", word, text)
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, word string }{
		{"", "which command"},
		{"sreve", `did you mean "serve"`},
		{"serve", "--config"},
		{"serve --config", "needs an argument"},
		{"serve --config x y", `unexpected argument "y"`},
		{"serve --confg x", "unknown flag"},
		{"check", "--config"},
		{"explain --config x", "one SQL statement"},
		{"explain --config x a b", "one SQL statement"},
		{"demo --devices 0", "--devices"},
		{"demo --devices many", "invalid argument"},
		{"demo --until yesterday", "YYYY-MM-DD"},
		{"demo --until 1999-01-01", "2016"},
		{"simulate", "--profile"},
		{"simulate --profile some", "unknown profile"},
		{"simulate --profile full --variant none-such", "unknown variant"},
		{"simulate --profile full --fault none-such", "unknown fault"},
		{"simulate --profile full --page-size 0", "--page-size"},
		{"version x", "unexpected argument"},
	} {
		stdout, stderr, code := running.Run(t, nil, strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "odatagres: ") || !strings.Contains(stderr, c.word) {
			t.Errorf("%q ended with %d, %q and %q", c.args, code, stdout, stderr)
		}
	}
}

func TestHelpNamesEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := running.Run(t, nil, "--help")
	if code != 0 || stderr != "" {
		t.Fatalf("--help ended with %d: %s", code, stderr)
	}
	for command, flags := range map[string]string{
		"demo":     "listen warehouse-listen devices days until seed quiet",
		"simulate": "profile listen devices days until seed page-size latency token-ttl variant fault client-id client-secret",
		"serve":    "config", "check": "config", "explain": "config", "version": "",
	} {
		if !regexp.MustCompile(`(?m)^  ` + command + ` `).MatchString(stdout) {
			t.Errorf("--help does not name %s", command)
		}
		help, _, _ := running.Run(t, nil, command, "--help")
		for _, flag := range strings.Fields(flags) {
			if !strings.Contains(help, "--"+flag+" ") {
				t.Errorf("%s --help does not name --%s", command, flag)
			}
		}
	}
	if strings.Contains(stdout, "worker") {
		t.Error("--help shows the parse worker")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := running.Run(t, nil, "version")
	if code != 0 || stderr != "" || !regexp.MustCompile(`^odatagres \S+ \(as PostgreSQL 15\.\d+, go1\.\S+\)\n$`).MatchString(stdout) {
		t.Errorf("version ended with %d, %q and %q", code, stdout, stderr)
	}
}

// TestParseWorker starts the hidden command as the parser does, and ends its input.
func TestParseWorker(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := running.Run(t, nil, "parse-worker")
	if code != 0 || stdout != "" || stderr != "" {
		t.Errorf("parse-worker ended with %d, %q and %q", code, stdout, stderr)
	}
}

func TestFaultyConfiguration(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "faulty.yaml")
	text := "listen: nowhere\ndatabase: d\nlimit: 3\nusers:\n  - {name: a, password: hunter2}\nservices:\n  - {schema: s, profile: intnue, url: 'http://x/'}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "check", "explain"} {
		args := []string{command, "--config", path}
		if command == "explain" {
			args = append(args, "select 1")
		}
		_, stderr, code := running.Run(t, nil, args...)
		if code != exitFault {
			t.Errorf("%s ended with %d", command, code)
		}
		for _, word := range []string{path + ":1: listen:", path + ":3: ", path + ":5: users[0].password", path + ":7: services[0].profile", `"intune"`} {
			if !strings.Contains(stderr, word) {
				t.Errorf("%s does not say %q:\n%s", command, word, stderr)
			}
		}
		if strings.Contains(stderr, "hunter2") {
			t.Errorf("%s tells a secret:\n%s", command, stderr)
		}
	}
	_, stderr, code := running.Run(t, nil, "serve", "--config", path+".none")
	if code != exitFault {
		t.Errorf("a missing file ended with %d", code)
	}
	oneLiner(t, stderr, "no such file")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := running.Simulate(t, "--profile", "intune", "--devices", "20", "--days", "2")
	path := running.Config(t, "", w.Intune())
	stdout, stderr, code := running.Run(t, running.Environment(), "check", "--config", path)
	if code != 0 || stderr != "" {
		t.Fatalf("check ended with %d: %s%s", code, stdout, stderr)
	}
	for _, line := range []string{
		`service intune  http://127\.0\.0\.1:\d+/ReportingService/DataWarehouseFEService`,
		`  metadata  OData 4\.0, 42 entity sets with \d+ columns, in \S+`,
		`  set       devices: 39 columns`,
		`  profile   intune`,
		`  \$filter   dateKey: eq lt le gt ge, exact`,
		`  \$filter   otherwise not sent: the service filters on dateKey and rowLastModifiedDateTimeUTC only`,
		`  \$select   sent`,
		`  \$orderby  not sent: the service does not sort`,
		`  \$top      sent`,
		`  \$count    not sent: the service does not count`,
		`  probe     \S+: 1 row of \d+ columns in \S+`,
		`ok`,
	} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(stdout) {
			t.Errorf("no line %s in\n%s", line, stdout)
		}
	}
	if strings.Contains(stdout, "fault") {
		t.Error(stdout)
	}
}

func TestCheckTellsFaults(t *testing.T) {
	t.Parallel()
	good := running.Simulate(t, "--profile", "full", "--devices", "20", "--days", "2")
	for _, c := range []struct {
		what, word string
		args       []string
	}{
		{"a wrong secret", "invalid_client", []string{"--client-secret", "other"}},
		{"no permission", "HTTP 403", []string{"--fault", "forbidden-always"}},
		{"broken metadata", "metadata", []string{"--fault", "metadata-html"}},
		{"no rows", "reading one row of", []string{"--fault", "truncated-json"}},
	} {
		w := running.Simulate(t, append([]string{"--profile", "intune", "--devices", "20", "--days", "2"}, c.args...)...)
		path := running.Config(t, "", running.Service{Schema: "good", Profile: "standard", URL: good.URL + "?api-version=v1.0", TokenURL: good.TokenURL}, w.Intune())
		stdout, stderr, code := running.Run(t, running.Environment(), "check", "--config", path)
		if code != exitFault || !regexp.MustCompile(`(?m)^  fault     .*`+c.word).MatchString(stdout) || strings.Count(stdout, "  fault ") != 1 {
			t.Errorf("%s: check ended with %d and\n%s", c.what, code, stdout)
		}
		if !strings.Contains(stdout, "  probe     ") {
			t.Errorf("%s: the other service was not probed:\n%s", c.what, stdout)
		}
		oneLiner(t, stderr, "1 of 2 services failed")
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	w := running.Simulate(t, "--profile", "intune", "--devices", "20", "--days", "2")
	path := running.Config(t, "", w.Intune())
	explain := func(sql string) (string, string, int) {
		return running.Run(t, running.Environment(), "explain", "--config", path, sql)
	}
	stdout, stderr, code := explain(`select "deviceKey" from "devicePropertyHistories" where "dateKey" >= 20261119 and "osVersion" like '10.%'`)
	if code != 0 || stderr != "" {
		t.Fatalf("explain ended with %d: %s", code, stderr)
	}
	for _, word := range []string{
		`Remote on intune."devicePropertyHistories"`, "Request: GET /devicePropertyHistories?api-version=v1.0&$filter=dateKey%20ge%2020261119",
		`Pushed: ("dateKey" >= 20261119) exact`, "Kept: ",
	} {
		if !strings.Contains(stdout, word) {
			t.Errorf("the plan does not hold %q:\n%s", word, stdout)
		}
	}
	for _, c := range []struct{ sql, word string }{
		{"select * fro devices", `syntax error at or near "fro" (SQLSTATE 42601) at character 10`},
		{"select x from devices", `column "x" does not exist (SQLSTATE 42703) at character 8`},
		{"select * from nowhere", "42P01"},
	} {
		stdout, stderr, code := explain(c.sql)
		if code != exitFault || stdout != "" {
			t.Errorf("%s ended with %d and %s", c.sql, code, stdout)
		}
		oneLiner(t, stderr, c.word)
	}
	// What follows a semicolon must not be run.
	if _, stderr, code := explain("select 1; select 2"); code != exitUsage || !strings.Contains(stderr, "one statement") {
		t.Errorf("two statements ended with %d and %s", code, stderr)
	}
}
