package eval

import (
	"strconv"
	"strings"
	"sync"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

type systemClass struct {
	oid  uint32
	name string
}

// systemClasses are the relations of pg_catalog, from the dump.
var systemClasses = sync.OnceValue(func() []systemClass {
	_, rows, _ := builtin.StaticTable("pg_class")
	out := make([]systemClass, 0, len(rows))
	for _, r := range rows {
		if r[2].Text == "11" {
			n, _ := strconv.ParseUint(r[0].Text, 10, 32)
			out = append(out, systemClass{uint32(n), r[1].Text})
		}
	}
	return out
})

// functionArguments prints a function's parameters as pg_get_function_arguments does; with full unset, as pg_get_function_identity_arguments.
func functionArguments(cat Catalog, f *builtin.Function, full bool) string {
	types, modes := f.AllArgs, f.ArgModes
	if types == nil {
		types = f.Args
	}
	var agg *builtin.Aggregate
	if f.Kind == 'a' {
		agg = builtin.Load().Aggregate(f.OID)
	}
	var b strings.Builder
	in, printed := 0, 0
	firstDefault := len(f.Args) - len(f.Defaults)
	for i, t := range types {
		mode := byte('i')
		if modes != "" {
			mode = modes[i]
		}
		if mode == 't' {
			continue
		}
		isInput := mode != 'o'
		if agg != nil && agg.Kind != 'n' && printed == agg.DirectArgs {
			if printed > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("ORDER BY ")
		} else if printed > 0 {
			b.WriteString(", ")
		}
		b.WriteString(map[byte]string{'o': "OUT ", 'b': "INOUT ", 'v': "VARIADIC "}[mode])
		if i < len(f.ArgNames) && f.ArgNames[i] != "" {
			b.WriteString(QuoteIdent(f.ArgNames[i]) + " ")
		}
		b.WriteString(TypeName(cat, t, -1, false))
		if isInput {
			if full && in >= firstDefault {
				b.WriteString(" DEFAULT " + f.Defaults[in-firstDefault])
			}
			in++
		}
		printed++
		if agg != nil && agg.Kind != 'n' && printed == len(types) && printed == agg.DirectArgs && mode == 'v' {
			b.WriteString(" ORDER BY VARIADIC " + TypeName(cat, t, -1, false))
		}
	}
	return b.String()
}

// functionResult prints a function's result as pg_get_function_result does.
func functionResult(cat Catalog, f *builtin.Function) string {
	if strings.Contains(f.ArgModes, "t") {
		var cols []string
		for i, m := range f.ArgModes {
			if m == 't' {
				cols = append(cols, QuoteIdent(f.ArgNames[i])+" "+TypeName(cat, f.AllArgs[i], -1, false))
			}
		}
		return "TABLE(" + strings.Join(cols, ", ") + ")"
	}
	if f.RetSet {
		return "SETOF " + TypeName(cat, f.Result, -1, false)
	}
	return TypeName(cat, f.Result, -1, false)
}

// defaultTexts maps pg_proc.proargdefaults, which is a tree, to what pg_get_expr prints for it.
var defaultTexts = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	cols, rows, _ := builtin.StaticTable("pg_proc")
	at := map[string]int{}
	for i, c := range cols {
		at[c.Name] = i
	}
	for _, r := range rows {
		tree := r[at["proargdefaults"]]
		oid, err := strconv.ParseUint(r[at["oid"]].Text, 10, 32)
		if tree.Null || err != nil {
			continue
		}
		if f := builtin.Load().FunctionByOID(uint32(oid)); f != nil {
			out[tree.Text] = strings.Join(f.Defaults, ", ")
		}
	}
	return out
})

var functionBodies = sync.OnceValue(builtin.FunctionBodies)

func functionKernels() []Kernel {
	of := func(name string, text func(cat Catalog, f *builtin.Function) string) Kernel {
		return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			f := builtin.Load().FunctionByOID(uint32(a[0].I))
			if f == nil {
				return sqltype.NullValue(), nil
			}
			return sqltype.Text(text(c.Env().Catalog(), f)), nil
		})
	}
	return []Kernel{
		of("pg_get_function_arguments", func(cat Catalog, f *builtin.Function) string { return functionArguments(cat, f, true) }),
		of("pg_get_function_identity_arguments", func(cat Catalog, f *builtin.Function) string { return functionArguments(cat, f, false) }),
		of("pg_get_function_result", functionResult),
		scalar("pg_get_function_sqlbody", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			s, ok := functionBodies()[uint32(a[0].I)]
			return optional(s, ok)
		}),
		scalar("pg_get_function_arg_default", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			f := builtin.Load().FunctionByOID(uint32(a[0].I))
			if f == nil {
				return sqltype.NullValue(), nil
			}
			i := int(a[1].I) - 1 - (len(f.Args) - len(f.Defaults))
			if i < 0 || i >= len(f.Defaults) {
				return sqltype.NullValue(), nil
			}
			return sqltype.Text(f.Defaults[i]), nil
		}),
	}
}
