// Package clienttest runs real clients against the command: psql, pgx, lib/pq, pgjdbc, psycopg2, SQLAlchemy, asyncpg and
// psqlODBC, and what Grafana and the compose file ask.
//
// It is tests alone. What is right is judged elsewhere (engine/difftest compares with PostgreSQL); here every client must get
// the rows that the first one got, in each protocol and format that it knows, and its own start-up, paging, cancelling and
// copying must work. What the catalog answers is compared with PostgreSQL, since clients print it. Files in reading order:
//
//   - questions_test.go, canonical_test.go: the questions, and one text for equal values
//   - pgx_test.go, libpq_test.go, psql_test.go, python_test.go, jdbc_test.go, odbc_test.go: one client each
//   - postgres_test.go, catalog_test.go, describe_test.go: the catalog beside PostgreSQL's
//   - scripts_test.go: the protocol's scripts
//   - compose_test.go: what docker-compose.yml runs
//
// Programs in other languages are in testdata. They read questions as JSON and print rows as JSON.
package clienttest
