// Command gen writes the dumps in catalog/builtin/data from a running, freshly initialized PostgreSQL 15.
//
// It is run by hand when the supported version of PostgreSQL changes:
//
//	BUILTIN_DSN=postgres://postgres@127.0.0.1:5432/postgres go run ./catalog/builtin/gen catalog/builtin/data
//
// It is not part of the build. Invariant: equal catalogs give equal files. A file's first line names the columns and the OIDs
// of their types; a further line is a row in the text format of COPY.
package main
