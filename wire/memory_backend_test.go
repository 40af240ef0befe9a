package wire_test

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/wire/backend"
)

// memory is a small engine for the tests of the protocol: it parses, types and runs a subset of SQL without tables, with
// PostgreSQL's rules for transactions, statements, portals and settings, so that the scripts of testdata/wire have the same
// answers here and on PostgreSQL.
type memory struct {
	users    map[string]backend.Credential
	refuse   *pgerr.Error // what Connect fails with
	sleeping atomic.Int64 // statements inside pg_sleep
	open     atomic.Int64 // sessions
	last     atomic.Pointer[backend.Connection]
	finished atomic.Pointer[backend.Finished]
	wrap     func(*memorySession) backend.Session // puts something between the protocol and the session
}

func (m *memory) Credential(user string) backend.Credential { return m.users[user] }

func (m *memory) Connect(_ context.Context, c backend.Connection) (backend.Session, error) {
	m.last.Store(&c)
	if m.refuse != nil {
		return nil, m.refuse
	}
	s := &memorySession{
		engine: m, conn: c, settings: defaultSettings(c.User), statements: map[string]*memoryPrepared{}, portals: map[string]*memoryPortal{},
		status: backend.Idle, reported: map[string]string{},
	}
	for name, value := range c.Parameters {
		if err := s.set(name, value); err != nil {
			return nil, err
		}
	}
	m.open.Add(1)
	if m.wrap != nil {
		return m.wrap(s), nil
	}
	return s, nil
}

type savepoint struct {
	name     string
	settings map[string]string
}

type memorySession struct {
	engine     *memory
	conn       backend.Connection
	settings   map[string]string
	before     map[string]string // settings when the transaction began, nil outside one
	reported   map[string]string
	statements map[string]*memoryPrepared
	portals    map[string]*memoryPortal
	savepoints []savepoint
	status     backend.TxStatus
	failed     bool // the implicit transaction failed
	notices    []*pgerr.Error
}

func reportedSettings() []string {
	return []string{
		"application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "in_hot_standby", "integer_datetimes",
		"IntervalStyle", "is_superuser", "server_encoding", "server_version", "session_authorization",
		"standard_conforming_strings", "TimeZone",
	}
}

func defaultSettings(user string) map[string]string {
	return map[string]string{
		"application_name": "", "client_encoding": "UTF8", "DateStyle": "ISO, MDY", "default_transaction_read_only": "off",
		"in_hot_standby": "off", "integer_datetimes": "on", "IntervalStyle": "postgres", "is_superuser": "on",
		"server_encoding": "UTF8", "server_version": "15.18 (Debian 15.18-0+deb12u1)", "session_authorization": user, "standard_conforming_strings": "on",
		"TimeZone": "Etc/UTC", "statement_timeout": "0", "idle_session_timeout": "0", "idle_in_transaction_session_timeout": "0",
		"search_path": `"$user", public`, "extra_float_digits": "1", "bytea_output": "hex", "client_min_messages": "notice",
	}
}

func (s *memorySession) setting(name string) (canonical, value string, err error) {
	for k, v := range s.settings {
		if strings.EqualFold(k, name) {
			return k, v, nil
		}
	}
	return "", "", pgerr.Newf(pgerr.UndefinedObject, `unrecognized configuration parameter "%s"`, name)
}

func (s *memorySession) set(name, value string) error {
	canonical, _, err := s.setting(name)
	if err != nil {
		return err
	}
	if canonical == "client_encoding" {
		value = "UTF8"
	}
	if canonical == "DateStyle" {
		value = "ISO, MDY"
	}
	s.settings[canonical] = value
	return nil
}

func (s *memorySession) millis(name string) int64 {
	v := s.settings[name]
	if ms, ok := strings.CutSuffix(v, "ms"); ok {
		v = ms
	} else if sec, ok := strings.CutSuffix(v, "s"); ok {
		v = sec + "000"
	}
	n, _ := strconv.ParseInt(v, 10, 64)
	return n
}

func (s *memorySession) Env() sqltype.Env        { return nil }
func (s *memorySession) StatementTimeout() int64 { return s.millis("statement_timeout") }
func (s *memorySession) IdleTimeouts() (idle, inTransaction int64) {
	return s.millis("idle_session_timeout"), s.millis("idle_in_transaction_session_timeout")
}
func (s *memorySession) Finished(f backend.Finished) { s.engine.finished.Store(&f) }

func (s *memorySession) DrainNotices() []*pgerr.Error {
	n := s.notices
	s.notices = nil
	return n
}

func (s *memorySession) Close() error {
	s.closePortals(true)
	s.engine.open.Add(-1)
	return nil
}

// begin starts the implicit transaction, unless there is a transaction.
func (s *memorySession) begin() {
	if s.before == nil {
		s.before = maps.Clone(s.settings)
	}
}

// undo takes settings back to the last savepoint, or to the transaction's start.
func (s *memorySession) undo() {
	switch n := len(s.savepoints); {
	case n > 0:
		s.settings = maps.Clone(s.savepoints[n-1].settings)
	case s.before != nil:
		s.settings = maps.Clone(s.before)
	}
}

func (s *memorySession) Fail(*pgerr.Error) {
	s.closePortals(false)
	s.undo()
	if s.status == backend.Idle {
		s.failed = true
		return
	}
	s.status = backend.InFailed
}

func (s *memorySession) Sync(context.Context) (backend.TxStatus, []backend.ParameterStatus) {
	if s.status == backend.Idle {
		s.hold()
		s.closePortals(false)
		s.failed, s.before = false, nil
	}
	var changed []backend.ParameterStatus
	for _, name := range reportedSettings() {
		if v := s.settings[name]; s.reported[name] != v || len(s.reported) < len(reportedSettings()) {
			s.reported[name] = v
			changed = append(changed, backend.ParameterStatus{Name: name, Value: v})
		}
	}
	return s.status, changed
}

// closePortals ends the portals of the transaction; cursors that are held only if all is set.
func (s *memorySession) closePortals(all bool) {
	for name, p := range s.portals {
		if all || !p.held {
			p.ended = true
			delete(s.portals, name)
		}
	}
}

// hold keeps the cursors WITH HOLD of a transaction that commits.
func (s *memorySession) hold() {
	for _, p := range s.portals {
		p.held = p.held || p.hold
	}
}

func (s *memorySession) Parse(_ context.Context, sql string) ([]backend.Statement, error) {
	return parseSQL(sql)
}

func (s *memorySession) checkAborted(st *memoryStatement) error {
	if s.status != backend.InFailed || (st != nil && st.endsTransaction()) {
		return nil
	}
	return pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
}

func (s *memorySession) Prepare(_ context.Context, name string, st backend.Statement, oids []uint32) (backend.Prepared, error) {
	var ms *memoryStatement
	if st != nil {
		ms = st.(*memoryStatement)
	}
	if ms != nil {
		if err := s.checkAborted(ms); err != nil {
			return nil, err
		}
	}
	if name == "" {
		delete(s.statements, "")
	}
	p, err := s.analyse(ms, oids)
	if err != nil {
		return nil, err
	}
	if name != "" && s.statements[name] != nil {
		return nil, pgerr.Newf(pgerr.DuplicatePreparedStatement, `prepared statement "%s" already exists`, name)
	}
	s.statements[name] = p
	return p, nil
}

func (s *memorySession) statement(name string) (*memoryPrepared, error) {
	if p := s.statements[name]; p != nil {
		return p, nil
	}
	if name == "" {
		return nil, pgerr.New(pgerr.InvalidSQLStatementName, "unnamed prepared statement does not exist")
	}
	return nil, pgerr.Newf(pgerr.InvalidSQLStatementName, `prepared statement "%s" does not exist`, name)
}

func (s *memorySession) Statement(name string) (backend.Prepared, error) {
	p, err := s.statement(name)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (s *memorySession) Portal(name string) (backend.Portal, error) {
	if p := s.portals[name]; p != nil {
		if err := s.checkAborted(p.plan.statement); err != nil {
			return nil, err
		}
		return p, nil
	}
	return nil, pgerr.Newf(pgerr.InvalidCursorName, `portal "%s" does not exist`, name)
}

func (s *memorySession) Bind(_ context.Context, portal, statement string, params []backend.Param, formats []int16) (backend.Portal, error) {
	s.begin()
	p, err := s.statement(statement)
	if err != nil {
		return nil, err
	}
	if err := s.checkAborted(p.statement); err != nil {
		return nil, err
	}
	values := make([]sqltype.Value, len(params))
	for i, param := range params {
		t := p.params[i]
		switch {
		case param.Data == nil:
			values[i] = sqltype.NullValue()
		case param.Format == 1:
			values[i], err = sqltype.ParseBinary(t, param.Data, nil)
		default:
			values[i], err = sqltype.ParseText(t, string(param.Data), nil)
		}
		if err != nil {
			return nil, err
		}
	}
	if portal != "" && s.portals[portal] != nil {
		return nil, pgerr.Newf(pgerr.DuplicateCursor, `cursor "%s" already exists`, portal)
	}
	q := &memoryPortal{session: s, plan: p, params: values, formats: formats}
	if p.query != nil && p.command == nil {
		if err := p.query.fold(s, values); err != nil {
			return nil, err
		}
	}
	s.portals[portal] = q
	return q, nil
}

func (s *memorySession) Simple(_ context.Context, st backend.Statement, implicit bool) (backend.Portal, error) {
	ms := st.(*memoryStatement)
	if err := s.checkAborted(ms); err != nil {
		return nil, err
	}
	s.begin()
	p, err := s.analyse(ms, nil)
	if err != nil {
		return nil, err
	}
	if len(p.params) > 0 {
		return nil, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $1").WithPosition(strings.Index(ms.source, "$1") + 1)
	}
	if p.query != nil && p.command == nil {
		if err := p.query.fold(s, nil); err != nil {
			return nil, err
		}
	}
	return &memoryPortal{session: s, plan: p, implicit: implicit}, nil
}

func (s *memorySession) CloseStatement(name string) { delete(s.statements, name) }

func (s *memorySession) ClosePortal(name string) {
	if p := s.portals[name]; p != nil {
		p.ended = true
		delete(s.portals, name)
	}
}

// sleep is pg_sleep: it ends early only by the context.
func (s *memorySession) sleep(ctx context.Context, seconds float64) error {
	s.engine.sleeping.Add(1)
	defer s.engine.sleeping.Add(-1)
	select {
	case <-time.After(time.Duration(seconds * float64(time.Second))):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
