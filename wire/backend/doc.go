// Package backend is the contract between the PostgreSQL protocol (package wire) and an engine, as database/sql/driver is
// between database/sql and a driver.
//
// It holds no behaviour. Reading order: backend.go. Invariants: every error that crosses it is a *pgerr.Error; statements
// and portals have one namespace for protocol and SQL (EXECUTE runs a Parse'd statement, Bind a PREPAREd one, FETCH and
// CLOSE reach protocol portals, Describe and Execute reach DECLAREd cursors); a session is used by one goroutine at a time,
// except where a method says otherwise.
package backend
