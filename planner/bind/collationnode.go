package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/plan"
)

// node derives the collations of a plan's columns and checks all its expressions, inputs first.
func (d *derivation) node(n plan.Node) {
	if r, ok := n.(*plan.Recursive); ok {
		d.recursive(r)
		return
	}
	for _, c := range n.Children() {
		d.node(c)
	}
	switch n := n.(type) {
	case *plan.Values:
		d.values(n)
	case *plan.FunctionScan:
		d.functions(n)
	case *plan.Project:
		d.named(n.Exprs, false)
	case *plan.ProjectSet:
		d.named(n.Exprs, true)
	case *plan.Sort:
		d.keys(n.Keys)
	case *plan.Distinct:
		for _, c := range n.Input.Columns() {
			d.comparable(&plan.ColRef{ID: c.ID, T: c.Type})
		}
	case *plan.Join:
		d.all(n.On)
		d.renamed(n.LeftOut)
		d.renamed(n.RightOut)
	case *plan.Apply:
		d.all(n.On)
		d.renamed(n.RightOut)
	case *plan.Aggregate:
		d.aggregate(n)
	case *plan.Window:
		d.window(n)
	case *plan.SetOp:
		for i, c := range n.Cols {
			d.cols[c.ID] = d.common(n.LeftIn[i], n.RightIn[i], n.Kind == plan.Union && n.All)
		}
	case *plan.CTEScan:
		d.copied(n.Cols, n.Source)
	case *plan.WorkTable:
		d.copied(n.Cols, n.Source)
	default:
		d.all(plan.Exprs(n))
	}
}

func (d *derivation) all(es []plan.Expr) {
	for _, e := range es {
		d.of(e)
	}
}

// comparable refuses a key to sort or group by whose collation is not known.
func (d *derivation) comparable(e plan.Expr) derived {
	c := d.of(e)
	d.need(c, stringComparison, e)
	return c
}

func (d *derivation) keys(keys []plan.SortKey) {
	for _, k := range keys {
		d.comparable(k.Expr)
	}
}

func (d *derivation) named(xs []plan.Named, inner bool) {
	for _, x := range xs {
		c := d.of(x.Expr).saved()
		c.inner = inner
		d.cols[x.Column.ID] = c
	}
}

func (d *derivation) renamed(rs []plan.Rename) {
	for _, r := range rs {
		if c, ok := d.cols[r.In]; ok {
			d.cols[r.Out.ID] = c
		}
	}
}

func (d *derivation) copied(cols []plan.Column, source []plan.ColID) {
	for i, c := range cols {
		if from, ok := d.cols[source[i]]; ok {
			d.cols[c.ID] = from.implied(-1)
		}
	}
}

// values merges the rows column by column.
func (d *derivation) values(n *plan.Values) {
	for i, c := range n.Cols {
		ctx := derived{loc: -1}
		for _, r := range n.Rows {
			d.b.merge(&ctx, d.of(r[i]))
		}
		d.cols[c.ID] = ctx.implied(-1)
	}
}

func (d *derivation) functions(n *plan.FunctionScan) {
	at := 0
	for _, c := range n.Calls {
		got := d.of(c.Expr)
		if c.Columns == 1 && !c.Composite {
			d.cols[n.Cols[at].ID] = got.implied(-1)
		}
		at += c.Columns
	}
}

// common is the collation of a column of a set operation (select_common_collation): only UNION ALL may leave it open.
func (d *derivation) common(l, r plan.ColID, open bool) derived {
	ctx := derived{loc: -1}
	for _, id := range []plan.ColID{l, r} {
		c, ok := d.cols[id]
		if !ok {
			continue
		}
		d.b.merge(&ctx, c)
	}
	if ctx.strength == strengthConflict && !open {
		d.b.fail(pgerr.Newf(pgerr.CollationMismatch, `collation mismatch between implicit collations "%s" and "%s"`, ctx.name, ctx.other).
			WithHint("You can choose the collation by applying the COLLATE clause to one or both expressions."), ctx.otherLoc)
	}
	return ctx.implied(ctx.loc)
}

// recursive gives the working table the collations of the first term.
func (d *derivation) recursive(n *plan.Recursive) {
	d.node(n.Start)
	d.copied(n.Cols, n.StartIn)
	d.node(n.Step)
	for i := range n.Cols {
		d.common(n.StartIn[i], n.StepIn[i], n.All)
	}
}

// aggregate is assign_aggregate_collations and assign_ordered_set_collations: arguments count, sort keys beside them do not, but
// the only key of an ordered-set aggregate does.
func (d *derivation) aggregate(n *plan.Aggregate) {
	for _, k := range n.Keys {
		c := d.comparable(k.Expr).saved()
		c.inner = true
		d.cols[k.Column.ID] = c
	}
	for _, a := range n.Aggs {
		ctx := d.among(append(append([]plan.Expr{}, a.Direct...), a.Args...)...)
		for _, k := range a.Order {
			c := d.comparable(k.Expr)
			if len(a.Order) == 1 && len(a.Args) == 0 {
				d.b.merge(&ctx, c)
			}
		}
		if a.Filter != nil {
			d.of(a.Filter)
		}
		what := collationUse(a.Fn.Name)
		if a.Distinct {
			what = stringComparison
		}
		if what != "" {
			d.need(ctx, what, a.Args...)
		}
		d.output(a.Out, ctx)
	}
}

func (d *derivation) window(n *plan.Window) {
	for _, e := range n.Partition {
		d.comparable(e)
	}
	d.keys(n.Order)
	for _, c := range n.Calls {
		ctx := d.among(c.Args...)
		if c.Filter != nil {
			d.of(c.Filter)
		}
		if what := collationUse(c.Fn.Name); what != "" {
			d.need(ctx, what, c.Args...)
		}
		d.output(c.Out, ctx)
	}
}

// output is the collation of a call that has become a column of its own query level.
func (d *derivation) output(c plan.Column, ctx derived) {
	r := d.result(&plan.ColRef{ID: c.ID, T: c.Type}, ctx)
	r.inner = true
	d.cols[c.ID] = r
}
