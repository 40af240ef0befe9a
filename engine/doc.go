// Package engine is a PostgreSQL session over plans: settings, transactions as bookkeeping, prepared statements, portals
// and cursors. It turns SQL text into a running portal and implements wire/backend.
//
// It is not the protocol (wire), and plans nothing itself (planner). Files in reading order:
//
//   - engine.go: what lives for the whole server
//   - services.go, capabilities.go, learned.go, spelling.go, rowcount.go: the services' metadata, what they can do, what was
//     found out about them
//   - session.go, activity.go, log.go: one client
//   - transaction.go
//   - settings.go, guc.go, guccheck.go, gucnumber.go, setstmt.go: run-time parameters
//   - statement.go, execute.go: prepared statements
//   - portal.go, query.go, admission.go, refusal.go: a portal, the queue for memory, a plan that runs, and what happens when a service refuses a part of it
//   - command.go, cursorstmt.go, cursor.go, backward.go, explain.go: utility statements
//   - env.go, lookups.go, regtypes.go, live.go: what expressions and system views see
//   - fault.go: OData faults to SQLSTATEs
//
// Invariants: a session is used by one goroutine, except for what activity.go guards. Every error that leaves is a
// *pgerr.Error. A statement sees one catalog snapshot. Requests of a portal live under the portal's context and end with it.
// Nothing is learned about a service from an answer that did not succeed. A query whose memory the server's budget does not
// grant fails with 53200 at once: it does not wait for others.
package engine
