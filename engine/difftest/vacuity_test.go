package difftest

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// connect opens a connection to a database of the oracle, which the test closes.
func connect(tb testing.TB, dsn string) *pgconn.PgConn {
	tb.Helper()
	c, err := pgconn.Connect(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			tb.Errorf("closing a connection: %v", err)
		}
	})
	return c
}

func TestMutantsTakeOneConditionAway(t *testing.T) {
	t.Parallel()
	const sql = `select a from t join u on t.x = u.x and t.y between 1 and 2 left join left('a', 1) l on true
where (a = 1 or b = 2) and c in (select d from v where e = f) and case when a and b then c end
group by a having count(*) filter (where z) > 1 and /* redundant: so */ max(q) is null order by a, /* tiebreak: so */ lower(b) desc limit 3`
	var got []string
	for _, m := range mutants(sql) {
		line := m.what
		if m.excused != "" {
			line += " (" + m.excused + ")"
		}
		got = append(got, line)
	}
	want := []string{
		"ON t.x = u.x", "ON t.y between 1 and 2", "ON true", "WHERE (a = 1 or b = 2)", "WHERE c in (select d from v where e = f)",
		"WHERE case when a and b then c end", "WHERE e = f", "HAVING count(*) filter (where z) > 1", "HAVING /* redundant: so */ max(q) is null (so)",
		"WHERE z", "ORDER BY a", "ORDER BY /* tiebreak: so */ lower(b) desc (so)",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("mutants are\n%q\nwant\n%q", got, want)
	}
}

// checkVacuity fails a case that says nothing: one without rows, or with a condition or sort key that changes nothing.
func checkVacuity(t *testing.T, c *pgconn.PgConn, q *question) {
	t.Helper()
	whole := oracleRows(t, c, q, q.sql)
	if whole.fault != nil {
		t.Errorf("%s: PostgreSQL says %s %s", q.place, whole.fault.Code, whole.fault.Message)
		return
	}
	if (len(whole.rows) == 0) != (q.empty != "") {
		t.Errorf("%s: %d rows", q.place, len(whole.rows))
	}
	ordered := orders(q.sql)
	for _, m := range mutants(q.sql) {
		less := oracleRows(t, c, q, m.sql)
		changed := true
		switch {
		case less.fault == nil:
			changed = differ(whole, less, extendedText, ordered) != ""
		case less.fault.Code == "42601" || less.fault.Code == "42P10":
			t.Errorf("%s: without %s the statement is wrong: %s\n%s", q.place, m.what, less.fault.Message, m.sql)
		}
		switch {
		case !changed && m.excused == "":
			t.Errorf("%s: without %s the answer is the same", q.place, m.what)
		case changed && m.excused != "" && m.what[:8] != "ORDER BY":
			t.Errorf("%s: %s is marked as redundant and is not", q.place, m.what)
		}
	}
}

// oracleRows asks PostgreSQL; what takes longer than five seconds counts as an error.
func oracleRows(t *testing.T, c *pgconn.PgConn, q *question, sql string) *answer {
	t.Helper()
	a, err := ask(t.Context(), c, sql, q.args, extendedText)
	if err != nil {
		t.Fatalf("%s: %v", q.place, err)
	}
	return a
}

func TestIntuneQuestionsAreNotVacuous(t *testing.T) {
	server, db := database(t)
	// Plans without sorts, so that an order does not come by itself when a key is taken away.
	c := connect(t, server.DSNOf(db)+"&statement_timeout=5s&enable_sort=off&jit=off")
	for _, q := range questions(t, "intune") {
		checkVacuity(t, c, q)
	}
}
