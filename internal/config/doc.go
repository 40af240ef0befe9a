// Package config is what an operator may say to the gateway: one struct, read
// from one YAML file, checked once with all its faults reported together.
//
// It is not where anything is opened, dialled or started: the commands turn the
// struct into what the other packages take, and no other package imports this
// one. It imports nothing else of the project.
//
// Files in reading order:
//
//   - config.go: the struct, its defaults and what every key means
//   - load.go: Load and Parse, the steps from bytes to a checked struct
//   - decode.go: YAML nodes into the struct, strictly, noting every line
//   - suggest.go: what an unknown key was probably meant to be
//   - scalar.go: sizes, durations and enumerations
//   - secret.go: values that print as ***
//   - verifier.go: SCRAM-SHA-256 verifiers as PostgreSQL stores them
//   - column.go: overrides of single columns
//   - validate.go: the rules that no single value can break alone
//   - fault.go: a fault, and all of them as one error
//
// Invariants:
//
//   - The struct is the only list of keys. A field's yaml tag is its key; a new
//     field must stand, commented, in testdata/config/full.yaml, or a test fails.
//   - A fault names the file, the line and the key's path, never a Go type, and
//     never quotes a secret.
//   - A Config returned without an error has been validated, its relative paths
//     are resolved against the file's folder, and its secrets are read.
package config
