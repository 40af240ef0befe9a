package engine

import (
	"context"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire/backend"
)

// prepareStmt is PREPARE.
func (s *Session) prepareStmt(ctx context.Context, u *bind.PrepareStmt) error {
	if err := s.mayPrepare(u.Name); err != nil {
		return err
	}
	b, err := s.bind(ctx, u.Query, u.ParamOIDs)
	if err != nil {
		return err
	}
	s.stmts[u.Name] = &prepared{s: s, name: u.Name, stmt: u.Query, declared: u.ParamOIDs, bound: b, fromSQL: true, at: s.e.clock()}
	return nil
}

// execute is EXECUTE: the portal becomes that of the prepared statement.
func (s *Session) execute(ctx context.Context, p *portal, stmt *parser.Statement, u *bind.ExecuteStmt) error {
	if _, ok := s.stmts[u.Name]; !ok { // a utility statement fails when it runs
		p.command = func(context.Context, *portal) error { return noStatement(u.Name) }
		return nil
	}
	st, b, vals, err := s.executed(ctx, stmt, u)
	if err != nil {
		return err
	}
	if st.stmt == nil {
		p.kind, p.tag = backend.Empty, ""
		return nil
	}
	inner, err := s.open(ctx, st.stmt, b, vals, p.formats)
	if err != nil {
		return err
	}
	name, text, exit, asked := p.name, p.text, p.exit, p.asked
	*p = *inner
	p.name, p.text, p.exit, p.asked = name, text, exit, asked
	return nil
}

// executed finds the statement of an EXECUTE and evaluates the arguments.
func (s *Session) executed(ctx context.Context, stmt *parser.Statement, u *bind.ExecuteStmt) (*prepared, *bound, []sqltype.Value, error) {
	st, ok := s.stmts[u.Name]
	if !ok {
		return nil, nil, nil, noStatement(u.Name)
	}
	if st.stmt == nil {
		return st, nil, nil, nil
	}
	b, err := st.current(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(b.Params) == 0 { // EvaluateParams is not called, so arguments do not matter
		st.runs++
		return st, b, nil, nil
	}
	snap := s.snapshot()
	args, err := s.e.binder.BindExecute(ctx, stmt, s.bindEnv(snap), b.Params)
	if err != nil {
		return nil, nil, nil, err
	}
	vals := make([]sqltype.Value, len(args.Args))
	for i, a := range args.Args {
		if vals[i], err = eval.EvalConst(&eval.Ctx{Context: ctx, Env: s.env(snap)}, a); err != nil {
			return nil, nil, nil, err
		}
	}
	st.runs++
	return st, b, vals, nil
}

func (s *Session) deallocate(u *bind.DeallocateStmt) error {
	if u.Name == "" {
		clear(s.stmts)
		return nil
	}
	if _, ok := s.stmts[u.Name]; !ok {
		return noStatement(u.Name)
	}
	delete(s.stmts, u.Name)
	return nil
}
