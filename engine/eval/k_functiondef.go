package eval

import (
	"strconv"
	"strings"
	"sync"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// procRow is what pg_proc says of a function besides what the registry keeps.
type procRow struct {
	cost, rows       float64
	support          uint32
	parallel         string
	definer, leak    bool
	library, options string
}

var procRows = sync.OnceValue(func() map[uint32]procRow {
	out := map[uint32]procRow{}
	cols, rows, _ := builtin.StaticTable("pg_proc")
	at := map[string]int{}
	for i, c := range cols {
		at[c.Name] = i
	}
	for _, r := range rows {
		text := func(col string) string { return r[at[col]].Text }
		oid, err := strconv.ParseUint(text("oid"), 10, 32)
		if err != nil {
			continue
		}
		p := procRow{parallel: text("proparallel"), definer: text("prosecdef") == "t", leak: text("proleakproof") == "t", library: text("probin"), options: text("proconfig")}
		p.cost, _ = strconv.ParseFloat(text("procost"), 64)
		p.rows, _ = strconv.ParseFloat(text("prorows"), 64)
		support, _ := strconv.ParseUint(text("prosupport"), 10, 32)
		p.support = uint32(support)
		out[uint32(oid)] = p
	}
	return out
})

// functionDefinition prints a function as pg_get_functiondef does.
func functionDefinition(cat Catalog, f *builtin.Function) (string, error) {
	if f.Kind == 'a' {
		return "", pgerr.Newf(pgerr.WrongObjectType, "\"%s\" is an aggregate function", f.Name)
	}
	p := procRows()[f.OID]
	schema, name, ok := cat.Name(ObjFunction, f.OID)
	if !ok {
		return "", pgerr.Internal("function %d has no name", f.OID)
	}
	what := "FUNCTION"
	if f.Kind == 'p' {
		what = "PROCEDURE"
	}
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE " + what + " " + QuoteIdent(schema) + "." + QuoteIdent(name) + "(" + functionArguments(cat, f, true) + ")\n")
	if f.Kind != 'p' {
		b.WriteString(" RETURNS " + functionResult(cat, f) + "\n")
	}
	b.WriteString(" LANGUAGE " + QuoteIdent(f.Language) + "\n")
	if options := functionOptions(cat, f, p); options != "" {
		b.WriteString(options + "\n")
	}
	if body, has := functionBodies()[f.OID]; has {
		b.WriteString(body + "\n")
		return b.String(), nil
	}
	b.WriteString("AS ")
	if p.library != "" {
		b.WriteString(QuoteLiteral(p.library) + ", ")
	}
	quote := "$" + strings.ToLower(what)
	for strings.Contains(f.Source, quote) {
		quote += "x"
	}
	b.WriteString(quote + "$" + f.Source + quote + "$\n")
	return b.String(), nil
}

// functionOptions is the line of what a function is besides its language.
func functionOptions(cat Catalog, f *builtin.Function, p procRow) string {
	s := ""
	if f.Kind == 'w' {
		s += " WINDOW"
	}
	s += map[byte]string{'i': " IMMUTABLE", 's': " STABLE"}[f.Volatile]
	s += map[string]string{"s": " PARALLEL SAFE", "r": " PARALLEL RESTRICTED"}[p.parallel]
	if f.Strict {
		s += " STRICT"
	}
	if p.definer {
		s += " SECURITY DEFINER"
	}
	if p.leak {
		s += " LEAKPROOF"
	}
	usual := 100.0
	if f.Language == "internal" || f.Language == "c" {
		usual = 1
	}
	if p.cost != usual {
		s += " COST " + strconv.FormatFloat(p.cost, 'g', 6, 64)
	}
	if p.rows > 0 && p.rows != 1000 {
		s += " ROWS " + strconv.FormatFloat(p.rows, 'g', 6, 64)
	}
	if p.support != 0 {
		if _, name, ok := cat.Name(ObjFunction, p.support); ok {
			s += " SUPPORT " + QuoteIdent(name)
		}
	}
	return s
}

func functionDefKernels() []Kernel {
	return []Kernel{scalar("pg_get_functiondef", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		f := builtin.Load().FunctionByOID(uint32(a[0].I))
		if f == nil {
			return sqltype.NullValue(), nil
		}
		s, err := functionDefinition(c.Env().Catalog(), f)
		return sqltype.Text(s), err
	})}
}
