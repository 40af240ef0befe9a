// Package system computes the rows of pg_catalog, information_schema and the server's own schema, one file per relation or
// tight family of relations.
//
// It holds no names, definitions or privileges of its own (package catalog does) and runs no SQL: a view of PostgreSQL is
// computed here with its view's logic. Reading order: definitions.go (what package catalog builds its snapshots from),
// registry.go (the table from relation to sources), source.go (how rows are made), dump.go (rows that initdb makes),
// values.go, live.go (what the engine tells), then any relation: pg_*.go, information.go and
// information_*.go, odatagres_*.go, session.go (the session's own), static.go (as initdb made them). users.go lists what initdb
// did not make; reg.go, procs.go and objects.go answer about objects by name and by OID.
//
// Invariants: every relation of PostgreSQL 15's two schemas exists with exactly its columns, in order and typed as there; a
// relation without a source is empty because nothing stands behind it. Rows depend on the snapshot, the session's user and
// Live alone. A row handed to emit is valid during the call only.
package system
