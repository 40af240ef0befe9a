package eval_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// setRows runs a call of a set-returning function and prints its rows, columns separated by |.
func setRows(t *testing.T, call *plan.Call, env *testEnv) string {
	t.Helper()
	p, err := eval.CompileSet(call, eval.Layout{}, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	it, err := p.Open(&eval.Ctx{Env: env}, &vector.Batch{N: 1}, 0)
	if err != nil {
		return "error " + string(pgerr.CodeOf(err)) + " " + err.Error() + "\n"
	}
	var b strings.Builder
	row := make([]sqltype.Value, len(p.Columns()))
	for range 1000 {
		ok, err := it.Next(row)
		if err != nil {
			return b.String() + "error " + string(pgerr.CodeOf(err)) + " " + err.Error() + "\n"
		}
		if !ok {
			return b.String()
		}
		for i, v := range row {
			if i > 0 {
				b.WriteByte('|')
			}
			if v.Null {
				b.WriteString("null")
			} else {
				b.Write(sqltype.AppendText(nil, p.Columns()[i], v, env))
			}
		}
		b.WriteByte('\n')
	}
	return b.String() + "…\n"
}

// TestSetsAgainstPostgreSQL compares the rows of set-returning functions.
func TestSetsAgainstPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	conn := connectOracle(t)
	env := newTestEnv("Europe/Berlin")
	for _, c := range []struct {
		name string
		args [][2]string // type and text
	}{
		{"generate_series", [][2]string{{"int4", "1"}, {"int4", "3"}}},
		{"generate_series", [][2]string{{"int4", "3"}, {"int4", "1"}}},
		{"generate_series", [][2]string{{"int4", "2147483640"}, {"int4", "2147483647"}, {"int4", "5"}}},
		{"generate_series", [][2]string{{"int8", "9223372036854775806"}, {"int8", "9223372036854775807"}}},
		{"generate_series", [][2]string{{"int4", "5"}, {"int4", "1"}, {"int4", "-2"}}},
		{"generate_series", [][2]string{{"int4", "5"}, {"int4", "1"}, {"int4", "0"}}},
		{"generate_series", [][2]string{{"numeric", "1"}, {"numeric", "2"}, {"numeric", "0.25"}}},
		{"generate_series", [][2]string{{"numeric", "1"}, {"numeric", "NaN"}}},
		{"generate_series", [][2]string{{"numeric", "1"}, {"numeric", "2"}, {"numeric", "0"}}},
		{"generate_series", [][2]string{{"timestamp", "2024-01-31"}, {"timestamp", "2024-06-01"}, {"interval", "1 mon"}}},
		{"generate_series", [][2]string{{"timestamptz", "2026-03-28 00:00+01"}, {"timestamptz", "2026-03-31 00:00+02"}, {"interval", "1 day"}}},
		{"generate_series", [][2]string{{"timestamp", "2024-01-31"}, {"timestamp", "2024-06-01"}, {"interval", "0"}}},
		{"generate_subscripts", [][2]string{{"_int4", "[2:4]={1,2,3}"}, {"int4", "1"}}},
		{"generate_subscripts", [][2]string{{"_int4", "{{1,2},{3,4}}"}, {"int4", "2"}, {"bool", "t"}}},
		{"generate_subscripts", [][2]string{{"_int4", "{}"}, {"int4", "1"}}},
		{"string_to_table", [][2]string{{"text", "a,b,,c"}, {"text", ","}}},
		{"string_to_table", [][2]string{{"text", "a,b,,c"}, {"text", ","}, {"text", ""}}},
		{"json_array_elements", [][2]string{{"json", `[1, {"a" : 2}, null]`}}},
		{"json_array_elements_text", [][2]string{{"json", `["x", {"a" : 2}, null]`}}},
		{"json_array_elements", [][2]string{{"json", "{}"}}},
		{"json_each", [][2]string{{"json", `{"b": 1, "a": [2, 3], "b": null}`}}},
		{"json_each_text", [][2]string{{"json", `{"b": "x", "a": null}`}}},
		{"json_object_keys", [][2]string{{"json", `{"b": 1, "a": 2}`}}},
		{"jsonb_array_elements", [][2]string{{"jsonb", `[1, {"b": 1, "a": 2}]`}}},
		{"jsonb_each", [][2]string{{"jsonb", `{"bb": 1, "a": [2]}`}}},
		{"jsonb_object_keys", [][2]string{{"jsonb", "[]"}}},
		{"pg_options_to_table", [][2]string{{"_text", "{a=1,b,c=x=y}"}}},
		{"pg_get_keywords", nil},
	} {
		call, sql := setCall(t, c.name, c.args)
		want := ""
		rows, err := conn.Query(context.Background(), sql)
		for err == nil && rows.Next() {
			vals := rows.RawValues()
			parts := make([]string, len(vals))
			for i, v := range vals {
				parts[i] = "null"
				if v != nil {
					parts[i] = string(v)
				}
			}
			if want += strings.Join(parts, "|") + "\n"; strings.Count(want, "\n") == 1000 {
				break
			}
		}
		if err == nil {
			rows.Close()
			err = rows.Err()
		}
		if err != nil {
			want += "error " + strings.NewReplacer("ERROR: ", "").Replace(pgMessage(err)) + "\n"
		}
		if got := setRows(t, call, env); got != want {
			t.Errorf("%s\n  got  %.300q\n  want %.300q", sql, got, want)
		}
	}
}

func pgMessage(err error) string {
	// "ERROR: message (SQLSTATE 22023)" becomes "22023 message".
	s := err.Error()
	i := strings.LastIndex(s, " (SQLSTATE ")
	return s[i+11:i+16] + " " + s[:i]
}

// setCall builds the call of a function over literals, and the same in SQL with every column as text.
func setCall(t *testing.T, name string, args [][2]string) (*plan.Call, string) {
	t.Helper()
	var exprs []plan.Expr
	var texts []string
	for _, a := range args {
		typ, err := typeNamed(a[0])
		if err != nil {
			t.Fatal(err)
		}
		v, err := sqltype.ParseText(typ, a[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		exprs = append(exprs, &plan.Const{T: typ, Value: v})
		texts = append(texts, "'"+strings.ReplaceAll(a[1], "'", "''")+"'::"+a[0])
	}
next:
	for _, f := range builtin.Load().FunctionsNamed(name) {
		if len(f.Args) != len(exprs) {
			continue
		}
		for i, e := range exprs {
			if f.Args[i] != e.Type().OID && concrete(f.Args[i], 0) == f.Args[i] {
				continue next
			}
		}
		columns := 0
		for _, m := range f.ArgModes {
			if m == 'o' {
				columns++
			}
		}
		list := "c1::text"
		names := "c1"
		for i := 2; i <= columns; i++ {
			list += fmt.Sprintf(", case when c%d::text = 'true' then 't' when c%d::text = 'false' then 'f' else c%d::text end", i, i, i)
			names += fmt.Sprintf(", c%d", i)
		}
		return &plan.Call{Fn: f, Args: exprs, T: sqltype.Of(f.Result)}, fmt.Sprintf("select %s from %s(%s) as x(%s)", list, name, strings.Join(texts, ", "), names)
	}
	t.Fatalf("no function %s", name)
	return nil, ""
}
