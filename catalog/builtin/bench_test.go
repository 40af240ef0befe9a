package builtin

import "testing"

// BenchmarkBuild is what the first look-up of a process waits for.
func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		build()
	}
}
