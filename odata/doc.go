// Package odata is the client of OData v4 services: it sends a query, reads the pages of the answer as a stream into typed
// vectors, follows links, retries, authenticates, and guards where requests go.
//
// It is not a planner: it sends the query that it is given (odata/query), and neither judges nor changes it. It knows no
// SQLSTATE: faults are *Error, and engine maps their kinds.
//
// Reading order: source.go (what the executor sees), config.go (a service), client.go (Client), request.go and retry.go (one
// HTTP request with its retries), transport.go and inflate.go (connections and their compression), origin.go (where requests may
// go), auth.go (tokens), gate.go (at most N at once); reader.go (the consumer's side of a read), producer.go (following pages),
// handover.go (from the one to the other), spool.go (a response read aside); page.go (one body), decoder.go and batches.go (rows
// into vectors), scan.go (JSON text), value.go and value_*.go (one value); errors.go and errorbody.go (faults).
//
// Invariants: a Reader ends with an error or with every row, never silently short; a token is sent to the service's own
// origin and to origins that the configuration names with credentials, nowhere else; neither tokens nor secrets stand in an
// error or a log line; memory does not grow with the size of a page.
package odata
