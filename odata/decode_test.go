package odata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata/edm"
)

func column(name string, k edm.Kind) Column { return columnOf(name, edm.Of(k)) }

func columnOf(name string, t edm.Type) Column {
	st, ok := t.SQL()
	if !ok {
		panic("no column: " + t.Name)
	}
	return Column{Path: strings.Split(name, "/"), Edm: t, Type: st, Nullable: true}
}

// decodeAll reads a body and returns its rows.
func decodeAll(cols []Column, src io.Reader) (rows [][]sqltype.Value, g *page, err error) {
	d := newDecoder("things", cols, Config{}.withDefaults().Limits)
	g = newPage(d, src, false, func() {})
	d.begin(nil)
	flush := func() {
		b := d.seal()
		for i := range b.N {
			var row []sqltype.Value
			for _, c := range b.Cols {
				row = append(row, c.Value(i))
			}
			rows = append(rows, row)
		}
		d.begin(b)
	}
	for {
		n, ok, err := g.nextRow()
		if err != nil || !ok {
			flush()
			return rows, g, err
		}
		d.commit(n)
		if d.full() {
			flush()
		}
	}
}

func printRows(cols []Column, rows [][]sqltype.Value) string {
	var b strings.Builder
	for _, r := range rows {
		for i, v := range r {
			if i > 0 {
				b.WriteString(" | ")
			}
			if v.Null {
				b.WriteString("∅")
				continue
			}
			b.Write(sqltype.AppendText(nil, cols[i].Type, v, nil))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestDecodeChunks(t *testing.T) {
	t.Parallel()
	cols := []Column{
		column("id", edm.KindInt64), column("name", edm.KindString), column("on", edm.KindBoolean), column("a/b", edm.KindDouble),
		column("a/c", edm.KindDateTimeOffset), column("g", edm.KindGuid),
	}
	var b strings.Builder
	b.WriteString("{\r\n  \"@odata.context\":\"x\",\"value\": [\r\n")
	for i := range 3000 {
		if i > 0 {
			b.WriteString(",\r\n    ")
		}
		name := fmt.Sprintf(`"n%d ü \u00e9\n\ud83d\ude00"`, i%700)
		if i%7 == 0 {
			name = "null"
		}
		fmt.Fprintf(&b, `{ "id": %d, "extra": {"x":[1,2,{"y":null}]}, "name": %s, "on":%v, "a": {"b": %d.5, "c":"2024-02-29T12:00:00.1234567Z"}, "g":"0123abcd-0000-0000-0000-%012x"}`, i, name, i%2 == 0, i, i)
	}
	b.WriteString("],\"@odata.nextLink\":\"next\\u003Fa\",\"@odata.count\":\"12\"}\n")
	whole, g, err := decodeAll(cols, strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(whole) != 3000 || g.next != "next?a" || g.count != 12 {
		t.Fatalf("rows %d, next %q, count %d", len(whole), g.next, g.count)
	}
	if got := whole[1][1].S; got != "n1 ü é\n😀" {
		t.Fatalf("name %q", got)
	}
	if got, want := whole[2][4].I, int64(762523200123456); got != want {
		t.Fatalf("timestamp %d, want %d", got, want)
	}
	if !whole[7][1].Null || whole[8][1].Null || whole[2999][0].I != 2999 {
		t.Fatal("wrong rows")
	}
	for _, r := range []io.Reader{
		iotest.OneByteReader(strings.NewReader(b.String())), iotest.DataErrReader(strings.NewReader(b.String())),
		&raggedReader{src: strings.NewReader(b.String())},
	} {
		again, h, err := decodeAll(cols, r)
		if err != nil {
			t.Fatal(err)
		}
		if printRows(cols, again) != printRows(cols, whole) || h.rows != g.rows {
			t.Fatal("rows depend on how the bytes arrive")
		}
	}
}

// raggedReader returns pieces of random length.
type raggedReader struct{ src io.Reader }

func (r *raggedReader) Read(p []byte) (int, error) {
	return r.src.Read(p[:1+rand.IntN(min(len(p), 5000))])
}

type benchRow struct {
	DateKey          int32   `json:"dateKey"`
	DeviceKey        int64   `json:"deviceKey"`
	DeviceName       *string `json:"deviceName"`
	OsVersion        *string `json:"osVersion"`
	ComplianceStatus *string `json:"complianceStatus"`
	IsDeleted        bool    `json:"isDeleted"`
	LastSync         string  `json:"lastSyncDateTime"`
	DeviceID         string  `json:"deviceId"`
	Free             int64   `json:"freeStorage"`
	Score            float64 `json:"score"`
}

func benchBody(rows int, indent bool) []byte {
	type page struct {
		Context string     `json:"@odata.context"`
		Value   []benchRow `json:"value"`
	}
	rng := rand.New(rand.NewPCG(1, 2))
	p := page{Context: "https://host/$metadata#devices"}
	status := []string{"Compliant", "Noncompliant", "InGracePeriod", "Unknown"}
	for i := range rows {
		name, os, st := "DESKTOP-"+strconv.Itoa(100000+i), "10.0.1904"+strconv.Itoa(rng.IntN(9))+".508", status[rng.IntN(4)]
		p.Value = append(p.Value, benchRow{
			DateKey: 20261100 + int32(i%30), DeviceKey: rng.Int64N(1 << 40), DeviceName: &name, OsVersion: &os, ComplianceStatus: &st,
			IsDeleted: i%10 == 0, LastSync: fmt.Sprintf("2026-11-%02dT%02d:03:36.3455123Z", 1+i%28, i%24),
			DeviceID: fmt.Sprintf("%08x-1234-4abc-9def-%012x", rng.Uint32(), i), Free: rng.Int64N(1 << 38), Score: float64(rng.IntN(10000)) / 100,
		})
	}
	var out []byte
	if indent {
		out, _ = json.MarshalIndent(p, "", "  ")
	} else {
		out, _ = json.Marshal(p)
	}
	return out
}

func benchColumns() []Column {
	return []Column{
		column("dateKey", edm.KindInt32), column("deviceKey", edm.KindInt64), column("deviceName", edm.KindString), column("osVersion", edm.KindString),
		column("complianceStatus", edm.KindString), column("isDeleted", edm.KindBoolean), column("lastSyncDateTime", edm.KindDateTimeOffset),
		column("deviceId", edm.KindGuid), column("freeStorage", edm.KindInt64), column("score", edm.KindDouble),
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, indent := range []bool{false, true} {
		body := benchBody(10000, indent)
		b.Run(fmt.Sprintf("vectors/indent=%v", indent), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			d := newDecoder("things", benchColumns(), Config{}.withDefaults().Limits)
			var spare *vector.Batch
			for b.Loop() {
				g := newPage(d, bytes.NewReader(body), false, func() {})
				d.begin(spare)
				rows := 0
				for {
					n, ok, err := g.nextRow()
					if err != nil {
						b.Fatal(err)
					}
					if !ok {
						rows += d.rows
						spare = d.seal()
						break
					}
					d.commit(n)
					if d.full() {
						rows += d.rows
						d.begin(d.seal())
					}
				}
				if rows != 10000 {
					b.Fatal(rows)
				}
			}
		})
		b.Run(fmt.Sprintf("encoding-json/indent=%v", indent), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var p struct {
					Value []benchRow `json:"value"`
				}
				if err := json.Unmarshal(body, &p); err != nil || len(p.Value) != 10000 {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzDecode holds the decoder against encoding/json: what that refuses is refused, what both read is equal.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"value":[{"s":"a","i":1,"b":true,"d":1.5,"c":{"s":"x"}}]}`,
		`{"@odata.nextLink":"x","value":[{"i":-9007199254740993,"s":null,"b":false,"d":1e300,"c":null},{"c":{"s":"\ud83d\ude00"},"s":"\u0041","i":"5","b":null,"d":"2"}],"x":[{}]}`,
		`{"value":[]}`, `{"value":[{"s":"a","i":1,"b":true,"d":1.5,"c":{"s":"x"},"s":"b"}]}`, `{"value":[{"i":1.0,"s":"","b":true,"d":0,"c":{"s":""}},]}`,
		"\xEF\xBB\xBF{\"value\":[{\"s\":\"\\ud800\",\"i\":0,\"b\":true,\"d\":1,\"c\":{\"s\":\"\"}}]}",
	} {
		f.Add([]byte(s), 7)
	}
	cols := []Column{column("s", edm.KindString), column("i", edm.KindInt64), column("b", edm.KindBoolean), column("d", edm.KindDouble), column("c/s", edm.KindString)}
	f.Fuzz(func(t *testing.T, body []byte, chunk int) {
		rows, _, err := decodeAll(cols, bytes.NewReader(body))
		chunked := iotest.OneByteReader(bytes.NewReader(body))
		again, _, err2 := decodeAll(cols, chunked)
		if (err == nil) != (err2 == nil) || printRows(cols, rows) != printRows(cols, again) {
			t.Fatalf("chunks change the answer: %v, %v", err, err2)
		}
		if err != nil {
			return
		}
		// Accepted: then it is JSON, and says the same.
		clean := bytes.TrimPrefix(body, []byte(bom))
		if !json.Valid(clean) || !utf8.Valid(clean) {
			t.Fatalf("accepted although it is no JSON: %q", body)
		}
		dec := json.NewDecoder(bytes.NewReader(clean))
		dec.UseNumber()
		var top map[string]json.RawMessage
		if err := dec.Decode(&top); err != nil {
			t.Fatal(err)
		}
		var want []map[string]any
		dec = json.NewDecoder(bytes.NewReader(top["value"]))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if len(want) != len(rows) {
			t.Fatalf("%d rows, want %d", len(rows), len(want))
		}
		for i, w := range want {
			same(t, rows[i][0], w["s"])
			sameNumber(t, rows[i][1], w["i"])
			same(t, rows[i][2], w["b"])
			sameFloat(t, rows[i][3], w["d"])
			c, _ := w["c"].(map[string]any)
			if c == nil && !rows[i][4].Null {
				t.Fatal("a member of null is not null")
			}
			if c != nil {
				same(t, rows[i][4], c["s"])
			}
		}
	})
}

func same(t *testing.T, v sqltype.Value, want any) {
	t.Helper()
	switch w := want.(type) {
	case nil:
		if !v.Null {
			t.Fatalf("%v, want null", v)
		}
	case string:
		if v.Null || v.S != w {
			t.Fatalf("%q, want %q", v.S, w)
		}
	case bool:
		if v.Null || (v.I != 0) != w {
			t.Fatalf("%v, want %v", v, w)
		}
	default:
		t.Fatalf("%v accepted for %T", v, want)
	}
}

func sameNumber(t *testing.T, v sqltype.Value, want any) {
	t.Helper()
	if want == nil {
		same(t, v, nil)
		return
	}
	s := fmt.Sprint(want)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && (v.Null || v.I != n) {
		t.Fatalf("%d, want %s", v.I, s)
	}
}

func sameFloat(t *testing.T, v sqltype.Value, want any) {
	t.Helper()
	if want == nil {
		same(t, v, nil)
		return
	}
	s := fmt.Sprint(want)
	if f, err := strconv.ParseFloat(s, 64); err == nil && (v.Null || (v.F != f && f == f)) {
		t.Fatalf("%v, want %s", v.F, s)
	}
}
