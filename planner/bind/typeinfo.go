package bind

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// category is TypeCategory: pg_type.typcategory.
func (b *binder) category(oid uint32) byte {
	if i, ok := sqltype.Lookup(oid); ok {
		return i.Category
	}
	if b.elemOfRowArray(oid) != 0 {
		return 'A'
	}
	return 'C'
}

func (b *binder) preferred(oid uint32) bool {
	i, ok := sqltype.Lookup(oid)
	return ok && i.Preferred
}

// typeName is format_type_be.
func (b *binder) typeName(oid uint32) string { return b.typeNameMod(sqltype.Of(oid)) }

// typeNameMod is format_type_with_typemod.
func (b *binder) typeNameMod(t sqltype.Type) string {
	if r := b.relationByRowType(t.OID); r != nil {
		return b.relationName(r)
	}
	if e := b.elemOfRowArray(t.OID); e != 0 {
		return b.typeName(e) + "[]"
	}
	return sqltype.FormatType(t.OID, t.Typmod)
}

// elem is get_element_type: the element of a true array, as which PostgreSQL counts int2vector and oidvector too; else 0.
func (b *binder) elem(oid uint32) uint32 {
	if _, ok := sqltype.Lookup(oid); ok {
		return sqltype.ElemOf(oid)
	}
	return b.elemOfRowArray(oid)
}

// elemOfRowArray gives the element of an array type that the snapshot defines: of row types.
func (b *binder) elemOfRowArray(oid uint32) uint32 {
	if b.env.Snapshot == nil {
		return 0
	}
	if t := b.env.Snapshot.TypeByOID(oid); t != nil && t.Kind == 'b' {
		return t.Elem
	}
	return 0
}

// arrayOf is get_array_type.
func (b *binder) arrayOf(oid uint32) uint32 {
	if r := b.relationByRowType(oid); r != nil {
		return r.ArrayType
	}
	return sqltype.ArrayOf(oid)
}

// isComposite is ISCOMPLEX: a row type of a relation.
func (b *binder) isComposite(oid uint32) bool { return b.relationByRowType(oid) != nil }

// isRow is type_is_rowtype.
func (b *binder) isRow(oid uint32) bool { return oid == sqltype.OIDRecord || b.isComposite(oid) }

// field is a field of a row value.
type field struct {
	name   string
	typ    sqltype.Type
	folded bool
	shape  []plan.RowField // of a field that is an anonymous row itself
}

// fieldsOf lists the fields of an expression of a row type; false where they are not known before it runs.
func (b *binder) fieldsOf(e plan.Expr) ([]field, bool) {
	if r := b.relationByRowType(e.Type().OID); r != nil {
		var out []field
		for _, c := range r.Columns {
			if !c.Hidden {
				out = append(out, field{name: c.Name, typ: c.Type, folded: c.Folded})
			}
		}
		return out, true
	}
	switch e := e.(type) {
	case *plan.RowExpr:
		out := make([]field, len(e.Fields))
		for i, f := range e.Fields {
			out[i] = field{name: e.Names[i], typ: f.Type()}
			if isAnonymousRow(f.Type().OID) {
				out[i].shape = b.shape(f)
			}
		}
		return out, true
	case *plan.Call:
		return b.outFields(e)
	case *plan.ColRef:
		f, ok := b.records[e.ID]
		return f, ok
	case *plan.Cast:
		if e.Method == plan.CastRelabel {
			return b.fieldsOf(e.Arg)
		}
	case *plan.Subquery:
		if e.Kind == plan.Scalar {
			if cols := e.Plan.Columns(); len(cols) > 0 {
				f, ok := b.records[cols[0].ID]
				return f, ok
			}
		}
	case *plan.Case:
		return b.fieldsOf(e.Else)
	case *plan.Coalesce:
		return b.fieldsOf(e.Args[0])
	case *plan.Subscript:
		return b.fieldsOf(e.Arg)
	case *plan.ArrayExpr:
		if len(e.Elems) > 0 {
			return b.fieldsOf(e.Elems[0])
		}
	}
	return nil, false
}
