package eval

import (
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// optional gives text, or null where there is none.
func optional(s string, ok bool) (sqltype.Value, error) {
	if !ok {
		return sqltype.NullValue(), nil
	}
	return sqltype.Text(s), nil
}

// oidText makes a function from an OID to text.
func oidText(name string, of func(cat Catalog, a []sqltype.Value) (string, bool)) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) { return optional(of(c.Env().Catalog(), a)) })
}

func visible(name string, kind ObjectKind) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		v, exists := c.Env().Catalog().Visible(kind, uint32(a[0].I))
		if !exists {
			return sqltype.NullValue(), nil
		}
		return sqltype.Bool(v), nil
	})
}

// TypeName prints a type as format_type does, row types of the catalog included.
func TypeName(cat Catalog, oid uint32, typmod int32, modified bool) string {
	if _, ok := sqltype.Lookup(oid); ok {
		if modified {
			return sqltype.FormatTypeModified(oid, typmod)
		}
		return sqltype.FormatType(oid, typmod)
	}
	if oid == 0 {
		return "-"
	}
	schema, name, ok := cat.Name(ObjType, oid)
	if !ok {
		return "???"
	}
	array := ""
	if elem := strings.TrimPrefix(name, "_"); elem != name { // the array type over a row type
		name, array = elem, "[]"
	}
	text := QuoteIdent(name)
	if v, _ := cat.Visible(ObjType, oid); !v {
		text = QuoteIdent(schema) + "." + text
	}
	return text + array
}

func formatType(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.NullValue(), nil
	}
	typmod := int32(-1)
	if !a[1].Null {
		typmod = int32(a[1].I)
	}
	return sqltype.Text(TypeName(c.Env().Catalog(), uint32(a[0].I), typmod, !a[1].Null)), nil
}

// lookUp makes to_regclass and its kin: the OID of a name, or null where there is none.
func lookUp(name string, oid uint32) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		n, err := c.Env().RegIn(oid, nameOnly(a[0].S))
		if err != nil && !notFound(pgerr.CodeOf(err)) {
			return sqltype.Value{}, err
		}
		if err != nil {
			return sqltype.NullValue(), nil //nolint:nilerr // that there is no such object is the answer
		}
		return sqltype.Int(int64(n)), nil
	})
}

// nameOnly keeps a number from being read as an OID, which only the input functions of reg* types do.
func nameOnly(s string) string {
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return `"` + s + `"`
	}
	return strings.Clone(s)
}

func notFound(code pgerr.Code) bool {
	switch code {
	case pgerr.UndefinedTable, pgerr.UndefinedObject, pgerr.UndefinedFunction, pgerr.InvalidSchemaName, pgerr.AmbiguousFunction:
		return true
	}
	return false
}

// classes maps the OIDs of catalogs to the kinds that look-ups know.
func classKind(class int64) (ObjectKind, string) {
	switch class {
	case 1259:
		return ObjRelation, "table"
	case 1247:
		return ObjType, "type"
	case 1255:
		return ObjFunction, "function"
	case 2615:
		return ObjSchema, "schema"
	case 1262:
		return ObjDatabase, "database"
	case 1260:
		return ObjRole, "role"
	case 2606:
		return ObjConstraint, "constraint"
	case 3456:
		return ObjCollation, "collation"
	case 2612:
		return ObjLanguage, "language"
	case 1213:
		return ObjTablespace, "tablespace"
	}
	return "", ""
}

func relkindWord(cat Catalog, oid uint32) string {
	switch k, _ := cat.Relkind(oid); k {
	case 'i':
		return "index"
	case 'v':
		return "view"
	case 'm':
		return "materialized view"
	case 'f':
		return "foreign table"
	case 'S':
		return "sequence"
	case 'c':
		return "composite type"
	}
	return "table"
}

func describeObject(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	cat, oid := c.Env().Catalog(), uint32(a[1].I)
	kind, word := classKind(a[0].I)
	schema, name, ok := cat.Name(kind, oid)
	if kind == "" || !ok {
		return sqltype.NullValue(), nil
	}
	if kind == ObjRelation {
		word = relkindWord(cat, oid)
	}
	text := QuoteIdent(name)
	if v, _ := cat.Visible(kind, oid); schema != "" && !v {
		text = QuoteIdent(schema) + "." + text
	}
	if f := builtin.Load().FunctionByOID(oid); kind == ObjFunction && f != nil {
		args := make([]string, len(f.Args))
		for i, t := range f.Args {
			args[i] = TypeName(cat, t, -1, false)
		}
		text += "(" + strings.Join(args, ",") + ")"
	}
	text = word + " " + text
	if kind == ObjRelation && a[2].I != 0 {
		col, ok := cat.Column(oid, int16(a[2].I))
		if !ok {
			return sqltype.NullValue(), nil
		}
		text = "column " + QuoteIdent(col) + " of " + text
	}
	return sqltype.Text(text), nil
}

func identifyObject(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	cat, oid := c.Env().Catalog(), uint32(a[1].I)
	kind, word := classKind(a[0].I)
	schema, name, ok := cat.Name(kind, oid)
	vals := make([]sqltype.Value, 4)
	for i := range vals {
		vals[i] = sqltype.NullValue()
	}
	types := make([]sqltype.Type, 4)
	for i := range types {
		types[i] = sqltype.Of(sqltype.OIDText)
	}
	if kind == "" || !ok {
		return MakeRecord(types, vals), nil
	}
	if kind == ObjRelation {
		word = relkindWord(cat, oid)
	}
	identity := QuoteIdent(name)
	if schema != "" {
		vals[1] = sqltype.Text(schema)
		identity = QuoteIdent(schema) + "." + identity
	}
	vals[0], vals[2] = sqltype.Text(word), sqltype.Text(name)
	if kind == ObjRelation && a[2].I != 0 {
		col, ok := cat.Column(oid, int16(a[2].I))
		if !ok {
			return MakeRecord(types, []sqltype.Value{sqltype.NullValue(), sqltype.NullValue(), sqltype.NullValue(), sqltype.NullValue()}), nil
		}
		vals[0], vals[2] = sqltype.Text(word+" column"), sqltype.NullValue()
		identity += "." + QuoteIdent(col)
	}
	vals[3] = sqltype.Text(identity)
	return MakeRecord(types, vals), nil
}

// sized makes the size functions of relations and databases; null for what does not exist.
func sized(name string, of func(c *Call, a []sqltype.Value) (int64, bool, error)) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		n, ok, err := of(c, a)
		if err != nil || !ok {
			return sqltype.NullValue(), err
		}
		return sqltype.Int(n), nil
	})
}

func relationSize(c *Call, a []sqltype.Value) (int64, bool, error) {
	if len(a) > 1 {
		switch a[1].S {
		case "main":
		case "fsm", "vm", "init":
			_, ok := c.Env().Catalog().RelationSize(uint32(a[0].I))
			return 0, ok, nil
		default:
			e := invalid("invalid fork name")
			return 0, false, e.WithHint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".")
		}
	}
	n, ok := c.Env().Catalog().RelationSize(uint32(a[0].I))
	return n, ok, nil
}

func databaseSize(c *Call, a []sqltype.Value) (int64, bool, error) {
	cat, oid := c.Env().Catalog(), uint32(a[0].I)
	if c.ArgTypes[0].OID == sqltype.OIDName {
		found := false
		if oid, found = cat.OID(ObjDatabase, a[0].S); !found {
			return 0, false, pgerr.Newf(pgerr.InvalidCatalogName, "database \"%s\" does not exist", strings.Clone(a[0].S))
		}
	}
	n, ok := cat.DatabaseSize(oid)
	return n, ok, nil
}

func serialSequence(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	oid, err := c.Env().RegIn(sqltype.OIDRegClass, strings.Clone(a[0].S))
	if err != nil {
		return sqltype.Value{}, err
	}
	if _, ok := c.Env().Catalog().Attnum(oid, a[1].S); !ok {
		_, name, _ := c.Env().Catalog().Name(ObjRelation, oid)
		return sqltype.Value{}, pgerr.Newf(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", strings.Clone(a[1].S), name)
	}
	return sqltype.NullValue(), nil // nothing here is fed by a sequence
}

func catalogKernels() []Kernel {
	// A column width to wrap at makes the form pretty (pg_get_viewdef_wrap in ruleutils.c).
	view := func(cat Catalog, a []sqltype.Value) (string, bool) {
		return cat.ViewDef(uint32(a[0].I), len(a) > 1 && a[1].I != 0)
	}
	wrapped := func(cat Catalog, a []sqltype.Value) (string, bool) { return cat.ViewDef(uint32(a[0].I), true) }
	viewByName := func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		oid, err := c.Env().RegIn(sqltype.OIDRegClass, strings.Clone(a[0].S))
		if err != nil {
			return sqltype.Value{}, err
		}
		return optional(c.Env().Catalog().ViewDef(oid, len(a) > 1 && a[1].I != 0))
	}
	constraint := func(cat Catalog, a []sqltype.Value) (string, bool) { return cat.ConstraintDef(uint32(a[0].I)) }
	index := func(cat Catalog, a []sqltype.Value) (string, bool) {
		col := 0
		if len(a) > 1 {
			col = int(a[1].I)
		}
		return cat.IndexDef(uint32(a[0].I), col, len(a) > 2 && a[2].I != 0)
	}
	expr := func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		// Expressions of services are kept as text; those that the dump has as trees are defaults of functions.
		if text, ok := defaultTexts()[a[0].S]; ok {
			return sqltype.Text(text), nil
		}
		return a[0], nil
	}
	ks := []Kernel{
		scalar("format_type", formatType), scalar("acldefault_sql", aclDefault),
		visible("pg_table_is_visible", ObjRelation), visible("pg_type_is_visible", ObjType), visible("pg_function_is_visible", ObjFunction),
		visible("pg_operator_is_visible", ObjOperator), visible("pg_opclass_is_visible", ObjOpclass), visible("pg_opfamily_is_visible", ObjOpfamily),
		visible("pg_collation_is_visible", ObjCollation), visible("pg_conversion_is_visible", ObjConversion),
		visible("pg_ts_config_is_visible", ObjTSConfig), visible("pg_ts_dict_is_visible", ObjTSDict), visible("pg_ts_parser_is_visible", ObjTSParser),
		visible("pg_ts_template_is_visible", ObjTSTemplate), visible("pg_statistics_obj_is_visible", ObjStatistics),
		scalar("pg_get_userbyid", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if _, name, ok := c.Env().Catalog().Name(ObjRole, uint32(a[0].I)); ok {
				return sqltype.Text(name), nil
			}
			return sqltype.Text("unknown (OID=" + strconv.FormatInt(a[0].I, 10) + ")"), nil
		}),
		oidText("obj_description_oid_name", func(cat Catalog, a []sqltype.Value) (string, bool) {
			class, ok := classOID(a[1].S)
			if !ok {
				return "", false
			}
			return cat.Comment(class, uint32(a[0].I), 0)
		}),
		oidText("obj_description_oid", func(cat Catalog, a []sqltype.Value) (string, bool) { return cat.Comment(0, uint32(a[0].I), 0) }),
		oidText("shobj_description_oid_name", func(cat Catalog, a []sqltype.Value) (string, bool) {
			class, ok := classOID(a[1].S)
			if !ok {
				return "", false
			}
			return cat.SharedComment(class, uint32(a[0].I))
		}),
		oidText("col_description_oid_int4", func(cat Catalog, a []sqltype.Value) (string, bool) {
			return cat.Comment(1259, uint32(a[0].I), int32(a[1].I))
		}),
		oidText("pg_get_constraintdef", constraint), oidText("pg_get_constraintdef_ext", constraint),
		oidText("pg_get_indexdef", index), oidText("pg_get_indexdef_ext", index),
		oidText("pg_get_viewdef", view), oidText("pg_get_viewdef_ext", view), oidText("pg_get_viewdef_wrap", wrapped),
		scalar("pg_get_viewdef_name", viewByName), scalar("pg_get_viewdef_name_ext", viewByName),
		scalar("pg_get_expr", expr), scalar("pg_get_expr_ext", expr),
		scalar("pg_get_serial_sequence", serialSequence),
		lookUp("to_regclass", sqltype.OIDRegClass), lookUp("to_regtype", sqltype.OIDRegType), lookUp("to_regproc", sqltype.OIDRegProc),
		lookUp("to_regprocedure", sqltype.OIDRegProcedure), lookUp("to_regoper", sqltype.OIDRegOper), lookUp("to_regoperator", sqltype.OIDRegOperator),
		lookUp("to_regnamespace", sqltype.OIDRegNamespace), lookUp("to_regrole", sqltype.OIDRegRole), lookUp("to_regcollation", sqltype.OIDRegCollation),
		scalar("text_regclass", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			oid, err := c.Env().RegIn(sqltype.OIDRegClass, nameOnly(a[0].S))
			return sqltype.Int(int64(oid)), err
		}),
		scalar("pg_describe_object", describeObject), scalar("pg_identify_object", identifyObject),
		sized("pg_relation_size", relationSize), sized("pg_relation_size_regclass", relationSize), sized("pg_table_size", relationSize),
		sized("pg_total_relation_size", relationSize),
		sized("pg_indexes_size", func(c *Call, a []sqltype.Value) (int64, bool, error) {
			_, ok := c.Env().Catalog().RelationSize(uint32(a[0].I))
			return 0, ok, nil
		}),
		sized("pg_database_size_oid", databaseSize), sized("pg_database_size_name", databaseSize),
		scalar("pg_tablespace_size_oid", constant(sqltype.Int(0))), scalar("pg_tablespace_size_name", constant(sqltype.Int(0))),
		scalar("pg_tablespace_location", constant(sqltype.Text(""))),
		scalar("pg_relation_is_publishable", constant(sqltype.Bool(false))),
		scalar("pg_relation_is_updatable", constant(sqltype.Int(0))), scalar("pg_column_is_updatable", constant(sqltype.Bool(false))),
		scalar("row_security_active", constant(sqltype.Bool(false))),
		scalar("row_security_active_name", func(c *Call, a []sqltype.Value) (sqltype.Value, error) { // of a table that is there
			_, err := c.Env().RegIn(sqltype.OIDRegClass, nameOnly(a[0].S))
			return sqltype.Bool(false), err
		}),
		scalar("pg_relation_filenode", nullOf), scalar("pg_relation_filepath", nullOf),
		scalar("pg_partition_root", nullOf), scalar("pg_sequence_last_value", nullOf),
		scalar("pg_collation_actual_version", nullOf), scalar("pg_database_collation_actual_version", nullOf),
	}
	for _, none := range []string{ // objects that never exist here
		"pg_get_triggerdef", "pg_get_triggerdef_ext", "pg_get_ruledef", "pg_get_ruledef_ext", "pg_get_partkeydef", "pg_get_partition_constraintdef",
		"pg_get_statisticsobjdef", "pg_get_statisticsobjdef_columns", "pg_get_statisticsobjdef_expressions", "pg_get_replica_identity_index",
	} {
		ks = append(ks, scalar(none, nullOf))
	}
	for _, count := range []string{
		"numscans", "tuples_returned", "tuples_fetched", "tuples_inserted", "tuples_updated", "tuples_deleted", "tuples_hot_updated", "live_tuples", "dead_tuples",
		"mod_since_analyze", "ins_since_vacuum", "blocks_fetched", "blocks_hit", "vacuum_count", "autovacuum_count", "analyze_count", "autoanalyze_count",
	} {
		ks = append(ks, scalar("pg_stat_get_"+count, constant(sqltype.Int(0))))
	}
	return ks
}

// classOID is the OID of a catalog by its name, for those that objects have comments in.
func classOID(name string) (uint32, bool) {
	for _, class := range systemClasses() {
		if class.name == name {
			return class.oid, true
		}
	}
	return 0, false
}
