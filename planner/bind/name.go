package bind

import (
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// matches compares a name with a candidate: exactly, or without regard to case where the candidate comes from a service's
// metadata.
func matches(candidate string, folded bool, name string, anyCase bool) bool {
	if anyCase {
		return folded && strings.EqualFold(candidate, name)
	}
	return candidate == name
}

// passes of a look-up: exactly, and for an unquoted name then without regard to case.
func passes(quoted bool) []bool {
	if quoted {
		return []bool{false}
	}
	return []bool{false, true}
}

// columnRef binds a reference that is not a star (transformColumnRef).
func (b *binder) columnRef(s *scope, ref *pg_query.ColumnRef) plan.Expr {
	loc := int(ref.Location)
	var names []string
	star := false
	for _, f := range ref.Fields {
		if f.GetAStar() != nil {
			star = true
			break
		}
		names = append(names, f.GetString_().GetSval())
	}
	quoted := quotedParts(b.stmt.Source(), loc, names)
	if star {
		// A whole row as an argument: f(t.*).
		e := b.wholeRowByName(s, names, quoted, loc)
		return e
	}
	switch len(names) {
	case 1:
		if e := b.columnNamed(s, names[0], quoted[0], loc); e != nil {
			return e
		}
		// Not a column: a FROM item as a whole (the Berkeley way), but not one of VALUES.
		if it := b.itemNamed(s, "", names[0], quoted[0], false, loc); it != nil {
			return b.wholeRow(it, loc)
		}
		b.missingColumn(s, "", names[0], loc)
	case 2:
		it := b.itemNamed(s, "", names[0], quoted[0], false, loc)
		if it == nil {
			b.missingItem(s, names[0], loc)
		}
		return b.columnOf(s, it, names[0], names[1], quoted[1], loc)
	case 3:
		it := b.itemNamed(s, names[0], names[1], quoted[1], quoted[0], loc)
		if it == nil {
			b.missingItem(s, names[1], loc)
		}
		return b.columnOf(s, it, names[1], names[2], quoted[2], loc)
	case 4:
		if names[0] != b.env.Database {
			b.failf(pgerr.FeatureNotSupported, loc, "cross-database references are not implemented: %s", strings.Join(names, "."))
		}
		it := b.itemNamed(s, names[1], names[2], quoted[2], quoted[1], loc)
		if it == nil {
			b.missingItem(s, names[2], loc)
		}
		return b.columnOf(s, it, names[2], names[3], quoted[3], loc)
	}
	b.failf(pgerr.SyntaxError, loc, "improper qualified name (too many dotted names): %s", strings.Join(names, "."))
	return nil
}

// columnOf binds item.column, or as PostgreSQL does item.function.
func (b *binder) columnOf(s *scope, it *nsItem, rel, name string, quoted bool, loc int) plan.Expr {
	if c := b.findColumn(it, name, quoted, loc); c != nil {
		return b.colRef(it, c, loc)
	}
	// table.function is function(table), if the row type has such a function; none here has, but casts count.
	if e := b.projection(s, name, b.wholeRow(it, loc), loc); e != nil {
		return e
	}
	b.missingColumn(s, rel, name, loc)
	return nil
}

// columnNamed finds an unqualified column: level by level outward, in each exactly and then without regard to case
// (colNameToVar). It returns nil if there is none.
func (b *binder) columnNamed(s *scope, name string, quoted bool, loc int) plan.Expr {
	for lvl := s; lvl != nil; lvl = lvl.parent {
		if it, c := b.columnAt(lvl, name, quoted, loc); c != nil {
			return b.colRef(it, c, loc)
		}
	}
	return nil
}

// columnAt finds an unqualified column in one level.
func (b *binder) columnAt(lvl *scope, name string, quoted bool, loc int) (*nsItem, *nsCol) {
	for _, anyCase := range passes(quoted) {
		var item *nsItem
		var found *nsCol
		for _, it := range lvl.items {
			if !it.colsVisible {
				continue
			}
			for _, c := range it.cols {
				if !matches(c.name, c.folded, name, anyCase) || it.joined && c.attnum < 0 {
					continue
				}
				if found != nil {
					b.failf(pgerr.AmbiguousColumn, loc, `column reference "%s" is ambiguous`, name)
				}
				b.checkLateral(it, loc)
				item, found = it, c
			}
		}
		if found != nil {
			return item, found
		}
	}
	return nil, nil
}

// findColumn finds a column of one item.
func (b *binder) findColumn(it *nsItem, name string, quoted bool, loc int) *nsCol {
	for _, anyCase := range passes(quoted) {
		var found *nsCol
		for _, c := range it.cols {
			if matches(c.name, c.folded, name, anyCase) {
				if found != nil {
					b.failf(pgerr.AmbiguousColumn, loc, `column reference "%s" is ambiguous`, name)
				}
				found = c
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// colRef makes the reference.
func (b *binder) colRef(it *nsItem, c *nsCol, loc int) plan.Expr {
	if it.lateralOnly {
		b.lateral++
	}
	if c.noPlace {
		b.unsupported(loc, "Use the primary key.", "system column ctid of an entity set is not supported")
	}
	b.system.use(c.id)
	return at(b, &plan.ColRef{ID: c.id, T: c.typ, Name: c.name, Qualifier: it.name}, loc)
}

func (b *binder) checkLateral(it *nsItem, loc int) {
	if it.lateralOnly && !it.lateralOK {
		b.fail(pgerr.Newf(pgerr.InvalidColumnReference, `invalid reference to FROM-clause entry for table "%s"`, it.name).
			WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference."), loc)
	}
}

// itemNamed finds a FROM item by name, level by level outward (refnameNamespaceItem). A schema restricts it to tables
// without alias.
func (b *binder) itemNamed(s *scope, schema, name string, quoted, schemaQuoted bool, loc int) *nsItem {
	var rel *catalog.Relation
	if schema != "" {
		rel = b.findRelation(schema, name, schemaQuoted, quoted)
		if rel == nil {
			return nil
		}
	}
	for lvl := s; lvl != nil; lvl = lvl.parent {
		for _, anyCase := range passes(quoted) {
			var found *nsItem
			for _, it := range lvl.items {
				if !it.relVisible {
					continue
				}
				if rel != nil {
					if it.rel != rel || it.aliasd {
						continue
					}
				} else if !matches(it.name, it.folded, name, anyCase) || it.name == "" {
					continue
				}
				if found != nil {
					b.failf(pgerr.AmbiguousAlias, loc, `table reference "%s" is ambiguous`, name)
				}
				b.checkLateral(it, loc)
				found = it
			}
			if found != nil {
				return found
			}
		}
	}
	return nil
}

// wholeRow makes a reference to an item as a whole.
func (b *binder) wholeRow(it *nsItem, loc int) plan.Expr {
	cols := it.visibleCols()
	if it.lateralOnly {
		b.lateral++
	}
	if it.scalar && len(cols) > 0 {
		c := cols[0]
		return at(b, &plan.ColRef{ID: c.id, T: c.typ, Name: c.name, Qualifier: it.name}, loc)
	}
	row := &plan.RowExpr{T: sqltype.Of(it.rowType), Whole: true, Extended: it.extended}
	if it.rowType == 0 {
		row.T = sqltype.Of(sqltype.OIDRecord)
	}
	for _, c := range cols {
		row.Names = append(row.Names, c.name)
		row.Fields = append(row.Fields, at(b, &plan.ColRef{ID: c.id, T: c.typ, Name: c.name, Qualifier: it.name}, loc))
	}
	return at(b, row, loc)
}

func (b *binder) wholeRowByName(s *scope, names []string, quoted []bool, loc int) plan.Expr {
	it := b.starItem(s, names, quoted, loc)
	return b.wholeRow(it, loc)
}

// starItem finds the item of name.*.
func (b *binder) starItem(s *scope, names []string, quoted []bool, loc int) *nsItem {
	schema, rel := "", ""
	schemaQuoted, relQuoted := false, false
	switch len(names) {
	case 1:
		rel, relQuoted = names[0], quoted[0]
	case 2:
		schema, rel, schemaQuoted, relQuoted = names[0], names[1], quoted[0], quoted[1]
	case 3:
		if names[0] != b.env.Database {
			b.failf(pgerr.FeatureNotSupported, loc, "cross-database references are not implemented: %s", strings.Join(append(names, "*"), "."))
		}
		schema, rel, schemaQuoted, relQuoted = names[1], names[2], quoted[1], quoted[2]
	default:
		b.failf(pgerr.SyntaxError, loc, "improper qualified name (too many dotted names): %s", strings.Join(append(names, "*"), "."))
	}
	it := b.itemNamed(s, schema, rel, relQuoted, schemaQuoted, loc)
	if it == nil {
		b.missingItem(s, rel, loc)
	}
	return it
}

// missingItem is errorMissingRTE.
func (b *binder) missingItem(s *scope, name string, loc int) {
	var found *nsItem
	for lvl := s; lvl != nil && found == nil; lvl = lvl.parent {
		for _, it := range lvl.rtable {
			if it.name == name || (it.rel != nil && it.aliasd && (it.rel.Name == name || it.rel.Folded && strings.EqualFold(it.rel.Name, name))) {
				found = it
				break
			}
		}
	}
	if found == nil {
		b.failf(pgerr.UndefinedTable, loc, `missing FROM-clause entry for table "%s"`, name)
	}
	if found.aliasd && found.name != name {
		if it := b.itemNamed(s, "", found.name, true, false, loc); it == found {
			b.fail(pgerr.Newf(pgerr.UndefinedTable, `invalid reference to FROM-clause entry for table "%s"`, name).
				WithHint(`Perhaps you meant to reference the table alias "%s".`, found.name), loc)
		}
	}
	b.fail(pgerr.Newf(pgerr.UndefinedTable, `invalid reference to FROM-clause entry for table "%s"`, found.name).
		WithHint(`There is an entry for table "%s", but it cannot be referenced from this part of the query.`, found.name), loc)
}
