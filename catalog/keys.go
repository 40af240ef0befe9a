package catalog

import "strings"

// keys gives a table its primary key, and a unique constraint for each column that is declared unique, each with its index,
// under the names that PostgreSQL would choose. used holds the names of the schema's relations.
func (b *builder) keys(t *Relation, used map[string]bool) {
	if len(t.Key) > 0 {
		b.key(t, t.Key, true, objectSet(used, t.Name, "", "pkey"))
	}
	for i := range t.Columns {
		if t.Columns[i].Unique && (len(t.Key) != 1 || t.Key[0] != i) {
			b.key(t, []int{i}, false, objectSet(used, t.Name, t.Columns[i].Name, "key"))
		}
	}
}

func objectSet(used map[string]bool, table, column, label string) string {
	return chooseName(table, column, label, used)
}

func (b *builder) key(t *Relation, cols []int, primary bool, name string) {
	rel := &Relation{Schema: t.Schema, Name: name, Kind: RelIndex}
	for i, c := range cols {
		src := t.Columns[c]
		rel.Columns = append(rel.Columns, Column{Name: src.Name, Attnum: int16(i + 1), Type: src.Type})
	}
	idx := &Index{Relation: rel, Table: t, Cols: cols, Unique: true, Primary: primary}
	con := &Constraint{Schema: t.Schema, Name: name, Kind: 'u', Table: t, Index: idx}
	if primary {
		con.Kind = 'p'
	}
	idx.Constraint = con
	rel.Index = idx
	t.Indexes = append(t.Indexes, idx)
	b.snap.relations = append(b.snap.relations, rel)
	b.snap.constraints = append(b.snap.constraints, con)
	b.named(oidKey("index", t.Schema.Name, t.EntitySet, indexIdentity(t, cols, primary)), &rel.OID)
	b.named(oidKey("constraint", t.Schema.Name, t.EntitySet, indexIdentity(t, cols, primary)), &con.OID)
}

// indexIdentity names an index by the service's names, so that its OID outlives another way of naming.
func indexIdentity(t *Relation, cols []int, primary bool) string {
	if primary {
		return "key"
	}
	parts := make([]string, 0, len(cols))
	for _, c := range cols {
		parts = append(parts, pathKey(t.Columns[c].Path))
	}
	return strings.Join(parts, "\x00")
}

// keyFor finds the declared key or unique constraint of a table that stands on exactly these columns, in any order, or nil.
func keyFor(t *Relation, cols []int) *Index {
	for _, idx := range t.Indexes {
		if sameSet(idx.Cols, cols) {
			return idx
		}
	}
	return nil
}

func sameSet(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		n := 0
		for _, y := range b {
			if x == y {
				n++
			}
		}
		if n != 1 {
			return false
		}
	}
	return true
}
