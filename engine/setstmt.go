package engine

import (
	"slices"
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/wire/backend"
)

// setStmt is SET and SET LOCAL.
func (s *Session) setStmt(u *bind.SetStmt) error {
	if u.Local && !s.inBlock() {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET LOCAL can only be used in transaction blocks"))
	}
	if u.Default {
		return s.resetParameter(u.Name, u.Local)
	}
	value, err := s.setValue(u.Name, u.Values)
	if err != nil {
		return err
	}
	return s.setParameter(u.Name, value, u.Local)
}

// setParameter is what SET and set_config do to a parameter.
func (s *Session) setParameter(name, value string, local bool) error {
	switch key := strings.ToLower(name); key {
	case "role", "session_authorization":
		return s.setRole(key, value, local)
	case "transaction_isolation", "transaction_read_only", "transaction_deferrable":
		return s.setMode(name, value)
	case "seed":
		v, err := s.settings.check(name, value, false)
		if err != nil {
			return err
		}
		f, _, _ := parseCFloat(v)
		s.random = seededRandom(f)
		return nil
	}
	return s.settings.set(name, value, local)
}

// setValue joins the values of a list; only list parameters take several (flatten_set_variable_args).
func (s *Session) setValue(name string, vals []bind.SetValue) (string, error) {
	list, quoted := takesList(strings.ToLower(name))
	if len(vals) != 1 && !list {
		return "", pgerr.Newf(pgerr.InvalidParameterValue, "SET %s takes only one argument", name)
	}
	parts := make([]string, len(vals))
	for i, v := range vals {
		switch {
		case v.Interval:
			parts[i] = "INTERVAL '" + v.Text + "'"
		case quoted && !v.Number:
			parts[i] = catalog.QuoteIdent(v.Text)
		default:
			parts[i] = v.Text
		}
	}
	return strings.Join(parts, ", "), nil
}

// setRole is SET ROLE and SET SESSION AUTHORIZATION: nobody may become somebody else.
func (s *Session) setRole(name, value string, local bool) error {
	if err := s.mayBecome(name, value); err != nil {
		return err
	}
	s.settings.put(name, value, local)
	if name == "session_authorization" {
		s.settings.put("role", "none", local)
	}
	return nil
}

// mayBecome checks a value of role or session_authorization.
func (s *Session) mayBecome(name, value string) error {
	if name == "role" && value == "none" || value == s.conn.User {
		return nil
	}
	if s.snapshot().RoleByName(value) == nil {
		return pgerr.Newf(pgerr.InvalidParameterValue, "role %q does not exist", value)
	}
	if name == "role" {
		return pgerr.Newf(pgerr.InsufficientPrivilege, "permission denied to set role %q", value)
	}
	return pgerr.Newf(pgerr.InsufficientPrivilege, "permission denied to set session authorization %q", value)
}

func (s *Session) setTransaction(u *bind.SetTransactionStmt) error {
	if u.Session {
		return eachMode(u.Modes, func(name, value string) error { return s.settings.set("default_"+name, value, false) })
	}
	if !s.inBlock() {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET TRANSACTION can only be used in transaction blocks"))
	}
	return eachMode(u.Modes, s.setMode)
}

func (s *Session) resetStmt(u *bind.ResetStmt) error {
	if u.Name == "" || strings.EqualFold(u.Name, "all") {
		s.settings.resetAll()
		return nil
	}
	if slices.Contains(transactionModes(), strings.ToLower(u.Name)) && !s.inBlock() {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "RESET TRANSACTION can only be used in transaction blocks"))
	}
	return s.resetParameter(u.Name, false)
}

// resetParameter is RESET and SET … TO DEFAULT.
func (s *Session) resetParameter(name string, local bool) error {
	switch strings.ToLower(name) {
	case "transaction_isolation", "transaction_read_only", "transaction_deferrable":
		return s.setMode(name, s.settings.resetValue(strings.ToLower(name)))
	case "session_authorization":
		s.settings.put("role", "none", local)
	}
	return s.settings.reset(name, local)
}

func (s *Session) showColumns(u *bind.ShowStmt) []backend.Column {
	text := sqltype.Of(sqltype.OIDText)
	if strings.EqualFold(u.Name, "all") {
		return []backend.Column{{Name: "name", Type: text}, {Name: "setting", Type: text}, {Name: "description", Type: text}}
	}
	return []backend.Column{{Name: s.settings.name(u.Name), Type: text}}
}

func (s *Session) show(u *bind.ShowStmt) ([][]sqltype.Value, error) {
	name := strings.ToLower(u.Name)
	if name == "all" {
		return s.showAll(), nil
	}
	v, ok := s.settings.shown(name)
	if !ok {
		return nil, unrecognized(u.Name)
	}
	if !s.mayExamine(name) {
		return nil, notExamined(s.settings.name(name))
	}
	return [][]sqltype.Value{{sqltype.Text(v)}}, nil
}

func (s *Session) showAll() [][]sqltype.Value {
	names := make([]string, 0, len(gucs()))
	for n, g := range gucs() {
		if !g.hidden && s.mayExamine(n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	out := make([][]sqltype.Value, len(names))
	for i, n := range names {
		v, _ := s.settings.shown(n)
		out[i] = []sqltype.Value{sqltype.Text(gucs()[n].name), sqltype.Text(v), sqltype.Text(gucs()[n].short)}
	}
	return out
}

// mayExamine: some parameters are for superusers and members of pg_read_all_settings (GUC_SUPERUSER_ONLY).
func (s *Session) mayExamine(key string) bool {
	return !system.SuperuserOnly(key) || s.env(nil).memberOf("pg_read_all_settings")
}

func notExamined(name string) error {
	return pgerr.Newf(pgerr.InsufficientPrivilege, "must be superuser or have privileges of pg_read_all_settings to examine %q", name)
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
	s.tx.listening = nil
	s.settings.resetAll()
	for _, n := range []string{"role", "session_authorization"} {
		delete(s.settings.session, n)
	}
	return nil
}
