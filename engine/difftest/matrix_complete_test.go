package difftest

import (
	"fmt"
	"strings"
	"testing"
)

// matrixTypeNames are the types that the product knows, by pg_type's names: each, and each array over one of the first line, is among
// the samples.
const matrixTypeNames = `bool int2 int4 int8 float4 float8 numeric text varchar bpchar name char bytea uuid date time timestamp timestamptz interval json jsonb oid regclass
	timetz regproc regprocedure regoper regoperator regtype regrole regnamespace regcollation int2vector oidvector`

// checkTypes fails for a type without samples.
func checkTypes(t *testing.T, m *matrix) {
	t.Helper()
	have := map[string]bool{}
	for _, r := range askRows(t, m.oracle, "select typname from pg_type where oid = any ($1::regtype[])", typeArray()) {
		have[r[0]] = true
	}
	for i, line := range strings.Split(matrixTypeNames, "\n") {
		for _, name := range strings.Fields(line) {
			if !have[name] {
				t.Errorf("the type %s has no samples", name)
			}
			if i == 0 && !have["_"+name] {
				t.Errorf("arrays of %s have no samples", name)
			}
		}
	}
	t.Logf("%d types, %d of them arrays, with %d values", len(samplesOfAll()), len(arraySamples()), func() (n int) {
		for _, s := range samplesOfAll() {
			n += len(s.values)
		}
		return n
	}())
}

// rowsOf are the rows of outcomes, up to a blank behind the parenthesis that ends a signature.
func rowsOf(outs ...[]outcome) map[string]bool {
	rows := map[string]bool{}
	for _, list := range outs {
		for _, o := range list {
			rows[o.row] = true
			if at := strings.Index(o.row, ") "); at > 0 {
				rows[o.row[:at+1]] = true
			}
		}
	}
	return rows
}

// checkRoutines fails for a function without a case.
func checkRoutines(t *testing.T, list []*routine, rows map[string]bool) {
	t.Helper()
	kinds := map[string]int{}
	for _, r := range list {
		kinds[r.kind]++
		if !rows[r.label()] {
			t.Errorf("%s has no case", r.label())
		}
	}
	t.Logf("functions %d, aggregates %d, window functions %d", kinds["f"], kinds["a"], kinds["w"])
}

// checkCasts fails for a pair of types without a case, and for a cast of pg_cast that no case found.
func checkCasts(t *testing.T, m *matrix, outs []outcome) {
	t.Helper()
	pairs := map[[2]string]bool{}
	for _, o := range outs {
		pairs[[2]string{matrixTypeName(o.row), matrixTypeName(o.col)}] = pairs[[2]string{matrixTypeName(o.row), matrixTypeName(o.col)}] || o.fault != "42846"
	}
	for _, from := range allExpressions() {
		for _, to := range castTargets() {
			if _, ok := pairs[[2]string{matrixTypeName(from.name), matrixTypeName(to)}]; !ok {
				t.Errorf("no cast of %s to %s was tried", from.name, to)
			}
		}
	}
	casts := askRows(t, m.oracle, `with types as (select unnest($1::regtype[])::oid as oid)
		select castsource::regtype, casttarget::regtype from pg_cast where castsource in (select oid from types) and casttarget in (select oid from types)`, typeArray())
	for _, c := range casts {
		if c[0] != c[1] && !pairs[[2]string{c[0], c[1]}] {
			t.Errorf("pg_cast's cast of %s to %s was not found", c[0], c[1])
		}
	}
	t.Logf("%d types cast to %d, %d casts of pg_cast", len(allExpressions()), len(castTargets()), len(casts))
}

// checkProduct fails if a cell of two dimensions is missing.
func checkProduct(t *testing.T, what string, rows, columns int, outs []outcome) {
	t.Helper()
	cells := map[string]bool{}
	for _, o := range outs {
		cells[fmt.Sprint(o.row, "×", o.col)] = true
	}
	if len(cells) != rows*columns {
		t.Errorf("%s: %d cells instead of %d × %d", what, len(cells), rows, columns)
	}
	t.Logf("%s: %d × %d", what, rows, columns)
}
