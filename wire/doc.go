// Package wire is a server for PostgreSQL's frontend/backend protocol, version 3.0, over a backend.Backend: it accepts
// connections, speaks TLS, authenticates by SCRAM-SHA-256, runs the simple and the extended query protocol, and encodes
// batches of vectors as DataRow and COPY data.
//
// It is not an engine: it knows no SQL, no catalog and no transaction rules; what a statement is and does stands behind
// wire/backend.
//
// Reading order: options.go and server.go (accept, drain, registry), connection.go (the life of one connection), startup.go
// (what comes before authentication), tls.go, certificate.go, authenticate.go and scram.go, guard.go and
// shape.go (frames that are let through to the codec), inbox.go (the reader goroutine), writer.go, fault.go (errors and
// notices), session.go (the loop), simple.go, extended.go and execute.go (statements and portals), describe.go, rows.go,
// value.go and env.go (DataRow), copy.go with copytext.go and copycsv.go.
//
// Invariants:
//   - No byte of a client reaches pgproto3 before guard.go has read the whole frame and checked its shape.
//   - Only the session's goroutine writes to the client and calls the backend's session; the reader goroutine only reads.
//   - A client that does not read blocks only its own session, until the write timeout ends it; a client that pipelines is
//     read on while the session writes, up to a bound.
//   - After rows were sent a fault ends in ErrorResponse, never in a short result.
//   - Every connection's goroutines have ended when Shutdown returns, unless a backend does not heed its context.
package wire
