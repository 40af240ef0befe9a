package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// optionBool reads a boolean option (defGetBoolean).
func (b *binder) optionBool(d *pg_query.DefElem) bool {
	if d.Arg.GetNode() == nil {
		return true
	}
	switch v := d.Arg.GetNode().(type) {
	case *pg_query.Node_Integer:
		switch v.Integer.Ival {
		case 0:
			return false
		case 1:
			return true
		}
	case *pg_query.Node_Boolean:
		return v.Boolean.Boolval
	default:
		switch strings.ToLower(optionText(d)) {
		case "true", "on":
			return true
		case "false", "off":
			return false
		}
	}
	b.failf(pgerr.SyntaxError, -1, "%s requires a Boolean value", d.Defname)
	return false
}

// optionText reads a text option (defGetString).
func optionText(d *pg_query.DefElem) string {
	switch v := d.Arg.GetNode().(type) {
	case *pg_query.Node_String_:
		return v.String_.Sval
	case *pg_query.Node_Integer:
		return itoa(int(v.Integer.Ival))
	case *pg_query.Node_Float:
		return v.Float.Fval
	case *pg_query.Node_Boolean:
		if v.Boolean.Boolval {
			return "true"
		}
		return "false"
	case *pg_query.Node_TypeName:
		return typeNameString(v.TypeName)
	case *pg_query.Node_AStar:
		return "*"
	case *pg_query.Node_List:
		return strings.Join(stringsOf(v.List.Items), ".")
	}
	return ""
}

// explain binds EXPLAIN (ExplainQuery).
func (b *binder) explain(x *pg_query.ExplainStmt) *Bound {
	e := &ExplainStmt{Costs: true, Format: "text", Query: b.stmt.Sub(x.Query)}
	timing, summary := false, false
	for _, n := range x.Options {
		d := n.GetDefElem()
		switch d.Defname {
		case "analyze":
			e.Analyze = b.optionBool(d)
		case "verbose":
			e.Verbose = b.optionBool(d)
		case "costs":
			e.Costs = b.optionBool(d)
		case "buffers":
			e.Buffers = b.optionBool(d)
		case "wal":
			e.WAL = b.optionBool(d)
		case "settings":
			e.Settings = b.optionBool(d)
		case "timing":
			timing = true
			e.Timing = b.optionBool(d)
		case "summary":
			summary = true
			e.Summary = b.optionBool(d)
		case "format":
			e.Format = optionText(d)
			switch e.Format {
			case "text", "json":
			case "xml", "yaml":
				b.unsupported(int(d.Location), "Use FORMAT TEXT or FORMAT JSON.", "EXPLAIN format %s is not supported", strings.ToUpper(e.Format))
			default:
				b.failf(pgerr.InvalidParameterValue, int(d.Location), `unrecognized value for EXPLAIN option "%s": "%s"`, d.Defname, e.Format)
			}
		default:
			b.failf(pgerr.SyntaxError, int(d.Location), `unrecognized EXPLAIN option "%s"`, d.Defname)
		}
	}
	if e.WAL && !e.Analyze {
		b.failf(pgerr.InvalidParameterValue, -1, "EXPLAIN option WAL requires ANALYZE")
	}
	if !timing {
		e.Timing = e.Analyze
	}
	if e.Timing && !e.Analyze {
		b.failf(pgerr.InvalidParameterValue, -1, "EXPLAIN option TIMING requires ANALYZE")
	}
	if !summary {
		e.Summary = e.Analyze
	}
	oid := sqltype.OIDText
	if e.Format == "json" {
		oid = sqltype.OIDJSON
	}
	var bound *Bound
	switch q := x.Query.GetNode().(type) {
	case *pg_query.Node_SelectStmt:
		bound = b.queryStatement(q.SelectStmt)
		e.QueryOutput = bound.Output
	case *pg_query.Node_DeclareCursorStmt:
		bound = b.declare(q.DeclareCursorStmt)
		e.QueryOutput = bound.Output
	case *pg_query.Node_ExecuteStmt:
		e.Execute = &ExecuteStmt{Name: q.ExecuteStmt.Name, Args: len(q.ExecuteStmt.Params)}
		bound = &Bound{IDs: b.ids}
	default:
		if name := commandName(x.Query); name != "" {
			b.readOnly(name)
		}
		b.unsupported(-1, "EXPLAIN a query.", "EXPLAIN of this kind of statement is not supported")
	}
	bound.Kind, bound.Utility, bound.Tag = KindUtility, e, "EXPLAIN"
	bound.Output = []OutputColumn{b.explainColumn(oid)}
	return bound
}
