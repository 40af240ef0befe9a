package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// fromFunction is one function of a RangeFunction.
type fromFunction struct {
	node *pg_query.Node
	defs []*pg_query.Node
	expr plan.Expr
	name string
}

// rangeFunction binds functions in FROM (transformRangeFunction and addRangeTableEntryForFunction). They may refer to items
// to the left without LATERAL.
func (b *binder) rangeFunction(s *scope, rf *pg_query.RangeFunction) (plan.Node, []*nsItem) {
	var fns []*fromFunction
	for _, n := range rf.Functions {
		pair := n.GetList().GetItems()
		f := &fromFunction{node: pair[0]}
		if len(pair) > 1 && pair[1] != nil {
			f.defs = pair[1].GetList().GetItems()
		}
		// unnest(a, b) stands for ROWS FROM(unnest(a), unnest(b)).
		if fc := f.node.GetFuncCall(); fc != nil && len(fc.Funcname) == 1 && fc.Funcname[0].GetString_().GetSval() == "unnest" &&
			len(fc.Args) > 1 && len(fc.AggOrder) == 0 && fc.AggFilter == nil && fc.Over == nil && !fc.AggStar && !fc.AggDistinct && !fc.FuncVariadic && len(f.defs) == 0 {
			for _, a := range fc.Args {
				one := &pg_query.FuncCall{
					Funcname: []*pg_query.Node{pg_query.MakeStrNode("pg_catalog"), pg_query.MakeStrNode("unnest")},
					Args:     []*pg_query.Node{a}, Location: fc.Location, Funcformat: pg_query.CoercionForm_COERCE_EXPLICIT_CALL,
				}
				fns = append(fns, &fromFunction{node: &pg_query.Node{Node: &pg_query.Node_FuncCall{FuncCall: one}}})
			}
			continue
		}
		fns = append(fns, f)
	}
	for _, f := range fns {
		f.expr = b.clause(s, f.node, kindFromFunction)
		f.name = b.columnName(f.node)
		if _, isCall := f.expr.(*plan.Call); !isCall && b.returnsSet(f.expr) {
			b.failf(pgerr.FeatureNotSupported, b.setLoc([]plan.Expr{f.expr}), "set-returning functions must appear at top level of FROM")
		}
		if c, isCall := f.expr.(*plan.Call); isCall {
			for _, a := range c.Args {
				if b.returnsSet(a) {
					b.failf(pgerr.FeatureNotSupported, b.setLoc([]plan.Expr{a}), "set-returning functions must appear at top level of FROM")
				}
			}
		}
	}
	if len(rf.Coldeflist) > 0 {
		if len(fns) != 1 {
			if rf.IsRowsfrom {
				b.fail(pgerr.New(pgerr.SyntaxError, "ROWS FROM() with multiple functions cannot have a column definition list").
					WithHint("Put a separate column definition list for each function inside ROWS FROM()."), b.defLoc(rf.Coldeflist))
			}
			b.fail(pgerr.New(pgerr.SyntaxError, "UNNEST() with multiple arguments cannot have a column definition list").
				WithHint("Use separate UNNEST() calls inside ROWS FROM(), and attach a column definition list to each one."), b.defLoc(rf.Coldeflist))
		}
		if rf.Ordinality {
			b.fail(pgerr.New(pgerr.SyntaxError, "WITH ORDINALITY cannot be used with a column definition list").
				WithHint("Put the column definition list inside ROWS FROM()."), b.defLoc(rf.Coldeflist))
		}
		fns[0].defs = rf.Coldeflist
	}
	it := &nsItem{relVisible: true, colsVisible: true, rowType: sqltype.OIDRecord, name: fns[0].name, unlockable: "a function"}
	if rf.Alias != nil {
		it.name, it.aliasd = rf.Alias.Aliasname, true
	}
	scan := &plan.FunctionScan{Alias: it.name, Ordinality: rf.Ordinality}
	for _, f := range fns {
		cols, composite := b.functionColumns(f, rf.Alias, len(fns))
		scan.Calls = append(scan.Calls, plan.FunctionCall{Expr: f.expr, Columns: len(cols), Composite: composite})
		for _, c := range cols {
			pc := b.fresh(s, c.name, c.typ)
			scan.Cols = append(scan.Cols, pc)
			if !composite {
				b.noteFields(pc.ID, f.expr)
			}
			it.cols = append(it.cols, &nsCol{name: c.name, id: pc.ID, typ: c.typ})
		}
		if len(fns) == 1 && !rf.Ordinality && !composite {
			it.scalar = true
		}
		if len(fns) == 1 && !rf.Ordinality && composite && b.isComposite(f.expr.Type().OID) {
			it.rowType = f.expr.Type().OID
		}
	}
	if rf.Ordinality {
		pc := b.fresh(s, "ordinality", sqltype.Of(sqltype.OIDInt8))
		scan.Cols = append(scan.Cols, pc)
		it.cols = append(it.cols, &nsCol{name: "ordinality", id: pc.ID, typ: pc.Type})
	}
	b.aliasColumns(it, rf.Alias)
	b.addItem(s, it)
	return scan, []*nsItem{it}
}

func (b *binder) defLoc(defs []*pg_query.Node) int {
	if len(defs) > 0 {
		return int(defs[0].GetColumnDef().GetLocation())
	}
	return -1
}

// functionColumns says which columns a function in FROM gives, and whether they are the fields of its value.
func (b *binder) functionColumns(f *fromFunction, alias *pg_query.Alias, n int) ([]field, bool) {
	t := f.expr.Type()
	call, isCall := f.expr.(*plan.Call)
	if len(f.defs) > 0 {
		if t.OID != sqltype.OIDRecord {
			b.failf(pgerr.SyntaxError, b.defLoc(f.defs), `a column definition list is only allowed for functions returning "record"`)
		}
		if isCall {
			if _, hasOut := b.outFields(call); hasOut {
				b.failf(pgerr.SyntaxError, b.defLoc(f.defs), `a column definition list is redundant for a function with OUT parameters`)
			}
		}
		seen := map[string]bool{}
		var out []field
		for _, d := range f.defs {
			cd := d.GetColumnDef()
			if cd.TypeName.Setof {
				b.failf(pgerr.InvalidTableDefinition, int(cd.Location), `column "%s" cannot be declared SETOF`, cd.Colname)
			}
			if seen[cd.Colname] {
				b.failf(pgerr.DuplicateColumn, -1, `column name "%s" specified more than once`, cd.Colname)
			}
			seen[cd.Colname] = true
			out = append(out, field{name: cd.Colname, typ: b.typeNamed(cd.TypeName)})
		}
		if isCall && rowTypeCall(call.Fn.Source) {
			for _, o := range out {
				call.Result = append(call.Result, b.shapeField(o.name, o.typ))
			}
		}
		return out, true
	}
	if b.isRow(t.OID) {
		if fields, ok := b.fieldsOf(f.expr); ok {
			return fields, true
		}
		b.failf(pgerr.SyntaxError, b.loc(f.expr), `a column definition list is required for functions returning "record"`)
	}
	if i, ok := sqltype.Lookup(t.OID); ok && i.TypType == 'p' && t.OID != sqltype.OIDVoid && t.OID != sqltype.OIDUnknown && t.OID != sqltype.OIDCString && t.OID != sqltype.OIDRecordArray {
		b.failf(pgerr.DatatypeMismatch, b.loc(f.expr), `function "%s" in FROM has unsupported return type %s`, f.name, b.typeName(t.OID))
	}
	name := f.name
	if isCall {
		if o := outName(call); o != "" {
			return []field{{name: o, typ: t}}, false
		}
	}
	if alias != nil && n == 1 {
		name = alias.Aliasname
	}
	return []field{{name: name, typ: t}}, false
}

// outName is the name of a function's only OUT argument (get_func_result_name).
func outName(c *plan.Call) string {
	name, n := "", 0
	for i, m := range []byte(c.Fn.ArgModes) {
		if m == 'o' || m == 'b' || m == 't' {
			n++
			if i < len(c.Fn.ArgNames) {
				name = c.Fn.ArgNames[i]
			}
		}
	}
	if n != 1 {
		return ""
	}
	return name
}
