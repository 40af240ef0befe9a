package difftest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// routine is a function of PostgreSQL's pg_proc whose types are all among the matrix's.
type routine struct {
	oid, name string
	kind      string // f, a, w
	set       bool
	args      []string // types of arguments, as format_type prints them
	variadic  bool
	direct    int    // direct arguments of an ordered-set aggregate; -1 for others
	result    string // result type
}

func (r *routine) label() string { return r.name + "(" + strings.Join(r.args, ", ") + ")" }

// routinesQuery finds the functions that take and give the matrix's types alone; $1 is the array of their names.
const routinesQuery = `
with types as (select unnest($1::regtype[])::oid as oid union all select unnest('{anyelement,anyarray,anynonarray,anycompatible,anycompatiblearray,anycompatiblenonarray,"\"any\"",record}'::regtype[])::oid)
select p.oid, p.proname, p.prokind, p.proretset, p.provariadic <> 0,
       case when a.aggkind <> 'n' then a.aggnumdirectargs else -1 end, p.prorettype::regtype,
       array_to_string(array(select t::regtype::text from unnest(p.proargtypes) with ordinality u(t, n) order by n), ';')
  from pg_proc p left join pg_aggregate a on a.aggfnoid = p.oid
 where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind in ('f', 'a', 'w')
   and p.prorettype in (select oid from types) and not exists (select 1 from unnest(p.proargtypes) t where t not in (select oid from types))
 order by p.proname, p.oid`

// askRows asks PostgreSQL for the rows of a list that the matrix is made from.
func askRows(t *testing.T, dsn, sql string, args ...string) [][]string {
	t.Helper()
	c := connect(t, dsn)
	var params [][]byte
	for _, a := range args {
		params = append(params, []byte(a))
	}
	r := c.ExecParams(t.Context(), sql, params, nil, nil, nil).Read()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var out [][]string
	for _, row := range r.Rows {
		var cells []string
		for _, v := range row {
			cells = append(cells, string(v))
		}
		out = append(out, cells)
	}
	return out
}

func typeArray() string {
	var names []string
	for _, s := range samplesOfAll() {
		names = append(names, `"`+strings.ReplaceAll(s.name, `"`, `\"`)+`"`)
	}
	return "{" + strings.Join(names, ",") + "}"
}

// routines are the functions of the matrix, without those that routineSkipped names.
func routines(t *testing.T, dsn string) (out []*routine, skipped map[string]int) {
	t.Helper()
	skipped = map[string]int{}
	for _, r := range askRows(t, dsn, routinesQuery, typeArray()) {
		f := &routine{oid: r[0], name: r[1], kind: r[2], set: r[3] == "t", variadic: r[4] == "t", result: r[6]}
		_, _ = fmt.Sscan(r[5], &f.direct)
		if r[7] != "" {
			f.args = strings.Split(r[7], ";")
		}
		if why := routineSkipped(f.name); why != "" {
			skipped[why]++
			continue
		}
		out = append(out, f)
	}
	return out, skipped
}

// routineSkipped gives the reason why a function's answer cannot be compared between two servers. Such functions have cases of
// their own in testdata/catalog and testdata/engine.
func routineSkipped(name string) string {
	compared := []string{"pg_typeof", "pg_size_pretty", "pg_size_bytes", "pg_encoding_to_char", "pg_char_to_encoding", "pg_encoding_max_length", "pg_client_encoding", "pg_is_in_recovery"}
	if slices.Contains(compared, name) {
		return ""
	}
	for _, s := range []struct{ why, prefixes string }{
		{"state of the server and of its storage", "pg_ txid_ lo_ lowrite loread currtid mxid_age age_xid binary_upgrade_ getdatabaseencoding row_security_active col_description obj_description shobj_description has_ format_type"},
		{"state of the session", "set_config setseed nextval currval lastval setval current_ session_user inet_ version getpgusername timeofday clock_timestamp"},
		{"chance", "random gen_random_uuid"},
		{"code called by the planner, by indexes or by text search", "ts_ get_current_ts_config to_tsvector plainto_ phraseto_ websearch_ amvalidate array_typanalyze brin_ gin gist hashvarlenaextended icregexeqsel like_support"},
		{"input, output and transport of types", "array_in array_out record_in aclitem"},
		{"text written by XML", "query_to_xml table_to_xml schema_to_xml database_to_xml cursor_to_xml xml"},
		{"a column definition list is needed", "json_to_record jsonb_to_record json_populate_record jsonb_populate_record"},
	} {
		for _, p := range strings.Fields(s.prefixes) {
			if strings.HasPrefix(name, p) {
				return s.why
			}
		}
	}
	return ""
}

// concreteTypes gives polymorphic arguments types: one reading for each element type.
func concreteTypes(args []string) [][]string {
	poly := false
	var out [][]string
	for _, elem := range []string{"integer", "text", "numeric"} {
		var types []string
		for _, a := range args {
			switch a {
			case "anyelement", "anynonarray", "anycompatible", "anycompatiblenonarray", `"any"`:
				poly, a = true, elem
			case "anyarray", "anycompatiblearray":
				poly, a = true, elem+"[]"
			}
			types = append(types, a)
		}
		out = append(out, types)
		if !poly {
			break
		}
	}
	return out
}

// valuesOf are the values of an argument: those that its function asks for, or its type's.
func valuesOf(r *routine, types []string, arg int) []string {
	if v := wantedValues(r, types, arg); v != nil {
		return v
	}
	if types[arg] == "record" {
		return []string{"row(1, 'a'::text)", "row(2, null)"}
	}
	for _, s := range samplesOfAll() {
		if matrixTypeName(s.name) == types[arg] {
			var out []string
			for _, v := range s.values {
				out = append(out, literal(s.name, v))
			}
			return out
		}
	}
	return nil
}

// matrixTypeName is a sample's type as format_type prints it.
func matrixTypeName(name string) string {
	switch base, array := strings.CutSuffix(name, "[]"); base {
	case "time":
		return "time without time zone" + name[len(base):]
	case "timestamp":
		return "timestamp without time zone" + name[len(base):]
	case "timestamptz":
		return "timestamp with time zone" + name[len(base):]
	case "varchar":
		return "character varying" + name[len(base):]
	case "bpchar":
		if array {
			return "character[]"
		}
		return "character"
	case "character":
		return "character(1)"
	}
	return name
}

// callsPerRoutine bounds how many combinations of values each reading of a function is called with.
const callsPerRoutine = 24

// argumentLists are combinations of values of a function's arguments: all, or some by chance.
func argumentLists(r *routine, types []string) [][]string {
	all := [][]string{}
	total := 1
	for i := range types {
		v := valuesOf(r, types, i)
		if len(v) == 0 {
			return nil
		}
		all = append(all, v)
		total *= len(v)
	}
	h := fnv.New64()
	_, _ = h.Write([]byte(r.oid))
	rnd := rand.New(rand.NewPCG(h.Sum64(), 1)) //nolint:gosec // not a secret
	var out [][]string
	for n := range min(total, callsPerRoutine) {
		list := make([]string, len(types))
		k := n
		for i := range list {
			switch {
			case total <= callsPerRoutine:
				list[i], k = all[i][k%len(all[i])], k/len(all[i])
			case n < 2:
				list[i] = all[i][n%len(all[i])]
			default:
				list[i] = all[i][rnd.IntN(len(all[i]))]
			}
		}
		out = append(out, list)
	}
	return out
}

func (r *routine) call(args []string) string {
	list := strings.Join(args, ", ")
	if r.variadic && r.args[len(r.args)-1] != `"any"` {
		list = strings.Join(append(slices.Clone(args[:len(args)-1]), "variadic "+args[len(args)-1]), ", ")
	}
	call := fmt.Sprintf(`pg_catalog."%s"(%s)`, r.name, list)
	if strings.HasSuffix(r.name, "cmp") {
		call = "sign(" + call + ")" // a comparison's number means no more
	}
	return call
}

// functionCells calls every function with values of its own types, and with NULL in each place.
func functionCells(list []*routine) []cell {
	var out []cell
	for _, r := range list {
		if r.kind != "f" {
			continue
		}
		for _, types := range concreteTypes(r.args) {
			lists := argumentLists(r, types)
			for n, args := range lists {
				out = append(out, cell{row: r.label(), col: strings.Join(types, ", "), sql: "select " + r.call(args), values: "(" + strings.Join(args, ", ") + ")", mode: format(n % 3)})
			}
			if len(lists) == 0 {
				continue
			}
			for i := range types {
				args := slices.Clone(lists[0])
				args[i] = "null::" + types[i]
				if types[i] == "character" {
					args[i] = "null::bpchar"
				}
				out = append(out, cell{row: r.label(), col: strings.Join(types, ", "), sql: "select " + r.call(args), values: "(" + strings.Join(args, ", ") + ")", mode: format(i % 3), none: true})
			}
		}
	}
	return out
}

// functionColumnCells call functions over columns of those values which they took one by one.
func functionColumnCells(list []*routine, outs []outcome) []cell {
	byLabel := map[string]*routine{}
	for _, r := range list {
		byLabel[r.label()] = r
	}
	type place struct{ row, col string }
	var order []place
	rows := map[place][]string{}
	for _, o := range outs {
		p := place{o.row, o.col}
		r := byLabel[o.row]
		if o.fault != "" || o.refused || o.col == "" || r.variadic && r.args[len(r.args)-1] != `"any"` {
			continue
		}
		if rows[p] == nil {
			order = append(order, p)
		}
		rows[p] = append(rows[p], o.values)
	}
	var out []cell
	for i, p := range order {
		r := byLabel[p.row]
		names := strings.Split("a b c d e f g h i j k l", " ")[:len(r.args)]
		from := fmt.Sprintf("(values %s) t(%s)", strings.Join(rows[p], ", "), strings.Join(names, ", "))
		out = append(out, cell{row: p.row, col: p.col, mode: format(i % 3), sql: fmt.Sprintf("select %s from %s", r.call(names), from)})
		if r.set {
			out = append(out,
				cell{row: p.row, col: p.col, mode: format((i + 1) % 3), sql: fmt.Sprintf("select x.* from %s, lateral %s with ordinality x", from, r.call(names))},
				cell{row: p.row, col: p.col, mode: format((i + 2) % 3), sql: fmt.Sprintf("select x.* from %s left join lateral rows from (%s, generate_series(1, 2)) x on true", from, r.call(names))})
		}
	}
	return out
}

// aggregateForms are the ways in which an aggregate is called; %s stands for it and its arguments up to the closing parenthesis.
func aggregateForms() []struct{ name, form string } {
	return []struct{ name, form string }{
		{"plain", "select %f(%a) from %v"},
		{"distinct", "select %f(distinct %a) from %v"},
		{"order by", "select %f(%d) from %v"},
		{"filter", "select %f(%a) filter (where n <> 2) from %v"},
		{"no rows", "select %f(%a) from %v where n < 0"},
		{"group by", "select n % 2, %f(%o) from %v group by 1 order by 1"},
		{"having", "select n % 2 from %v group by 1 having %f(%o) is not null order by 1"},
		{"rollup", "select n % 2, grouping(n % 2), %f(%o) from %v group by rollup (n % 2) order by 1, 2"},
		{"window", "select n, %f(%a) over () from %v order by n"},
		{"running window", "select n, %f(%a) over (order by n) from %v order by n"},
		{"window frame", "select n, %f(%a) over (order by n rows between 1 preceding and current row exclude current row) from %v order by n"},
		{"window filter", "select n, %f(%a) filter (where n > 1) over (partition by n % 2 order by n) from %v order by n"},
		{"correlated", "select (select %f(%a) from generate_series(1, 2)) from %v"},
	}
}

func aggregateCells(list []*routine) []cell {
	var out []cell
	for _, r := range list {
		if r.kind != "a" || r.direct >= 0 {
			continue
		}
		readings := concreteTypes(r.args)
		if slices.ContainsFunc(r.args, func(a string) bool { return a == "anyelement" || a == `"any"` || a == "anynonarray" }) {
			readings = anyReadings(r)
		}
		for _, types := range readings {
			lists := argumentLists(r, types)
			if len(r.args) > 0 && len(lists) == 0 {
				continue
			}
			tame := lists[:min(2, len(lists))]
			for _, set := range [][][]string{tame, lists} {
				names := strings.Split("a b c d e", " ")[:len(types)]
				var rows []string
				for i, l := range set {
					rows = append(rows, fmt.Sprintf("(%s)", strings.Join(append([]string{fmt.Sprint(i + 1)}, l...), ", ")))
				}
				if len(types) == 0 {
					rows = []string{"(1)", "(2)"}
				} else {
					nulls := []string{fmt.Sprint(len(set) + 1)}
					for range types {
						nulls = append(nulls, "null")
					}
					rows = append(rows, "("+strings.Join(nulls, ", ")+")")
				}
				v := fmt.Sprintf("(values %s) t(%s)", strings.Join(rows, ", "), strings.Join(append([]string{"n"}, names...), ", "))
				for i, f := range aggregateForms() {
					a := strings.Join(names, ", ")
					up, down := a+" order by n", a+" order by n desc"
					if len(names) == 0 {
						a, up, down = "*", "*", "*"
					}
					sql := strings.NewReplacer("%f", r.name, "%a", a, "%o", up, "%d", down, "%v", v).Replace(f.form)
					out = append(out, cell{row: r.label() + " " + strings.Join(types, ", "), col: f.name, sql: sql, mode: format(i % 3), none: f.name == "no rows", blocks: true})
				}
			}
		}
	}
	return out
}

// anyReadings reads each polymorphic argument as every scalar type in turn.
func anyReadings(r *routine) [][]string {
	var out [][]string
	for _, s := range scalarSamples() {
		var types []string
		for _, a := range r.args {
			if a == "anyelement" || a == `"any"` || a == "anynonarray" {
				a = matrixTypeName(s.name)
			}
			types = append(types, a)
		}
		out = append(out, types)
	}
	return out
}

// orderedSetCells are the ordered-set aggregates over every type that they sort.
func orderedSetCells(list []*routine) []cell {
	var out []cell
	for _, r := range list {
		if r.kind != "a" || r.direct < 0 {
			continue
		}
		for _, s := range samplesOfAll() {
			var rows []string
			for i, v := range s.values {
				if v != "0.00" && v != "-0" { // which of equal values comes is left open
					rows = append(rows, fmt.Sprintf("(%d, %s)", i+1, literal(s.name, v)))
				}
			}
			v := fmt.Sprintf("(values %s, (99, null)) t(n, a)", strings.Join(rows, ", "))
			directs := []string{"0.5", "0", "1", "0.3", "array[0.25, 0.75, 0.5]", "array[[0, 1], [null, 0.1]]", "-0.1", "1.5", "null"}
			if r.direct == 0 {
				directs = []string{""}
			}
			if r.args[0] == `"any"` {
				directs = []string{literal(s.name, s.values[0])}
			}
			for i, d := range directs {
				for j, form := range []string{
					"select %f within group (order by a) from %v", "select %f within group (order by a desc) from %v",
					"select n % 2, %f within group (order by a) filter (where n <> 1) from %v group by 1 order by 1", "select %f within group (order by a) from %v where n < 0",
				} {
					if j == 3 && (strings.HasPrefix(d, "-") || d == "1.5") {
						continue // over no rows a fraction is not looked at here
					}
					out = append(out, cell{
						row: r.label(), col: s.name, mode: format((i + j) % 3), none: j == 3 || d == "null",
						sql: strings.NewReplacer("%f", r.name+"("+d+")", "%v", v).Replace(form),
					})
				}
			}
		}
	}
	return out
}

// windowFunctionCells call window functions over every type that they take.
func windowFunctionCells(list []*routine) []cell {
	var out []cell
	for _, r := range list {
		if r.kind != "w" {
			continue
		}
		for _, s := range samplesOfAll() {
			var rows []string
			for i, v := range s.values {
				rows = append(rows, fmt.Sprintf("(%d, %s)", i+1, literal(s.name, v)))
			}
			v := fmt.Sprintf("(values %s, (99, null)) t(n, a)", strings.Join(rows, ", "))
			var args []string
			for i, a := range r.args {
				switch {
				case a == "integer":
					args = append(args, "2")
				case i > 0:
					args = append(args, literal(s.name, s.values[0]))
				default:
					args = append(args, "a")
				}
			}
			call := r.name + "(" + strings.Join(args, ", ") + ")"
			for j, form := range []string{
				"select n, %f over (order by n) from %v", "select n, %f over (partition by n % 2 order by n desc) from %v order by n",
				"select n, %f over (order by n rows between 1 following and 2 following) from %v", "select n, %f over (order by a) from %v order by n",
			} {
				if len(r.args) == 0 && j < 3 && s.name != "integer" {
					continue // the type plays no part
				}
				out = append(out, cell{row: r.label(), col: s.name, mode: format(j % 3), sql: strings.NewReplacer("%f", call, "%v", v).Replace(form)})
			}
		}
	}
	return out
}

// replacedCells call each name with one argument of another type: whether an overload is found, and which.
func replacedCells(list []*routine, outs []outcome) []cell {
	good := map[string]string{} // label: SQL of the first telling call
	for _, o := range outs {
		if o.fault == "" && !o.vacuous && good[o.row] == "" {
			good[o.row] = o.sql
		}
	}
	done := map[string]bool{}
	var out []cell
	others := operandTypes()
	for _, r := range list {
		key := fmt.Sprint(r.name, len(r.args))
		if r.kind != "f" || good[r.label()] == "" || done[key] || len(r.args) > 4 {
			continue
		}
		done[key] = true
		lists := argumentLists(r, concreteTypes(r.args)[0])
		for i := range r.args {
			for j, e := range others {
				v := e.values[0]
				if e.name == "unknown" {
					v = "'12'"
				}
				args := slices.Clone(lists[0])
				args[i] = v
				out = append(out, cell{row: fmt.Sprintf("%s/%d, argument %d", r.name, len(r.args), i+1), col: e.name, sql: "select " + r.call(args), mode: format(j % 3)})
			}
		}
	}
	return out
}

// matrixFunctions compares every function with values of every type.
func matrixFunctions(t *testing.T, m *matrix, ex *excuses) {
	t.Helper()
	list, skipped := routines(t, m.oracle)
	t.Logf("%d functions; left out: %v", len(list), skipped)
	outs := m.run(t, functionCells(list))
	judge(t, "function", outs, ex)
	judge(t, "function over columns", m.run(t, functionColumnCells(list, outs)), ex)
	judge(t, "overload", m.run(t, replacedCells(list, outs)), ex)
	aggregates, ordered, windows := m.run(t, aggregateCells(list)), m.run(t, orderedSetCells(list)), m.run(t, windowFunctionCells(list))
	judge(t, "aggregate", aggregates, ex)
	judge(t, "ordered-set aggregate", ordered, ex)
	judge(t, "window function", windows, ex)
	checkRoutines(t, list, rowsOf(outs, aggregates, ordered, windows))
}
