package parser_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

func printed(code, message, detail, hint string, position int) string {
	return fmt.Sprintf("%s at %d: %s | %s | %s", code, position, message, detail, hint)
}

// TestFaultsAgainstPostgreSQL compares what the parser refuses. A line "# differs: reason" excuses the next one.
func TestFaultsAgainstPostgreSQL(t *testing.T) {
	ctx := context.Background()
	conn, err := pgconn.Connect(ctx, oracle.Start(t).DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	raw, err := os.ReadFile("testdata/faults.sql")
	if err != nil {
		t.Fatal(err)
	}
	excuse := ""
	faults := 0
	for i, sql := range strings.Split(string(raw), "\n") {
		if r, ok := strings.CutPrefix(sql, "# differs: "); ok {
			excuse = r
			continue
		}
		if sql == "" || strings.HasPrefix(sql, "#") {
			continue
		}
		want := "parses"
		// PostgreSQL parses the whole string before it runs anything, but it must not run what both accept.
		_, err := conn.Exec(ctx, sql+"\n; this is no statement").ReadAll()
		var pe *pgconn.PgError
		if errors.As(err, &pe) && !strings.Contains(pe.Message, `at or near "this"`) {
			want = printed(pe.Code, pe.Message, pe.Detail, pe.Hint, int(pe.Position))
		}
		got := "parses"
		_, release, err := p.Parse(ctx, sql+"\n; this is no statement", nil)
		release()
		if e := pgerr.As(err); e != nil && !strings.Contains(e.Message, `at or near "this"`) {
			got = printed(string(e.Code), e.Message, e.Detail, e.Hint, e.Position)
			faults++
		}
		switch {
		case excuse != "" && want == got:
			t.Errorf("line %d: %s\nis excused (%s) but does not differ", i+1, sql, excuse)
		case excuse == "" && want != got:
			t.Errorf("line %d: %s\nPostgreSQL: %s\nparser:     %s", i+1, sql, want, got)
		}
		excuse = ""
	}
	if faults < 200 {
		t.Errorf("only %d faults were compared", faults)
	}
}
