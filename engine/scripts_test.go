package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/simulator"
)

// prepareOracle gives PostgreSQL the users and the database of the gateways here.
var prepareOracle = sync.OnceValue(func() error {
	ctx := context.Background()
	s, err := oracle.New(ctx, oracle.Options{})
	if err != nil {
		return err
	}
	theOracle = s
	errs := []error{s.CreateDatabase(ctx, database)}
	for _, u := range users() {
		errs = append(errs, s.Exec(ctx, "create role "+u.Name+" login"))
		for _, of := range u.MemberOf {
			errs = append(errs, s.Exec(ctx, "grant "+of+" to "+u.Name))
		}
	}
	return errors.Join(errs...)
})

var theOracle *oracle.Server // set by prepareOracle

// TestScripts runs the files of testdata/engine against the gateway and against PostgreSQL, whose answers they hold.
//
//	sql [user=NAME] [name=NAME] [ours]   a query string by the simple protocol, on the named connection
//	copy                                 COPY TO STDOUT
//	connect user=NAME name=NAME [ours]   a new connection; the input's lines are parameters, name=value
//
// With ours only the gateway is asked: what it does differently, and why, is said there.
func TestScripts(t *testing.T) {
	t.Parallel()
	if err := prepareOracle(); err != nil {
		t.Fatal(err)
	}
	sim := warehouse(t, simulator.Options{})
	g := serve(t, engine.Options{Logger: zerolog.Nop(), Services: []engine.ServiceOptions{service("intune", sim.URL(), profile.Intune())}}).ready(t)
	datadriven.Walk(t, "../testdata/engine", func(t *testing.T, path string) {
		t.Parallel()
		r := &runner{gateway: g, sides: map[string]*side{}}
		datadriven.RunTest(t, path, r.run)
		// Only now, since a file ends at its first failed case.
		for _, d := range r.differences {
			t.Error(d)
		}
	})
}

// runner runs one file.
type runner struct {
	gateway *gateway
	sides   map[string]*side // by the connection's name, and whose it is

	differences []string
}

// side is a connection with what it has been told.
type side struct {
	conn    *pgconn.PgConn
	notices []*pgconn.Notice
	told    map[string]string
}

func (r *runner) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	user, name := "analyst", "main"
	d.MaybeScanArgs(t, "user", &user)
	d.MaybeScanArgs(t, "name", &name)
	switch d.Cmd {
	case "sql":
		return r.both(t, d, func(ours bool) string { return r.side(t, name, user, ours, "").ask(t, d.Input) })
	case "copy":
		return r.both(t, d, func(ours bool) string { return r.side(t, name, user, ours, "").copyOut(t, d.Input) })
	case "connect":
		return r.both(t, d, func(ours bool) string {
			s, err := r.open(t, user, ours, d.Input)
			if err != nil {
				return rejected(err)
			}
			r.sides[key(name, ours)] = s
			return s.state()
		})
	}
	d.Fatalf(t, "unknown directive %s", d.Cmd)
	return ""
}

// both asks the gateway and PostgreSQL, which must agree.
func (r *runner) both(t *testing.T, d *datadriven.TestData, ask func(ours bool) string) string {
	t.Helper()
	got := ask(true)
	if d.HasArg("ours") {
		return got
	}
	want := ask(false)
	if got != want {
		r.differences = append(r.differences, fmt.Sprintf("%s: %s\n--- PostgreSQL\n%s--- gateway\n%s", d.Pos, d.Input, want, got))
	}
	return want
}

func key(name string, ours bool) string { return fmt.Sprint(name, " ", ours) }

func (r *runner) side(t *testing.T, name, user string, ours bool, params string) *side {
	t.Helper()
	if s := r.sides[key(name, ours)]; s != nil && !s.conn.IsClosed() {
		return s
	}
	s, err := r.open(t, user, ours, params)
	if err != nil {
		t.Fatal(err)
	}
	r.sides[key(name, ours)] = s
	return s
}

func (r *runner) open(t *testing.T, user string, ours bool, params string) (*side, error) {
	t.Helper()
	dsn := r.gateway.dsn(user, "")
	if !ours {
		dsn = strings.Replace(theOracle.DSNOf(database), "postgres@", user+"@", 1)
	}
	s := &side{told: map[string]string{}}
	c, err := dial(t.Context(), dsn, func(cfg *pgconn.Config) {
		cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.notices = append(s.notices, n) }
		for _, line := range strings.Split(params, "\n") {
			if k, v, ok := strings.Cut(line, "="); ok {
				cfg.RuntimeParams[k] = v
			}
		}
	})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { hangUp(t, c) })
	s.conn = c
	s.changed()
	return s, nil
}

// changed lists the settings that the client was told of since the last call.
func (s *side) changed() string {
	var b strings.Builder
	for _, name := range []string{
		"application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "in_hot_standby", "integer_datetimes", "IntervalStyle",
		"is_superuser", "server_encoding", "session_authorization", "standard_conforming_strings", "TimeZone",
	} {
		v := s.conn.ParameterStatus(name)
		if old, known := s.told[name]; known && old != v {
			fmt.Fprintf(&b, "parameter %s = %s\n", name, v)
		}
		s.told[name] = v
	}
	return b.String()
}

// state is all that the client was told of.
func (s *side) state() string {
	names := make([]string, 0, len(s.told))
	for n := range s.told {
		names = append(names, n)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "%s = %s\n", n, s.told[n])
	}
	b.WriteString(s.drained())
	return b.String()
}

func (s *side) drained() string {
	var b strings.Builder
	for _, n := range s.notices {
		b.WriteString(message((*pgconn.PgError)(n)))
	}
	s.notices = nil
	return b.String()
}

// ask sends a query string and writes down the answer.
func (s *side) ask(t *testing.T, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var b strings.Builder
	reader := s.conn.Exec(ctx, sql)
	for reader.NextResult() {
		rows := reader.ResultReader()
		b.WriteString(s.drained())
		for i, f := range rows.FieldDescriptions() {
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%s:%d", f.Name, f.DataTypeOID)
			if f.Format != 0 {
				b.WriteString(":binary")
			}
		}
		if len(rows.FieldDescriptions()) > 0 {
			b.WriteByte('\n')
		}
		for rows.NextRow() {
			b.WriteByte(' ')
			for i, v := range rows.Values() {
				if i > 0 {
					b.WriteString(" | ")
				}
				if v == nil {
					b.WriteString("NULL")
				} else {
					fmt.Fprintf(&b, "%s", printable(v))
				}
			}
			b.WriteByte('\n')
		}
		tag, err := rows.Close()
		b.WriteString(s.drained())
		if err == nil {
			fmt.Fprintf(&b, "%s\n", tag)
		}
	}
	err := reader.Close()
	b.WriteString(s.drained())
	if err != nil {
		b.WriteString(failure(t, err))
	}
	b.WriteString(s.changed())
	if status := s.conn.TxStatus(); status != 'I' {
		fmt.Fprintf(&b, "(%c)\n", status)
	}
	return b.String()
}

// copyOut runs a COPY TO STDOUT.
func (s *side) copyOut(t *testing.T, sql string) string {
	t.Helper()
	var b bytes.Buffer
	tag, err := s.conn.CopyTo(t.Context(), &b, sql)
	if strings.Contains(strings.ToLower(sql), "binary") {
		data := fmt.Sprintf("%q\n", b.String())
		b.Reset()
		b.WriteString(data)
	}
	// Editors and the reader of these files lose such characters.
	text := strings.NewReplacer("\r", "<CR>", "\b", "<BS>", "\f", "<FF>", "\v", "<VT>").Replace(b.String())
	b.Reset()
	b.WriteString(text + s.drained())
	if err != nil {
		return b.String() + failure(t, err)
	}
	return b.String() + tag.String() + "\n"
}

// printable keeps a value on its line.
func printable(v []byte) string {
	text := strings.ReplaceAll(string(v), "\n", "\\n")
	for _, c := range text {
		if c < ' ' {
			return fmt.Sprintf("%q", text)
		}
	}
	return text
}

func failure(t *testing.T, err error) string {
	t.Helper()
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		t.Errorf("the connection is lost: %v", err)
		return err.Error() + "\n"
	}
	return message(e)
}

func rejected(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err.Error() + "\n"
	}
	return message(e)
}

func message(e *pgconn.PgError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n", e.Severity, e.Code, e.Message)
	for _, f := range [][2]string{{"DETAIL", e.Detail}, {"HINT", e.Hint}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
		}
	}
	if e.Position != 0 {
		fmt.Fprintf(&b, "POSITION: %d\n", e.Position)
	}
	return b.String()
}
