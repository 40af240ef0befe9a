package clienttest

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.yaml.in/yaml/v3"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

// composed is what the tests run of docker-compose.yml: the commands of our own services, and their environment.
type composed struct {
	Services map[string]struct {
		Command     []string
		Environment map[string]string
	}
}

// startComposed runs the commands of docker-compose.yml by hand. What differs is where there are no containers: ports, names
// of hosts and folders.
func startComposed(t *testing.T) (gateway *running.Gateway) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var c composed
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"WAREHOUSE_SECRET": "the warehouse's", "ODATAGRES_PASSWORD": "the analyst's"}
	environment := func(service string) (list []string) {
		for name, value := range c.Services[service].Environment {
			if m := regexp.MustCompile(`^\$\{(\w+):\?`).FindStringSubmatch(value); m != nil {
				value = secrets[m[1]]
			}
			list = append(list, name+"="+value)
		}
		return list
	}
	command := c.Services["warehouse"].Command
	for i, word := range command {
		command[i] = strings.Replace(word, "0.0.0.0:8080", "127.0.0.1:0", 1)
	}
	w := running.Start(t, environment("warehouse"), command...)
	address, err := url.Parse(w.Line("warehouse"))
	if err != nil {
		t.Fatal(err)
	}

	config, err := os.ReadFile(filepath.Join(root, "testdata/compose/odatagres.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "odatagres.yaml")
	for _, change := range [][2]string{
		{"warehouse:8080", address.Host}, {"0.0.0.0:5433", "0.0.0.0:0"}, {"/var/lib/odatagres/state", filepath.Join(t.TempDir(), "state")},
	} {
		if !strings.Contains(string(config), change[0]) {
			t.Fatalf("the configuration does not say %s", change[0])
		}
		config = []byte(strings.ReplaceAll(string(config), change[0], change[1]))
	}
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	command = c.Services["gateway"].Command
	if command[len(command)-1] != "/etc/odatagres/odatagres.yaml" {
		t.Fatalf("the gateway runs %v", command)
	}
	command[len(command)-1] = file
	g := running.Start(t, environment("gateway"), command...)
	u, err := url.Parse(g.Line("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:" + u.Port()
	u.User = url.UserPassword("analyst", secrets["ODATAGRES_PASSWORD"])
	u.RawQuery = "sslmode=require"
	return &running.Gateway{Process: g, URL: u.String()}
}

func TestCompose(t *testing.T) {
	t.Parallel()
	g := startComposed(t)
	c := connectPgx(t, g.URL, pgx.QueryExecModeCacheStatement)
	var n int
	if err := c.QueryRow(t.Context(), "select count(*) from devices").Scan(&n); err != nil || n < 2000 {
		t.Errorf("%d devices, %v", n, err)
	}
	// The listener is reached from other machines, so clear text is refused.
	if c, err := pgx.Connect(t.Context(), strings.Replace(g.URL, "sslmode=require", "sslmode=disable", 1)); err == nil {
		_ = c.Close(t.Context())
		t.Error("a client without TLS is served")
	}
}

// expandMacros does what Grafana's PostgreSQL data source does with $__timeFrom() and $__timeTo().
func expandMacros(sql string, from, to time.Time) string {
	quote := func(at time.Time) string { return "'" + at.UTC().Format("2006-01-02T15:04:05.999Z") + "'" }
	return strings.NewReplacer("$__timeFrom()", quote(from), "$__timeTo()", quote(to)).Replace(sql)
}

// TestGrafanaPanels asks what the dashboard asks, over its default range of time.
func TestGrafanaPanels(t *testing.T) {
	t.Parallel()
	g := startComposed(t)
	text, err := os.ReadFile(filepath.Join(root, "testdata/compose/grafana/dashboards/compliance.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ RawSQL, Format string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil || len(dashboard.Panels) == 0 {
		t.Fatalf("no panels: %v", err)
	}
	now := time.Now().UTC()
	from := now.AddDate(0, 0, -3)
	day := func(at time.Time) string { return at.Format("20060102") }
	c := connectPgx(t, g.URL, pgx.QueryExecModeCacheStatement)
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			sql := expandMacros(target.RawSQL, from, now)
			rows, err := c.Query(t.Context(), sql)
			if err != nil {
				t.Errorf("%s: %v", p.Title, err)
				continue
			}
			values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
			if err != nil || len(values) == 0 {
				t.Errorf("%s gave %d rows, %v", p.Title, len(values), err)
				continue
			}
			rows, err = c.Query(t.Context(), "explain "+sql)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(lines, "\n")
			first, last := day(from), day(now)
			if p.Title == "OS versions" { // of the last whole day
				first, last = day(now.AddDate(0, 0, -1)), day(now.AddDate(0, 0, -1))
			}
			if strings.Contains(sql, `"dateKey" between`) {
				pushed := regexp.MustCompile(`\$filter=dateKey%20ge%20` + first + `%20and%20dateKey%20le%20` + last + `|\$filter=dateKey%20eq%20` + first + `\b`)
				if !pushed.MatchString(plan) {
					t.Errorf("%s does not push its range of days:\n%s", p.Title, plan)
				}
			}
			if target.Format == "time_series" {
				if at, ok := values[0][0].(time.Time); !ok || at.Before(from.AddDate(0, 0, -1)) {
					t.Errorf("%s begins with %v", p.Title, values[0])
				}
			}
		}
	}
}
