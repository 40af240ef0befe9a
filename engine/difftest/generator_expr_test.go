package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// expr makes an expression of a type.
func (g *generator) expr(s *scope, oid uint32, depth int) *piece {
	g.fuel--
	if depth <= 0 || g.fuel < 0 || g.chance(30) {
		return g.leaf(s, oid)
	}
	var out *piece
	switch n := g.IntN(100); {
	case oid == tBool && n < 70:
		return g.predicate(s, depth-1)
	case n < 50:
		out = g.call(s, oid, depth-1)
	case n < 60:
		out = g.cast(s, oid, depth-1)
	case n < 76:
		out = g.conditional(s, oid, depth-1)
	case n < 82:
		out = g.scalarQuery(s, oid)
	default:
		out = g.special(s, oid, depth-1)
	}
	if out == nil {
		return g.leaf(s, oid)
	}
	return out
}

// leaf is a column, an aggregate where they may stand, or a constant.
func (g *generator) leaf(s *scope, oid uint32) *piece {
	if s.inner != nil && g.chance(45) {
		if a := g.aggregate(s, oid); a != nil {
			return a
		}
	}
	if s.over && g.chance(6) {
		if w := g.window(s, oid); w != nil {
			return w
		}
	}
	if g.chance(92) {
		if f, ok := g.column(s, oid); ok {
			return f.node
		}
		if n := g.converted(s, oid); n != nil && g.chance(60) {
			return n
		}
	}
	return g.literal(oid)
}

// column is a field of a type, of the query itself or of one around.
func (g *generator) column(s *scope, oid uint32) (field, bool) {
	list := of(s.fields, oid)
	if len(list) == 0 || len(s.outer) > 0 && g.chance(20) {
		if o := of(s.outer, oid); len(o) > 0 {
			list = o
		}
	}
	if len(list) == 0 {
		return field{}, false
	}
	return pick(g, list), true
}

// converted is a field of another type under a cast that cannot fail.
func (g *generator) converted(s *scope, oid uint32) *piece {
	var list []field
	for _, f := range s.fields {
		if safeCast(f.oid, oid) {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return g.castTo(pick(g, list).node, oid)
}

func (g *generator) castTo(n *piece, oid uint32) *piece {
	if g.chance(15) {
		return cat(oid, "cast(", n, " as "+typeName(oid)+")")
	}
	return cat(oid, "(", n, ")::"+typeName(oid))
}

// safeCast says that every value of a type can be cast to another.
func safeCast(from, to uint32) bool {
	switch to {
	case tText, tVar, tBlank:
		return true
	case tInt4:
		return from == tInt2 || from == tBool
	case tInt8:
		return from == tInt2 || from == tInt4 || from == tOID
	case tNum, tFloat4:
		return from == tInt2 || from == tInt4 || from == tInt8
	case tFloat8:
		return from == tInt2 || from == tInt4 || from == tInt8 || from == tFloat4
	case tName:
		return from == tText || from == tVar || from == tBlank
	case tStamp:
		return from == tStampZ
	case tStampZ:
		return from == tStamp
	case tTime:
		return from == tTimeTZ || from == tStamp || from == tIval
	case tTimeTZ:
		return from == tTime
	case tIval:
		return from == tTime
	case tJSON:
		return from == tJSONB
	case tJSONB:
		return from == tJSON
	case tBool:
		return from == tInt4
	}
	if e := elemOf(to); e != 0 && elemOf(from) != 0 {
		return safeCast(elemOf(from), e)
	}
	return false
}

// cast goes by way of another type, also by casts that can fail.
func (g *generator) cast(s *scope, oid uint32, depth int) *piece {
	var list []uint32
	for _, t := range append(scalars(), tText) {
		if t != oid && (safeCast(t, oid) || family(t) == family(oid)) {
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		return nil
	}
	to := ""
	switch {
	case oid == tNum && g.chance(30):
		to = pick(g, []string{"numeric(12,2)", "numeric(30,10)", "numeric(5,-2)", "decimal(20)"})
	case oid == tVar && g.chance(50):
		to = pick(g, []string{"varchar(3)", "varchar(20)"})
	case oid == tBlank && g.chance(70):
		to = pick(g, []string{"char(3)", "char(8)", "char"})
	case (oid == tStamp || oid == tStampZ || oid == tTime || oid == tTimeTZ) && g.chance(30):
		to = typeName(oid)
		head, tail, ok := strings.Cut(to, " ")
		if to = fmt.Sprintf("%s(%d)", head, g.IntN(5)); ok {
			to += " " + tail
		}
	case oid == tIval && g.chance(30):
		to = pick(g, []string{"interval(0)", "interval day to second", "interval year to month", "interval hour", "interval(2)"})
	}
	from := pick(g, list)
	inner := g.expr(s, from, depth)
	if to == "" {
		return g.castTo(inner, oid)
	}
	return cat(oid, "(", inner, ")::"+to)
}

// literal is a constant, perhaps as a parameter.
func (g *generator) literal(oid uint32) *piece {
	if g.chance(5) {
		return cat(oid, "null::"+typeName(oid))
	}
	return g.constant(oid, g.value(oid), true)
}

func (g *generator) value(oid uint32) string {
	tame, wild := literals(oid)
	if len(wild) > 0 && g.chance(12) {
		return pick(g, wild)
	}
	return pick(g, tame)
}

// constant writes a value; typed says that nothing around tells its type.
func (g *generator) constant(oid uint32, v string, typed bool) *piece {
	if g.params && g.chance(35) {
		p := &piece{param: true, value: &v}
		if typed {
			return cat(oid, p, "::"+typeName(oid))
		}
		return p
	}
	plain := strings.Trim(v, "0123456789.") == "" && v != ""
	switch {
	case oid == tInt4 && (plain || !typed) && v[0] != '-', oid == tNum && plain && strings.Contains(v, "."):
		return cat(oid, v)
	case oid == tBool && g.chance(80):
		return cat(oid, v)
	case !typed:
		return cat(oid, quoteText(v))
	case g.chance(20) && elemOf(oid) == 0 && oid != tBlank && oid != tChar:
		return cat(oid, typeName(oid)+" "+quoteText(v))
	case elemOf(oid) != 0 && g.chance(40):
		return g.arrayLiteral(oid)
	}
	return cat(oid, quoteText(v)+"::"+typeName(oid))
}

func (g *generator) arrayLiteral(oid uint32) *piece {
	e := elemOf(oid)
	list := listed("array[", ", ", "]::"+typeName(oid))
	list.oid = oid
	for range g.IntN(4) {
		v, _ := literals(e)
		list.add(optional(text(quoteText(pick(g, v)))))
	}
	if len(list.parts) == 0 {
		return cat(oid, "array[]::"+typeName(oid))
	}
	return list
}

// near is a type that is taken where another is wanted.
func (g *generator) near(oid uint32) uint32 {
	if !g.chance(12) {
		return oid
	}
	switch oid {
	case tInt8, tFloat8, tNum:
		return pick(g, []uint32{tInt2, tInt4, tInt8})
	case tInt4:
		return tInt2
	case tText:
		return pick(g, []uint32{tVar, tName, tBlank})
	case tStamp:
		return tDate
	case tStampZ:
		return pick(g, []uint32{tStamp, tDate})
	}
	return oid
}

// call makes a call of a function or an operator with a result of the type.
func (g *generator) call(s *scope, oid uint32, depth int) *piece {
	names := g.schema.calls[oid]
	if len(names) == 0 {
		return nil
	}
	c := pick(g, pick(g, names))
	elem := pick(g, elements())
	if e := elemOf(oid); pseudo(c.result) && e != 0 && (c.result == sqltype.OIDAnyArray || c.result == sqltype.OIDAnyCompatibleArray) {
		elem = e
	} else if pseudo(c.result) {
		elem = oid
	}
	out := g.callOf(s, c, elem, oid, depth)
	if g.roundAfter[c.name] && (oid == tFloat8 || oid == tFloat4) {
		out = cat(oid, "(", out, ")::float4::"+typeName(oid))
	}
	return out
}

func (g *generator) callOf(s *scope, c *callable, elem, oid uint32, depth int) *piece {
	given, near := g.literalArgs[c.name], false
	var args []*piece
	argTypes := g.actual(c.args, elem)
	if c.variadic {
		last := argTypes[len(argTypes)-1]
		if e := elemOf(last); e != 0 {
			last = e
		}
		argTypes = argTypes[:len(argTypes)-1]
		for range 1 + g.IntN(3) {
			argTypes = append(argTypes, last)
		}
		if c.args[len(c.args)-1] == sqltype.OIDAny {
			for i := len(c.args) - 1; i < len(argTypes); i++ {
				argTypes[i] = pick(g, scalars())
			}
			if strings.Contains(c.name, "build_object") {
				argTypes = []uint32{tText, pick(g, scalars()), tText, pick(g, scalars())}
			}
		}
	}
	for i, t := range argTypes {
		switch {
		case c.name == "to_char" && i == 1:
			args = append(args, g.constant(tText, pick(g, charFormats(argTypes[0])), false))
		case i < len(given) && given[i] != "" && (g.chance(90) || costly(c.name)) && !(c.operator && family(t) != family(tInt4) && !strings.Contains(given[i], "'")):
			v := pick(g, alternatives(given[i]))
			if family(t) == family(tInt4) && v[0] == '\'' {
				v += "::" + typeName(t)
			}
			args = append(args, text(v))
		default:
			u := t
			if !c.operator {
				u = g.near(t)
			}
			near = near || u != t
			args = append(args, g.expr(s, u, depth))
		}
	}
	if c.operator {
		if len(args) == 1 {
			return cat(oid, "("+c.name+" ", args[0], ")")
		}
		name := c.name
		if g.chance(3) {
			name = "operator(pg_catalog." + name + ")"
		}
		return cat(oid, "(", args[0], " "+name+" ", args[1], ")")
	}
	name := c.name
	switch {
	case name == "extract" && len(args) == 2 && len(args[0].parts) == 1 && g.chance(90):
		return cat(oid, "extract("+strings.Trim(fmt.Sprint(args[0].parts[0]), "'")+" from ", args[1], ")")
	case name == "timezone" && len(args) == 2:
		return cat(oid, "(", args[1], " at time zone ", args[0], ")")
	case name == "overlaps":
		return cat(oid, "((", args[0], ", ", args[1], ") overlaps (", args[2], ", ", args[3], "))")
	case name == "position" && g.chance(70):
		return cat(oid, "position(", args[0], " in ", args[1], ")")
	case (name == "ltrim" || name == "rtrim" || name == "btrim") && len(args) == 2 && argTypes[0] == tText && g.chance(70):
		return cat(oid, "trim("+map[string]string{"ltrim": "leading", "rtrim": "trailing", "btrim": "both"}[name]+" ", args[1], " from ", args[0], ")")
	case name == "substring" && len(args) == 3 && g.chance(60):
		return cat(oid, "substring(", args[0], " from ", args[1], " for ", args[2], ")")
	case name == "overlay" && len(args) == 4 && g.chance(60):
		return cat(oid, "overlay(", args[0], " placing ", args[1], " from ", args[2], " for ", args[3], ")")
	}
	if g.inQuotes[name] {
		name = quote(name)
	} else if g.chance(2) {
		name = "pg_catalog." + name
	}
	out := cat(oid, name+"(", words(", ", args...), ")")
	if near {
		return cat(oid, "(", out, ")::"+typeName(oid)) // another form of the function may be nearer
	}
	return out
}

// costly are functions that are never given values by chance: large numbers keep them busy for long, any text names some zone.
func costly(name string) bool {
	return slices.Contains([]string{"factorial", "repeat", "lpad", "rpad", "array_fill", "power", "pow", "numeric_power", "^", "exp", "numeric_exp", "timezone"}, name)
}

// actual puts types in the places of pseudo-types.
func (g *generator) actual(args []uint32, elem uint32) []uint32 {
	out := slices.Clone(args)
	for i, a := range out {
		switch a {
		case sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
			out[i] = elem
		case sqltype.OIDAnyArray, sqltype.OIDAnyCompatibleArray:
			out[i] = arrayOf(elem)
		case sqltype.OIDAny:
			out[i] = pick(g, scalars())
		}
	}
	return out
}

// alternatives splits a list of constants at the bars outside quotes.
func alternatives(s string) []string {
	var out []string
	from, inside := 0, false
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			inside = !inside
		case s[i] == '|' && !inside:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// conditional chooses between expressions.
func (g *generator) conditional(s *scope, oid uint32, depth int) *piece {
	sub := func() *piece { return g.expr(s, oid, depth) }
	switch n := g.IntN(10); {
	case n < 3:
		list := listed("case ", " ", "")
		list.least = 1
		for range 1 + g.IntN(2) {
			list.add(optional(cat(0, "when ", g.predicate(s, depth), " then ", sub())))
		}
		tail := any(" end")
		if g.chance(75) {
			tail = cat(0, optional(cat(0, " else ", sub())), " end")
		}
		return cat(oid, list, tail)
	case n < 4:
		t := g.sharpKind(s)
		return cat(oid, "case ", g.expr(s, t, depth), " when ", g.expr(s, t, depth), " then ", sub(), " else ", sub(), " end")
	case n < 7:
		return cat(oid, "coalesce(", sub(), ", ", sub(), ")")
	case sortable(oid) && n < 8:
		return cat(oid, "nullif(", sub(), ", ", sub(), ")")
	case sortable(oid):
		return cat(oid, pick(g, []string{"greatest(", "least("}), sub(), ", ", sub(), ")")
	}
	return nil
}

// special makes what is neither a call nor a cast.
func (g *generator) special(s *scope, oid uint32, depth int) *piece {
	if e := elemOf(oid); e != 0 {
		switch g.IntN(5) {
		case 0, 1:
			list := listed("array[", ", ", "]")
			list.oid, list.least = oid, 1
			for range 1 + g.IntN(3) {
				list.add(optional(g.expr(s, e, depth)))
			}
			return list
		case 2:
			return cat(oid, "(", g.expr(s, oid, depth), ")["+pick(g, []string{"1:2", "2:", ":1", ":", "0:1", "3:2"})+"]")
		case 3:
			return cat(oid, "(", g.expr(s, oid, depth), " || ", g.expr(s, pick(g, []uint32{oid, oid, e}), depth), ")")
		}
		return g.arrayQuery(s, e)
	}
	if a := arrayOf(oid); a != 0 && slices.Contains(elements(), oid) && g.chance(50) {
		return cat(oid, "(", g.expr(s, a, depth), ")["+pick(g, []string{"1", "2", "-1"})+"]")
	}
	var wholes []whole
	for _, w := range s.wholes {
		if len(of(w.fields, oid)) > 0 {
			wholes = append(wholes, w)
		}
	}
	if s.inner == nil && len(wholes) > 0 && g.chance(40) {
		w := pick(g, wholes)
		f := pick(g, of(w.fields, oid))
		if name, ok := f.node.parts[0].(string); ok {
			if _, col, ok := strings.Cut(name, "."); ok {
				return cat(oid, "("+w.alias+")."+col)
			}
		}
	}
	if s.inner == nil && len(s.wholes) > 0 && g.chance(40) {
		w := pick(g, s.wholes).alias
		switch oid {
		case tText:
			return cat(oid, "("+w+")::text")
		case tJSON:
			return cat(oid, "row_to_json("+w+")")
		case tJSONB:
			return cat(oid, "to_jsonb("+w+")")
		case tBool:
			return cat(oid, "("+w+pick(g, []string{" is null", " is not null"})+")")
		}
	}
	switch oid {
	case tText:
		t := g.kind(s)
		return cat(oid, "row(", g.expr(s, t, depth), ", ", g.expr(s, tText, depth), ")::text")
	case tStampZ, tStamp, tDate, tTime, tTimeTZ:
		word := map[uint32]string{tStampZ: "current_timestamp", tStamp: "localtimestamp", tDate: "current_date", tTime: "localtime", tTimeTZ: "current_time"}[oid]
		return cat(oid, word)
	}
	return g.call(s, oid, depth)
}
