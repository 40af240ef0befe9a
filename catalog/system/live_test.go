package system_test

import (
	"strings"
	"testing"
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/system"
)

// busy is a server with two sessions.
type busy struct{}

func at(minute int) time.Time { return time.Date(2026, 11, 24, 9, minute, 0, 0, time.UTC) }

func (busy) PID() int32     { return 11 }
func (busy) Now() time.Time { return at(30) }

func (busy) Activity() []system.Activity {
	return []system.Activity{
		{
			PID: 11, User: "analyst", ApplicationName: "psql", ClientPort: -1, BackendStart: at(1), QueryStart: at(2), StateChange: at(2),
			State: "active", Query: "select 1",
		},
		{
			PID: 12, User: "Guest User", ApplicationName: "grafana", ClientAddr: "10.0.0.7", ClientPort: 40000, BackendStart: at(3),
			State: "idle", Query: "select secret", TLSVersion: "TLSv1.3", TLSCipher: "TLS_AES_256_GCM_SHA384", TLSBits: 256,
		},
	}
}

func (busy) Cursors() []system.Cursor {
	return []system.Cursor{{Name: "c", Statement: "declare c cursor for select 1", Scroll: true, Created: at(4)}}
}

func (busy) PreparedStatements() []system.PreparedStatement {
	return []system.PreparedStatement{{Name: "s", Statement: "select $1", ParameterTypes: []uint32{25, 23}, PrepareTime: at(5)}}
}

func (busy) Settings() []system.Setting {
	return []system.Setting{
		{Name: "TimeZone", Value: "Europe/Berlin", ResetValue: "Etc/UTC", Source: "session"},
		{Name: "my.own", Value: "x", ResetValue: "x", Source: "session"},
	}
}

func (busy) Locks() []system.Lock {
	return []system.Lock{
		{PID: 11, VirtualTransaction: "3/1", Mode: "ExclusiveLock", Granted: true, FastPath: true},
		{PID: 11, Relation: 1259, VirtualTransaction: "3/1", Mode: "AccessShareLock", Granted: true, FastPath: true},
	}
}

// table prints the named columns of a relation as a user sees them.
func table(t *testing.T, user, relation, columns string) string {
	t.Helper()
	s := snapshot(t)
	e := env{s.ForUser(user), user, busy{}}
	r := e.snap.Relation("pg_catalog", relation)
	var want []int
	for _, c := range strings.Fields(columns) {
		want = append(want, r.Column(c))
	}
	var out []string
	for _, row := range rows(t, e, r, want, nil) {
		var cells []string
		for _, c := range row {
			if c == nil {
				cells = append(cells, "-")
				continue
			}
			cells = append(cells, *c)
		}
		out = append(out, strings.Join(cells, " "))
	}
	return strings.Join(out, "\n")
}

func TestSessionsAreSeenByTheirUsersAndMonitors(t *testing.T) {
	t.Parallel()
	columns := "pid usename application_name client_port state query"
	want := "11 analyst psql -1 active select 1\n12 Guest User grafana 40000 idle select secret"
	if got := table(t, "analyst", "pg_stat_activity", columns); got != want {
		t.Errorf("a member of pg_monitor sees\n%s", got)
	}
	want = "11 analyst psql - - <insufficient privilege>\n12 Guest User grafana 40000 idle select secret"
	if got := table(t, "Guest User", "pg_stat_activity", columns); got != want {
		t.Errorf("another user sees\n%s", got)
	}
	if got, want := table(t, "Guest User", "pg_stat_ssl", "pid ssl version bits"), "11 - - -\n12 t TLSv1.3 256"; got != want {
		t.Errorf("pg_stat_ssl gives\n%s", got)
	}
}

func TestTheSessionsOwnState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ relation, columns, want string }{
		{"pg_cursors", "name is_scrollable creation_time", "c t 2026-11-24 09:04:00+00"},
		{"pg_prepared_statements", "name parameter_types from_sql", "s {25,23} f"},
		{"pg_locks", "locktype relation virtualxid mode", "virtualxid - 3/1 ExclusiveLock\nrelation 1259 - AccessShareLock"},
	} {
		if got := table(t, "analyst", c.relation, c.columns); got != c.want {
			t.Errorf("%s:\n%s", c.relation, got)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	got := table(t, "analyst", "pg_settings", "name setting source category")
	for _, want := range []string{
		"TimeZone Europe/Berlin session Client Connection Defaults / Locale and Formatting",
		"my.own x session Customized Options",
		"max_index_keys 32 default Preset Options",
	} {
		if !strings.Contains("\n"+got+"\n", "\n"+want+"\n") {
			t.Errorf("pg_settings lacks %q", want)
		}
	}
	if strings.Contains(table(t, "Guest User", "pg_settings", "name"), "\ndata_directory\n") {
		t.Error("data_directory is shown to everybody")
	}
	if !strings.Contains(got, "\ndata_directory ") {
		t.Error("data_directory is hidden from members of pg_monitor")
	}
}

func TestTimezones(t *testing.T) {
	t.Parallel()
	got := table(t, "analyst", "pg_timezone_names", "name abbrev utc_offset is_dst")
	for _, want := range []string{"Europe/Berlin CET 01:00:00 f", "UTC UTC 00:00:00 f", "Australia/Sydney AEDT 11:00:00 t"} {
		if !strings.Contains("\n"+got+"\n", "\n"+want+"\n") {
			t.Errorf("pg_timezone_names lacks %q", want)
		}
	}
}

// TestAUserSeesOnlyItsServices looks for traces of another service in all relations.
func TestAUserSeesOnlyItsServices(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	e := env{s.ForUser("Guest User"), "Guest User", busy{}}
	hidden := make(map[string]string)
	for _, r := range s.Relations() {
		if r.Schema.Service == "odd" {
			hidden[utoa(r.OID)], hidden[utoa(r.RowType)], hidden[r.Name] = r.Name, r.Name, r.Name
		}
	}
	delete(hidden, "0")
	seen := 0
	for _, r := range e.snap.Relations() {
		if r.System == nil {
			continue
		}
		var want []int
		for i := range r.Columns {
			want = append(want, i)
		}
		for _, row := range rows(t, e, r, want, nil) {
			for i, c := range row {
				if c == nil {
					continue
				}
				if *c == "intune" {
					seen++
				}
				if x, ok := hidden[*c]; ok || *c == "odd" {
					t.Errorf("%s.%s.%s shows %s (%s)", r.Schema.Name, r.Name, r.Columns[i].Name, *c, x)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("the user does not see its own service")
	}
	if r := e.snap.Relation("odd", "Orders"); r != nil {
		t.Error("the relation of a hidden service is found")
	}
	if s.ForUser("analyst").Relation("odd", "Orders") == nil {
		t.Error("a user of all services lacks one")
	}
	var none *catalog.Relation
	if got := s.ForUser("nobody").Relation("intune", "devices"); got != none {
		t.Error("an unknown user sees a service")
	}
}
