// Package engine is a PostgreSQL session over plans: settings, transactions as bookkeeping, prepared statements, portals
// and cursors. It turns SQL text into a running portal and implements wire/backend.
//
// It is not the protocol (wire), and plans nothing itself (planner). Reading order: engine.go (what lives for the whole
// server), services.go (services: metadata, snapshots, what was learned), session.go (one client), transaction.go,
// settings.go with guc.go (run-time parameters), statement.go (prepared statements), portal.go (a portal and its kinds),
// query.go (a plan that runs), command.go (utility statements), cursor.go, explain.go, env.go and lookups.go (what
// expressions see), live.go (what system views see), fault.go (OData faults to SQLSTATEs), activity.go.
//
// Invariants: a session is used by one goroutine, except for what activity.go guards. Every error that leaves is a
// *pgerr.Error. A statement sees one catalog snapshot. Requests of a portal live under the portal's context.
package engine
