package difftest

import (
	"strings"
)

// predicate makes a condition.
func (g *generator) predicate(s *scope, depth int) *piece {
	g.fuel--
	if depth < 0 || g.fuel < 0 {
		return g.simple(s)
	}
	switch n := g.IntN(30); {
	case n < 11:
		return g.simple(s)
	case n < 13:
		return cat(tBool, "(", g.predicate(s, depth-1), pick(g, []string{" or ", " or ", " and "}), g.predicate(s, depth-1), ")")
	case n < 14:
		return cat(tBool, "not (", g.predicate(s, depth-1), ")")
	case n < 15:
		return cat(tBool, "(", g.predicate(s, depth-1), pick(g, []string{" is true", " is not true", " is false", " is not false", " is unknown", " is not unknown"}), ")")
	case n < 18:
		t := g.sharpKind(s)
		return cat(tBool, "(", g.expr(s, t, depth), g.comparison(), g.expr(s, g.relative(t), depth), ")")
	case n < 19:
		t := g.sharpKind(s)
		e := func() *piece { return g.expr(s, t, depth-1) }
		return cat(tBool, "(", e(), pick(g, []string{"", " not"})+" between "+pick(g, []string{"", "symmetric "}), e(), " and ", e(), ")")
	case n < 20:
		return g.rows(s, depth)
	case n < 21:
		return g.quantified(s, depth)
	case n < 25:
		return g.subquery(s)
	}
	if c := g.call(s, tBool, depth); c != nil {
		return c
	}
	return g.simple(s)
}

// comparison is one that some rows pass, for most values.
func (g *generator) comparison() string {
	return pick(g, []string{" = ", " <> ", " <> ", " < ", " <= ", " > ", " >= ", " is distinct from ", " is not distinct from "})
}

// relative is the type or another of its family.
func (g *generator) relative(oid uint32) uint32 {
	if g.chance(75) {
		return oid
	}
	switch family(oid) {
	case 1:
		return pick(g, []uint32{tInt2, tInt4, tInt8, tNum, tFloat8, tFloat4})
	case 2:
		return pick(g, []uint32{tText, tVar, tBlank, tName})
	case 3:
		return pick(g, []uint32{tDate, tStamp, tStampZ})
	}
	return oid
}

// simple compares a column with values that occur.
func (g *generator) simple(s *scope) *piece { return cat(tBool, "(", g.bare(s), ")") }

func (g *generator) bare(s *scope) *piece {
	fields := s.fields
	if len(fields) == 0 {
		fields = s.outer
	}
	if len(fields) == 0 {
		return g.literal(tBool)
	}
	f := pick(g, fields)
	value := func() *piece {
		v := g.value(f.oid)
		if len(f.values) > 0 && g.chance(85) {
			v = pick(g, f.values)
		}
		return g.constant(f.oid, v, g.chance(50))
	}
	if !sortable(f.oid) {
		return cat(tBool, f.node, pick(g, []string{" is null", " is not null", " is not null"}))
	}
	switch n := g.IntN(14); {
	case f.oid == tBool:
		return cat(tBool, pick(g, []any{f.node, cat(tBool, "not ", f.node), cat(tBool, f.node, " is not true"), cat(tBool, f.node, " = false"), cat(tBool, f.node, " is null")}))
	case n < 6:
		return cat(tBool, f.node, g.comparison(), value())
	case n < 7:
		return cat(tBool, f.node, pick(g, []string{" is null", " is not null", " isnull", " notnull"}))
	case n < 9:
		list := listed("(", ", ", ")")
		list.least = 1
		for range 1 + g.IntN(4) {
			list.add(optional(value()))
		}
		return cat(tBool, f.node, pick(g, []string{" in ", " not in "}), list)
	case n < 10:
		return cat(tBool, f.node, pick(g, []string{" between ", " not between ", " between symmetric "}), value(), " and ", value())
	case n < 12 && family(f.oid) == 2:
		return cat(tBool, f.node, pick(g, []string{" like ", " not like ", " ilike ", " similar to "}), g.pattern(f))
	case n < 13:
		if o := of(s.out(), f.oid); len(o) > 1 {
			return cat(tBool, f.node, g.comparison(), pick(g, o).node)
		}
	}
	return cat(tBool, f.node, g.comparison(), value())
}

// pattern is of LIKE, of a value's letters.
func (g *generator) pattern(f field) *piece {
	v := g.value(tText)
	if len(f.values) > 0 {
		v = pick(g, f.values)
	}
	r := []rune(strings.Map(func(c rune) rune {
		if strings.ContainsRune(`\%_|*+?{}()[]`, c) {
			return -1
		}
		return c
	}, v))
	if len(r) > 1 {
		from := g.IntN(len(r))
		r = r[from:min(len(r), from+1+g.IntN(3))]
	}
	return text(quoteText(pick(g, []string{"%", "%", "", "_%"}) + string(r) + pick(g, []string{"%", "%", "%", ""})))
}

// rows compares rows of values.
func (g *generator) rows(s *scope, depth int) *piece {
	a, b := g.sharpKind(s), g.sharpKind(s)
	pair := func() *piece {
		return cat(0, pick(g, []string{"(", "row("}), g.expr(s, a, depth-1), ", ", g.expr(s, b, depth-1), ")")
	}
	if g.chance(20) {
		return cat(tBool, "(", pair(), " in (", pair(), ", ", pair(), "))")
	}
	return cat(tBool, "(", pair(), pick(g, []string{" = ", " <> ", " < ", " <= ", " > ", " >= ", " is distinct from "}), pair(), ")")
}

// quantified compares with the elements of an array.
func (g *generator) quantified(s *scope, depth int) *piece {
	t := pick(g, elements())
	for range 5 {
		if k := g.kind(s); arrayOf(k) != 0 && universe()[arrayOf(k)] {
			t = k
			break
		}
	}
	if !sortable(t) {
		t = tText
	}
	return cat(tBool, "(", g.expr(s, t, depth-1), pick(g, []string{" = ", " = ", " <> ", " < ", " >= "})+pick(g, []string{"any", "all", "some"})+"(", g.expr(s, arrayOf(t), depth-1), "))")
}

// equal relates a field of one list to one of another.
func (g *generator) equal(a, b []field, op string) *piece {
	for range 12 {
		if len(a) == 0 || len(b) == 0 {
			return nil
		}
		f := pick(g, a)
		var list []field
		for _, o := range b {
			if family(o.oid) == family(f.oid) && o.oid != tBool && sortable(o.oid) {
				list = append(list, o)
			}
		}
		if len(list) > 0 {
			return cat(tBool, f.node, op, pick(g, list).node)
		}
	}
	return nil
}

// subquery is a condition on the rows of a query. Above grouping sets nothing is looked for among them: PostgreSQL before 18 may take a key
// there for what it was in the row that was grouped, although the set lacks it.
func (g *generator) subquery(s *scope) *piece {
	p, looks := g.subqueryOf(s)
	if looks && s.sets {
		return cat(tBool, "true")
	}
	return p
}

func (g *generator) subqueryOf(s *scope) (p *piece, looks bool) {
	if g.nest > 2 {
		return g.simple(s), false
	}
	if g.chance(35) {
		q := g.query(want{outer: s.out(), small: true, inside: true})
		return cat(tBool, pick(g, []string{"", "not "})+"exists (", q.node, ")"), false
	}
	t := g.sharpKind(s)
	if g.chance(12) {
		u := g.sharpKind(s)
		q := g.query(want{outer: s.out(), types: []uint32{t, u}, small: true, inside: true})
		return cat(tBool, "((", g.expr(s, t, 1), ", ", g.expr(s, u, 1), ")"+pick(g, []string{" in ", " not in ", " = any ", " <> all "})+"(", q.node, "))"), true
	}
	q := g.query(want{outer: s.out(), types: []uint32{t}, small: true, inside: true})
	if g.chance(60) {
		return cat(tBool, "(", g.expr(s, t, 1), pick(g, []string{" in (", " in (", " not in ("}), q.node, "))"), true
	}
	return cat(tBool, "(", g.expr(s, t, 1), g.quantifier(), "(", q.node, "))"), true
}

func (g *generator) quantifier() string {
	return pick(g, []string{" = ", " <> ", " < ", " <= ", " > ", " >= "}) + pick(g, []string{"any ", "some ", "all "})
}
