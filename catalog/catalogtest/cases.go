package catalogtest

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Case is a query that a client sends.
type Case struct {
	Name string
	SQL  string
	Line int
}

// ReadCases reads a file of testdata/catalog: a line "=== name" before each query, which goes on to the next such line. Lines
// that start with # between the name and the query are comments.
//
// OIDs of tables differ between servers, so in queries ${oid:schema."table"} stands for them; Expand puts them in.
func ReadCases(path string) ([]Case, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	var cases []Case
	for i, line := range strings.Split(string(raw), "\n") {
		name, starts := strings.CutPrefix(line, "=== ")
		switch {
		case starts:
			cases = append(cases, Case{Name: name, Line: i + 1})
		case len(cases) == 0 || strings.HasPrefix(line, "#") && cases[len(cases)-1].SQL == "":
		default:
			c := &cases[len(cases)-1]
			c.SQL += line + "\n"
		}
	}
	seen := make(map[string]bool)
	for i := range cases {
		c := &cases[i]
		c.SQL = strings.TrimSpace(c.SQL)
		if c.SQL == "" || seen[c.Name] {
			return nil, fmt.Errorf("%s:%d: the case %q is empty or there twice", path, c.Line, c.Name)
		}
		seen[c.Name] = true
	}
	return cases, nil
}

var oidMark = regexp.MustCompile(`\$\{oid:([^}]*)\}`)

// Expand puts the OIDs that the function finds into a query.
func Expand(sql string, oid func(relation string) (string, error)) (string, error) {
	var failed error
	out := oidMark.ReplaceAllStringFunc(sql, func(m string) string {
		s, err := oid(oidMark.FindStringSubmatch(m)[1])
		if err != nil {
			failed = err
		}
		return s
	})
	return out, failed
}
