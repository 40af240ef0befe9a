package pushdown

import (
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// condition is a SQL predicate as a service can evaluate it.
type condition struct {
	expr    query.Expr
	verdict profile.Verdict
	props   []string // properties it names
	parts   []plan.Condition
}

// local says that a predicate stays here, and why.
type local struct{ why string }

func (l *local) Error() string { return l.why }

func stays(why string) (condition, *local) { return condition{}, &local{why: why} }

// filterRemote splits predicates into those that the service evaluates and those that stay.
//
// A conjunction may be pushed in part: each conjunct only removes rows, so leaving one out keeps a superset. A disjunction is
// pushed whole or not at all. Rows for which the predicate is null are dropped on both sides: a filter keeps a row only if its
// condition is true, there (URL Conventions 5.1.1) as here. Negations have been moved to the leaves, because below a `not`
// services disagree about null.
func (p *pusher) filterRemote(r *plan.Remote, preds []plan.Expr) plan.Node {
	out := *r
	prof := p.services.Profile(r.Scan.Service)
	type candidate struct {
		pred plan.Expr
		cond condition
	}
	var can []candidate
	for _, pred := range preds {
		if p.noFilter {
			p.stay(&out, pred, "pushing filters is disabled")
			continue
		}
		if prof == nil {
			p.stay(&out, pred, "the service's profile is not known")
			continue
		}
		c, l := p.condition(&out, prof, pred)
		if l != nil {
			p.stay(&out, pred, l.why)
			continue
		}
		can = append(can, candidate{pred, c})
	}
	chosen := make([]condition, 0, len(can))
	for i, c := range can {
		if why := p.excluded(&out, prof, c.cond, func(yield func(condition) bool) {
			for j, other := range can {
				if j != i && !yield(other.cond) {
					return
				}
			}
		}); why != "" {
			p.stay(&out, c.pred, why)
			continue
		}
		before := out.Query.Filter
		out.Query.Filter = query.AndAll(append(exprs(chosen), c.cond.expr)...)
		if why := p.tooLarge(&out, prof); why != "" {
			out.Query.Filter = before
			p.stay(&out, c.pred, why)
			continue
		}
		if len(chosen) > 0 && !prof.And {
			out.Query.Filter = before
			p.stay(&out, c.pred, "the service takes one condition only")
			continue
		}
		chosen = append(chosen, c.cond)
		p.push(&out, plan.FormatExpr(c.pred, plan.ExprFormat{}), c.cond.verdict)
		last := &out.Pushed[len(out.Pushed)-1]
		last.Pred, last.Conditions = c.pred, c.cond.parts
		if c.cond.verdict == profile.Exact {
			out.Check = append(append([]plan.Expr(nil), out.Check...), c.pred)
		} else {
			out.Filter = append(append([]plan.Expr(nil), out.Filter...), c.pred)
		}
		out.EstimatedRows = max(1, out.EstimatedRows*0.1)
	}
	return &out
}

func (p *pusher) stay(r *plan.Remote, pred plan.Expr, why string) {
	r.Filter = append(append([]plan.Expr(nil), r.Filter...), pred)
	p.keep(r, plan.FormatExpr(pred, plan.ExprFormat{}), why)
	r.EstimatedRows = max(1, r.EstimatedRows/3)
}

func exprs(cs []condition) []query.Expr {
	out := make([]query.Expr, len(cs))
	for i, c := range cs {
		out[i] = c.expr
	}
	return out
}

// excluded: of properties that must not be named together, the one that the profile holds dearest is sent, else the first.
func (p *pusher) excluded(r *plan.Remote, prof *profile.Profile, c condition, others func(func(condition) bool)) (why string) {
	for _, mine := range c.props {
		for other := range others {
			for _, theirs := range other.props {
				if !prof.Exclusive(r.Scan.EntitySet, mine, theirs) {
					continue
				}
				if equalFold(mine, prof.DropLast) {
					continue
				}
				if equalFold(theirs, prof.DropLast) || theirs < mine {
					return "the service takes conditions on either " + theirs + " or " + mine
				}
			}
		}
	}
	return ""
}

func (p *pusher) tooLarge(r *plan.Remote, prof *profile.Profile) string {
	if prof.FilterNodes > 0 && query.Nodes(r.Query.Filter) > prof.FilterNodes {
		return "the filter would pass the service's limit on conditions"
	}
	if prof.URLBytes > 0 && p.urlBytes(r) > prof.URLBytes {
		return "the URL would be too long"
	}
	return ""
}

// condition translates a predicate.
func (p *pusher) condition(r *plan.Remote, prof *profile.Profile, e plan.Expr) (condition, *local) {
	switch e := e.(type) {
	case *plan.Logic:
		return p.logic(r, prof, e)
	case *plan.Not:
		return p.negated(r, prof, e)
	case *plan.Call:
		return p.comparison(r, prof, e)
	case *plan.ArrayOp:
		return p.list(r, prof, e)
	case *plan.NullTest:
		if e.Row {
			return stays("rows are not tested there")
		}
		col, ok := property(r, e.Arg)
		if !ok {
			return stays("only plain columns are tested there")
		}
		if e.Not {
			return p.leaf(r, prof, col, profile.IsNotNull, &query.Binary{Op: query.Ne, Left: propertyExpr(col), Right: query.Null()})
		}
		return p.leaf(r, prof, col, profile.IsNull, &query.Binary{Op: query.Eq, Left: propertyExpr(col), Right: query.Null()})
	case *plan.ColRef:
		return p.boolean(r, prof, e, true)
	case *plan.BoolTest:
		if e.Not || e.Kind == plan.IsUnknown {
			return stays("only IS TRUE and IS FALSE are evaluated there")
		}
		return p.boolean(r, prof, e.Arg, e.Kind == plan.IsTrue)
	}
	return stays("such an expression is not evaluated there")
}

// boolean is a bare boolean column: some services refuse one, so it is compared.
func (p *pusher) boolean(r *plan.Remote, prof *profile.Profile, e plan.Expr, want bool) (condition, *local) {
	col, ok := property(r, e)
	if !ok {
		return stays("such an expression is not evaluated there")
	}
	return p.leaf(r, prof, col, profile.Eq, &query.Binary{Op: query.Eq, Left: propertyExpr(col), Right: boolLiteral(col, want)})
}

func (p *pusher) logic(r *plan.Remote, prof *profile.Profile, e *plan.Logic) (condition, *local) {
	if e.Op == plan.Or && !prof.Or {
		if hull, ok := p.hullOf(r, prof, e); ok {
			return hull, nil
		}
		return stays(reason(prof.Reason, "the service takes no or"))
	}
	if e.Op == plan.And && !prof.And {
		return stays("the service takes one condition only")
	}
	if e.Op == plan.Or {
		if why, refused := p.services.NoOption(r.Scan.Service, r.Scan.EntitySet, "or"); refused {
			return stays(why)
		}
	}
	out := condition{verdict: profile.Exact}
	var parts []query.Expr
	for _, a := range e.Args {
		c, l := p.condition(r, prof, a)
		if l != nil {
			return condition{}, l
		}
		out.verdict = min(out.verdict, c.verdict)
		out.props = append(out.props, c.props...)
		out.parts = append(out.parts, c.parts...)
		parts = append(parts, c.expr)
	}
	for i, a := range out.props {
		for _, b := range out.props[:i] {
			if prof.Exclusive(r.Scan.EntitySet, a, b) {
				return stays("the service takes conditions on either " + b + " or " + a)
			}
		}
	}
	if e.Op == plan.Or {
		out.expr = query.OrAll(parts...)
	} else {
		out.expr = query.AndAll(parts...)
	}
	return out, nil
}

func reason(given, otherwise string) string {
	if given != "" {
		return given
	}
	return otherwise
}

// negated flips a comparison: NOT (x < v) is x >= v, in SQL's order, where NaN is the greatest. Nothing else is pushed below a not.
func (p *pusher) negated(r *plan.Remote, prof *profile.Profile, e *plan.Not) (condition, *local) {
	switch a := e.Arg.(type) {
	case *plan.ColRef:
		return p.boolean(r, prof, a, false)
	case *plan.Call:
		if flipped, ok := flip()[a.Op]; ok && a.Form == plan.FormOperator && len(a.Args) == 2 {
			c := *a
			c.Op = flipped
			return p.comparison(r, prof, &c)
		}
	}
	return stays("a negation is not sent: services disagree about null below it")
}

func flip() map[string]string {
	return map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}
}

// leaf asks the profile about one condition on one property.
func (p *pusher) leaf(r *plan.Remote, prof *profile.Profile, col plan.ScanColumn, op profile.Op, e query.Expr) (condition, *local) {
	name := col.Property.Path.String()
	v, why := prof.FilterVerdict(r.Scan.EntitySet, name, op, col.Property.Type)
	if v == profile.Local {
		return stays(reason(why, "the service is not known to evaluate it"))
	}
	if why, refused := p.services.Refused(r.Scan.Service, r.Scan.EntitySet, name, op); refused {
		return stays(why)
	}
	if err := query.Check(e); err != nil {
		return stays("the constant has no literal there")
	}
	return condition{expr: e, verdict: v, props: []string{name}, parts: []plan.Condition{{Property: name, Op: op.String()}}}, nil
}
