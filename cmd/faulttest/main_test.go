package faulttest

import (
	"os"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

func TestMain(m *testing.M) {
	os.Exit(running.Main(m))
}
