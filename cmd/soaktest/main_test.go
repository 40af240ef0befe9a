package soaktest

import (
	"os"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	os.Exit(running.Main(m))
}
