package difftest

import (
	"fmt"
	"strings"
	"testing"
)

// operatorsQuery finds the operators over the matrix's types, by name and kind.
const operatorsQuery = `
with types as (select unnest($1::regtype[])::oid as oid union all select unnest('{anyelement,anyarray,anynonarray,anycompatible,anycompatiblearray,anycompatiblenonarray,record}'::regtype[])::oid)
select o.oid, o.oprname, o.oprkind, coalesce(nullif(o.oprleft, 0)::regtype::text, ''), o.oprright::regtype
  from pg_operator o
 where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprresult in (select oid from types) and o.oprright in (select oid from types)
   and (o.oprleft = 0 or o.oprleft in (select oid from types))
 order by o.oprname, o.oid`

// operandTypes are the types that every operator is tried with on both sides: all but the reg* types that behave as regclass does.
func operandTypes() []expressions {
	var out []expressions
	for _, e := range allExpressions() {
		switch e.name {
		case "regproc", "regprocedure", "regoper", "regoperator", "regrole", "regnamespace", "regcollation", "character",
			"smallint[]", "bigint[]", "double precision[]", "varchar[]", "timestamptz[]", "jsonb[]", "real[]", "bpchar[]", "name[]", `"char"[]`, "bytea[]", "uuid[]", "time[]", "timestamp[]", "interval[]", "json[]", "oid[]", "regclass[]", "boolean[]", "date[]":
			continue
		case "unknown":
			e.values = []string{"'12'"}
		}
		out = append(out, e)
	}
	return out
}

// binaryForms are the expressions over two operands that the grammar has words for.
func binaryForms() []string {
	return []string{
		"%a is distinct from %b", "coalesce(%a, %b)", "nullif(%a, %b)", "greatest(%a, %b)", "least(%b, %a)", "%a in (%b, %a)", "%a not in (%b)",
		"%a between %b and %a", "%a between symmetric %b and %a", "%a = any (array[%b])", "%a <> all (array[%b, %a])", "case %a when %b then 1 else 2 end",
		"array[%a, %b]", "%a like %b", "%a not ilike %b", "%a similar to %b", "row(%a, 1) = row(%b, 1)", "row(%a, 1) < row(%b, 2)", "%a = (select %b)",
		"%a in (select %b)", "%a < any (select %b)", "%a at time zone %b", "position(%a in %b)", "overlay(%a placing %b from 2)", "substring(%a from %b)",
		"trim(both %a from %b)", "%a and %b", "%a or %b", "(%a)[%b]", "(array[%a])[%b]", "extract(epoch from %a) + %b", "(%a, %b) overlaps (%b, %a)",
	}
}

// unaryForms are those over one operand.
func unaryForms() []string {
	return []string{
		"%a is null", "%a is not null", "%a isnull", "%a is true", "%a is not false", "%a is unknown", "not %a", "row(%a) is null", "(%a)[1]", "(%a)[1:2]", "array[%a]", "array[array[%a]]",
		"array(select %a)", "exists (select %a)", "(select %a)", "row(%a)", "row(%a, %a)", "(row(%a)).f1", "extract(year from %a)", "extract(day from %a)", "extract(hour from %a)", "extract(epoch from %a)", "trim(%a)", "%a is normalized",
		"upper(%a)", "collation for (%a)", "%a collate \"C\"", "case when %a then 1 end", "num_nulls(%a)", "%a::text::bytea", "pg_typeof(%a)", "to_json(%a)", "to_jsonb(%a)", "format('%s|%L', %a, %a)",
		"concat(%a, '|', %a)", "quote_literal(%a)", "quote_nullable(%a)", "json_build_object('k', %a)", "jsonb_build_array(%a)", "array_to_string(array[%a], ',')", "unnest(array[%a])",
		"(values (%a))", "%a = %a", "cast(%a as text)",
	}
}

// operatorCells try every operator over its own types with many values, every operator's name over all pairs of types, and the
// grammar's own expressions over all types and pairs of them.
func operatorCells(t *testing.T, dsn string) (own, crossed, forms []cell) {
	t.Helper()
	names := map[string]bool{}
	var order []string
	for _, r := range askRows(t, dsn, operatorsQuery, typeArray()) {
		f := &routine{oid: r[0], name: r[1], args: []string{r[4]}}
		if r[3] != "" {
			f.args = []string{r[3], r[4]}
		}
		key := fmt.Sprint(r[1], len(f.args))
		if !names[key] {
			names[key] = true
			order = append(order, key)
		}
		for _, types := range concreteTypes(f.args) {
			for n, args := range argumentLists(f, types) {
				sql := fmt.Sprintf("select %s %s", f.name, args[0])
				if len(args) == 2 {
					sql = fmt.Sprintf("select %s %s %s", args[0], f.name, args[1])
				}
				own = append(own, cell{row: r[3] + " " + r[1] + " " + r[4], col: strings.Join(types, ", "), sql: sql, mode: format(n % 3)})
			}
		}
	}
	operands := operandTypes()
	for _, key := range order {
		name, two := key[:len(key)-1], key[len(key)-1] == '2'
		for i, a := range operands {
			if !two {
				crossed = append(crossed, cell{row: name, col: a.name, sql: fmt.Sprintf("select %s %s", name, a.values[0]), mode: format(i % 3)})
				continue
			}
			for j, b := range operands {
				crossed = append(crossed, cell{row: name, col: a.name + ", " + b.name, sql: fmt.Sprintf("select %s %s %s", a.values[0], name, b.values[0]), mode: format((i + j) % 3)})
			}
		}
	}
	for i, e := range allExpressions() {
		for j, f := range unaryForms() {
			for k, v := range e.values[:min(2, len(e.values))] {
				forms = append(forms, cell{row: f, col: e.name, sql: "select " + strings.ReplaceAll(f, "%a", v), mode: format((i + j + k) % 3)})
			}
		}
	}
	for i, a := range operands {
		for j, b := range operands {
			for k, f := range binaryForms() {
				forms = append(forms, cell{
					row: f, col: a.name + ", " + b.name, mode: format((i + j + k) % 3),
					sql: "select " + strings.NewReplacer("%a", a.values[0], "%b", b.values[0]).Replace(f),
				})
			}
		}
	}
	return own, crossed, forms
}

// matrixOperators compares operators and the grammar's own expressions over every type.
func matrixOperators(t *testing.T, m *matrix, ex *excuses) {
	t.Helper()
	own, crossed, forms := operatorCells(t, m.oracle)
	judge(t, "operator", m.run(t, own), ex)
	over, expressions := m.run(t, crossed), m.run(t, forms)
	t.Logf("%d operators' names over %d types on each side; %d expressions of one operand, %d of two", len(rowsOf(over)), len(operandTypes()), len(unaryForms()), len(binaryForms()))
	judge(t, "operator over types", over, ex)
	judge(t, "expression", expressions, ex)
}
