// Package soaktest looks at much of everything: many rows (the gateway's memory, and its speed beside PostgreSQL, curl and
// encoding/json) and many clients at once.
//
// It is tests and benchmarks alone. Files in reading order: memory_test.go (300,000 rows, bounded memory), spill_test.go (twenty
// times the memory of a query), mixed_test.go (many
// clients ask, cancel, fail and leave while a service misbehaves; SOAKTIME says how long), bench_test.go (what `make bench`
// prints).
package soaktest
