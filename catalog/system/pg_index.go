package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func indexRows(dump string) rowsOf { return rowsOf{name: dump, by: []string{"indexrelid", "indrelid"}} }

// pgIndex gives the indexes of tables that initdb does not make.
func pgIndex() objects[*catalog.Index] {
	type index = *catalog.Index
	no := func(*call, index) sqltype.Value { return boolean(false) }
	yes := func(*call, index) sqltype.Value { return boolean(true) }
	count := func(_ *call, x index) sqltype.Value { return number(len(x.Cols)) }
	perColumn := func(f func(t sqltype.Type) uint32) func(*call, index) sqltype.Value {
		return func(_ *call, x index) sqltype.Value {
			oids := make([]uint32, len(x.Cols))
			for i, col := range x.Cols {
				oids[i] = f(x.Table.Columns[col].Type)
			}
			return oidVector(oids)
		}
	}
	return objects[index]{
		all: func(c *call, yield func(index) error) error {
			return userRelations(c, func(r *catalog.Relation) error { return each(r.Indexes, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(index) error) error{
			"indexrelid": func(c *call, v sqltype.Value, yield func(index) error) error {
				return one(userRelation(c.snap, key(v)), func(r *catalog.Relation) error { return one(r.Index, yield) })
			},
			"indrelid": func(c *call, v sqltype.Value, yield func(index) error) error {
				return one(userRelation(c.snap, key(v)), func(r *catalog.Relation) error { return each(r.Indexes, yield) })
			},
		},
		cols: map[string]func(*call, index) sqltype.Value{
			"indexrelid":          func(_ *call, x index) sqltype.Value { return oid(x.Relation.OID) },
			"indrelid":            func(_ *call, x index) sqltype.Value { return oid(x.Table.OID) },
			"indnatts":            count,
			"indnkeyatts":         count,
			"indisunique":         func(_ *call, x index) sqltype.Value { return boolean(x.Unique) },
			"indnullsnotdistinct": no,
			"indisprimary":        func(_ *call, x index) sqltype.Value { return boolean(x.Primary) },
			"indisexclusion":      no,
			"indimmediate":        yes,
			"indisclustered":      no,
			"indisvalid":          yes,
			"indcheckxmin":        no,
			"indisready":          yes,
			"indislive":           yes,
			"indisreplident":      no,
			"indkey":              func(_ *call, x index) sqltype.Value { return int2Vector(attnums(x.Table, x.Cols)) },
			"indcollation":        perColumn(func(t sqltype.Type) uint32 { return t.Info().Collation }),
			"indclass":            perColumn(func(t sqltype.Type) uint32 { return defaultOpclass(t.OID) }),
			"indoption":           func(_ *call, x index) sqltype.Value { return int2Vector(make([]int16, len(x.Cols))) },
			"indexprs":            nullOf[index],
			"indpred":             nullOf[index],
		},
	}
}

// defaultOpclass is the default operator class of a type for B-tree indexes, or 0.
func defaultOpclass(typ uint32) uint32 {
	d := dumpOf("pg_opclass")
	for _, at := range d.find("opcintype", utoa(typ)) {
		row := d.rows[at]
		if d.oid(row, "opcmethod") == amBTree && d.bool(row, "opcdefault") {
			return d.oid(row, "oid")
		}
	}
	return 0
}
