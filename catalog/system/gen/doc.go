// Command gen writes catalog/system/data: what PostgreSQL 15's initdb makes besides the catalogs that catalog/builtin holds.
//
// It is not part of the server. It reads a fresh PostgreSQL 15 of locale C.UTF-8 whose superuser is called postgres:
//
//	SYSTEM_DSN="host=127.0.0.1 port=5432 user=postgres" go run ./catalog/system/gen catalog/system/data
//
// Every file has one line of column names with type OIDs, then one line a row in the text format of COPY.
package main
