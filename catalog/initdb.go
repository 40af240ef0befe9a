package catalog

import "fmt"

// system adds what catalog/system defines. An index or constraint that does not fit the relations is an error: the data is
// ours.
func (b *builder) system() error {
	s := b.snap
	byOID := make(map[uint32]*Relation)
	for _, d := range b.opts.System.Relations {
		schema := b.schemaNamed(d.Schema)
		if schema == nil {
			return fmt.Errorf("relation %s.%s is in no schema", d.Schema, d.Name)
		}
		r := &Relation{
			OID: d.OID, Schema: schema, Name: d.Name, Kind: d.Kind, Columns: d.Columns, Comment: d.Comment,
			RowType: d.RowType, ArrayType: d.ArrayType, System: d.Table, ACL: d.ACL,
			Definition: d.Definition, PrettyDefinition: d.PrettyDefinition,
		}
		if d.Kind == RelTable || d.Kind == RelToast {
			r.Columns = append(append([]Column(nil), d.Columns...), systemColumns()...)
		}
		if d.OID == 0 {
			b.named(oidKey("table", d.Schema, d.Name), &r.OID)
			b.named(oidKey("rowtype", d.Schema, d.Name), &r.RowType)
			b.named(oidKey("arraytype", d.Schema, d.Name), &r.ArrayType)
		} else {
			byOID[d.OID] = r
		}
		s.relations = append(s.relations, r)
	}
	s.typeList = append(s.typeList, b.opts.System.Types...)
	domains := make(map[uint32]*NamedType)
	for _, t := range s.typeList {
		domains[t.OID] = t
	}
	indexes := make(map[uint32]*Index)
	for _, d := range b.opts.System.Indexes {
		rel, table := byOID[d.OID], byOID[d.Table]
		if rel == nil || table == nil {
			return fmt.Errorf("index %d of relation %d does not exist", d.OID, d.Table)
		}
		idx := &Index{Relation: rel, Table: table, Unique: d.Unique, Primary: d.Primary}
		for _, num := range d.Attnums {
			place := table.ColumnByNumber(num)
			if place < 0 {
				return fmt.Errorf("index %s names column %d", rel.Name, num)
			}
			idx.Cols = append(idx.Cols, place)
		}
		rel.Index = idx
		table.Indexes = append(table.Indexes, idx)
		indexes[d.OID] = idx
	}
	for _, d := range b.opts.System.Constraints {
		c := &Constraint{
			OID: d.OID, Schema: b.schemaNamed(d.Schema), Name: d.Name, Kind: d.Kind, Table: byOID[d.Table], Domain: domains[d.Domain],
			Index: indexes[d.Index], Definition: d.Definition,
		}
		if c.Schema == nil || c.Table == nil && c.Domain == nil {
			return fmt.Errorf("constraint %s belongs to nothing", d.Name)
		}
		if c.Index != nil {
			c.Index.Constraint = c
		}
		s.constraints = append(s.constraints, c)
	}
	return nil
}
