package difftest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes statements by chance. Equal seeds give equal statements.
type generator struct {
	*rand.Rand
	schema *schema
	alias  int
	fuel   int  // how many more expressions are made
	nest   int  // how many queries stand around
	params bool // constants may be parameters
	ctes   []*cte

	literalArgs map[string][]string
	roundAfter  map[string]bool // see inexact
	inQuotes    map[string]bool
}

// newGenerator makes the generator of a statement.
func newGenerator(s *schema, seed, number, attempt uint64) *generator {
	g := &generator{
		Rand: rand.New(rand.NewPCG(seed, number*16+attempt)), schema: s, literalArgs: constants(), roundAfter: map[string]bool{}, inQuotes: map[string]bool{}, //nolint:gosec // not a secret
	}
	for _, n := range inexact() {
		g.roundAfter[n] = true
	}
	for _, n := range quotedNames() {
		g.inQuotes[n] = true
	}
	g.params = g.chance(30)
	return g
}

// chance is true in so many of a hundred cases.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// next makes a name that is not in use.
func (g *generator) next(letter string) string {
	g.alias++
	return fmt.Sprintf("%s%d", letter, g.alias)
}

// statement is a generated statement.
type statement struct {
	root    *piece
	ordered bool // the order of rows is total, but for equal ones
}

// statement makes a whole statement.
func (g *generator) statement() *statement {
	g.fuel = 10 + g.IntN(50)
	q := g.query(want{top: true})
	if q.wrap {
		return g.wrapped(q)
	}
	if g.chance(15) {
		return &statement{root: q.node}
	}
	if q.ties != nil && g.chance(60) {
		return &statement{root: cat(0, q.node, q.ties)}
	}
	return &statement{root: cat(0, q.node, g.order(q), g.limit(false)), ordered: true}
}

// wrapped reads a query from outside, where every column can be sorted by its text too.
func (g *generator) wrapped(q *selection) *statement {
	names := listed("(", ", ", ")")
	order := listed("\norder by ", ", ", "")
	for i, c := range q.columns {
		name := text(fmt.Sprintf("c%d", i+1))
		name.needs = c.item
		names.add(name)
		if sortable(c.oid) {
			key := text(fmt.Sprintf("c%d%s", i+1, g.direction()))
			key.needs = c.item
			order.add(key)
		}
		if !sharp(c.oid) && !c.same {
			key := written(c.oid, text(fmt.Sprintf("c%d", i+1)))
			key.needs = c.item
			order.add(key)
		}
	}
	return &statement{root: cat(0, "select * from (", q.node, ") w", names, order, g.limit(false)), ordered: true}
}

// direction is what may stand behind a sort key.
func (g *generator) direction() string {
	return pick(g, []string{"", "", "", " desc", " asc", " nulls first", " desc nulls last", " asc nulls last"})
}

// order sorts a query by all of its columns, so that only equal rows may change places.
func (g *generator) order(q *selection) *piece {
	by := listed("\norder by ", ", ", "")
	for _, c := range g.shuffled(q.columns) {
		if sortable(c.oid) {
			var key *piece
			if c.expr != nil && !q.ordinals && !isConstant(c.expr) && g.chance(30) {
				key = cat(0, "(", c.expr, ")", g.direction())
			} else {
				key = cat(0, &piece{ordinal: c.item, in: q.items}, g.direction())
			}
			key.needs = c.item
			by.add(key)
		}
		if !sharp(c.oid) && !c.same {
			key := cat(0, written(c.oid, c.expr), g.direction())
			key.needs = c.item
			by.add(key)
		}
	}
	return by
}

func (g *generator) shuffled(list []output) []output {
	out := append([]output(nil), list...)
	if g.chance(60) {
		g.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

// limit takes some rows of a query whose order is total.
func (g *generator) limit(always bool) *piece {
	if !always && !g.chance(35) {
		return text("")
	}
	n := g.number(1 + g.IntN(40))
	out := cat(0, pick(g, []any{
		cat(0, "\nlimit ", n), cat(0, "\nlimit ", n), cat(0, "\nfetch first ", "(", n, ") rows only"), cat(0, "\nlimit (select ", n, "::int8)"), "\nlimit all", "\nlimit null",
	}))
	if g.chance(30) {
		out = cat(0, out, optional(cat(0, " offset ", g.number(g.IntN(4)))))
	}
	return optional(out)
}

// number is a whole number, perhaps a parameter.
func (g *generator) number(n int) *piece {
	s := fmt.Sprint(n)
	if g.params && g.chance(30) {
		return &piece{param: true, value: &s}
	}
	return text(s)
}

// words joins texts with a separator.
func words(sep string, list ...*piece) *piece { return listed("", sep, "", list...) }

// indent sets a statement off in a message.
func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }
