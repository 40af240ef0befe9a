package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func constraintRows() rowsOf {
	return rowsOf{name: "pg_constraint", by: []string{"oid", "conname", "conrelid", "contypid", "confrelid", "conindid"}}
}

type conByNameKey struct{}

// pgConstraint gives keys, unique columns and foreign keys of tables that initdb does not make.
func pgConstraint() objects[*catalog.Constraint] {
	type con = *catalog.Constraint
	user := func(k con, yield func(con) error) error {
		if k == nil || k.OID < catalog.FirstUserOID {
			return nil
		}
		return yield(k)
	}
	filter := func(match func(k con, v sqltype.Value) bool) func(*call, sqltype.Value, func(con) error) error {
		return func(c *call, v sqltype.Value, yield func(con) error) error {
			return each(c.snap.Constraints(), func(k con) error {
				if !match(k, v) {
					return nil
				}
				return user(k, yield)
			})
		}
	}
	no := func(*call, con) sqltype.Value { return boolean(false) }
	foreign := func(k con) bool { return k.Kind == 'f' }
	action := func(f byte) func(*call, con) sqltype.Value {
		return func(_ *call, k con) sqltype.Value {
			if foreign(k) {
				return char(f)
			}
			return char(' ')
		}
	}
	// equality is the array of the key types' operators "=", of foreign keys only.
	equality := func(_ *call, k con) sqltype.Value {
		if !foreign(k) {
			return null()
		}
		ops := make([]uint32, len(k.FKey.FromCols))
		for i, col := range k.FKey.FromCols {
			ops[i] = equalityOperator(k.FKey.From.Columns[col].Type.OID)
		}
		return oidArray(ops)
	}
	return objects[con]{
		all: func(c *call, yield func(con) error) error {
			return each(c.snap.Constraints(), func(k con) error { return user(k, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(con) error) error{
			"oid": func(c *call, v sqltype.Value, yield func(con) error) error {
				return user(c.snap.ConstraintByOID(key(v)), yield)
			},
			"conrelid": func(c *call, v sqltype.Value, yield func(con) error) error {
				return each(c.snap.ConstraintsOf(key(v)), func(k con) error { return user(k, yield) })
			},
			"conname": func(c *call, v sqltype.Value, yield func(con) error) error {
				m, _ := c.snap.Derived(conByNameKey{}, func() any {
					m := make(map[string][]con)
					for _, k := range c.snap.Constraints() {
						m[k.Name] = append(m[k.Name], k)
					}
					return m
				}).(map[string][]con)
				return each(m[v.S], func(k con) error { return user(k, yield) })
			},
			"contypid": filter(func(_ con, v sqltype.Value) bool { return key(v) == 0 }),
			"confrelid": filter(func(k con, v sqltype.Value) bool {
				if !foreign(k) {
					return key(v) == 0
				}
				return k.FKey.To.OID == key(v)
			}),
			"conindid": filter(func(k con, v sqltype.Value) bool { return k.Index != nil && k.Index.Relation.OID == key(v) }),
		},
		cols: map[string]func(*call, con) sqltype.Value{
			"oid":           func(_ *call, k con) sqltype.Value { return oid(k.OID) },
			"conname":       func(_ *call, k con) sqltype.Value { return text(k.Name) },
			"connamespace":  func(_ *call, k con) sqltype.Value { return oid(k.Schema.OID) },
			"contype":       func(_ *call, k con) sqltype.Value { return char(k.Kind) },
			"condeferrable": no,
			"condeferred":   no,
			"convalidated":  func(*call, con) sqltype.Value { return boolean(true) },
			"conrelid":      func(_ *call, k con) sqltype.Value { return oid(k.Table.OID) },
			"contypid":      func(*call, con) sqltype.Value { return oid(0) },
			"conindid":      func(_ *call, k con) sqltype.Value { return oid(k.Index.Relation.OID) },
			"conparentid":   func(*call, con) sqltype.Value { return oid(0) },
			"confrelid": func(_ *call, k con) sqltype.Value {
				if foreign(k) {
					return oid(k.FKey.To.OID)
				}
				return oid(0)
			},
			"confupdtype":   action('a'),
			"confdeltype":   action('a'),
			"confmatchtype": action('s'),
			"conislocal":    func(*call, con) sqltype.Value { return boolean(true) },
			"coninhcount":   func(*call, con) sqltype.Value { return number(0) },
			"connoinherit":  func(*call, con) sqltype.Value { return boolean(true) },
			"conkey": func(_ *call, k con) sqltype.Value {
				if foreign(k) {
					return int2Array(attnums(k.Table, k.FKey.FromCols))
				}
				return int2Array(attnums(k.Table, k.Index.Cols))
			},
			"confkey": func(_ *call, k con) sqltype.Value {
				if !foreign(k) {
					return null()
				}
				return int2Array(attnums(k.FKey.To, k.FKey.ToCols))
			},
			"conpfeqop":      equality,
			"conppeqop":      equality,
			"conffeqop":      equality,
			"confdelsetcols": nullOf[con],
			"conexclop":      nullOf[con],
			"conbin":         nullOf[con],
		},
	}
}

func attnums(r *catalog.Relation, cols []int) []int16 {
	nums := make([]int16, len(cols))
	for i, c := range cols {
		nums[i] = r.Columns[c].Attnum
	}
	return nums
}

// equalityOperator is the operator that a foreign key on a type compares by: "=" of the type's default operator class.
func equalityOperator(typ uint32) uint32 {
	for _, op := range builtin.Load().Operators("=") {
		if op.Left == typ && op.Right == typ {
			return op.OID
		}
	}
	return 0
}
