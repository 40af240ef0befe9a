// Package running builds the command and runs it in processes of its own, for tests that look at it from outside.
//
// It is used by tests alone and shares nothing with the command but its contract: names, flags and output lines. Files in
// reading order:
//
//	build.go     the binary, built once for a test process
//	process.go   a running command: its lines, its memory, its end
//	servers.go   the sample warehouse, the gateway, and both together
//
// Invariants: what a test started ends with the test, by SIGTERM and with exit code 0, or the test fails; every wait has an
// end.
package running
