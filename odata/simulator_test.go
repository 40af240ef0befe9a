package odata_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/odata/simulator"
)

// start serves a sample service for the test.
func start(t *testing.T, o simulator.Options) *simulator.Server {
	t.Helper()
	if o.Until.IsZero() {
		o.Until = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	}
	s, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// client makes a client of the sample service that does not wait long.
func client(t *testing.T, s *simulator.Server, change func(*odata.Config)) *odata.Client {
	t.Helper()
	id, secret := s.Credentials()
	conf := odata.Config{
		Name: "sample", Root: s.URL(), Profile: profile.Intune(),
		Auth: odata.Auth{
			Kind: odata.AuthClientCredentials, TokenURL: s.TokenURL(), ClientID: id, ClientSecret: secret,
			Scopes: []string{"https://api.manage.microsoft.com//.default"},
		},
		Timeouts: odata.Timeouts{FirstByte: 20 * time.Second, Idle: 500 * time.Millisecond},
		Retry:    odata.Retry{Attempts: 4, Base: 5 * time.Millisecond, Max: 5 * time.Second},
	}
	if s.Versions()[0] != "" {
		conf.Custom = []query.Option{{Name: "api-version", Value: s.Versions()[0]}}
	}
	if change != nil {
		change(&conf)
	}
	c, err := odata.NewClient(conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func model(t *testing.T, c *odata.Client) *edm.Model {
	t.Helper()
	m, err := c.Metadata(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Model.Problems {
		t.Errorf("metadata, line %d: %s", p.Line, p.Text)
	}
	return m.Model
}

// request asks for all columns of a set, or for those named.
func request(t *testing.T, m *edm.Model, set string, names ...string) odata.Request {
	t.Helper()
	es := m.Set(set)
	if es == nil {
		t.Fatalf("no entity set %s", set)
	}
	r := odata.Request{Query: query.Query{EntitySet: set}, Singleton: es.Singleton}
	for _, c := range es.Columns() {
		if len(names) > 0 && !contains(names, c.Name) {
			continue
		}
		st, ok := c.Type.SQL()
		if !ok {
			t.Fatalf("column %s has no SQL type", c.Name)
		}
		r.Columns = append(r.Columns, odata.Column{Path: c.Path, Edm: c.Type, Type: st, Nullable: c.Nullable, Key: c.KeyPos > 0})
		r.Query.Select = append(r.Query.Select, c.Path)
	}
	return r
}

func contains(ss []string, s string) bool {
	for _, x := range ss {
		if x == s {
			return true
		}
	}
	return false
}

// readAll reads a request to its end.
func readAll(ctx context.Context, c *odata.Client, r odata.Request) (rows [][]sqltype.Value, stats odata.Stats, notices []odata.Notice, err error) {
	rd, err := c.Open(ctx, r)
	if err != nil {
		return nil, odata.Stats{}, nil, err
	}
	defer func() { _ = rd.Close() }()
	for {
		b, err := rd.Next(ctx)
		if b != nil && (b.N == 0 || b.N > 1024) {
			return nil, odata.Stats{}, nil, fmt.Errorf("a batch of %d rows", b.N)
		}
		notices = append(notices, rd.Notices()...)
		if err != nil || b == nil {
			return rows, rd.Stats(), notices, err
		}
		for i := range b.Rows() {
			row := make([]sqltype.Value, len(b.Cols))
			for j, col := range b.Cols {
				row[j] = col.Value(b.Row(i))
			}
			rows = append(rows, row)
		}
	}
}

// text is what a value looks like, in the words of the sample service's own rows.
func text(t edm.Type, v sqltype.Value) string {
	if v.Null {
		return "null"
	}
	st, _ := t.SQL()
	switch t.Kind {
	case edm.KindDateTimeOffset:
		return time.UnixMicro(v.I + 946684800000000).UTC().Format(time.RFC3339Nano)
	case edm.KindBinary:
		return hex.EncodeToString([]byte(v.S))
	case edm.KindDouble:
		return strconv.FormatFloat(v.F, 'g', -1, 64)
	case edm.KindSingle:
		return strconv.FormatFloat(v.F, 'g', -1, 32)
	case edm.KindBoolean:
		return strconv.FormatBool(v.I != 0)
	}
	return string(sqltype.AppendText(nil, st, v, nil))
}

// native is the same for a value of the sample service.
func native(t edm.Type, v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case time.Time:
		return v.Truncate(time.Microsecond).Format(time.RFC3339Nano)
	case []byte:
		return hex.EncodeToString(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case json.RawMessage:
		return canonicalJSON(string(v))
	case string:
		switch t.Kind {
		case edm.KindTimeOfDay:
			if i := strings.IndexByte(v, '.'); i > 0 {
				v = strings.TrimRight(v[:min(len(v), i+7)], "0")
				v = strings.TrimSuffix(v, ".")
			}
		}
		return v
	}
	return fmt.Sprint(v)
}

func canonicalJSON(s string) string {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return s
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func TestReadsEverySetOfTheWarehouse(t *testing.T) {
	t.Parallel()
	s := start(t, simulator.Options{Devices: 60, Days: 3, PageSize: 97})
	c := client(t, s, nil)
	m := model(t, c)
	ctx := context.Background()
	for _, set := range s.Sets("v1.0") {
		req := request(t, m, set)
		rows, stats, _, err := readAll(ctx, c, req)
		if err != nil {
			t.Fatalf("%s: %v", set, err)
		}
		if len(rows) == 0 || len(rows) != s.RowCount(set) {
			t.Errorf("%s: %d rows, want %d", set, len(rows), s.RowCount(set))
		}
		if want := int64((len(rows) + 96) / 97); stats.Pages < want || stats.Requests != stats.Pages || stats.Rows != int64(len(rows)) {
			t.Errorf("%s: %+v for %d rows", set, stats, len(rows))
		}
		compare(t, set, req, rows, s.Columns("v1.0", set), s.Rows("v1.0", set))
	}
	entries, err := c.ServiceDocument(ctx)
	if err != nil || len(entries) != len(s.Sets("v1.0")) {
		t.Errorf("service document: %d entries, %v", len(entries), err)
	}
}

func compare(t *testing.T, set string, req odata.Request, rows [][]sqltype.Value, cols []simulator.Column, want iter.Seq[[]any]) {
	t.Helper()
	at := map[string]int{}
	for i, c := range cols {
		at[c.Name] = i
	}
	n := 0
	for w := range want {
		if n >= len(rows) {
			return
		}
		for i, c := range req.Columns {
			j, ok := at[c.Path[0]]
			if !ok {
				t.Fatalf("%s has no column %s", set, c.Path[0])
			}
			v := w[j]
			if raw, ok := v.(json.RawMessage); ok && len(c.Path) > 1 {
				v = member(raw, c.Path[1:])
			}
			got, exp := text(c.Edm, rows[n][i]), native(c.Edm, v)
			if c.Type.OID == sqltype.OIDJSONB {
				if raw, ok := v.(json.RawMessage); ok {
					n, err := sqltype.ParseText(c.Type, string(raw), nil)
					if err != nil {
						t.Fatal(err)
					}
					exp = n.S
				} else {
					got, exp = canonicalJSON(got), canonicalJSON(exp)
				}
			}
			if got != exp && !equalLoosely(c.Edm.Kind, got, exp) {
				t.Errorf("%s, row %d, %s (%s): %s, want %s", set, n, c.Path, c.Edm.Name, got, exp)
				return
			}
		}
		n++
	}
	if n != len(rows) {
		t.Errorf("%s: %d rows, want %d", set, len(rows), n)
	}
}

func member(raw json.RawMessage, path []string) any {
	for _, name := range path {
		var o map[string]json.RawMessage
		if json.Unmarshal(raw, &o) != nil || o == nil {
			return nil
		}
		raw = o[name]
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var v any
	_ = dec.Decode(&v)
	return v
}

// equalLoosely forgives forms of one value that SQL prints otherwise.
func equalLoosely(k edm.Kind, a, b string) bool {
	switch k {
	case edm.KindDuration:
		return true // compared in TestDuration
	case edm.KindDouble, edm.KindSingle, edm.KindDecimal:
		x, err := strconv.ParseFloat(strings.Replace(b, "INF", "Inf", 1), 64)
		y, err2 := strconv.ParseFloat(a, 64)
		return err == nil && err2 == nil && (x == y || x != x && y != y)
	case edm.KindDateTimeOffset:
		x, err := time.Parse(time.RFC3339Nano, b)
		return err == nil && x.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) == a
	}
	return false
}

func TestReadsEveryType(t *testing.T) {
	t.Parallel()
	s := start(t, simulator.Options{Model: "types", PageSize: 50})
	c := client(t, s, func(c *odata.Config) { c.Profile = profile.Standard() })
	m := model(t, c)
	kinds := map[edm.Kind]bool{}
	for _, set := range s.Sets("") {
		req := request(t, m, set)
		rows, _, _, err := readAll(context.Background(), c, req)
		if err != nil {
			t.Errorf("%s: %v", set, err)
			continue
		}
		for _, col := range req.Columns {
			kinds[col.Edm.Kind] = true
		}
		compare(t, set, req, rows, s.Columns("", set), s.Rows("", set))
	}
	if len(kinds) < 12 {
		t.Errorf("only %d kinds of types were read: %v", len(kinds), kinds)
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	s := start(t, simulator.Options{Devices: 40, Days: 2, PageSize: 30})
	for _, v := range simulator.Variants() {
		if err := s.SetVariants(v.Name); err != nil {
			t.Fatal(err)
		}
		c := client(t, s, func(c *odata.Config) {
			c.AllowOrigins = []odata.Origin{{Origin: s.SecondOrigin(), Credentials: true}}
		})
		m := model(t, c)
		for _, set := range []string{"devices", "devicePropertyHistories"} {
			req := request(t, m, set)
			req.Query.Select = nil
			rows, _, _, err := readAll(context.Background(), c, req)
			if err != nil {
				t.Errorf("%s: %s: %v", v.Name, set, err)
				continue
			}
			compare(t, v.Name+": "+set, req, rows, s.Columns("v1.0", set), s.Rows("v1.0", set))
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	// none: the right rows come all the same.
	const none = odata.Kind(0)
	want := map[string]odata.Kind{
		"latency": none, "429-retry-after": none, "429-retry-date": none, "429-bare": none, "429-page2": none,
		"429-always": odata.KindThrottled, "429-long": odata.KindThrottled, "500-always": odata.KindServerError,
		"503-once": none, "503-twice": none, "503-page2": none, "503-always": odata.KindThrottled, "504-once": none,
		"reset-once": none, "reset-page2-once": none, "reset-always": odata.KindTruncated, "reset-before-headers-once": none,
		"eof-once": none, "eof-always": odata.KindTruncated, "truncated-json": odata.KindTruncated, "truncated-json-once": none,
		"malformed-json": odata.KindMalformed, "trailing-garbage": odata.KindMalformed,
		"error-200": odata.KindServerError, "error-200-once": odata.KindServerError, "error-mid-body": odata.KindServerError,
		"repeated-nextlink": odata.KindEndlessLink, "endless-nextlink": odata.KindEndlessLink,
		"foreign-nextlink": odata.KindForeignLink, "foreign-redirect": odata.KindForeignLink,
		// Without a filter, an order or a limit in the query these have nothing to lie about.
		"filter-ignored": none, "ne-as-eq": none, "top-ignored": none, "skip-ignored": none, "orderby-ignored": none, "short-page": none,
		"count-wrong": none, "select-refused": odata.KindBadRequest, "select-drops-column": odata.KindValue,
		"token-expires": none, "unauthorized-always": odata.KindAuth, "forbidden-always": odata.KindForbidden,
		"content-type-wrong": none, "html": odata.KindMalformed, "empty-body": odata.KindTruncated,
		"bad-value": odata.KindValue, "null-in-key": none, "stalled-body": odata.KindTimeout, "stalled-once": none,
		"token-503": odata.KindToken, "token-503-once": none, "foreign-context": none, "token-foreign-redirect": odata.KindToken,
		"redirect-once": none, "stalled-headers": odata.KindTimeout, "stalled-headers-once": odata.KindTimeout, "slow-body": none,
		"url-limit": none,
	}
	for _, f := range simulator.Faults() {
		if strings.HasPrefix(f.Name, "metadata-") {
			continue
		}
		kind := want[f.Name] // a fault not named is a lie about options that this query does not have
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			testFault(t, f.Name, kind)
		})
	}
}

func testFault(t *testing.T, fault string, kind odata.Kind) {
	s := start(t, simulator.Options{Devices: 100, Days: 2, PageSize: 30})
	m := model(t, client(t, s, nil))
	honest, _, _, err := readAll(context.Background(), client(t, s, nil), request(t, m, "devices"))
	if err != nil || len(honest) < 100 {
		t.Fatal(len(honest), err)
	}
	if err := s.SetFaults(fault); err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	c := client(t, s, func(c *odata.Config) {
		if strings.HasPrefix(fault, "stalled-headers") {
			c.Timeouts.FirstByte = time.Second
		}
	})
	rows, stats, notices, err := readAll(context.Background(), c, request(t, m, "devices"))
	for _, r := range s.Requests() {
		if r.Origin == "foreign" {
			t.Errorf("a request reached a foreign host (token: %v)", r.Bearer)
		}
	}
	if kind != 0 {
		e := odata.AsError(err)
		if e == nil || e.Kind != kind {
			t.Fatalf("%v, want %s", err, kind)
		}
		if len(rows) > 0 && !reflect.DeepEqual(rows, honest[:min(len(rows), len(honest))]) {
			t.Error("wrong rows before the error")
		}
		t.Log(e)
		return
	}
	switch {
	case err != nil:
		t.Error(err)
	case fault == "null-in-key":
		if len(notices) == 0 || len(rows) != len(honest) {
			t.Errorf("%d rows, notices %v", len(rows), notices)
		}
	case !reflect.DeepEqual(rows, honest):
		t.Errorf("other rows (%d, want %d), %d requests", len(rows), len(honest), stats.Requests)
	}
}

func TestMetadataFaults(t *testing.T) {
	t.Parallel()
	s := start(t, simulator.Options{Devices: 10, Days: 2})
	for name, kind := range map[string]odata.Kind{
		"metadata-503": odata.KindThrottled, "metadata-broken": odata.KindMalformed, "metadata-html": odata.KindMalformed,
	} {
		if err := s.SetFaults(name); err != nil {
			t.Fatal(err)
		}
		_, err := client(t, s, nil).Metadata(context.Background())
		if e := odata.AsError(err); e == nil || e.Kind != kind {
			t.Errorf("%s: %v, want %s", name, err, kind)
		}
	}
}

// TestTop: the rows of $top come whatever the service makes of it.
func TestTop(t *testing.T) {
	t.Parallel()
	s := start(t, simulator.Options{Devices: 100, Days: 2, PageSize: 30})
	m := model(t, client(t, s, nil))
	honest, _, _, err := readAll(context.Background(), client(t, s, nil), request(t, m, "devices"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []string{"", "top-ignored"} {
		for _, top := range []int64{0, 1, 29, 30, 31, 95, 100000} {
			var faults []string
			if fault != "" {
				faults = append(faults, fault)
			}
			if err := s.SetFaults(faults...); err != nil {
				t.Fatal(err)
			}
			req := request(t, m, "devices")
			req.Query.Top = &top
			rows, stats, _, err := readAll(context.Background(), client(t, s, nil), req)
			if err != nil {
				t.Errorf("%s, top %d: %v", fault, top, err)
				continue
			}
			if n := min(int(top), len(honest)); len(rows) != n || (n > 0 && !reflect.DeepEqual(rows, honest[:n])) {
				t.Errorf("%s, top %d: %d rows, %d requests", fault, top, len(rows), stats.Requests)
			}
			if top == 0 && stats.Requests != 0 {
				t.Errorf("top 0 asked the service")
			}
			if fault == "" && top == 29 && stats.Requests != 1 {
				t.Errorf("top 29: %d requests", stats.Requests)
			}
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	s := start(t, simulator.Options{Devices: 100, Days: 2, Profile: "full", PageSize: 30})
	c := client(t, s, func(c *odata.Config) { c.Profile = profile.Standard() })
	for _, mode := range []query.CountMode{query.CountOnly, query.CountInline} {
		n, err := c.Count(context.Background(), odata.Request{Query: query.Query{EntitySet: "devices", Count: mode}})
		if err != nil || n != int64(s.RowCount("devices")) {
			t.Errorf("mode %d: %d, %v", mode, n, err)
		}
	}
	_, err := c.Count(context.Background(), odata.Request{Query: query.Query{EntitySet: "nothing", Count: query.CountOnly}})
	if e := odata.AsError(err); e == nil || e.Kind != odata.KindNotFound {
		t.Error(err)
	}
}
