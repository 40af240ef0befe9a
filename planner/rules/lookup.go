package rules

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// Indexes says which columns of a system relation can be searched by, as attribute numbers.
type Indexes interface {
	IndexedAttnums(tableOID uint32) []int16
}

// UseLookups lets a scan of a system relation search by a column that a filter above compares with a constant or a column of an outer
// query, so that catalog queries over thousands of tables stay fast. The filter stays: the look-up may give more rows.
//
// Counter-example: a comparison with a column of the same scan is no look-up.
func UseLookups(root plan.Node, ix Indexes) plan.Node {
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		s, ok := f.Input.(*plan.SystemScan)
		if !ok || s.Lookup != nil {
			return n
		}
		for _, att := range ix.IndexedAttnums(s.TableOID) {
			for _, p := range f.Preds {
				if l := lookupBy(s, att, p); l != nil {
					c := *s
					c.Lookup = l
					return &plan.Filter{Input: &c, Preds: f.Preds}
				}
			}
		}
		return n
	})
}

func lookupBy(s *plan.SystemScan, att int16, p plan.Expr) *plan.Lookup {
	own := plan.IDsOf(s)
	column := func(e plan.Expr) (plan.Column, bool) {
		ref, ok := e.(*plan.ColRef)
		if !ok {
			return plan.Column{}, false
		}
		for _, c := range s.Cols {
			if c.ID == ref.ID && c.Attnum == att {
				return c, true
			}
		}
		return plan.Column{}, false
	}
	free := func(e plan.Expr) bool {
		refs := plan.Set{}
		plan.Refs(e, refs)
		for id := range refs {
			if own.Has(id) {
				return false
			}
		}
		return !plan.IsVolatile(e) && !plan.HasSubquery(e)
	}
	switch p := p.(type) {
	case *plan.Call:
		if p.Form != plan.FormOperator || p.Op != "=" || len(p.Args) != 2 {
			return nil
		}
		for i, a := range p.Args {
			other := p.Args[1-i]
			if c, ok := column(a); ok && comparable(c.Type, other.Type()) && free(other) {
				return &plan.Lookup{Attnum: att, Value: other}
			}
		}
	case *plan.ArrayOp:
		if c, ok := column(p.Left); ok && p.Op == "=" && !p.All && free(p.Array) {
			if elem := sqltype.ElemOf(p.Array.Type().OID); elem != 0 && comparable(c.Type, sqltype.Of(elem)) {
				return &plan.Lookup{Attnum: att, Value: p.Array, List: true}
			}
		}
	}
	return nil
}

// comparable: both sides have the same representation, so that equal values are equal keys.
func comparable(a, b sqltype.Type) bool { return a.Kind() == b.Kind() }
