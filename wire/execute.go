package wire

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire/backend"
)

// execute runs a portal for at most maxRows rows (0: all), sends its rows and CommandComplete, and tells the backend how it
// ended. If exactly maxRows rows were sent the portal is suspended, whether or not there are more: nobody has looked.
// before is the writer's total when the statement began.
func (s *session) execute(ctx context.Context, p backend.Portal, maxRows int, before int64) (suspended bool, e *pgerr.Error) {
	rows, suspended, e := s.run(ctx, p, maxRows)
	if e == nil {
		s.notices()
		if !suspended {
			tag := p.TagName()
			if p.WantsCount() {
				tag += " " + strconv.FormatInt(rows, 10)
			}
			s.out.message(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
			s.deadline = time.Time{}
		}
	}
	s.backend.Finished(backend.Finished{Portal: p, Rows: rows, BytesSent: s.out.total() - before, Suspended: suspended, Err: e})
	return suspended, e
}

func (s *session) run(ctx context.Context, p backend.Portal, maxRows int) (rows int64, suspended bool, e *pgerr.Error) {
	switch p.Kind() {
	case backend.Empty:
		return 0, false, nil
	case backend.Command:
		_, err := p.Next(ctx, 0)
		if err != nil {
			return 0, false, s.fault(ctx, err)
		}
		return 0, false, nil
	case backend.CopyOut:
		rows, e = s.copyOut(ctx, p)
		return rows, false, e
	case backend.Rows:
	}
	if e := s.rows.reset(p.Columns(), p.Formats(), s.backend.Env()); e != nil {
		return 0, false, e
	}
	return s.sendRows(ctx, p, maxRows)
}

func (s *session) sendRows(ctx context.Context, p backend.Portal, maxRows int) (rows int64, suspended bool, e *pgerr.Error) {
	for {
		left := 0
		if maxRows > 0 {
			if left = maxRows - int(rows); left == 0 {
				return rows, true, nil
			}
		}
		b, e := s.nextBatch(ctx, p, left)
		if b == nil || e != nil {
			return rows, false, e
		}
		if left > 0 && b.Rows() > left {
			return rows, false, pgerr.Internal("portal returned %d rows, asked for at most %d", b.Rows(), left)
		}
		sent, e := s.rows.batch(s.out, b)
		rows += int64(sent)
		if e != nil {
			return rows, false, e
		}
		if s.out.err != nil {
			return rows, false, s.lost()
		}
	}
}

// nextBatch asks the portal for rows. If it may wait for a service, the client first gets what there is.
func (s *session) nextBatch(ctx context.Context, p backend.Portal, maxRows int) (*vector.Batch, *pgerr.Error) {
	if !p.Ready() && s.out.flush() != nil {
		return nil, s.lost()
	}
	if ctx.Err() != nil {
		return nil, s.fault(ctx, ctx.Err())
	}
	b, err := p.Next(ctx, maxRows)
	if err != nil {
		return nil, s.fault(ctx, err)
	}
	s.notices()
	return b, nil
}

// lost is the error for a client that does not take what it is sent.
func (s *session) lost() *pgerr.Error {
	return fatal(connectionFailure, "connection to client lost").WithCause(errClientGone)
}
