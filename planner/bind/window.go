package bind

import (
	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// windowDef is a window: of the WINDOW clause, or written behind OVER.
type windowDef struct {
	node *pg_query.WindowDef
	name string

	partition []plan.Expr
	order     []plan.SortKey
	frame     plan.Frame
	ownOrder  bool
	calls     []*windowCall
}

// windowCall is a window function call.
type windowCall struct {
	call plan.WindowCall
	def  *windowDef
	loc  int
	// regrouped: the arguments are expressed by the columns of the Aggregate below.
	regrouped bool
}

// The frame options of the grammar (parsenodes.h).
const (
	frameNonDefault       = 0x00001
	frameRange            = 0x00002
	frameRows             = 0x00004
	frameGroups           = 0x00008
	frameStartUnbPrec     = 0x00020
	frameEndUnbPrec       = 0x00040
	frameStartUnbFoll     = 0x00080
	frameEndUnbFoll       = 0x00100
	frameStartCurrent     = 0x00200
	frameEndCurrent       = 0x00400
	frameStartOffPrec     = 0x00800
	frameEndOffPrec       = 0x01000
	frameStartOffFoll     = 0x02000
	frameEndOffFoll       = 0x04000
	frameExcludeCurrent   = 0x08000
	frameExcludeGroup     = 0x10000
	frameExcludeTies      = 0x20000
	frameOffsets          = frameStartOffPrec | frameEndOffPrec | frameStartOffFoll | frameEndOffFoll
	frameDefaultFrameBits = frameRange | frameStartUnbPrec | frameEndCurrent
)

// namedWindows collects the WINDOW clause.
func (b *binder) namedWindows(nodes []*pg_query.Node) []*windowDef {
	var out []*windowDef
	for _, n := range nodes {
		w := n.GetWindowDef()
		out = append(out, &windowDef{node: w, name: w.Name})
	}
	return out
}

// windowCall makes a window function call (transformWindowFuncCall).
func (b *binder) windowCall(s *scope, fn *builtin.Function, args []plan.Expr, filter plan.Expr, fc *pg_query.FuncCall, t sqltype.Type, loc int, noArgs bool) plan.Expr {
	shown := joinNames(stringsOf(fc.Funcname))
	if fc.AggDistinct {
		b.failf(pgerr.FeatureNotSupported, loc, "DISTINCT is not implemented for window functions")
	}
	if fn.Kind == 'a' && noArgs && !fc.AggStar {
		b.failf(pgerr.WrongObjectType, loc, "%s(*) must be used to call a parameterless aggregate function", shown)
	}
	if len(fc.AggOrder) > 0 {
		b.failf(pgerr.FeatureNotSupported, loc, "aggregate ORDER BY is not implemented for window functions")
	}
	if fn.Kind != 'a' && fc.AggFilter != nil {
		b.failf(pgerr.FeatureNotSupported, loc, "FILTER is not implemented for non-aggregate window functions")
	}
	for _, a := range args {
		if b.returnsSet(a) {
			b.fail(pgerr.New(pgerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls").
				WithHint("You might be able to move the set-returning function into a LATERAL FROM item."), b.setLoc([]plan.Expr{a}))
		}
	}
	for _, e := range append(append([]plan.Expr(nil), args...), filter) {
		plan.WalkExpr(e, func(e plan.Expr) bool {
			if r, ok := e.(*plan.ColRef); ok && b.isWindow(s, r.ID) {
				b.failf(pgerr.WindowingError, b.loc(r), "window function calls cannot be nested")
			}
			return true
		})
	}
	refuse := func(where string) {
		b.failf(pgerr.WindowingError, loc, "window functions are not allowed in %s", where)
	}
	switch s.kind {
	case kindJoinOn, kindJoinUsing:
		refuse("JOIN conditions")
	case kindFromFunction:
		refuse("functions in FROM")
	case kindWindowPartition, kindWindowOrder, kindFrameRange, kindFrameRows, kindFrameGroups:
		refuse("window definitions")
	case kindExecute:
		refuse("EXECUTE parameters")
	case kindSelectTarget, kindOrderBy, kindDistinctOn, kindOther, kindNone:
	default:
		refuse(s.kind.String())
	}
	w := &windowCall{loc: loc}
	if fc.Over.Name != "" {
		for _, d := range s.winDefs {
			if d.name == fc.Over.Name {
				w.def = d
				break
			}
		}
		if w.def == nil {
			b.failf(pgerr.UndefinedObject, int(fc.Over.Location), `window "%s" does not exist`, fc.Over.Name)
		}
	} else {
		w.def = &windowDef{node: fc.Over}
		s.winDefs = append(s.winDefs, w.def)
	}
	w.call = plan.WindowCall{Fn: fn, Args: args, Filter: filter, Out: b.fresh(s, fn.Name, t), Rows: b.shapes(args)}
	b.noteGiven(w.call.Out, args)
	w.def.calls = append(w.def.calls, w)
	s.windows = append(s.windows, w)
	if s.winIDs == nil {
		s.winIDs = map[plan.ColID]*windowCall{}
	}
	s.winIDs[w.call.Out.ID] = w
	return at(b, &plan.ColRef{ID: w.call.Out.ID, T: t, Name: fn.Name}, loc)
}

// bindWindows is transformWindowDefinitions.
func (b *binder) bindWindows(s *scope, st *selectState) {
	st.winDefs = s.winDefs
	for i, d := range s.winDefs {
		if d.name != "" {
			for _, o := range s.winDefs[:i] {
				if o.name == d.name {
					b.failf(pgerr.WindowingError, int(d.node.Location), `window "%s" is already defined`, d.name)
				}
			}
		}
		b.bindWindow(s, d, s.winDefs[:i])
	}
}

func (b *binder) bindWindow(s *scope, d *windowDef, earlier []*windowDef) {
	n := d.node
	loc := int(n.Location)
	var ref *windowDef
	if n.Refname != "" {
		for _, o := range earlier {
			if o.name == n.Refname {
				ref = o
				break
			}
		}
		if ref == nil {
			b.failf(pgerr.UndefinedObject, loc, `window "%s" does not exist`, n.Refname)
		}
	}
	var order []plan.SortKey
	var items []sortItem
	for _, o := range n.OrderClause {
		sb := o.GetSortBy()
		e := b.clause(s, sb.Node, kindWindowOrder)
		it, _ := b.sortItem(&target{expr: e}, sb, nil)
		dup := false
		for _, h := range items {
			dup = dup || equalExpr(h.t.expr, it.t.expr)
		}
		if !dup {
			items = append(items, it)
			order = append(order, plan.SortKey{Expr: it.t.expr, Desc: it.desc, NullsFirst: it.nullsFirst})
		}
	}
	var partition []plan.Expr
	for _, p := range n.PartitionClause {
		e := b.clause(s, p, kindWindowPartition)
		if e.Type().OID == sqltype.OIDUnknown {
			e = b.coerceTo(e, sqltype.Of(sqltype.OIDText), implicit, plan.FormImplicitCast, -1)
		}
		b.needEquality(e.Type().OID, b.loc(e))
		partition = append(partition, e)
	}
	d.ownOrder = len(order) > 0
	switch {
	case ref == nil:
		d.partition, d.order = partition, order
	default:
		if len(partition) > 0 {
			b.failf(pgerr.WindowingError, loc, `cannot override PARTITION BY clause of window "%s"`, n.Refname)
		}
		if len(order) > 0 && len(ref.order) > 0 {
			b.failf(pgerr.WindowingError, loc, `cannot override ORDER BY clause of window "%s"`, n.Refname)
		}
		d.partition, d.order = ref.partition, ref.order
		if len(order) > 0 {
			d.order = order
		}
		if ref.node.FrameOptions != frameDefaultFrameBits {
			err := pgerr.Newf(pgerr.WindowingError, `cannot copy window "%s" because it has a frame clause`, n.Refname)
			if d.name == "" && len(n.OrderClause) == 0 && n.FrameOptions == frameDefaultFrameBits {
				err = err.WithHint("Omit the parentheses in this OVER clause.")
			}
			b.fail(err, loc)
		}
	}
	b.bindFrame(s, d)
}

func (b *binder) bindFrame(s *scope, d *windowDef) {
	o := int(d.node.FrameOptions)
	loc := int(d.node.Location)
	f := &d.frame
	switch {
	case o&frameRows != 0:
		f.Mode = plan.FrameRows
	case o&frameGroups != 0:
		f.Mode = plan.FrameGroups
		if len(d.order) == 0 {
			b.failf(pgerr.WindowingError, loc, "GROUPS mode requires an ORDER BY clause")
		}
	}
	if o&frameRange != 0 && o&frameOffsets != 0 && len(d.order) != 1 {
		b.failf(pgerr.WindowingError, loc, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	bound := func(unbPrec, offPrec, cur, offFoll int) plan.BoundKind {
		switch {
		case o&unbPrec != 0:
			return plan.UnboundedPreceding
		case o&offPrec != 0:
			return plan.OffsetPreceding
		case o&cur != 0:
			return plan.CurrentRow
		case o&offFoll != 0:
			return plan.OffsetFollowing
		default:
			return plan.UnboundedFollowing
		}
	}
	f.Start = bound(frameStartUnbPrec, frameStartOffPrec, frameStartCurrent, frameStartOffFoll)
	f.End = bound(frameEndUnbPrec, frameEndOffPrec, frameEndCurrent, frameEndOffFoll)
	switch {
	case o&frameExcludeCurrent != 0:
		f.Exclude = plan.ExcludeCurrentRow
	case o&frameExcludeGroup != 0:
		f.Exclude = plan.ExcludeGroup
	case o&frameExcludeTies != 0:
		f.Exclude = plan.ExcludeTies
	}
	f.StartOffset, f.InRangeStart = b.frameOffset(s, d, d.node.StartOffset)
	f.EndOffset, f.InRangeEnd = b.frameOffset(s, d, d.node.EndOffset)
}

// frameOffset is transformFrameOffset.
func (b *binder) frameOffset(s *scope, d *windowDef, n *pg_query.Node) (plan.Expr, *builtin.Function) {
	if n == nil {
		return nil, nil
	}
	var e plan.Expr
	var fn *builtin.Function
	name := "ROWS"
	switch d.frame.Mode {
	case plan.FrameRows:
		e = b.specific(b.clause(s, n, kindFrameRows), sqltype.OIDInt8, name)
	case plan.FrameGroups:
		name = "GROUPS"
		e = b.specific(b.clause(s, n, kindFrameGroups), sqltype.OIDInt8, name)
	default:
		name = "RANGE"
		e = b.clause(s, n, kindFrameRange)
		e, fn = b.rangeOffset(d, e)
	}
	if b.hasLevelVars(s, e) {
		b.failf(pgerr.InvalidColumnReference, b.varLoc(s, e), "argument of %s must not contain variables", name)
	}
	return e, fn
}

// rangeOffset finds the in_range function for the sort column and the offset.
func (b *binder) rangeOffset(d *windowDef, e plan.Expr) (plan.Expr, *builtin.Function) {
	sortType := d.order[0].Expr.Type().OID
	base := sortType // the type that the operator class is declared for
	switch {
	case sortType == sqltype.OIDVarChar:
		base = sqltype.OIDText
	case b.elem(sortType) != 0:
		base = sqltype.OIDAnyArray
	}
	var fns []*builtin.Function
	for _, f := range b.reg.Functions("pg_catalog", "in_range") {
		if f.Args[0] == base {
			fns = append(fns, f)
		}
	}
	t := e.Type().OID
	if len(fns) == 0 {
		b.failf(pgerr.FeatureNotSupported, b.loc(e), "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", b.typeName(base))
	}
	var best *builtin.Function
	matched := 0
	for _, f := range fns {
		if f.Args[2] == t {
			best, matched = f, 1
			break
		}
		if t == sqltype.OIDUnknown {
			// An untyped literal is taken for the sort column's own type if there is such a function.
			if f.Args[2] == base || len(fns) == 1 {
				best, matched = f, 1
				break
			}
			continue
		}
		if b.can(t, f.Args[2], implicit) {
			best = f
			matched++
		}
	}
	switch {
	case matched == 0:
		b.fail(pgerr.Newf(pgerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s", b.typeName(base), b.typeName(t)).
			WithHint("Cast the offset value to an appropriate type."), b.loc(e))
	case matched > 1:
		b.fail(pgerr.Newf(pgerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING has multiple interpretations for column type %s and offset type %s", b.typeName(base), b.typeName(t)).
			WithHint("Cast the offset value to the exact intended type."), b.loc(e))
	}
	b.needKernel(best, b.loc(e))
	return b.coerce(e, sqltype.Of(best.Args[2]), implicit, plan.FormImplicitCast, -1), best
}

// mergeWindows puts the calls of windows that are the same into one, and drops windows without calls.
func mergeWindows(defs []*windowDef) []*windowDef {
	var out []*windowDef
next:
	for _, d := range defs {
		if len(d.calls) == 0 {
			continue
		}
		for _, o := range out {
			if sameWindow(o, d) {
				o.calls = append(o.calls, d.calls...)
				continue next
			}
		}
		out = append(out, d)
	}
	return out
}

func sameWindow(a, c *windowDef) bool {
	if len(a.partition) != len(c.partition) || len(a.order) != len(c.order) {
		return false
	}
	same := func(x, y plan.Expr) bool {
		if x == nil || y == nil {
			return x == nil && y == nil
		}
		return equalExpr(x, y) && !isVolatile(x)
	}
	for i := range a.partition {
		if !same(a.partition[i], c.partition[i]) {
			return false
		}
	}
	for i, k := range a.order {
		if k.Desc != c.order[i].Desc || k.NullsFirst != c.order[i].NullsFirst || !same(k.Expr, c.order[i].Expr) {
			return false
		}
	}
	f, g := a.frame, c.frame
	return f.Mode == g.Mode && f.Start == g.Start && f.End == g.End && f.Exclude == g.Exclude &&
		f.InRangeStart == g.InRangeStart && f.InRangeEnd == g.InRangeEnd &&
		same(f.StartOffset, g.StartOffset) && same(f.EndOffset, g.EndOffset)
}
