package enginebench

import (
	"fmt"
	"strconv"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// column is a column of a table: how it is declared on both sides, and the value of each row, which is a function of the row's
// number alone.
type column struct {
	name     string
	edm      string // the property's type, and further attributes
	facets   string
	nullable bool
	typ      sqltype.Type
	sql      string
	// coded: the values come as codes of a dictionary, as the decoder of pages gives texts of up to 256 distinct values.
	coded bool
	// set writes a row; for coded columns val gives the code and words the dictionary.
	set   func(v *vector.Vector, at int, row int64)
	words []string
	code  func(row int64) int32
}

// table is a table of either side.
type table struct {
	name    string
	rows    int64
	columns []column
}

// hash scatters row numbers; salt makes independent columns. It is a round of murmur3's finalizer, on 32 bits.
func hash(row int64, salt uint32) uint32 {
	x := uint32(row) + salt*0x9e3779b9
	x ^= x >> 16
	x *= 0x85ebca6b
	x ^= x >> 13
	x *= 0xc2b2ae35
	return x ^ x>>16
}

// firstInstant is 2026-01-01 00:00 UTC in PostgreSQL's microseconds.
const firstInstant = 9497 * 86_400_000_000

func int8Column(name string, f func(row int64) int64) column {
	return column{
		name: name, edm: "Edm.Int64", typ: sqltype.Of(sqltype.OIDInt8), sql: "int8 not null",
		set: func(v *vector.Vector, at int, row int64) { v.I64[at] = f(row) },
	}
}

func int4Column(name string, f func(row int64) int64) column {
	return column{
		name: name, edm: "Edm.Int32", typ: sqltype.Of(sqltype.OIDInt4), sql: "int4 not null",
		set: func(v *vector.Vector, at int, row int64) { v.I32[at] = int32(f(row)) },
	}
}

func textColumn(name string, f func(b []byte, row int64) []byte) column {
	return column{
		name: name, edm: "Edm.String", typ: sqltype.Of(sqltype.OIDText), sql: "text not null",
		set: func(v *vector.Vector, at int, row int64) {
			v.StartBytes(at)
			v.Data = f(v.Data, row)
			v.EndBytes(at)
		},
	}
}

// tables are what the queries read. rows is the number of the largest one's.
func tables(rows int64) []table {
	const group, many = 100_000, 1_000_000
	words := make([]string, 20)
	for i := range words {
		words[i] = fmt.Sprintf("state %d of a device", i)
	}
	name := func(b []byte, n int64) []byte {
		return strconv.AppendInt(append(b, "DESKTOP-"...), n*7919+1_000_000, 36)
	}
	return []table{
		{"facts", rows, []column{
			int8Column("id", func(r int64) int64 { return r }),
			int4Column("g10", func(r int64) int64 { return int64(hash(r, 1) % 10) }),
			int4Column("g100k", func(r int64) int64 { return int64(hash(r, 2) % group) }),
			int4Column("g1m", func(r int64) int64 { return int64(hash(r, 3) % many) }),
			{
				name: "qty", edm: "Edm.Int32", nullable: true, typ: sqltype.Of(sqltype.OIDInt4), sql: "int4",
				set: func(v *vector.Vector, at int, r int64) {
					if h := hash(r, 4); h%16 == 0 {
						v.SetNull(at)
					} else {
						v.I32[at] = int32(h>>4) % 1000
					}
				},
			},
			{
				name: "status", edm: "Edm.String", typ: sqltype.Of(sqltype.OIDText), sql: "text not null",
				coded: true, words: words, code: func(r int64) int32 { return int32(hash(r, 5) % 20) },
			},
			textColumn("name", func(b []byte, r int64) []byte { return name(b, int64(hash(r, 6)%group)) }),
			{
				name: "amount", edm: "Edm.Decimal", facets: `Precision="12" Scale="2"`,
				typ: sqltype.Type{OID: sqltype.OIDNumeric, Typmod: 12<<16 | 2 + 4}, sql: "numeric(12,2) not null",
				set: func(v *vector.Vector, at int, r int64) {
					v.SetNumeric(at, sqltype.Numeric{Coef: int64(hash(r, 7) % 10_000_000), Scale: 2})
				},
			},
			{
				name: "at", edm: "Edm.DateTimeOffset", typ: sqltype.Of(sqltype.OIDTimestampTZ), sql: "timestamptz not null",
				set: func(v *vector.Vector, at int, r int64) {
					v.I64[at] = firstInstant + int64(hash(r, 8)%(60*86_400))*1_000_000 + int64(hash(r, 9)%1_000_000)
				},
			},
		}},
		{"devices", min(rows, group), []column{
			int4Column("key", func(r int64) int64 { return r }),
			int4Column("weight", func(r int64) int64 { return int64(hash(r, 10) % 100) }),
			textColumn("label", func(b []byte, r int64) []byte { return name(b, r) }),
		}},
		{"orders", min(rows, many), []column{
			int8Column("key", func(r int64) int64 { return r * 7 }),
			int4Column("val", func(r int64) int64 { return int64(hash(r, 11) % 1000) }),
		}},
		{"events", min(rows, many), []column{
			int8Column("id", func(r int64) int64 { return r }),
			int8Column("key", func(r int64) int64 { return 7 * int64(hash(r, 12)%uint32(min(rows, many))) }),
			int4Column("val", func(r int64) int64 { return int64(hash(r, 13) % 1000) }),
		}},
	}
}

// dictionary is the vector of a coded column's words.
func (c *column) dictionary(id uint64) *vector.Dict {
	v := vector.NewFlat(c.typ, len(c.words))
	for i, w := range c.words {
		v.SetString(i, w)
	}
	v.Finish()
	return &vector.Dict{ID: id, Values: v}
}

// fill writes n rows of a column, beginning at a row, into a vector: a new one if v is nil.
func (c *column) fill(v *vector.Vector, d *vector.Dict, first int64, n int) *vector.Vector {
	if v == nil {
		v = vector.New(c.typ)
	}
	if c.coded {
		v.Form, v.Dict, v.N, v.Codes = vector.Dictionary, d, n, make([]int32, n)
		for i := range n {
			v.Codes[i] = c.code(first + int64(i))
		}
		return v
	}
	v.Reset(n)
	for i := range n {
		c.set(v, i, first+int64(i))
	}
	v.Finish()
	return v
}
