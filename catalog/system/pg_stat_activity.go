package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// seesSession says who may see more of a session than that it exists: its own user, and members of pg_read_all_stats (and
// so of pg_monitor).
func seesSession(c *call, user string) bool {
	return c.role.Name == user || c.role.Superuser || c.snap.Member(c.role, c.snap.RoleByOID(catalog.RoleReadAllStats))
}

func sessions(cols map[string]func(*call, Activity) sqltype.Value) objects[Activity] {
	return objects[Activity]{
		all:  func(c *call, yield func(Activity) error) error { return each(c.live.Activity(), yield) },
		cols: cols,
	}
}

// seen computes a column that is null to those who may not see the session.
func seen(f func(a Activity) sqltype.Value) func(*call, Activity) sqltype.Value {
	return func(c *call, a Activity) sqltype.Value {
		if !seesSession(c, a.User) {
			return null()
		}
		return f(a)
	}
}

func sessionPID(_ *call, a Activity) sqltype.Value { return number(a.PID) }

func pgStatActivity() objects[Activity] {
	return sessions(map[string]func(*call, Activity) sqltype.Value{
		"datid":      func(c *call, _ Activity) sqltype.Value { return oid(c.snap.DatabaseOID) },
		"datname":    func(c *call, _ Activity) sqltype.Value { return text(c.snap.Database) },
		"pid":        sessionPID,
		"leader_pid": nullOf[Activity],
		"usesysid": func(c *call, a Activity) sqltype.Value {
			if r := c.snap.RoleByName(a.User); r != nil {
				return oid(r.OID)
			}
			return null()
		},
		"usename":          func(_ *call, a Activity) sqltype.Value { return text(a.User) },
		"application_name": func(_ *call, a Activity) sqltype.Value { return text(a.ApplicationName) },
		"client_addr":      seen(func(a Activity) sqltype.Value { return textOrNull(a.ClientAddr) }),
		"client_hostname":  nullOf[Activity],
		"client_port":      seen(func(a Activity) sqltype.Value { return number(a.ClientPort) }),
		"backend_start":    seen(func(a Activity) sqltype.Value { return instant(a.BackendStart) }),
		"xact_start":       seen(func(a Activity) sqltype.Value { return instant(a.XactStart) }),
		"query_start":      seen(func(a Activity) sqltype.Value { return instant(a.QueryStart) }),
		"state_change":     seen(func(a Activity) sqltype.Value { return instant(a.StateChange) }),
		"wait_event_type":  seen(func(a Activity) sqltype.Value { return textOrNull(a.WaitEventType) }),
		"wait_event":       seen(func(a Activity) sqltype.Value { return textOrNull(a.WaitEvent) }),
		"state":            seen(func(a Activity) sqltype.Value { return textOrNull(a.State) }),
		"backend_xid":      nullOf[Activity],
		"backend_xmin":     nullOf[Activity],
		"query_id":         nullOf[Activity],
		"query": func(c *call, a Activity) sqltype.Value {
			if !seesSession(c, a.User) {
				return text("<insufficient privilege>")
			}
			return text(a.Query)
		},
		"backend_type": seen(func(Activity) sqltype.Value { return text("client backend") }),
	})
}

func pgStatSSL() objects[Activity] {
	tls := func(f func(a Activity) sqltype.Value) func(*call, Activity) sqltype.Value {
		return seen(func(a Activity) sqltype.Value {
			if a.TLSVersion == "" {
				return null()
			}
			return f(a)
		})
	}
	return sessions(map[string]func(*call, Activity) sqltype.Value{
		"pid":           sessionPID,
		"ssl":           seen(func(a Activity) sqltype.Value { return boolean(a.TLSVersion != "") }),
		"version":       tls(func(a Activity) sqltype.Value { return text(a.TLSVersion) }),
		"cipher":        tls(func(a Activity) sqltype.Value { return textOrNull(a.TLSCipher) }),
		"bits":          tls(func(a Activity) sqltype.Value { return number(a.TLSBits) }),
		"client_dn":     nullOf[Activity],
		"client_serial": nullOf[Activity],
		"issuer_dn":     nullOf[Activity],
	})
}

func pgStatGSSAPI() objects[Activity] {
	no := seen(func(Activity) sqltype.Value { return boolean(false) })
	return sessions(map[string]func(*call, Activity) sqltype.Value{
		"pid": sessionPID, "gss_authenticated": no, "principal": nullOf[Activity], "encrypted": no,
	})
}
