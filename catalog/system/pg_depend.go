package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// dependency says that an object exists because of another.
type dependency struct {
	class, object       uint32
	sub                 int16
	refClass, refObject uint32
	refSub              int16
	kind                byte // deptype
}

func dependRows() rowsOf { return rowsOf{name: "pg_depend", by: []string{"objid", "refobjid"}} }

// pgDepend gives what PostgreSQL records for tables, their row types, keys and foreign keys.
func pgDepend() objects[dependency] {
	return objects[dependency]{
		all: func(c *call, yield func(dependency) error) error {
			return userRelations(c, func(r *catalog.Relation) error { return each(dependencies(c.snap, r), yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(dependency) error) error{
			"objid": func(c *call, v sqltype.Value, yield func(dependency) error) error {
				return each(dependIndexOf(c.snap).of[key(v)], yield)
			},
			"refobjid": func(c *call, v sqltype.Value, yield func(dependency) error) error {
				return each(dependIndexOf(c.snap).on[key(v)], yield)
			},
		},
		cols: map[string]func(*call, dependency) sqltype.Value{
			"classid":     func(_ *call, d dependency) sqltype.Value { return oid(d.class) },
			"objid":       func(_ *call, d dependency) sqltype.Value { return oid(d.object) },
			"objsubid":    func(_ *call, d dependency) sqltype.Value { return number(d.sub) },
			"refclassid":  func(_ *call, d dependency) sqltype.Value { return oid(d.refClass) },
			"refobjid":    func(_ *call, d dependency) sqltype.Value { return oid(d.refObject) },
			"refobjsubid": func(_ *call, d dependency) sqltype.Value { return number(d.refSub) },
			"deptype":     func(_ *call, d dependency) sqltype.Value { return char(d.kind) },
		},
	}
}

func dependencies(s *catalog.Snapshot, r *catalog.Relation) []dependency {
	if r.Kind == catalog.RelIndex {
		return []dependency{{
			class: classRelation, object: r.OID, refClass: classConstraint, refObject: r.Index.Constraint.OID, kind: 'i',
		}}
	}
	deps := []dependency{
		{class: classRelation, object: r.OID, refClass: classNamespace, refObject: r.Schema.OID, kind: 'n'},
		{class: classType, object: r.RowType, refClass: classRelation, refObject: r.OID, kind: 'i'},
		{class: classType, object: r.ArrayType, refClass: classType, refObject: r.RowType, kind: 'i'},
	}
	for _, con := range s.ConstraintsOf(r.OID) {
		on := func(t *catalog.Relation, cols []int, kind byte) {
			for _, num := range attnums(t, cols) {
				deps = append(deps, dependency{
					class: classConstraint, object: con.OID, refClass: classRelation, refObject: t.OID, refSub: num, kind: kind,
				})
			}
		}
		if con.Kind != 'f' {
			on(r, con.Index.Cols, 'a')
			continue
		}
		on(r, con.FKey.FromCols, 'a')
		on(con.FKey.To, con.FKey.ToCols, 'n')
		deps = append(deps, dependency{
			class: classConstraint, object: con.OID, refClass: classRelation, refObject: con.Index.Relation.OID, kind: 'n',
		})
	}
	return deps
}

type dependIndex struct{ of, on map[uint32][]dependency }

type dependIndexKey struct{}

func dependIndexOf(s *catalog.Snapshot) *dependIndex {
	x, _ := s.Derived(dependIndexKey{}, func() any {
		x := &dependIndex{of: make(map[uint32][]dependency), on: make(map[uint32][]dependency)}
		for _, r := range users(s).relations {
			for _, d := range dependencies(s, r) {
				x.of[d.object] = append(x.of[d.object], d)
				x.on[d.refObject] = append(x.on[d.refObject], d)
			}
		}
		return x
	}).(*dependIndex)
	return x
}
