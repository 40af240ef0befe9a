package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

type roleFunc = func(*call, *catalog.Role) sqltype.Value

// roles is the source of every relation over roles. Columns that are not named in cols are those of pg_authid.
func roles(keep func(*catalog.Role) bool, cols map[string]roleFunc) objects[*catalog.Role] {
	yieldIf := func(r *catalog.Role, yield func(*catalog.Role) error) error {
		if r == nil || keep != nil && !keep(r) {
			return nil
		}
		return yield(r)
	}
	byOID := func(c *call, v sqltype.Value, yield func(*catalog.Role) error) error {
		return yieldIf(c.snap.RoleByOID(key(v)), yield)
	}
	byName := func(c *call, v sqltype.Value, yield func(*catalog.Role) error) error {
		return yieldIf(c.snap.RoleByName(v.S), yield)
	}
	return objects[*catalog.Role]{
		all: func(c *call, yield func(*catalog.Role) error) error {
			return each(c.snap.Roles(), func(r *catalog.Role) error { return yieldIf(r, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(*catalog.Role) error) error{
			"oid": byOID, "rolname": byName, "usesysid": byOID, "usename": byName, "grosysid": byOID, "groname": byName,
		},
		cols: cols,
	}
}

func roleOID(_ *call, r *catalog.Role) sqltype.Value   { return oid(r.OID) }
func roleName(_ *call, r *catalog.Role) sqltype.Value  { return text(r.Name) }
func roleSuper(_ *call, r *catalog.Role) sqltype.Value { return boolean(r.Superuser) }
func roleLogin(_ *call, r *catalog.Role) sqltype.Value { return boolean(r.CanLogin) }
func roleYes(*call, *catalog.Role) sqltype.Value       { return boolean(true) }
func roleLimit(*call, *catalog.Role) sqltype.Value     { return number(-1) }
func roleHidden(*call, *catalog.Role) sqltype.Value    { return text("********") }
func canLogin(r *catalog.Role) bool                    { return r.CanLogin }
func isGroup(r *catalog.Role) bool                     { return !r.CanLogin }

// pgAuthid never gives a password, not even to a superuser.
func pgAuthid() objects[*catalog.Role] { return roles(nil, roleColumns(nullOf[*catalog.Role])) }

func pgRoles() objects[*catalog.Role] { return roles(nil, roleColumns(roleHidden)) }

func roleColumns(password roleFunc) map[string]roleFunc {
	return map[string]roleFunc{
		"oid": roleOID, "rolname": roleName, "rolsuper": roleSuper, "rolinherit": roleYes, "rolcreaterole": roleSuper,
		"rolcreatedb": roleSuper, "rolcanlogin": roleLogin, "rolreplication": roleSuper, "rolbypassrls": roleSuper,
		"rolconnlimit": roleLimit, "rolpassword": password, "rolvaliduntil": nullOf[*catalog.Role], "rolconfig": nullOf[*catalog.Role],
	}
}

func pgUser() objects[*catalog.Role] { return roles(canLogin, userColumns(roleHidden)) }

func pgShadow() objects[*catalog.Role] { return roles(canLogin, userColumns(nullOf[*catalog.Role])) }

func userColumns(password roleFunc) map[string]roleFunc {
	return map[string]roleFunc{
		"usename": roleName, "usesysid": roleOID, "usecreatedb": roleSuper, "usesuper": roleSuper, "userepl": roleSuper,
		"usebypassrls": roleSuper, "passwd": password, "valuntil": nullOf[*catalog.Role], "useconfig": nullOf[*catalog.Role],
	}
}

func pgGroup() objects[*catalog.Role] {
	return roles(isGroup, map[string]roleFunc{
		"groname": roleName, "grosysid": roleOID,
		"grolist": func(c *call, r *catalog.Role) sqltype.Value {
			var members []uint32
			for _, m := range c.snap.Roles() {
				for _, of := range m.MemberOf {
					if of == r {
						members = append(members, m.OID)
					}
				}
			}
			return oidArray(members)
		},
	})
}

type membership struct{ role, member *catalog.Role }

func pgAuthMembers() objects[membership] {
	all := func(c *call, yield func(membership) error) error {
		for _, m := range c.snap.Roles() {
			for _, of := range m.MemberOf {
				if err := yield(membership{role: of, member: m}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return objects[membership]{
		all: all,
		by: map[string]func(*call, sqltype.Value, func(membership) error) error{
			"member": func(c *call, v sqltype.Value, yield func(membership) error) error {
				return one(c.snap.RoleByOID(key(v)), func(m *catalog.Role) error {
					return each(m.MemberOf, func(of *catalog.Role) error { return yield(membership{role: of, member: m}) })
				})
			},
		},
		cols: map[string]func(*call, membership) sqltype.Value{
			"roleid":       func(_ *call, m membership) sqltype.Value { return oid(m.role.OID) },
			"member":       func(_ *call, m membership) sqltype.Value { return oid(m.member.OID) },
			"grantor":      func(*call, membership) sqltype.Value { return oid(catalog.RoleBootstrap) },
			"admin_option": func(*call, membership) sqltype.Value { return boolean(false) },
		},
	}
}
