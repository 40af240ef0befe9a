package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
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
	custom  map[string]string // spelling of the names that PostgreSQL does not have

	loc  *time.Location // of TimeZone, kept because every value that is printed needs it
	zone string
}

type savedSettings struct{ session, local map[string]string }

func newSettings(defaults map[string]string) *settings {
	return &settings{
		base: maps.Clone(defaults), client: map[string]bool{}, session: map[string]string{}, local: map[string]string{}, told: map[string]string{},
		custom: map[string]string{},
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
func (s *settings) check(name, value string, atStart bool) (string, error) {
	g := gucs()[strings.ToLower(name)]
	if g == nil {
		return value, customName(name)
	}
	if err := g.mayChange(name, atStart); err != nil {
		return "", err
	}
	return g.normalize(s, name, value)
}

// start sets a parameter of the startup packet, to which RESET then goes back.
func (s *settings) start(name, value string) error {
	v, err := s.check(name, value, true)
	if err != nil {
		return err
	}
	key := strings.ToLower(name)
	s.base[key] = v
	s.client[key] = true
	s.spell(name)
	return nil
}

// set changes a parameter after check.
func (s *settings) set(name, value string, local bool) error {
	v, err := s.check(name, value, false)
	if err != nil {
		return err
	}
	s.put(strings.ToLower(name), v, local)
	s.spell(name)
	return nil
}

// spell remembers a parameter that PostgreSQL does not have: once set it stays, empty, when the value is undone.
func (s *settings) spell(name string) {
	key := strings.ToLower(name)
	if gucs()[key] != nil {
		return
	}
	if _, ok := s.custom[key]; !ok {
		s.custom[key] = name
	}
	if _, ok := s.base[key]; !ok {
		s.base[key] = ""
	}
}

// name is the canonical spelling of a parameter.
func (s *settings) name(name string) string {
	key := strings.ToLower(name)
	if g := gucs()[key]; g != nil {
		return g.name
	}
	if n, ok := s.custom[key]; ok {
		return n
	}
	return name
}

// shown is a value as SHOW prints it: numbers with a unit.
func (s *settings) shown(key string) (string, bool) {
	v, ok := s.get(key)
	if g := gucs()[key]; ok && g != nil {
		v = g.show(v)
	}
	return v, ok
}

// resetValue is what RESET goes back to.
func (s *settings) resetValue(key string) string {
	if v, ok := s.base[key]; ok {
		return v
	}
	if g := gucs()[key]; g != nil {
		return g.boot
	}
	return ""
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
	g := gucs()[key]
	if g == nil {
		if err := customName(name); err != nil {
			return err
		}
		s.spell(name)
	} else if err := g.mayChange(name, false); err != nil {
		return err
	}
	if local {
		s.local[key] = s.resetValue(key)
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
			if !staysOnResetAll(k) {
				delete(m, k)
			}
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
		v, _ := s.shown(strings.ToLower(name))
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
		loc, err := loadZone(zone)
		if err != nil {
			loc = time.UTC
		}
		s.loc, s.zone = loc, zone
	}
	return s.loc
}

// millis reads a parameter with unit ms as a number.
func (s *settings) millis(name string) int64 {
	n, err := strconv.ParseInt(s.value(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// searchPath splits the setting search_path into names.
func (s *settings) searchPath() []string {
	names, _ := splitIdentifiers(s.value("search_path"))
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// splitIdentifiers is SplitIdentifierString: comma-separated names, folded unless quoted. Only the whole may be empty.
func splitIdentifiers(text string) (names []string, ok bool) {
	const blanks = " \t\n\r\v\f"
	rest := strings.TrimLeft(text, blanks)
	if rest == "" {
		return nil, true
	}
	for {
		name := ""
		if rest != "" && rest[0] == '"' {
			var b strings.Builder
			for {
				quoted, after, closed := strings.Cut(rest[1:], `"`)
				if !closed {
					return nil, false
				}
				b.WriteString(quoted)
				if rest = after; rest == "" || rest[0] != '"' {
					break
				}
				b.WriteByte('"')
			}
			name = b.String()
		} else {
			end := strings.IndexAny(rest, ","+blanks)
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, false
			}
			name, rest = strings.ToLower(rest[:end]), rest[end:]
		}
		names = append(names, name)
		rest = strings.TrimLeft(rest, blanks)
		if rest == "" {
			return names, true
		}
		if rest[0] != ',' {
			return nil, false
		}
		rest = strings.TrimLeft(rest[1:], blanks)
	}
}
