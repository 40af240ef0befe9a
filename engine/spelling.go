package engine

import (
	"slices"

	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// A service may know a property in $filter and $orderby by another spelling than its metadata's (the pages of Intune write DateKey,
// its feed dateKey). The profile lists the spellings; the one that a service took is remembered.

// spelled is a property's path as the service takes it in $filter and $orderby.
func (c *capabilities) spelled(service string, p query.Path) query.Path {
	key := spellingKey(service, p.String())
	name, ok := c.spell[key]
	if !ok {
		name, ok = c.services.learned.spelling(key)
	}
	if !ok {
		return p
	}
	out := slices.Clone(p)
	out[len(out)-1] = name
	return out
}

// respell writes the properties of all reads as their services take them.
func (c *capabilities) respell(root plan.Node) plan.Node {
	if len(c.spell) == 0 && !c.services.learned.hasSpellings() {
		return root
	}
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		r, ok := n.(*plan.Remote)
		if !ok || r.Query.Filter == nil && len(r.Query.OrderBy) == 0 {
			return n
		}
		rename := func(p query.Path) query.Path { return c.spelled(r.Scan.Service, p) }
		out := *r
		if out.Query.Filter != nil {
			out.Query.Filter = query.RenameProperties(out.Query.Filter, rename)
		}
		out.Query.OrderBy = slices.Clone(out.Query.OrderBy)
		for i := range out.Query.OrderBy {
			out.Query.OrderBy[i].Path = rename(out.Query.OrderBy[i].Path)
		}
		return &out
	})
}

// otherSpellings are the ways to write the properties of a read's conditions and order that have not been tried: all properties by
// their first other spelling, all by their second and so on.
func (c *capabilities) otherSpellings(r *plan.Remote) []map[string]string {
	p := c.Profile(r.Scan.Service)
	if p == nil {
		return nil
	}
	var out []map[string]string
	add := func(path query.Path) {
		name := path[len(path)-1]
		now := c.spelled(r.Scan.Service, path)
		tried := now[len(now)-1]
		i := 0
		for _, s := range append([]string{name}, p.OtherSpellings(name)...) {
			if s == tried {
				continue
			}
			if i == len(out) {
				out = append(out, map[string]string{})
			}
			out[i][spellingKey(r.Scan.Service, path.String())] = s
			i++
		}
	}
	for _, pushed := range r.Pushed {
		for _, cond := range pushed.Conditions {
			if path, ok := pathOf(r.Scan, cond.Property); ok {
				add(path)
			}
		}
	}
	for _, o := range r.Query.OrderBy {
		add(o.Path)
	}
	return out
}

// pathOf finds a property of a scan by its name in conditions.
func pathOf(s *plan.Scan, name string) (query.Path, bool) {
	for _, c := range s.Cols {
		if c.Property.Path.String() == name {
			return c.Property.Path, true
		}
	}
	return nil, false
}
