package tools_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/odatagres/odatagres"
	root   = "../.."
)

// layer is a package and which of the project's others it may import.
type layer struct {
	path      string
	mayImport []string
}

// layers is the direction of imports. .golangci.yml says the same to the linter,
// and TestTheGuardFiresForEveryPair compares the two.
func layers() []layer {
	base := []string{"internal/pgerr", "internal/sqltype", "internal/vector"}
	with := func(more ...string) []string { return append(slices.Clone(base), more...) }
	return []layer{
		{"internal/pgerr", nil},
		{"internal/sqltype", []string{"internal/pgerr"}},
		{"internal/vector", []string{"internal/pgerr", "internal/sqltype"}},
		{"internal/config", nil},
		{"internal/oracle", nil},
		{"wire", with("wire/backend")},
		{"wire/backend", base},
		{"engine", with("wire/backend", "planner", "planner/bind", "planner/bind/parser", "planner/plan", "planner/rules",
			"planner/pushdown", "catalog", "catalog/builtin", "catalog/system", "odata", "odata/edm", "odata/query",
			"odata/profile", "odata/simulator", "engine/exec", "engine/eval", "engine/spill")},
		{"engine/exec", with("planner/plan", "engine/eval", "engine/spill", "odata", "odata/edm", "odata/query", "odata/profile",
			"catalog", "catalog/builtin", "catalog/system")},
		{"engine/eval", with("catalog/builtin", "planner/plan")},
		{"engine/spill", base},
		{"planner", with("planner/bind", "planner/plan", "planner/rules", "planner/pushdown", "catalog", "odata/query")},
		{"planner/bind", with("planner/bind/parser", "planner/plan", "catalog", "catalog/builtin")},
		{"planner/bind/parser", with("planner/bind", "planner/plan", "catalog", "catalog/builtin")},
		{"planner/plan", with("odata/query", "catalog/builtin")},
		{"planner/rules", with("planner/plan", "engine/eval")},
		{"planner/pushdown", with("planner/plan", "odata/edm", "odata/query", "odata/profile")},
		{"odata", with("odata/edm", "odata/query", "odata/profile")},
		{"odata/edm", []string{"internal/sqltype", "internal/vector"}},
		{"odata/query", []string{"internal/sqltype", "internal/vector", "odata/edm"}},
		{"odata/profile", []string{"internal/sqltype", "internal/vector", "odata/edm", "odata/query"}},
		{"odata/simulator", nil},
		{"catalog", with("catalog/builtin", "odata/edm", "odata/profile")},
		{"catalog/builtin", base},
		{"catalog/system", with("catalog", "catalog/builtin")},
	}
}

// outside is a package that only some of the project's may import.
type outside struct {
	path      string
	onlyIn    []string
	importing string // one that does, so that a renamed path is noticed
}

func outsiders() []outside {
	return []outside{
		{"github.com/jackc/pgproto3/v2", []string{"wire", "wire/backend"}, "wire"},
		{"github.com/pganalyze/pg_query_go/v5", []string{"planner/bind", "planner/bind/parser"}, "planner/bind/parser"},
		{"net/http", []string{"odata", "odata/simulator", "cmd/odatagres"}, "odata/simulator"},
	}
}

// neverReached lists what a package must not have among its dependencies at all,
// however far away.
func neverReached() map[string][]string {
	return map[string][]string{
		// Planning and evaluation do no I/O.
		"planner":          {"net/http", module + "/odata"},
		"planner/bind":     {"net/http", module + "/odata"},
		"planner/rules":    {"net/http", module + "/odata"},
		"planner/pushdown": {"net/http", module + "/odata"},
		"engine/eval":      {"net/http", module + "/odata"},
		// The protocol knows no engine.
		"wire": {"net/http", module + "/engine", module + "/planner", module + "/catalog", module + "/odata"},
	}
}

type listed struct {
	ImportPath string
	Name       string
	Imports    []string
	Deps       []string
}

// listPackages is `go list` of the project, by path inside it.
func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Name,Imports,Deps", "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	packages := make(map[string]listed)
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(p.ImportPath, module+"/")] = p
	}
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	for _, l := range layers() {
		p, ok := packages[l.path]
		if !ok {
			continue // TestEveryNameInTheTablesExists
		}
		for _, imported := range p.Imports {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !slices.Contains(l.mayImport, ours) {
				t.Errorf("%s imports %s", l.path, ours)
			}
			for _, o := range outsiders() {
				if imported == o.path && !slices.Contains(o.onlyIn, l.path) {
					t.Errorf("%s imports %s, which only %v may", l.path, imported, o.onlyIn)
				}
			}
		}
		for _, forbidden := range neverReached()[l.path] {
			if slices.Contains(p.Deps, forbidden) {
				t.Errorf("%s depends on %s", l.path, forbidden)
			}
		}
	}
}

// testSupport is what only tests import. Like commands and generators it may import
// everything.
func testSupport() []string {
	return []string{"wire/wiretest", "catalog/catalogtest", "cmd/internal/running"}
}

// TestEveryNameInTheTablesExists keeps a rule from guarding a package that was
// renamed, and a new package from being guarded by none.
func TestEveryNameInTheTablesExists(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	known := make(map[string]bool)
	for _, l := range layers() {
		known[l.path] = true
		for _, name := range append([]string{l.path}, l.mayImport...) {
			if _, ok := packages[name]; !ok {
				t.Errorf("there is no package %s", name)
			}
		}
	}
	for path, forbidden := range neverReached() {
		for _, name := range append([]string{path}, forbidden...) {
			ours, ok := strings.CutPrefix(name, module+"/")
			if _, found := packages[ours]; (ok || name == path) && !found {
				t.Errorf("there is no package %s", name)
			}
		}
	}
	for _, o := range outsiders() {
		if !slices.Contains(packages[o.importing].Imports, o.path) {
			t.Errorf("%s does not import %s", o.importing, o.path)
		}
	}
	for path, p := range packages {
		if !known[path] && p.Name != "main" && !slices.Contains(testSupport(), path) && p.Imports != nil {
			t.Errorf("the table says nothing about %s", path)
		}
	}
}
