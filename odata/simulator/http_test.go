package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestRequests runs requests against small services and prints status, context
// and rows: one line a request, options separated by blanks as `name=value`
// with the value up to the end of the line for the last one.
//
//	get [profile=full] [model=types] [variant=a,b] [page=N] show=col,col
func TestRequests(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/requests", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			o := Options{NoAuth: true, Devices: 12, Days: 3, PageSize: 1000}
			arg := func(name string) string {
				v := ""
				if d.HasArg(name) {
					d.ScanArgs(t, name, &v)
				}
				return v
			}
			o.Profile, o.Model = arg("profile"), arg("model")
			if v := arg("variant"); v != "" {
				o.Variants = strings.Split(v, ",")
			}
			if d.HasArg("page") {
				d.ScanArgs(t, "page", &o.PageSize)
			}
			s := start(t, o)
			var out strings.Builder
			for line := range strings.SplitSeq(d.Input, "\n") {
				fmt.Fprintf(&out, "%s\n", line)
				printRequest(t, &out, s, line, strings.Split(arg("show"), ","))
			}
			return out.String()
		})
	})
}

// printRequest sends set?a=b&c=d, encoding the values, and prints the answer, following links.
func printRequest(t *testing.T, out *strings.Builder, s *Server, line string, show []string) {
	t.Helper()
	set, rest, _ := strings.Cut(line, "?")
	var parts []string
	if rest != "" {
		for p := range strings.SplitSeq(rest, "&") {
			name, v, _ := strings.Cut(p, "=")
			parts = append(parts, name+"="+strings.ReplaceAll(url.QueryEscape(v), "+", "%20"))
		}
	}
	link := s.URL() + "/" + set + "?" + strings.Join(parts, "&")
	for page := 1; link != ""; page++ {
		a := get(t, link)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
			fmt.Fprintf(out, "  %d %s\n", a.status, message(a.body))
			return
		}
		p := parsePage(t, a.body)
		_, fragment, _ := strings.Cut(p.Context, "$metadata")
		fmt.Fprintf(out, "  200 %s", fragment)
		if p.Count != nil {
			fmt.Fprintf(out, " count=%d", *p.Count)
		}
		fmt.Fprintln(out)
		for _, row := range p.Value {
			fmt.Fprintf(out, "    %s\n", key(row, show...))
		}
		base, _ := url.Parse(link)
		next, err := base.Parse(p.Next)
		if err != nil {
			t.Fatal(err)
		}
		if link = ""; p.Next != "" {
			link = next.String()
		}
	}
}

// message is the text of an error in either form, without what varies.
func message(body string) string {
	var e struct {
		Error   struct{ Code, Message string }
		Message string
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return strings.TrimSpace(body)
	}
	if e.Message != "" {
		m, _, _ := strings.Cut(e.Message, " - Operation ID")
		return "Intune: " + m
	}
	return e.Error.Code + ": " + e.Error.Message
}

// TestPagesAddUp: whatever the page size, the form of links, $top and $skip,
// the pages of a read are the rows of one large page.
func TestPagesAddUp(t *testing.T) {
	t.Parallel()
	for _, variant := range []string{"", "nextlink-skip", "nextlink-relative", "nextlink-without-api-version", "nextlink-second-host", "mix-strict", "mix-2018", "mix-gateway"} {
		o := Options{NoAuth: true, Devices: 30, Days: 4}
		if variant != "" {
			o.Variants = []string{variant}
		}
		o.PageSize = 1_000_000
		whole := start(t, o)
		o.PageSize = 7
		paged := start(t, o)
		for _, c := range []struct {
			set     string
			options []string
			rows    int
		}{
			{"devicePropertyHistories", nil, 120},
			{"devicePropertyHistories", []string{"$top", "50"}, 50},
			{"devicePropertyHistories", []string{"$top", "7"}, 7},
			{"devicePropertyHistories", []string{"$top", "0"}, 0},
			{"devicePropertyHistories", []string{"$skip", "100", "$top", "50"}, 20},
			{"devicePropertyHistories", []string{"$skip", "119"}, 1},
			{"devicePropertyHistories", []string{"$skip", "1000"}, 0},
			{"devicePropertyHistories", []string{"$skip", "9223372036854775807", "$filter", "DateKey ge 20261119"}, 0},
			{"devicePropertyHistories", []string{"$filter", "DateKey ge 20261119", "$skip", "5", "$top", "30"}, 30},
			{"devicePropertyHistories", []string{"maxhistorydays", "1"}, 60},
			{"users", []string{"$filter", "RowLastModifiedDateTimeUTC ge 2026-10-01T00:00:00Z", "$skip", "2"}, -1},
		} {
			if i := slices.Index(c.options, "$filter"); i >= 0 && variant == "mix-2018" {
				c.options[i+1] = strings.NewReplacer("DateKey", "dateKey", "RowLast", "rowLast").Replace(c.options[i+1])
			}
			want, n := readAll(t, q(whole, c.set, c.options...))
			got, pages := readAll(t, q(paged, c.set, c.options...))
			if n != 1 || fmt.Sprint(want) != fmt.Sprint(got) {
				t.Errorf("%s %s %q: %d rows on %d pages, want %d", variant, c.set, c.options, len(got), pages, len(want))
			}
			if c.rows >= 0 && len(want) != c.rows || c.rows < 0 && len(want) == 0 {
				t.Errorf("%s %s %q: %d rows, want %d", variant, c.set, c.options, len(want), c.rows)
			}
			if wantPages := max(1, (len(want)+6)/7); pages != wantPages {
				t.Errorf("%s %s %q: %d pages, want %d", variant, c.set, c.options, pages, wantPages)
			}
		}
	}
	o := Options{NoAuth: true, Profile: profileFull, Devices: 50, PageSize: 3}
	paged := start(t, o)
	o.PageSize = 1000
	whole := start(t, o)
	for _, options := range [][]string{
		{"$filter", "isDeleted eq false", "$orderby", "manufacturer desc,deviceName", "$skip", "2", "$top", "20", "$count", "true"},
		{"$orderby", "totalStorageSpaceInBytes", "$select", "deviceKey,totalStorageSpaceInBytes"},
		{"$filter", "not contains(model,'a')", "$skip", "1"},
	} {
		for _, variant := range [][]string{nil, {"nextlink-skip"}} {
			if err := paged.SetVariants(variant...); err != nil {
				t.Fatal(err)
			}
			want, _ := readAll(t, q(whole, "devices", options...))
			got, pages := readAll(t, q(paged, "devices", options...))
			if fmt.Sprint(want) != fmt.Sprint(got) || pages < 3 {
				t.Errorf("%q: %d rows on %d pages, want %d", options, len(got), pages, len(want))
			}
		}
	}
}

// TestOneDayMakesOneDay: a read of one day rolls no row of another day.
func TestOneDayMakesOneDay(t *testing.T) {
	t.Parallel()
	s, err := New(Options{NoAuth: true, Devices: 20, Days: 30, Until: lastDay(), Profile: profileFull})
	if err != nil {
		t.Fatal(err)
	}
	made := map[int]int{}
	data := s.data["devicePropertyHistories"]
	old := data.cols["deviceKey"]
	data.cols["deviceKey"] = func(r ref) value { made[r.part]++; return old(r) }
	srv := s.Handler()
	for filter, want := range map[string]int{
		"dateKey eq 20261118":                                              20,
		"dateKey ge 20261118 and deviceKey gt 0":                           60,
		"deviceKey gt 0 and (dateKey gt 20261101 and dateKey lt 20261104)": 40,
	} {
		clear(made)
		w := &recorder{header: http.Header{}}
		req, _ := http.NewRequest(http.MethodGet, s.roots()[0]+"/devicePropertyHistories?api-version=v1.0&$filter="+url.PathEscape(filter), nil)
		srv.ServeHTTP(w, req)
		if rows := len(parsePage(t, string(w.body)).Value); rows != want {
			t.Errorf("%s: %d rows, want %d", filter, rows, want)
		}
		if len(made) != want/20 {
			t.Errorf("%s: rows of %d days were made", filter, len(made))
		}
	}
}

type recorder struct {
	header http.Header
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(int)     {}
func (r *recorder) Write(p []byte) (int, error) {
	r.body = append(r.body, p...)
	return len(p), nil
}

func TestHeadersAndForms(t *testing.T) {
	t.Parallel()
	s := start(t, Options{NoAuth: true, PageSize: 40})
	a := get(t, q(s, "devices"))
	if !strings.Contains(a.body, "\n    {\n      \"deviceKey\":") && !strings.Contains(a.body, "\r\n    {\r\n      \"deviceKey\":") {
		t.Errorf("the body is not indented: %.200s", a.body)
	}
	if strings.Contains(parsePage(t, a.body).Context, "api-version") {
		t.Error("the context carries api-version")
	}
	if a.header.Get("OData-Version") != "4.0" {
		t.Error("OData-Version is missing")
	}
	z := get(t, q(s, "devices"), "Accept-Encoding", "gzip")
	if z.header.Get("Content-Encoding") != "gzip" || len(z.body) > len(a.body)/2 {
		t.Errorf("gzip: %v, %d bytes of %d", z.header, len(z.body), len(a.body))
	}
	for _, root := range s.roots() {
		link := s.origin(0) + root + "/devices?api-version=v1.0"
		p := parsePage(t, get(t, link).body)
		if !strings.HasPrefix(p.Next, s.origin(0)+root+"/devices?api-version=v1.0&$skiptoken=") {
			t.Errorf("link: %s", p.Next)
		}
		if p.Context != s.origin(0)+root+"/$metadata#devices" {
			t.Errorf("context: %s", p.Context)
		}
	}
	// Links are built from the Host header.
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, q(s, "devices"), nil)
	req.Host = "warehouse.example:99"
	w := &recorder{header: http.Header{}}
	s.Handler().ServeHTTP(w, req)
	if p := parsePage(t, string(w.body)); !strings.HasPrefix(p.Next, "http://warehouse.example:99/") {
		t.Errorf("link: %s", p.Next)
	}
	doc := parsePage(t, get(t, s.URL()+"?api-version=beta").body)
	if len(doc.Value) != 45 || doc.Value[0]["name"] != "appRevisions" || doc.Value[0]["kind"] != "EntitySet" {
		t.Errorf("service document: %v", doc.Value)
	}
	ty := start(t, Options{NoAuth: true, Model: modelTypes, PageSize: 100})
	if b := get(t, q(ty, "samples", "$top", "1"), "Accept", "application/json;IEEE754Compatible=true"); !strings.Contains(b.body, `"int64":"-9223372036854775808"`) || !strings.Contains(b.body, `"decimal":"0"`) || !strings.Contains(b.body, `"int32":-2147483648`) {
		t.Errorf("IEEE754Compatible: %s", b.body)
	}
	if b := get(t, q(ty, "samples", "$top", "1"), "Accept", "application/json;odata.metadata=none"); strings.Contains(b.body, "@odata.context") {
		t.Errorf("metadata=none: %s", b.body)
	}
	b := get(t, q(ty, "samples"), "Prefer", "odata.maxpagesize=5")
	if p := parsePage(t, b.body); len(p.Value) != 5 || p.Next == "" || b.header.Get("Preference-Applied") != "odata.maxpagesize=5" {
		t.Errorf("maxpagesize: %d rows, %v", len(p.Value), b.header)
	}
	if p := parsePage(t, get(t, q(s, "devices"), "Prefer", "odata.maxpagesize=5").body); len(p.Value) != 40 {
		t.Errorf("Intune took odata.maxpagesize: %d rows", len(p.Value))
	}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	s := start(t, Options{NoAuth: true})
	get(t, q(s, "devices", "$top", "3", "$select", "deviceKey"), "Authorization", "Bearer secret-token", "Accept", "application/json")
	list := s.Requests()
	if len(list) != 1 {
		t.Fatal(list)
	}
	r := list[0]
	if r.Kind != "rows" || r.Set != "devices" || r.Status != 200 || r.Rows != 3 || r.Bytes < 100 || !r.Bearer || r.Origin != "main" || r.Query != "api-version=v1.0&$top=3&$select=deviceKey" || r.Header.Get("Accept") != "application/json" {
		t.Errorf("%+v", r)
	}
	if strings.Contains(fmt.Sprintf("%+v", r), "secret-token") {
		t.Error("the log holds a token")
	}
	if s.ResetRequests(); len(s.Requests()) != 0 {
		t.Error("the log was not emptied")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		`unknown profile "odd" (known: intune, full)`:            {Profile: "odd"},
		`unknown model "x" (known: intune, types)`:               {Model: "x"},
		`unknown variant "v" (known: integers-int32, `:           {Variants: []string{"v"}},
		`unknown fault "f" (known: latency, `:                    {Faults: []string{"f"}},
		`fault "malformed-json": the page must be a number`:      {Faults: []string{"malformed-json:x"}},
		`variants "filter-pascal" and "filter-camel" contradict`: {Variants: []string{"filter-pascal", "filter-camel"}},
		`devices must be at least 1, not -1`:                     {Devices: -1},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}

// TestPrerendered: kept pages are the pages, and Warm makes those that a client asks for.
func TestPrerendered(t *testing.T) {
	t.Parallel()
	fresh := start(t, Options{NoAuth: true, PageSize: 50, Days: 5})
	kept := start(t, Options{NoAuth: true, PageSize: 50, Days: 5, Prerender: true})
	pages, size, err := kept.Warm(t.Context(), "devicePropertyHistories?api-version=v1.0&$top=260", true)
	if err != nil || pages != 6 || size < 50_000 {
		t.Fatal(pages, size, err)
	}
	before := len(kept.state.Load().memo.pages)
	options := []string{"$top", "260"}
	want, _ := readAll(t, q(fresh, "devicePropertyHistories", options...))
	for range 2 {
		for _, encoding := range []string{"", "gzip"} {
			if encoding == "gzip" {
				a := get(t, q(kept, "devicePropertyHistories", options...), "Accept-Encoding", encoding)
				if a.header.Get("Content-Encoding") != "gzip" {
					t.Error("not compressed")
				}
				continue
			}
			got, n := readAll(t, q(kept, "devicePropertyHistories", options...))
			if n != 6 || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%d pages, %d rows", n, len(got))
			}
		}
	}
	if after := len(kept.state.Load().memo.pages); before != 6 || after != 6 {
		t.Errorf("%d pages kept by Warm, %d after reading", before, after)
	}
	if _, _, err := fresh.Warm(t.Context(), "devices?api-version=v1.0", false); err == nil {
		t.Error("Warm works without Prerender")
	}
	if _, _, err := kept.Warm(t.Context(), "nowhere?api-version=v1.0", false); err == nil {
		t.Error("Warm takes an unknown set")
	}
}
