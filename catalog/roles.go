package catalog

// Role is a row of pg_authid, without secrets.
type Role struct {
	OID       uint32
	Name      string
	Superuser bool
	CanLogin  bool
	MemberOf  []*Role // directly
	// AllServices and Services say which schemas a user may use.
	AllServices bool
	Services    []string
	Comment     string
}

// The OIDs of the roles that initdb makes (pg_authid.dat).
const (
	RoleBootstrap     uint32 = 10
	RoleDatabaseOwner uint32 = 6171
	RoleMonitor       uint32 = 3373
	RoleReadAllStats  uint32 = 3375
	RoleReadSettings  uint32 = 3374
	RoleSignalBackend uint32 = 4200
)

// BootstrapRole owns everything. Nobody can log in as it: the name is the one that PostgreSQL's packages give to the role of
// OID 10, and a user of that name in the configuration is that name's user, so it then takes another.
const BootstrapRole = "postgres"

// predefinedRoles are the roles of pg_authid.dat; members are those that initdb grants (pg_auth_members.dat and
// system_functions.sql).
func predefinedRoles() []*Role {
	r := func(oid uint32, name string) *Role { return &Role{OID: oid, Name: name} }
	settings := r(RoleReadSettings, "pg_read_all_settings")
	stats := r(RoleReadAllStats, "pg_read_all_stats")
	scan := r(3377, "pg_stat_scan_tables")
	monitor := r(RoleMonitor, "pg_monitor")
	monitor.MemberOf = []*Role{settings, stats, scan}
	return []*Role{
		{OID: RoleBootstrap, Name: BootstrapRole, Superuser: true, CanLogin: true, AllServices: true},
		monitor, settings, stats, scan,
		r(RoleSignalBackend, "pg_signal_backend"),
		r(4544, "pg_checkpoint"),
		r(4569, "pg_read_server_files"),
		r(4570, "pg_write_server_files"),
		r(4571, "pg_execute_server_program"),
		r(RoleDatabaseOwner, "pg_database_owner"),
		r(6181, "pg_read_all_data"),
		r(6182, "pg_write_all_data"),
	}
}

// Inherits reports whether a role has the rights of another: it is that role, a member of it at any distance, or a
// superuser. pg_database_owner has the database's owner as its only member.
func (s *Snapshot) Inherits(role, of *Role) bool {
	if role == nil || of == nil {
		return false
	}
	if role.Superuser {
		return true
	}
	return isMember(role, of)
}

func isMember(role, of *Role) bool {
	if role == of {
		return true
	}
	for _, m := range role.MemberOf {
		if isMember(m, of) {
			return true
		}
	}
	return false
}

// Member reports membership at any distance, without regard to superusers.
func (s *Snapshot) Member(role, of *Role) bool { return role != nil && of != nil && isMember(role, of) }

// MayUse reports whether a user may use a service's schema.
func (r *Role) MayUse(schema string) bool {
	if r.AllServices {
		return true
	}
	for _, s := range r.Services {
		if s == schema {
			return true
		}
	}
	return false
}
