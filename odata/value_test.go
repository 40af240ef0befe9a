package odata

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// TestEveryDay holds the calendar against the standard library's, for every day of the years that services use.
func TestEveryDay(t *testing.T) {
	t.Parallel()
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	want := int64(-730119)
	for ; day.Year() < 10000; day, want = day.AddDate(0, 0, 1), want+1 {
		y, m, d := day.Date()
		if got := daysSince2000(int64(y), int64(m), int64(d)); got != want {
			t.Fatalf("%s: %d, want %d", day, got, want)
		}
		if next := day.AddDate(0, 0, 1); next.Day() == 1 && int64(d) != daysIn(int64(y), int64(m)) {
			t.Fatalf("%s is not the last day of its month", day)
		}
	}
	if want != 2921940 {
		t.Errorf("%d days", want)
	}
}

// one reads a single value.
func one(k edm.Kind, json string) (sqltype.Value, error) {
	rows, _, err := decodeAll([]Column{column("v", k)}, strings.NewReader(`{"value":[{"v":`+json+`}]}`))
	if err != nil || len(rows) != 1 {
		return sqltype.Value{}, fmt.Errorf("%d rows: %w", len(rows), err)
	}
	return rows[0][0], nil
}

// TestRandomValues holds fast paths against slow ones that share nothing with them.
func TestRandomValues(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		at := time.Unix(rng.Int64N(400000000000)-62000000000, rng.Int64N(1000000000)).UTC()
		if at.Year() < 1 || at.Year() > 9999 {
			continue
		}
		zone := time.FixedZone("", (rng.IntN(28*60)-14*60)*60)
		text := at.In(zone).Format("2006-01-02T15:04:05.9999999Z07:00")
		v, err := one(edm.KindDateTimeOffset, `"`+text+`"`)
		want := at.Truncate(100*time.Nanosecond).UnixMicro() - 946684800000000
		if at.In(zone).Year() >= 1 && at.In(zone).Year() <= 9999 && (err != nil || v.I != want) {
			t.Fatalf("%s: %d, want %d (%v)", text, v.I, want, err)
		}

		digits := fmt.Sprint(rng.Int64N(int64(math.Pow10(rng.IntN(18) + 1))))
		if cut := rng.IntN(len(digits) + 1); cut > 0 && cut < len(digits) {
			digits = strings.TrimLeft(digits[:cut], "0") + "." + digits[cut:]
			if digits[0] == '.' {
				digits = "0" + digits
			}
		}
		if rng.IntN(2) == 0 {
			digits = "-" + digits
		}
		st, _ := edm.Of(edm.KindDecimal).SQL()
		got, err := one(edm.KindDecimal, digits)
		num, perr := sqltype.ParseText(st, digits, nil)
		if err != nil || perr != nil || got.Num != num.Num {
			t.Fatalf("%s: %v, want %v (%v, %v)", digits, got.Num, num.Num, err, perr)
		}

		// The same with a declared scale, where the digits fit it.
		c := column("v", edm.KindDecimal)
		c.Edm.Facets.Precision, c.Edm.Facets.Scale = 1+rng.IntN(25), 0
		c.Edm.Facets.Scale = rng.IntN(c.Edm.Facets.Precision + 1)
		c.Type, _ = c.Edm.SQL()
		rows, _, err := decodeAll([]Column{c}, strings.NewReader(`{"value":[{"v":`+digits+`}]}`))
		num, perr = sqltype.ParseText(c.Type, digits, nil)
		_, frac, _ := strings.Cut(strings.TrimRight(digits, "0"), ".")
		if fits := perr == nil && (len(frac) <= c.Edm.Facets.Scale || !strings.Contains(digits, ".")); fits != (err == nil) {
			t.Fatalf("%s as %s: %v, %v", digits, c.Type, err, perr)
		} else if fits && rows[0][0].Num != num.Num {
			t.Fatalf("%s as %s: %v, want %v", digits, c.Type, rows[0][0].Num, num.Num)
		}
	}
}

// TestDictionary: up to 256 distinct strings come as codes, more make later batches flat, and the values are the same.
func TestDictionary(t *testing.T) {
	t.Parallel()
	for _, distinct := range []int{1, 3, 255, 256, 257, 1500} {
		var b strings.Builder
		b.WriteString(`{"value":[`)
		var want []string
		for i := range 4000 {
			if i > 0 {
				b.WriteByte(',')
			}
			s := fmt.Sprintf("value %d", i*7919%distinct)
			if i%11 == 5 {
				b.WriteString(`{"v":null}`)
				want = append(want, "")
				continue
			}
			want = append(want, s)
			fmt.Fprintf(&b, `{"v":%q}`, s)
		}
		b.WriteString("]}")
		rows, g, err := decodeAll([]Column{column("v", edm.KindString)}, strings.NewReader(b.String()))
		if err != nil || len(rows) != len(want) {
			t.Fatal(len(rows), err)
		}
		for i, w := range want {
			if rows[i][0].Null != (w == "") || rows[i][0].S != w {
				t.Fatalf("%d distinct, row %d: %v, want %q", distinct, i, rows[i][0], w)
			}
		}
		if dict := g.d.slots[0].dict != nil; dict != (distinct <= 256) {
			t.Errorf("%d distinct values: dictionary %v", distinct, dict)
		}
	}
}

// TestLimits: a value, an entity or a nesting above its limit is refused before it takes memory.
func TestLimits(t *testing.T) {
	t.Parallel()
	limits := Config{Limits: Limits{ValueBytes: 1000, RowBytes: 200000, Depth: 20}}.withDefaults().Limits
	for name, c := range map[string]struct {
		row  string
		want error
	}{
		"value": {`{"v":"` + strings.Repeat("x", 2000) + `"}`, errValSize},
		"row":   {`{"x":"` + strings.Repeat("x", 1000000) + `","v":"a"}`, errRowSize},
		"depth": {`{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `,"v":"a"}`, errDepth},
	} {
		d := newDecoder("things", []Column{column("v", edm.KindString)}, limits)
		g := newPage(d, strings.NewReader(`{"value":[`+c.row+`]}`), false, func() {})
		d.begin(nil)
		if _, ok, err := g.nextRow(); ok || err != c.want { //nolint:errorlint // the very error is meant
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if len(d.buf) > 1<<20 {
			t.Errorf("%s: a buffer of %d bytes", name, len(d.buf))
		}
	}
}

// FuzzValue feeds any JSON to a column of any kind: no panic, the same outcome however the bytes arrive, and nothing accepted that
// is no JSON.
func FuzzValue(f *testing.F) {
	for i, s := range []string{
		`"2024-02-29T12:00:00.1234567Z"`, `"P1DT2H3M4.5S"`, `-12.5e3`, `"0123abcd-0000-0000-0000-0000000000ff"`, `"_-8"`, `{"a":[1,"\u00e9"]}`, `"INF"`,
		`"07:59:59.999"`, `true`, `null`, `"\ud83d\ude00"`, `99999999999999999999`, `"2024-02-29"`,
	} {
		f.Add(uint8(i), s)
	}
	var cols []Column
	for _, k := range edm.Kinds() {
		if k.OID != 0 {
			cols = append(cols, column("v", k.Kind))
		}
	}
	typed := column("v", edm.KindDecimal)
	typed.Edm.Facets.Precision, typed.Edm.Facets.Scale = 10, 2
	typed.Type, _ = typed.Edm.SQL()
	lenient := column("v", edm.KindGuid)
	lenient.OnError = Null
	other := column("v", edm.KindString)
	other.Type = sqltype.Of(sqltype.OIDInterval)
	cols = append(cols, typed, lenient, other)
	f.Fuzz(func(t *testing.T, kind uint8, value string) {
		c := []Column{cols[int(kind)%len(cols)]}
		body := `{"value":[{"v":null},{"v":` + value + `},{"v":` + value + `}]}`
		rows, _, err := decodeAll(c, strings.NewReader(body))
		again, _, err2 := decodeAll(c, iotest.OneByteReader(strings.NewReader(body)))
		if (err == nil) != (err2 == nil) || printRows(c, rows) != printRows(c, again) {
			t.Fatalf("%s %q: %v, %v", c[0].Edm.Name, value, err, err2)
		}
		if err != nil {
			return
		}
		if !json.Valid([]byte(body)) {
			t.Fatalf("%s: %q was accepted", c[0].Edm.Name, value)
		}
		if len(rows) == 3 && printRows(c, rows[1:2]) != printRows(c, rows[2:3]) {
			t.Fatalf("%s %q: two readings differ", c[0].Edm.Name, value)
		}
	})
}
