package engine

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire/backend"
)

// Session is one client's session (backend.Session).
type Session struct {
	e        *Engine
	conn     backend.Connection
	settings *settings
	tx       transaction
	stmts    map[string]*prepared
	portals  map[string]*portal
	notices  []*pgerr.Error
	random   *rand.Rand
	status   status
	closed   bool
	ctx      context.Context // of the call that runs: for look-ups in system relations, which eval.Catalog gives none
	query    string          // the text that runs, for current_query()
	parse    time.Duration   // of the text that runs, for the log
	asked    time.Time       // when the message came, in real time
	finished int64           // statements that have a line in the log
	logged   bool            // the error that the protocol will report next has its line in the log
	channels map[string]bool
}

func (e *Engine) newSession(ctx context.Context, c backend.Connection) *Session {
	now := e.clock()
	s := &Session{
		ctx: ctx, e: e, conn: c, settings: newSettings(e.defaults), stmts: map[string]*prepared{}, portals: map[string]*portal{}, random: newRandom(),
		channels: map[string]bool{}, status: status{began: now, since: now, state: "idle"},
	}
	s.settings.base["session_authorization"] = c.User
	return s
}

// startup applies the startup packet's parameters. Unknown names without a dot are refused, as PostgreSQL does.
func (s *Session) startup(params map[string]string) error {
	names := make([]string, 0, len(params))
	for n := range params {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		switch strings.ToLower(n) {
		case "user", "database", "replication", "options":
			continue
		}
		err := s.settings.start(n, params[n])
		if name := strings.ToLower(n); name == "role" || name == "session_authorization" {
			err = s.mayBecome(name, params[n])
		}
		if err != nil {
			return pgerr.As(err).WithSeverity(pgerr.SeverityFatal)
		}
	}
	if params["replication"] != "" && params["replication"] != "false" && params["replication"] != "off" && params["replication"] != "0" {
		return pgerr.Unsupported("Connect without replication.", "replication connections are not supported").WithSeverity(pgerr.SeverityFatal)
	}
	s.status.application = s.settings.value("application_name")
	return nil
}

func splitAddr(a net.Addr) (string, int) {
	if a == nil {
		return "", -1
	}
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return "", -1
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		n = -1
	}
	return host, n
}

func (s *Session) notice(n *pgerr.Error) {
	if rank(n.Severity) < rankOf(s.settings.value("client_min_messages")) {
		return
	}
	s.notices = append(s.notices, n)
}

// rank orders severities as client_min_messages does.
func rank(sev pgerr.Severity) int {
	switch sev {
	case pgerr.SeverityDebug:
		return 0
	case pgerr.SeverityLog:
		return 1
	case pgerr.SeverityNotice:
		return 2
	case pgerr.SeverityWarning:
		return 3
	case pgerr.SeverityInfo:
		return 5
	}
	return 4
}

func rankOf(setting string) int {
	switch {
	case strings.HasPrefix(setting, "debug"):
		return 0
	case setting == "log":
		return 1
	case setting == "notice", setting == "info":
		return 2
	case setting == "warning":
		return 3
	}
	return 4
}

// DrainNotices implements backend.Session.
func (s *Session) DrainNotices() []*pgerr.Error {
	out := s.notices
	s.notices = nil
	return out
}

// snapshot is the catalog that a new statement sees.
func (s *Session) snapshot() *catalog.Snapshot { return s.e.services.snapshot(s.conn.User) }

// bindEnv is what the binder sees of the session.
func (s *Session) bindEnv(snap *catalog.Snapshot) bind.Env {
	return bind.Env{
		Snapshot: snap, Registry: s.e.registry, SearchPath: snap.SearchPath(s.settings.searchPath(), s.conn.User), User: s.conn.User,
		Database: s.conn.Database, Values: s.env(snap), GroupByKey: true,
	}
}

// statement is a parsed statement (backend.Statement).
type statement struct {
	*parser.Statement
}

// Parse implements backend.Session.
func (s *Session) Parse(ctx context.Context, sql string) ([]backend.Statement, error) {
	start := time.Now()
	s.ctx, s.query, s.asked = ctx, sql, start
	now := s.e.clock()
	s.tx.stmt = now // of the message: all statements of a query string have it
	s.status.set(func(st *status) {
		st.state, st.query, st.queryStart, st.since = "active", sql, now, now
	})
	stmts, release, err := s.e.parser.Parse(ctx, sql, s.e.memory)
	s.parse = time.Since(start)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	release() // the cache keeps and accounts for trees; a tree that it refused is bounded by the statement's length
	out := make([]backend.Statement, len(stmts))
	for i, st := range stmts {
		out[i] = statement{st}
	}
	return out, nil
}

// failed codes an error and fails the transaction.
func (s *Session) failed(ctx context.Context, err error) *pgerr.Error {
	e := coded(ctx, err)
	if e != nil {
		s.abort()
	}
	return e
}

// Statement implements backend.Session.
func (s *Session) Statement(name string) (backend.Prepared, error) {
	p, ok := s.stmts[name]
	if !ok {
		return nil, noStatement(name)
	}
	return p, nil
}

func noStatement(name string) *pgerr.Error {
	if name == "" {
		return pgerr.New(pgerr.InvalidSQLStatementName, "unnamed prepared statement does not exist")
	}
	return pgerr.Newf(pgerr.InvalidSQLStatementName, "prepared statement %q does not exist", name)
}

// Portal implements backend.Session.
func (s *Session) Portal(name string) (backend.Portal, error) {
	p, ok := s.portals[name]
	if !ok {
		return nil, pgerr.Newf(pgerr.InvalidCursorName, "portal %q does not exist", name)
	}
	if s.tx.status() == backend.InFailed && !p.exit {
		return nil, aborted()
	}
	return p, nil
}

// CloseStatement implements backend.Session.
func (s *Session) CloseStatement(name string) { delete(s.stmts, name) }

// ClosePortal implements backend.Session.
func (s *Session) ClosePortal(name string) {
	if p, ok := s.portals[name]; ok {
		delete(s.portals, name)
		_ = p.Close()
	}
}

// Env implements backend.Session.
func (s *Session) Env() sqltype.Env { return s.env(nil) }

// StatementTimeout implements backend.Session.
func (s *Session) StatementTimeout() int64 { return s.settings.millis("statement_timeout") }

// IdleTimeouts implements backend.Session.
func (s *Session) IdleTimeouts() (idle, inTransaction int64) {
	return s.settings.millis("idle_session_timeout"), s.settings.millis("idle_in_transaction_session_timeout")
}

// Finished implements backend.Session.
func (s *Session) Finished(f backend.Finished) {
	s.logFinished(f)
	s.logged = f.Err != nil
	s.settle()
}

// settle tells others that no statement runs.
func (s *Session) settle() {
	now := s.e.clock()
	state := "idle"
	switch s.tx.status() {
	case backend.InBlock:
		state = "idle in transaction"
	case backend.InFailed:
		state = "idle in transaction (aborted)"
	}
	xact := s.tx.began
	s.status.set(func(st *status) {
		st.state, st.since, st.xact = state, now, xact
		st.application = s.settings.value("application_name")
	})
}

// Close implements backend.Session.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.e.activity.remove(s)
	for name := range s.portals {
		s.ClosePortal(name)
	}
	return nil
}
