package tools_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// longest is how many lines a file may have that is written by hand.
const longest = 700

// goFile is a file's name, or a pattern of names, in the text of a doc.go; with a
// folder before it, it is another package's.
var goFile = regexp.MustCompile(`[\w./*]*[\w*]\.go\b`)

// TestEveryFileHasItsPlaceInTheReadingOrder reads each package's doc.go: it names
// every file of the package (by a pattern, where many are alike), and none that is
// not there. Tests and generated files need no mention.
func TestEveryFileHasItsPlaceInTheReadingOrder(t *testing.T) {
	t.Parallel()
	for path, p := range listPackages(t) {
		dir := filepath.Join(root, path)
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "doc.go"))
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name == "main" && !strings.HasPrefix(path, "cmd/") {
			continue // a generator's doc.go tells of the files that it writes
		}
		named := make(map[string]bool)
		for _, word := range goFile.FindAllString(string(text), -1) {
			found, err := filepath.Glob(filepath.Join(dir, word))
			if strings.Contains(word, "/") && len(found) == 0 {
				found, err = filepath.Glob(filepath.Join(root, word))
			}
			if err != nil || len(found) == 0 {
				t.Errorf("%s/doc.go names %s, which is not there", path, word)
			}
			for _, f := range found {
				named[filepath.Base(f)] = true
			}
		}
		for _, f := range files {
			name := filepath.Base(f)
			if !named[name] && name != "doc.go" && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_gen.go") {
				t.Errorf("%s/doc.go does not name %s", path, name)
			}
		}
	}
}

func TestNoFileIsTooLong(t *testing.T) {
	t.Parallel()
	for path := range listPackages(t) {
		files, err := filepath.Glob(filepath.Join(root, path, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), "\n"); n > longest && !strings.HasSuffix(f, "_gen.go") {
				t.Errorf("%s has %d lines; split it by concept", f, n)
			}
		}
	}
}
