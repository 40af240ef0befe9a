// Package pgerr is the error of the SQL side: a severity, an SQLSTATE, a message and PostgreSQL's optional fields.
//
// It is not a place for OData faults: package odata returns its own error, and one table in package engine gives it an
// SQLSTATE. Reading order: pgerr.go (the type and its constructors), codes.go (the SQLSTATEs that are raised).
//
// Invariants: an error is coded where the fault is known, wrapped with %w on its way, and turned into a message once, at
// the wire. Position counts characters from 1, as the P field of ErrorResponse does; 0 means unknown.
package pgerr
