package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// privilegeFamily is one has_…_privilege function in all its signatures: [user,] object, [column,] privilege.
type privilegeFamily struct {
	prefix     string
	kind       ObjectKind
	regType    uint32 // reads the object's name; 0: names are looked up by Catalog.OID
	privileges string
	missing    pgerr.Code
	what       string
}

func privilegeFamilies() []privilegeFamily {
	tables := "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER RULE"
	columns := "SELECT INSERT UPDATE REFERENCES"
	return []privilegeFamily{
		{"has_table_privilege", ObjRelation, sqltype.OIDRegClass, tables, "", ""},
		{"has_any_column_privilege", ObjRelation, sqltype.OIDRegClass, columns, "", ""},
		{"has_column_privilege", ObjRelation, sqltype.OIDRegClass, columns, "", ""},
		{"has_sequence_privilege", ObjRelation, sqltype.OIDRegClass, "USAGE SELECT UPDATE", "", ""},
		{"has_schema_privilege", ObjSchema, 0, "CREATE USAGE", pgerr.InvalidSchemaName, "schema"},
		{"has_database_privilege", ObjDatabase, 0, "CREATE TEMPORARY TEMP CONNECT", pgerr.InvalidCatalogName, "database"},
		{"has_function_privilege", ObjFunction, sqltype.OIDRegProcedure, "EXECUTE", "", ""},
		{"has_language_privilege", ObjLanguage, 0, "USAGE", pgerr.UndefinedObject, "language"},
		{"has_type_privilege", ObjType, sqltype.OIDRegType, "USAGE", "", ""},
		{"has_tablespace_privilege", ObjTablespace, 0, "CREATE", pgerr.UndefinedObject, "tablespace"},
		{"has_server_privilege", ObjServer, 0, "USAGE", pgerr.UndefinedObject, "server"},
		{"has_foreign_data_wrapper_privilege", ObjWrapper, 0, "USAGE", pgerr.UndefinedObject, "foreign-data wrapper"},
	}
}

// role finds the role that a privilege is asked for: by name, by OID, or the current one. public is 0.
func (c *Call) role(v *sqltype.Value, t sqltype.Type) (uint32, error) {
	cat := c.Env().Catalog()
	switch {
	case v == nil:
		oid, _ := cat.OID(ObjRole, c.Env().User())
		return oid, nil
	case t.OID == sqltype.OIDOID:
		return uint32(v.I), nil
	case v.S == "public":
		return 0, nil
	}
	oid, ok := cat.OID(ObjRole, v.S)
	if !ok {
		return 0, pgerr.Newf(pgerr.UndefinedObject, "role \"%s\" does not exist", strings.Clone(v.S))
	}
	return oid, nil
}

// parsePrivileges splits a list of privileges and checks each against those that exist.
func parsePrivileges(list, known string) ([]string, error) {
	var out []string
	for _, w := range strings.Split(list, ",") {
		w = strings.Trim(w, " \t\n\r\v\f")
		name := strings.ToUpper(w)
		base := strings.ReplaceAll(strings.TrimSuffix(name, " WITH GRANT OPTION"), "ALTER SYSTEM", "ALTER_SYSTEM")
		ok := false
		for _, k := range strings.Fields(known) {
			ok = ok || k == base
		}
		if !ok {
			return nil, invalid("unrecognized privilege type: \"%s\"", strings.Clone(w))
		}
		if base == "TEMP" {
			name = strings.Replace(name, "TEMP", "TEMPORARY", 1)
		}
		out = append(out, name)
	}
	return out, nil
}

func (p privilegeFamily) object(c *Call, v sqltype.Value, t sqltype.Type) (uint32, error) {
	switch {
	case t.OID == sqltype.OIDOID:
		return uint32(v.I), nil
	case p.regType != 0:
		return c.Env().RegIn(p.regType, strings.Clone(v.S))
	}
	oid, ok := c.Env().Catalog().OID(p.kind, v.S)
	if !ok {
		return 0, pgerr.Newf(p.missing, "%s \"%s\" does not exist", p.what, strings.Clone(v.S))
	}
	return oid, nil
}

func (p privilegeFamily) has(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	want := 2
	column := p.prefix == "has_column_privilege"
	if column {
		want = 3
	}
	var user *sqltype.Value
	var userType sqltype.Type
	types := c.ArgTypes
	if len(a) > want {
		user, userType = &a[0], types[0]
		a, types = a[1:], types[1:]
	}
	role, err := c.role(user, userType)
	if err != nil {
		return sqltype.Value{}, err
	}
	// PostgreSQL looks at the privilege before it looks for a sequence, and after it has looked for anything else.
	privilege := a[len(a)-1].S
	if p.prefix == "has_sequence_privilege" {
		if _, err := parsePrivileges(privilege, p.privileges); err != nil {
			return sqltype.Value{}, err
		}
	}
	oid, err := p.object(c, a[0], types[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	attnum := int16(0)
	if p.prefix == "has_any_column_privilege" {
		attnum = -1
	}
	found := true
	if column && types[1].OID == sqltype.OIDText {
		if attnum, found = c.Env().Catalog().Attnum(oid, a[1].S); !found {
			err = p.noColumn(c, oid, a[1].S)
		}
	} else if column {
		if attnum = int16(a[1].I); attnum != 0 {
			_, found = c.Env().Catalog().Column(oid, attnum)
		}
	}
	if err != nil {
		return sqltype.Value{}, err
	}
	names, err := parsePrivileges(privilege, p.privileges)
	if err != nil || !found {
		return sqltype.NullValue(), err
	}
	if p.prefix == "has_sequence_privilege" {
		return noSequence(c, oid)
	}
	for _, n := range names {
		has, exists := c.Env().Catalog().HasPrivilege(role, p.kind, oid, attnum, n)
		if !exists {
			return sqltype.NullValue(), nil
		}
		if has {
			return sqltype.Bool(true), nil
		}
	}
	return sqltype.Bool(false), nil
}

// noSequence is what has_sequence_privilege says of anything: there are no sequences.
func noSequence(c *Call, oid uint32) (sqltype.Value, error) {
	_, name, ok := c.Env().Catalog().Name(ObjRelation, oid)
	if !ok {
		return sqltype.NullValue(), nil
	}
	return sqltype.Value{}, errNoSequence(name)
}

// noColumn is the error of a column that a relation lacks; that of a relation which is not there is none.
func (p privilegeFamily) noColumn(c *Call, relation uint32, column string) error {
	_, name, ok := c.Env().Catalog().Name(ObjRelation, relation)
	if !ok {
		return nil
	}
	return pgerr.Newf(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", strings.Clone(column), name)
}

// hasRole is pg_has_role([user,] role, privilege).
func hasRole(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	var user *sqltype.Value
	var userType sqltype.Type
	types := c.ArgTypes
	if len(a) > 2 {
		user, userType = &a[0], types[0]
		a, types = a[1:], types[1:]
	}
	member, err := c.role(user, userType)
	if err != nil {
		return sqltype.Value{}, err
	}
	of, err := c.role(&a[0], types[0])
	if err != nil {
		return sqltype.Value{}, err
	}
	for _, w := range strings.Split(a[1].S, ",") {
		name := strings.ToUpper(strings.Trim(w, " \t\n\r\v\f"))
		switch strings.TrimSuffix(strings.TrimSuffix(name, " WITH GRANT OPTION"), " WITH ADMIN OPTION") {
		case "MEMBER", "USAGE":
		default:
			return sqltype.Value{}, invalid("unrecognized privilege type: \"%s\"", strings.Clone(strings.Trim(w, " ")))
		}
		cat := c.Env().Catalog()
		if strings.HasSuffix(name, " OPTION") {
			if cat.IsSuperuser(member) {
				return sqltype.Bool(true), nil
			}
			continue
		}
		if cat.IsMember(member, of) {
			return sqltype.Bool(true), nil
		}
	}
	return sqltype.Bool(false), nil
}

func privilegeKernels() []Kernel {
	var ks []Kernel
	forms := []string{"_name", "_id", "_name_name", "_name_id", "_id_name", "_id_id"}
	for _, p := range privilegeFamilies() {
		if p.prefix == "has_column_privilege" {
			for _, f := range append([]string{"_name", "_id"}, forms[2:]...) {
				ks = append(ks, scalar(p.prefix+f+"_name", p.has), scalar(p.prefix+f+"_attnum", p.has))
			}
			continue
		}
		for _, f := range forms {
			ks = append(ks, scalar(p.prefix+f, p.has))
		}
	}
	for _, f := range forms {
		ks = append(ks, scalar("pg_has_role"+f, hasRole))
	}
	return ks
}
