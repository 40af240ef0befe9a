package wire

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire/backend"
)

// extended answers a message of the extended query protocol. After an error everything up to Sync is skipped; a FATAL one
// ends the session.
func (s *session) extended(m pgproto3.FrontendMessage) *pgerr.Error {
	switch m := m.(type) {
	case *pgproto3.Parse:
		return s.prepare(m)
	case *pgproto3.Bind:
		return s.bind(m)
	case *pgproto3.Describe:
		return s.describeMessage(m)
	case *pgproto3.Execute:
		return s.executeMessage(m)
	case *pgproto3.Close:
		return s.closeMessage(m)
	}
	return fatal(pgerr.ProtocolViolation, "invalid frontend message")
}

func (s *session) prepare(m *pgproto3.Parse) *pgerr.Error {
	if e := checkText(m.Query); e != nil {
		return e
	}
	if e := checkText(m.Name); e != nil {
		return e
	}
	ctx, done := s.begin()
	defer done()
	if m.Name == "" {
		// Even if the new one fails, the old unnamed statement is gone.
		s.backend.CloseStatement("")
	}
	list, err := s.backend.Parse(ctx, m.Query)
	if err != nil {
		return s.fault(ctx, err)
	}
	var st backend.Statement
	switch len(list) {
	case 0:
	case 1:
		st = list[0]
	default:
		return pgerr.New(pgerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	if _, err := s.backend.Prepare(ctx, m.Name, st, m.ParameterOIDs); err != nil {
		return s.fault(ctx, err)
	}
	s.notices()
	s.out.message(&pgproto3.ParseComplete{})
	return nil
}

func (s *session) bind(m *pgproto3.Bind) *pgerr.Error {
	for _, name := range []string{m.DestinationPortal, m.PreparedStatement} {
		if e := checkText(name); e != nil {
			return e
		}
	}
	ctx, done := s.begin()
	defer done()
	prepared, err := s.backend.Statement(m.PreparedStatement)
	if err != nil {
		return s.fault(ctx, err)
	}
	params, e := parameters(m, len(prepared.ParamOIDs()))
	if e != nil {
		return e
	}
	formats, e := resultFormats(m.ResultFormatCodes, prepared.Columns())
	if e != nil {
		return e
	}
	if _, err := s.backend.Bind(ctx, m.DestinationPortal, m.PreparedStatement, params, formats); err != nil {
		return s.fault(ctx, err)
	}
	s.notices()
	s.out.message(&pgproto3.BindComplete{})
	return nil
}

// parameters checks the counts as PostgreSQL's exec_bind_message does, in its order, and gives every parameter its format.
func parameters(m *pgproto3.Bind, want int) ([]backend.Param, *pgerr.Error) {
	codes, given := m.ParameterFormatCodes, m.Parameters
	if len(codes) > 1 && len(codes) != len(given) {
		return nil, pgerr.Newf(pgerr.ProtocolViolation, "bind message has %d parameter formats but %d parameters", len(codes), len(given))
	}
	if len(given) != want {
		return nil, pgerr.Newf(pgerr.ProtocolViolation, `bind message supplies %d parameters, but prepared statement "%s" requires %d`,
			len(given), m.PreparedStatement, want)
	}
	params := make([]backend.Param, len(given))
	for i, data := range given {
		format := formatOf(codes, i)
		if format != 0 && format != 1 {
			return nil, inParameter(pgerr.Newf(pgerr.InvalidParameterValue, "unsupported format code: %d", format), m.DestinationPortal, i)
		}
		if format == 0 && (!utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0) {
			return nil, inParameter(checkText(string(data)), m.DestinationPortal, i)
		}
		params[i] = backend.Param{Format: format, Data: data}
	}
	return params, nil
}

// inParameter says which parameter has the fault, as PostgreSQL's bind_param_error_callback does.
func inParameter(e *pgerr.Error, portal string, i int) *pgerr.Error {
	c := *e
	c.Where = fmt.Sprintf("unnamed portal parameter $%d", i+1)
	if portal != "" {
		c.Where = fmt.Sprintf(`portal "%s" parameter $%d`, portal, i+1)
	}
	return &c
}

// resultFormats gives every column its format; nil means that all are text.
func resultFormats(codes []int16, columns []backend.Column) ([]int16, *pgerr.Error) {
	if len(codes) > 1 && columns != nil && len(codes) != len(columns) {
		return nil, pgerr.Newf(pgerr.ProtocolViolation, "bind message has %d result formats but query has %d columns", len(codes), len(columns))
	}
	formats := make([]int16, len(columns))
	text := true
	for i := range formats {
		formats[i] = formatOf(codes, i)
		text = text && formats[i] == 0
	}
	if text {
		return nil, nil
	}
	return formats, nil
}

// formatOf is the format of item i: no code means text for all, one code counts for all.
func formatOf(codes []int16, i int) int16 {
	switch len(codes) {
	case 0:
		return 0
	case 1:
		return codes[0]
	}
	return codes[i]
}

func (s *session) describeMessage(m *pgproto3.Describe) *pgerr.Error {
	ctx, done := s.begin()
	defer done()
	switch m.ObjectType {
	case 'S':
		prepared, err := s.backend.Statement(m.Name)
		if err != nil {
			return s.fault(ctx, err)
		}
		// Row descriptions may need look-ups, which a failed transaction does not make (exec_describe_statement_message).
		if s.status == backend.InFailed && prepared.Columns() != nil {
			return pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
		}
		s.out.message(&pgproto3.ParameterDescription{ParameterOIDs: prepared.ParamOIDs()})
		return s.describeOrNoData(prepared.Columns(), nil)
	case 'P':
		portal, err := s.backend.Portal(m.Name)
		if err != nil {
			return s.fault(ctx, err)
		}
		if portal.Kind() != backend.Rows {
			return s.describeOrNoData(nil, nil)
		}
		return s.describe(portal.Columns(), portal.Formats())
	}
	return pgerr.Newf(pgerr.ProtocolViolation, "invalid DESCRIBE message subtype %d", m.ObjectType)
}

func (s *session) executeMessage(m *pgproto3.Execute) *pgerr.Error {
	ctx, done := s.begin()
	defer done()
	before := s.out.total()
	portal, err := s.backend.Portal(m.Portal)
	if err != nil {
		return s.fault(ctx, err)
	}
	if portal.Kind() == backend.Empty {
		s.out.message(&pgproto3.EmptyQueryResponse{})
		return nil
	}
	// The field is an Int32 for PostgreSQL; zero and less mean no limit.
	suspended, e := s.execute(ctx, portal, max(int(int32(m.MaxRows)), 0), before)
	if e != nil {
		return e
	}
	if suspended {
		s.out.message(&pgproto3.PortalSuspended{})
	}
	return nil
}

func (s *session) closeMessage(m *pgproto3.Close) *pgerr.Error {
	switch m.ObjectType {
	case 'S':
		s.backend.CloseStatement(m.Name)
	case 'P':
		s.backend.ClosePortal(m.Name)
	default:
		return pgerr.Newf(pgerr.ProtocolViolation, "invalid CLOSE message subtype %d", m.ObjectType)
	}
	s.notices()
	s.out.message(&pgproto3.CloseComplete{})
	return nil
}
