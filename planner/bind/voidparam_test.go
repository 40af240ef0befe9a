package bind_test

import (
	"context"
	"slices"
	"testing"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

// TestVoidArgumentsAreNoArguments binds what pgjdbc's CallableStatement sends for {? = call f(?)}: select * from f($1, $2),
// where $1 is the result's place and is declared void. The answers are PostgreSQL 15's.
func TestVoidArgumentsAreNoArguments(t *testing.T) {
	t.Parallel()
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	b := &bind.Binder{ListUnimplemented: true}
	for _, c := range []struct {
		sql    string
		params []uint32
		want   []uint32
		code   string
	}{
		{"select * from upper($1, $2) as result", []uint32{sqltype.OIDVoid, sqltype.OIDVarChar}, []uint32{sqltype.OIDVoid, sqltype.OIDVarChar}, ""},
		{"select now($1)", []uint32{sqltype.OIDVoid}, []uint32{sqltype.OIDVoid}, ""},
		{"select substr($1, $2, $3)", []uint32{sqltype.OIDVoid, 0, 0}, []uint32{sqltype.OIDVoid, sqltype.OIDText, sqltype.OIDInt4}, ""},
		{"select upper($1)", []uint32{sqltype.OIDVoid}, nil, "42883"},
		{"select count($1)", []uint32{sqltype.OIDVoid}, nil, "42809"},
	} {
		stmts, release, err := p.Parse(context.Background(), c.sql, nil)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := b.Bind(context.Background(), stmts[0], environment(t), c.params)
		release()
		if err != nil {
			if e := pgerr.As(err); e == nil || string(e.Code) != c.code {
				t.Errorf("%s: %v, want %q", c.sql, err, c.code)
			}
			continue
		}
		var got []uint32
		for _, p := range bound.Params {
			got = append(got, p.OID)
		}
		if c.code != "" || !slices.Equal(got, c.want) {
			t.Errorf("%s: parameters %v, want %v %s", c.sql, got, c.want, c.code)
		}
	}
}
