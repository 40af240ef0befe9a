// Command typegen writes oid_gen.go, types_gen.go and zones_gen.go of package sqltype from the pg_type of a running PostgreSQL 15.
//
// It is run by hand when the supported version of PostgreSQL changes:
//
//	TYPEGEN_DSN=postgres://postgres@127.0.0.1:5432/postgres go generate ./internal/sqltype
//
// It is not part of the build. Invariant: equal catalogs give equal files; it writes every base, pseudo, range and
// multirange type of pg_catalog and their arrays, and leaves out the row types of the system relations.
package main
