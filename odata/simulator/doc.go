// Package simulator is an OData 4.0 service in-process, over real HTTP: the
// Intune Data Warehouse with generated rows, and a small second service with a
// property of every type. It refuses what Intune refuses or takes the whole of
// the standard, authenticates by OAuth 2.0, differs from our guesses about the
// real service in named variants and misbehaves in named faults. It serves
// demonstrations, tests and benchmarks.
//
// It is not a client's twin: it shares no literal, no parser and no evaluation
// with the gateway, so that an error on one side shows instead of cancelling
// out. It is not a database: rows are functions of a seed and their number.
//
// Files in reading order:
//
//	options.go     what a service is made from; query options as received
//	server.go      New, Start, Close, the three listeners
//	handler.go     routing of one request, authorization, service document; errors.go
//	read.go        a request for rows: options typed and checked
//	refuse.go      what Intune refuses
//	render.go      a page of JSON; rowwriter.go, json.go its rows; link.go its
//	               nextLink; deliver.go its bytes; memo.go, prerender.go what is kept
//	lexer.go, expr.go, typing.go, eval.go, functions.go   $filter and $orderby
//	model.go, csdl.go   the Intune model (model.json) and $metadata
//	value.go, dataset.go, hash.go   values and rows with random access
//	world.go, lookups.go, sets_*.go, pools.go   the warehouse's rows
//	types_model.go, types_data.go   the second service; own.go a caller's own
//	variants.go, faults.go, lies.go, behaviour.go   how it differs and misbehaves
//	auth.go        the token endpoint
//	rows.go, requests.go   what tests ask: the rows served, the requests received
//
// Invariants: equal options give equal rows on every machine. A row is made
// without its neighbours, so that a read of one day makes that day. A request
// works with one behaviour from beginning to end. Tokens are opaque, never
// logged, and no part of [Request].
package simulator
