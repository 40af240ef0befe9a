package plan

import "github.com/odatagres/odatagres/internal/sqltype"

// RowField is a field of a row value: what the value itself does not carry. Fields are those of a row that the field holds, or of
// the rows of an array, of which Elem is the type (0: the field holds no array of rows).
type RowField struct {
	Name   string
	T      sqltype.Type
	Elem   uint32
	Fields []RowField
}
