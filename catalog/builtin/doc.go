// Package builtin holds what every PostgreSQL 15 database is born with: functions, operators, aggregates, casts, and the rows
// of the static system catalogs, all with PostgreSQL's own OIDs.
//
// It holds data, not code: a function names its kernel, and package engine/eval (scalar and set-returning functions) or
// engine/exec (aggregates, window functions) holds the kernel of that name. Reading order: builtin.go (the entries), load.go
// (the registry and its look-ups), kernel.go (which kernels exist), keyfunction.go (functions that hashes use), table.go (the dumps as rows), gen (the command that
// writes data from a running PostgreSQL).
//
// Invariants: the registry is immutable and made once per process, on first use. A function without a kernel is listed, as
// the catalog must show it, but the binder refuses to call it. The files in kernels name exactly the kernels that exist;
// tests in engine/eval and engine/exec prove both directions.
package builtin
