package bind_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/bind"
	"github.com/odatagres/odatagres/planner/bind/parser"
)

var (
	randomCount = flag.Int("random", 1500, "how many generated statements are compared with PostgreSQL")
	randomSeed  = flag.Uint64("seed", 1, "seed of the generated statements")
)

// generator makes statements that are mostly well typed by luck alone; errors are compared as well as types.
type generator struct {
	r     *rand.Rand
	funcs []*builtin.Function
	ops   []*builtin.Operator
	// params allows $n.
	params bool
}

func newGenerator(seed uint64) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 2))}
	usable := func(oid uint32) bool {
		i, ok := sqltype.Lookup(oid)
		return ok && (i.Implemented && i.TypType == 'b' || oid == 0)
	}
	poly := map[uint32]bool{2277: true, 2283: true, 2776: true, 5077: true, 5078: true, 5079: true}
	for _, f := range builtin.Load().AllFunctions() {
		if f.Namespace != builtin.PgCatalog || f.Kind != 'f' || len(f.Args) == 0 || f.RetSet || strings.HasPrefix(f.Name, "pg_") ||
			strings.HasPrefix(f.Name, "lo_") || strings.HasPrefix(f.Name, "reg") || strings.HasPrefix(f.Name, "binary_upgrade") {
			continue
		}
		ok := true
		for _, a := range f.Args {
			ok = ok && (usable(a) || poly[a])
			ok = ok && a != sqltype.OIDACLItem // whose input is not checked here
		}
		if ok {
			g.funcs = append(g.funcs, f)
		}
	}
	for _, o := range builtin.Load().AllOperators() {
		if (usable(o.Left) || poly[o.Left]) && (usable(o.Right) || poly[o.Right]) {
			g.ops = append(g.ops, o)
		}
	}
	return g
}

func (g *generator) pick(ss ...string) string { return ss[g.r.IntN(len(ss))] }

func (g *generator) typ() string {
	return g.pick("int", "bigint", "smallint", "text", "varchar", "varchar(5)", "char(3)", "name", `"char"`, "numeric", "numeric(8,2)", "real", "float8", "bool", "date",
		"timestamp", "timestamptz", "timestamp(2)", "time", "interval", "uuid", "oid", "regclass", "jsonb", "json", "bytea", "int[]", "text[]", "numeric(5,1)[]", "int2vector", "oidvector", "record")
}

// types are those that expressions are made of, with columns and literals.
func (g *generator) sample(t uint32) []string {
	switch t {
	case sqltype.OIDInt4:
		return []string{"a", "1", "t1.a", "(-5)"}
	case sqltype.OIDText:
		return []string{"b", "'x'::text", "t1.b"}
	case sqltype.OIDNumeric:
		return []string{"c", "n", "1.5", "99999999999999999999"}
	case sqltype.OIDTimestampTZ:
		return []string{"d", "now()", "current_timestamp(2)"}
	case sqltype.OIDBool:
		return []string{"e", "true", "'t'::bool"}
	case sqltype.OIDFloat8:
		return []string{"f", "1.5::float8", "1e3::float"}
	case sqltype.OIDDate:
		return []string{"g", "current_date", "date '2020-01-01'"}
	case sqltype.OIDInt8:
		return []string{"h", "10000000000"}
	case sqltype.OIDInt2:
		return []string{"i", "1::smallint"}
	case sqltype.OIDJSONB:
		return []string{"j", "'{}'::jsonb"}
	case sqltype.OIDFloat4:
		return []string{"k", "1::real"}
	case sqltype.OIDTime:
		return []string{"l", "time '10:00'", "localtime"}
	case sqltype.OIDInterval:
		return []string{"m", "interval '1 day'", "interval '1' month"}
	case sqltype.OIDUUID:
		return []string{"u"}
	case sqltype.OIDVarChar:
		return []string{"b::varchar", "'abc'::varchar(5)", "b::varchar(3)"}
	case sqltype.OIDBPChar:
		return []string{"'ab'::char(4)", "b::char(2)"}
	case sqltype.OIDName:
		return []string{"current_user", "'a'::name"}
	case sqltype.OIDChar:
		return []string{"'b'::\"char\""}
	case sqltype.OIDOID:
		return []string{"'1'::oid", "tableoid"}
	case sqltype.OIDTimestamp:
		return []string{"timestamp '2020-01-01'", "localtimestamp", "d::timestamp(3)"}
	case sqltype.OIDBytea:
		return []string{"'\\x01'::bytea"}
	case sqltype.OIDInt4Array:
		return []string{"array[1,2]", "'{1,2}'::int[]", "array[a]"}
	case sqltype.OIDTextArray:
		return []string{"array['a']::text[]", "string_to_array(b, ',')"}
	case sqltype.OIDNumericArray:
		return []string{"array[1.5, c]"}
	case sqltype.OIDJSON:
		return []string{"'{}'::json", "to_json(a)"}
	case sqltype.OIDRegClass:
		return []string{"1259::regclass"}
	case sqltype.OIDRecord:
		return []string{"row(1,'a')", "row(a,b)"}
	}
	return nil
}

func (g *generator) someType() uint32 {
	ts := []uint32{
		sqltype.OIDInt4, sqltype.OIDText, sqltype.OIDNumeric, sqltype.OIDTimestampTZ, sqltype.OIDBool, sqltype.OIDFloat8, sqltype.OIDDate, sqltype.OIDInt8,
		sqltype.OIDInt2, sqltype.OIDJSONB, sqltype.OIDFloat4, sqltype.OIDTime, sqltype.OIDInterval, sqltype.OIDUUID, sqltype.OIDVarChar, sqltype.OIDBPChar,
		sqltype.OIDName, sqltype.OIDChar, sqltype.OIDOID, sqltype.OIDTimestamp, sqltype.OIDBytea, sqltype.OIDInt4Array, sqltype.OIDTextArray, sqltype.OIDNumericArray,
		sqltype.OIDJSON, sqltype.OIDRegClass, sqltype.OIDRecord,
	}
	return ts[g.r.IntN(len(ts))]
}

func (g *generator) leaf(t uint32) string {
	switch g.r.IntN(24) {
	case 0, 1:
		if g.params {
			return fmt.Sprintf("$%d", 1+g.r.IntN(3))
		}
	case 2:
		return g.pick("'1'", "null", "'a'", "'2020-01-01'", "'t'", "'{1,2}'", "'1 day'", "'{}'")
	case 3:
		t = g.someType()
	case 4:
		return "t1"
	}
	if s := g.sample(t); s != nil {
		return g.pick(s...)
	}
	return "null"
}

// concrete replaces polymorphic types consistently for one call.
func (g *generator) concrete(ts []uint32) []uint32 {
	elem := []uint32{sqltype.OIDInt4, sqltype.OIDText, sqltype.OIDNumeric}[g.r.IntN(3)]
	out := make([]uint32, len(ts))
	for i, t := range ts {
		switch t {
		case sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
			out[i] = elem
		case sqltype.OIDAnyArray, sqltype.OIDAnyCompatibleArray:
			out[i] = sqltype.ArrayOf(elem)
		case sqltype.OIDAny:
			out[i] = g.someType()
		default:
			out[i] = t
		}
	}
	return out
}

// expr makes an expression that is of the type unless luck wills otherwise.
func (g *generator) expr(t uint32, depth int) string {
	if depth <= 0 {
		return g.leaf(t)
	}
	less := func(t uint32) string { return g.expr(t, depth-1-g.r.IntN(2)) }
	switch n := g.r.IntN(20); {
	case n < 7:
		for range 60 {
			o := g.ops[g.r.IntN(len(g.ops))]
			if o.Result != t && o.Result != sqltype.OIDAnyArray && o.Result != sqltype.OIDAnyCompatibleArray {
				continue
			}
			if o.Kind == 'l' {
				return "(" + o.Name + " " + less(g.concrete([]uint32{o.Right})[0]) + ")"
			}
			c := g.concrete([]uint32{o.Left, o.Right})
			return "(" + less(c[0]) + " " + o.Name + " " + less(c[1]) + ")"
		}
	case n < 13:
		for range 200 {
			f := g.funcs[g.r.IntN(len(g.funcs))]
			if f.Result != t {
				continue
			}
			var args []string
			for _, a := range g.concrete(f.Args) {
				args = append(args, less(a))
			}
			return `"` + f.Name + `"(` + strings.Join(args, ", ") + ")"
		}
	case n == 13:
		return less(g.someType()) + "::" + g.typ()
	case n == 14:
		return "case when " + less(sqltype.OIDBool) + " then " + less(t) + " else " + less(t) + " end"
	case n == 15:
		return g.pick("coalesce", "greatest", "least", "nullif") + "(" + less(t) + ", " + less(t) + ")"
	case n == 16:
		if e := sqltype.ElemOf(t); e != 0 {
			return "array[" + less(e) + ", " + less(e) + "]"
		}
		if a := sqltype.ArrayOf(t); a != 0 {
			return "(" + less(a) + ")[" + less(sqltype.OIDInt4) + "]"
		}
	case n == 17:
		o := g.someType()
		return g.pick("("+less(o)+g.pick(" in ", " not in ")+"("+less(o)+", "+less(o)+"))", "("+less(o)+" is null)", "(not "+less(sqltype.OIDBool)+")", "("+less(o)+" between "+less(o)+" and "+less(o)+")",
			"("+less(o)+" is distinct from "+less(o)+")", "("+less(o)+" = any("+less(sqltype.ArrayOf(o))+"))", "row("+less(o)+", "+less(t)+") < row("+less(o)+", "+less(t)+")")
	case n == 18:
		return g.pick("count", "sum", "avg", "min", "max", "array_agg", "bool_and", "json_agg", "lag", "first_value", "stddev", "max") + "(" + less(t) + ")" + g.pick("", " over ()", " filter (where e)", " over (order by a)")
	case n == 19:
		return g.pick("(select "+less(t)+")", "(select "+less(t)+" from t2 limit 1)")
	}
	return g.leaf(t)
}

func (g *generator) statement() string {
	g.params = g.r.IntN(4) == 0
	t := g.someType()
	switch g.r.IntN(9) {
	case 0:
		return "select " + g.expr(t, 2) + " from t1 union " + g.pick("", "all ") + "select " + g.expr(t, 2) + " from t1"
	case 1:
		return "select a from t1 where " + g.expr(sqltype.OIDBool, 3)
	case 2:
		return "values (" + g.expr(t, 1) + "), (" + g.expr(t, 1) + ")"
	case 3:
		return "select " + g.expr(t, 1) + " from t1 group by " + g.pick("a", "b", "1", g.expr(t, 1))
	case 4:
		return "select " + g.expr(t, 1) + " as x from t1 order by " + g.pick("x", "1", g.expr(t, 1)) + " limit " + g.leaf(sqltype.OIDInt8)
	case 5:
		return "select x from (select " + g.expr(t, 2) + " from t1) q(x) where x = " + g.expr(t, 1)
	case 6:
		return "select " + g.expr(t, 1) + ", " + g.expr(t, 1) + " from t1 left join t2 x on " + strings.ReplaceAll(g.expr(sqltype.OIDBool, 1), "t1", "x")
	default:
		return "select " + g.expr(t, 3) + " from t1"
	}
}

// TestGeneratedAgainstPostgreSQL compares generated statements; -random and -seed make more of them.
func TestGeneratedAgainstPostgreSQL(t *testing.T) {
	ctx := context.Background()
	env := environment(t)
	o := oracle.Start(t)
	if err := o.Exec(ctx, "drop schema if exists s cascade; "+createTables(t, env.Snapshot)); err != nil {
		t.Fatal(err)
	}
	conn, err := pgconn.Connect(ctx, o.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	if _, err := oracle.QueryOn(ctx, conn, "set search_path = s"); err != nil {
		t.Fatal(err)
	}
	theirs, ours := typeNames(ctx, t, conn), map[uint32]string{}
	for oid, n := range theirs {
		if oid < 16384 {
			ours[oid] = n
		}
	}
	for _, ty := range env.Snapshot.Types() {
		ours[ty.OID] = ty.Name
	}
	p := parser.New(parser.Options{})
	t.Cleanup(func() { _ = p.Close() })
	b := &bind.Binder{ListUnimplemented: true}
	g := newGenerator(*randomSeed)
	good, differ := 0, 0
	for range *randomCount {
		sql := g.statement()
		want := askOracle(ctx, t, conn, theirs, sql)
		got := askBinder(ctx, p, b, env, ours, sql)
		if strings.HasPrefix(want, "columns") {
			good++
		}
		if want != got && !beyond(got) {
			differ++
			if differ <= 40 {
				t.Errorf("%s\nPostgreSQL: %s\nbinder:     %s", sql, want, got)
			}
		}
	}
	t.Logf("%d statements, %d of them without error, %d differ", *randomCount, good, differ)
	if good*5 < *randomCount {
		t.Errorf("only %d of %d statements have no error", good, *randomCount)
	}
}

// beyond are refusals of what this server does not have at all.
func beyond(got string) bool {
	// GREATEST over a type without an order is refused here at once, by PostgreSQL when it runs.
	return strings.HasPrefix(got, "error 0A000") && strings.Contains(got, "not supported") ||
		strings.Contains(got, "could not identify a comparison function")
}
