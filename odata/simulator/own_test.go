package simulator

import (
	"strconv"
	"strings"
	"testing"
)

// TestOwnSets serves a caller's sets, page by page, and refuses what it cannot serve.
func TestOwnSets(t *testing.T) {
	t.Parallel()
	sets := []Set{{Name: "things", Rows: 25, Properties: []Property{
		{Name: "id", Type: "Edm.Int64", Key: true, Value: func(i int) any { return int64(i) }},
		{Name: "name", Type: "Edm.String", Nullable: true, Value: func(i int) any {
			if i%2 == 1 {
				return nil
			}
			return "thing " + strconv.Itoa(i)
		}},
		{Name: "price", Type: "Edm.Decimal", Facets: `Precision="9" Scale="2"`, Value: func(i int) any { return strconv.Itoa(i) + ".50" }},
		{Name: "at", Type: "Edm.DateTimeOffset", Value: func(int) any { return unixEpochDays * ticksPerDay }},
		{Name: "on", Type: "Edm.Boolean", Value: func(i int) any { return i == 0 }},
		{Name: "share", Type: "Edm.Double", Value: func(i int) any { return float64(i) / 2 }},
	}}}
	s := start(t, Options{NoAuth: true, Sets: sets, PageSize: 10, Prerender: true})
	if n := s.RowCount("things"); n != 25 {
		t.Errorf("%d rows", n)
	}
	pages, size, err := s.Warm(t.Context(), "things", true)
	if pages != 3 || size == 0 || err != nil {
		t.Errorf("%d pages, %d bytes, %v", pages, size, err)
	}
	first := get(t, q(s, "things", "$top", "1")).body
	for _, want := range []string{`"id":0`, `"name":"thing 0"`, `"price":0.50`, `"at":"1970-01-01T00:00:00`, `"on":true`, `"share":0`} {
		if !strings.Contains(strings.ReplaceAll(first, `": `, `":`), want) {
			t.Errorf("no %s in %s", want, first)
		}
	}
	page := parsePage(t, get(t, q(s, "things", "$filter", "id gt 21", "$orderby", "id desc")).body)
	if len(page.Value) != 3 || page.Value[0]["name"] != "thing 24" || page.Value[1]["name"] != nil {
		t.Errorf("filtered: %v", page.Value)
	}
	if doc := get(t, s.URL()+"/$metadata").body; !strings.Contains(doc, `<Property Name="price" Type="Edm.Decimal" Nullable="false" Precision="9" Scale="2"`) {
		t.Errorf("metadata: %s", doc)
	}
	sets[0].Properties[0].Type = "Edm.Odd"
	if _, err := New(Options{Sets: sets}); err == nil || !strings.Contains(err.Error(), `things.id has the unknown type "Edm.Odd"`) {
		t.Errorf("an unknown type: %v", err)
	}
	if _, err := New(Options{Sets: sets[:1], Model: modelTypes}); err == nil {
		t.Error("own sets beside a model were taken")
	}
}
