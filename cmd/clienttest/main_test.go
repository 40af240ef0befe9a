package clienttest

import (
	"os"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

func TestMain(m *testing.M) {
	code := running.Main(m)
	if dir := javaClasses.Load(); dir != nil {
		_ = os.RemoveAll(*dir)
	}
	os.Exit(code)
}
