package engine

import (
	"context"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire/backend"
)

// rows is something that gives rows: a query that runs, a list of values, a cursor's part.
type rows interface {
	// next returns at most so many rows (0: any number), or nil at the end.
	next(ctx context.Context, most int) (*vector.Batch, error)
	ready() bool
	close() error
}

// portal is a statement ready to run (backend.Portal).
type portal struct {
	s       *Session
	name    string
	text    string
	kind    backend.Kind
	columns []backend.Column
	formats []int16
	tag     string
	counts  bool
	copy    backend.CopyFormat
	rows    rows
	command func(ctx context.Context, p *portal) error
	done    bool
	exit    bool // may run in a failed transaction
	created time.Time
	asked   time.Time // real time, for the log

	sentRows, sentBytes int64 // before it was suspended
	suspended           bool

	// Of cursors.
	hold      bool
	level     int // savepoints there were when it was made
	heldSince *time.Time
	scroll    bool
	binary    bool
	declared  bool
	cursor    *cursor

	query *queryRun // what runs, for the log; nil for others
}

// Kind implements backend.Portal.
func (p *portal) Kind() backend.Kind { return p.kind }

// Columns implements backend.Portal.
func (p *portal) Columns() []backend.Column { return p.columns }

// Formats implements backend.Portal.
func (p *portal) Formats() []int16 { return p.formats }

// Copy implements backend.Portal.
func (p *portal) Copy() backend.CopyFormat { return p.copy }

// TagName implements backend.Portal.
func (p *portal) TagName() string { return p.tag }

// WantsCount implements backend.Portal.
func (p *portal) WantsCount() bool { return p.counts }

// Ready implements backend.Portal.
func (p *portal) Ready() bool {
	switch {
	case p.rows == nil:
		return true
	case p.cursor != nil:
		return p.cursor.ready()
	}
	return p.rows.ready()
}

// Next implements backend.Portal.
func (p *portal) Next(ctx context.Context, maxRows int) (*vector.Batch, error) {
	p.s.ctx = ctx
	if p.command != nil {
		if p.done {
			return nil, p.s.failed(ctx, pgerr.Newf(pgerr.ObjectNotInPrerequisiteState, "portal %q cannot be run", p.name))
		}
		p.done = true
		if err := p.command(ctx, p); err != nil {
			return nil, p.s.failed(ctx, err)
		}
		return nil, nil
	}
	if p.rows == nil {
		return nil, nil
	}
	var b *vector.Batch
	var err error
	if p.cursor != nil {
		b, err = p.cursor.forward(ctx, maxRows)
	} else {
		b, err = p.rows.next(ctx, maxRows)
	}
	if err != nil {
		return nil, p.s.failed(ctx, err)
	}
	return b, nil
}

// Close implements backend.Portal.
func (p *portal) Close() error {
	if p.rows == nil {
		return nil
	}
	r := p.rows
	p.rows = nil
	err := r.close()
	if p.cursor != nil {
		if err2 := p.cursor.release(); err == nil {
			err = err2
		}
	}
	if p.suspended {
		p.s.logFinished(backend.Finished{Portal: p})
	}
	return err
}

// open makes the portal of a bound statement.
func (s *Session) open(ctx context.Context, stmt *parser.Statement, b *bound, params []sqltype.Value, formats []int16) (*portal, error) {
	p := &portal{s: s, asked: s.asked, text: stmt.Text(), formats: formats, tag: b.Tag, exit: bind.IsTransactionExit(stmt)}
	if b.Kind == bind.KindQuery {
		q, err := s.plan(ctx, b, b.Output, params)
		if err != nil {
			return nil, err
		}
		p.kind, p.columns, p.rows, p.query, p.counts = backend.Rows, outputColumns(b.Output), q, q, true
		return p, nil
	}
	return p, s.utility(ctx, p, stmt, b, params)
}

// valueRows is a result that is known from the beginning.
type valueRows struct {
	batch *vector.Batch
	at    int
}

func newValueRows(cols []backend.Column, data [][]sqltype.Value) *valueRows {
	b := &vector.Batch{Cols: make([]*vector.Vector, len(cols))}
	for i, c := range cols {
		b.Cols[i] = vector.NewFlat(c.Type, 0)
	}
	for _, r := range data {
		for i, v := range r {
			b.Cols[i].Append(v)
		}
		b.N++
	}
	return &valueRows{batch: b}
}

func (v *valueRows) next(_ context.Context, most int) (*vector.Batch, error) {
	left := v.batch.N - v.at
	if left <= 0 {
		return nil, nil
	}
	if most > 0 {
		left = min(left, most)
	}
	left = min(left, vector.BatchRows)
	b := v.batch.Slice(v.at, v.at+left)
	v.at += left
	return b, nil
}
func (v *valueRows) ready() bool  { return true }
func (v *valueRows) close() error { return nil }

// lazyRows makes its rows when the first one is asked for.
type lazyRows struct {
	make func(ctx context.Context) (rows, error)
	r    rows
}

func (l *lazyRows) next(ctx context.Context, most int) (*vector.Batch, error) {
	if l.r == nil {
		r, err := l.make(ctx)
		if err != nil {
			return nil, err
		}
		l.r = r
	}
	return l.r.next(ctx, most)
}
func (l *lazyRows) ready() bool { return l.r != nil && l.r.ready() }
func (l *lazyRows) close() error {
	if l.r == nil {
		return nil
	}
	return l.r.close()
}

var (
	_ backend.Portal  = (*portal)(nil)
	_ backend.Session = (*Session)(nil)
	_ backend.Backend = (*Engine)(nil)
)
