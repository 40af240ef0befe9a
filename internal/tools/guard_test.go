package tools_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// deniedImport is how depguard words a finding.
var deniedImport = regexp.MustCompile(`^import '([^']+)' is not allowed from list`)

// TestTheGuardFiresForEveryPair gives each package of the table, in a copy of
// the tree made of empty packages, an import of every other one and of the
// outsiders, and expects the linter, with the project's own configuration, to
// refuse exactly those that the table does not allow.
func TestTheGuardFiresForEveryPair(t *testing.T) {
	t.Parallel()
	linter := buildLinter(t)
	for _, l := range append(layers(), command()) {
		t.Run(strings.ReplaceAll(l.path, "/", "_"), func(t *testing.T) {
			t.Parallel()
			var want []string
			imports := importable(l.path)
			for _, i := range imports {
				if !allowed(l, i) {
					want = append(want, i)
				}
			}
			got := refused(t, linter, l.path, imports)
			for _, i := range imports {
				switch g, w := slices.Contains(got, i), slices.Contains(want, i); {
				case g && !w:
					t.Errorf("the linter refuses %s in %s, which the table allows", i, l.path)
				case w && !g:
					t.Errorf("the linter lets %s into %s, which the table does not", i, l.path)
				}
			}
		})
	}
}

// command may import everything that tests do not have to themselves.
func command() layer {
	c := layer{path: "cmd/odatagres"}
	for _, l := range layers() {
		if l.path != "internal/oracle" {
			c.mayImport = append(c.mayImport, l.path)
		}
	}
	return c
}

// importable is every path that the table knows, but for the package itself.
func importable(self string) []string {
	var paths []string
	for _, l := range layers() {
		if l.path != self {
			paths = append(paths, module+"/"+l.path)
		}
	}
	for _, o := range outsiders() {
		paths = append(paths, o.path)
	}
	return paths
}

func allowed(l layer, imported string) bool {
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		return slices.Contains(l.mayImport, ours)
	}
	for _, o := range outsiders() {
		if o.path == imported {
			return slices.Contains(o.onlyIn, l.path)
		}
	}
	return true
}

func buildLinter(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", root, "bin/golangci-lint")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	path, err := filepath.Abs(filepath.Join(root, "bin", "golangci-lint"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// refused lints one package that has the imports, and gives those that depguard
// refuses.
func refused(t *testing.T, linter, path string, imports []string) []string {
	t.Helper()
	dir := t.TempDir()
	config, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".golangci.yml"), string(config))
	gomod := "module " + module + "\n\ngo 1.26\n"
	for _, i := range imports {
		ours, ok := strings.CutPrefix(i, module+"/")
		switch {
		case ok:
			write(t, filepath.Join(dir, ours, "empty.go"), "package empty\n")
		case i != "net/http":
			stub := filepath.Join("outside", strings.ReplaceAll(i, "/", "_"))
			write(t, filepath.Join(dir, stub, "empty.go"), "package empty\n")
			write(t, filepath.Join(dir, stub, "go.mod"), "module "+i+"\n")
			major := i[strings.LastIndex(i, "/v")+2:]
			gomod += fmt.Sprintf("require %s v%s.0.0\nreplace %s => ./%s\n", i, major, i, stub)
		}
	}
	write(t, filepath.Join(dir, "go.mod"), gomod)
	var source strings.Builder
	source.WriteString("package guarded\n\nimport (\n")
	for _, i := range imports {
		fmt.Fprintf(&source, "\t_ %q\n", i)
	}
	source.WriteString(")\n")
	write(t, filepath.Join(dir, path, "guarded.go"), source.String())

	cmd := exec.CommandContext(t.Context(), linter, "run", "--enable-only", "depguard", "--allow-parallel-runners",
		"--show-stats=false", "--output.json.path", "stdout", "./"+path)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOLANGCI_LINT_CACHE="+filepath.Join(dir, ".cache"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output() // it exits with 1 when it finds something
	var report struct {
		Issues []struct{ FromLinter, Text string }
	}
	if jsonErr := json.Unmarshal(out, &report); jsonErr != nil {
		t.Fatalf("golangci-lint: %v, %v\n%s%s", err, jsonErr, out, &stderr)
	}
	var got []string
	for _, issue := range report.Issues {
		m := deniedImport.FindStringSubmatch(issue.Text)
		if issue.FromLinter != "depguard" || m == nil {
			t.Fatalf("%s: %s", issue.FromLinter, issue.Text)
		}
		got = append(got, m[1])
	}
	return got
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
