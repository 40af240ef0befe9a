package engine

import (
	"context"
	"errors"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/wire/backend"
)

// declare is DECLARE CURSOR.
func (s *Session) declare(ctx context.Context, u *bind.DeclareStmt, b *bound, params []sqltype.Value) error {
	if !u.Hold && !s.inBlock() {
		return pgerr.New(pgerr.NoActiveSQLTransaction, "DECLARE CURSOR can only be used in transaction blocks")
	}
	if _, dup := s.portals[u.Name]; dup {
		return pgerr.Newf(pgerr.DuplicateCursor, "cursor %q already exists", u.Name)
	}
	q, err := s.plan(ctx, b, b.Output, params)
	if err != nil {
		return err
	}
	scroll := u.Scroll || !u.NoScroll && backward(b.Root)
	c := &portal{
		s: s, name: u.Name, text: s.query, kind: backend.Rows, columns: outputColumns(b.Output), tag: "SELECT", counts: true, rows: q, query: q,
		created: s.tx.stmt, level: len(s.tx.savepoints), hold: u.Hold, scroll: scroll, binary: u.Binary, declared: true,
	}
	c.cursor = &cursor{rows: q, keep: scroll || u.Hold, back: scroll, budget: vector.NewBudget(s.e.memory, "cursor", s.queryMemory()), files: s.e.spill}
	if !u.Scroll && !u.Hold {
		c.cursor.loose, c.cursor.files = true, nil
		c.cursor.budget = vector.NewBudget(s.e.memory, "cursor", min(s.queryMemory(), looseMemory))
	}
	if u.Binary {
		c.formats = allBinary(len(c.columns))
	}
	if u.Hold && !s.inBlock() {
		if err := c.materialize(ctx); err != nil {
			return errors.Join(err, c.Close())
		}
	}
	s.portals[u.Name] = c
	return nil
}

func allBinary(n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// fetch is FETCH and MOVE. They reach protocol portals too.
func (s *Session) fetch(p *portal, u *bind.FetchStmt) error {
	c, ok := s.portals[u.Name]
	if !ok || c.rows == nil {
		p.command = func(context.Context, *portal) error {
			return pgerr.Newf(pgerr.InvalidCursorName, "cursor %q does not exist", u.Name)
		}
		return nil
	}
	if c.query.hasFailed() {
		p.command = func(context.Context, *portal) error {
			return pgerr.Newf(pgerr.ObjectNotInPrerequisiteState, "portal %q cannot be run", u.Name)
		}
		return nil
	}
	if c.cursor == nil {
		c.cursor = &cursor{rows: c.rows, budget: vector.NewBudget(s.e.memory, "cursor", s.queryMemory())}
	}
	if c.cursor.refuses(u) {
		p.command = func(context.Context, *portal) error { return onlyForward() }
		return nil
	}
	if u.Move {
		p.command = func(ctx context.Context, p *portal) error {
			n, err := c.cursor.fetch(ctx, u, func(*vector.Batch) error { return nil })
			p.tag = "MOVE " + itoa64(n)
			return err
		}
		return nil
	}
	p.kind, p.columns, p.counts, p.tag = backend.Rows, c.columns, true, "FETCH"
	if c.binary && p.formats == nil {
		p.formats = allBinary(len(c.columns))
	}
	p.rows = &fetchRows{cursor: c.cursor, stmt: u, left: u.Count}
	return nil
}

func itoa64(n int64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa64(n/10) + string(rune('0'+n%10))
}

// fetchRows gives the rows of a FETCH. Whoever goes through rows in one direction streams; single rows are collected.
type fetchRows struct {
	cursor *cursor
	stmt   *bind.FetchStmt
	left   int64
	got    []*vector.Batch
	begun  bool
	rest   *vector.Batch
}

func (f *fetchRows) ready() bool  { return f.cursor.ready() }
func (f *fetchRows) close() error { return nil }

func (f *fetchRows) next(ctx context.Context, most int) (*vector.Batch, error) {
	if f.stmt.Direction == bind.FetchForward && f.stmt.Count > 0 {
		if f.left <= 0 {
			return nil, nil
		}
		n := 0
		if f.left < vector.BatchRows {
			n = int(f.left)
		}
		if most > 0 && (n == 0 || most < n) {
			n = most
		}
		b, err := f.cursor.forward(ctx, n)
		if b == nil || err != nil {
			f.left = 0
			return nil, err
		}
		f.left -= int64(b.Rows())
		return b, nil
	}
	if n := f.backward(); n > 0 {
		if !f.begun {
			f.begun, f.left = true, n
		}
		n = min(f.left, vector.BatchRows)
		if most > 0 {
			n = min(n, int64(most))
		}
		if n == 0 {
			return nil, nil
		}
		b, err := f.cursor.reversed(int(n))
		if b == nil || err != nil {
			f.left = 0
			return nil, err
		}
		f.left -= int64(b.Rows())
		return b, nil
	}
	if !f.begun {
		f.begun = true
		if _, err := f.cursor.fetch(ctx, f.stmt, func(b *vector.Batch) error {
			f.got = append(f.got, b.Compact())
			return nil
		}); err != nil {
			return nil, err
		}
	}
	b := f.rest
	f.rest = nil
	if b == nil {
		if len(f.got) == 0 {
			return nil, nil
		}
		b, f.got = f.got[0], f.got[1:]
	}
	if most > 0 && b.Rows() > most {
		f.rest = b.Slice(most, b.Rows())
		b = b.Slice(0, most)
	}
	return b, nil
}

// backward is how many rows a FETCH asks for before the position; 0 for one that goes elsewhere.
func (f *fetchRows) backward() int64 {
	switch {
	case f.stmt.Direction == bind.FetchBackward && f.stmt.Count > 0:
		return f.stmt.Count
	case f.stmt.Direction == bind.FetchForward && f.stmt.Count < 0:
		return -f.stmt.Count
	}
	return 0
}

func (s *Session) closeStmt(u *bind.CloseStmt) error {
	if u.Name == "" {
		for name, p := range s.portals {
			if p.command == nil {
				s.ClosePortal(name)
			}
		}
		return nil
	}
	if p, ok := s.portals[u.Name]; !ok || p.rows == nil {
		return pgerr.Newf(pgerr.InvalidCursorName, "cursor %q does not exist", u.Name)
	}
	s.ClosePortal(u.Name)
	return nil
}
