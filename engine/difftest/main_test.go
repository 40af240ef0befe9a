package difftest

import (
	"os"
	"testing"

	"github.com/odatagres/odatagres/planner/bind/parser"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	os.Exit(m.Run())
}
