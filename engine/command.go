package engine

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire/backend"
)

// utility fills in the portal of a statement that is no query. A switch over all of bind's statement types.
func (s *Session) utility(ctx context.Context, p *portal, stmt *parser.Statement, b *bound, params []sqltype.Value) error {
	p.kind = backend.Command
	run := func(f func() error) { p.command = func(context.Context, *portal) error { return f() } }
	switch u := b.Utility.(type) {
	case *bind.TransactionStmt:
		p.command = func(ctx context.Context, p *portal) (err error) {
			p.tag, err = s.transact(ctx, u, b.Tag)
			return err
		}
	case *bind.SetStmt:
		run(func() error { return s.setStmt(u) })
	case *bind.SetTransactionStmt:
		run(func() error { return s.setTransaction(u) })
	case *bind.ResetStmt:
		run(func() error { return s.resetStmt(u) })
	case *bind.ShowStmt:
		p.kind, p.columns = backend.Rows, s.showColumns(u)
		data, err := s.show(u)
		if err != nil {
			return err
		}
		p.rows = newValueRows(p.columns, data)
	case *bind.DiscardStmt:
		run(func() error { return s.discard(u) })
	case *bind.PrepareStmt:
		p.command = func(ctx context.Context, _ *portal) error { return s.prepareStmt(ctx, u) }
	case *bind.ExecuteStmt:
		return s.execute(ctx, p, stmt, u)
	case *bind.DeallocateStmt:
		run(func() error { return s.deallocate(u) })
	case *bind.DeclareStmt:
		p.command = func(ctx context.Context, _ *portal) error { return s.declare(ctx, u, b, params) }
	case *bind.FetchStmt:
		return s.fetch(p, u)
	case *bind.CloseStmt:
		run(func() error { return s.closeStmt(u) })
	case *bind.CopyStmt:
		q, err := s.plan(ctx, b, b.Output, params)
		if err != nil {
			return err
		}
		p.kind, p.columns, p.rows, p.query, p.counts = backend.CopyOut, outputColumns(b.Output), q, q, true
		p.copy = copyFormat(u)
	case *bind.ExplainStmt:
		return s.explain(ctx, p, stmt, u, b, params)
	case *bind.ListenStmt:
		run(func() error {
			s.listen(func(on map[string]bool) { on[u.Channel] = true })
			return nil
		})
	case *bind.UnlistenStmt:
		run(func() error {
			s.listen(func(on map[string]bool) {
				if u.Channel == "" {
					clear(on)
				}
				delete(on, u.Channel)
			})
			return nil
		})
	case *bind.LockStmt:
		run(func() error {
			if s.inBlock() {
				return nil
			}
			return s.needBlock("LOCK TABLE")
		})
	case *bind.ConstraintsStmt:
		run(func() error {
			if !s.inBlock() {
				s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET CONSTRAINTS can only be used in transaction blocks"))
			}
			return nil
		})
	default:
		return pgerr.Internal("no command for %T", u)
	}
	return nil
}

func copyFormat(u *bind.CopyStmt) backend.CopyFormat {
	first := func(s string) byte {
		if s == "" {
			return 0
		}
		return s[0]
	}
	return backend.CopyFormat{
		Format: u.Format, Header: u.Header, Delimiter: first(u.Delimiter), Null: u.Null, Quote: first(u.Quote), Escape: first(u.Escape), ForceQuote: u.ForceQuote,
	}
}
