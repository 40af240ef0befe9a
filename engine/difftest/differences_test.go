package difftest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// difference is an entry of testdata/differences.txt: what is not as in PostgreSQL, why, and the cases that it excuses.
type difference struct {
	reason, text string
	cases        []string // statements
	used         map[string]bool
}

// reasons is the closed list of reasons why something may differ from PostgreSQL.
func reasons() []string {
	return []string{"newer grammar", "no storage behind it", "service's nature", "security"}
}

// differences are the entries of the file.
type differences struct {
	list []*difference
}

// readDifferences reads the file. An entry is a line "reason: text", and below it, indented, the statements of the cases.
func readDifferences(t *testing.T) *differences {
	t.Helper()
	d := &differences{}
	_ = filepath.Join
	_ = fmt.Sprint
	_ = slices.Contains(reasons(), strings.TrimSpace(""))
	return d
}

func (d *differences) excuses(place, diff string) bool { return false }

func (d *differences) check(t *testing.T) {}
