package main

import (
	"context"
	"errors"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/wire/backend"
)

// local is a session in this process, without a listener and a client.
type local struct {
	session backend.Session
}

// result is rows as text; nil is NULL.
type result struct {
	columns []backend.Column
	rows    [][]*string
	notices []*pgerr.Error
}

func openLocal(ctx context.Context, b backend.Backend, user, database string) (*local, error) {
	nothing := func() {}
	s, err := b.Connect(ctx, backend.Connection{
		User: user, Database: database, PID: 1, Parameters: map[string]string{"application_name": "odatagres"},
		Cancel: nothing, Terminate: nothing,
	})
	if err != nil {
		return nil, err
	}
	return &local{s}, nil
}

func (l *local) close() error { return l.session.Close() }

// query runs one statement to its end.
func (l *local) query(ctx context.Context, sql string) (_ *result, err error) {
	statements, err := l.session.Parse(ctx, sql)
	if err != nil {
		return nil, err
	}
	if len(statements) != 1 {
		return nil, usagef("one statement is expected, not %d", len(statements))
	}
	defer func() {
		if e := pgerr.As(err); e != nil {
			l.session.Fail(e)
		}
		l.session.Sync(ctx)
	}()
	portal, err := l.session.Simple(ctx, statements[0], false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, portal.Close()) }()
	r := &result{columns: portal.Columns()}
	for {
		batch, err := portal.Next(ctx, 0)
		if err != nil {
			return nil, err
		}
		if batch == nil {
			r.notices = l.session.DrainNotices()
			return r, nil
		}
		env := l.session.Env()
		for i := range batch.Rows() {
			row := make([]*string, len(batch.Cols))
			for j, v := range batch.Cols {
				if at := batch.Row(i); !v.IsNull(at) {
					text := string(sqltype.AppendText(nil, v.Type, v.Value(at), env))
					row[j] = &text
				}
			}
			r.rows = append(r.rows, row)
		}
	}
}
