package system

import (
	"github.com/odatagres/odatagres/internal/sqltype"
)

// The relations over the asking session's own state.

func pgCursors() objects[Cursor] {
	return objects[Cursor]{
		all: func(c *call, yield func(Cursor) error) error { return each(c.live.Cursors(), yield) },
		cols: map[string]func(*call, Cursor) sqltype.Value{
			"name":          func(_ *call, x Cursor) sqltype.Value { return text(x.Name) },
			"statement":     func(_ *call, x Cursor) sqltype.Value { return text(x.Statement) },
			"is_holdable":   func(_ *call, x Cursor) sqltype.Value { return boolean(x.Hold) },
			"is_binary":     func(_ *call, x Cursor) sqltype.Value { return boolean(x.Binary) },
			"is_scrollable": func(_ *call, x Cursor) sqltype.Value { return boolean(x.Scroll) },
			"creation_time": func(_ *call, x Cursor) sqltype.Value { return instant(x.Created) },
		},
	}
}

func pgPreparedStatements() objects[PreparedStatement] {
	type prepared = PreparedStatement
	return objects[prepared]{
		all: func(c *call, yield func(prepared) error) error { return each(c.live.PreparedStatements(), yield) },
		cols: map[string]func(*call, prepared) sqltype.Value{
			"name":         func(_ *call, p prepared) sqltype.Value { return text(p.Name) },
			"statement":    func(_ *call, p prepared) sqltype.Value { return text(p.Statement) },
			"prepare_time": func(_ *call, p prepared) sqltype.Value { return instant(p.PrepareTime) },
			"parameter_types": func(_ *call, p prepared) sqltype.Value {
				return arrayValue(sqltype.OIDRegType, 1, oidItems(p.ParameterTypes))
			},
			"from_sql":      func(_ *call, p prepared) sqltype.Value { return boolean(p.FromSQL) },
			"generic_plans": func(_ *call, p prepared) sqltype.Value { return number(p.GenericPlans) },
			"custom_plans":  func(_ *call, p prepared) sqltype.Value { return number(p.CustomPlans) },
		},
	}
}

func pgLocks() objects[Lock] {
	return objects[Lock]{
		all: func(c *call, yield func(Lock) error) error { return each(c.live.Locks(), yield) },
		cols: map[string]func(*call, Lock) sqltype.Value{
			"locktype": func(_ *call, l Lock) sqltype.Value {
				if l.Relation == 0 {
					return text("virtualxid")
				}
				return text("relation")
			},
			"database": func(c *call, l Lock) sqltype.Value {
				if l.Relation == 0 {
					return null()
				}
				return oid(c.snap.DatabaseOID)
			},
			"relation": func(_ *call, l Lock) sqltype.Value {
				if l.Relation == 0 {
					return null()
				}
				return oid(l.Relation)
			},
			"virtualxid": func(_ *call, l Lock) sqltype.Value {
				if l.Relation != 0 {
					return null()
				}
				return text(l.VirtualTransaction)
			},
			"virtualtransaction": func(_ *call, l Lock) sqltype.Value { return text(l.VirtualTransaction) },
			"pid":                func(_ *call, l Lock) sqltype.Value { return number(l.PID) },
			"mode":               func(_ *call, l Lock) sqltype.Value { return text(l.Mode) },
			"granted":            func(_ *call, l Lock) sqltype.Value { return boolean(l.Granted) },
			"fastpath":           func(_ *call, l Lock) sqltype.Value { return boolean(l.FastPath) },
			"page":               nullOf[Lock],
			"tuple":              nullOf[Lock],
			"transactionid":      nullOf[Lock],
			"classid":            nullOf[Lock],
			"objid":              nullOf[Lock],
			"objsubid":           nullOf[Lock],
			"waitstart":          nullOf[Lock],
		},
	}
}
