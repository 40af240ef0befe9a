// Package catalogtest makes a real PostgreSQL hold the tables of a snapshot, for tests that compare the two servers.
//
// It is used by tests alone and starts no server (internal/oracle does). Reading order: ddl.go, cases.go (files of clients'
// queries).
package catalogtest
