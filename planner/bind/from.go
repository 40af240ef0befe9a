package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

func equalFold(a, c string) bool { return strings.EqualFold(a, c) }

// fromClause binds FROM: items from left to right, each of which may be lateral to those before (transformFromClause).
// Without FROM it gives one row without columns.
func (b *binder) fromClause(s *scope, nodes []*pg_query.Node) plan.Node {
	var tree plan.Node
	for _, n := range nodes {
		before := b.lateral
		node, items := b.fromItem(s, n)
		b.checkConflicts(s.items, items)
		setLateral(items, true, true)
		s.items = append(s.items, items...)
		if tree == nil {
			tree = node
			continue
		}
		tree = b.joinNodes(plan.Inner, tree, node, nil, nil, nil, b.lateral != before)
	}
	setLateral(s.items, false, true)
	if tree == nil {
		return &plan.Values{Rows: [][]plan.Expr{{}}}
	}
	return tree
}

func setLateral(items []*nsItem, only, ok bool) {
	for _, it := range items {
		it.lateralOnly, it.lateralOK = only, ok
	}
}

// checkConflicts is checkNameSpaceConflicts: one alias twice is an error, one table of two schemas is not.
func (b *binder) checkConflicts(a, c []*nsItem) {
	for _, x := range a {
		if !x.relVisible {
			continue
		}
		for _, y := range c {
			if !y.relVisible || x.name != y.name || x.name == "" {
				continue
			}
			if x.rel != nil && y.rel != nil && !x.aliasd && !y.aliasd && x.rel != y.rel {
				continue
			}
			b.failf(pgerr.DuplicateAlias, -1, `table name "%s" specified more than once`, x.name)
		}
	}
}

// fromItem binds one item and gives what names may refer to.
func (b *binder) fromItem(s *scope, n *pg_query.Node) (plan.Node, []*nsItem) {
	defer b.enter()()
	switch x := n.GetNode().(type) {
	case *pg_query.Node_RangeVar:
		return b.rangeVar(s, x.RangeVar)
	case *pg_query.Node_RangeSubselect:
		return b.rangeSubselect(s, x.RangeSubselect)
	case *pg_query.Node_RangeFunction:
		return b.rangeFunction(s, x.RangeFunction)
	case *pg_query.Node_JoinExpr:
		return b.joinExpr(s, x.JoinExpr)
	case *pg_query.Node_RangeTableSample:
		b.unsupported(int(x.RangeTableSample.Location), "Use a condition with random(), or LIMIT.", "TABLESAMPLE is not supported")
	case *pg_query.Node_RangeTableFunc:
		b.unsupported(int(x.RangeTableFunc.Location), "This server has no XML type.", "XMLTABLE is not supported")
	}
	b.unsupported(-1, "Use a table, subquery or function.", "this kind of FROM item is not supported: %s", nodeKind(n))
	return nil, nil
}

// addItem takes an item into the level's range table.
func (b *binder) addItem(s *scope, it *nsItem) {
	s.rtable = append(s.rtable, it)
	for _, c := range it.cols {
		b.owner[c.id] = s
	}
}

// aliasColumns applies the column aliases of an alias clause.
func (b *binder) aliasColumns(it *nsItem, a *pg_query.Alias) {
	if a == nil {
		return
	}
	cols := it.visibleCols()
	if len(a.Colnames) > len(cols) {
		what := "table"
		if it.join {
			what = "join expression"
		}
		b.failf(pgerr.InvalidColumnReference, -1, `%s "%s" has %d columns available but %d columns specified`, what, it.name, len(cols), len(a.Colnames))
	}
	for i, n := range stringsOf(a.Colnames) {
		cols[i].name, cols[i].folded = n, false
	}
}

func (b *binder) rangeVar(s *scope, rv *pg_query.RangeVar) (plan.Node, []*nsItem) {
	loc := int(rv.Location)
	if rv.Catalogname != "" && rv.Catalogname != b.env.Database {
		b.failf(pgerr.FeatureNotSupported, loc, `cross-database references are not implemented: "%s.%s.%s"`, rv.Catalogname, rv.Schemaname, rv.Relname)
	}
	var parts []string
	if rv.Catalogname != "" {
		parts = append(parts, rv.Catalogname)
	}
	if rv.Schemaname != "" {
		parts = append(parts, rv.Schemaname)
	} else if c := b.findCTE(s, rv.Relname); c != nil {
		return b.cteRef(s, c, rv)
	}
	parts = append(parts, rv.Relname)
	quoted := quotedParts(b.stmt.Source(), loc, parts)
	q, sq := quoted[len(quoted)-1], false
	if rv.Schemaname != "" {
		sq = quoted[len(quoted)-2]
	}
	rel := b.findRelation(rv.Schemaname, rv.Relname, sq, q)
	if rel == nil {
		b.futureCTE(s, rv, loc)
		b.missingRelation(rv.Schemaname, rv.Relname, loc)
	}
	if rel.Kind == catalog.RelIndex {
		b.fail(pgerr.Newf(pgerr.WrongObjectType, `cannot open relation "%s"`, rel.Name).WithDetail("This operation is not supported for indexes."), loc)
	}
	it := &nsItem{name: rel.Name, folded: rel.Folded, rel: rel, relVisible: true, colsVisible: true, rowType: rel.RowType}
	if rv.Alias != nil {
		it.name, it.folded, it.aliasd = rv.Alias.Aliasname, false, true
	}
	node := b.scan(s, rel, it)
	b.aliasColumns(it, rv.Alias)
	b.addItem(s, it)
	return node, []*nsItem{it}
}

// scan makes the leaf of a relation.
func (b *binder) scan(s *scope, rel *catalog.Relation, it *nsItem) plan.Node {
	var cols []plan.Column
	var props []plan.ScanColumn
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Attnum < 0 {
			continue // system columns are made by us
		}
		pc := b.fresh(s, c.Name, c.Type)
		b.setOrigin(&pc, origin{rel.OID, c.Attnum})
		cols = append(cols, pc)
		key := false
		for _, k := range rel.Key {
			key = key || k == i
		}
		sc := plan.ScanColumn{Column: pc, Claims: plan.Claims{NotNull: c.NotNull, Key: key && len(rel.Key) == 1, Unique: c.Unique}}
		sc.Property.Path, sc.Property.Type = c.Path, c.Edm
		props = append(props, sc)
		it.cols = append(it.cols, &nsCol{name: c.Name, folded: c.Folded, id: pc.ID, typ: c.Type, rel: rel.OID, attnum: c.Attnum, hidden: c.Hidden})
	}
	alias := it.name
	var node plan.Node
	if rel.System != nil {
		node = &plan.SystemScan{Schema: rel.Schema.Name, Table: rel.Name, Alias: alias, TableOID: rel.OID, Cols: cols}
	} else {
		node = &plan.Scan{
			Service: rel.Schema.Service, Schema: rel.Schema.Name, Table: rel.Name, Alias: alias, EntitySet: rel.EntitySet,
			TableOID: rel.OID, Cols: props,
		}
	}
	if rel.Kind == catalog.RelView {
		return node
	}
	return b.withSystemColumns(s, rel, it, node)
}

func (b *binder) rangeSubselect(s *scope, rs *pg_query.RangeSubselect) (plan.Node, []*nsItem) {
	sel := rs.Subquery.GetSelectStmt()
	if sel == nil {
		b.unsupported(-1, "Use a SELECT.", "this kind of subquery is not supported")
	}
	c := s.child()
	old := s.kind
	s.kind = kindFromSubselect
	hidden := b.hideItems(s, rs.Lateral)
	q := b.selectStmt(c, sel)
	hidden()
	s.kind = old
	it := &nsItem{relVisible: true, colsVisible: true, rowType: sqltype.OIDRecord}
	if rs.Alias != nil {
		it.name, it.aliasd = rs.Alias.Aliasname, true
	} else {
		it.relVisible = false // allowed by the newer grammar: its columns can be named, it cannot
	}
	b.queryColumns(it, q)
	b.aliasColumns(it, rs.Alias)
	b.addItem(s, it)
	return q.node, []*nsItem{it}
}

// queryColumns offers a query's outputs as an item's columns.
func (b *binder) queryColumns(it *nsItem, q *query) {
	for _, o := range q.outs {
		it.cols = append(it.cols, &nsCol{name: o.name, folded: o.folded, id: o.id, typ: o.typ, rel: o.rel, attnum: o.attnum})
	}
}

// hideItems makes the level's items invisible to an item that is not LATERAL (p_lateral_active); the result undoes it.
func (b *binder) hideItems(s *scope, lateral bool) func() {
	if lateral {
		return func() {}
	}
	items := s.items
	s.items = nil
	return func() { s.items = items }
}
