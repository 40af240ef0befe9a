package eval

import (
	"context"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
)

// TestCtypeOverAllCodePoints compares case and classes with PostgreSQL's for every code point.
func TestCtypeOverAllCodePoints(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	ctx := context.Background()
	dsn := os.Getenv("ODATAGRES_EVAL_ORACLE")
	if dsn == "" {
		dsn = oracle.Start(t).DSN()
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	classes := []string{"alpha", "digit", "alnum", "upper", "lower", "space", "punct", "print", "graph", "cntrl"}
	const query = `select string_agg(upper(chr(i)), '' order by i), string_agg(lower(chr(i)), '' order by i),
		array(select string_agg(case when chr(i) ~ ('^[[:' || c || ':]]$') then '1' else '0' end, '' order by i)
			from unnest($3::text[]) with ordinality u(c, n), generate_series($1::int, $2) i where i not between 55296 and 57343 group by n order by n)
		from generate_series($1::int, $2) i where i not between 55296 and 57343`
	for lo := 1; lo <= utf8.MaxRune; lo += 0x8000 {
		hi := min(lo+0x7fff, utf8.MaxRune)
		var upper, lower *string
		var members []string
		if err := conn.QueryRow(ctx, query, lo, hi, classes).Scan(&upper, &lower, &members); err != nil {
			t.Fatal(err)
		}
		var up, low strings.Builder
		bits := make([]strings.Builder, len(classes))
		for r := rune(lo); r <= rune(hi); r++ {
			if r >= 0xd800 && r < 0xe000 {
				continue
			}
			up.WriteRune(toUpper(r))
			low.WriteRune(toLower(r))
			for i, c := range classes {
				spans, _ := classOf(c)
				if inClass(spans, r) {
					bits[i].WriteByte('1')
				} else {
					bits[i].WriteByte('0')
				}
			}
		}
		if upper != nil && up.String() != *upper || lower != nil && low.String() != *lower {
			t.Errorf("upper or lower differ between %#x and %#x", lo, hi)
		}
		for i, c := range classes {
			if i < len(members) && bits[i].String() != members[i] {
				t.Errorf("class %s differs between %#x and %#x", c, lo, hi)
			}
		}
	}
}
