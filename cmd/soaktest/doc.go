// Package soaktest measures the command from outside, with much data: the gateway's memory, and its speed beside PostgreSQL,
// curl and encoding/json.
//
// It is tests and benchmarks alone. Files in reading order: memory_test.go (300,000 rows, bounded memory), bench_test.go (what
// `make bench` prints).
package soaktest
