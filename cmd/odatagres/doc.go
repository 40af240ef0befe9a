// Command odatagres serves OData services as a PostgreSQL database.
//
// It is not where anything is decided about SQL or OData: it reads flags and configuration, makes an engine, a listener and
// the sample service of them, and says what it did. It alone has an exit code, an environment, signals and the standard
// streams.
//
// Files in reading order:
//
//	main.go        the process: parse worker, signals, exit code
//	program.go     what a command gets of the process; the root command; usage errors
//	demo.go, simulate.go, serve.go, check.go, explain.go, version.go   one command each
//	assemble.go    configuration → engine, services, listener options
//	gateway.go     an engine and its listener, started and ended together
//	state.go       the state directory: server secret, leftovers of spilled data
//	logging.go     the logger
//	local.go       SQL run in this process, without a listener
//	question.go, table.go   the demo's question, and rows printed as psql does
//
// Invariants: standard output holds only what the command's contract names, logs and errors go to standard error; an error
// is one line and exit code 1, a command line that is wrong exit code 2; everything that was started is ended before main
// returns.
package main
