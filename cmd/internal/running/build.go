package running

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// built is the folder to remove, once there is one.
var built atomic.Pointer[string]

// binary is the command that all tests of the process share: built of this tree, or one that ODATAGRES_BINARY names.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("ODATAGRES_BINARY"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "odatagres-test-")
	if err != nil {
		return "", err
	}
	// Servers that drop their rights must be able to run it.
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the binary is no secret
		return "", err
	}
	built.Store(&dir)
	path := filepath.Join(dir, "odatagres")
	cmd := exec.Command("go", "build", "-o", path, "github.com/odatagres/odatagres/cmd/odatagres")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// Binary is the path of the command.
func Binary(tb testing.TB) string {
	tb.Helper()
	path, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// Main runs a package's tests and removes what they built. TestMain calls it and exits with its result.
func Main(m *testing.M) int {
	code := m.Run()
	if dir := built.Load(); dir != nil {
		_ = os.RemoveAll(*dir)
	}
	return code
}

// Root is the project's folder.
func Root(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output() //nolint:noctx // answers at once
	if err != nil {
		tb.Fatalf("go env: %v", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}
