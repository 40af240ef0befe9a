package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func infoEnabledRoles() objects[*catalog.Role] {
	return objects[*catalog.Role]{
		all: func(c *call, yield func(*catalog.Role) error) error {
			return each(c.snap.Roles(), func(r *catalog.Role) error {
				if !c.snap.Inherits(c.role, r) {
					return nil
				}
				return yield(r)
			})
		},
		cols: columnsOf[*catalog.Role]{"role_name": roleName},
	}
}

// infoApplicableRoles are memberships of enabled roles, the database owner's among them; nobody may grant his on.
func infoApplicableRoles(administrable bool) objects[membership] {
	return objects[membership]{
		all: func(c *call, yield func(membership) error) error {
			if administrable {
				return nil
			}
			visible := func(m membership) error {
				if !c.snap.Inherits(c.role, m.member) {
					return nil
				}
				return yield(m)
			}
			if err := pgAuthMembers().all(c, visible); err != nil {
				return err
			}
			return visible(membership{
				role: c.snap.RoleByOID(catalog.RoleDatabaseOwner), member: c.snap.RoleByOID(catalog.RoleBootstrap),
			})
		},
		cols: columnsOf[membership]{
			"grantee":      func(_ *call, m membership) sqltype.Value { return text(m.member.Name) },
			"role_name":    func(_ *call, m membership) sqltype.Value { return text(m.role.Name) },
			"is_grantable": fixed[membership](text("NO")),
		},
	}
}
