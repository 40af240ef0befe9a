package difftest

import (
	"fmt"
	"slices"
)

// from makes a FROM clause of some tables, queries and functions.
func (g *generator) from(outer []field, small bool) (*piece, *relation) {
	l := pick(g, g.schema.links)
	base := g.schema.source(l.from)
	if g.chance(20) {
		base = &g.schema.sources[g.IntN(len(g.schema.sources))]
	}
	var left *relation
	switch n := g.IntN(20); {
	case n < 3 && g.nest < 3:
		left = g.queryTable(outer)
	case n < 4:
		left = g.function(outer)
	case n < 6 && len(g.ctes) > 0:
		left = g.readCTE(pick(g, g.ctes))
	case n < 7:
		left = g.values()
	case n < 10 && small:
		left = g.table(g.schema.source("rich." + quote(pick(g, []string{"few", "one", "few", "many"}))))
	default:
		left = g.table(base)
	}
	joins := pick(g, []int{0, 0, 0, 1, 1, 1, 1, 2, 2, 3})
	if small {
		joins = pick(g, []int{0, 0, 0, 1})
	}
	for i := range joins {
		if g.nest > 2 || g.fuel < 0 {
			break
		}
		left = g.join(left, l, outer, i == joins-1)
	}
	return cat(0, "\nfrom ", left.node), left
}

// queryTable is a query in FROM.
func (g *generator) queryTable(outer []field) *relation {
	q := g.query(want{outer: outer, inside: true, limit: g.chance(15)})
	head := ""
	if len(outer) > 0 {
		head = pick(g, []string{"", "lateral "})
	}
	return g.derived(q, head, q.rows)
}

// values is a list of rows.
func (g *generator) values() *relation {
	types := []uint32{tInt4, pick(g, scalars())}
	q := g.valuesQuery(types[:1+g.IntN(2)])
	return g.derived(q, "", 3)
}

// function is a set-returning function in FROM.
func (g *generator) function(outer []field) *relation {
	alias := g.next("f")
	arg := func(oid uint32) *piece {
		if list := of(outer, oid); len(list) > 0 && g.chance(70) {
			return pick(g, list).node
		}
		return g.constant(oid, g.value(oid), true)
	}
	ordinality := g.chance(30)
	var calls []*piece
	var types []uint32
	one := func() {
		switch g.IntN(8) {
		case 0, 1:
			calls, types = append(calls, cat(0, pick(g, []string{"generate_series(1, 4)", "generate_series(5, 1, -2)", "generate_series(0::int8, 6, 3)", "generate_series(1, 0)"}))), append(types, tInt4)
			if calls[len(calls)-1].parts[0] == "generate_series(0::int8, 6, 3)" {
				types[len(types)-1] = tInt8
			}
		case 2:
			calls, types = append(calls, text("generate_series(timestamp '2026-11-01', '2026-11-20', '5 days')")), append(types, tStamp)
		case 3:
			calls, types = append(calls, text("generate_series(1.5, 4, 0.5)")), append(types, tNum)
		case 4:
			calls, types = append(calls, cat(0, "regexp_split_to_table(", arg(tText), ", '[ ,-]')")), append(types, tText)
		case 5:
			calls, types = append(calls, cat(0, "string_to_table(", arg(tText), ", 'a')")), append(types, tText)
		case 6:
			j := arg(tJSONB)
			calls, types = append(calls, cat(0, "jsonb_array_elements(case when jsonb_typeof(", j, ") = 'array' then ", j, " end)")), append(types, tJSONB)
		default:
			e := pick(g, elements())
			calls, types = append(calls, cat(0, "unnest(", arg(arrayOf(e)), ")")), append(types, e)
		}
	}
	one()
	head, tail := "", ""
	if g.chance(20) {
		one()
		head, tail = "rows from (", ")"
	}
	r := &relation{rows: 5}
	names := listed("(", ", ", ")")
	if ordinality {
		types = append(types, tInt8)
		tail += " with ordinality"
	}
	for i, t := range types {
		name := fmt.Sprintf("v%d", i+1)
		names.add(text(name))
		r.fields = append(r.fields, field{node: text(alias + "." + name), oid: t})
	}
	r.node = cat(0, head, words(", ", calls...), tail, " "+alias, names)
	if len(types) > 1 {
		r.wholes = []whole{{alias, r.fields}} // a function's one column is its row
	}
	return r
}

// join adds a table.
func (g *generator) join(left *relation, l link, outer []field, last bool) *relation {
	rowsOf := func(r *relation) int { return left.rows * max(r.rows, 1) }
	lateral := append(slices.Clone(left.fields), outer...)
	lateral = slices.DeleteFunc(lateral, func(f field) bool { return f.local })
	var right *relation
	sideways := false
	switch n := g.IntN(20); {
	case n < 2 && g.nest < 2:
		right, sideways = g.derived(g.query(want{outer: lateral, small: true, inside: true, limit: g.chance(40)}), "lateral ", 5), true
	case n < 3:
		right, sideways = g.function(lateral), true
	case n < 4 && g.nest < 3:
		right = g.queryTable(nil)
	case n < 6 && len(g.ctes) > 0:
		right = g.readCTE(pick(g, g.ctes))
	case n < 9:
		right = g.table(g.schema.source("rich." + quote(pick(g, []string{"few", "one", "none", "few"}))))
	default:
		to := g.schema.source(l.to)
		if g.chance(30) {
			to = g.schema.source(pick(g, g.schema.links).to)
		}
		right = g.table(to)
	}
	both := &relation{
		fields: append(slices.Clone(left.fields), right.fields...), wholes: append(slices.Clone(left.wholes), right.wholes...),
		rows: max(left.rows, right.rows),
	}
	if left.keys != nil && right.keys != nil {
		both.keys = append(slices.Clone(left.keys), right.keys...)
	}
	glue := func(parts ...any) *relation {
		both.node = cat(0, append([]any{left.node}, parts...)...)
		both.node.alts = []*piece{left.node, right.node}
		return both
	}
	if sideways {
		both.rows = rowsOf(right)
		switch n := g.IntN(4); {
		case n == 0 && last:
			return glue(", ", right.node)
		case n < 2:
			return glue("\ncross join ", right.node)
		case n < 3:
			return glue("\njoin ", right.node, " on ", g.condition(left, right, both))
		}
		return glue("\nleft join ", right.node, " on ", pick(g, []*piece{text("true"), g.condition(left, right, both)}))
	}
	if last && g.chance(14) {
		if r := g.using(left, right, both, glue); r != nil {
			return r
		}
	}
	kind := pick(g, []string{"\njoin ", "\njoin ", "\nleft join ", "\nleft join ", "\nright join ", "\nfull join "})
	on := g.relate(left, right, l)
	switch {
	case on == nil || g.chance(6):
		if rowsOf(right) > 4000 && len(right.wholes) == 0 {
			return left
		}
		if rowsOf(right) > 4000 {
			right.node = cat(0, "(select ", g.names(right), "\nfrom ", right.node, " limit 0) ", right.alias())
			right.rows = 0
		}
		both.rows = rowsOf(right)
		if rowsOf(right) > 0 && g.chance(50) {
			return glue(pick(g, []string{"\njoin ", "\nleft join ", "\nright join "}), right.node, " on ", g.condition(left, right, both))
		}
		if last && g.chance(50) {
			return glue(", ", right.node)
		}
		return glue("\ncross join ", right.node)
	case kind != "\nfull join " && g.chance(30):
		on = cat(tBool, on, filter(cat(0, " and ", g.condition(left, right, both))))
	}
	return glue(kind, right.node, " on ", on)
}

// alias is the name of a relation that is one table.
func (r *relation) alias() string { return r.wholes[0].alias }

// names lists the columns of a relation that is one table.
func (g *generator) names(r *relation) *piece {
	out := listed("", ", ", "")
	for _, f := range r.fields {
		out.add(f.node)
	}
	return out
}

// relate is an equality between the two sides.
func (g *generator) relate(left, right *relation, l link) *piece {
	if src, to := g.schema.source(l.from), g.schema.source(l.to); src != nil && to != nil && g.chance(60) {
		a := slices.IndexFunc(left.fields, func(f field) bool { return endsWith(f, l.column) })
		b := slices.IndexFunc(right.fields, func(f field) bool { return endsWith(f, l.other) })
		if a >= 0 && b >= 0 && family(left.fields[a].oid) == family(right.fields[b].oid) {
			return cat(tBool, left.fields[a].node, " = ", right.fields[b].node)
		}
	}
	few := func(fields []field, rows int) []field {
		var out []field
		for _, f := range fields {
			if len(f.values) > 6 || rows < 20 {
				out = append(out, f)
			}
		}
		return out
	}
	return g.equal(few(left.fields, left.rows), few(right.fields, right.rows), " = ")
}

func endsWith(f field, name string) bool {
	s, ok := f.node.parts[0].(string)
	return ok && len(s) > len(name) && (s[len(s)-len(name):] == name || len(s) > len(name)+2 && s[len(s)-len(name)-1:] == name+`"`)
}

// condition is a small one over both sides.
func (g *generator) condition(left, right, both *relation) *piece {
	if g.chance(50) {
		if n := g.equal(left.fields, right.fields, pick(g, []string{" <> ", " < ", " >= ", " = ", " is distinct from "})); n != nil {
			return n
		}
	}
	return g.predicate(both.scope(nil), 1)
}

// using joins by columns of equal names.
func (g *generator) using(left, right, both *relation, glue func(...any) *relation) *relation {
	if len(left.wholes) != 1 || len(right.wholes) != 1 || left.rows*right.rows > 200_000 {
		return nil
	}
	for _, a := range left.fields {
		for _, b := range right.fields {
			if family(a.oid) != family(b.oid) || !sortable(a.oid) || a.oid == tBool || len(a.values) < 7 {
				continue
			}
			// Both sides give their columns new names, one of them the same.
			rename := func(r *relation, common field) *piece {
				list := listed("(select ", ", ", "")
				list.add(cat(0, common.node, " as k"))
				alias := r.alias()
				fields := []field{{node: text(alias + ".k"), oid: common.oid, values: common.values}}
				var keys []field
				isKey := func(f field) bool { return slices.ContainsFunc(r.keys, func(k field) bool { return k.node == f.node }) }
				for i, f := range r.fields {
					n := fmt.Sprintf("%s_%d", alias, i)
					if !isKey(f) && (len(fields) > 6 || g.chance(50)) {
						continue
					}
					list.add(cat(0, f.node, " as "+n))
					fields = append(fields, field{node: text(alias + "." + n), oid: f.oid, values: f.values})
					if isKey(f) {
						keys = append(keys, fields[len(fields)-1])
					}
				}
				out := cat(0, list, "\nfrom ", r.node, ") "+alias)
				r.fields, r.keys, r.wholes = fields, keys, []whole{{alias, fields}}
				return out
			}
			left.node, right.node = rename(left, a), rename(right, b)
			if a.oid != b.oid {
				// The merged column has the type to which both are brought.
				both.fields = nil
			} else {
				both.fields = []field{{node: text("k"), oid: a.oid, local: true, values: a.values}}
			}
			both.fields = append(append(both.fields, left.fields...), right.fields...)
			both.wholes = append(slices.Clone(left.wholes), right.wholes...)
			both.keys = nil
			if left.keys != nil && right.keys != nil {
				both.keys = append(slices.Clone(left.keys), right.keys...)
			}
			kind := pick(g, []string{"join ", "left join ", "right join ", "full join "})
			if g.chance(40) {
				return glue("\nnatural "+kind, right.node)
			}
			return glue("\n"+kind, right.node, " using (k)")
		}
	}
	return nil
}
