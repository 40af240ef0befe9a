package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// fixture is one row with known values for expressions; null… properties are null.
func fixture() (*model, *entitySet, []column) {
	m := typesModel()
	samples := m.set("samples")
	set := &entitySet{name: "fixture", entityType: "Fixture"}
	var cols []column
	add := func(name, like string, v value) {
		p := samples.props[samples.prop(like)]
		p.name = name
		set.props = append(set.props, p)
		cols = append(cols, func(ref) value { return v })
	}
	add("i", "int32", integer(7))
	add("n", "int32", null())
	add("big", "int64", integer(9223372036854775807))
	add("s", "text", text("O'Neil ÄÖ 😀"))
	add("ns", "text", null())
	add("b", "boolean", boolean(true))
	add("nb", "boolean", null())
	add("d", "decimal4", decimal("12.5"))
	add("f", "double", double(2.5))
	add("nan", "double", double(floatArithmetic("div", 0, 0)))
	add("t", "instant", timestamp(daysOf(2024, 2, 29)*ticksPerDay+ticksPerDay-1-8765432))
	add("day", "date", date(daysOf(2024, 2, 29)))
	add("clock", "clock", timeOfDay(3723*ticksPerSecond+5000000))
	add("dur", "duration", duration(-36*3600*ticksPerSecond))
	add("g", "guid", guid("22913abe-0967-40bf-97e7-d907e204c91e"))
	add("bin", "binary", binary("OData"))
	add("color", "color", enum(4, "Blue"))
	add("rights", "rights", enum(3, "Read,Write"))
	add("tags", "tags", collectionOf(text("red"), text("it's"), null()))
	add("none", "tags", collectionOf())
	add("address", "address", complexOf(text("street"), null(), text("city"), text("Köln"),
		text("position"), complexOf(text("lat"), double(50.9), text("lon"), double(7), text("floor"), null()), text("since"), null()))
	add("nowhere", "address", null())
	add("addresses", "addresses", collectionOf(complexOf(text("street"), text("A"), text("city"), text("Oslo"), text("position"), null(), text("since"), null())))
	add("anything", "anything", raw(`{"a":1}`))
	m.sets = append(m.sets, set)
	m.seal()
	return m, set, cols
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	datadriven.RunTest(t, "testdata/expressions", func(t *testing.T, d *datadriven.TestData) string {
		m, set, cols := fixture()
		var out strings.Builder
		for line := range strings.SplitSeq(d.Input, "\n") {
			out.WriteString(line + " = " + evaluate(m, set, cols, line) + "\n")
		}
		return out.String()
	})
}

func evaluate(m *model, set *entitySet, cols []column, line string) string {
	p, err := newParser(m, set, line)
	if err != nil {
		return "error: " + err.Error()
	}
	e, err := p.or()
	if err == nil && p.peek().kind != tEnd {
		err = p.syntax(p.peek())
	}
	if err != nil {
		return "error: " + err.Error()
	}
	v, err := e.eval(&scope{cols: cols, typs: set.props, now: timestamp(0)})
	if err != nil {
		return "error: " + err.Error()
	}
	return string(appendJSON(nil, v, jsonStyle{}))
}

// TestFiltersByHand compares filters of every kind with the same condition written in Go.
func TestFiltersByHand(t *testing.T) {
	t.Parallel()
	s := start(t, Options{NoAuth: true, Profile: profileFull, PageSize: 7})
	cols := map[string]int{}
	for i, c := range s.Columns("v1.0", "devices") {
		cols[c.Name] = i
	}
	str := func(r []any, name string) (string, bool) { v, ok := r[cols[name]].(string); return v, ok }
	num := func(r []any, name string) (int64, bool) { v, ok := r[cols[name]].(int64); return v, ok }
	cases := []struct {
		filter string
		keep   func(r []any) bool
	}{
		{"manufacturer eq 'Apple'", func(r []any) bool { v, _ := str(r, "manufacturer"); return v == "Apple" }},
		{"manufacturer ne 'Apple'", func(r []any) bool { v, _ := str(r, "manufacturer"); return v != "Apple" }},
		{"not (manufacturer eq 'Apple')", func(r []any) bool { v, _ := str(r, "manufacturer"); return v != "Apple" }},
		{"model eq null", func(r []any) bool { _, ok := str(r, "model"); return !ok }},
		{"totalStorageSpaceInBytes ge 137000000000 and totalStorageSpaceInBytes lt 300000000000", func(r []any) bool {
			v, ok := num(r, "totalStorageSpaceInBytes")
			return ok && v >= 137000000000 && v < 300000000000
		}},
		{"not (totalStorageSpaceInBytes lt 137000000000)", func(r []any) bool {
			v, ok := num(r, "totalStorageSpaceInBytes")
			return !ok || v >= 137000000000
		}},
		{"operatingSystem in ('iOS','macOS',null)", func(r []any) bool {
			v, ok := str(r, "operatingSystem")
			return !ok || v == "iOS" || v == "macOS"
		}},
		{"startswith(osVersion,'10.0.22') or endswith(osVersion,'1')", func(r []any) bool {
			v, ok := str(r, "osVersion")
			return ok && (strings.HasPrefix(v, "10.0.22") || strings.HasSuffix(v, "1"))
		}},
		{"contains(tolower(manufacturer),'e') and isDeleted eq false", func(r []any) bool {
			v, ok := str(r, "manufacturer")
			return ok && strings.Contains(strings.ToLower(v), "e") && r[cols["isDeleted"]] == false
		}},
		{"deviceKey mod 4 eq 0", func(r []any) bool { v, _ := num(r, "deviceKey"); return v%4 == 0 }},
		{"length(deviceName) gt 12", func(r []any) bool { v, ok := str(r, "deviceName"); return ok && len([]rune(v)) > 12 }},
	}
	for _, c := range cases {
		var want []string
		for r := range s.Rows("v1.0", "devices") {
			if c.keep(r) {
				want = append(want, fmt.Sprint(r[0]))
			}
		}
		rows, _ := readAll(t, q(s, "devices", "$filter", c.filter, "$select", "deviceKey"))
		var got []string
		for _, r := range rows {
			got = append(got, key(r, "deviceKey"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got %v\nwant %v", c.filter, got, want)
		}
		if len(want) == 0 || len(want) == 60 {
			t.Errorf("%s keeps %d of 60 rows and proves nothing", c.filter, len(want))
		}
		if a := get(t, q(s, "devices/$count", "$filter", c.filter)); a.body != fmt.Sprint(len(want)) {
			t.Errorf("%s: /$count says %s, want %d", c.filter, a.body, len(want))
		}
	}
}
