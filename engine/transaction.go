package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/wire/backend"
)

// transaction is the bookkeeping of BEGIN, COMMIT and SAVEPOINT. Nothing is written, so what a transaction undoes is
// settings, and what it ends is portals.
type transaction struct {
	block      bool // inside BEGIN … COMMIT
	failed     bool
	implicit   bool // a statement ran outside a block since the last Sync
	several    bool // it is one of several of a simple query, which are an implicit block
	began      time.Time
	stmt       time.Time // start of the statement that runs
	id         uint64
	savepoints []string
	queried    bool // a query has run: the modes are fixed
	listening  []listening
}

// listening is a LISTEN or UNLISTEN, which takes effect when its transaction commits. level is the number of savepoints.
type listening struct {
	level int
	apply func(on map[string]bool)
}

func (s *Session) listen(apply func(on map[string]bool)) {
	s.tx.listening = append(s.tx.listening, listening{len(s.tx.savepoints), apply})
}

func (t *transaction) status() backend.TxStatus {
	switch {
	case t.block && t.failed:
		return backend.InFailed
	case t.block:
		return backend.InBlock
	}
	return backend.Idle
}

// touch begins the implicit transaction of a statement, if there is none.
func (s *Session) touch() {
	if !s.tx.block && !s.tx.implicit {
		s.tx.implicit = true
		s.start(s.tx.stmt)
	}
}

// asks notes that a statement takes a snapshot in PostgreSQL, after which a transaction's modes are fixed
// (PlannedStmtRequiresSnapshot).
func (s *Session) asks(b *bound) {
	switch b.Utility.(type) {
	case *bind.TransactionStmt, *bind.LockStmt, *bind.SetStmt, *bind.SetTransactionStmt, *bind.ResetStmt, *bind.ShowStmt, *bind.ConstraintsStmt,
		*bind.FetchStmt, *bind.ListenStmt, *bind.UnlistenStmt:
	default:
		s.tx.queried = true
	}
}

func (s *Session) start(now time.Time) {
	s.tx.began, s.tx.failed, s.tx.savepoints, s.tx.queried = now, false, nil, false
	s.tx.id++
	s.settings.save()
	for _, name := range transactionModes() {
		s.settings.put(name, s.settings.value("default_"+name), true)
	}
}

// Fail implements backend.Session. Statements that failed before they ran, in Parse or Bind, have no other line in the log.
func (s *Session) Fail(e *pgerr.Error) {
	if !s.logged {
		s.logFinished(backend.Finished{Err: e})
	}
	s.logged = false
	s.abort()
}

// abort fails the transaction. What it, or its innermost savepoint, has set is undone at once.
func (s *Session) abort() {
	if s.tx.block && !s.tx.failed {
		s.settings.rollback(len(s.settings.saved)-1, true)
		// Their names stay until the end, but nobody will read them: their requests end now.
		for _, p := range s.portals {
			if p.heldSince == nil && p.level >= len(s.tx.savepoints) {
				_ = p.Close()
			}
		}
	}
	s.tx.failed = true
}

// Sync implements backend.Session.
func (s *Session) Sync(context.Context) (backend.TxStatus, []backend.ParameterStatus) {
	if !s.tx.block {
		if s.tx.implicit || s.tx.failed {
			s.end(!s.tx.failed)
		}
	}
	s.settle()
	var out []backend.ParameterStatus
	for _, c := range s.settings.changed() {
		out = append(out, backend.ParameterStatus{Name: c[0], Value: c[1]})
	}
	return s.tx.status(), out
}

// end ends the transaction and its portals; cursors WITH HOLD stay after a commit.
func (s *Session) end(commit bool) {
	for name, p := range s.portals {
		if p.hold && commit {
			p.level = 0
			if p.heldSince == nil {
				if err := p.materialize(p.query.ctx); err != nil {
					s.notice(pgerr.Warning(pgerr.WarningCode, "cursor %q was closed: %s", name, err))
					s.ClosePortal(name)
				}
			}
			continue
		}
		if p.hold && p.heldSince != nil { // made by an earlier transaction
			continue
		}
		s.ClosePortal(name)
	}
	if commit {
		for _, l := range s.tx.listening {
			l.apply(s.channels)
		}
		s.settings.commit()
	} else {
		s.settings.rollback(0, false)
		s.settings.saved = nil
		clear(s.settings.local)
	}
	s.tx.listening = nil
	s.tx.block, s.tx.failed, s.tx.implicit, s.tx.several, s.tx.savepoints, s.tx.began = false, false, false, false, nil, time.Time{}
}

// hold reads what cursors WITH HOLD have left, which can fail, before their transaction commits.
func (s *Session) hold(ctx context.Context) error {
	for _, p := range s.portals {
		if p.hold && p.heldSince == nil {
			if err := p.materialize(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// aborted is 25P02.
func aborted() *pgerr.Error {
	return pgerr.New(pgerr.InFailedSQLTransaction, "current transaction is aborted, commands ignored until end of transaction block")
}

// begin is BEGIN and START TRANSACTION.
func (s *Session) begin(t *bind.TransactionStmt) error {
	if s.tx.block {
		s.notice(pgerr.Warning(pgerr.ActiveSQLTransaction, "there is already a transaction in progress"))
	} else {
		s.tx.block = true
		s.tx.implicit = false
	}
	return eachMode(t.Modes, s.setMode)
}

// transactionModes are the parameters of a transaction; default_ and the name is that of the next one.
func transactionModes() []string {
	return []string{"transaction_isolation", "transaction_read_only", "transaction_deferrable"}
}

// eachMode gives the modes that are named, as parameters.
func eachMode(m bind.TransactionModes, set func(name, value string) error) error {
	if m.Isolation != "" {
		if err := set("transaction_isolation", strings.ToLower(m.Isolation)); err != nil {
			return err
		}
	}
	if m.ReadOnly != nil {
		if err := set("transaction_read_only", onOff(*m.ReadOnly)); err != nil {
			return err
		}
	}
	if m.Deferrable != nil {
		return set("transaction_deferrable", onOff(*m.Deferrable))
	}
	return nil
}

// setMode changes a mode of the running transaction (check_XactIsoLevel, check_XactReadOnly, check_transaction_deferrable).
func (s *Session) setMode(name, value string) error {
	v, err := s.settings.check(name, value, false)
	if err != nil {
		return err
	}
	key := strings.ToLower(name)
	now, sub := s.settings.value(key), len(s.tx.savepoints) > 0
	wrong := func(message string) error { return pgerr.New(pgerr.ActiveSQLTransaction, message) }
	switch {
	case key == "transaction_isolation" && v != now && s.tx.queried:
		return wrong("SET TRANSACTION ISOLATION LEVEL must be called before any query")
	case key == "transaction_isolation" && v != now && sub:
		return wrong("SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction")
	case key == "transaction_read_only" && v == "off" && now == "on" && sub:
		return wrong("cannot set transaction read-write mode inside a read-only transaction")
	case key == "transaction_read_only" && v == "off" && now == "on" && s.tx.queried:
		return wrong("transaction read-write mode must be set before any query")
	case key == "transaction_deferrable" && sub:
		return wrong("SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction")
	case key == "transaction_deferrable" && s.tx.queried:
		return wrong("SET TRANSACTION [NOT] DEFERRABLE must be called before any query")
	}
	s.settings.put(key, v, true)
	return nil
}

// transact runs a transaction statement and returns its tag.
func (s *Session) transact(ctx context.Context, t *bind.TransactionStmt, tag string) (string, error) {
	switch t.Kind {
	case bind.TxBegin:
		return tag, s.begin(t)
	case bind.TxCommit:
		return s.commit(ctx, t)
	case bind.TxRollback:
		if !s.tx.block && !t.Chain {
			s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "there is no transaction in progress"))
		}
		return "ROLLBACK", s.finish(t, false)
	case bind.TxSavepoint:
		if err := s.needBlock("SAVEPOINT"); err != nil {
			return "", err
		}
		s.tx.savepoints = append(s.tx.savepoints, t.Savepoint)
		s.settings.save()
		return "SAVEPOINT", nil
	case bind.TxRelease:
		if err := s.needBlock("RELEASE SAVEPOINT"); err != nil {
			return "", err
		}
		i, err := s.savepoint(t.Savepoint)
		if err != nil {
			return "", err
		}
		s.tx.savepoints = s.tx.savepoints[:i]
		for _, p := range s.portals {
			p.level = min(p.level, i)
		}
		for k := range s.tx.listening {
			s.tx.listening[k].level = min(s.tx.listening[k].level, i)
		}
		s.settings.saved = s.settings.saved[:i+1]
		return "RELEASE", nil
	default:
		if err := s.needBlock("ROLLBACK TO SAVEPOINT"); err != nil {
			return "", err
		}
		i, err := s.savepoint(t.Savepoint)
		if err != nil {
			return "", err
		}
		s.tx.savepoints = s.tx.savepoints[:i+1]
		for name, p := range s.portals {
			if p.level > i {
				s.ClosePortal(name)
			}
		}
		s.tx.listening = slices.DeleteFunc(s.tx.listening, func(l listening) bool { return l.level > i })
		s.settings.rollback(i+1, true)
		s.tx.failed = false
		return "ROLLBACK", nil
	}
}

func (s *Session) commit(ctx context.Context, t *bind.TransactionStmt) (string, error) {
	if !s.tx.block && !t.Chain {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "there is no transaction in progress"))
	}
	if s.tx.failed {
		return "ROLLBACK", s.finish(t, false)
	}
	if err := s.hold(ctx); err != nil {
		s.end(false)
		return "", err
	}
	return "COMMIT", s.finish(t, true)
}

// finish ends a block, and with AND CHAIN begins the next one with the same modes.
func (s *Session) finish(t *bind.TransactionStmt, commit bool) error {
	if t.Chain && !s.tx.block {
		what := "ROLLBACK"
		if commit {
			what = "COMMIT"
		}
		return pgerr.Newf(pgerr.NoActiveSQLTransaction, "%s AND CHAIN can only be used in transaction blocks", what)
	}
	modes := [][2]string{}
	for _, n := range transactionModes() {
		modes = append(modes, [2]string{n, s.settings.value(n)})
	}
	s.end(commit)
	if !t.Chain {
		return nil
	}
	s.start(s.e.clock())
	s.tx.block = true
	for _, m := range modes {
		s.settings.put(m[0], m[1], true)
	}
	return nil
}

// inBlock reports a block, or the implicit one of a query string with several statements.
func (s *Session) inBlock() bool { return s.tx.block || s.tx.several }

func (s *Session) needBlock(what string) error {
	if s.tx.block {
		return nil
	}
	return pgerr.Newf(pgerr.NoActiveSQLTransaction, "%s can only be used in transaction blocks", what)
}

// savepoint finds the innermost savepoint of a name.
func (s *Session) savepoint(name string) (int, error) {
	for i := len(s.tx.savepoints) - 1; i >= 0; i-- {
		if s.tx.savepoints[i] == name {
			return i, nil
		}
	}
	return 0, pgerr.Newf(pgerr.InvalidSavepointSpecification, "savepoint %q does not exist", name)
}
