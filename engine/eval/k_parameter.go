package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
)

// parameterKernels are has_parameter_privilege: only superusers may set what not everybody may, and no privilege on a parameter
// was ever granted.
func parameterKernels() []Kernel {
	has := func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		var user *sqltype.Value
		var t sqltype.Type
		if len(a) == 3 {
			user, t = &a[0], c.ArgTypes[0]
			a = a[1:]
		}
		if _, err := parsePrivileges(a[1].S, "SET ALTER_SYSTEM"); err != nil { // looked at before the role is
			return sqltype.Value{}, err
		}
		role, err := c.role(user, t)
		if err != nil {
			return sqltype.Value{}, err
		}
		return sqltype.Bool(c.Env().Catalog().IsSuperuser(role)), nil
	}
	return []Kernel{
		scalar("has_parameter_privilege_name", has), scalar("has_parameter_privilege_name_name", has), scalar("has_parameter_privilege_id_name", has),
	}
}
