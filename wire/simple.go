package wire

import (
	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire/backend"
)

// simpleQuery answers a Query message but for ReadyForQuery: every statement gets its result, the first error stops the
// rest. An error that it returns ends the session.
func (s *session) simpleQuery(sql string) error {
	e := checkText(sql)
	if e == nil {
		e = s.runAll(sql)
	}
	if e == nil {
		return s.out.err
	}
	s.reject(e)
	if e.Severity == pgerr.SeverityFatal {
		return e
	}
	return s.out.err
}

func (s *session) runAll(sql string) *pgerr.Error {
	// A simple query uses the unnamed statement and portal, so those of the extended protocol are gone.
	s.backend.CloseStatement("")
	list, e := s.parse(sql)
	if e != nil {
		return e
	}
	if len(list) == 0 {
		s.notices()
		s.out.message(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	for _, st := range list {
		if e := s.runStatement(st, len(list) > 1); e != nil {
			return e
		}
		if e := s.ending(); e != nil {
			return e
		}
	}
	return nil
}

func (s *session) parse(sql string) ([]backend.Statement, *pgerr.Error) {
	ctx, done := s.begin()
	defer done()
	list, err := s.backend.Parse(ctx, sql)
	if err != nil {
		return nil, s.fault(ctx, err)
	}
	return list, nil
}

// runStatement runs one statement of a query string. statement_timeout applies to each of them alone.
func (s *session) runStatement(st backend.Statement, implicit bool) *pgerr.Error {
	ctx, done := s.begin()
	defer done()
	before := s.out.total()
	s.backend.ClosePortal("")
	portal, err := s.backend.Simple(ctx, st, implicit)
	if err != nil {
		e := s.fault(ctx, err)
		s.backend.Finished(backend.Finished{Err: e})
		return e
	}
	s.notices()
	if portal.Kind() == backend.Rows {
		if e := s.describe(portal.Columns(), portal.Formats()); e != nil {
			return e
		}
	}
	_, e := s.execute(ctx, portal, 0, before)
	if err := portal.Close(); err != nil && e == nil {
		e = s.fault(ctx, err)
	}
	return e
}
