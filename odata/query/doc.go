// Package query holds one OData query as a typed value: the entity set and the system query options, and the one printer
// that makes a URL of it.
//
// It is pure: it does no I/O, knows no service and judges nothing (odata/profile and planner/pushdown do). Reading order:
// query.go (Query), expr.go (filter expressions), format.go (filters as OData text), url.go (the URL).
//
// Invariants: every literal is written by edm's table and every name comes from metadata, so no text of a client reaches
// a URL unescaped; equal queries print equal text.
package query
