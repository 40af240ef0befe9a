package difftest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// castTargets are the types to which the matrix casts, with the ones that a modifier restricts.
func castTargets() []string {
	var out []string
	for _, s := range samplesOfAll() {
		out = append(out, s.name)
	}
	return append(out, restrictedTypes()...)
}

func restrictedTypes() []string {
	return []string{
		"varchar(2)", "char(4)", "numeric(5,2)", "numeric(3)", "numeric(2,-1)", "numeric(3,5)", "time(1)", "timetz(0)", "timestamp(0)",
		"timestamptz(3)", "interval(1)", "interval day", "interval hour to minute", "interval year to month", "interval second(2)",
		"varchar(2)[]", "numeric(4,1)[]", "char(3)[]", "timestamp(0)[]", "float(10)", "float(40)", "record",
	}
}

// castCells casts every value of every type to every type: explicitly, by assignment (as EXECUTE does with its arguments), and
// implicitly (as the branches of UNION and CASE do).
func castCells() (explicit, assigned, implicit []cell) {
	sources := allExpressions()
	null := func(typ string) string {
		switch typ {
		case "record":
			return "null::record"
		case "unknown":
			return "null"
		}
		return "null::" + typ
	}
	for _, from := range sources {
		for i, to := range castTargets() {
			for j, v := range append(from.values, null(from.name)) {
				explicit = append(explicit, cell{
					row: from.name, col: to, sql: fmt.Sprintf("select (%s)::%s", v, to), mode: format((i + j) % 3), none: j == len(from.values),
				})
			}
		}
		for i, to := range samplesOfAll() {
			for _, v := range from.values[:min(4, len(from.values))] {
				assigned = append(assigned, cell{row: from.name, col: to.name, sql: fmt.Sprintf("execute to_%d(%s)", i, v)})
			}
		}
		for i, to := range sources {
			a, b := from.values[0], to.values[0]
			implicit = append(implicit,
				cell{row: from.name, col: to.name, sql: fmt.Sprintf("select %s as v union all select %s", a, b), mode: format(i % 3)},
				cell{row: from.name, col: to.name, sql: fmt.Sprintf("select case when x then %s else %s end from (values (true), (false)) v(x)", a, b), mode: format((i + 1) % 3)},
			)
		}
	}
	return explicit, assigned, implicit
}

// preparedTargets are the statements through which values are assigned to each type.
func preparedTargets() []string {
	var out []string
	for i, to := range samplesOfAll() {
		out = append(out, fmt.Sprintf("prepare to_%d(%s) as select $1 as v", i, to.name))
	}
	return out
}

// columnCells casts whole columns of values: those that PostgreSQL took one by one.
func columnCells(explicit []outcome) []cell {
	type pair struct{ from, to string }
	var order []pair
	values := map[pair][]string{}
	telling := map[pair]bool{}
	for _, o := range explicit {
		p := pair{o.row, o.col}
		if o.fault != "" || o.row == "unknown" {
			continue
		}
		if values[p] == nil {
			order = append(order, p)
		}
		telling[p] = telling[p] || !o.none
		v := strings.TrimPrefix(o.sql, "select (")
		values[p] = append(values[p], "("+v[:strings.LastIndex(v, ")::")]+")")
	}
	var out []cell
	for i, p := range order {
		if !telling[p] {
			continue // only NULL can be cast
		}
		out = append(out, cell{
			row: p.from, col: p.to, mode: format(i % 3),
			sql: fmt.Sprintf("select v::%s from (values %s) t(v)", p.to, strings.Join(values[p], ", ")),
		})
	}
	return out
}

// runFirst asks the first case of each cell, and the others only where PostgreSQL knows a cast at all.
func (m *matrix) runFirst(t *testing.T, cells []cell) []outcome {
	t.Helper()
	var first, rest []cell
	seen := map[[2]string]bool{}
	for _, c := range cells {
		if at := [2]string{c.row, c.col}; seen[at] {
			rest = append(rest, c)
		} else {
			seen[at] = true
			first = append(first, c)
		}
	}
	outs := m.run(t, first)
	for _, o := range outs {
		// 42846: no cast; 42804: none by assignment; 42883: no function that reads it.
		seen[[2]string{o.row, o.col}] = o.fault != "42846" && o.fault != "42804" && o.fault != "42883"
	}
	rest = slices.DeleteFunc(rest, func(c cell) bool { return c.row != "unknown" && !seen[[2]string{c.row, c.col}] })
	return append(outs, m.run(t, rest)...)
}

// matrixCasts compares casts between all types, in the three contexts that there are.
func matrixCasts(t *testing.T, m *matrix, ex *excuses) {
	t.Helper()
	m.setup = preparedTargets()
	explicit, assigned, implicit := castCells()
	outs := m.runFirst(t, explicit)
	checkTypes(t, m)
	checkCasts(t, m, outs)
	judge(t, "explicit cast", outs, ex)
	judge(t, "cast of a column", m.run(t, columnCells(outs)), ex)
	judge(t, "assignment", m.runFirst(t, assigned), ex)
	judge(t, "implicit cast", m.run(t, implicit), ex)
}
