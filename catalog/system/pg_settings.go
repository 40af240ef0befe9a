package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// superuserSettings are the settings that only superusers and members of pg_read_all_settings see (GUC_SUPERUSER_ONLY).
func superuserSettings() map[string]bool {
	return map[string]bool{
		"config_file": true, "data_directory": true, "dynamic_library_path": true, "extension_destdir": true,
		"external_pid_file": true, "hba_file": true, "ident_file": true, "jit_provider": true, "krb_server_keyfile": true,
		"log_directory": true, "log_filename": true, "primary_conninfo": true, "session_preload_libraries": true,
		"shared_preload_libraries": true, "ssl_ciphers": true, "ssl_dh_params_file": true, "ssl_ecdh_curve": true,
		"ssl_max_protocol_version": true, "ssl_min_protocol_version": true, "ssl_passphrase_command": true,
		"unix_socket_directories": true,
	}
}

// SuperuserOnly reports, by its lower-case name, a setting that only superusers and members of pg_read_all_settings see.
func SuperuserOnly(name string) bool { return superuserSettings()[name] }

// setting is a row of pg_settings: PostgreSQL's definition, the session's state, or both.
type setting struct {
	cells []builtin.Field
	state *Setting
}

func pgSettings() objects[setting] {
	d := func() *dump { return dumpOf("pg_settings") }
	name := func(s setting) string {
		if s.cells == nil {
			return s.state.Name
		}
		return d().text(s.cells, "name")
	}
	all := func(c *call, yield func(setting) error) error {
		states := make(map[string]*Setting)
		list := c.live.Settings()
		for i := range list {
			states[list[i].Name] = &list[i]
		}
		privileged := c.role.Superuser || c.snap.Member(c.role, c.snap.RoleByOID(catalog.RoleReadSettings))
		hidden := superuserSettings()
		for _, cells := range d().rows {
			name := d().text(cells, "name")
			state := states[name]
			delete(states, name)
			if hidden[name] && !privileged {
				continue
			}
			if err := yield(setting{cells, state}); err != nil {
				return err
			}
		}
		for i := range list {
			if states[list[i].Name] == nil {
				continue
			}
			if err := yield(setting{nil, &list[i]}); err != nil {
				return err
			}
		}
		return nil
	}
	// of computes a column from the session's state, else from the dump.
	of := func(column string, state func(*Setting) sqltype.Value) func(*call, setting) sqltype.Value {
		return func(_ *call, s setting) sqltype.Value {
			if s.state != nil && state != nil {
				return state(s.state)
			}
			if s.cells == nil {
				return own(column, s.state)
			}
			f := d().field(s.cells, column)
			if f.Null {
				return null()
			}
			return text(f.Text)
		}
	}
	cols := map[string]func(*call, setting) sqltype.Value{
		"name":      func(_ *call, s setting) sqltype.Value { return text(name(s)) },
		"setting":   of("setting", func(s *Setting) sqltype.Value { return text(s.Value) }),
		"source":    of("source", func(s *Setting) sqltype.Value { return text(s.Source) }),
		"reset_val": of("reset_val", func(s *Setting) sqltype.Value { return text(s.ResetValue) }),
		// Files are the server's own affair.
		"sourcefile": nullOf[setting],
		"sourceline": nullOf[setting],
		"enumvals": func(_ *call, s setting) sqltype.Value {
			if s.cells == nil || d().field(s.cells, "enumvals").Null {
				return null()
			}
			v, err := decode(sqltype.Of(sqltype.OIDTextArray), d().text(s.cells, "enumvals"))
			if err != nil {
				return null()
			}
			return v
		},
		"pending_restart": func(*call, setting) sqltype.Value { return boolean(false) },
	}
	for _, column := range []string{
		"unit", "category", "short_desc", "extra_desc", "context", "vartype", "min_val", "max_val", "boot_val",
	} {
		cols[column] = of(column, nil)
	}
	return objects[setting]{
		all: all,
		by: map[string]func(*call, sqltype.Value, func(setting) error) error{
			"name": func(c *call, v sqltype.Value, yield func(setting) error) error {
				return all(c, func(s setting) error {
					if name(s) != v.S {
						return nil
					}
					return yield(s)
				})
			},
		},
		cols: cols,
	}
}

// own describes a setting that PostgreSQL does not have as it describes a custom one.
func own(column string, s *Setting) sqltype.Value {
	switch column {
	case "category":
		return text("Customized Options")
	case "short_desc":
		return textOrNull(s.ShortDesc)
	case "context":
		return text("user")
	case "vartype":
		return text("string")
	}
	return null()
}
