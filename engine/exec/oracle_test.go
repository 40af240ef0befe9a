package exec_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/internal/oracle"
)

func pgFailure(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return "ERROR " + pe.Code + ": " + pe.Message
	}
	return err.Error()
}

// TestAgainstPostgreSQL puts the statements of testdata to PostgreSQL and to the operators. A statement without ORDER BY at
// its end is compared without regard to order. Each runs a second time without the rules that change a plan's shape, since
// operators that a rule does away with must be right, too.
func TestAgainstPostgreSQL(t *testing.T) {
	s := oracle.Start(t)
	b := newBench(t)
	plain := *b
	plain.disable = map[string]bool{}
	for _, rule := range []string{"inlineCTEs", "decorrelate", "movePredicates", "orderJoins", "topN", "useLookups", "pruneColumns", "stopUnread"} {
		plain.disable[rule] = true
	}
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no statements: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			empty := 0
			for _, sql := range readStatements(t, f) {
				want := ask(t, s, sql)
				if len(want) == 0 {
					empty++
				}
				for _, side := range []struct {
					name string
					b    *bench
				}{{"", b}, {" (without rules)", &plain}} {
					got := side.b.answer(t, sql)
					if n := len(got); n > 0 && strings.HasPrefix(got[n-1], "ERROR ") {
						got = got[n-1:] // PostgreSQL's rows before an error are not shown by its simple protocol
					}
					w := slices.Clone(want)
					if !ordered(sql) {
						slices.Sort(got)
						slices.Sort(w)
					}
					if !slices.Equal(got, w) {
						t.Errorf("%s%s\n got: %s\nwant: %s", sql, side.name, show(got), show(w))
					}
				}
			}
			if all := len(readStatements(t, f)); empty*5 > all {
				t.Errorf("%d of %d statements give no row", empty, all)
			}
		})
	}
}

// ordered reports an ORDER BY outside of all parentheses.
func ordered(sql string) bool {
	depth := 0
	for i := range len(sql) {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			depth--
		case 'o':
			if depth == 0 && strings.HasPrefix(sql[i:], "order by") {
				return true
			}
		}
	}
	return false
}

func show(rows []string) string {
	if len(rows) > 30 {
		rows = append(slices.Clone(rows[:30]), "…")
	}
	return strings.Join(rows, "\n      ")
}
