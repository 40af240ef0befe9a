package enginebench

import (
	"flag"
	"os"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

// What a person says on the command line, after the package's name.
var (
	rowsFlag     = flag.Int("rows", 0, "rows of the largest table; 0: 10 million where memory allows, else a million")
	onlyFlag     = flag.String("only", "", "names of queries, separated by commas; empty: all")
	repeatFlag   = flag.Int("repeat", 3, "how often each query is asked of both, at the least; the shortest time counts")
	coresFlag    = flag.String("cores", "1", "GOMAXPROCS of the gateway, separated by commas")
	memoryFlag   = flag.Int("memory", 2048, "MiB that a query may use: query_memory of the gateway, work_mem of PostgreSQL")
	profilesFlag = flag.String("profiles", "", "folder for CPU profiles of the gateway, one a query")
	serverFlag   = flag.String("server", "", "connection string of a PostgreSQL that is kept between runs; empty: one is started")
	outFlag      = flag.String("out", "", "file for the table of results, as Markdown")
	readmeFlag   = flag.String("readme", "", "README whose table of this benchmark is replaced")
	pagesFlag    = flag.Int("pages", 0, "rows of the largest table for the same queries over pages of JSON; 0: they are left out")
)

func TestMain(m *testing.M) {
	parser.MaybeRunWorker()
	if rows := os.Getenv(gatewayVariable); rows != "" {
		os.Exit(gatewayMain(rows))
	}
	flag.Parse()
	os.Exit(running.Main(m))
}
