package parser_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/odatagres/odatagres/planner/bind/parser"
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	goleak.VerifyTestMain(m)
}
