package sqltype_test

import (
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
)

func BenchmarkParseAndAppend(b *testing.B) {
	for _, c := range []struct {
		name string
		oid  uint32
		text string
	}{
		{"int8", sqltype.OIDInt8, "1234567890"},
		{"numeric", sqltype.OIDNumeric, "12345.6789"},
		{"numeric wide", sqltype.OIDNumeric, "123456789012345678901234567890.5"},
		{"numeric widest", sqltype.OIDNumeric, "1e131071"},
		{"numeric finest", sqltype.OIDNumeric, "1e-16383"},
		{"float8", sqltype.OIDFloat8, "0.1234567"},
		{"float8 midpoint", sqltype.OIDFloat8, "1e23"},
		{"timestamptz", sqltype.OIDTimestampTZ, "2024-01-02 03:04:05.678+00"},
		{"date", sqltype.OIDDate, "2024-01-02"},
		{"interval", sqltype.OIDInterval, "1 day 02:03:04"},
		{"uuid", sqltype.OIDUUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"jsonb", sqltype.OIDJSONB, `{"a": [1, 2, {"b": null}], "c": "text"}`},
		{"text[]", sqltype.OIDTextArray, "{a,b,c,NULL}"},
	} {
		typ := sqltype.Of(c.oid)
		v, err := sqltype.ParseText(typ, c.text, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("parse "+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sqltype.ParseText(typ, c.text, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("append "+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf = sqltype.AppendText(buf[:0], typ, v, nil)
			}
		})
		b.Run("binary "+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf, _ = sqltype.AppendBinary(buf[:0], typ, v, nil)
				if _, err := sqltype.ParseBinary(typ, buf, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
