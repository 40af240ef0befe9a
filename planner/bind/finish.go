package bind

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/planner/plan"
)

// finish makes the plan of a simple SELECT: FROM and WHERE are there already; then grouping, HAVING, windows, outputs,
// DISTINCT, order, limit.
func (b *binder) finish(s *scope, st *selectState) *query {
	node := st.node
	if st.group != nil || len(s.aggs) > 0 || len(s.grouping) > 0 || st.having != nil {
		node = b.finishGroups(s, st, node)
	}
	if st.having != nil {
		node = &plan.Filter{Input: node, Preds: conjuncts(st.having)}
	}
	for _, d := range inOrderOfWork(st, mergeWindows(st.winDefs)) {
		w := &plan.Window{Input: node, Partition: d.partition, Order: d.order, Frame: d.frame}
		for _, c := range d.calls {
			w.Calls = append(w.Calls, c.call)
		}
		node = w
	}
	node = b.outputs(s, st, node)
	q := &query{}
	for _, t := range st.targets {
		if t.junk {
			continue
		}
		o := outCol{name: t.name, folded: t.folded, id: t.col.ID, typ: t.expr.Type(), loc: b.loc(t.expr)}
		if !t.plain {
			o.rel, o.attnum = t.col.TableOID, t.col.Attnum
		}
		if !s.resolveUnknown && o.typ.OID == oidUnknown {
			switch t.expr.(type) {
			case *plan.Const, *plan.Param:
				o.untyped = t.expr
			}
		}
		q.outs = append(q.outs, o)
	}
	q.node = node
	b.exactOutput(s, q)
	return q
}

// outputs computes the target list and applies DISTINCT, ORDER BY and LIMIT. Set-returning outputs that no sort key needs
// are computed after the sort and DISTINCT ON and before the limit, as PostgreSQL does.
func (b *binder) outputs(s *scope, st *selectState, node plan.Node) plan.Node {
	isKey := map[*target]bool{}
	for _, it := range st.sort {
		isKey[it.t] = true
	}
	for _, t := range st.distinct.on {
		isKey[t] = true
	}
	late := len(st.sort) > 0 && !st.distinct.all
	anySets := false
	for _, t := range st.targets {
		if b.returnsSet(t.expr) {
			anySets = true
			if isKey[t] {
				late = false
			}
		}
	}
	late = late && anySets
	var now, after []*target
	for _, t := range st.targets {
		if t.junk && st.distinct.all {
			continue // a key of GROUP BY alone tells no rows of the result apart
		}
		if late && b.returnsSet(t.expr) {
			after = append(after, t)
		} else {
			now = append(now, t)
		}
	}
	node = b.compute(s, node, now, after)
	if st.distinct.all {
		node = &plan.Distinct{Input: node}
	}
	var keys []plan.SortKey
	for _, it := range st.sort {
		keys = append(keys, plan.SortKey{Expr: b.ref(it.t), Desc: it.desc, NullsFirst: it.nullsFirst})
	}
	if len(st.distinct.on) > 0 {
		node = b.distinctOn(st, node, keys)
	} else if len(keys) > 0 {
		node = &plan.Sort{Input: node, Keys: keys}
	}
	if len(after) > 0 {
		node = b.compute(s, node, after, now)
	}
	if st.count != nil || st.offset != nil {
		l := &plan.Limit{Input: node, Count: st.count, Offset: st.offset}
		if st.withTies {
			l.WithTies, l.Ties = true, keys
		}
		node = l
	}
	return node
}

func (b *binder) ref(t *target) plan.Expr {
	return &plan.ColRef{ID: t.col.ID, T: t.expr.Type(), Name: t.name}
}

// distinctOn keeps the first row of each group; the rows are sorted by the group first.
func (b *binder) distinctOn(st *selectState, node plan.Node, keys []plan.SortKey) plan.Node {
	var ids []plan.ColID
	for _, t := range st.distinct.on {
		ids = append(ids, t.col.ID)
		have := false
		for _, it := range st.sort {
			have = have || it.t == t
		}
		if !have {
			keys = append(keys, plan.SortKey{Expr: b.ref(t)})
		}
	}
	return &plan.Distinct{Input: &plan.Sort{Input: node, Keys: keys}, On: ids}
}

// compute makes columns of targets. Those that are columns of the input stay what they are. Columns of the input that later targets need,
// and targets computed before, pass through.
func (b *binder) compute(s *scope, node plan.Node, ts, others []*target) plan.Node {
	in := map[plan.ColID]plan.Column{}
	for _, c := range node.Columns() {
		in[c.ID] = c
	}
	var exprs []plan.Named
	have := plan.Set{}
	pass := func(c plan.Column) {
		if !have.Has(c.ID) {
			have.Add(c.ID)
			exprs = append(exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name}})
		}
	}
	for _, t := range ts {
		if c, ok := t.expr.(*plan.ColRef); ok {
			if col, given := in[c.ID]; given {
				t.col = col
				if !have.Has(c.ID) {
					have.Add(c.ID)
					exprs = append(exprs, plan.Named{Column: col, Expr: c})
				}
				continue
			}
		}
		t.col = b.fresh(s, t.name, t.expr.Type())
		b.setOrigin(&t.col, b.originOf(t.expr))
		b.noteFields(t.col.ID, t.expr)
		exprs = append(exprs, plan.Named{Column: t.col, Expr: t.expr})
	}
	need := plan.Set{}
	for _, t := range others {
		if t.col.ID != 0 {
			need.Add(t.col.ID)
		} else {
			plan.Refs(t.expr, need)
		}
	}
	for _, c := range node.Columns() {
		if need.Has(c.ID) {
			pass(c)
		}
	}
	return b.project(s, node, exprs)
}

// originOf is the table column that an expression is; a whole-row reference is column 0.
func (b *binder) originOf(e plan.Expr) origin {
	switch x := e.(type) {
	case *plan.ColRef:
		return b.origins[x.ID]
	case *plan.RowExpr:
		if x.Whole {
			if rel := b.relationByRowType(x.T.OID); rel != nil {
				return origin{rel: rel.OID}
			}
		}
	}
	return origin{}
}

// setOrigin says which table column a column is a copy of.
func (b *binder) setOrigin(c *plan.Column, o origin) {
	if o.rel != 0 {
		c.TableOID, c.Attnum = o.rel, o.attnum
		b.origins[c.ID] = o
	}
}

// project makes a Project, with ProjectSets below it for set-returning calls. The innermost calls of all outputs advance
// together in the lowest one, then those around them, as split_pathtarget_at_srfs has it.
func (b *binder) project(s *scope, node plan.Node, exprs []plan.Named) plan.Node {
	sets := false
	for b.anySets(exprs) {
		sets = true
		var made []plan.Named
		pulled := map[*plan.Call]*plan.ColRef{}
		next := make([]plan.Named, len(exprs))
		for i, x := range exprs {
			next[i] = x
			if call, ok := x.Expr.(*plan.Call); ok && call.Fn.RetSet && b.setDepth(x.Expr) == 1 {
				// The whole output is the call: its column is the set's.
				made = append(made, x)
				next[i].Expr = &plan.ColRef{ID: x.Column.ID, T: x.Column.Type, Name: x.Column.Name}
				continue
			}
			next[i].Expr = b.pullSets(s, x.Expr, &made, pulled)
		}
		// Whatever the outputs still need of the input passes through.
		need := plan.Set{}
		for _, x := range next {
			plan.Refs(x.Expr, need)
		}
		for _, c := range node.Columns() {
			if need.Has(c.ID) {
				made = append(made, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name}})
			}
		}
		node = &plan.ProjectSet{Input: node, Exprs: made}
		exprs = next
	}
	if !sets {
		return &plan.Project{Input: node, Exprs: exprs}
	}
	trivial := true
	for _, x := range exprs {
		c, ok := x.Expr.(*plan.ColRef)
		trivial = trivial && ok && c.ID == x.Column.ID
	}
	if trivial && len(exprs) == len(node.Columns()) {
		return node
	}
	return &plan.Project{Input: node, Exprs: exprs}
}

func (b *binder) anySets(exprs []plan.Named) bool {
	for _, x := range exprs {
		if b.setDepth(x.Expr) > 0 {
			return true
		}
	}
	return false
}

// setDepth is how many set-returning calls are nested in an expression.
func (b *binder) setDepth(e plan.Expr) int {
	if _, ok := e.(*plan.Subquery); ok {
		return 0
	}
	d := 0
	for _, o := range e.Operands() {
		d = max(d, b.setDepth(o))
	}
	if c, ok := e.(*plan.Call); ok && c.Fn.RetSet {
		d++
	}
	return d
}

// pullSets replaces the innermost set-returning calls by columns.
func (b *binder) pullSets(s *scope, e plan.Expr, sets *[]plan.Named, pulled map[*plan.Call]*plan.ColRef) plan.Expr {
	depth := b.setDepth(e)
	if depth == 0 {
		return e
	}
	if c, ok := e.(*plan.Call); ok && c.Fn.RetSet && depth == 1 {
		if ref, done := pulled[c]; done {
			return ref // the same call: the fields of (f(x)).*
		}
		col := b.fresh(s, c.Fn.Name, c.T)
		b.noteFields(col.ID, c)
		*sets = append(*sets, plan.Named{Column: col, Expr: c})
		pulled[c] = &plan.ColRef{ID: col.ID, T: c.T, Name: col.Name}
		return pulled[c]
	}
	ops := e.Operands()
	out := make([]plan.Expr, len(ops))
	for i, o := range ops {
		out[i] = b.pullSets(s, o, sets, pulled)
	}
	return e.WithOperands(out)
}

// exactOutput makes the query's node give exactly its outputs, each with an id of its own.
func (b *binder) exactOutput(s *scope, q *query) {
	cols := q.node.Columns()
	exact := len(cols) == len(q.outs)
	seen := plan.Set{}
	for i, o := range q.outs {
		if exact && (cols[i].ID != o.id || seen.Has(o.id)) {
			exact = false
		}
		seen.Add(o.id)
	}
	if exact {
		return
	}
	byID := map[plan.ColID]plan.Column{}
	for _, c := range cols {
		byID[c.ID] = c
	}
	p := &plan.Project{Input: q.node}
	seen = plan.Set{}
	for i := range q.outs {
		o := &q.outs[i]
		c := byID[o.id]
		ref := &plan.ColRef{ID: o.id, T: c.Type, Name: c.Name}
		if seen.Has(o.id) {
			f := b.fresh(s, o.name, c.Type)
			b.setOrigin(&f, b.origins[o.id])
			if rec, ok := b.records[o.id]; ok {
				b.records[f.ID] = rec
			}
			c = f
			o.id = f.ID
		}
		seen.Add(c.ID)
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: ref})
	}
	q.node = p
}

// groupSets computes grouping keys that are sets below the grouping, which then groups by their rows.
func (b *binder) groupSets(s *scope, node plan.Node, st *selectState) plan.Node {
	if st.group == nil {
		return node
	}
	var sets []plan.Named
	for _, k := range st.group.keys {
		if x := (plan.Named{Expr: k.expr}); b.anySets([]plan.Named{x}) {
			sets = append(sets, plan.Named{Column: b.fresh(s, k.name, k.expr.Type()), Expr: k.expr})
		}
	}
	if sets == nil {
		return node
	}
	if b.setKeys == nil {
		b.setKeys = map[plan.Expr]plan.Expr{}
	}
	for _, x := range sets {
		b.setKeys[x.Expr] = &plan.ColRef{ID: x.Column.ID, T: x.Column.Type, Name: x.Column.Name}
	}
	exprs := sets
	for _, c := range node.Columns() {
		exprs = append(exprs, plan.Named{Column: c, Expr: &plan.ColRef{ID: c.ID, T: c.Type, Name: c.Name}})
	}
	return b.project(s, node, exprs)
}

// finishGroups makes the Aggregate and expresses everything above it by its columns (parseCheckAggregates).
func (b *binder) finishGroups(s *scope, st *selectState, node plan.Node) plan.Node {
	a := &plan.Aggregate{Input: b.groupSets(s, node, st)}
	g := &regrouper{b: b, s: s, agg: a}
	var setKeys []setKey
	if st.group != nil {
		a.Sets = st.group.sets
		for _, k := range st.group.keys {
			col := b.fresh(s, k.name, k.expr.Type())
			if c, ok := k.expr.(*plan.ColRef); ok {
				col.Name = c.Name
			}
			b.setOrigin(&col, b.originOf(k.expr))
			b.noteFields(col.ID, k.expr)
			a.Keys = append(a.Keys, plan.Named{Column: col, Expr: k.expr})
			if below, ok := b.setKeys[k.expr]; ok {
				setKeys = append(setKeys, setKey{at: len(a.Keys) - 1, expr: below})
			}
		}
	}
	for _, c := range s.aggs {
		a.Aggs = append(a.Aggs, c.call)
		// Direct arguments are computed once a group: they may use only what is the same in all its rows.
		direct := &regrouper{b: b, s: s, agg: a, direct: true}
		for _, d := range c.call.Direct {
			direct.expr(d)
		}
	}
	for _, c := range s.grouping {
		gc := plan.GroupingCall{Out: c.out}
		for _, e := range c.args {
			at := -1
			for i, k := range a.Keys {
				if equalExpr(k.Expr, e) {
					at = i
				}
			}
			if at < 0 {
				b.failf(pgerr.GroupingError, b.loc(e), "arguments to GROUPING must be grouping expressions of the associated query level")
			}
			gc.Keys = append(gc.Keys, at)
		}
		a.Grouping = append(a.Grouping, gc)
	}
	for _, t := range st.targets {
		if key := g.own(st.group, t); key != nil {
			t.expr = key
		} else {
			t.expr = g.expr(t.expr)
		}
	}
	for _, d := range st.winDefs {
		for i, p := range d.partition {
			d.partition[i] = g.expr(p)
		}
		for i := range d.order {
			d.order[i].Expr = g.expr(d.order[i].Expr)
		}
		for _, c := range d.calls {
			g.window(c.call.Out.ID)
		}
	}
	if st.having != nil {
		st.having = g.expr(st.having)
	}
	// Last: until here a key is found by the expression that was written.
	for _, k := range setKeys {
		a.Keys[k.at].Expr = k.expr
	}
	if len(a.Keys)+len(a.Aggs)+len(a.Grouping) == 0 {
		// One row comes out whatever FROM gives, so PostgreSQL does not read it (is_degenerate_grouping).
		a.Input = &plan.Values{Rows: [][]plan.Expr{{}}}
	}
	return a
}

// setKey is a grouping key whose value is computed below the grouping.
type setKey struct {
	at   int
	expr plan.Expr
}
