package difftest

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// aggregate makes an aggregate with a result of the type over the rows of a grouped query, in an order that leaves its answer no
// choice.
func (g *generator) aggregate(s *scope, oid uint32) *piece {
	in := *s.inner
	in.outer = nil // an aggregate over outer columns alone belongs to the outer query
	if len(in.fields) == 0 {
		return nil
	}
	in = *in.plain()
	list := g.schema.totals[oid]
	if oid == tInt8 && g.chance(40) {
		return g.filtered(&in, cat(oid, "count(*)"))
	}
	if len(list) == 0 {
		return nil
	}
	c := pick(g, list)
	if c.ordered {
		return g.orderedSet(&in, c, oid)
	}
	return g.plainAggregate(&in, c, oid, true)
}

func (g *generator) filtered(in *scope, n *piece) *piece {
	if !g.chance(15) {
		return n
	}
	return cat(n.oid, n, optional(cat(0, " filter (where ", g.predicate(in, 1), ")")))
}

// plainAggregate calls an aggregate; alone says that it is no window function, and may sort its rows.
func (g *generator) plainAggregate(in *scope, c *callable, oid uint32, alone bool) *piece {
	elem := pick(g, elements())
	if e := elemOf(oid); e != 0 && pseudo(c.result) {
		elem = e
		if len(c.args) == 1 && c.args[0] == sqltype.OIDAnyArray && c.name == "array_agg" {
			return nil // arrays of one form are needed
		}
	}
	types := g.actual(c.args, elem)
	if oid == tJSON || oid == tJSONB {
		types[len(types)-1] = g.kind(in)
	}
	var args []*piece
	for _, t := range types {
		args = append(args, g.expr(in, t, 1))
	}
	lists := map[string]bool{"array_agg": true, "string_agg": true, "json_agg": true, "jsonb_agg": true, "json_object_agg": true, "jsonb_object_agg": true}[c.name]
	float := types != nil && (types[0] == tFloat4 || types[0] == tFloat8)
	if strings.Contains(c.name, "object_agg") {
		args[0] = cat(tText, "coalesce(", g.expr(in, tText, 1), ", 'none')")
		types[0] = tText
	}
	extreme := c.name == "min" || c.name == "max"
	if extreme && !sharp(types[0]) {
		if elemOf(types[0]) != 0 || types[0] == tIval || types[0] == tBlank {
			return nil // which of several equal values comes out is left open
		}
		args[0], _ = g.sharpen(args[0], types[0])
	}
	if (lists || float && !extreme) && !alone {
		return nil
	}
	head := c.name + "("
	distinct := len(args) == 1 && alone && sortable(types[0]) && g.chance(20)
	if distinct {
		head += "distinct "
		if !sharp(types[0]) && !keeps(types[0]) {
			return nil
		}
		args[0], _ = g.sharpen(args[0], types[0])
	}
	order := listed(" order by ", ", ", "")
	if (lists || float && !extreme) && len(args) > 0 {
		for i := range args {
			if isConstant(args[i]) {
				args[i] = cat(args[i].oid, "(", args[i], ")")
			}
			if sortable(types[i]) {
				order.add(cat(0, args[i], g.direction()))
			}
			if !sharp(types[i]) && !distinct {
				order.add(written(types[i], args[i]))
			}
		}
	}
	out := cat(oid, head, words(", ", args...), order, ")")
	if len(args) == 0 {
		out = cat(oid, head+"*)")
	}
	return g.filtered(in, out)
}

// orderedSet calls an aggregate WITHIN GROUP.
func (g *generator) orderedSet(in *scope, c *callable, oid uint32) *piece {
	elem := oid
	if e := elemOf(oid); e != 0 {
		elem = e
	}
	if c.name != "percentile_cont" && (!sortable(elem) || !sharp(elem) && !keeps(elem)) {
		return nil
	}
	types := g.actual(c.args, elem)
	over := types[len(types)-1]
	e := g.expr(in, over, 1)
	if c.name != "percentile_cont" {
		e, _ = g.sharpen(e, over)
	} else if over == tIval {
		return nil // which of several equal intervals it starts from is left open
	}
	if isConstant(e) {
		e = cat(e.oid, "(", e, ")")
	}
	direct := ""
	if c.direct > 0 {
		direct = pick(g, []string{"0.5", "0", "1", "0.25", "0.9", "null::float8"})
		if elemOf(types[0]) != 0 {
			direct = pick(g, []string{"array[0.5, 0.25]", "array[0, 1, null]", "array[[0.1, 0.9]]", "'{}'::float8[]"})
		}
	}
	return g.filtered(in, cat(oid, c.name+"("+direct+") within group (order by ", e, pick(g, []string{"", " desc"}), ")"))
}

// window makes a window function with a result of the type.
func (g *generator) window(s *scope, oid uint32) *piece {
	in := *s
	in.over, in.outer = false, nil
	if in.inner == nil && len(in.fields) == 0 {
		return nil
	}
	total := g.total(&in)
	if total == nil {
		return nil
	}
	// Which rows' values are computed is left open, so none may fail.
	arg := func(t uint32) *piece {
		if f, ok := g.column(&in, t); ok {
			return f.node
		}
		return g.literal(t)
	}
	partition := listed("partition by ", ", ", " ")
	for range pick(g, []int{0, 1, 1, 2}) {
		t := g.sharpKind(&in)
		e, _ := g.sharpen(g.expr(&in, t, 1), t)
		if !isConstant(e) {
			partition.add(optional(e))
		}
	}
	sorted := func() *piece {
		o := listed("order by ", ", ", " ")
		if g.chance(50) {
			t := g.sharpKind(&in)
			o.add(optional(cat(0, g.expr(&in, t, 1), g.direction())))
		}
		for _, k := range total {
			o.add(k)
		}
		return o
	}
	// Rows that nothing tells apart may stand in any order, so two windows need not have them in the same.
	placed := func() bool {
		if s.keys != nil || s.placed == nil {
			return true
		}
		first := !*s.placed
		*s.placed = true
		return first
	}
	loose := func() *piece {
		o := listed("order by ", ", ", " ")
		for range pick(g, []int{0, 1, 1, 2}) {
			o.add(optional(cat(0, "(", g.expr(&in, g.sharpKind(&in), 1), ")", g.direction())))
		}
		return o
	}
	over := func(order, frame *piece) *piece { return g.over(&in, partition, order, frame) }
	choices := []func() *piece{
		func() *piece { // values of other rows
			if !placed() {
				return nil
			}
			f := pick(g, []func() *piece{
				func() *piece { return cat(oid, pick(g, []string{"lag(", "lead("}), arg(oid), ")") },
				func() *piece {
					return cat(oid, pick(g, []string{"lag(", "lead("}), arg(oid), ", "+pick(g, []string{"1", "2", "0", "-1", "null"}), ")")
				},
				func() *piece {
					return cat(oid, pick(g, []string{"lag(", "lead("}), arg(oid), ", 1, ", arg(oid), ")")
				},
			})()
			return cat(oid, f, over(sorted(), text("")))
		},
		func() *piece {
			if !placed() {
				return nil
			}
			f := cat(oid, pick(g, []string{"first_value(", "last_value("}), arg(oid), ")")
			if g.chance(30) {
				f = cat(oid, "nth_value(", arg(oid), ", "+pick(g, []string{"1", "2", "3"})+")")
			}
			return cat(oid, f, over(sorted(), g.frame(true)))
		},
	}
	switch oid {
	case tInt8:
		choices = append(choices, func() *piece {
			if !placed() {
				return nil
			}
			return cat(oid, "row_number()", over(sorted(), text("")))
		},
			func() *piece { return cat(oid, pick(g, []string{"rank()", "dense_rank()"}), over(loose(), text(""))) })
	case tInt4:
		choices = append(choices, func() *piece {
			if !placed() {
				return nil
			}
			return cat(oid, "ntile("+pick(g, []string{"1", "3", "7"})+")", over(sorted(), text("")))
		})
	case tFloat8:
		choices = append(choices, func() *piece {
			return cat(oid, pick(g, []string{"percent_rank()", "cume_dist()"}), over(loose(), text("")))
		})
	}
	if list := g.schema.totals[oid]; len(list) > 0 {
		aggregates := func() *piece {
			c := pick(g, list)
			if c.ordered {
				return nil
			}
			a := g.plainAggregate(&in, c, oid, false)
			if a == nil {
				return nil
			}
			switch g.IntN(4) {
			case 0:
				if !placed() {
					return nil
				}
				return cat(oid, a, over(sorted(), g.frame(true)))
			case 1:
				if r := g.rangeFrame(&in); r != nil {
					return cat(oid, a, " over (", partition, r, ")")
				}
			}
			return cat(oid, a, over(loose(), g.frame(false)))
		}
		choices = append(choices, aggregates, aggregates, aggregates)
	}
	return pick(g, choices)()
}

// over is an OVER clause, sometimes by way of a named window, whole or in part.
func (g *generator) over(s *scope, partition, order, frame *piece) *piece {
	if s.named == nil || !g.chance(25) {
		return cat(0, " over (", partition, order, optional(frame), ")")
	}
	name := g.next("win")
	switch g.IntN(3) {
	case 0:
		s.named.add(cat(0, name+" as (", partition, order, optional(frame), ")"))
		return text(" over " + name)
	case 1:
		s.named.add(cat(0, name+" as (", partition, ")"))
		return cat(0, " over ("+name+" ", order, optional(frame), ")")
	}
	s.named.add(cat(0, name+" as (", partition, order, ")"))
	return cat(0, " over ("+name+" ", optional(frame), ")")
}

// frame is a frame of a window; rows may be counted one by one if their order is total.
func (g *generator) frame(total bool) *piece {
	if g.chance(40) {
		return text("")
	}
	bounds := pick(g, []string{
		"unbounded preceding", "current row", "between unbounded preceding and current row", "between current row and unbounded following",
		"between unbounded preceding and unbounded following", "between current row and current row",
	})
	unit := pick(g, []string{"range ", "groups "})
	if total {
		unit = "rows "
		if g.chance(50) {
			bounds = pick(g, []string{"2 preceding", "between 1 preceding and 1 following", "between 3 preceding and 1 preceding", "between 1 following and 3 following", "between 2 preceding and unbounded following", "between unbounded preceding and 1 preceding"})
		}
	}
	exclude := pick(g, []string{"", "", "", " exclude current row", " exclude group", " exclude ties", " exclude no others"})
	if unit == "groups " {
		unit = "range "
	}
	return text(unit + bounds + exclude)
}

// rangeFrame is an order with a frame of values, or of groups of equal ones.
func (g *generator) rangeFrame(in *scope) *piece {
	exclude := pick(g, []string{"", "", " exclude current row", " exclude group", " exclude ties"})
	direction := pick(g, []string{"", " desc", " nulls first"})
	bounds := func(x string) string {
		return strings.ReplaceAll(pick(g, []string{"between x preceding and x following", "x preceding", "between current row and x following", "between unbounded preceding and x following", "between x preceding and x preceding"}), "x", x)
	}
	if g.chance(35) {
		t := g.sharpKind(in)
		return cat(0, "order by (", g.expr(in, t, 1), ")"+direction+" groups "+bounds(pick(g, []string{"1", "0", "2"}))+exclude)
	}
	steps := map[uint32][]string{
		tInt4: {"3", "0"}, tInt8: {"5"}, tInt2: {"2"}, tNum: {"1.5", "10"}, tFloat8: {"2.5"}, tDate: {"'30 days'::interval", "'1 mon'::interval"}, tStamp: {"'1 day'::interval"},
		tStampZ: {"'2 hours'::interval", "'1 year'::interval"}, tTime: {"'1 hour'::interval"}, tTimeTZ: {"'1 hour'::interval"}, tIval: {"'1 day'::interval"},
	}
	for range 10 {
		t := g.kind(in)
		if list := steps[t]; list != nil {
			return cat(0, "order by (", g.expr(in, t, 1), ")"+direction+" range "+bounds(pick(g, list))+exclude)
		}
	}
	return nil
}
