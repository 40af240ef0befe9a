package simulator

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a service leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
