package bind

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// holdsRows says whether values of the type are rows or arrays of rows.
func (b *binder) holdsRows(oid uint32) bool {
	if oid == sqltype.OIDRecord || oid == sqltype.OIDRecordArray {
		return true
	}
	if _, builtin := sqltype.Lookup(oid); builtin || oid == 0 {
		return false
	}
	return true // row types and arrays of them are the only types that the snapshot defines
}

// isAnonymousRow says whether the type alone does not tell the fields.
func isAnonymousRow(oid uint32) bool {
	return oid == sqltype.OIDRecord || oid == sqltype.OIDRecordArray
}

// shapeOfType lists the fields of a row type, or of an array's element that is one.
func (b *binder) shapeOfType(oid uint32) []plan.RowField {
	if e := b.elemOfRowArray(oid); e != 0 {
		oid = e
	}
	r := b.relationByRowType(oid)
	if r == nil {
		return nil
	}
	var out []plan.RowField
	for _, c := range r.Columns {
		if !c.Hidden {
			out = append(out, b.shapeField(c.Name, c.Type))
		}
	}
	return out
}

func (b *binder) shapeField(name string, t sqltype.Type) plan.RowField {
	return plan.RowField{Name: name, T: t, Elem: b.elemOfRowArray(t.OID), Fields: b.shapeOfType(t.OID)}
}

// shape lists the fields of the rows that an expression gives, as far as they are known.
func (b *binder) shape(e plan.Expr) []plan.RowField {
	oid := e.Type().OID
	if !b.holdsRows(oid) {
		return nil
	}
	if !isAnonymousRow(oid) {
		return b.shapeOfType(oid)
	}
	if row, ok := e.(*plan.RowExpr); ok {
		out := make([]plan.RowField, len(row.Fields))
		for i, f := range row.Fields {
			out[i] = plan.RowField{Name: row.Names[i], T: f.Type(), Fields: b.shape(f)}
		}
		return out
	}
	fields, ok := b.fieldsOf(e)
	if call, isCall := e.(*plan.Call); isCall && !ok {
		for _, a := range call.Args { // a function over anyelement or anyarray gives what it got
			if isAnonymousRow(a.Type().OID) {
				return b.shape(a)
			}
		}
	}
	var out []plan.RowField
	for _, f := range fields {
		r := b.shapeField(f.name, f.typ)
		if f.shape != nil {
			r.Fields = f.shape
		}
		out = append(out, r)
	}
	return out
}

// shapes gives the shape of each argument; nil where none is a row.
func (b *binder) shapes(args []plan.Expr) [][]plan.RowField {
	var out [][]plan.RowField
	for i, a := range args {
		if !b.holdsRows(a.Type().OID) {
			continue
		}
		if out == nil {
			out = make([][]plan.RowField, len(args))
		}
		out[i] = b.shape(a)
	}
	return out
}

// noteFields remembers the fields of a column that holds what an expression gives.
func (b *binder) noteFields(id plan.ColID, e plan.Expr) {
	if !isAnonymousRow(e.Type().OID) {
		return
	}
	if fs, ok := b.fieldsOf(e); ok {
		b.records[id] = fs
	}
}

// noteGiven does so for an aggregate or window function that gives one of its arguments, or an array of them.
func (b *binder) noteGiven(out plan.Column, args []plan.Expr) {
	if !isAnonymousRow(out.Type.OID) {
		return
	}
	for _, a := range args {
		if isAnonymousRow(a.Type().OID) {
			b.noteFields(out.ID, a)
			return
		}
	}
}

// rowTypeCalls names the functions whose rows have the fields that the call says: those of the first argument's type, or of the
// column definition list in FROM.
func rowTypeCall(source string) bool {
	switch source {
	case "json_populate_record", "jsonb_populate_record", "json_populate_recordset", "jsonb_populate_recordset",
		"json_to_record", "jsonb_to_record", "json_to_recordset", "jsonb_to_recordset":
		return true
	}
	return false
}

// columnsOf turns a shape into what sqltype reads a row's text with.
func columnsOf(fields []plan.RowField) []sqltype.RowColumn {
	var out []sqltype.RowColumn
	for _, f := range fields {
		out = append(out, sqltype.RowColumn{Type: f.T, Columns: columnsOf(f.Fields)})
	}
	return out
}
