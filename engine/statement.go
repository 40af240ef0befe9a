package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
	"github.com/odatagres/odatagres/wire/backend"
)

// prepared is a prepared statement (backend.Prepared). It is bound again when what it was bound with has changed.
type prepared struct {
	s        *Session
	name     string
	stmt     *parser.Statement // nil: the empty query
	declared []uint32          // parameter types that the client gave
	bound    *bound
	fromSQL  bool
	at       time.Time
	runs     int64
}

// bound is a bound statement and what it depends on.
type bound struct {
	*bind.Bound
	snap *catalog.Snapshot
	path []string
}

// ParamOIDs implements backend.Prepared.
func (p *prepared) ParamOIDs() []uint32 {
	if p.bound == nil {
		return p.declared
	}
	out := make([]uint32, len(p.bound.Params))
	for i, t := range p.bound.Params {
		out[i] = t.OID
	}
	return out
}

// Columns implements backend.Prepared.
func (p *prepared) Columns() []backend.Column {
	if p.bound == nil {
		return nil
	}
	return p.s.columnsOf(p.bound)
}

// columnsOf is what a statement will return; nil for none.
func (s *Session) columnsOf(b *bound) []backend.Column {
	if b.Kind == bind.KindQuery {
		return outputColumns(b.Output)
	}
	switch u := b.Utility.(type) {
	case *bind.ExplainStmt:
		return explainColumns(u)
	case *bind.ShowStmt:
		return s.showColumns(u)
	case *bind.FetchStmt:
		if c, ok := s.portals[u.Name]; ok && !u.Move {
			return c.columns
		}
	case *bind.ExecuteStmt:
		if p, ok := s.stmts[u.Name]; ok {
			return p.Columns()
		}
	}
	return nil
}

func outputColumns(out []bind.OutputColumn) []backend.Column {
	cols := make([]backend.Column, len(out))
	for i, o := range out {
		cols[i] = backend.Column{Name: o.Name, Type: o.Type, TableOID: o.TableOID, Attnum: o.Attnum}
	}
	return cols
}

// bind analyses a statement with the session as it is.
func (s *Session) bind(ctx context.Context, stmt *parser.Statement, declared []uint32) (*bound, error) {
	return s.bindProtocol(ctx, stmt, declared, false)
}

func (s *Session) bindProtocol(ctx context.Context, stmt *parser.Statement, declared []uint32, simple bool) (*bound, error) {
	snap := s.snapshot()
	env := s.bindEnv(snap)
	env.NoParams = simple
	b, err := s.e.binder.Bind(ctx, stmt, env, declared)
	if err != nil {
		return nil, err
	}
	return &bound{Bound: b, snap: snap, path: env.SearchPath}, nil
}

// fresh reports whether a bound statement still means what it did. Literals keep the meaning that DateStyle and TimeZone gave them
// when the statement was prepared, as PostgreSQL's do.
func (s *Session) fresh(b *bound) bool {
	return b.snap == s.snapshot() && slices.Equal(b.path, b.snap.SearchPath(s.settings.searchPath(), s.conn.User))
}

// current is the prepared statement's binding, made anew if it is stale. Another result type is 0A000, as in PostgreSQL.
func (p *prepared) current(ctx context.Context) (*bound, error) {
	if p.s.fresh(p.bound) {
		return p.bound, nil
	}
	declared := make([]uint32, len(p.bound.Params))
	for i, t := range p.bound.Params {
		declared[i] = t.OID
	}
	b, err := p.s.bind(ctx, p.stmt, declared)
	if err != nil {
		return nil, err
	}
	was, is := p.s.columnsOf(p.bound), p.s.columnsOf(b)
	same := len(was) == len(is)
	for i := range was {
		same = same && was[i].Name == is[i].Name && was[i].Type == is[i].Type
	}
	if !same {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cached plan must not change result type")
	}
	p.bound = b
	return b, nil
}

// Prepare implements backend.Session.
func (s *Session) Prepare(ctx context.Context, name string, st backend.Statement, paramOIDs []uint32) (backend.Prepared, error) {
	s.ctx = ctx
	p, err := s.prepare(ctx, name, st, paramOIDs)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return p, nil
}

func (s *Session) prepare(ctx context.Context, name string, st backend.Statement, paramOIDs []uint32) (*prepared, error) {
	p := &prepared{s: s, name: name, declared: slices.Clone(paramOIDs), at: s.e.clock()}
	if st != nil {
		p.stmt = st.(statement).Statement
	}
	if s.tx.block && s.tx.failed && !bind.IsTransactionExit(p.stmt) && p.stmt != nil {
		return nil, aborted()
	}
	s.touch()
	if name == "" {
		delete(s.stmts, "")
	} else if err := s.mayPrepare(name); err != nil {
		return nil, err
	}
	if p.stmt != nil {
		b, err := s.bind(ctx, p.stmt, p.declared)
		if err != nil {
			return nil, err
		}
		p.bound = b
	}
	s.stmts[name] = p
	return p, nil
}

// mayPrepare: names are used once, and their number is bounded.
func (s *Session) mayPrepare(name string) error {
	if _, dup := s.stmts[name]; dup {
		return pgerr.Newf(pgerr.DuplicatePreparedStatement, "prepared statement %q already exists", name)
	}
	if len(s.stmts) >= s.e.opts.Limits.Statements {
		return pgerr.Newf(pgerr.ConfigurationLimitExceeded, "a session can have at most %d prepared statements", s.e.opts.Limits.Statements).
			WithHint("Deallocate statements that are no longer needed.")
	}
	return nil
}

// Bind implements backend.Session.
func (s *Session) Bind(ctx context.Context, portalName, stmtName string, params []backend.Param, formats []int16) (backend.Portal, error) {
	s.ctx = ctx
	p, err := s.bindPortal(ctx, portalName, stmtName, params, formats)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return p, nil
}

func (s *Session) bindPortal(ctx context.Context, portalName, stmtName string, params []backend.Param, formats []int16) (*portal, error) {
	st, ok := s.stmts[stmtName]
	if !ok {
		return nil, noStatement(stmtName)
	}
	if st.stmt == nil {
		if s.tx.block && s.tx.failed {
			return nil, aborted()
		}
		s.touch()
		return s.register(portalName, &portal{s: s, kind: backend.Empty, tag: "", formats: formats})
	}
	if len(params) != len(st.bound.Params) {
		return nil, pgerr.Newf(pgerr.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d",
			len(params), stmtName, len(st.bound.Params))
	}
	if s.tx.block && s.tx.failed && !bind.IsTransactionExit(st.stmt) {
		return nil, aborted()
	}
	s.tx.stmt, s.asked = s.e.clock(), time.Now()
	s.touch()
	if s.query != st.stmt.Text() {
		s.query = st.stmt.Source()
		now := s.e.clock()
		s.status.set(func(x *status) { x.state, x.query, x.queryStart, x.since = "active", s.query, now, now })
	}
	b, err := st.current(ctx)
	if err != nil {
		return nil, err
	}
	s.asks(b)
	env := s.env(b.snap)
	vals := make([]sqltype.Value, len(params))
	for i, p := range params {
		if vals[i], err = readParam(p, b.Params[i], env); err != nil {
			return nil, badParam(err, i, p, portalName)
		}
	}
	st.runs++
	port, err := s.open(ctx, st.stmt, b, vals, formats)
	if err != nil {
		return nil, err
	}
	return s.register(portalName, port)
}

// badParam names the parameter, as PostgreSQL's context line does, which hides a text (log_parameter_max_length_on_error is 0).
func badParam(err error, i int, p backend.Param, portalName string) error {
	e := pgerr.As(err)
	if e == nil {
		return err
	}
	c := *e
	which := "unnamed portal"
	if portalName != "" {
		which = "portal \"" + portalName + "\""
	}
	c.Where = which + " parameter $" + itoa(i+1)
	switch {
	case p.Format == 1:
	case len(p.Data) == 0:
		c.Where += " = ''"
	default:
		c.Where += " = '...'"
	}
	if c.Code == pgerr.InvalidBinaryRepresentation && strings.HasSuffix(c.Message, " in bind parameter") { // the codec does not know which
		c.Message += " " + itoa(i+1)
	}
	return &c
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func readParam(p backend.Param, t sqltype.Type, env sqltype.Env) (sqltype.Value, error) {
	if p.Data == nil {
		return sqltype.NullValue(), nil
	}
	if p.Format == 1 {
		return sqltype.ParseBinary(t, p.Data, env)
	}
	return sqltype.ParseText(t, string(p.Data), env)
}

// register puts a portal under its name. The unnamed portal is replaced; another name must be new.
func (s *Session) register(name string, p *portal) (*portal, error) {
	p.name = name
	if name == "" {
		s.ClosePortal("")
	} else if _, dup := s.portals[name]; dup {
		return nil, pgerr.Newf(pgerr.DuplicateCursor, "cursor %q already exists", name)
	}
	p.created, p.level = s.tx.stmt, len(s.tx.savepoints)
	s.portals[name] = p
	return p, nil
}

// Simple implements backend.Session.
func (s *Session) Simple(ctx context.Context, st backend.Statement, implicit bool) (backend.Portal, error) {
	s.ctx = ctx
	stmt := st.(statement).Statement
	p, err := s.simple(ctx, stmt, implicit)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return p, nil
}

func (s *Session) simple(ctx context.Context, stmt *parser.Statement, implicit bool) (*portal, error) {
	if s.tx.block && s.tx.failed && !bind.IsTransactionExit(stmt) {
		return nil, aborted()
	}
	s.touch()
	s.tx.several = s.tx.several || implicit
	b, err := s.bindProtocol(ctx, stmt, nil, true)
	if err != nil {
		return nil, err
	}
	s.asks(b)
	if d, ok := b.Utility.(*bind.DiscardStmt); ok && d.What == "ALL" && implicit {
		return nil, pgerr.New(pgerr.ActiveSQLTransaction, "DISCARD ALL cannot run inside a transaction block")
	}
	return s.open(ctx, stmt, b, nil, nil)
}
