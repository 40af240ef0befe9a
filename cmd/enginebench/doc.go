// Package enginebench compares the engine with PostgreSQL 15: one client asks both the same queries over the wire, over the same
// generated rows, and compares the answers and the times.
//
// It is tests and benchmarks alone. The gateway is this test binary in a process of its own, on one core unless it is told
// otherwise; its rows lie in memory as batches of vectors and PostgreSQL's in its shared buffers, so that engines are compared
// and not what feeds them. Everything else is the product: protocol, parser, binder, planner, operators.
//
//	go test ./cmd/enginebench -run X -bench Engine -rows 1000000 -only groupby_1m,sort -profiles /tmp/profiles
//
// With -pages the same queries are asked end to end, too, over pages of JSON that the sample service has rendered ahead of time.
//
// Files in reading order: data_test.go (the tables), source_test.go (the gateway's rows), postgres_test.go (the same in
// PostgreSQL), pages_test.go (the same as pages), gateway_test.go (the gateway's process), queries_test.go (what is asked),
// measure_test.go (asking and timing), result_test.go (the table, and the criterion), bench_test.go (the test and the benchmark),
// main_test.go (flags).
package enginebench
