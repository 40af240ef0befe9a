package bind

import (
	"fmt"
	"hash/fnv"
	"slices"
	"sort"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// grouping is GROUP BY: the expressions, and with grouping sets the places of each set's.
type grouping struct {
	keys []*target
	sets [][]int // nil: one set of all keys
}

// aggCall is an aggregate of a query level, found in any of its clauses or subqueries.
type aggCall struct {
	call plan.AggCall
	loc  int
}

// groupingCall is GROUPING(…).
type groupingCall struct {
	out  plan.Column
	args []plan.Expr
	loc  int
}

// groupClause is transformGroupClause.
func (b *binder) groupClause(s *scope, st *selectState, nodes []*pg_query.Node, distinctSets bool) *grouping {
	if len(nodes) == 0 {
		return nil
	}
	g := &grouping{}
	var parts [][][]int // each a list of sets; GROUP BY is their cross product
	hasSets := false
	var plain []int
	for _, n := range nodes {
		if gs := n.GetGroupingSet(); gs != nil {
			hasSets = true
			parts = append(parts, b.groupingSets(s, st, g, gs))
			continue
		}
		plain = append(plain, b.groupItems(s, st, g, n)...)
	}
	if !hasSets {
		return g
	}
	sets := [][]int{plain}
	for _, p := range parts {
		var next [][]int
		for _, a := range sets {
			for _, c := range p {
				next = append(next, union(a, c))
			}
		}
		sets = next
		if len(sets) > 4096 {
			b.failf(pgerr.StatementTooComplex, -1, "too many grouping sets present (maximum 4096)")
		}
	}
	if distinctSets {
		seen := map[string]bool{}
		var out [][]int
		for _, set := range sets {
			c := slices.Clone(set)
			sort.Ints(c)
			key := ""
			for _, i := range c {
				key += itoa(i) + ","
			}
			if !seen[key] {
				seen[key] = true
				out = append(out, set)
			}
		}
		sets = out
	}
	g.sets = sets
	return g
}

func union(a, c []int) []int {
	out := slices.Clone(a)
	for _, x := range c {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	if out == nil {
		out = []int{}
	}
	return out
}

// groupItems binds one plain item; (a, b) stands for a, b.
func (b *binder) groupItems(s *scope, st *selectState, g *grouping, n *pg_query.Node) []int {
	if r := n.GetRowExpr(); r != nil && r.RowFormat == pg_query.CoercionForm_COERCE_IMPLICIT_CAST {
		var out []int
		for _, a := range r.Args {
			out = append(out, b.groupItems(s, st, g, a)...)
		}
		return out
	}
	t := b.findTarget(s, st, n, kindGroupBy)
	b.checkGroupExpr(s, t.expr)
	if t.expr.Type().OID == sqltype.OIDUnknown {
		t.expr = b.coerceTo(t.expr, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
	}
	b.needEquality(t.expr.Type().OID, rawLoc(n))
	for i, k := range g.keys {
		if k == t {
			return []int{i}
		}
	}
	g.keys = append(g.keys, t)
	return []int{len(g.keys) - 1}
}

// checkGroupExpr refuses aggregates and window functions in an output that GROUP BY names.
func (b *binder) checkGroupExpr(s *scope, e plan.Expr) {
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, ok := e.(*plan.ColRef); ok {
			if b.isAgg(s, c.ID) {
				b.failf(pgerr.GroupingError, b.loc(c), "aggregate functions are not allowed in %s", kindGroupBy)
			}
			if b.isWindow(s, c.ID) {
				b.failf(pgerr.WindowingError, b.loc(c), "window functions are not allowed in %s", kindGroupBy)
			}
		}
		return true
	})
}

// groupingSets expands one grouping set to a list of sets (expand_groupingset_node).
func (b *binder) groupingSets(s *scope, st *selectState, g *grouping, gs *pg_query.GroupingSet) [][]int {
	item := func(n *pg_query.Node) [][]int {
		if sub := n.GetGroupingSet(); sub != nil {
			return b.groupingSets(s, st, g, sub)
		}
		return [][]int{b.groupItems(s, st, g, n)}
	}
	switch gs.Kind {
	case pg_query.GroupingSetKind_GROUPING_SET_EMPTY:
		return [][]int{{}}
	case pg_query.GroupingSetKind_GROUPING_SET_ROLLUP:
		var elems [][]int
		for _, n := range gs.Content {
			elems = append(elems, item(n)[0])
		}
		var out [][]int
		for i := len(elems); i >= 0; i-- {
			set := []int{}
			for _, e := range elems[:i] {
				set = union(set, e)
			}
			out = append(out, set)
		}
		return out
	case pg_query.GroupingSetKind_GROUPING_SET_CUBE:
		if len(gs.Content) > 12 {
			b.failf(pgerr.TooManyColumns, int(gs.Location), "CUBE is limited to 12 elements")
		}
		var elems [][]int
		for _, n := range gs.Content {
			elems = append(elems, item(n)[0])
		}
		var out [][]int
		for mask := 1<<len(elems) - 1; mask >= 0; mask-- {
			set := []int{}
			for i, e := range elems {
				if mask&(1<<(len(elems)-1-i)) != 0 {
					set = union(set, e)
				}
			}
			out = append(out, set)
		}
		return out
	default:
		var out [][]int
		for _, n := range gs.Content {
			out = append(out, item(n)...)
		}
		return out
	}
}

// groupingFunc binds GROUPING(…); its arguments are found among the keys when grouping is known.
func (b *binder) groupingFunc(s *scope, x *pg_query.GroupingFunc) plan.Expr {
	loc := int(x.Location)
	if len(x.Args) > 31 {
		b.failf(pgerr.TooManyArguments, loc, "GROUPING must have fewer than 32 arguments")
	}
	args := make([]plan.Expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = b.expr(s, a)
	}
	lvl := b.levelOf(s, args, nil)
	b.aggAllowed(lvl, loc, "grouping operations")
	c := &groupingCall{out: b.fresh(lvl, "grouping", sqltype.Of(sqltype.OIDInt4)), args: args, loc: loc}
	lvl.grouping = append(lvl.grouping, c)
	lvl.noteAgg(c.out.ID)
	return at(b, &plan.ColRef{ID: c.out.ID, T: c.out.Type, Name: "grouping"}, loc)
}

func (b *binder) isAgg(s *scope, id plan.ColID) bool {
	return s.aggIDs.Has(id)
}

func (b *binder) isWindow(s *scope, id plan.ColID) bool {
	return s.winIDs[id] != nil
}

// levelOf says to which query level an aggregate belongs: the innermost of its arguments' columns and aggregates
// (check_agg_arguments); its own where it has none.
func (b *binder) levelOf(s *scope, args []plan.Expr, filter plan.Expr) *scope {
	refs := plan.Set{}
	for _, a := range args {
		plan.Refs(a, refs)
	}
	if filter != nil {
		plan.Refs(filter, refs)
	}
	best := -1
	lvl := s
	for id := range refs {
		o := b.owner[id]
		if o == nil {
			continue
		}
		d := s.depthFrom(o)
		if d >= 0 && (best < 0 || d < best) {
			best, lvl = d, o
		}
	}
	return lvl
}

// checkDirect refuses direct arguments that belong to a level within that of the aggregate.
func (b *binder) checkDirect(s, lvl *scope, direct []plan.Expr) {
	most := s.depthFrom(lvl)
	for _, d := range direct {
		plan.WalkExpr(d, func(e plan.Expr) bool {
			if c, ok := e.(*plan.ColRef); ok && b.owner[c.ID] != nil {
				if at := s.depthFrom(b.owner[c.ID]); at >= 0 && at < most {
					b.failf(pgerr.GroupingError, b.loc(c), "outer-level aggregate cannot contain a lower-level variable in its direct arguments")
				}
			}
			return true
		})
	}
}

// aggAllowed is check_agglevels_and_constraints.
func (b *binder) aggAllowed(lvl *scope, loc int, what string) {
	refuse := func(where string) {
		b.failf(pgerr.GroupingError, loc, "%s are not allowed in %s", what, where)
	}
	switch lvl.kind {
	case kindJoinOn, kindJoinUsing:
		refuse("JOIN conditions")
	case kindFromSubselect:
		refuse("FROM clause of their own query level")
	case kindFromFunction:
		refuse("functions in FROM")
	case kindFrameRange, kindFrameRows, kindFrameGroups, kindWhere, kindFilter, kindGroupBy, kindLimit, kindOffset, kindValues:
		refuse(lvl.kind.String())
	case kindExecute:
		refuse("EXECUTE parameters")
	}
}

// aggregate makes an aggregate call (transformAggregateCall). The result is a reference to what the level's Aggregate node
// will give.
func (b *binder) aggregate(s *scope, fn *builtin.Function, args []plan.Expr, filter plan.Expr, fc *pg_query.FuncCall, t sqltype.Type, loc int) plan.Expr {
	c := &aggCall{loc: loc}
	c.call.Fn, c.call.Filter = fn, filter
	shown := fn.Name
	if fc == nil { // item.name for name(item)
		fc = &pg_query.FuncCall{Funcname: []*pg_query.Node{pg_query.MakeStrNode(shown)}}
	}
	if len(args) == 0 && !fc.AggStar {
		b.failf(pgerr.WrongObjectType, loc, "%s(*) must be used to call a parameterless aggregate function", joinNames(stringsOf(fc.Funcname)))
	}
	for _, a := range args {
		if b.returnsSet(a) {
			b.fail(pgerr.New(pgerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").
				WithHint("You might be able to move the set-returning function into a LATERAL FROM item."), b.setLoc([]plan.Expr{a}))
		}
	}
	all := append([]plan.Expr(nil), args...)
	if fc.AggWithinGroup {
		direct := len(args) - len(fc.AggOrder)
		agg := b.reg.Aggregate(fn.OID)
		if agg.Kind == 'h' {
			args = b.unifyHypothetical(args, direct)
		}
		c.call.Direct = args[:direct]
		c.call.Args = args[direct:]
		st := &selectState{}
		for i, o := range fc.AggOrder {
			tg := &target{expr: c.call.Args[i]}
			st.targets = append(st.targets, tg)
			it, _ := b.sortItem(tg, o.GetSortBy(), nil)
			c.call.Args[i] = tg.expr
			c.call.Order = append(c.call.Order, plan.SortKey{Expr: tg.expr, Desc: it.desc, NullsFirst: it.nullsFirst})
		}
		all = append(append([]plan.Expr(nil), c.call.Direct...), c.call.Args...)
	} else {
		c.call.Args = args
		if len(fc.AggOrder) > 0 || fc.AggDistinct {
			st := &selectState{}
			for _, a := range args {
				st.targets = append(st.targets, &target{expr: a})
			}
			old := s.kind
			items := []sortItem{}
			for _, o := range fc.AggOrder {
				tg := b.findAggTarget(s, st, o.GetSortBy().Node)
				if it, ok := b.sortItem(tg, o.GetSortBy(), items); ok {
					items = append(items, it)
				}
			}
			s.kind = old
			for i := range args {
				c.call.Args[i] = st.targets[i].expr
			}
			for _, it := range items {
				if fc.AggDistinct && it.t.junk {
					b.failf(pgerr.InvalidColumnReference, b.loc(it.t.expr), "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
				}
				c.call.Order = append(c.call.Order, plan.SortKey{Expr: it.t.expr, Desc: it.desc, NullsFirst: it.nullsFirst})
				all = append(all, it.t.expr)
			}
			if fc.AggDistinct {
				c.call.Distinct = true
				for i, a := range c.call.Args {
					if a.Type().OID == sqltype.OIDUnknown {
						c.call.Args[i] = b.coerceTo(a, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
						a = c.call.Args[i]
					}
					b.needEquality(a.Type().OID, b.loc(a))
					if !b.ordered(a.Type().OID) {
						b.fail(pgerr.Newf(pgerr.UndefinedFunction, "could not identify an ordering operator for type %s", b.typeName(a.Type().OID)).
							WithDetail("Aggregates with DISTINCT must be able to sort their inputs."), b.loc(a))
					}
				}
			}
		}
	}
	lvl := b.levelOf(s, all[len(c.call.Direct):], filter)
	b.checkDirect(s, lvl, c.call.Direct)
	refs := append(append([]plan.Expr(nil), all...), filter)
	for _, e := range refs {
		plan.WalkExpr(e, func(e plan.Expr) bool {
			r, ok := e.(*plan.ColRef)
			if !ok {
				return true
			}
			if b.isAgg(lvl, r.ID) {
				b.failf(pgerr.GroupingError, b.loc(r), "aggregate function calls cannot be nested")
			}
			if b.isWindow(s, r.ID) {
				b.failf(pgerr.GroupingError, b.loc(r), "aggregate function calls cannot contain window function calls")
			}
			return true
		})
	}
	b.aggAllowed(lvl, loc, "aggregate functions")
	if lvl.recursiveTerm != nil {
		b.failf(pgerr.InvalidRecursion, loc, "aggregate functions are not allowed in a recursive query's recursive term")
	}
	h := hashAggregate(&c.call)
	for _, o := range lvl.aggHash[h] {
		if b.sameAggregate(&o.call, &c.call) {
			return at(b, &plan.ColRef{ID: o.call.Out.ID, T: t, Name: fn.Name}, loc)
		}
	}
	c.call.Out = b.fresh(lvl, fn.Name, t)
	c.call.Rows = b.shapes(c.call.Args)
	b.noteGiven(c.call.Out, c.call.Args)
	lvl.aggs = append(lvl.aggs, c)
	lvl.noteAgg(c.call.Out.ID)
	if lvl.aggHash == nil {
		lvl.aggHash = map[uint64][]*aggCall{}
	}
	lvl.aggHash[h] = append(lvl.aggHash[h], c)
	return at(b, &plan.ColRef{ID: c.call.Out.ID, T: t, Name: fn.Name}, loc)
}

// sameAggregate reports two calls that give the same value: written alike, without a volatile function.
func (b *binder) sameAggregate(x, y *plan.AggCall) bool {
	if x.Fn != y.Fn || x.Distinct != y.Distinct || len(x.Args) != len(y.Args) || len(x.Direct) != len(y.Direct) ||
		len(x.Order) != len(y.Order) || (x.Filter == nil) != (y.Filter == nil) {
		return false
	}
	same := func(p, q plan.Expr) bool { return equalExpr(p, q) && !isVolatile(p) && !hasSubquery(p) }
	for i := range x.Args {
		if !same(x.Args[i], y.Args[i]) {
			return false
		}
	}
	for i := range x.Direct {
		if !same(x.Direct[i], y.Direct[i]) {
			return false
		}
	}
	for i, k := range x.Order {
		if k.Desc != y.Order[i].Desc || k.NullsFirst != y.Order[i].NullsFirst || !same(k.Expr, y.Order[i].Expr) {
			return false
		}
	}
	return x.Filter == nil || same(x.Filter, y.Filter)
}

// noteAgg notes a column that the level's Aggregate will give.
func (s *scope) noteAgg(id plan.ColID) {
	if s.aggIDs == nil {
		s.aggIDs = plan.Set{}
	}
	s.aggIDs.Add(id)
}

// hashAggregate is equal for aggregates that are the same.
func hashAggregate(c *plan.AggCall) uint64 {
	h := fnv.New64a()
	put := func(vs ...any) { _, _ = fmt.Fprintln(h, vs...) }
	put(c.Fn.OID, c.Distinct, len(c.Args), len(c.Order))
	for _, a := range append(append([]plan.Expr(nil), c.Args...), c.Filter) {
		plan.WalkExpr(a, func(e plan.Expr) bool {
			switch x := e.(type) {
			case *plan.ColRef:
				put(x.ID)
			case *plan.Const:
				put(x.Value.Null, x.Value.I, x.Value.F, x.Value.S)
			case *plan.Call:
				put(x.Fn.OID)
			case *plan.Subquery:
				return false
			}
			return true
		})
	}
	return h.Sum64()
}

// isVolatile reports an expression that holds a volatile function.
func isVolatile(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if c, ok := e.(*plan.Call); ok && c.Fn.Volatile == 'v' {
			found = true
		}
		return !found
	})
	return found
}

// findAggTarget finds an ORDER BY expression of an aggregate among its arguments, as they were written: what their conversion to the
// aggregate's type adds does not count, and the expression takes that type then.
func (b *binder) findAggTarget(s *scope, st *selectState, n *pg_query.Node) *target {
	e := b.expr(s, n)
	for _, t := range st.targets {
		if equalExpr(stripImplicit(t.expr), e) {
			return t
		}
	}
	t := &target{expr: e, junk: true}
	st.targets = append(st.targets, t)
	return t
}

// unifyHypothetical brings the direct arguments and the sort columns of a hypothetical-set aggregate to common types
// (unify_hypothetical_args).
func (b *binder) unifyHypothetical(args []plan.Expr, direct int) []plan.Expr {
	out := append([]plan.Expr(nil), args...)
	n := len(args) - direct
	for i := range n {
		h, a := direct-n+i, direct+i
		if h < 0 {
			break
		}
		// The sort column's type counts first.
		t := b.commonType([]plan.Expr{out[a], out[h]}, "WITHIN GROUP")
		mod := commonTypmod([]plan.Expr{out[a], out[h]}, t)
		out[h] = b.coerce(out[h], sqltype.Type{OID: t, Typmod: mod}, implicit, plan.FormImplicitCast, -1)
		out[a] = b.coerce(out[a], sqltype.Type{OID: t, Typmod: mod}, implicit, plan.FormImplicitCast, -1)
	}
	return out
}
