package system

// registry says which sources give the rows of each relation: the one place to add one. A relation that is not in it is
// empty, because nothing stands behind it here (triggers, sequences, publications, foreign tables, replication, WAL …).
func registry() map[string][]source {
	m := map[string][]source{
		"odatagres.relationships": {odatagresRelationships()},
		"odatagres.services":      {odatagresServices()},
		"odatagres.capabilities":  {odatagresCapabilities()},
	}
	for name, sources := range catalogSources() {
		m["pg_catalog."+name] = sources
	}
	for name, sources := range informationSources() {
		m["information_schema."+name] = sources
	}
	return m
}

func catalogSources() map[string][]source {
	return map[string][]source{
		// The catalogs of relations: rows of initdb, then of services.
		"pg_namespace":   {pgNamespace()},
		"pg_class":       {classRows("pg_class"), classRows("toast_class"), pgClass()},
		"pg_attribute":   {attributeRows("pg_attribute"), attributeRows("toast_attribute"), pgAttributeHidden(), pgAttribute()},
		"pg_type":        {typeRows(), pgType()},
		"pg_constraint":  {constraintRows(), pgConstraint()},
		"pg_index":       {indexRows("pg_index"), indexRows("toast_index"), pgIndex()},
		"pg_description": {descriptionRows(), pgDescription()},
		"pg_depend":      {dependRows(), pgDepend()},
		"pg_tables":      {pgTables()},
		"pg_views":       {pgViews()},
		"pg_indexes":     {pgIndexes()},
		"pg_rewrite":     {pgRewrite()},
		"pg_rules":       {static("pg_rules")},
		"pg_init_privs":  {static("pg_init_privs", "objoid")},

		// The database and its roles.
		"pg_database":     {pgDatabase()},
		"pg_tablespace":   {static("pg_tablespace", "oid", "spcname")},
		"pg_authid":       {pgAuthid()},
		"pg_roles":        {pgRoles()},
		"pg_user":         {pgUser()},
		"pg_shadow":       {pgShadow()},
		"pg_group":        {pgGroup()},
		"pg_auth_members": {pgAuthMembers()},

		// Catalogs without objects of services.
		"pg_proc":                         {static("pg_proc", "oid", "proname")},
		"pg_operator":                     {static("pg_operator", "oid", "oprname")},
		"pg_cast":                         {static("pg_cast", "oid", "castsource", "casttarget")},
		"pg_aggregate":                    {static("pg_aggregate", "aggfnoid")},
		"pg_am":                           {static("pg_am", "oid", "amname")},
		"pg_amop":                         {static("pg_amop", "oid", "amopfamily", "amopopr")},
		"pg_amproc":                       {static("pg_amproc", "oid", "amprocfamily")},
		"pg_opclass":                      {static("pg_opclass", "oid", "opcmethod")},
		"pg_opfamily":                     {static("pg_opfamily", "oid", "opfmethod")},
		"pg_collation":                    {static("pg_collation", "oid", "collname")},
		"pg_conversion":                   {static("pg_conversion", "oid", "conname")},
		"pg_language":                     {static("pg_language", "oid", "lanname")},
		"pg_range":                        {static("pg_range", "rngtypid", "rngmultitypid")},
		"pg_ts_config":                    {static("pg_ts_config", "oid", "cfgname")},
		"pg_ts_config_map":                {static("pg_ts_config_map", "mapcfg")},
		"pg_ts_dict":                      {static("pg_ts_dict", "oid", "dictname")},
		"pg_ts_parser":                    {static("pg_ts_parser", "oid", "prsname")},
		"pg_ts_template":                  {static("pg_ts_template", "oid", "tmplname")},
		"pg_extension":                    {static("pg_extension", "oid", "extname")},
		"pg_available_extensions":         {pgAvailableExtensions()},
		"pg_available_extension_versions": {pgAvailableExtensions()},
		"pg_timezone_names":               {pgTimezoneNames()},
		"pg_timezone_abbrevs":             {static("pg_timezone_abbrevs", "abbrev")},

		// The running server.
		"pg_settings":            {pgSettings()},
		"pg_stat_activity":       {pgStatActivity()},
		"pg_stat_ssl":            {pgStatSSL()},
		"pg_stat_gssapi":         {pgStatGSSAPI()},
		"pg_cursors":             {pgCursors()},
		"pg_prepared_statements": {pgPreparedStatements()},
		"pg_locks":               {pgLocks()},

		// Statistics.
		"pg_stat_database":         {pgStatDatabase()},
		"pg_stat_all_tables":       {statTables(anyRelation)},
		"pg_stat_sys_tables":       {statTables(isSystemSchema)},
		"pg_stat_user_tables":      {statTables(notSystem)},
		"pg_stat_xact_all_tables":  {statTables(anyRelation)},
		"pg_stat_xact_sys_tables":  {statTables(isSystemSchema)},
		"pg_stat_xact_user_tables": {statTables(notSystem)},
		"pg_statio_all_tables":     {statTables(anyRelation)},
		"pg_statio_sys_tables":     {statTables(isSystemSchema)},
		"pg_statio_user_tables":    {statTables(notSystem)},
		"pg_stat_all_indexes":      {statIndexes(anyRelation)},
		"pg_stat_sys_indexes":      {statIndexes(isSystemSchema)},
		"pg_stat_user_indexes":     {statIndexes(notSystem)},
		"pg_statio_all_indexes":    {statIndexes(anyRelation)},
		"pg_statio_sys_indexes":    {statIndexes(isSystemSchema)},
		"pg_statio_user_indexes":   {statIndexes(notSystem)},
		"pg_stat_bgwriter":         {onlyOne()},
		"pg_stat_archiver":         {onlyOne()},
		"pg_stat_wal":              {onlyOne()},
		"pg_stat_slru":             {pgStatSLRU()},
	}
}
