package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/wire/backend"
)

// discardConn is a connection that takes everything at once.
type discardConn struct {
	net.Conn
	w io.Writer
}

func (d discardConn) Write(p []byte) (int, error) { return d.w.Write(p) }

// samples are texts of values, at least one for each type that has a fast path, and for some that have none.
func samples() map[uint32][]string {
	return map[uint32][]string{
		sqltype.OIDBool:        {"t", "f"},
		sqltype.OIDInt2:        {"0", "-32768", "32767"},
		sqltype.OIDInt4:        {"0", "-2147483648", "2147483647"},
		sqltype.OIDInt8:        {"0", "-9223372036854775808", "9223372036854775807"},
		sqltype.OIDOID:         {"0", "4294967295"},
		sqltype.OIDXID:         {"4294967295"},
		sqltype.OIDCID:         {"7"},
		sqltype.OIDFloat4:      {"0", "1.5", "NaN", "-Infinity", "1e+20"},
		sqltype.OIDFloat8:      {"0", "0.1", "NaN", "Infinity", "1e+300"},
		sqltype.OIDNumeric:     {"0", "1.50", "-12345678901234567890.123456789", "NaN", "Infinity"},
		sqltype.OIDText:        {"", "plain", "äöü", "a\nb"},
		sqltype.OIDVarChar:     {"v"},
		sqltype.OIDBPChar:      {"c  "},
		sqltype.OIDName:        {"n"},
		sqltype.OIDUnknown:     {"u"},
		sqltype.OIDChar:        {"x"},
		sqltype.OIDBytea:       {`\x`, `\x00ff`},
		sqltype.OIDJSON:        {`{"a": 1}`},
		sqltype.OIDJSONB:       {`{"a": 1}`, `null`},
		sqltype.OIDUUID:        {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		sqltype.OIDDate:        {"2024-02-29", "infinity", "0044-03-15 BC"},
		sqltype.OIDTime:        {"00:00:00", "24:00:00", "12:34:56.789"},
		sqltype.OIDTimestamp:   {"2024-02-29 12:34:56.789", "-infinity"},
		sqltype.OIDTimestampTZ: {"2024-02-29 12:34:56.789+00"},
		sqltype.OIDInterval:    {"1 year 2 mons 3 days 04:05:06"},
		sqltype.OIDInt4Array:   {"{}", "{1,NULL,3}"},
		sqltype.OIDTextArray:   {`{a,"b c",NULL,"NULL"}`},
	}
}

// decodeRows reads DataRow messages back.
func decodeRows(t *testing.T, b []byte) (rows [][][]byte) {
	t.Helper()
	for len(b) > 0 {
		if b[0] != 'D' {
			t.Fatalf("message %c", b[0])
		}
		n := int(binary.BigEndian.Uint32(b[1:])) + 1
		body := b[7:n]
		row := make([][]byte, binary.BigEndian.Uint16(b[5:]))
		for i := range row {
			size := int(int32(binary.BigEndian.Uint32(body)))
			body = body[4:]
			if size >= 0 {
				row[i], body = body[:size:size], body[size:]
			}
		}
		if len(body) != 0 {
			t.Fatalf("%d bytes too many in a row", len(body))
		}
		rows = append(rows, row)
		b = b[n:]
	}
	return rows
}

func encodeColumn(t *testing.T, typ sqltype.Type, format int16, v *vector.Vector, sel []int32) [][][]byte {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(discardConn{w: &out})
	var r rowEncoder
	columns := []backend.Column{{Name: "c", Type: typ}}
	if e := r.reset(columns, []int16{format}, nil); e != nil {
		t.Fatal(e)
	}
	b := &vector.Batch{Cols: []*vector.Vector{v}, N: v.N, Sel: sel}
	n, e := r.batch(w, b)
	if e != nil {
		t.Fatal(e)
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	rows := decodeRows(t, out.Bytes())
	if len(rows) != n || n != b.Rows() {
		t.Fatalf("%d rows sent, %d counted, batch has %d", len(rows), n, b.Rows())
	}
	return rows
}

// Every type's rows must equal what sqltype writes for the single values, in each form of a vector.
func TestRowsEqualValues(t *testing.T) {
	t.Parallel()
	for oid, texts := range samples() {
		typ := sqltype.Of(oid)
		flat := vector.New(typ)
		dict := &vector.Dict{ID: 1, Values: vector.New(typ)}
		coded := vector.NewDictionary(typ, dict)
		var values []sqltype.Value
		for _, text := range texts {
			v, err := sqltype.ParseText(typ, text, nil)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			values = append(values, v, sqltype.NullValue())
			dict.Values.Append(v)
		}
		for i, v := range values {
			flat.Append(v)
			code := int32(-1)
			if !v.Null {
				code = int32(i / 2)
			}
			coded.Codes = append(coded.Codes, code)
		}
		coded.N = len(values)
		for format := range int16(2) {
			want := make([][]byte, len(values))
			for i, v := range values {
				if !v.Null {
					want[i] = encodeValue(t, typ, format, v)
				}
			}
			check := func(form string, rows [][][]byte, want [][]byte) {
				for i := range want {
					if got := rows[i][0]; !bytes.Equal(got, want[i]) || (got == nil) != (want[i] == nil) {
						t.Errorf("%s, format %d, %s: row %d is %q, want %q", typ.Info().Name, format, form, i, got, want[i])
					}
				}
			}
			check("flat", encodeColumn(t, typ, format, flat, nil), want)
			check("dictionary", encodeColumn(t, typ, format, coded, nil), want)
			last := int32(len(values) - 1)
			check("selection", encodeColumn(t, typ, format, flat, []int32{0, last}), [][]byte{want[0], want[last]})
			check("constant", encodeColumn(t, typ, format, vector.NewConstant(typ, values[0], 3), nil), [][]byte{want[0], want[0], want[0]})
			check("null", encodeColumn(t, typ, format, vector.NewNull(typ, 2), nil), [][]byte{nil, nil})
		}
	}
}

func encodeValue(t *testing.T, typ sqltype.Type, format int16, v sqltype.Value) []byte {
	t.Helper()
	if format == 0 {
		return append([]byte{}, sqltype.AppendText(nil, typ, v, nil)...)
	}
	b, err := sqltype.AppendBinary([]byte{}, typ, v, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every type that has values is encoded without a panic, null or not.
func TestEveryTypeHasEncoders(t *testing.T) {
	t.Parallel()
	tested := samples()
	for _, info := range sqltype.All() {
		if !info.Implemented {
			continue
		}
		typ := sqltype.Of(info.OID)
		for format := range int16(2) {
			if e, err := encoderOf(typ, format, newExecutionEnv(nil)); e == nil || err != nil {
				t.Errorf("%s has no encoder for format %d", info.Name, format)
			}
		}
		if rawText(info.OID) && tested[info.OID] == nil && info.OID != sqltype.OIDCString {
			t.Errorf("%s has a fast path without a sample", info.Name)
		}
	}
}

func TestBatchThatDoesNotFit(t *testing.T) {
	t.Parallel()
	var r rowEncoder
	if e := r.reset([]backend.Column{{Type: sqltype.Of(sqltype.OIDInt4)}}, nil, nil); e != nil {
		t.Fatal(e)
	}
	w := newWriter(discardConn{w: io.Discard})
	for _, b := range []*vector.Batch{
		{N: 1},
		{N: 1, Cols: []*vector.Vector{vector.NewFlat(sqltype.Of(sqltype.OIDText), 1)}},
	} {
		if _, e := r.batch(w, b); e == nil || e.Code != "XX000" || len(w.buf) != 0 {
			t.Errorf("error %v, %d bytes written", e, len(w.buf))
		}
	}
	if e := r.reset([]backend.Column{{Type: sqltype.Of(sqltype.OIDInt4)}}, []int16{2}, nil); e == nil || e.Code != "22023" {
		t.Errorf("error %v", e)
	}
}

// intuneBatch has the shape of a page of device history: keys, dates, low-cardinality text, some nulls.
func intuneBatch() ([]backend.Column, *vector.Batch) {
	types := []uint32{
		sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDText, sqltype.OIDText, sqltype.OIDTimestampTZ, sqltype.OIDBool,
		sqltype.OIDUUID, sqltype.OIDNumeric, sqltype.OIDFloat8, sqltype.OIDDate,
	}
	b := &vector.Batch{N: vector.BatchRows}
	columns := make([]backend.Column, len(types))
	for i, oid := range types {
		columns[i] = backend.Column{Name: "c", Type: sqltype.Of(oid)}
		v := vector.New(columns[i].Type)
		for row := range b.N {
			switch v.Kind {
			case sqltype.KindBytes:
				v.Append(sqltype.Text([]string{"Windows", "10.0.22631.3447", "", "compliant device"}[row%4]))
			case sqltype.KindUUID:
				v.Append(sqltype.Text("0123456789abcdef"))
			case sqltype.KindNumeric:
				v.Append(sqltype.Num(sqltype.Numeric{Coef: int64(row) * 12345, Scale: 2}))
			case sqltype.KindFloat64:
				v.Append(sqltype.Float(math.Sqrt(float64(row))))
			case sqltype.KindInt64:
				v.Append(sqltype.Int(766_000_000_000_000 + int64(row)*1_000_003))
			case sqltype.KindBool:
				v.Append(sqltype.Bool(row%3 == 0))
			default:
				v.Append(sqltype.Int(int64(row)))
			}
		}
		if i%3 == 2 {
			for row := 0; row < b.N; row += 7 {
				if v.Kind != sqltype.KindBytes {
					v.SetNull(row)
				}
			}
		}
		b.Cols = append(b.Cols, v)
	}
	return columns, b
}

// Rows are encoded without an allocation per value or row.
func TestRowsDoNotAllocate(t *testing.T) {
	columns, b := intuneBatch()
	for format := range int16(2) {
		w := newWriter(discardConn{w: io.Discard})
		var r rowEncoder
		if e := r.reset(columns, slices.Repeat([]int16{format}, len(columns)), nil); e != nil {
			t.Fatal(e)
		}
		run := func() {
			if _, e := r.batch(w, b); e != nil {
				t.Fatal(e)
			}
			_ = w.flush()
		}
		run()
		if n := testing.AllocsPerRun(20, run); n > 4 {
			t.Errorf("format %d: %.0f allocations for %d rows", format, n, b.N)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	columns, batch := intuneBatch()
	for format, name := range []string{"text", "binary"} {
		b.Run(name, func(b *testing.B) {
			counter := &countWriter{}
			w := newWriter(discardConn{w: counter})
			var r rowEncoder
			if e := r.reset(columns, slices.Repeat([]int16{int16(format)}, len(columns)), nil); e != nil {
				b.Fatal(e)
			}
			b.ReportAllocs()
			start := time.Now()
			for b.Loop() {
				if _, e := r.batch(w, batch); e != nil {
					b.Fatal(e)
				}
				_ = w.flush()
			}
			seconds := time.Since(start).Seconds()
			b.ReportMetric(float64(counter.n)/1e6/seconds, "MB/s")
			b.ReportMetric(float64(b.N*batch.N)/1e6/seconds, "Mrows/s")
		})
	}
}

type countWriter struct{ n int64 }

func (c *countWriter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
