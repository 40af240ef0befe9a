package difftest

import (
	"fmt"
	"slices"
	"strings"
)

// want says what a query is for.
type want struct {
	top    bool
	outer  []field
	types  []uint32 // of its columns; nil: any
	sharp  bool     // equal values of a column look alike
	small  bool     // few tables
	inside bool     // stands in parentheses
	limit  bool     // gives some of its rows
	bare   bool     // begins with no WITH
}

// output is a column of a query.
type output struct {
	item *piece // in the select list
	expr *piece // without its name
	oid  uint32
	same bool // equal values look alike
}

// selection is a SELECT and what is needed to read or sort it.
type selection struct {
	node     *piece
	items    *piece
	columns  []output
	wrap     bool // sorted from outside only
	ordinals bool // sorted by the places of its columns only
	ties     *piece
	rows     int
}

// keeps says that a column can be made of equal looks without another type.
func keeps(oid uint32) bool {
	return sortable(oid) && (sharp(oid) || oid == tNum || oid == tFloat4 || oid == tFloat8)
}

// query makes a query of any kind.
func (g *generator) query(w want) *selection {
	g.nest++
	defer func() { g.nest-- }()
	plain := !slices.ContainsFunc(w.types, func(t uint32) bool { return !keeps(t) })
	var q *selection
	switch n := g.IntN(100); {
	case n < 14 && g.nest < 3 && !w.bare:
		q = g.with(w)
	case n < 28 && plain && g.nest < 4:
		q = g.setOperation(w)
	case n < 31 && !w.sharp:
		types := w.types
		if types == nil {
			types = []uint32{pick(g, scalars()), pick(g, scalars())}
		}
		q = g.valuesQuery(types)
	case n < 37 && w.types == nil && !w.inside:
		q = g.distinctOn(w)
	default:
		q = g.selectQuery(w)
	}
	if w.limit && !q.wrap {
		q.node = cat(0, q.node, g.order(q), g.limit(true))
		q.wrap = true
	}
	return q
}

// selectQuery makes SELECT … FROM … WHERE …, grouped or not.
func (g *generator) selectQuery(w want) *selection {
	q := &selection{rows: 1}
	s := &scope{outer: w.outer}
	from := text("")
	if !g.chance(4) {
		var r *relation
		from, r = g.from(w.outer, w.small)
		s, q.rows = r.scope(w.outer), r.rows
	}
	where := g.where(s, w)
	windows := listed("\nwindow ", ", ", "")
	plain := !slices.ContainsFunc(w.types, func(t uint32) bool { return !keeps(t) })
	items := listed("select ", ", ", "")
	items.least = 1
	q.items = items
	tail := text("")
	outS := *s
	if g.chance(35) {
		var keys []groupKey
		tail, keys, outS = g.groupBy(s, len(where.parts) == 0 && len(s.wholes) < 2)
		for _, k := range keys {
			if w.types == nil && g.chance(80) {
				q.columns = append(q.columns, output{k.item, k.expr, k.oid, true})
				items.add(optional(k.item))
			}
		}
	} else if w.types == nil && !w.sharp && g.chance(4) && len(s.wholes) > 0 && len(s.fields) < 20 && w.top {
		// All columns, or all of one table.
		star := pick(g, []string{"*", pick(g, s.wholes).alias + ".*"})
		q.node = cat(0, "select "+star, from, where)
		return &selection{node: q.node, wrap: true, items: items, columns: starColumns(s, star)}
	}
	distinct := plain && g.chance(8)
	outS.over, outS.named, outS.placed = g.chance(40) && !outS.alike, windows, new(bool)
	if distinct || w.sharp {
		q.ordinals = distinct
	}
	types := w.types
	if types == nil {
		for range max(1, 1+g.IntN(4)-len(q.columns)) {
			types = append(types, g.kind(&outS))
		}
	}
	srf := !distinct && !w.sharp && w.types == nil && g.chance(5)
	for i, t := range types {
		var e *piece
		switch {
		case srf && i == 0:
			e, t = g.setReturning(&outS)
			q.wrap = true
		default:
			e = g.item(&outS, t)
			if distinct || w.sharp {
				for !sortable(t) && w.types == nil {
					t = g.kind(&outS)
					e = g.item(&outS, t)
				}
				e, t = g.sharpen(e, t)
			}
		}
		item := cat(0, e)
		if g.chance(10) && !w.inside {
			item = cat(0, e, optional(text(" as "+pick(g, []string{"x", `"X y"`, "v", "id"}))))
		}
		if w.types == nil {
			optional(item)
		}
		q.columns = append(q.columns, output{item, e, t, distinct || w.sharp})
		items.add(item)
	}
	if distinct {
		items.open = "select distinct "
	}
	q.node = cat(0, items, from, where, tail, windows)
	if w.top && !q.wrap && !distinct && g.chance(12) {
		c := pick(g, q.columns)
		if sortable(c.oid) {
			q.ties = cat(0, "\norder by ", &piece{ordinal: c.item, in: items}, g.direction(), "\nfetch first ", g.number(1+g.IntN(6)), " rows with ties")
		}
	}
	return q
}

// starColumns are the columns of SELECT *; they have no items.
func starColumns(s *scope, star string) []output {
	var out []output
	fields := s.fields
	for _, w := range s.wholes {
		if w.alias+".*" == star {
			fields = w.fields
		}
	}
	for _, f := range fields {
		if star == "*" && f.local {
			continue
		}
		out = append(out, output{item: text(""), oid: f.oid})
	}
	return out
}

// item is an expression of the select list.
func (g *generator) item(s *scope, oid uint32) *piece {
	if s.over && g.chance(25) {
		if w := g.window(s, oid); w != nil {
			return w
		}
	}
	if s.inner != nil && g.chance(45) {
		if a := g.aggregate(s, oid); a != nil {
			return a
		}
	}
	return g.expr(s, oid, 1+g.IntN(3))
}

// setReturning is a call that gives rows in the select list.
func (g *generator) setReturning(s *scope) (*piece, uint32) {
	switch g.IntN(5) {
	case 0:
		return text("generate_series(1, 3)"), tInt4
	case 1:
		return cat(0, "regexp_split_to_table(", g.expr(s, tText, 1), ", 'a')"), tText
	case 2:
		return cat(0, "generate_subscripts(", g.expr(s, arrayOf(tText), 1), ", 1)"), tInt4
	case 3:
		return cat(0, "jsonb_object_keys(", g.expr(s, tJSONB, 0), ")"), tText
	}
	e := pick(g, elements())
	return cat(0, "unnest(", g.expr(s, arrayOf(e), 1), ")"), e
}

// where is a WHERE clause.
func (g *generator) where(s *scope, w want) *piece {
	out := listed("\nwhere ", " and ", "")
	if len(w.outer) > 0 && g.chance(65) {
		if e := g.equal(s.fields, w.outer, pick(g, []string{" = ", " = ", " = ", " < ", " <> "})); e != nil {
			out.add(filter(e))
		}
	}
	for range pick(g, []int{0, 0, 0, 1, 1, 1, 2}) {
		out.add(filter(g.predicate(s.plain(), 2)))
	}
	return out
}

// groupKey is an expression of GROUP BY that may be selected.
type groupKey struct {
	item, expr *piece
	oid        uint32
}

// groupBy groups a query and gives the scope of what stands above the groups. all: no condition chooses the rows.
func (g *generator) groupBy(s *scope, all bool) (*piece, []groupKey, scope) {
	above := scope{outer: s.outer, inner: s, keys: []field{}}
	var keys []groupKey
	var elems []*piece
	sets := g.chance(25) && len(s.fields) > 0
	for range pick(g, []int{0, 1, 1, 1, 2, 2, 3}) {
		t := g.sharpKind(s)
		key := g.expr(s.plain(), t, 1)
		if sets {
			// Which constants turn NULL in a set that lacks them differs from plan to plan in PostgreSQL before 18. A column
			// is one where a condition makes it equal to a constant, an expression over it is not. Of two columns that are one in the
			// end it does not tell which a set lacks either: k is another name of such a one (using).
			fields := slices.DeleteFunc(slices.Clone(s.fields), func(f field) bool { sql, _ := f.node.print(); return strings.HasSuffix(sql, ".k") || sql == "k" })
			if len(fields) == 0 {
				fields = s.fields
			}
			f := pick(g, fields)
			if !all {
				f.node = cat(f.oid, "coalesce(", f.node, ", ", f.node, ")")
			}
			if key, t = f.node, f.oid; !sortable(t) {
				key, t = cat(tText, "(", key, ")::text"), tText
			}
		}
		e, t := g.sharpen(key, t)
		if isConstant(e) {
			e = g.castTo(e, t) // a bare number were a place in the select list
		}
		k := groupKey{item: cat(0, e), expr: e, oid: t}
		keys = append(keys, k)
		elems = append(elems, e)
	}
	above.fields = nil
	for _, k := range keys {
		// Subqueries see grouped columns, but no grouped expressions.
		above.fields = append(above.fields, field{node: k.expr, oid: k.oid, local: !slices.ContainsFunc(s.fields, func(f field) bool { return f.node == k.expr })})
	}
	clause := listed("\ngroup by ", ", ", "", elems...)
	if sets && len(keys) > 0 {
		above.sets, above.alike = true, g.chance(40)
		clause = g.groupingSets(elems, above.alike)
		gr := cat(tInt4, "grouping(", words(", ", elems...), ")")
		above.fields = append(above.fields, field{node: gr, oid: tInt4, local: true})
	}
	above.keys = slices.Clone(above.fields)
	if len(keys) == 0 && g.chance(30) {
		clause = text("\ngroup by ()")
	}
	having := text("")
	if g.chance(25) {
		having = filter(cat(0, "\nhaving ", g.predicate(&above, 1)))
	}
	return cat(0, clause, having), keys, above
}

// isConstant tells of an expression that is a constant, or a parameter.
func isConstant(n *piece) bool {
	for len(n.parts) == 1 && !n.list {
		k, ok := n.parts[0].(*piece)
		if !ok {
			return !strings.ContainsRune(n.parts[0].(string), '.') || strings.ContainsAny(n.parts[0].(string), "0123456789'")
		}
		n = k
	}
	return n.param
}

// groupingSets groups by several sets of keys at once, of which two may be alike.
func (g *generator) groupingSets(keys []*piece, alike bool) *piece {
	all, by := words(", ", keys...), "\ngroup by "
	if !alike {
		by += "distinct "
	}
	switch n := g.IntN(5); {
	case n < 1:
		return cat(0, by+"rollup (", all, ")")
	case n < 2:
		return cat(0, by+"cube (", all, ")")
	case n < 3 && len(keys) > 1:
		return cat(0, by, keys[0], ", rollup (", words(", ", keys[1:]...), ")")
	}
	sets := listed(by+"grouping sets (", ", ", ")")
	sets.add(cat(0, "(", all, ")"))
	for range 1 + g.IntN(3) {
		k := pick(g, keys)
		sets.add(optional(pick(g, []*piece{cat(0, "(", k, ")"), k, text("()"), cat(0, "rollup (", k, ")")})))
	}
	return sets
}

// distinctOn takes the first row of each group.
func (g *generator) distinctOn(w want) *selection {
	from, r := g.from(w.outer, w.small)
	s := r.scope(w.outer)
	total := g.total(s)
	if total == nil {
		return g.selectQuery(w)
	}
	keys := listed("select distinct on (", ", ", ")")
	order := listed("\norder by ", ", ", "")
	for range 1 + g.IntN(2) {
		t := g.sharpKind(s)
		e, t := g.sharpen(g.expr(s, t, 1), t)
		if isConstant(e) {
			e = g.castTo(e, t)
		}
		keys.add(e)
		order.add(cat(0, e, g.direction()))
	}
	for _, k := range total {
		order.add(k)
	}
	q := &selection{wrap: true, items: listed(" ", ", ", ""), rows: r.rows}
	q.items.least = 1
	for range 1 + g.IntN(3) {
		t := g.kind(s)
		e := g.expr(s, t, 2)
		item := optional(cat(0, e))
		q.items.add(item)
		q.columns = append(q.columns, output{item, e, t, false})
	}
	q.node = cat(0, keys, q.items, from, g.where(s, w), order)
	return q
}

// valuesQuery is VALUES.
func (g *generator) valuesQuery(types []uint32) *selection {
	items := listed("values ", ", ", "")
	items.least = 1
	q := &selection{items: items, node: items, wrap: true, rows: 4}
	for range 1 + g.IntN(4) {
		row := listed("(", ", ", ")")
		for _, t := range types {
			row.add(g.literal(t))
		}
		items.add(optional(row))
	}
	for range types {
		q.columns = append(q.columns, output{item: text("")})
	}
	for i, t := range types {
		q.columns[i].oid = t
	}
	return q
}

// setOperation joins queries over lists of equal types.
func (g *generator) setOperation(w want) *selection {
	types := w.types
	if types == nil {
		for range 1 + g.IntN(2) {
			t := g.kind(&scope{})
			if !keeps(t) {
				t = pick(g, []uint32{tInt4, tText, tDate, tNum, tBool})
			}
			types = append(types, t)
		}
	}
	inner := want{outer: w.outer, types: types, sharp: true, small: true}
	arm := func() *selection {
		q := g.query(inner)
		if q.wrap || len(q.node.parts) > 0 {
			q.node = cat(0, "(", q.node, ")")
		}
		return q
	}
	first := arm()
	q := &selection{items: first.items, ordinals: true, columns: first.columns, rows: first.rows}
	for i := range q.columns {
		q.columns[i].oid = types[i]
	}
	q.node = first.node
	for range 1 + g.IntN(2) {
		op := pick(g, []string{"union", "union all", "union", "union all", "except", "except all", "intersect", "intersect all", "union distinct"})
		next := arm()
		both := cat(0, q.node, "\n"+op+"\n", next.node)
		both.alts = []*piece{q.node, next.node}
		q.node = both
		if g.chance(20) {
			q.node = cat(0, "(", q.node, ")")
		}
	}
	for i := range q.columns {
		q.columns[i].expr, q.columns[i].same = nil, true // whichever arm an equal value comes from, it looks the same
	}
	if first.items == nil || len(first.items.parts) == 0 || len(first.items.living()) != len(q.columns) {
		q.wrap = true
	}
	return q
}

// with puts common table expressions before a query.
func (g *generator) with(w want) *selection {
	before := len(g.ctes)
	list := listed("with ", ",\n", "\n")
	for range 1 + g.IntN(2) {
		c := &cte{name: g.next("w"), rows: 100}
		if g.chance(20) {
			list.open = "with recursive "
			list.add(optional(g.recursive(c)))
		} else {
			inner := want{outer: nil, small: g.chance(50), inside: true, limit: g.chance(15)}
			q := g.query(inner)
			names := listed("(", ", ", ")")
			for i, o := range q.columns {
				n := text(fmt.Sprintf("c%d", i+1))
				n.needs = o.item
				names.add(n)
			}
			c.columns, c.rows = q.columns, q.rows
			list.add(optional(cat(0, c.name, names, " as "+pick(g, []string{"", "", "materialized ", "not materialized "})+"(", q.node, ")")))
		}
		g.ctes = append(g.ctes, c)
	}
	w.bare = true
	q := g.query(w)
	g.ctes = g.ctes[:before]
	q.node = cat(0, list, q.node)
	return q
}

// recursive is a common table expression that reads itself.
func (g *generator) recursive(c *cte) *piece {
	union := pick(g, []string{"union all", "union"})
	switch g.IntN(3) {
	case 0:
		t := pick(g, []uint32{tText, tNum, tDate, tInt8})
		step := map[uint32]string{tText: "c2 || '-' || c1", tNum: "c2 * 2 + 0.5", tDate: "c2 + c1", tInt8: "c2 * 3"}[t]
		c.columns, c.rows = []output{{oid: tInt4}, {oid: t}}, 6
		start := g.constant(t, pick(g, map[uint32][]string{tText: {"a", "x"}, tNum: {"1", "0.25"}, tDate: {"2026-11-01", "2024-02-28"}, tInt8: {"1", "-7"}}[t]), true)
		return cat(0, c.name+"(c1, c2) as (select 1, ", start, "\n"+union+"\nselect c1 + 1, "+step+" from "+c.name+" where c1 < ", g.number(2+g.IntN(5)), ")")
	case 1:
		c.columns, c.rows = []output{{oid: tInt4}, {oid: tInt4}, {oid: tInt4}}, 300
		return cat(0, c.name+"(c1, c2, c3) as (select id, ref, 0 from rich.many where id <= ", g.number(1+g.IntN(8)), "\n"+union+"\nselect m.id, m.ref, r.c3 + 1 from "+c.name+" r "+
			pick(g, []string{"join", "join", "left join"})+" rich.many m on m.id = r.c2 where r.c3 < ", g.number(1+g.IntN(5)), ")")
	}
	c.columns, c.rows = []output{{oid: tInt4}}, 100
	return cat(0, c.name+"(c1) as (select id from rich.few\nunion\nselect m.ref from "+c.name+" r join rich.many m on m.id = r.c1)")
}

// scalarQuery is a query of one value for each row.
func (g *generator) scalarQuery(s *scope, oid uint32) *piece {
	if g.nest > 2 {
		return nil
	}
	g.nest++
	defer func() { g.nest-- }()
	from, r := g.from(s.out(), true)
	in := r.scope(s.out())
	where := g.where(in, want{outer: s.out()})
	if g.chance(60) {
		above := &scope{outer: s.out(), inner: in}
		if a := g.aggregate(above, oid); a != nil {
			return cat(oid, "(select ", a, from, where, ")")
		}
	}
	e := g.expr(in, oid, 1)
	if isConstant(e) {
		e = g.castTo(e, oid)
	}
	order := listed("\norder by ", ", ", "")
	if sortable(oid) {
		order.add(cat(0, e, g.direction()))
	}
	if !sharp(oid) {
		order.add(written(oid, e))
	}
	return cat(oid, "(select ", e, from, where, order, " limit 1)")
}

// arrayQuery is an array of a query's values.
func (g *generator) arrayQuery(s *scope, elem uint32) *piece {
	n := g.scalarQuery(s, elem)
	if n == nil {
		return nil
	}
	return cat(arrayOf(elem), "array", n)
}
