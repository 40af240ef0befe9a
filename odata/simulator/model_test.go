package simulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEverySetHasRows checks every set of every version: generators for every
// property and for no other, values of the declared types, no null where none
// is declared, keys that are keys, and the promised number of sets.
func TestEverySetHasRows(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{Devices: 300, Days: 4},
		{Devices: 1, Days: 1},
		{Devices: 70, Days: 3, Seed: 9},
		{Model: modelTypes},
		{Model: modelTypes, Devices: 2},
	} {
		o.Until = lastDay()
		s, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if o.Model != modelTypes {
			if n := len(s.Sets("v1.0")); n != 42 {
				t.Errorf("v1.0 has %d sets, want 42", n)
			}
			if n := len(s.Sets("beta")); n != 45 {
				t.Errorf("beta has %d sets, want 45", n)
			}
		}
		for _, version := range s.Versions() {
			for _, name := range s.Sets(version) {
				checkSet(t, s, version, name)
			}
		}
	}
}

func checkSet(t *testing.T, s *Server, version, name string) {
	t.Helper()
	b := s.state.Load()
	set, data := b.models[version].set(name), b.data[name]
	if data == nil || data.rows == 0 {
		t.Errorf("%s %s has no rows", version, name)
		return
	}
	for _, p := range set.props {
		if data.cols[p.name] == nil {
			t.Errorf("%s %s.%s has no generator", version, name, p.name)
			return
		}
	}
	for col := range data.cols {
		known := set.prop(col) >= 0 || col == timestampName
		if m := b.models["beta"]; m != nil {
			known = known || m.set(name).prop(col) >= 0
		}
		if !known {
			t.Errorf("%s %s has a generator for the unknown column %s", version, name, col)
		}
	}
	cols := data.columns(set)
	seen := map[string]bool{}
	for at := data.at(0); at.i < data.rows; at = data.next(at) {
		if at != data.at(at.i) {
			t.Fatalf("%s %s: row %d is placed at %v by walking and at %v by searching", version, name, at.i, at, data.at(at.i))
		}
		key := ""
		for i, p := range set.props {
			v := cols[i](at)
			if v.isNull() && !p.nullable {
				t.Fatalf("%s %s row %d: %s is null", version, name, at.i, p.name)
			}
			if !v.isNull() && v.k != p.typ.kindOf() {
				t.Fatalf("%s %s row %d: %s is of kind %d, want %d", version, name, at.i, p.name, v.k, p.typ.kindOf())
			}
			if p.typ.name == "Edm.Int32" && v.n != int64(int32(v.n)) {
				t.Fatalf("%s %s row %d: %s = %d does not fit", version, name, at.i, p.name, v.n)
			}
			if p.key {
				key += "|" + string(appendJSON(nil, v, jsonStyle{}))
			}
		}
		if seen[key] {
			t.Fatalf("%s %s: the key %s comes twice", version, name, key)
		}
		seen[key] = true
	}
}

// TestIntegerWidthsHold: what a variant declares, the values keep.
func TestIntegerWidthsHold(t *testing.T) {
	t.Parallel()
	ranges := map[string]int64{"Edm.Int16": 1<<15 - 1, "Edm.Int32": 1<<31 - 1}
	for _, variant := range []string{"integers-int32", "integers-int64", "integers-narrow"} {
		s, err := New(Options{Variants: []string{variant}, Until: lastDay(), Days: 2, Devices: 3000})
		if err != nil {
			t.Fatal(err)
		}
		types := map[string]int{}
		for _, name := range s.Sets("beta") {
			cols := s.Columns("beta", name)
			for _, c := range cols {
				types[c.EdmType]++
			}
			for row := range s.Rows("beta", name) {
				for i, c := range cols {
					n, ok := row[i].(int64)
					if limit := ranges[c.EdmType]; ok && limit > 0 && (n > limit || n < -limit-1) {
						t.Fatalf("%s: %s.%s = %d does not fit %s", variant, name, c.Name, n, c.EdmType)
					}
				}
			}
		}
		switch variant {
		case "integers-int64":
			if types["Edm.Int32"] != 0 {
				t.Error("Int32 is left")
			}
		case "integers-narrow":
			if types["Edm.Int16"] < 10 {
				t.Errorf("only %d columns are Int16", types["Edm.Int16"])
			}
		}
	}
}

// TestReferencesJoin: each documented reference leads somewhere for most rows,
// and the ones that are meant to dangle do.
func TestReferencesJoin(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Until: lastDay(), Days: 7, Devices: 2000})
	if err != nil {
		t.Fatal(err)
	}
	values := func(set, col string) map[any]bool {
		out := map[any]bool{}
		i := slices.IndexFunc(s.Columns("beta", set), func(c Column) bool { return c.Name == col })
		for row := range s.Rows("beta", set) {
			out[row[i]] = true
		}
		return out
	}
	dangling := 0
	for _, set := range s.Sets("beta") {
		for i, c := range s.Columns("beta", set) {
			if c.References == "" {
				continue
			}
			target, col, _ := strings.Cut(c.References, ".")
			known, total, hits := values(target, col), 0, 0
			for row := range s.Rows("beta", set) {
				if row[i] == nil {
					continue
				}
				total++
				if known[row[i]] {
					hits++
				}
			}
			if total == 0 || hits*10 < total*8 {
				t.Errorf("%s.%s -> %s: %d of %d rows lead somewhere", set, c.Name, c.References, hits, total)
			}
			if hits < total {
				dangling++
			}
		}
	}
	if dangling < 5 {
		t.Errorf("only %d references have rows that dangle", dangling)
	}
}

// TestDocumentedFacts are single facts of the reference about the data.
func TestDocumentedFacts(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Until: lastDay(), Days: 30, Devices: 2000})
	if err != nil {
		t.Fatal(err)
	}
	table := func(set string) (rows []map[string]any) {
		cols := s.Columns("v1.0", set)
		for r := range s.Rows("v1.0", set) {
			m := map[string]any{}
			for i, c := range cols {
				m[c.Name] = r[i]
			}
			rows = append(rows, m)
		}
		return rows
	}
	if n := s.RowCount("devicePropertyHistories"); n != 60_000 {
		t.Errorf("devicePropertyHistories has %d rows", n)
	}
	var owners []string
	for _, r := range table("ownerTypes") {
		owners = append(owners, fmt.Sprint(r["ownerTypeID"], r["ownerTypeKey"], r["ownerTypeName"]))
	}
	if want := []string{"0 35413Unknown", "1 41151Company", "2 36924Personal"}; !slices.Equal(owners, want) {
		t.Errorf("ownerTypes: %q", owners)
	}
	for set, cols := range map[string][2]string{
		"deviceTypes": {"deviceTypeID", "deviceTypeKey"}, "managementStates": {"managementStateID", "managementStateKey"}, "policyTypes": {"policyTypeId", "policyTypeKey"},
		"deviceEnrollmentTypes": {"deviceEnrollmentTypeID", "deviceEnrollmentTypeKey"}, "complianceStates": {"complianceStateID", "complianceStateKey"}, "vppProgramTypes": {"vppProgramTypeId", "vppProgramTypeKey"},
		"mamPlatforms": {"platform", "platformKey"}, "mamDeviceHealths": {"deviceHealth", "deviceHealthKey"},
	} {
		minus := 0
		for _, r := range table(set) {
			if r[cols[1]] == int64(-1) {
				minus++
			} else if r[cols[0]] == r[cols[1]] {
				t.Errorf("%s: the surrogate %v equals the id", set, r[cols[1]])
			}
		}
		if minus != 1 {
			t.Errorf("%s has %d rows with surrogate -1", set, minus)
		}
	}
	days := map[int64]map[string]any{}
	for _, r := range table("dates") {
		days[r["dateKey"].(int64)] = r
	}
	if days[20160101]["dayOfWeek"] != int64(6) || days[20160101]["weekOfYear"] != int64(1) || days[20261120]["dayOfWeek"] != int64(6) || days[20241229]["weekOfYear"] != int64(53) || days[20270601] == nil {
		t.Errorf("dates: %v %v", days[20160101], days[20241229])
	}
	for _, r := range table("dates") {
		if r["fullDate"].(time.Time).Format("20060102") != fmt.Sprint(r["dateKey"]) || int64(r["fullDate"].(time.Time).YearDay()) != r["dayOfYear"] || int64(r["fullDate"].(time.Time).Weekday())+1 != r["dayOfWeek"] {
			t.Fatalf("dates: %v", r)
		}
	}
	count := map[string]int{}
	ids := map[any]int{}
	for _, r := range table("users") {
		ids[r["userId"]]++
		if r["userPrincipalName"] == "User has been deleted" {
			count["deleted"]++
		}
		name, _ := r["displayName"].(string)
		for _, c := range []string{"'", "%", "_", `\`, `"`, "😀", " ", "ü"} {
			if strings.Contains(name, c) {
				count[c]++
			}
		}
		if name != strings.TrimSpace(name) {
			count["blank at an end"]++
		}
	}
	repeated := 0
	for _, n := range ids {
		if n > 1 {
			repeated++
		}
	}
	count["repeated ids"] = repeated
	seconds := map[time.Time]map[int]bool{}
	for _, r := range table("devices") {
		if r["complianceStateKey"] == nil {
			count["null state"]++
		}
		if r["isDeleted"] == true {
			count["deleted devices"]++
		}
		if at, ok := r[timestampName].(time.Time); ok {
			us := at.Truncate(time.Microsecond)
			if seconds[us] == nil {
				seconds[us] = map[int]bool{}
			}
			seconds[us][at.Nanosecond()%1000] = true
		}
	}
	for _, digits := range seconds {
		if len(digits) > 1 {
			count["seventh digit"]++
		}
	}
	for _, r := range table("appRevisions") {
		if r["endDateExclusiveUTC"].(time.Time).Format(time.RFC3339Nano) == "9999-12-31T23:59:59.9999999Z" {
			count["sentinel"]++
		}
	}
	for _, what := range []string{"deleted", "'", "%", "_", `\`, `"`, "😀", " ", "ü", "blank at an end", "repeated ids", "null state", "deleted devices", "seventh digit", "sentinel"} {
		if count[what] == 0 {
			t.Errorf("no row with: %s", what)
		}
	}
}

// TestRowsAreWhatIsServed compares Rows with the bodies, value by value.
func TestRowsAreWhatIsServed(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Model: modelTypes}, {Variants: []string{"json-ascii", "json-compact", "ids-string"}}} {
		o.NoAuth, o.PageSize = true, 300
		s := start(t, o)
		for _, version := range s.Versions() {
			if o.Variants != nil && version == "beta" {
				continue // nothing there that v1.0 and the first round do not have
			}
			for _, set := range s.Sets(version) {
				link := s.URL() + "/" + set + "?api-version=" + version
				var served []map[string]json.RawMessage
				for link != "" {
					var p struct {
						Value []map[string]json.RawMessage `json:"value"`
						Next  string                       `json:"@odata.nextLink"`
					}
					a := get(t, link)
					if err := json.Unmarshal([]byte(a.body), &p); err != nil {
						t.Fatal(err)
					}
					served, link = append(served, p.Value...), p.Next
				}
				compareRows(t, s, version, set, served)
			}
		}
	}
}

func compareRows(t *testing.T, s *Server, version, set string, served []map[string]json.RawMessage) {
	t.Helper()
	n, cols := 0, s.Columns(version, set)
	for row := range s.Rows(version, set) {
		if n >= len(served) {
			break
		}
		for i, c := range cols {
			got, ok := served[n][c.Name]
			if c.EdmType == "Edm.Stream" {
				if ok {
					t.Fatalf("%s.%s is served", set, c.Name)
				}
				continue
			}
			if !ok {
				t.Fatalf("%s.%s row %d is missing", set, c.Name, n)
			}
			var want any
			switch v := row[i].(type) {
			case string:
				if c.Underlying == "Edm.Decimal" {
					want = json.RawMessage(v)
				} else {
					want = v
				}
			case time.Time:
				want = v.Format(time.RFC3339Nano)
			case []byte:
				continue // base64url is compared in the types' own test
			case float64, float32:
				continue
			default:
				want = v
			}
			wantJSON, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, got, wantJSON) {
				t.Fatalf("%s.%s row %d: served %s, Rows says %s", set, c.Name, n, got, wantJSON)
			}
		}
		n++
	}
	if n != len(served) || n != s.RowCount(set) {
		t.Errorf("%s: %d rows served, Rows has %d, RowCount %d", set, len(served), n, s.RowCount(set))
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	decode := func(x []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(x))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v in %s", err, x)
		}
		return v
	}
	return reflect.DeepEqual(decode(a), decode(b))
}

// TestDeterminism: equal options give equal bytes, whatever the page size and
// the order of reads; other seeds and days give others.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	dump := func(o Options) string {
		o.Until = lastDay().AddDate(0, 0, o.Days-3)
		s, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, set := range s.Sets("beta") {
			for row := range s.Rows("beta", set) {
				fmt.Fprintln(&b, set, row)
			}
		}
		return b.String()
	}
	one := dump(Options{Devices: 40, Days: 3})
	if one != dump(Options{Devices: 40, Days: 3}) {
		t.Error("equal options give different rows")
	}
	if one == dump(Options{Devices: 40, Days: 3, Seed: 2}) {
		t.Error("another seed gives the same rows")
	}
	if one == dump(Options{Devices: 40, Days: 4}) {
		t.Error("another day gives the same rows")
	}
}

// TestMetadataIsXML reads $metadata with a plain XML reader and finds every set, key and property.
func TestMetadataIsXML(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{NoAuth: true}, {NoAuth: true, Model: modelTypes}} {
		s := start(t, o)
		for _, version := range s.Versions() {
			a := get(t, s.URL()+"/$metadata?api-version="+version)
			if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
				t.Fatal(a.status, a.header)
			}
			types, sets, typ := map[string][]string{}, map[string]string{}, ""
			for d := xml.NewDecoder(strings.NewReader(a.body)); ; {
				tok, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				el, ok := tok.(xml.StartElement)
				if !ok {
					continue
				}
				attr := map[string]string{}
				for _, at := range el.Attr {
					attr[at.Name.Local] = at.Value
				}
				switch el.Name.Local {
				case "EntityType", "ComplexType":
					typ = attr["Name"]
				case "Property":
					types[typ] = append(types[typ], fmt.Sprintf("%s %s %t", attr["Name"], attr["Type"], attr["Nullable"] != "false"))
				case "EntitySet":
					_, sets[attr["Name"]], _ = strings.Cut(attr["EntityType"][strings.LastIndex(attr["EntityType"], ".")-1:], ".")
				}
			}
			for _, set := range s.Sets(version) {
				var want []string
				for _, c := range s.Columns(version, set) {
					want = append(want, fmt.Sprintf("%s %s %t", c.Name, c.EdmType, c.Nullable))
				}
				if got := types[sets[set]]; !slices.Equal(got, want) {
					t.Errorf("%s %s: declared %v, served %v", version, set, got, want)
				}
			}
		}
	}
}
