package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// cteDependencies says which CTE of a WITH RECURSIVE refers to which, by name; an inner WITH of the same name hides it.
func cteDependencies(all []*cte, nodes []*pg_query.CommonTableExpr) [][]bool {
	index := map[string]int{}
	for i, c := range all {
		index[c.name] = i
	}
	deps := make([][]bool, len(all))
	for i, x := range nodes {
		deps[i] = make([]bool, len(all))
		tableRefs(x.Ctequery, map[string]int{}, func(rv *pg_query.RangeVar) {
			if j, ok := index[rv.Relname]; ok {
				deps[i][j] = true
			}
		})
	}
	return deps
}

// tableRefs calls f for every unqualified table name of a tree that no inner WITH defines.
func tableRefs(m proto.Message, hidden map[string]int, f func(*pg_query.RangeVar)) {
	switch x := m.(type) {
	case *pg_query.RangeVar:
		if x.Schemaname == "" && hidden[x.Relname] == 0 {
			f(x)
		}
		return
	case *pg_query.SelectStmt:
		if x.WithClause != nil {
			var names []string
			for _, n := range x.WithClause.Ctes {
				c := n.GetCommonTableExpr()
				if !x.WithClause.Recursive {
					tableRefs(c.Ctequery, hidden, f)
				}
				names = append(names, c.Ctename)
				hidden[c.Ctename]++
			}
			if x.WithClause.Recursive {
				for _, n := range x.WithClause.Ctes {
					tableRefs(n.GetCommonTableExpr().Ctequery, hidden, f)
				}
			}
			children(x, "with_clause", func(c proto.Message) { tableRefs(c, hidden, f) })
			for _, n := range names {
				hidden[n]--
			}
			return
		}
	}
	children(m, "", func(c proto.Message) { tableRefs(c, hidden, f) })
}

// children calls f for the messages that a message holds, except in one field.
func children(m proto.Message, except protoreflect.Name, f func(proto.Message)) {
	if m == nil || !m.ProtoReflect().IsValid() {
		return
	}
	m.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.Kind() != protoreflect.MessageKind || fd.Name() == except {
			return true
		}
		if fd.IsList() {
			for i := range v.List().Len() {
				f(v.List().Get(i).Message().Interface())
			}
			return true
		}
		f(v.Message().Interface())
		return true
	})
}

// cteOrder sorts so that each comes after those that it refers to; a cycle through several is mutual recursion.
func (b *binder) cteOrder(all []*cte, deps [][]bool) []int {
	var order []int
	done := make([]bool, len(all))
	for len(order) < len(all) {
		next := -1
		for i := range all {
			if done[i] {
				continue
			}
			ready := true
			for j := range all {
				if j != i && !done[j] && deps[i][j] {
					ready = false
				}
			}
			if ready {
				next = i
				break
			}
		}
		if next < 0 {
			for i := range all {
				if !done[i] {
					b.failf(pgerr.FeatureNotSupported, all[i].loc, "mutual recursion between WITH items is not implemented")
				}
			}
		}
		done[next] = true
		order = append(order, next)
	}
	return order
}

// recursionPlace is where a recursive reference may not stand (RecursionContext).
type recursionPlace uint8

const (
	placeOK recursionPlace = iota
	placeNonRecursive
	placeSubLink
	placeOuterJoin
	placeIntersect
	placeExcept
)

// checkRecursion is checkWellFormedRecursion.
func (b *binder) checkRecursion(c *cte, x *pg_query.CommonTableExpr) {
	sel := x.Ctequery.GetSelectStmt()
	if sel == nil || sel.Op != pg_query.SetOperation_SETOP_UNION {
		b.failf(pgerr.InvalidRecursion, c.loc, `recursive query "%s" does not have the form non-recursive-term UNION [ALL] recursive-term`, c.name)
	}
	b.checkPlaces(c, sel.Larg, placeNonRecursive)
	if sel.WithClause != nil {
		b.checkPlaces(c, sel.WithClause, placeSubLink)
	}
	switch {
	case len(sel.SortClause) > 0:
		b.failf(pgerr.FeatureNotSupported, rawLoc(sel.SortClause[0].GetSortBy().Node), "ORDER BY in a recursive query is not implemented")
	case sel.LimitOffset != nil:
		b.failf(pgerr.FeatureNotSupported, rawLoc(sel.LimitOffset), "OFFSET in a recursive query is not implemented")
	case sel.LimitCount != nil:
		b.failf(pgerr.FeatureNotSupported, rawLoc(sel.LimitCount), "LIMIT in a recursive query is not implemented")
	case len(sel.LockingClause) > 0:
		b.failf(pgerr.FeatureNotSupported, -1, "FOR UPDATE/SHARE in a recursive query is not implemented")
	}
	b.checkPlaces(c, sel.Rarg, placeOK)
}

func (b *binder) checkPlaces(c *cte, m proto.Message, place recursionPlace) {
	if m == nil || !m.ProtoReflect().IsValid() {
		return
	}
	switch x := m.(type) {
	case *pg_query.RangeVar:
		if x.Schemaname != "" || x.Relname != c.name {
			return
		}
		msg := ""
		switch place {
		case placeNonRecursive:
			msg = `recursive reference to query "%s" must not appear within its non-recursive term`
		case placeSubLink:
			msg = `recursive reference to query "%s" must not appear within a subquery`
		case placeOuterJoin:
			msg = `recursive reference to query "%s" must not appear within an outer join`
		case placeIntersect:
			msg = `recursive reference to query "%s" must not appear within INTERSECT`
		case placeExcept:
			msg = `recursive reference to query "%s" must not appear within EXCEPT`
		default:
			return
		}
		b.failf(pgerr.InvalidRecursion, int(x.Location), msg, c.name)
	case *pg_query.SelectStmt:
		if x.WithClause != nil {
			for _, n := range x.WithClause.Ctes {
				if n.GetCommonTableExpr().Ctename == c.name {
					return // hidden
				}
			}
		}
		switch x.Op {
		case pg_query.SetOperation_SETOP_INTERSECT:
			p := place
			if x.All {
				p = placeIntersect
			}
			b.checkPlaces(c, x.Larg, p)
			b.checkPlaces(c, x.Rarg, p)
			return
		case pg_query.SetOperation_SETOP_EXCEPT:
			p := place
			if x.All {
				p = placeExcept
			}
			b.checkPlaces(c, x.Larg, p)
			b.checkPlaces(c, x.Rarg, placeExcept)
			return
		}
	case *pg_query.SubLink:
		p := place
		if p == placeOK {
			p = placeSubLink
		}
		b.checkPlaces(c, x.Testexpr, place)
		b.checkPlaces(c, x.Subselect, p)
		return
	case *pg_query.JoinExpr:
		outer := func(on bool) recursionPlace {
			if on && place == placeOK {
				return placeOuterJoin
			}
			return place
		}
		nullLeft := x.Jointype == pg_query.JoinType_JOIN_RIGHT || x.Jointype == pg_query.JoinType_JOIN_FULL
		nullRight := x.Jointype == pg_query.JoinType_JOIN_LEFT || x.Jointype == pg_query.JoinType_JOIN_FULL
		b.checkPlaces(c, x.Larg, outer(nullLeft))
		b.checkPlaces(c, x.Rarg, outer(nullRight))
		b.checkPlaces(c, x.Quals, place)
		return
	}
	children(m, "", func(k proto.Message) { b.checkPlaces(c, k, place) })
}
