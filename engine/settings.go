package engine

import (
	"maps"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// settings are a session's run-time parameters. What is set in a transaction is undone by its rollback; SET LOCAL ends with
// the transaction.
type settings struct {
	base    map[string]string // reset values: the server's defaults, then what the startup packet set
	client  map[string]bool   // names that the startup packet set
	session map[string]string
	local   map[string]string
	saved   []savedSettings // of the transaction and its savepoints
	told    map[string]string

	loc  *time.Location // of TimeZone, kept because every value that is printed needs it
	zone string
}

type savedSettings struct{ session, local map[string]string }

func newSettings(defaults map[string]string) *settings {
	return &settings{
		base: maps.Clone(defaults), client: map[string]bool{}, session: map[string]string{}, local: map[string]string{}, told: map[string]string{},
	}
}

// get returns a parameter by its lower-case name.
func (s *settings) get(name string) (string, bool) {
	for _, m := range []map[string]string{s.local, s.session, s.base} {
		if v, ok := m[name]; ok {
			return v, true
		}
	}
	if g := gucs()[name]; g != nil {
		return g.boot, true
	}
	return "", false
}

func (s *settings) value(name string) string {
	v, _ := s.get(name)
	return v
}

// check finds the definition and normalizes the value. A name with a dot needs no definition.
func (s *settings) check(name, value string) (string, error) {
	key := strings.ToLower(name)
	g := gucs()[key]
	if g == nil {
		if strings.Contains(name, ".") {
			return value, nil
		}
		return "", unrecognized(name)
	}
	switch g.context {
	case "internal":
		return "", pgerr.Newf(pgerr.CantChangeRuntimeParam, "parameter %q cannot be changed", g.name)
	case "postmaster":
		return "", pgerr.Newf(pgerr.CantChangeRuntimeParam, "parameter %q cannot be changed without restarting the server", g.name)
	case "sighup":
		return "", pgerr.Newf(pgerr.CantChangeRuntimeParam, "parameter %q cannot be changed now", g.name)
	case "superuser", "superuser-backend":
		return "", pgerr.Newf(pgerr.InsufficientPrivilege, "permission denied to set parameter %q", g.name)
	}
	v, err := g.normalize(value)
	if err != nil {
		return "", err
	}
	if key == "datestyle" {
		v = s.completeDateStyle(v)
	}
	if key == "standard_conforming_strings" && v != "on" {
		return "", pgerr.Unsupported("Write strings with escapes as E'…'.", "standard_conforming_strings = off is not supported")
	}
	return v, nil
}

// completeDateStyle fills the part that SET left out from the present value.
func (s *settings) completeDateStyle(v string) string {
	style, order, _ := strings.Cut(v, ", ")
	nowStyle, nowOrder, _ := strings.Cut(s.value("datestyle"), ", ")
	if style == "" {
		style = nowStyle
	}
	if order == "" {
		order = nowOrder
	}
	return style + ", " + order
}

// set changes a parameter after check.
func (s *settings) set(name, value string, local bool) error {
	v, err := s.check(name, value)
	if err != nil {
		return err
	}
	s.put(strings.ToLower(name), v, local)
	return nil
}

func (s *settings) put(key, v string, local bool) {
	if local {
		s.local[key] = v
		return
	}
	s.session[key] = v
	delete(s.local, key)
}

// reset goes back to the session's initial value.
func (s *settings) reset(name string, local bool) error {
	key := strings.ToLower(name)
	if gucs()[key] == nil && !strings.Contains(key, ".") {
		return unrecognized(name)
	}
	if g := gucs()[key]; g != nil && (g.context == "internal" || g.context == "postmaster" || g.context == "sighup") {
		_, err := s.check(name, "")
		return err
	}
	if local {
		v, ok := s.base[key]
		if !ok && gucs()[key] != nil {
			v = gucs()[key].boot
		}
		s.local[key] = v
		return nil
	}
	delete(s.session, key)
	delete(s.local, key)
	return nil
}

// resetAll is RESET ALL: what a transaction fixes stays.
func (s *settings) resetAll() {
	for _, m := range []map[string]string{s.session, s.local} {
		for k := range m {
			switch k {
			case "transaction_isolation", "transaction_read_only", "transaction_deferrable", "role", "session_authorization":
				continue
			}
			delete(m, k)
		}
	}
}

// save remembers the values for a rollback; a savepoint saves once more.
func (s *settings) save() {
	s.saved = append(s.saved, savedSettings{session: maps.Clone(s.session), local: maps.Clone(s.local)})
}

// rollback goes back to the n-th save (0: the transaction's) and forgets the later ones; the n-th itself stays if keep is set.
func (s *settings) rollback(n int, keep bool) {
	if n >= len(s.saved) {
		return
	}
	at := s.saved[n]
	s.session, s.local = maps.Clone(at.session), maps.Clone(at.local)
	if keep {
		n++
	}
	s.saved = s.saved[:n]
}

// commit ends the transaction.
func (s *settings) commit() {
	s.saved = nil
	clear(s.local)
}

// changed lists the reported parameters whose value the client has not been told.
func (s *settings) changed() [][2]string {
	var out [][2]string
	for _, name := range reported() {
		v := s.value(strings.ToLower(name))
		if told, ok := s.told[name]; !ok || told != v {
			s.told[name] = v
			out = append(out, [2]string{name, v})
		}
	}
	return out
}

// location is TimeZone.
func (s *settings) location() *time.Location {
	zone := s.value("timezone")
	if s.loc == nil || s.zone != zone {
		loc, err := sqltype.LoadLocation(zone)
		if err != nil {
			loc = time.UTC
		}
		s.loc, s.zone = loc, zone
	}
	return s.loc
}

// millis reads a parameter with unit ms as a number.
func (s *settings) millis(name string) int64 {
	g := gucs()[name]
	text := s.value(name)
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n := int64(0)
	for _, c := range text[:end] {
		n = n*10 + int64(c-'0')
	}
	if factor, ok := units()[g.unit][text[end:]]; ok {
		return int64(float64(n) * factor)
	}
	return n
}

// searchPath splits the setting search_path into names.
func (s *settings) searchPath() []string { return splitIdentifiers(s.value("search_path")) }

// splitIdentifiers is SplitIdentifierString: comma-separated names, folded unless quoted.
func splitIdentifiers(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == ',' || c == '\t' || c == '\n':
			i++
		case c == '"':
			var b strings.Builder
			for i++; i < len(text); i++ {
				if text[i] == '"' {
					if i+1 < len(text) && text[i+1] == '"' {
						i++
					} else {
						break
					}
				}
				b.WriteByte(text[i])
			}
			i++
			if b.Len() > 0 {
				out = append(out, b.String())
			}
		default:
			start := i
			for i < len(text) && text[i] != ',' {
				i++
			}
			out = append(out, strings.ToLower(strings.TrimSpace(text[start:i])))
		}
	}
	return out
}
