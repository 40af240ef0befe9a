package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"
)

// commandName gives the tag of a command that writes, as CreateCommandTag does; "" for others.
func commandName(n *pg_query.Node) string {
	switch x := n.GetNode().(type) {
	case *pg_query.Node_InsertStmt:
		return "INSERT"
	case *pg_query.Node_UpdateStmt:
		return "UPDATE"
	case *pg_query.Node_DeleteStmt:
		return "DELETE"
	case *pg_query.Node_MergeStmt:
		return "MERGE"
	case *pg_query.Node_SelectStmt:
		if x.SelectStmt.IntoClause != nil {
			return "SELECT INTO"
		}
		return ""
	case *pg_query.Node_CreateStmt:
		return "CREATE TABLE"
	case *pg_query.Node_CreateTableAsStmt:
		switch {
		case x.CreateTableAsStmt.Objtype == pg_query.ObjectType_OBJECT_MATVIEW:
			return "CREATE MATERIALIZED VIEW"
		case x.CreateTableAsStmt.IsSelectInto:
			return "SELECT INTO"
		}
		return "CREATE TABLE AS"
	case *pg_query.Node_TruncateStmt:
		return "TRUNCATE TABLE"
	case *pg_query.Node_DropStmt:
		return "DROP " + objectName(x.DropStmt.RemoveType)
	case *pg_query.Node_AlterTableStmt:
		return "ALTER " + objectName(x.AlterTableStmt.Objtype)
	case *pg_query.Node_RenameStmt:
		return "ALTER " + objectName(x.RenameStmt.RenameType)
	case *pg_query.Node_CommentStmt:
		return "COMMENT"
	case *pg_query.Node_ViewStmt:
		return "CREATE VIEW"
	case *pg_query.Node_IndexStmt:
		return "CREATE INDEX"
	case *pg_query.Node_CreateSchemaStmt:
		return "CREATE SCHEMA"
	case *pg_query.Node_CreateSeqStmt:
		return "CREATE SEQUENCE"
	case *pg_query.Node_AlterSeqStmt:
		return "ALTER SEQUENCE"
	case *pg_query.Node_CreateFunctionStmt:
		if x.CreateFunctionStmt.IsProcedure {
			return "CREATE PROCEDURE"
		}
		return "CREATE FUNCTION"
	case *pg_query.Node_CreateTrigStmt:
		return "CREATE TRIGGER"
	case *pg_query.Node_CreateRoleStmt:
		return "CREATE ROLE"
	case *pg_query.Node_AlterRoleStmt, *pg_query.Node_AlterRoleSetStmt:
		return "ALTER ROLE"
	case *pg_query.Node_DropRoleStmt:
		return "DROP ROLE"
	case *pg_query.Node_GrantStmt:
		if !x.GrantStmt.IsGrant {
			return "REVOKE"
		}
		return "GRANT"
	case *pg_query.Node_GrantRoleStmt:
		if !x.GrantRoleStmt.IsGrant {
			return "REVOKE ROLE"
		}
		return "GRANT ROLE"
	case *pg_query.Node_CreatedbStmt:
		return "CREATE DATABASE"
	case *pg_query.Node_DropdbStmt:
		return "DROP DATABASE"
	case *pg_query.Node_AlterDatabaseStmt, *pg_query.Node_AlterDatabaseSetStmt:
		return "ALTER DATABASE"
	case *pg_query.Node_CreateExtensionStmt:
		return "CREATE EXTENSION"
	case *pg_query.Node_AlterExtensionStmt:
		return "ALTER EXTENSION"
	case *pg_query.Node_CreateEnumStmt, *pg_query.Node_CompositeTypeStmt, *pg_query.Node_CreateRangeStmt:
		return "CREATE TYPE"
	case *pg_query.Node_CreateDomainStmt:
		return "CREATE DOMAIN"
	case *pg_query.Node_RefreshMatViewStmt:
		return "REFRESH MATERIALIZED VIEW"
	case *pg_query.Node_AlterObjectSchemaStmt:
		return "ALTER " + objectName(x.AlterObjectSchemaStmt.ObjectType)
	case *pg_query.Node_AlterOwnerStmt:
		return "ALTER " + objectName(x.AlterOwnerStmt.ObjectType)
	case *pg_query.Node_AlterSystemStmt:
		return "ALTER SYSTEM"
	case *pg_query.Node_RuleStmt:
		return "CREATE RULE"
	case *pg_query.Node_CreatePolicyStmt:
		return "CREATE POLICY"
	case *pg_query.Node_AlterDefaultPrivilegesStmt:
		return "ALTER DEFAULT PRIVILEGES"
	case *pg_query.Node_SecLabelStmt:
		return "SECURITY LABEL"
	case *pg_query.Node_CreateStatsStmt:
		return "CREATE STATISTICS"
	case *pg_query.Node_CreatePublicationStmt:
		return "CREATE PUBLICATION"
	case *pg_query.Node_CreateFdwStmt:
		return "CREATE FOREIGN DATA WRAPPER"
	case *pg_query.Node_CreateForeignServerStmt:
		return "CREATE SERVER"
	case *pg_query.Node_CreateForeignTableStmt:
		return "CREATE FOREIGN TABLE"
	case *pg_query.Node_ImportForeignSchemaStmt:
		return "IMPORT FOREIGN SCHEMA"
	case *pg_query.Node_CreateCastStmt:
		return "CREATE CAST"
	case *pg_query.Node_DefineStmt:
		return "CREATE " + objectName(x.DefineStmt.Kind)
	case *pg_query.Node_DropOwnedStmt:
		return "DROP OWNED"
	case *pg_query.Node_ReassignOwnedStmt:
		return "REASSIGN OWNED"
	case *pg_query.Node_CreateTableSpaceStmt:
		return "CREATE TABLESPACE"
	case *pg_query.Node_DropTableSpaceStmt:
		return "DROP TABLESPACE"
	case *pg_query.Node_AlterFunctionStmt:
		return "ALTER " + objectName(x.AlterFunctionStmt.Objtype)
	}
	return plainCommands()[nodeKind(n)]
}

// plainCommands gives, by the parser's node, the tags of commands that change objects which are nothing but that.
func plainCommands() map[string]string {
	return map[string]string{
		"*pg_query.Node_CreateAmStmt": "CREATE ACCESS METHOD", "*pg_query.Node_CreateConversionStmt": "CREATE CONVERSION",
		"*pg_query.Node_CreateOpClassStmt": "CREATE OPERATOR CLASS", "*pg_query.Node_CreateOpFamilyStmt": "CREATE OPERATOR FAMILY",
		"*pg_query.Node_CreateTransformStmt": "CREATE TRANSFORM", "*pg_query.Node_CreateUserMappingStmt": "CREATE USER MAPPING",
		"*pg_query.Node_CreateSubscriptionStmt": "CREATE SUBSCRIPTION", "*pg_query.Node_CreateEventTrigStmt": "CREATE EVENT TRIGGER",
		"*pg_query.Node_CreatePlangStmt": "CREATE LANGUAGE",
		"*pg_query.Node_AlterEnumStmt":   "ALTER TYPE", "*pg_query.Node_AlterTypeStmt": "ALTER TYPE", "*pg_query.Node_AlterDomainStmt": "ALTER DOMAIN",
		"*pg_query.Node_AlterPublicationStmt": "ALTER PUBLICATION", "*pg_query.Node_AlterSubscriptionStmt": "ALTER SUBSCRIPTION",
		"*pg_query.Node_AlterEventTrigStmt": "ALTER EVENT TRIGGER", "*pg_query.Node_AlterTsdictionaryStmt": "ALTER TEXT SEARCH DICTIONARY",
		"*pg_query.Node_AlterTsconfigurationStmt": "ALTER TEXT SEARCH CONFIGURATION", "*pg_query.Node_AlterCollationStmt": "ALTER COLLATION",
		"*pg_query.Node_AlterStatsStmt": "ALTER STATISTICS", "*pg_query.Node_AlterPolicyStmt": "ALTER POLICY",
		"*pg_query.Node_AlterFdwStmt": "ALTER FOREIGN DATA WRAPPER", "*pg_query.Node_AlterForeignServerStmt": "ALTER SERVER",
		"*pg_query.Node_AlterUserMappingStmt": "ALTER USER MAPPING", "*pg_query.Node_AlterTableSpaceOptionsStmt": "ALTER TABLESPACE",
		"*pg_query.Node_AlterTableMoveAllStmt": "ALTER TABLE", "*pg_query.Node_AlterOpFamilyStmt": "ALTER OPERATOR FAMILY",
		"*pg_query.Node_AlterOperatorStmt": "ALTER OPERATOR", "*pg_query.Node_AlterExtensionContentsStmt": "ALTER EXTENSION",
		"*pg_query.Node_AlterObjectDependsStmt": "ALTER", "*pg_query.Node_AlterDatabaseRefreshCollStmt": "ALTER DATABASE",
		"*pg_query.Node_DropUserMappingStmt": "DROP USER MAPPING", "*pg_query.Node_DropSubscriptionStmt": "DROP SUBSCRIPTION",
	}
}

// idleCommand names a command that a read-only transaction may run in PostgreSQL and that has nothing to do here; "" for others.
func idleCommand(n *pg_query.Node) string {
	switch x := n.GetNode().(type) {
	case *pg_query.Node_VacuumStmt:
		if x.VacuumStmt.IsVacuumcmd {
			return "VACUUM"
		}
		return "ANALYZE"
	case *pg_query.Node_DoStmt:
		return "DO"
	case *pg_query.Node_CheckPointStmt:
		return "CHECKPOINT"
	case *pg_query.Node_ReindexStmt:
		return "REINDEX"
	case *pg_query.Node_ClusterStmt:
		return "CLUSTER"
	}
	return ""
}

// objectName is the SQL name of a kind of object, from the grammar's own.
func objectName(t pg_query.ObjectType) string {
	switch t {
	case pg_query.ObjectType_OBJECT_MATVIEW:
		return "MATERIALIZED VIEW"
	case pg_query.ObjectType_OBJECT_COLUMN, pg_query.ObjectType_OBJECT_TABCONSTRAINT, pg_query.ObjectType_OBJECT_ATTRIBUTE:
		return "TABLE"
	case pg_query.ObjectType_OBJECT_TSCONFIGURATION:
		return "TEXT SEARCH CONFIGURATION"
	case pg_query.ObjectType_OBJECT_FDW:
		return "FOREIGN DATA WRAPPER"
	case pg_query.ObjectType_OBJECT_OPFAMILY:
		return "OPERATOR FAMILY"
	case pg_query.ObjectType_OBJECT_OPCLASS:
		return "OPERATOR CLASS"
	case pg_query.ObjectType_OBJECT_LARGEOBJECT:
		return "LARGE OBJECT"
	case pg_query.ObjectType_OBJECT_STATISTIC_EXT:
		return "STATISTICS"
	case pg_query.ObjectType_OBJECT_FOREIGN_SERVER:
		return "SERVER"
	case pg_query.ObjectType_OBJECT_TSDICTIONARY:
		return "TEXT SEARCH DICTIONARY"
	case pg_query.ObjectType_OBJECT_TSPARSER:
		return "TEXT SEARCH PARSER"
	case pg_query.ObjectType_OBJECT_TSTEMPLATE:
		return "TEXT SEARCH TEMPLATE"
	case pg_query.ObjectType_OBJECT_DOMCONSTRAINT:
		return "DOMAIN"
	}
	return strings.ReplaceAll(strings.TrimPrefix(t.String(), "OBJECT_"), "_", " ")
}
