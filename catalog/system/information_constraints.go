package system

import (
	"strconv"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// tableConstraint is a constraint of a table; without a constraint it is a column's NOT NULL, which information_schema shows
// as a check.
type tableConstraint struct {
	table   *catalog.Relation
	con     *catalog.Constraint
	notNull *catalog.Column
}

func (t tableConstraint) schema() string {
	if t.con != nil {
		return t.con.Schema.Name
	}
	return t.table.Schema.Name
}

// name of a NOT NULL is made of OIDs and the column's number.
func (t tableConstraint) name() string {
	if t.con != nil {
		return t.con.Name
	}
	return utoa(t.table.Schema.OID) + "_" + utoa(t.table.OID) + "_" + strconv.Itoa(int(t.notNull.Attnum)) + "_not_null"
}

func constraintsOf(c *call, r *catalog.Relation, yield func(tableConstraint) error) error {
	for _, con := range c.snap.ConstraintsOf(r.OID) {
		if err := yield(tableConstraint{table: r, con: con}); err != nil {
			return err
		}
	}
	return nil
}

func notNulls(r *catalog.Relation, yield func(tableConstraint) error) error {
	for i := range r.Columns {
		if col := &r.Columns[i]; col.NotNull && col.Attnum > 0 {
			if err := yield(tableConstraint{table: r, notNull: col}); err != nil {
				return err
			}
		}
	}
	return nil
}

type byConstraint = map[string]func(*call, sqltype.Value, func(tableConstraint) error) error

func infoTableConstraints() objects[tableConstraint] {
	type tc = tableConstraint
	of := func(c *call, r *catalog.Relation, yield func(tc) error) error {
		if !isTable(r) || !seesConstraints(c, r) {
			return nil
		}
		if err := constraintsOf(c, r, yield); err != nil {
			return err
		}
		return notNulls(r, yield)
	}
	return objects[tc]{
		all: func(c *call, yield func(tc) error) error {
			return each(c.snap.Relations(), func(r *catalog.Relation) error { return of(c, r, yield) })
		},
		by: byConstraint{
			"table_name": func(c *call, v sqltype.Value, yield func(tc) error) error {
				return each(namedRelations(c.snap, v.S), func(r *catalog.Relation) error { return of(c, r, yield) })
			},
		},
		cols: columnsOf[tc]{
			"constraint_catalog": inDatabase[tc],
			"constraint_schema":  func(_ *call, t tc) sqltype.Value { return text(t.schema()) },
			"constraint_name":    func(_ *call, t tc) sqltype.Value { return text(t.name()) },
			"table_catalog":      inDatabase[tc],
			"table_schema":       func(_ *call, t tc) sqltype.Value { return text(t.table.Schema.Name) },
			"table_name":         func(_ *call, t tc) sqltype.Value { return text(t.table.Name) },
			"constraint_type": func(_ *call, t tc) sqltype.Value {
				if t.con == nil {
					return text("CHECK")
				}
				switch t.con.Kind {
				case 'p':
					return text("PRIMARY KEY")
				case 'u':
					return text("UNIQUE")
				case 'f':
					return text("FOREIGN KEY")
				}
				return text("CHECK")
			},
			"is_deferrable":      fixed[tc](text("NO")),
			"initially_deferred": fixed[tc](text("NO")),
			"enforced":           fixed[tc](text("YES")),
			"nulls_distinct": func(_ *call, t tc) sqltype.Value {
				if t.con == nil || t.con.Kind != 'u' {
					return null()
				}
				return text("YES")
			},
		},
	}
}

// keyColumn is a column of a key, unique or foreign key constraint.
type keyColumn struct {
	con *catalog.Constraint
	pos int // from 0
}

func (k keyColumn) cols() []int {
	if k.con.Kind == 'f' {
		return k.con.FKey.FromCols
	}
	return k.con.Index.Cols
}

func (k keyColumn) column() *catalog.Column { return &k.con.Table.Columns[k.cols()[k.pos]] }

func infoKeyColumnUsage() objects[keyColumn] {
	of := func(c *call, con *catalog.Constraint, yield func(keyColumn) error) error {
		if con.Table == nil || con.Kind == 'c' || !isTable(con.Table) {
			return nil
		}
		for i := range (keyColumn{con: con}).cols() {
			k := keyColumn{con, i}
			if !seesColumn(c, con.Table, k.column()) {
				continue
			}
			if err := yield(k); err != nil {
				return err
			}
		}
		return nil
	}
	return objects[keyColumn]{
		all: func(c *call, yield func(keyColumn) error) error {
			return each(c.snap.Constraints(), func(con *catalog.Constraint) error { return of(c, con, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(keyColumn) error) error{
			"table_name": func(c *call, v sqltype.Value, yield func(keyColumn) error) error {
				return each(namedRelations(c.snap, v.S), func(r *catalog.Relation) error {
					return each(c.snap.ConstraintsOf(r.OID), func(con *catalog.Constraint) error { return of(c, con, yield) })
				})
			},
		},
		cols: columnsOf[keyColumn]{
			"constraint_catalog": inDatabase[keyColumn],
			"constraint_schema":  func(_ *call, k keyColumn) sqltype.Value { return text(k.con.Schema.Name) },
			"constraint_name":    func(_ *call, k keyColumn) sqltype.Value { return text(k.con.Name) },
			"table_catalog":      inDatabase[keyColumn],
			"table_schema":       func(_ *call, k keyColumn) sqltype.Value { return text(k.con.Table.Schema.Name) },
			"table_name":         func(_ *call, k keyColumn) sqltype.Value { return text(k.con.Table.Name) },
			"column_name":        func(_ *call, k keyColumn) sqltype.Value { return text(k.column().Name) },
			"ordinal_position":   func(_ *call, k keyColumn) sqltype.Value { return number(k.pos + 1) },
			"position_in_unique_constraint": func(_ *call, k keyColumn) sqltype.Value {
				if k.con.Kind != 'f' {
					return null()
				}
				for i, col := range k.con.Index.Cols {
					if col == k.con.FKey.ToCols[k.pos] {
						return number(i + 1)
					}
				}
				return null()
			},
		},
	}
}

func infoReferentialConstraints() objects[*catalog.Constraint] {
	type con = *catalog.Constraint
	return objects[con]{
		all: func(c *call, yield func(con) error) error {
			return each(c.snap.Constraints(), func(k con) error {
				if k.Kind != 'f' || !seesConstraints(c, k.Table) {
					return nil
				}
				return yield(k)
			})
		},
		cols: columnsOf[con]{
			"constraint_catalog":        inDatabase[con],
			"constraint_schema":         func(_ *call, k con) sqltype.Value { return text(k.Schema.Name) },
			"constraint_name":           func(_ *call, k con) sqltype.Value { return text(k.Name) },
			"unique_constraint_catalog": inDatabase[con],
			"unique_constraint_schema":  func(_ *call, k con) sqltype.Value { return text(k.Index.Constraint.Schema.Name) },
			"unique_constraint_name":    func(_ *call, k con) sqltype.Value { return text(k.Index.Constraint.Name) },
			"match_option":              fixed[con](text("NONE")),
			"update_rule":               fixed[con](text("NO ACTION")),
			"delete_rule":               fixed[con](text("NO ACTION")),
		},
	}
}

// usedColumn is a column that a constraint speaks of: of a foreign key the referenced one.
type usedColumn struct {
	con    *catalog.Constraint
	table  *catalog.Relation
	column *catalog.Column
}

func usedColumns(con *catalog.Constraint) []usedColumn {
	if con.Table == nil || con.Kind == 'c' {
		return nil
	}
	table, cols := con.Table, con.Index.Cols
	if con.Kind == 'f' {
		table, cols = con.FKey.To, con.FKey.ToCols
	}
	var used []usedColumn
	for _, col := range cols {
		used = append(used, usedColumn{con, table, &table.Columns[col]})
	}
	return used
}

func infoConstraintColumnUsage() objects[usedColumn] {
	o := constraintUsage(usedColumns)
	o.cols["column_name"] = func(_ *call, u usedColumn) sqltype.Value { return text(u.column.Name) }
	return o
}

func infoConstraintTableUsage() objects[usedColumn] {
	return constraintUsage(func(con *catalog.Constraint) []usedColumn {
		if used := usedColumns(con); len(used) > 0 {
			return used[:1]
		}
		return nil
	})
}

// constraintUsage shows what constraints use to the owner of the tables alone.
func constraintUsage(of func(*catalog.Constraint) []usedColumn) objects[usedColumn] {
	return objects[usedColumn]{
		all: func(c *call, yield func(usedColumn) error) error {
			if !owns(c) {
				return nil
			}
			return each(c.snap.Constraints(), func(con *catalog.Constraint) error {
				used := of(con)
				if len(used) > 0 && !isTable(used[0].table) {
					return nil
				}
				return each(used, yield)
			})
		},
		cols: columnsOf[usedColumn]{
			"table_catalog":      inDatabase[usedColumn],
			"table_schema":       func(_ *call, u usedColumn) sqltype.Value { return text(u.table.Schema.Name) },
			"table_name":         func(_ *call, u usedColumn) sqltype.Value { return text(u.table.Name) },
			"constraint_catalog": inDatabase[usedColumn],
			"constraint_schema":  func(_ *call, u usedColumn) sqltype.Value { return text(u.con.Schema.Name) },
			"constraint_name":    func(_ *call, u usedColumn) sqltype.Value { return text(u.con.Name) },
		},
	}
}

// infoCheckConstraints shows checks and NOT NULLs to the owner alone.
func infoCheckConstraints() objects[tableConstraint] {
	type tc = tableConstraint
	return objects[tc]{
		all: func(c *call, yield func(tc) error) error {
			if !owns(c) {
				return nil
			}
			for _, con := range c.snap.Constraints() {
				if con.Kind != 'c' {
					continue
				}
				if err := yield(tc{table: con.Table, con: con}); err != nil {
					return err
				}
			}
			return each(c.snap.Relations(), func(r *catalog.Relation) error {
				if !isTable(r) {
					return nil
				}
				return notNulls(r, yield)
			})
		},
		cols: columnsOf[tc]{
			"constraint_catalog": inDatabase[tc],
			"constraint_schema":  func(_ *call, t tc) sqltype.Value { return text(t.schema()) },
			"constraint_name":    func(_ *call, t tc) sqltype.Value { return text(t.name()) },
			"check_clause": func(_ *call, t tc) sqltype.Value {
				if t.con == nil {
					return text(t.notNull.Name + " IS NOT NULL")
				}
				// The view cuts off the word CHECK and the blank behind it.
				return text(t.con.Definition[len("CHECK "):])
			},
		},
	}
}
