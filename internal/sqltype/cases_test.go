package sqltype_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/sqltype"
)

const casesDir = "../../testdata/types"

// caseSetup reads what a directive says: the type, its modifiers and the session's settings. The clock stands.
func caseSetup(d *datadriven.TestData) (sqltype.Type, *session, error) {
	env := newSession()
	env.now = time.Date(2024, 2, 29, 13, 14, 15, 0, time.UTC)
	var typ sqltype.Type
	for _, arg := range d.CmdArgs {
		val := strings.Join(arg.Vals, ",")
		switch arg.Key {
		case "type":
			i, ok := sqltype.ByName(val)
			if !ok {
				return typ, nil, fmt.Errorf("no type %s", val)
			}
			typ = sqltype.Of(i.OID)
		case "mod":
			var mods []int64
			for _, v := range arg.Vals {
				n, err := strconv.ParseInt(v, 10, 64)
				if err != nil {
					return typ, nil, err
				}
				mods = append(mods, n)
			}
			mod, _, err := sqltype.ModifiersOf(typ.OID, mods)
			if err != nil {
				return typ, nil, err
			}
			typ.Typmod = mod
		case "zone":
			env.zone = val
		case "order":
			env.order = val
		case "style":
			env.style = val
		case "interval":
			env.interval = val
		case "bytea":
			env.bytea = val
		case "digits":
			n, err := strconv.Atoi(val)
			if err != nil {
				return typ, nil, err
			}
			env.digits = n
		default:
			return typ, nil, fmt.Errorf("unknown argument %s", arg.Key)
		}
	}
	return typ, env, nil
}

// caseInputs are the lines of a case; a pair of quotes keeps blanks and makes the empty string.
func caseInputs(d *datadriven.TestData) []string {
	var in []string
	for _, l := range strings.Split(d.Input, "\n") {
		if len(l) >= 2 && l[0] == '\'' && l[len(l)-1] == '\'' {
			l = l[1 : len(l)-1]
		}
		in = append(in, l)
	}
	return in
}

// TestCases reads every line of a case as a value and writes its text and binary form, or the error.
func TestCases(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, casesDir, func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			typ, env, err := caseSetup(d)
			if err != nil {
				t.Fatal(d.Pos, err)
			}
			c := &comparison{env: env}
			var b strings.Builder
			for _, s := range caseInputs(d) {
				r := c.ours(t, typ, s)
				for len(r) > 1 && r[len(r)-1] == "" {
					r = r[:len(r)-1]
				}
				if r[0] == "ok" {
					r = r[1:]
				}
				for i := range r {
					if n := len(r[i]); n > 1000 {
						r[i] = fmt.Sprintf("%s… (%d bytes)", r[i][:40], n)
					}
				}
				b.WriteString(strings.Join(r, " | ") + "\n")
			}
			return b.String()
		})
	})
}

// TestCasesAreTheOracles asks PostgreSQL the same cases. Cases that read the clock are in files of their own.
func TestCasesAreTheOracles(t *testing.T) {
	t.Parallel()
	server := oracle.Start(t)
	files, err := filepath.Glob(filepath.Join(casesDir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_clock") {
			continue
		}
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			typ, env, err := caseSetup(d)
			if err != nil {
				t.Fatal(d.Pos, err)
			}
			startComparison(t, server, env).run(t, typ, caseInputs(d))
			return d.Expected
		})
	}
}
