package bind_test

import (
	"context"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

func TestBindExecute(t *testing.T) {
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	env := environment(t)
	b := &bind.Binder{ListUnimplemented: true}
	types := []sqltype.Type{sqltype.Of(sqltype.OIDInt8), sqltype.Of(sqltype.OIDText)}
	for _, c := range []struct{ sql, want string }{
		{"execute p(1, 'x')", "int8(1::integer), x::text"},
		{"execute p('5', null)", "5::bigint, null::text"},
		{"explain execute p(1 + 1, 2)", "int8({+}(1::integer, 1::integer)), cast1(2::integer to text)"},
		{"execute p(1)", `42601 wrong number of parameters for prepared statement "p"`},
		{"execute p(true, 'x')", "42804 parameter $1 of type boolean cannot be coerced to the expected type bigint"},
		{"execute p((select 1), 'x')", "0A000 cannot use subquery in EXECUTE parameter"},
		{"execute p(count(*), 'x')", "42803 aggregate functions are not allowed in EXECUTE parameters"},
		{"execute p(generate_series(1, 2), 'x')", "0A000 set-returning functions are not allowed in EXECUTE parameters"},
		{"execute p(a, 'x')", `42703 column "a" does not exist`},
		{"execute p('y', 'x')", `22P02 invalid input syntax for type bigint: "y"`},
	} {
		stmts, release, err := p.Parse(context.Background(), c.sql, nil)
		release()
		if err != nil {
			t.Fatal(err)
		}
		args, err := b.BindExecute(context.Background(), stmts[0], env, types)
		got := ""
		if e := pgerr.As(err); e != nil {
			got = string(e.Code) + " " + e.Message
		} else if err == nil {
			got = exprs(args.Args)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.sql, got, c.want)
		}
	}
}

// TestDeepStatements binds what the parser lets through at its deepest.
func TestDeepStatements(t *testing.T) {
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	env := environment(t)
	b := &bind.Binder{ListUnimplemented: true}
	for name, sql := range map[string]string{
		"operators":  "select 1" + strings.Repeat("+1", 4000),
		"functions":  "select " + strings.Repeat("upper(", 800) + "'x'" + strings.Repeat(")", 800),
		"subqueries": strings.Repeat("select * from (", 800) + "select 1 as a" + strings.Repeat(") x", 800),
		"unions":     "select 1" + strings.Repeat(" union all select 1", 3000),
		"conditions": "select a from t1 where a = 1" + strings.Repeat(" and a = 1", 20000),
		"list":       "select a in (1" + strings.Repeat(",1", 50000) + ") from t1",
	} {
		if _, err := bindText(context.Background(), p, b, env, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A statement that is being bound can be cancelled.
	ctx, cancel := context.WithCancel(context.Background())
	stmts, release, err := p.Parse(ctx, "select 1", nil)
	release()
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := b.Bind(ctx, stmts[0], env, nil); pgerr.CodeOf(err) != pgerr.QueryCanceled {
		t.Errorf("cancelled: %v", err)
	}
}
