package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
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
		run(func() error {
			tag, err := s.transact(u)
			p.tag = tag
			return err
		})
	case *bind.SetStmt:
		run(func() error { return s.setStmt(u) })
	case *bind.SetTransactionStmt:
		run(func() error { return s.setTransaction(u) })
	case *bind.ResetStmt:
		run(func() error {
			if u.Name == "" || strings.EqualFold(u.Name, "all") {
				s.settings.resetAll()
				return nil
			}
			return s.settings.reset(u.Name, false)
		})
	case *bind.ShowStmt:
		p.kind, p.columns = backend.Rows, showColumns(u)
		data, err := s.show(u)
		if err != nil {
			return err
		}
		p.rows = newValueRows(p.columns, data)
	case *bind.DiscardStmt:
		run(func() error { return s.discard(u) })
	case *bind.PrepareStmt:
		run(func() error { return s.prepareStmt(ctx, u) })
	case *bind.ExecuteStmt:
		return s.execute(ctx, p, stmt, u)
	case *bind.DeallocateStmt:
		run(func() error { return s.deallocate(u) })
	case *bind.DeclareStmt:
		run(func() error { return s.declare(ctx, p, u, b, params) })
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
			s.channels[u.Channel] = true
			return nil
		})
	case *bind.UnlistenStmt:
		run(func() error {
			if u.Channel == "" {
				clear(s.channels)
			}
			delete(s.channels, u.Channel)
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

// setStmt is SET and SET LOCAL.
func (s *Session) setStmt(u *bind.SetStmt) error {
	if u.Local && !s.inBlock() {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET LOCAL can only be used in transaction blocks"))
	}
	name := strings.ToLower(u.Name)
	if u.Default {
		return s.settings.reset(name, u.Local)
	}
	value, err := s.setValue(name, u.Values)
	if err != nil {
		return err
	}
	switch name {
	case "role", "session_authorization":
		return s.setRole(name, value, u.Local)
	case "transaction_isolation", "transaction_read_only", "transaction_deferrable":
		return s.settings.set(name, value, true)
	case "seed":
		return nil
	}
	return s.settings.set(u.Name, value, u.Local)
}

// setValue joins the values of a list; only list parameters take several.
func (s *Session) setValue(name string, vals []bind.SetValue) (string, error) {
	switch name {
	case "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries", "local_preload_libraries":
		parts := make([]string, len(vals))
		for i, v := range vals {
			parts[i] = quoteIdent(v.Text)
		}
		return strings.Join(parts, ", "), nil
	case "datestyle":
		parts := make([]string, len(vals))
		for i, v := range vals {
			parts[i] = v.Text
		}
		return strings.Join(parts, ", "), nil
	case "timezone":
		if len(vals) == 1 && (vals[0].Number || vals[0].Interval) {
			return zoneFromOffset(vals[0])
		}
	}
	if len(vals) != 1 {
		display := name
		if g := gucs()[name]; g != nil {
			display = g.name
		}
		return "", pgerr.Newf(pgerr.InvalidParameterValue, "SET %s takes only one argument", display)
	}
	return vals[0].Text, nil
}

// zoneFromOffset is SET TIME ZONE with hours east of Greenwich, or an interval.
func zoneFromOffset(v bind.SetValue) (string, error) {
	if v.Interval {
		iv, err := sqltype.ParseText(sqltype.Of(sqltype.OIDInterval), v.Text, nil)
		if err != nil {
			return "", err
		}
		if iv.Iv.Months != 0 || iv.Iv.Days != 0 {
			return "", pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", "TimeZone", v.Text)
		}
		return posixZone(int(iv.Iv.Micros / 1e6)), nil
	}
	n, err := sqltype.ParseText(sqltype.Of(sqltype.OIDFloat8), v.Text, nil)
	if err != nil {
		return "", err
	}
	return posixZone(int(n.F * 3600)), nil
}

// posixZone writes an offset in seconds east of Greenwich as the POSIX zone that SHOW TIME ZONE prints: <+02>-02.
func posixZone(east int) string {
	sign, back := "+", "-"
	if east < 0 {
		sign, back, east = "-", "+", -east
	}
	text := fmt.Sprintf("%02d", east/3600)
	if rest := east % 3600; rest != 0 {
		text += fmt.Sprintf(":%02d", rest/60)
		if rest%60 != 0 {
			text += fmt.Sprintf(":%02d", rest%60)
		}
	}
	return "<" + sign + text + ">" + back + text
}

func (s *Session) setRole(name, value string, local bool) error {
	if value == "none" || value == "default" || value == s.conn.User {
		s.settings.put(name, value, local)
		return nil
	}
	if s.snapshot().RoleByName(value) == nil {
		return pgerr.Newf(pgerr.InvalidParameterValue, "role %q does not exist", value)
	}
	if name == "role" {
		return pgerr.Newf(pgerr.InsufficientPrivilege, "permission denied to set role %q", value)
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "permission denied to set session authorization")
}

func (s *Session) setTransaction(u *bind.SetTransactionStmt) error {
	if u.Session {
		for name, v := range map[string]string{"default_transaction_isolation": u.Modes.Isolation} {
			if v != "" {
				s.settings.put(name, strings.ToLower(v), false)
			}
		}
		if u.Modes.ReadOnly != nil {
			s.settings.put("default_transaction_read_only", onOff(*u.Modes.ReadOnly), false)
		}
		if u.Modes.Deferrable != nil {
			s.settings.put("default_transaction_deferrable", onOff(*u.Modes.Deferrable), false)
		}
		return nil
	}
	if !s.inBlock() {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET TRANSACTION can only be used in transaction blocks"))
	}
	return s.modes(u.Modes)
}

func showColumns(u *bind.ShowStmt) []backend.Column {
	text := sqltype.Of(sqltype.OIDText)
	if strings.EqualFold(u.Name, "all") {
		return []backend.Column{{Name: "name", Type: text}, {Name: "setting", Type: text}, {Name: "description", Type: text}}
	}
	name := strings.ToLower(u.Name)
	if g := gucs()[name]; g != nil {
		name = g.name
	} else {
		name = u.Name
	}
	return []backend.Column{{Name: name, Type: text}}
}

func (s *Session) show(u *bind.ShowStmt) ([][]sqltype.Value, error) {
	name := strings.ToLower(u.Name)
	if name == "all" {
		var names []string
		for n := range gucs() {
			names = append(names, n)
		}
		slices.Sort(names)
		var out [][]sqltype.Value
		for _, n := range names {
			g := gucs()[n]
			out = append(out, []sqltype.Value{sqltype.Text(g.name), sqltype.Text(s.shown(n)), sqltype.Text(g.short)})
		}
		return out, nil
	}
	if _, ok := s.settings.get(name); !ok {
		return nil, unrecognized(u.Name)
	}
	return [][]sqltype.Value{{sqltype.Text(s.shown(name))}}, nil
}

// shown is a value as SHOW prints it: with a unit.
func (s *Session) shown(name string) string {
	v := s.settings.value(name)
	g := gucs()[name]
	if g == nil || g.vartype != "integer" && g.vartype != "real" {
		return v
	}
	if n, err := g.number(v); err == nil {
		return n
	}
	return v
}

// discard is DISCARD.
func (s *Session) discard(u *bind.DiscardStmt) error {
	if u.What != "ALL" {
		return nil
	}
	if s.tx.block {
		return pgerr.New(pgerr.ActiveSQLTransaction, "DISCARD ALL cannot run inside a transaction block")
	}
	for name := range s.portals {
		s.ClosePortal(name)
	}
	clear(s.stmts)
	clear(s.channels)
	s.settings.resetAll()
	for _, n := range []string{"role", "session_authorization"} {
		delete(s.settings.session, n)
	}
	return nil
}

func (s *Session) prepareStmt(ctx context.Context, u *bind.PrepareStmt) error {
	if err := s.mayPrepare(u.Name); err != nil {
		return err
	}
	b, err := s.bind(ctx, u.Query, u.ParamOIDs)
	if err != nil {
		return err
	}
	s.stmts[u.Name] = &prepared{s: s, name: u.Name, stmt: u.Query, declared: u.ParamOIDs, bound: b, fromSQL: true, at: s.e.clock()}
	return nil
}

// execute is EXECUTE: the portal becomes that of the prepared statement.
func (s *Session) execute(ctx context.Context, p *portal, stmt *parser.Statement, u *bind.ExecuteStmt) error {
	if _, ok := s.stmts[u.Name]; !ok { // a utility statement fails when it runs
		p.command = func(context.Context, *portal) error { return noStatement(u.Name) }
		return nil
	}
	st, b, vals, err := s.executed(ctx, stmt, u)
	if err != nil {
		return err
	}
	if st.stmt == nil {
		p.kind, p.tag = backend.Empty, ""
		return nil
	}
	inner, err := s.open(ctx, st.stmt, b, vals, p.formats)
	if err != nil {
		return err
	}
	name, text, exit := p.name, p.text, p.exit
	*p = *inner
	p.name, p.text, p.exit = name, text, exit
	return nil
}

// executed finds the statement of an EXECUTE and evaluates the arguments.
func (s *Session) executed(ctx context.Context, stmt *parser.Statement, u *bind.ExecuteStmt) (*prepared, *bound, []sqltype.Value, error) {
	st, ok := s.stmts[u.Name]
	if !ok {
		return nil, nil, nil, noStatement(u.Name)
	}
	if st.stmt == nil {
		return st, nil, nil, nil
	}
	b, err := st.current(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	snap := s.snapshot()
	args, err := s.e.binder.BindExecute(ctx, stmt, s.bindEnv(snap), b.Params)
	if err != nil {
		return nil, nil, nil, err
	}
	vals := make([]sqltype.Value, len(args.Args))
	for i, a := range args.Args {
		if vals[i], err = eval.EvalConst(&eval.Ctx{Context: ctx, Env: s.env(snap)}, a); err != nil {
			return nil, nil, nil, err
		}
	}
	st.runs++
	return st, b, vals, nil
}

func (s *Session) deallocate(u *bind.DeallocateStmt) error {
	if u.Name == "" {
		clear(s.stmts)
		return nil
	}
	if _, ok := s.stmts[u.Name]; !ok {
		return noStatement(u.Name)
	}
	delete(s.stmts, u.Name)
	return nil
}

// declare is DECLARE CURSOR.
func (s *Session) declare(ctx context.Context, _ *portal, u *bind.DeclareStmt, b *bound, params []sqltype.Value) error {
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
	c := &portal{
		s: s, name: u.Name, text: s.query, kind: backend.Rows, columns: outputColumns(b.Output), tag: "SELECT", counts: true, rows: q, query: q,
		created: s.tx.stmt, hold: u.Hold, scroll: u.Scroll, binary: u.Binary, declared: true,
		cursor: &cursor{rows: q, keep: u.Scroll || u.Hold, budget: vector.NewBudget(s.e.memory, "cursor", s.queryMemory())},
	}
	if u.Binary {
		c.formats = allBinary(len(c.columns))
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
	if c.cursor == nil {
		c.cursor = &cursor{rows: c.rows, budget: vector.NewBudget(s.e.memory, "cursor", s.queryMemory())}
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

// fetchRows gives the rows of a FETCH. A forward one streams; others are few and are collected.
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
