package planner

import (
	"fmt"
	"strings"
	"time"

	"github.com/odatagres/odatagres/planner/plan"
)

// ExplainOptions are EXPLAIN's options, with PostgreSQL's meaning.
type ExplainOptions struct {
	Analyze, Costs, Verbose, Timing, Summary bool
	// Stats gives what a node did; nil without ANALYZE.
	Stats func(plan.Node) *NodeStats
	// Planning and Execution are printed with Summary.
	Planning, Execution time.Duration
}

// NodeStats is what a node did when the statement ran.
type NodeStats struct {
	Loops, Rows, Removed                  int64
	First, Total                          time.Duration
	Requests, Retries, Pages, Read, Bytes int64
	Waiting, Decoding                     time.Duration
	Remote                                bool
	// Memory is the most bytes that a sort or a hash held, Disk what it wrote to files. Batches are a hash's passes over parts of its rows.
	Memory, Disk, Batches int64
}

// property is one line below a node. list is set for properties that are arrays in JSON.
type property struct {
	key  string
	text string
	list []string
}

// entry is a node as it is printed.
type entry struct {
	title    string // of the text form
	nodeType string
	extra    []property // JSON only: Join Type, Relation Name …
	props    []property
	label    string // "SubPlan 1", "CTE x" … above the node
	rows     float64
	width    int
	cost     [2]float64
	stats    *NodeStats
	sort     string // how rows were sorted, where they were
	children []*entry
}

// explainer makes entries of nodes. Projections print as nothing, as in PostgreSQL: their subqueries belong to the node below.
type explainer struct {
	opts     ExplainOptions
	format   plan.ExprFormat
	subplans int
	names    map[*plan.Subquery]string
	columns  map[plan.ColID]func() string // columns that a projection or an aggregate computes
}

func newExplainer(root plan.Node, opts ExplainOptions) *explainer {
	x := &explainer{opts: opts, names: map[*plan.Subquery]string{}, columns: map[plan.ColID]func() string{}}
	relations := 0
	read := map[plan.ColID]string{} // names of the columns that come from relations
	plan.WalkDeep(root, func(n plan.Node) {
		if len(n.Children()) == 0 {
			for _, c := range n.Columns() {
				read[c.ID] = c.Name
			}
		}
		switch n := n.(type) {
		case *plan.Remote, *plan.SystemScan, *plan.FunctionScan, *plan.CTEScan, *plan.Scan:
			relations++
		case *plan.Project:
			for _, e := range n.Exprs {
				x.columns[e.Column.ID] = func() string { return plan.FormatExpr(e.Expr, x.format) }
			}
		case *plan.Aggregate:
			for _, k := range n.Keys {
				x.columns[k.Column.ID] = func() string { return plan.FormatExpr(k.Expr, x.format) }
			}
			for _, a := range n.Aggs {
				x.columns[a.Out.ID] = func() string { return x.aggCall(&a) }
			}
		}
	})
	x.format = plan.ExprFormat{
		Qualify: relations > 1, Subplan: func(s *plan.Subquery) string { return x.name(s) },
		Column: func(c *plan.ColRef) (string, bool) {
			f, ok := x.columns[c.ID]
			if !ok {
				// A key of ORDER BY that is not selected has no name of its own.
				return plan.QuoteIdent(read[c.ID]), c.Name == "" && read[c.ID] != ""
			}
			// A column passed on under its own id must not be asked for itself.
			delete(x.columns, c.ID)
			s := f()
			x.columns[c.ID] = f
			return s, true
		},
	}
	return x
}

// aggCall prints an aggregate as it was written.
func (x *explainer) aggCall(a *plan.AggCall) string {
	var b strings.Builder
	b.WriteString(plan.QuoteIdent(a.Fn.Name) + "(")
	if a.Distinct {
		b.WriteString("DISTINCT ")
	}
	args := a.Args
	if len(a.Direct) > 0 {
		args = a.Direct
	}
	for i, e := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(plan.FormatExpr(e, x.format))
	}
	if len(args) == 0 && len(a.Order) == 0 {
		b.WriteString("*")
	}
	order := strings.Join(x.keys(a.Order), ", ")
	switch {
	case len(a.Order) > 0 && len(a.Args) == 0:
		b.WriteString(") WITHIN GROUP (ORDER BY " + order + ")")
	case len(a.Order) > 0:
		b.WriteString(" ORDER BY " + order + ")")
	default:
		b.WriteString(")")
	}
	if a.Filter != nil {
		b.WriteString(" FILTER (WHERE " + plan.FormatExpr(a.Filter, x.format) + ")")
	}
	return b.String()
}

func (x *explainer) name(s *plan.Subquery) string {
	name, ok := x.names[s]
	if !ok {
		x.subplans++
		kind := "SubPlan"
		if len(plan.FreeIDs(s.Plan)) == 0 && s.Kind != plan.Any && s.Kind != plan.All {
			kind = "InitPlan"
		}
		name = fmt.Sprintf("%s %d", kind, x.subplans)
		x.names[s] = name
	}
	switch s.Kind {
	case plan.Exists:
		return "EXISTS(" + name + ")"
	case plan.Array:
		return "ARRAY(" + name + ")"
	}
	return "(" + name + ")"
}

func (x *explainer) exprs(es []plan.Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = plan.FormatExpr(e, x.format)
	}
	return strings.Join(parts, " AND ")
}

// conj prints a list of predicates as one condition, in parentheses where it has several.
func (x *explainer) conj(es []plan.Expr) string {
	if len(es) == 1 {
		return plan.FormatExpr(es[0], x.format)
	}
	return "(" + x.exprs(es) + ")"
}

func (x *explainer) keys(ks []plan.SortKey) []string {
	out := make([]string, len(ks))
	for i, k := range ks {
		s := plan.FormatExpr(k.Expr, x.format)
		if ref, ok := k.Expr.(*plan.ColRef); ok && x.columns[ref.ID] != nil && strings.HasSuffix(s, ")") && !strings.HasPrefix(s, "(") {
			s = "(" + s + ")" // a function's value that is computed below
		}
		if k.Desc {
			s += " DESC"
		}
		if k.NullsFirst != k.Desc {
			if k.NullsFirst {
				s += " NULLS FIRST"
			} else {
				s += " NULLS LAST"
			}
		}
		out[i] = s
	}
	return out
}

// node makes the entry of a node, with the subqueries of projections above it.
func (x *explainer) node(n plan.Node, above []plan.Expr) *entry {
	if p, ok := n.(*plan.Project); ok {
		if _, leaf := p.Input.(*plan.Values); !leaf || len(p.Input.Columns()) > 0 {
			for _, e := range p.Exprs {
				above = append(above, e.Expr)
			}
			e := x.node(p.Input, above)
			e.width = widthOf(p.Columns())
			return e
		}
		above = append(above, exprsOf(p.Exprs)...)
		e := x.node(p.Input, above)
		e.width = widthOf(p.Columns())
		return e
	}
	if f, ok := n.(*plan.Filter); ok {
		if e := x.filtered(f, above); e != nil {
			return e
		}
	}
	e := &entry{rows: plan.Rows(n), width: widthOf(n.Columns())}
	x.describe(n, e)
	if x.opts.Verbose {
		var cols []string
		for _, c := range n.Columns() {
			cols = append(cols, plan.QuoteIdent(c.Name))
		}
		if len(cols) > 0 {
			e.props = append([]property{{key: "Output", list: cols}}, e.props...)
		}
	}
	if x.opts.Stats != nil {
		e.stats = x.opts.Stats(n)
	}
	for _, expr := range append(above, plan.Exprs(n)...) {
		x.subqueries(expr, e)
	}
	children := n.Children()
	if w, ok := n.(*plan.With); ok {
		for i, c := range w.CTEs {
			ce := x.node(children[i], nil)
			ce.label = "CTE " + plan.QuoteIdent(c.Name)
			e.children = append(e.children, ce)
		}
		in := x.node(w.Input, nil)
		in.children = append(e.children, in.children...)
		return in
	}
	for _, c := range children {
		e.children = append(e.children, x.node(c, nil))
	}
	switch n := n.(type) {
	case *plan.TopN:
		e.children = []*entry{x.sortOf(n, e)}
	case *plan.Sort:
		e.sort = e.stats.sorted("quicksort")
	}
	e.cost = x.cost(n, e)
	return e
}

// sortOf is the Sort that PostgreSQL shows below a Limit, where one node does both here.
func (x *explainer) sortOf(t *plan.TopN, limit *entry) *entry {
	s := &entry{
		title: "Sort", nodeType: "Sort", rows: limit.rows, width: limit.width, stats: limit.stats, children: limit.children,
		props: []property{{key: "Sort Key", list: x.keys(t.Keys)}},
	}
	s.sort = s.stats.sorted("top-N heapsort")
	s.cost = x.cost(t, s)
	return s
}

// sorted is how a sort was done, by PostgreSQL's names; how it is done in memory says the caller.
func (s *NodeStats) sorted(inMemory string) string {
	switch {
	case s == nil:
		return ""
	case s.Disk > 0:
		return "external merge"
	}
	return inMemory
}

// space is what a sort used, in kB, and of what.
func (s *NodeStats) space() (kB int64, of string) {
	if s.Disk > 0 {
		return (s.Disk + 1023) / 1024, "Disk"
	}
	return (s.Memory + 1023) / 1024, "Memory"
}

// hash is what a HashAggregate used, in kB, in how many batches; none are 0.
func (e *entry) hash() (batches, memory, disk int64) {
	s := e.stats
	if s == nil || s.Batches == 0 || e.title != "HashAggregate" {
		return 0, 0, 0
	}
	return max(s.Batches/max(s.Loops, 1), 1), (s.Memory + 1023) / 1024, (s.Disk + 1023) / 1024
}

// filtered prints a filter as a property of the scan or aggregate below it, as PostgreSQL does; nil where the node below takes
// none.
func (x *explainer) filtered(f *plan.Filter, above []plan.Expr) *entry {
	if once, _ := plan.SplitOnce(f.Preds, f.Input); once != nil {
		return nil
	}
	switch f.Input.(type) {
	case *plan.SystemScan, *plan.FunctionScan, *plan.CTEScan, *plan.WorkTable, *plan.Aggregate:
	case *plan.Values:
		if len(f.Input.Columns()) == 0 {
			return nil
		}
	default:
		return nil
	}
	e := x.node(f.Input, append(above, f.Preds...))
	e.rows = plan.Rows(f)
	e.props = append(e.props, x.filterProps(f)...)
	if x.opts.Stats != nil {
		if st := x.opts.Stats(f); st != nil {
			merged := *st
			if e.stats != nil {
				merged.Removed = e.stats.Rows - st.Rows
			}
			e.stats = &merged
		}
	}
	return e
}

// filterProps prints predicates that name no column of the input apart: they are tested once.
func (x *explainer) filterProps(f *plan.Filter) []property {
	once, each := plan.SplitOnce(f.Preds, f.Input)
	var out []property
	if once != nil {
		out = append(out, text("One-Time Filter", x.conj(once)))
	}
	if each != nil {
		out = append(out, text("Filter", x.conj(each)))
	}
	return out
}

func exprsOf(named []plan.Named) []plan.Expr {
	out := make([]plan.Expr, len(named))
	for i, x := range named {
		out[i] = x.Expr
	}
	return out
}

func (x *explainer) subqueries(e plan.Expr, into *entry) {
	plan.WalkExpr(e, func(e plan.Expr) bool {
		s, ok := e.(*plan.Subquery)
		if !ok {
			return true
		}
		x.name(s)
		child := x.node(s.Plan, nil)
		child.label = x.names[s]
		into.children = append(into.children, child)
		return true
	})
}

// cost is a rough figure in PostgreSQL's form: blocking operators start late, every row costs a little, a remote read costs much.
func (x *explainer) cost(n plan.Node, e *entry) [2]float64 {
	start, total := 0.0, 0.0
	for _, c := range e.children {
		start = max(start, c.cost[0])
		total += c.cost[1]
	}
	switch n.(type) {
	case *plan.Remote:
		return [2]float64{100, 100 + e.rows*0.02}
	case *plan.Sort, *plan.TopN, *plan.Aggregate, *plan.Window:
		start = total + e.rows*0.01
	case *plan.Limit:
		return [2]float64{start, min(total, start+e.rows*0.05+0.01)}
	}
	return [2]float64{start, max(total, start) + e.rows*0.01}
}

func widthOf(cols []plan.Column) int {
	w := 0
	for _, c := range cols {
		if l := int(c.Type.Info().Len); l > 0 {
			w += l
		} else {
			w += 32
		}
	}
	return w
}

func text(key, value string) property { return property{key: key, text: value} }

// relationTitle is "on schema.table alias".
func relationTitle(schema, table, alias string) string {
	s := plan.QuoteIdent(table)
	if schema != "" && schema != "pg_catalog" {
		s = plan.QuoteIdent(schema) + "." + s
	}
	if alias != "" && alias != table {
		s += " " + plan.QuoteIdent(alias)
	}
	return s
}
