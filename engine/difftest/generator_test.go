package difftest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// class is what a generated expression can be used for.
type class string

const (
	classInt  class = "int"
	classNum  class = "numeric"
	classText class = "text"
	classBool class = "bool"
	classTime class = "timestamptz"
	classDate class = "date"
	classUUID class = "uuid"
)

// source is a table for generated statements: its columns by class, with values that occur.
type source struct {
	name    string // qualified and quoted
	small   bool   // may stand in a cross join
	columns []column
}

type column struct {
	name   string
	class  class
	values []string // literals
}

// link says that two tables can be joined by equal columns.
type link struct{ from, column, to, other string }

// schema is what statements are generated over.
type schema struct {
	sources []source
	links   []link
}

// links are the relationships that people join by.
func links() []link {
	i := func(s string) string { return "intune." + quote(s) }
	t := func(s string) string { return "types." + quote(s) }
	return []link{
		{i("devices"), "deviceKey", i("devicePropertyHistories"), "deviceKey"},
		{i("devices"), "complianceStateKey", i("complianceStates"), "complianceStateKey"},
		{i("devices"), "ownerTypeKey", i("ownerTypes"), "ownerTypeKey"},
		{i("devices"), "deviceCategoryKey", i("deviceCategories"), "deviceCategoryKey"},
		{i("devices"), "userId", i("users"), "userId"},
		{i("devices"), "primaryUser", i("users"), "userId"},
		{i("devicePropertyHistories"), "complianceStateKey", i("complianceStates"), "complianceStateKey"},
		{i("devicePropertyHistories"), "ownerTypeKey", i("ownerTypes"), "ownerTypeKey"},
		{i("mamCheckins"), "userKey", i("users"), "userKey"},
		{i("mamCheckins"), "mamApplicationKey", i("mamApplications"), "mamApplicationKey"},
		{i("mamCheckins"), "dateKey", i("compliancePolicyStatusDeviceActivities"), "dateKey"},
		{i("policyDeviceActivities"), "dateKey", i("compliancePolicyStatusDeviceActivities"), "dateKey"},
		{t("samples"), "groupId", t("groups"), "groupId"},
		{t("samples"), "id", t("lines"), "sampleId"},
		{t("samples"), "color", t("groups"), "color"},
		{t("samples"), "byte", t("lines"), "quantity"},
	}
}

// readSchema asks PostgreSQL for the columns of the linked tables and for some values of each.
func readSchema(ctx context.Context, c *pgconn.PgConn) (*schema, error) {
	s := &schema{links: links()}
	seen := map[string]bool{}
	for _, l := range s.links {
		for _, name := range []string{l.from, l.to} {
			if seen[name] {
				continue
			}
			seen[name] = true
			src, err := readSource(ctx, c, name)
			if err != nil {
				return nil, err
			}
			s.sources = append(s.sources, src)
		}
	}
	return s, nil
}

func readSource(ctx context.Context, c *pgconn.PgConn, name string) (source, error) {
	src := source{name: name}
	a, err := ask(ctx, c, `select attname, format_type(atttypid, null), (select count(*) < 30 from `+name+`) from pg_attribute
where attrelid = '`+name+`'::regclass and attnum > 0 order by attnum`, nil, simple)
	if err != nil {
		return src, err
	}
	if a.fault != nil {
		return src, a.fault
	}
	classes := map[string]class{
		"smallint": classInt, "integer": classInt, "bigint": classInt, "numeric": classNum, "text": classText, "boolean": classBool,
		"timestamp with time zone": classTime, "date": classDate, "uuid": classUUID,
	}
	for _, row := range a.rows {
		src.small = string(row[2]) == "t"
		col := column{name: string(row[0]), class: classes[string(row[1])]}
		if col.class == "" {
			continue
		}
		q := quote(col.name)
		v, err := ask(ctx, c, fmt.Sprintf(`select quote_literal(%s::text) from (select distinct %s from %s where %s is not null) x order by md5(%s::text) limit 8`, q, q, name, q, q), nil, simple)
		if err != nil {
			return src, err
		}
		for _, r := range v.rows {
			lit := string(r[0])
			if col.class == classInt || col.class == classNum {
				lit = strings.Trim(lit, "'")
			}
			if col.class == classText && strings.ContainsAny(lit, "\\\x01\r\n\t") {
				continue
			}
			col.values = append(col.values, lit)
		}
		if len(col.values) > 0 {
			src.columns = append(src.columns, col)
		}
	}
	return src, nil
}

// generator makes statements by chance. Equal seeds give equal statements.
type generator struct {
	*rand.Rand
	schema *schema
	alias  int
}

// field is a column in reach of an expression.
type field struct {
	text string
	column
}

// chance is true in so many of a hundred cases.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// statement makes a whole statement, with an order that is total but for equal rows.
func (g *generator) statement() string {
	g.alias = 0
	var text string
	var width int
	switch n := g.IntN(20); {
	case n < 4:
		text, width = g.setOperation()
	case n < 7:
		text, width = g.with()
	default:
		text, width = g.query(2)
	}
	text += "\norder by "
	for i := range width {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(i + 1)
		text += pick(g, []string{"", "", " desc", " nulls first", " desc nulls last"})
	}
	if g.chance(35) {
		text += fmt.Sprintf("\nlimit %d", 1+g.IntN(40))
		if g.chance(30) {
			text += fmt.Sprintf(" offset %d", g.IntN(2))
		}
	}
	return text
}

// with makes a CTE that is read twice or once.
func (g *generator) with() (string, int) {
	from, fields := g.from(1)
	classes := []class{classInt, g.class(fields), g.class(fields)}
	var list []string
	var out []field
	for i, c := range classes {
		e := g.expr(c, fields, 1)
		list = append(list, fmt.Sprintf("%s as c%d", e, i))
		values := []string{"1", "2"}
		if f, ok := g.of(c, fields); ok {
			values = f.values
		} else if c != classInt {
			values = []string{"null"}
		}
		out = append(out, field{fmt.Sprintf("c%d", i), column{fmt.Sprintf("c%d", i), c, values}})
	}
	head := "with " + pick(g, []string{"c", "c", "c"}) + " as " + pick(g, []string{"", "materialized ", "not materialized "}) + "(select " + strings.Join(list, ", ") + from + g.where(fields, 1) + ")\n"
	on := func(alias string) []field {
		var fs []field
		for _, f := range out {
			fs = append(fs, field{alias + "." + f.name, f.column})
		}
		return fs
	}
	a, b := g.next(), g.next()
	switch g.IntN(3) {
	case 0:
		return head + fmt.Sprintf("select %s, %s\nfrom c %s", g.expr(classInt, on(a), 1), g.expr(classText, on(a), 1), a) + g.where(on(a), 0), 2
	case 1:
		text, width := g.grouped(fmt.Sprintf("\nfrom c %s", a), g.where(on(a), 0), on(a))
		return head + text, width
	}
	both := append(on(a), on(b)...)
	return head + fmt.Sprintf("select count(*), min(%s), max(%s)\nfrom c %s %s (select distinct c0, c1 from c) %s on %s.c0 = %s.c0",
		g.expr(classInt, both[:3], 1), b+".c0", a, pick(g, []string{"join", "left join", "full join"}), b, a, b) + g.where(both[:3], 0), 3
}

// setOperation joins two queries over one list of classes.
func (g *generator) setOperation() (string, int) {
	classes := []class{classInt, classText}[:1+g.IntN(2)]
	op := pick(g, []string{"union", "union all", "union", "union all", "except", "except all", "intersect"})
	arm := func() string {
		from, fields := g.from(1)
		var list []string
		for _, c := range classes {
			list = append(list, g.expr(c, fields, 1))
		}
		return "select " + strings.Join(list, ", ") + from + g.where(fields, 1)
	}
	return arm() + "\n" + op + "\n" + arm(), len(classes)
}

// query makes a SELECT without ORDER BY and tells how many columns it has.
func (g *generator) query(depth int) (string, int) {
	from, fields := g.from(depth)
	where := g.where(fields, depth)
	if g.chance(40) {
		return g.grouped(from, where, fields)
	}
	width := 1 + g.IntN(4)
	var list []string
	for range width {
		if g.chance(12) && depth > 1 {
			list = append(list, g.window(fields))
			continue
		}
		if g.chance(12) && depth > 0 {
			list = append(list, g.scalar(fields))
			continue
		}
		list = append(list, g.expr(g.class(fields), fields, 2))
	}
	head := "select "
	if g.chance(15) {
		head = "select distinct "
	}
	return head + strings.Join(list, ", ") + from + where, width
}

// scalar makes a subquery that gives one value for each row.
func (g *generator) scalar(fields []field) string {
	s := &g.schema.sources[g.IntN(len(g.schema.sources))]
	a := g.next()
	inner := fieldsOf(s, a)
	f := pick(g, inner)
	where := g.where(inner, 0)
	if o, ok := g.of(f.class, fields); ok {
		if where == "" {
			where = "\nwhere "
		} else {
			where += " and "
		}
		where += f.text + " = " + o.text
	}
	value := pick(g, []string{"count(*)", "max(" + g.expr(classInt, inner, 0) + ")", "count(" + g.expr(classText, inner, 0) + ")", "string_agg(distinct left(" + g.expr(classText, inner, 0) + ", 2), ',')"})
	return "(select " + value + "\nfrom " + s.name + " " + a + where + ")"
}

// grouped makes keys and aggregates.
func (g *generator) grouped(from, where string, fields []field) (string, int) {
	var keys, list []string
	for range g.IntN(3) {
		keys = append(keys, g.expr(g.class(fields), fields, 1))
	}
	list = append(list, keys...)
	for range 1 + g.IntN(3) {
		list = append(list, g.aggregate(fields))
	}
	text := "select " + strings.Join(list, ", ") + from + where
	if len(keys) > 0 {
		text += "\ngroup by "
		for i := range keys {
			if i > 0 {
				text += ", "
			}
			text += fmt.Sprint(i + 1)
		}
	}
	if g.chance(25) {
		text += "\nhaving " + pick(g, []string{"count(*) > 1", "count(*) < 500", "max(" + pick(g, fields).text + "::text) is not null"})
	}
	return text, len(list)
}

func (g *generator) aggregate(fields []field) string {
	var text string
	switch g.IntN(7) {
	case 0:
		text = "count(*)"
	case 1:
		text = "count(" + g.expr(g.class(fields), fields, 1) + ")"
	case 2:
		text = "count(distinct " + g.expr(g.class(fields), fields, 1) + ")"
	case 3:
		text = "sum((" + g.expr(classInt, fields, 1) + ")::numeric)"
	case 4:
		text = "avg((" + g.expr(classInt, fields, 1) + ")::numeric)"
	case 5:
		text = pick(g, []string{"min", "max"}) + "(" + g.expr(pick(g, []class{classInt, classText, classTime, classNum, classDate}), fields, 1) + ")"
	default:
		text = pick(g, []string{"bool_and", "bool_or"}) + "(" + g.predicate(fields, 0) + ")"
	}
	if g.chance(20) {
		text += " filter (where " + g.predicate(fields, 0) + ")"
	}
	return text
}

// window has a frame that equal rows share, so that their order does not matter.
func (g *generator) window(fields []field) string {
	f := pick(g, []string{"rank()", "dense_rank()", "count(*)", "sum(" + g.expr(classInt, fields, 0) + "::numeric)", "max(" + g.expr(classText, fields, 0) + ")"})
	over := ""
	if g.chance(60) {
		over = "partition by " + g.expr(g.class(fields), fields, 0)
	}
	return f + " over (" + over + " order by " + g.expr(g.class(fields), fields, 0) + ")"
}

// class is one of which there are columns.
func (g *generator) class(fields []field) class { return pick(g, fields).class }

func (g *generator) next() string {
	g.alias++
	return fmt.Sprintf("t%d", g.alias)
}

func (g *generator) source(name string) *source {
	for i := range g.schema.sources {
		if g.schema.sources[i].name == name {
			return &g.schema.sources[i]
		}
	}
	return nil
}

func fieldsOf(s *source, alias string) []field {
	var out []field
	for _, c := range s.columns {
		out = append(out, field{alias + "." + quote(c.name), c})
	}
	return out
}

// from makes a FROM clause of one to three tables or subqueries, and what is in reach.
func (g *generator) from(depth int) (string, []field) {
	l := pick(g, g.schema.links)
	alias := g.next()
	base := g.source(l.from)
	if g.chance(30) {
		base = &g.schema.sources[g.IntN(len(g.schema.sources))]
	}
	fields := fieldsOf(base, alias)
	text := "\nfrom " + g.relation(base, alias, depth)
	if base.name == l.from && depth > 0 && g.chance(65) {
		text, fields = g.join(text, fields, l, alias)
	}
	if depth > 1 && g.chance(8) {
		a := g.next()
		f := pick(g, fields)
		inner := g.source(g.schema.links[g.IntN(len(g.schema.links))].to)
		b := g.next()
		in := fieldsOf(inner, b)
		if o, ok := g.of(f.class, in); ok {
			text += fmt.Sprintf("\n%s lateral (select count(*) as n, min(%s) as m from %s %s where %s = %s) %s on true",
				pick(g, []string{"join", "left join"}), g.expr(classText, in, 0), inner.name, b, o.text, f.text, a)
			return text, append(fields, field{a + ".n", column{"n", classInt, []string{"0", "1", "2"}}}, field{a + ".m", column{"m", classText, []string{"'a'", "'M'"}}})
		}
	}
	if depth > 1 && g.chance(10) {
		for _, s := range g.schema.sources {
			if s.small && g.chance(30) {
				a := g.next()
				return text + " cross join " + s.name + " " + a, append(fields, fieldsOf(&s, a)...)
			}
		}
	}
	return text, fields
}

// relation is a table, or a subquery that gives its columns with fewer rows.
func (g *generator) relation(s *source, alias string, depth int) string {
	if depth < 2 || !g.chance(15) {
		return s.name + " " + alias
	}
	inner := g.next()
	return "(select * from " + s.name + " " + inner + g.where(fieldsOf(s, inner), 0) + ") " + alias
}

func (g *generator) join(text string, fields []field, l link, alias string) (string, []field) {
	other := g.next()
	to := g.source(l.to)
	kind := pick(g, []string{"join", "join", "left join", "left join", "right join", "full join"})
	on := fmt.Sprintf("%s.%s = %s.%s", alias, quote(l.column), other, quote(l.other))
	joined := fieldsOf(to, other)
	both := append(append([]field{}, fields...), joined...)
	if kind != "full join" && g.chance(25) {
		on += " and " + g.predicate(both, 0)
	}
	text += "\n" + kind + " " + g.relation(to, other, 2) + " on " + on
	// A third table on the first one's other links.
	for _, m := range g.schema.links {
		if m.from == l.from && m != l && g.chance(12) {
			third := g.next()
			text += fmt.Sprintf("\nleft join %s %s on %s.%s = %s.%s", m.to, third, alias, quote(m.column), third, quote(m.other))
			return text, append(both, fieldsOf(g.source(m.to), third)...)
		}
	}
	return text, both
}

func (g *generator) where(fields []field, depth int) string {
	n := []int{0, 0, 0, 1, 1, 1, 2, 2}[g.IntN(8)]
	if n == 0 {
		return ""
	}
	var list []string
	for range n {
		list = append(list, g.predicate(fields, depth))
	}
	return "\nwhere " + strings.Join(list, " and ")
}

// of gives a field of a class, if there is one.
func (g *generator) of(c class, fields []field) (field, bool) {
	var list []field
	for _, f := range fields {
		if f.class == c {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return field{}, false
	}
	return pick(g, list), true
}

// predicate makes a condition; with depth it may hold subqueries.
func (g *generator) predicate(fields []field, depth int) string {
	f := pick(g, fields)
	comparison := pick(g, []string{"=", "<>", "<>", "<", "<=", "<=", ">", ">=", ">="})
	switch n := g.IntN(14); {
	case n < 4 && f.class != classBool:
		return f.text + " " + comparison + " " + pick(g, f.values)
	case n == 4:
		return f.text + pick(g, []string{" is null", " is not null"})
	case n == 5 && f.class != classBool:
		return f.text + pick(g, []string{"", " not"}) + " in (" + strings.Join(f.values[g.IntN(len(f.values)):], ", ") + ", " + pick(g, f.values) + ")"
	case n == 6 && f.class != classBool:
		return f.text + pick(g, []string{" between ", " between symmetric ", " between symmetric ", " not between symmetric "}) + pick(g, f.values) + " and " + pick(g, f.values)
	case n == 7:
		if t, ok := g.of(classText, fields); ok {
			return t.text + pick(g, []string{" like ", " not like ", " ilike "}) + g.pattern(t)
		}
	case n == 8:
		if b, ok := g.of(classBool, fields); ok {
			return pick(g, []string{b.text, "not " + b.text, b.text + " is not true", b.text + " = false"})
		}
	case n == 9 || n == 10 && g.chance(50):
		return "(" + g.predicate(fields, 0) + " or " + g.predicate(fields, 0) + ")"
	case n == 10:
		return "not (" + g.predicate(fields, 0) + pick(g, []string{" and ", " or "}) + g.predicate(fields, 0) + ")"
	case n > 10 && depth > 0:
		return g.subquery(fields)
	}
	if o, ok := g.of(f.class, fields); ok && f.class != classBool && o.text != f.text {
		return f.text + pick(g, []string{" <> ", " <= ", " < ", " is distinct from "}) + o.text
	}
	return f.text + " is not null"
}

func (g *generator) pattern(t field) string {
	v := strings.Trim(pick(g, t.values), "'")
	r := []rune(strings.ReplaceAll(v, "''", "'"))
	if len(r) > 1 {
		from := g.IntN(len(r))
		r = r[from:min(len(r), from+1+g.IntN(2))]
	}
	v = strings.ReplaceAll(string(r), "'", "''")
	return "'" + pick(g, []string{"%", "%", "", "_%"}) + v + pick(g, []string{"%", "%", "%", ""}) + "'"
}

// subquery relates a column to another table's.
func (g *generator) subquery(fields []field) string {
	s := &g.schema.sources[g.IntN(len(g.schema.sources))]
	a := g.next()
	inner := fieldsOf(s, a)
	f := pick(g, inner)
	o, ok := g.of(f.class, fields)
	if !ok || f.class == classBool {
		return "exists (select 1 from " + s.name + " " + a + g.where(inner, 0) + ")"
	}
	switch g.IntN(4) {
	case 0:
		return o.text + " in (select " + f.text + " from " + s.name + " " + a + g.where(inner, 0) + ")"
	case 1:
		return o.text + " not in (select " + f.text + " from " + s.name + " " + a + "\nwhere " + f.text + " is not null and " + g.predicate(inner, 0) + ")"
	case 2:
		both := append(append([]field{}, inner...), fields...)
		return pick(g, []string{"", "not "}) + "exists (select 1 from " + s.name + " " + a + " where " + f.text + " = " + o.text + " and " + g.predicate(pick(g, [][]field{inner, both}), g.IntN(2)) + ")"
	}
	if f.class == classUUID {
		return o.text + " is not null"
	}
	return o.text + pick(g, []string{" < ", " >= ", " <= "}) + "(select " + pick(g, []string{"min", "max"}) + "(" + f.text + ") from " + s.name + " " + a + g.where(inner, 0) + ")"
}

// expr makes an expression of a class, of columns where there are some.
func (g *generator) expr(c class, fields []field, depth int) string {
	f, ok := g.of(c, fields)
	if !ok {
		return map[class]string{
			classInt: "7", classNum: "1.50", classText: "'x'", classBool: "true", classTime: "timestamptz '2026-11-19 12:00+00'",
			classDate: "date '2026-11-19'", classUUID: "'00000000-0000-0000-0000-000000000001'::uuid",
		}[c]
	}
	if depth == 0 || g.chance(55) {
		return f.text
	}
	sub := func(c class) string { return g.expr(c, fields, depth-1) }
	var forms []string
	switch c {
	case classInt:
		forms = []string{
			"length(" + sub(classText) + ")", "(" + f.text + ") % 10", "coalesce(" + f.text + ", -1)", "extract(day from " + sub(classTime) + ")::int",
			"case when " + g.predicate(fields, 0) + " then 1 else 2 end", "position('a' in " + sub(classText) + ")", "sign((" + f.text + ")::numeric)::int",
		}
	case classNum:
		forms = []string{
			"round(" + f.text + ", 1)", "(" + f.text + ") * 2", "(" + sub(classInt) + ")::numeric / 4", "abs(" + f.text + ")",
			"coalesce(" + f.text + ", 0)", "(" + f.text + ") + " + "(" + sub(classInt) + ")::numeric",
		}
	case classText:
		forms = []string{
			"upper(" + f.text + ")", "lower(" + sub(classText) + ")", "left(" + f.text + ", 3)", f.text + " || '-' || " + sub(classText),
			"coalesce(" + f.text + ", 'none')", "substr(" + f.text + ", 2, 4)", "(" + sub(classInt) + ")::text", "replace(" + f.text + ", 'a', 'b')",
			"case when " + g.predicate(fields, 0) + " then " + f.text + " else 'other' end", "nullif(" + f.text + ", " + pick(g, f.values) + ")", "to_char(" + sub(classTime) + ", 'YYYY-MM')",
			"split_part(" + f.text + ", ' ', 1)", "trim(" + f.text + ")", "concat(" + f.text + ", " + sub(classInt) + ")",
		}
	case classBool:
		forms = []string{g.predicate(fields, 0), "not " + f.text, f.text + " is null", "coalesce(" + f.text + ", false)"}
	case classTime:
		forms = []string{"date_trunc('month', " + f.text + ")", f.text + " - interval '1 day'", "date_trunc('day', " + f.text + ")", "greatest(" + f.text + ", '2026-01-01 00:00+00')"}
	case classDate:
		forms = []string{f.text + " + 1", "date_trunc('year', " + f.text + ")::date", "coalesce(" + f.text + ", '2026-01-01')"}
	default:
		return f.text
	}
	return pick(g, forms)
}
