package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// lines is a log that tests read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) take(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []map[string]any
	for _, line := range strings.Split(strings.TrimSpace(l.b.String()), "\n") {
		m := map[string]any{}
		if line != "" {
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				t.Fatal(err)
			}
			out = append(out, m)
		}
	}
	l.b.Reset()
	return out
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	sim := warehouse(t, simulator.Options{})
	var log lines
	logger := zerolog.New(&log).Level(zerolog.InfoLevel)
	g := serve(t, engine.Options{Logger: logger, Services: []engine.ServiceOptions{service("intune", sim.URL(), profile.Intune())}}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	log.take(t)
	must(t, c, `select "deviceName" from devices where 'geheim' = 'geheim'; select 2`)
	got := log.take(t)
	if len(got) != 2 || got[0]["rows"] == 0.0 || got[0]["requests"] != 1.0 || got[0]["user"] != "analyst" || got[0]["tag"] != "SELECT" || got[1]["rows"] != 1.0 {
		t.Errorf("lines %v", got)
	}
	for _, bad := range []struct{ sql, code string }{
		{"select 'geheim' from nosuch", "42P01"}, {"select 'geheim' 'x", "42601"}, {"select 'geheim'::int", "22P02"}, {"select 1/(length('geheim') - 6)", "22012"},
	} {
		_ = wantCode(t, c, bad.sql, bad.code)
		if got := log.take(t); len(got) != 1 || got[0]["sqlstate"] != bad.code || strings.Contains(fmt.Sprint(got), "geheim") {
			t.Errorf("simple %q: lines %v", bad.sql, got)
		}
		if r := c.ExecParams(t.Context(), bad.sql, nil, nil, nil, nil).Read(); r.Err == nil {
			t.Errorf("%q succeeded", bad.sql)
		}
		if got := log.take(t); len(got) != 1 || got[0]["sqlstate"] != bad.code || strings.Contains(fmt.Sprint(got), "geheim") {
			t.Errorf("extended %q: lines %v", bad.sql, got)
		}
	}
}
