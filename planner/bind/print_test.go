package bind_test

import (
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// tree prints a bound plan: every node with the columns that it makes, expressions with ids.
func tree(n plan.Node) string {
	var b strings.Builder
	printNode(&b, n, 0)
	return b.String()
}

func printNode(b *strings.Builder, n plan.Node, depth int) {
	pad := strings.Repeat("  ", depth)
	name := strings.TrimPrefix(fmt.Sprintf("%T", n), "*plan.")
	switch n := n.(type) {
	case *plan.Scan:
		fmt.Fprintf(b, "%s%s %s.%s as %s %s\n", pad, name, n.Schema, n.Table, n.Alias, columns(n.Columns()))
	case *plan.SystemScan:
		fmt.Fprintf(b, "%s%s %s.%s as %s\n", pad, name, n.Schema, n.Table, n.Alias)
	case *plan.Values:
		fmt.Fprintf(b, "%s%s %s\n", pad, name, columns(n.Cols))
		for _, r := range n.Rows {
			fmt.Fprintf(b, "%s  (%s)\n", pad, exprs(r))
		}
	case *plan.FunctionScan:
		fmt.Fprintf(b, "%s%s %s %s ordinality=%v\n", pad, name, n.Alias, columns(n.Cols), n.Ordinality)
		for _, c := range n.Calls {
			fmt.Fprintf(b, "%s  %s columns=%d composite=%v\n", pad, expr(c.Expr), c.Columns, c.Composite)
		}
	case *plan.Project:
		fmt.Fprintf(b, "%s%s %s\n", pad, name, named(n.Exprs))
	case *plan.ProjectSet:
		fmt.Fprintf(b, "%s%s %s\n", pad, name, named(n.Exprs))
	case *plan.Filter:
		fmt.Fprintf(b, "%s%s %s\n", pad, name, exprs(n.Preds))
	case *plan.Sort:
		fmt.Fprintf(b, "%s%s %s\n", pad, name, keys(n.Keys))
	case *plan.Limit:
		fmt.Fprintf(b, "%s%s count=%s offset=%s ties=%v\n", pad, name, expr(n.Count), expr(n.Offset), n.WithTies)
	case *plan.Distinct:
		fmt.Fprintf(b, "%s%s on=%v\n", pad, name, n.On)
	case *plan.Join:
		fmt.Fprintf(b, "%s%s %s on=[%s]%s%s\n", pad, name, joinKind(n.Kind), exprs(n.On), renames(" left", n.LeftOut), renames(" right", n.RightOut))
	case *plan.Apply:
		fmt.Fprintf(b, "%s%s %s outer=%v on=[%s]%s\n", pad, name, joinKind(n.Kind), n.Outer, exprs(n.On), renames(" right", n.RightOut))
	case *plan.Aggregate:
		fmt.Fprintf(b, "%s%s keys=[%s]", pad, name, named(n.Keys))
		if n.Sets != nil {
			fmt.Fprintf(b, " sets=%v", n.Sets)
		}
		for _, a := range n.Aggs {
			fmt.Fprintf(b, " %d=%s(%s)", a.Out.ID, a.Fn.Name, exprs(a.Args))
			if a.Distinct {
				b.WriteString(" distinct")
			}
			if len(a.Direct) > 0 {
				fmt.Fprintf(b, " direct(%s)", exprs(a.Direct))
			}
			if len(a.Order) > 0 {
				fmt.Fprintf(b, " order(%s)", keys(a.Order))
			}
			if a.Filter != nil {
				fmt.Fprintf(b, " filter(%s)", expr(a.Filter))
			}
		}
		for _, g := range n.Grouping {
			fmt.Fprintf(b, " %d=grouping%v", g.Out.ID, g.Keys)
		}
		b.WriteString("\n")
	case *plan.Window:
		fmt.Fprintf(b, "%s%s partition=[%s] order=[%s] frame=%d:%d..%d(%s,%s)", pad, name, exprs(n.Partition), keys(n.Order),
			n.Frame.Mode, n.Frame.Start, n.Frame.End, expr(n.Frame.StartOffset), expr(n.Frame.EndOffset))
		for _, c := range n.Calls {
			fmt.Fprintf(b, " %d=%s(%s)", c.Out.ID, c.Fn.Name, exprs(c.Args))
		}
		b.WriteString("\n")
	case *plan.SetOp:
		fmt.Fprintf(b, "%s%s kind=%d all=%v %s left=%v right=%v\n", pad, name, n.Kind, n.All, columns(n.Cols), n.LeftIn, n.RightIn)
	case *plan.With:
		fmt.Fprintf(b, "%s%s", pad, name)
		for _, c := range n.CTEs {
			fmt.Fprintf(b, " %d=%s refs=%d materialized=%d recursive=%v %s", c.ID, c.Name, c.References, c.Materialized, c.Recursive, columns(c.Cols))
		}
		b.WriteString("\n")
	case *plan.CTEScan:
		fmt.Fprintf(b, "%s%s %d as %s %s from %v\n", pad, name, n.CTE, n.Alias, columns(n.Cols), n.Source)
	case *plan.WorkTable:
		fmt.Fprintf(b, "%s%s %d as %s %s from %v\n", pad, name, n.CTE, n.Alias, columns(n.Cols), n.Source)
	case *plan.Recursive:
		fmt.Fprintf(b, "%s%s %d all=%v %s start=%v step=%v\n", pad, name, n.CTE, n.All, columns(n.Cols), n.StartIn, n.StepIn)
	default:
		fmt.Fprintf(b, "%s%s\n", pad, name)
	}
	for _, e := range plan.Exprs(n) {
		plan.WalkExpr(e, func(e plan.Expr) bool {
			if s, ok := e.(*plan.Subquery); ok {
				fmt.Fprintf(b, "%s  subquery %d test=%s\n", pad, s.Kind, expr(s.Test))
				printNode(b, s.Plan, depth+2)
				return false
			}
			return true
		})
	}
	for _, c := range n.Children() {
		printNode(b, c, depth+1)
	}
}

func joinKind(k plan.JoinKind) string {
	return [...]string{"inner", "left", "right", "full", "semi", "anti", "antinotin"}[k]
}

func renames(what string, rs []plan.Rename) string {
	if len(rs) == 0 {
		return ""
	}
	var out []string
	for _, r := range rs {
		out = append(out, fmt.Sprintf("%d->%d", r.In, r.Out.ID))
	}
	return what + "=" + strings.Join(out, ",")
}

func columns(cs []plan.Column) string {
	var out []string
	for _, c := range cs {
		out = append(out, fmt.Sprintf("%d:%s", c.ID, c.Name))
	}
	return "[" + strings.Join(out, " ") + "]"
}

func named(ns []plan.Named) string {
	var out []string
	for _, x := range ns {
		if r, ok := x.Expr.(*plan.ColRef); ok && r.ID == x.Column.ID {
			out = append(out, fmt.Sprintf("%d:%s", x.Column.ID, x.Column.Name))
			continue
		}
		out = append(out, fmt.Sprintf("%d:%s=%s", x.Column.ID, x.Column.Name, expr(x.Expr)))
	}
	return strings.Join(out, ", ")
}

func keys(ks []plan.SortKey) string {
	var out []string
	for _, k := range ks {
		s := expr(k.Expr)
		if k.Desc {
			s += " desc"
		}
		if k.NullsFirst {
			s += " nulls first"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func exprs(es []plan.Expr) string {
	var out []string
	for _, e := range es {
		out = append(out, expr(e))
	}
	return strings.Join(out, ", ")
}

// expr prints an expression with the ids of its columns and its coercions.
func expr(e plan.Expr) string {
	typ := func(t sqltype.Type) string { return t.String() }
	switch e := e.(type) {
	case nil:
		return "-"
	case *plan.ColRef:
		return fmt.Sprintf("#%d", e.ID)
	case *plan.Const:
		if e.Value.Null {
			return "null::" + typ(e.T)
		}
		return string(sqltype.AppendText(nil, e.T, e.Value, nil)) + "::" + typ(e.T)
	case *plan.Param:
		return fmt.Sprintf("$%d::%s", e.N, typ(e.T))
	case *plan.Call:
		name := e.Fn.Name
		if e.Form == plan.FormOperator {
			name = "{" + e.Op + "}"
		}
		if e.VariadicArray {
			name += " variadic"
		}
		return name + "(" + exprs(e.Args) + ")"
	case *plan.Cast:
		return fmt.Sprintf("cast%d(%s to %s)", e.Method, expr(e.Arg), typ(e.T))
	case *plan.Logic:
		sep := " and "
		if e.Op == plan.Or {
			sep = " or "
		}
		var out []string
		for _, a := range e.Args {
			out = append(out, expr(a))
		}
		return "(" + strings.Join(out, sep) + ")"
	case *plan.Subquery:
		return fmt.Sprintf("subquery%d", e.Kind)
	case *plan.Field:
		return fmt.Sprintf("%s.%d", expr(e.Arg), e.Index)
	default:
		return strings.TrimPrefix(fmt.Sprintf("%T", e), "*plan.") + "(" + exprs(e.Operands()) + ")"
	}
}
