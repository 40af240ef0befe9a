// Package odata is the client of OData v4 services: it sends a query, reads the pages of the answer as a stream into typed
// vectors, follows links, retries, authenticates, and guards where requests go.
//
// It is not a planner: it sends the query that it is given (odata/query), and neither judges nor changes it. It knows no
// SQLSTATE: faults are *Error, and engine maps their kinds. Reading order: source.go (what the executor sees), config.go
// (a service), client.go (Client), request.go (one HTTP request with retries), transport.go and origin.go (connections and
// where they may lead), auth.go (tokens), gate.go (at most N connections), reader.go and pages.go (following pages), body.go
// (the bytes of one response), page.go, object.go, scan.go and value_*.go (the page decoder), errors.go and errorbody.go (faults).
//
// Invariants: a Reader ends with an error or with every row, never silently short; a token is sent to the service's own
// origin and to origins that the configuration names with credentials, nowhere else; neither tokens nor secrets stand in an
// error or a log line; memory does not grow with the size of a page.
package odata
