package bind_test

import (
	"context"
	"testing"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/planner/plan"
)

// FuzzBind binds any text: no panic, only coded errors, and plans that hold their invariants.
func FuzzBind(f *testing.F) {
	for _, s := range corpus(f) {
		f.Add(s.sql)
	}
	env := environment(f)
	p := parser.New(parser.Options{})
	f.Cleanup(func() { _ = p.Close() })
	b := &bind.Binder{ListUnimplemented: true}
	f.Fuzz(func(t *testing.T, sql string) {
		ctx := context.Background()
		stmts, release, err := p.Parse(ctx, sql, nil)
		defer release()
		if err != nil {
			if pgerr.As(err) == nil {
				t.Fatalf("uncoded: %v", err)
			}
			return
		}
		for _, s := range stmts {
			bound, err := b.Bind(ctx, s, env, nil)
			switch {
			case err != nil:
				e := pgerr.As(err)
				if e == nil {
					t.Fatalf("uncoded: %v", err)
				}
				if e.Code == pgerr.InternalError {
					t.Fatalf("%s: %v", sql, err)
				}
			case bound.Root != nil:
				if err := plan.Validate(bound.Root); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
		}
	})
}
