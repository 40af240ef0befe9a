// Package oracle starts a real PostgreSQL 15 for tests to compare with.
//
// It is used by tests alone; a lint rule keeps it out of the product. It does
// not install PostgreSQL (the setup script does) and gives no defaults of its
// own where PostgreSQL has one, but for those that make answers repeatable: the
// locale C.UTF-8, the time zone UTC, and if asked a standing clock.
//
// Files in reading order:
//
//   - oracle.go: Start and New, and what a Server is
//   - watchdog.go: the process that ends the server when the test process does
//   - binary.go: where PostgreSQL's programs are
//   - query.go: statements and their results as text
//   - load.go: tables and rows
//
// Invariants:
//
//   - A server lives no longer than the process that started it, however that
//     process ends, and leaves nothing behind.
//   - It listens on loopback alone, on a free port, and trusts everyone there.
//   - It runs as an unprivileged user, because PostgreSQL refuses root.
//   - It keeps no goroutine in the test process, so leak checks need no exception.
package oracle
