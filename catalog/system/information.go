package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// informationSources are the views of information_schema, each with the logic of PostgreSQL's own view. Views that are not
// here are empty: they speak of triggers, sequences, foreign tables, transforms and user-defined types.
func informationSources() map[string][]source {
	return map[string][]source{
		"information_schema_catalog_name": {infoCatalogName()},
		"schemata":                        {infoSchemata()},
		"tables":                          {infoTables()},
		"views":                           {infoViews()},
		"view_table_usage":                {infoViewTableUsage()},
		"view_column_usage":               {infoViewColumnUsage()},

		"columns":             {infoColumns()},
		"column_domain_usage": {infoColumnDomainUsage()},
		"column_udt_usage":    {infoColumnUDTUsage()},

		"table_constraints":       {infoTableConstraints()},
		"key_column_usage":        {infoKeyColumnUsage()},
		"referential_constraints": {infoReferentialConstraints()},
		"constraint_column_usage": {infoConstraintColumnUsage()},
		"constraint_table_usage":  {infoConstraintTableUsage()},
		"check_constraints":       {infoCheckConstraints()},

		"domains":              {infoDomains()},
		"domain_constraints":   {infoDomainConstraints()},
		"domain_udt_usage":     {infoDomainUDTUsage()},
		"data_type_privileges": {infoDataTypePrivileges()},
		"element_types":        {infoElementTypes()},

		"character_sets":                        {infoCharacterSets()},
		"collations":                            {infoCollations()},
		"collation_character_set_applicability": {infoCollationCharacterSets()},

		"table_privileges":    {infoTablePrivileges(false)},
		"role_table_grants":   {infoTablePrivileges(true)},
		"column_privileges":   {infoColumnPrivileges(false)},
		"role_column_grants":  {infoColumnPrivileges(true)},
		"routine_privileges":  {infoRoutinePrivileges(false)},
		"role_routine_grants": {infoRoutinePrivileges(true)},
		"usage_privileges":    {infoUsagePrivileges(false)},
		"role_usage_grants":   {infoUsagePrivileges(true)},

		"udt_privileges":  {infoUDTPrivileges(false)},
		"role_udt_grants": {infoUDTPrivileges(true)},

		"enabled_roles":                     {infoEnabledRoles()},
		"applicable_roles":                  {infoApplicableRoles(false)},
		"administrable_role_authorizations": {infoApplicableRoles(true)},

		"routine_routine_usage": {infoRoutineRoutineUsage()},
		"routines":              {infoRoutines()},
		"parameters":            {infoParameters()},

		"sql_features":            {static("sql_features", "feature_id")},
		"sql_implementation_info": {static("sql_implementation_info")},
		"sql_parts":               {static("sql_parts")},
		"sql_sizing":              {static("sql_sizing")},
	}
}

// columnsOf computes columns of T.
type columnsOf[T any] map[string]func(*call, T) sqltype.Value

// fixed is a column that is the same in every row.
func fixed[T any](v sqltype.Value) func(*call, T) sqltype.Value {
	return func(*call, T) sqltype.Value { return v }
}

// inDatabase is the catalog of everything: the only database.
func inDatabase[T any](c *call, _ T) sqltype.Value { return text(c.snap.Database) }

// owns reports whether the user has the rights of everything's owner (pg_has_role(relowner, 'USAGE')).
func owns(c *call) bool {
	return c.snap.Inherits(c.role, c.snap.RoleByOID(catalog.RoleBootstrap))
}

func tests(privs ...catalog.Privilege) []catalog.PrivilegeTest {
	ts := make([]catalog.PrivilegeTest, len(privs))
	for i, p := range privs {
		ts[i] = catalog.PrivilegeTest{Priv: p}
	}
	return ts
}

// The privileges that information_schema asks for.
func anyTablePrivilege() []catalog.PrivilegeTest {
	return tests(catalog.PrivSelect, catalog.PrivInsert, catalog.PrivUpdate, catalog.PrivDelete, catalog.PrivTruncate,
		catalog.PrivReferences, catalog.PrivTrigger)
}

func anyColumnPrivilege() []catalog.PrivilegeTest {
	return tests(catalog.PrivSelect, catalog.PrivInsert, catalog.PrivUpdate, catalog.PrivReferences)
}

// seesRelation is the condition of the views tables and views.
func seesRelation(c *call, r *catalog.Relation) bool {
	return owns(c) || c.snap.HasRelation(c.role, r, anyTablePrivilege()) || c.snap.HasAnyColumn(c.role, r, anyColumnPrivilege())
}

// seesConstraints is the condition of the views over constraints: more than the right to read.
func seesConstraints(c *call, r *catalog.Relation) bool {
	if owns(c) {
		return true
	}
	table := tests(catalog.PrivInsert, catalog.PrivUpdate, catalog.PrivDelete, catalog.PrivTruncate, catalog.PrivReferences, catalog.PrivTrigger)
	column := tests(catalog.PrivInsert, catalog.PrivUpdate, catalog.PrivReferences)
	return c.snap.HasRelation(c.role, r, table) || c.snap.HasAnyColumn(c.role, r, column)
}

func seesColumn(c *call, r *catalog.Relation, col *catalog.Column) bool {
	return owns(c) || c.snap.HasColumn(c.role, r, col, anyColumnPrivilege())
}

// tableOrView keeps the relations that information_schema speaks of.
func tableOrView(r *catalog.Relation) bool { return isTable(r) || isView(r) }
