package pushdown

import (
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// counts asks for the number of rows instead of the rows: count(*) without GROUP BY over a read whose predicates are all
// Exact.
//
// Counter-examples: count(x) leaves nulls out; a DISTINCT or FILTER inside the aggregate; a projection in between is no
// hindrance, a set-returning one is; $count may be inexact by the text of the protocol, so the profile must grant it.
func (p *pusher) counts(n plan.Node) plan.Node {
	a, ok := n.(*plan.Aggregate)
	if !ok || len(a.Keys) > 0 || a.Sets != nil || len(a.Grouping) > 0 || len(a.Aggs) == 0 {
		return n
	}
	for _, c := range a.Aggs {
		if c.Fn.Name != "count" || len(c.Args) > 0 || c.Distinct || c.Filter != nil || len(c.Order) > 0 {
			return n
		}
	}
	in := a.Input
	for {
		pr, isProject := in.(*plan.Project)
		if !isProject {
			break
		}
		in = pr.Input
	}
	r, ok := in.(*plan.Remote)
	if !ok || r.Count || r.Query.Top != nil {
		return n
	}
	out := *r
	if why := p.noCount(&out); why != "" {
		p.keep(&out, "count(*)", why)
		return replaceRemote(a, r, &out)
	}
	out.Count = true
	out.CountCol = a.Aggs[0].Out
	// Beside an answer of no rows rather than by /$count, whose bare number is still a number when its end is lost.
	none := int64(0)
	out.Query.Count, out.Query.Top = query.CountInline, &none
	out.Query.Select = nil
	out.Check = nil // no row comes that could be checked
	p.push(&out, "count(*)", profile.Exact)
	if len(a.Aggs) == 1 {
		return &out
	}
	exprs := make([]plan.Named, len(a.Aggs))
	for i, c := range a.Aggs {
		exprs[i] = plan.Named{Column: c.Out, Expr: &plan.ColRef{ID: out.CountCol.ID, T: c.Out.Type, Name: c.Out.Name}}
	}
	return &plan.Project{Input: &out, Exprs: exprs}
}

func (p *pusher) noCount(r *plan.Remote) string {
	prof := p.services.Profile(r.Scan.Service)
	switch {
	case prof == nil:
		return "the service's profile is not known"
	case len(r.Filter) > 0:
		return "rows are still dropped here"
	case !prof.Count:
		return reason(prof.NoCount, "the service does not count")
	}
	if why, refused := p.services.NoOption(r.Scan.Service, r.Scan.EntitySet, "$count"); refused {
		return why
	}
	return ""
}

func replaceRemote(n plan.Node, old, by *plan.Remote) plan.Node {
	return plan.Rewrite(n, func(n plan.Node) plan.Node {
		if n == old {
			return by
		}
		return n
	})
}
