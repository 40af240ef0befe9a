package catalog

import "strings"

// ConstraintDefinition prints a constraint as pg_get_constraintdef does; its two forms differ in nothing that occurs here.
func (s *Snapshot) ConstraintDefinition(path Path, c *Constraint) string {
	switch c.Kind {
	case 'p':
		return "PRIMARY KEY (" + columnList(c.Table, c.Index.Cols) + ")"
	case 'u':
		return "UNIQUE (" + columnList(c.Table, c.Index.Cols) + ")"
	case 'f':
		return "FOREIGN KEY (" + columnList(c.Table, c.FKey.FromCols) + ") REFERENCES " + s.RelationName(path, c.FKey.To) +
			"(" + columnList(c.FKey.To, c.FKey.ToCols) + ")"
	}
	return c.Definition
}

func columnList(r *Relation, cols []int) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = QuoteIdent(r.Columns[c].Name)
	}
	return strings.Join(names, ", ")
}

// IndexDefinition prints an index as pg_get_indexdef does: qualified always, or, pretty, only where the table's bare name
// would not find it.
func (s *Snapshot) IndexDefinition(path Path, idx *Index, pretty bool) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if idx.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX " + QuoteIdent(idx.Relation.Name) + " ON ")
	if pretty {
		b.WriteString(s.RelationName(path, idx.Table))
	} else {
		b.WriteString(QuoteQualified(idx.Table.Schema.Name, idx.Table.Name))
	}
	b.WriteString(" USING btree (")
	b.WriteString(columnList(idx.Table, idx.Cols) + ")")
	return b.String()
}

// IndexColumn prints one column of an index, counted from 1, as pg_get_indexdef with a column does; "" where there is none.
func (s *Snapshot) IndexColumn(idx *Index, column int) string {
	if column < 1 || column > len(idx.Cols) {
		return ""
	}
	return QuoteIdent(idx.Table.Columns[idx.Cols[column-1]].Name)
}
