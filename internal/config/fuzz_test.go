package config_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/config"
)

// FuzzParse reads any text: what is wrong with it is said as faults with lines,
// without a panic and without a secret; what is not can be printed and read again.
func FuzzParse(f *testing.F) {
	full, err := os.ReadFile(fullFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(full), "", "---\n...\n---", "&a [*a]", "users: &a {b: *a}", "database: !!binary aGk=", "%YAML 1.1\n---\n",
		"services: [{schema: a, url: 'http://a', columns: {a.b: {on_error: null}}}]", "? [a]\n: b", "\xff\xfe",
	} {
		f.Add(seed)
	}
	// What YAML 1.1 takes for the end of a line (section 5.4).
	isBreak := func(r rune) bool { return strings.ContainsRune("\r\n\u0085\u2028\u2029", r) }
	loader := config.Loader{LookupEnv: testEnv, ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist }}
	f.Fuzz(func(t *testing.T, text string) {
		lines := 2
		for _, r := range text {
			if isBreak(r) {
				lines++
			}
		}
		c, err := loader.Parse([]byte(text), "/file.yaml")
		var faults *config.Faults
		switch {
		case errors.As(err, &faults):
			for _, fault := range faults.List {
				if fault.Line < 0 || (fault.Line > lines && utf8.ValidString(text)) || fault.Message == "" {
					t.Errorf("%+v", fault)
				}
			}
		case err != nil:
			t.Errorf("not faults: %v", err)
		case strings.Contains(c.String(), hidden) && !strings.Contains(text, hidden):
			t.Errorf("a secret is printed:\n%s", c)
		}
	})
}
