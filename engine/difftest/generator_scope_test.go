package difftest

import (
	"fmt"
	"slices"
)

// field is something that an expression can name.
type field struct {
	node   *piece
	oid    uint32
	values []string // texts that occur
	local  bool     // its name may mean something else in a subquery
}

// whole is a relation whose rows can be named as values.
type whole struct {
	alias  string
	fields []field
}

// scope is what expressions in a place can name.
type scope struct {
	fields []field
	outer  []field // of the queries around
	keys   []field // tell rows apart; nil: all fields
	wholes []whole
	inner  *scope // of a grouped query: what its aggregates are over
	over   bool   // window functions may stand here
	named  *piece // the WINDOW clause
	placed *bool  // a window counts rows one by one
	sets   bool   // of a grouped query: there are several sets of keys
	alike  bool   // of a grouped query: two of its sets may be the same
}

// out is what a subquery in this place can name of it.
func (s *scope) out() []field {
	var out []field
	for _, f := range s.fields {
		if !f.local {
			out = append(out, f)
		}
	}
	return append(out, s.outer...)
}

// plain is the place without aggregates and window functions.
func (s *scope) plain() *scope {
	c := *s
	c.inner, c.over = nil, false
	return &c
}

// of are the fields of a type.
func of(fields []field, oid uint32) []field {
	var out []field
	for _, f := range fields {
		if f.oid == oid {
			out = append(out, f)
		}
	}
	return out
}

// total is a list of sort keys by which only equal rows are equal; nil if it were too long.
func (g *generator) total(s *scope) []*piece {
	keys := s.keys
	if keys == nil {
		keys = s.fields
	}
	if len(keys) > 7 {
		return nil
	}
	out := []*piece{}
	for _, k := range keys {
		if sortable(k.oid) {
			out = append(out, cat(0, k.node, g.direction()))
		}
		if !sharp(k.oid) {
			out = append(out, written(k.oid, k.node))
		}
	}
	return out
}

// written is the text of an expression, in which values differ that are equal. A cast takes the blanks off char(n), of which columns of
// different length have different ones.
func written(oid uint32, e *piece) *piece {
	if oid == tBlank {
		return cat(tText, "format('%s', ", e, ")")
	}
	return cat(tText, "(", e, ")::text")
}

// sharpen makes an expression whose equal values look alike.
func (g *generator) sharpen(n *piece, oid uint32) (*piece, uint32) {
	switch {
	case sharp(oid):
		return n, oid
	case oid == tNum:
		return cat(tNum, "trim_scale(", n, ")"), tNum
	case oid == tFloat8:
		return cat(tFloat8, "((", n, ") + '0'::float8)"), tFloat8
	case oid == tFloat4:
		return cat(tFloat4, "((", n, ") + '0'::float4)"), tFloat4
	}
	return cat(tText, "(", n, ")::text"), tText
}

// kind is a type by chance, of fields mostly.
func (g *generator) kind(s *scope) uint32 {
	if len(s.fields) > 0 && g.chance(65) {
		return pick(g, s.fields).oid
	}
	if g.chance(15) {
		return arrayOf(pick(g, elements()))
	}
	return pick(g, scalars())
}

// sharpKind is a type with an order whose equal values look alike, or do so when sharpened.
func (g *generator) sharpKind(s *scope) uint32 {
	for range 20 {
		if t := g.kind(s); sortable(t) {
			return t
		}
	}
	return tInt4
}

// relation is a piece of a FROM clause.
type relation struct {
	node   *piece
	fields []field
	keys   []field
	wholes []whole
	rows   int // about
}

func (r *relation) scope(outer []field) *scope {
	return &scope{fields: r.fields, keys: r.keys, wholes: r.wholes, outer: outer}
}

// table reads a table: as it is, or its columns under casts and other names.
func (g *generator) table(src *source) *relation {
	alias := g.next("t")
	r := &relation{rows: src.rows}
	use := func(name string, c column) {
		f := field{node: text(alias + "." + name), oid: c.oid, values: c.values}
		r.fields = append(r.fields, f)
		if slices.Contains(src.key, c.name) {
			r.keys = append(r.keys, f)
		}
	}
	if !src.casts || g.chance(25) {
		for _, c := range src.columns {
			if c.expr == quote(c.name) || c.expr == c.name {
				use(quote(c.name), c)
			}
		}
		head := src.name + " "
		if g.chance(10) {
			head += "as "
		}
		r.node = text(head + alias)
	} else {
		list := listed("(select ", ", ", "")
		for i, c := range src.columns {
			if i > 0 && i < 3 && g.chance(30) || i >= 3 && !g.chance(16) {
				continue
			}
			name := c.name
			item := text(c.expr + " as " + name)
			item.may = true
			list.add(item)
			use(name, c)
		}
		list.least = 1
		r.node = cat(0, list, " from "+src.name+") "+alias)
	}
	if len(src.key) == 0 {
		r.keys = nil
	}
	r.wholes = []whole{{alias, r.fields}}
	return r
}

// derived reads a query as a table.
func (g *generator) derived(q *selection, head string, rows int) *relation {
	alias := g.next("q")
	r := &relation{rows: rows}
	names := listed("(", ", ", ")")
	for i, c := range q.columns {
		name := fmt.Sprintf("c%d", i+1)
		n := text(name)
		n.needs = c.item
		names.add(n)
		r.fields = append(r.fields, field{node: text(alias + "." + name), oid: c.oid})
	}
	r.node = cat(0, head+"(", q.node, ") "+alias, names)
	r.wholes = []whole{{alias, r.fields}}
	return r
}

// cte is a common table expression in reach.
type cte struct {
	name    string
	columns []output
	rows    int
}

func (g *generator) readCTE(c *cte) *relation {
	alias := g.next("r")
	r := &relation{node: text(c.name + " " + alias), rows: c.rows}
	for i, o := range c.columns {
		r.fields = append(r.fields, field{node: text(fmt.Sprintf("%s.c%d", alias, i+1)), oid: o.oid})
	}
	r.wholes = []whole{{alias, r.fields}}
	return r
}
