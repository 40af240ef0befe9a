package planner

import (
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/planner/plan"
)

// describe gives an entry its title and properties, with PostgreSQL's node names.
func (x *explainer) describe(n plan.Node, e *entry) {
	name := func(s string) { e.title, e.nodeType = s, s }
	switch n := n.(type) {
	case *plan.Remote:
		x.remote(n, e)
	case *plan.SystemScan:
		e.nodeType = "Seq Scan"
		if n.Lookup != nil {
			e.nodeType = "Index Scan"
			for _, c := range n.Cols {
				if c.Attnum == n.Lookup.Attnum {
					op := " = "
					value := plan.FormatExpr(n.Lookup.Value, x.format)
					if n.Lookup.List {
						value = "ANY (" + value + ")"
					}
					e.props = append(e.props, text("Index Cond", "("+plan.QuoteIdent(c.Name)+op+value+")"))
				}
			}
		}
		e.title = e.nodeType + " on " + relationTitle(n.Schema, n.Table, n.Alias)
		e.extra = append(e.extra, text("Relation Name", n.Table), text("Alias", n.Alias))
	case *plan.Values:
		name("Values Scan")
		switch {
		case len(n.Rows) == 0:
			name("Result")
			e.props = append(e.props, text("One-Time Filter", "false"))
		case len(n.Cols) == 0 || len(n.Rows) == 1:
			name("Result")
		default:
			e.title = `Values Scan on "*VALUES*"`
		}
	case *plan.FunctionScan:
		name("Function Scan")
		e.title += " on " + plan.QuoteIdent(n.Alias)
	case *plan.ProjectSet:
		name("ProjectSet")
	case *plan.Filter:
		name("Result")
		e.props = append(e.props, x.filterProps(n)...)
	case *plan.Sort:
		name("Sort")
		e.props = append(e.props, property{key: "Sort Key", list: x.keys(n.Keys)})
	case *plan.TopN: // the Sort below is added by x.topN
		name("Limit")
	case *plan.Limit:
		name("Limit")
	case *plan.Distinct:
		name("Unique")
		if n.On == nil {
			var ids []plan.ColID
			for _, c := range n.Columns() {
				ids = append(ids, c.ID)
			}
			x.hashed(ids, e)
		}
	case *plan.Join:
		x.join(n, e)
	case *plan.Apply:
		name("Nested Loop")
		e.title = loopTitle(n.Kind)
		e.extra = append(e.extra, text("Join Type", joinType(n.Kind)))
		if len(n.On) > 0 {
			e.props = append(e.props, text("Join Filter", x.conj(n.On)))
		}
	case *plan.Aggregate:
		x.aggregate(n, e)
	case *plan.Window:
		name("WindowAgg")
		if len(n.While) > 0 {
			e.props = append(e.props, text("Run Condition", runCondition(n)))
		}
	case *plan.SetOp:
		x.setOp(n, e)
	case *plan.CTEScan:
		name("CTE Scan")
		e.title += " on " + relationTitle("", n.Name, n.Alias)
		e.extra = append(e.extra, text("CTE Name", n.Name), text("Alias", n.Alias))
	case *plan.Recursive:
		name("Recursive Union")
	case *plan.WorkTable:
		name("WorkTable Scan")
		e.title += " on " + relationTitle("", n.Name, n.Alias)
	case *plan.Scan:
		name("Scan")
		e.title += " on " + relationTitle(n.Schema, n.Table, n.Alias)
	default:
		name(fmt.Sprintf("%T", n))
	}
}

// runCondition is what rows must fulfil for a window to go on in their partition.
func runCondition(n *plan.Window) string {
	var out []string
	for _, l := range n.While {
		for _, c := range n.Calls {
			if c.Out.ID == l.Call {
				out = append(out, fmt.Sprintf("(%s OVER (?) <= %d)", c.Out.Name, l.Most))
			}
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return "(" + strings.Join(out, " AND ") + ")"
}

func (x *explainer) remote(n *plan.Remote, e *entry) {
	e.nodeType = "Remote"
	e.title = "Remote on " + relationTitle(n.Scan.Schema, n.Scan.Table, n.Scan.Alias)
	e.extra = append(e.extra, text("Schema", n.Scan.Schema), text("Relation Name", n.Scan.Table), text("Alias", n.Scan.Alias))
	url, err := n.Query.Relative()
	if err != nil {
		url = err.Error()
	}
	e.props = append(e.props, text("Request", "GET /"+url))
	var pushed, kept []string
	for _, p := range n.Pushed {
		pushed = append(pushed, p.Text+" "+p.Verdict)
	}
	for _, k := range n.Kept {
		kept = append(kept, k.Text+" - "+k.Why)
	}
	if pushed != nil {
		e.props = append(e.props, property{key: "Pushed", list: pushed})
	}
	if kept != nil {
		e.props = append(e.props, property{key: "Kept", list: kept})
	}
	if len(n.Filter) > 0 {
		plainFormat := x.format
		plainFormat.Qualify = false
		saved := x.format
		x.format = plainFormat
		e.props = append(e.props, text("Filter", x.conj(n.Filter)))
		x.format = saved
	}
}

func (x *explainer) join(n *plan.Join, e *entry) {
	lids, rids := plan.IDsOf(n.L), plan.IDsOf(n.R)
	var hash, rest []plan.Expr
	for _, p := range n.On {
		if c, ok := p.(*plan.Call); ok && plan.IsEquiJoin(p, lids, rids) {
			if _, _, ok := plan.HashPair(c); ok {
				hash = append(hash, p)
				continue
			}
		}
		rest = append(rest, p)
	}
	if len(hash) > 0 {
		e.nodeType = "Hash Join"
		e.title = "Hash Join"
		if n.Kind != plan.Inner {
			e.title = "Hash " + joinType(n.Kind) + " Join"
		}
		e.props = append(e.props, text("Hash Cond", x.conj(hash)))
	} else {
		e.nodeType = "Nested Loop"
		e.title = loopTitle(n.Kind)
	}
	e.extra = append(e.extra, text("Join Type", joinType(n.Kind)))
	if len(rest) > 0 {
		e.props = append(e.props, text("Join Filter", x.conj(rest)))
	}
}

func joinType(k plan.JoinKind) string {
	return [...]string{"Inner", "Left", "Right", "Full", "Semi", "Anti"}[k]
}

// loopTitle is Nested Loop, with the kind of join where it is not inner.
func loopTitle(k plan.JoinKind) string {
	if k == plan.Inner {
		return "Nested Loop"
	}
	return "Nested Loop " + joinType(k) + " Join"
}

func (x *explainer) aggregate(n *plan.Aggregate, e *entry) {
	e.nodeType, e.title = "Aggregate", "Aggregate"
	strategy := "Plain"
	if len(n.Keys) > 0 {
		e.title, strategy = "HashAggregate", "Hashed"
		var keys []string
		for _, k := range n.Keys {
			keys = append(keys, plan.FormatExpr(k.Expr, x.format))
		}
		if n.Sets == nil {
			e.props = append(e.props, property{key: "Group Key", list: keys})
		}
		for _, set := range n.Sets {
			var ks []string
			for _, i := range set {
				ks = append(ks, keys[i])
			}
			if len(ks) == 0 {
				ks = []string{"()"}
			}
			e.props = append(e.props, property{key: "Group Key", list: ks})
		}
	}
	e.extra = append(e.extra, text("Strategy", strategy))
}

// hashed is what tells rows apart by all columns.
func (x *explainer) hashed(cols []plan.ColID, e *entry) {
	e.nodeType, e.title = "Aggregate", "HashAggregate"
	e.extra = append(e.extra, text("Strategy", "Hashed"))
	var keys []string
	for _, id := range cols {
		if key := plan.FormatExpr(&plan.ColRef{ID: id}, x.format); key != "" && key != `""` {
			keys = append(keys, key)
		}
	}
	if len(keys) > 0 {
		e.props = append(e.props, property{key: "Group Key", list: keys})
	}
}

func (x *explainer) setOp(n *plan.SetOp, e *entry) {
	switch n.Kind {
	case plan.Union:
		e.nodeType, e.title = "Append", "Append"
		if !n.All {
			x.hashed(n.LeftIn, e)
		}
	default:
		e.nodeType = "SetOp"
		e.title = "HashSetOp " + map[plan.SetOpKind]string{plan.Intersect: "Intersect", plan.Except: "Except"}[n.Kind]
		if n.All {
			e.title += " All"
		}
	}
}
