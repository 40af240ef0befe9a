package bind_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// statement is one line of testdata/oracle. A line "# differs: reason" before it excuses a difference; it must differ then.
type statement struct {
	file    string
	line    int
	sql     string
	differs string
}

func corpus(t testing.TB) []statement {
	t.Helper()
	files, err := filepath.Glob("testdata/oracle/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var out []statement
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		differs := ""
		for i, l := range strings.Split(string(raw), "\n") {
			switch {
			case strings.HasPrefix(l, "# differs: "):
				differs = strings.TrimPrefix(l, "# differs: ")
			case l == "" || strings.HasPrefix(l, "#"):
			default:
				out = append(out, statement{file: filepath.Base(f), line: i + 1, sql: l, differs: differs})
				differs = ""
			}
		}
	}
	return out
}

// createTables makes the snapshot's tables in PostgreSQL.
func createTables(t testing.TB, s *catalog.Snapshot) string {
	var b strings.Builder
	b.WriteString("create schema s;\n")
	for _, r := range s.Relations() {
		if !r.UserTable() {
			continue
		}
		var cols []string
		for _, c := range r.Columns {
			if c.Attnum > 0 {
				cols = append(cols, catalog.QuoteIdent(c.Name)+" "+c.Type.String())
			}
		}
		fmt.Fprintf(&b, "create table %s (%s);\n", catalog.QuoteQualified(r.Schema.Name, r.Name), strings.Join(cols, ", "))
	}
	return b.String()
}

// shape prints what Describe says, or the error, for comparison.
func shape(cols []string, params []string) string {
	return fmt.Sprintf("columns: %s\nparameters: %v", strings.Join(cols, ", "), params)
}

func typeNamesOf(names map[uint32]string, oids []uint32) []string {
	out := make([]string, len(oids))
	for i, o := range oids {
		out[i] = names[o]
	}
	return out
}

func fault(code, message, detail, hint string, position int) string {
	s := fmt.Sprintf("error %s at %d: %s", code, position, message)
	if detail != "" {
		s += "\n detail: " + detail
	}
	if hint != "" {
		s += "\n hint: " + hint
	}
	return s
}

func askOracle(ctx context.Context, t testing.TB, c *pgconn.PgConn, names map[uint32]string, sql string) string {
	t.Helper()
	sd, err := c.Prepare(ctx, "", sql, nil)
	if err != nil {
		var pe *pgconn.PgError
		if !errors.As(err, &pe) {
			t.Fatalf("%s: %v", sql, err)
		}
		return fault(pe.Code, pe.Message, pe.Detail, pe.Hint, int(pe.Position))
	}
	var cols []string
	for _, f := range sd.Fields {
		typ := names[f.DataTypeOID]
		if typ == "" {
			typ = fmt.Sprint(f.DataTypeOID)
		}
		table := ""
		if f.TableOID != 0 {
			table = fmt.Sprintf(" of %d", f.TableAttributeNumber)
		}
		cols = append(cols, fmt.Sprintf("%s %s(%d)%s", f.Name, typ, f.TypeModifier, table))
	}
	return shape(cols, typeNamesOf(names, sd.ParamOIDs))
}

func askBinder(ctx context.Context, p *parser.Parser, b *bind.Binder, env bind.Env, names map[uint32]string, sql string) string {
	bound, err := bindText(ctx, p, b, env, sql)
	if err != nil {
		e := pgerr.As(err)
		if e == nil {
			return "uncoded: " + err.Error()
		}
		return fault(string(e.Code), e.Message, e.Detail, e.Hint, e.Position)
	}
	if bound.Root != nil {
		if err := plan.Validate(bound.Root); err != nil {
			return "invalid plan: " + err.Error()
		}
		if msg := exact(bound); msg != "" {
			return "invalid plan: " + msg
		}
	}
	var cols []string
	for _, o := range bound.Output {
		typ := names[o.Type.OID]
		if typ == "" {
			typ = fmt.Sprint(o.Type.OID)
		}
		table := ""
		if o.TableOID != 0 {
			table = fmt.Sprintf(" of %d", uint16(o.Attnum))
		}
		cols = append(cols, fmt.Sprintf("%s %s(%d)%s", o.Name, typ, o.Type.Typmod, table))
	}
	params := []uint32{}
	for _, q := range bound.Params {
		params = append(params, q.OID)
	}
	return shape(cols, typeNamesOf(names, params))
}

// exact says how the plan's columns differ from the outputs; it gives exactly those of a query.
func exact(b *bind.Bound) string {
	if b.Kind != bind.KindQuery {
		return ""
	}
	cols := b.Root.Columns()
	if len(cols) != len(b.Output) {
		return fmt.Sprintf("%d columns for %d outputs", len(cols), len(b.Output))
	}
	for i, c := range cols {
		if c.ID != b.Output[i].ID || c.Type != b.Output[i].Type {
			return fmt.Sprintf("column %d is %d of type %v, its output %d of type %v", i, c.ID, c.Type, b.Output[i].ID, b.Output[i].Type)
		}
	}
	return ""
}

var errCount = errors.New("not one statement")

func bindText(ctx context.Context, p *parser.Parser, b *bind.Binder, env bind.Env, sql string) (*bind.Bound, error) {
	stmts, release, err := p.Parse(ctx, sql, nil)
	defer release()
	if err != nil {
		return nil, err
	}
	if len(stmts) != 1 {
		return nil, errCount
	}
	return b.Bind(ctx, stmts[0], env, nil)
}

func TestAgainstPostgreSQL(t *testing.T) {
	ctx := context.Background()
	env := environment(t)
	o := oracle.Start(t)
	if err := o.Exec(ctx, "drop schema if exists s cascade; "+createTables(t, env.Snapshot)); err != nil {
		t.Fatal(err)
	}
	conn, err := pgconn.Connect(ctx, o.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	if _, err := oracle.QueryOn(ctx, conn, "set search_path = s"); err != nil {
		t.Fatal(err)
	}
	theirs, ours := typeNames(ctx, t, conn), map[uint32]string{}
	for oid, n := range theirs {
		if oid < 16384 {
			ours[oid] = n
		}
	}
	for _, ty := range env.Snapshot.Types() {
		ours[ty.OID] = ty.Name
	}
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	b := &bind.Binder{ListUnimplemented: true}
	all := corpus(t)
	failed := 0
	for _, s := range all {
		want := askOracle(ctx, t, conn, theirs, s.sql)
		got := askBinder(ctx, p, b, env, ours, s.sql)
		switch {
		case s.differs != "" && want == got:
			t.Errorf("%s:%d: %s\nis excused (%s) but does not differ", s.file, s.line, s.sql, s.differs)
		case s.differs == "" && want != got:
			failed++
			t.Errorf("%s:%d: %s\nPostgreSQL: %s\nbinder:     %s", s.file, s.line, s.sql, want, got)
		}
	}
	if len(all) < 600 {
		t.Errorf("%d statements are too few", len(all))
	}
	t.Logf("%d statements, %d differ", len(all), failed)
}

func typeNames(ctx context.Context, t testing.TB, c *pgconn.PgConn) map[uint32]string {
	t.Helper()
	rs, err := oracle.QueryOn(ctx, c, "select oid, typname from pg_type")
	if err != nil {
		t.Fatal(err)
	}
	out := map[uint32]string{}
	for _, r := range rs[0].Rows {
		var oid uint32
		if _, err := fmt.Sscan(*r[0], &oid); err != nil {
			t.Fatal(err)
		}
		out[oid] = *r[1]
	}
	return out
}

var _ = slices.Contains[[]string]
