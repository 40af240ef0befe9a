package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
)

// recordImagesEqual compares two rows by what their fields look like and not by what they mean: 1.0 and 1.00 differ (record_image_eq).
func recordImagesEqual(a []sqltype.Value) (bool, error) {
	x, err := sqltype.DecodeRecord(a[0].S)
	if err != nil {
		return false, err
	}
	y, err := sqltype.DecodeRecord(a[1].S)
	if err != nil {
		return false, err
	}
	equal := true
	for i := range min(len(x.Fields), len(y.Fields)) {
		f, g := x.Fields[i], y.Fields[i]
		if f.OID != g.OID {
			return false, errRecordTypes(f.OID, g.OID, i+1)
		}
		if equal && (f.Value.Null || g.Value.Null) {
			equal = f.Value.Null && g.Value.Null
		} else if equal {
			p := sqltype.Record{Fields: []sqltype.Field{f}}.Encode()
			equal = p == sqltype.Record{Fields: []sqltype.Field{g}}.Encode()
		}
		if !equal {
			return false, nil
		}
	}
	if len(x.Fields) != len(y.Fields) {
		return false, errRecordWidth()
	}
	return true, nil
}

func imageKernels() []Kernel {
	return []Kernel{
		scalar("record_image_eq", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			eq, err := recordImagesEqual(a)
			return sqltype.Bool(eq), err
		}),
		scalar("record_image_ne", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			eq, err := recordImagesEqual(a)
			return sqltype.Bool(!eq), err
		}),
	}
}
