package pushdown

import (
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// $select holds every column that anything above reads, residual filters included, because the rules have narrowed the scan to just
// those. Sound on services that ignore it: columns are read by name. Counter-example: a list too long for a URL is left
// out, and everything comes.
func (p *pusher) selectColumns(r *plan.Remote) {
	prof := p.services.Profile(r.Scan.Service)
	if prof == nil || !prof.Select {
		return
	}
	if _, refused := p.services.NoOption(r.Scan.Service, r.Scan.EntitySet, "$select"); refused {
		return
	}
	seen := map[string]bool{}
	for _, c := range r.Scan.Cols {
		// A member of a complex property is asked for by the property where the path would need $expand-like syntax: OData 4.0
		// allows a/b in $select (URL Conventions 5.1.3).
		if name := c.Property.Path.String(); !seen[name] {
			seen[name] = true
			r.Query.Select = append(r.Query.Select, c.Property.Path)
		}
	}
	if len(r.Scan.Cols) == 0 {
		// Only the number of rows counts. Without $select every property would come.
		if key := p.services.Key(r.Scan.TableOID); len(key) > 0 {
			r.Query.Select = []query.Path{key[0].Path}
		}
	}
	if prof.URLBytes > 0 && p.urlBytes(r) > prof.URLBytes {
		r.Query.Select = nil
	}
}

// property finds the column that an expression is a reference to.
func property(r *plan.Remote, e plan.Expr) (plan.ScanColumn, bool) {
	ref, ok := e.(*plan.ColRef)
	if !ok {
		return plan.ScanColumn{}, false
	}
	for _, c := range r.Scan.Cols {
		if c.ID == ref.ID {
			return c, true
		}
	}
	return plan.ScanColumn{}, false
}

func propertyExpr(c plan.ScanColumn) *query.Property {
	prop := c.Property
	return &prop
}
