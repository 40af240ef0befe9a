package odata_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func connect(t *testing.T, root string, change func(*odata.Config)) *odata.Client {
	t.Helper()
	conf := odata.Config{
		Name: "test", Root: root, Timeouts: odata.Timeouts{FirstByte: 10 * time.Second, Idle: 5 * time.Second},
		Retry: odata.Retry{Attempts: 3, Base: time.Millisecond, Max: time.Second},
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

func things(names ...string) odata.Request {
	r := odata.Request{Query: query.Query{EntitySet: "things"}}
	for _, n := range names {
		k := edm.KindInt32
		if strings.HasPrefix(n, "s") {
			k = edm.KindString
		}
		st, _ := edm.Of(k).SQL()
		r.Columns = append(r.Columns, odata.Column{Path: query.Path{n}, Edm: edm.Of(k), Type: st, Nullable: true})
		r.Query.Select = append(r.Query.Select, query.Path{n})
	}
	return r
}

func wantKind(t *testing.T, err error, k odata.Kind) *odata.Error {
	t.Helper()
	e := odata.AsError(err)
	if e == nil || e.Kind != k {
		t.Fatalf("%v (%T), want %s", err, err, k)
	}
	return e
}

// writeRows writes rows {"a":from} … as a page.
func writeRows(w io.Writer, from, n int, pad, next string) {
	_, _ = io.WriteString(w, `{"value":[`)
	for i := range n {
		if i > 0 {
			_, _ = io.WriteString(w, ",")
		}
		_, _ = fmt.Fprintf(w, `{"a":%d,"s":"%s%d"}`, from+i, pad, from+i)
	}
	_, _ = io.WriteString(w, "]")
	if next != "" {
		_, _ = fmt.Fprintf(w, `,"@odata.nextLink":%q`, next)
	}
	_, _ = io.WriteString(w, "}")
}

// TestConnectionsAreShared: eight joins of two sides each, which hold an unread answer of one side while they read the other,
// get along with one connection.
func TestConnectionsAreShared(t *testing.T) {
	t.Parallel()
	const rows = 20000
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, rows, strings.Repeat("x", 100), "") })
	c := connect(t, s.URL, func(c *odata.Config) { c.Connections = 1; c.Limits.PrefetchBytes = 1; c.Limits.SpoolDir = t.TempDir() })
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			left, err := c.Open(ctx, things("a", "s"))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = left.Close() }()
			first, err := left.Next(ctx)
			if err != nil || first == nil {
				t.Error(first, err)
				return
			}
			seen := first.N
			right, _, _, err := readAll(ctx, c, things("a", "s"))
			if err != nil || len(right) != rows {
				t.Error(len(right), err)
				return
			}
			for {
				b, err := left.Next(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				if b == nil {
					break
				}
				if got := b.Cols[0].Value(0).I; got != int64(seen) {
					t.Errorf("row %d is %d", seen, got)
					return
				}
				seen += b.N
			}
			if seen != rows {
				t.Errorf("%d rows", seen)
			}
		})
	}
	wg.Wait()
}

// TestPartialBatch: rows that are there are handed up although the page goes on.
func TestPartialBatch(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"value":[{"a":1},{"a":2},`)
		w.(http.Flusher).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, `{"a":3}]}`)
	})
	c := connect(t, s.URL, nil)
	ctx := context.Background()
	r, err := c.Open(ctx, things("a"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := r.Next(ctx)
	if err != nil || b.N != 2 || b.Cols[0].Value(1).I != 2 {
		t.Fatal(b, err)
	}
	short, stop := context.WithTimeout(ctx, 10*time.Millisecond)
	defer stop()
	if r.Ready() {
		t.Error("ready without rows")
	}
	_, err = r.Next(short) // bounds this call only
	_ = wantKind(t, err, odata.KindCanceled)
	close(more)
	b, err = r.Next(ctx)
	if err != nil || b.N != 1 || b.Cols[0].Value(0).I != 3 {
		t.Fatal(b, err)
	}
	if b, err = r.Next(ctx); b != nil || err != nil || !r.Ready() {
		t.Fatal(b, err)
	}
}

// TestDemand: with a row limit the next page is asked for when it is needed, without one as soon as its link is known.
func TestDemand(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{0, 10} {
		second := make(chan struct{})
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "2" {
				close(second)
				writeRows(w, 10, 10, "", "")
				return
			}
			writeRows(w, 0, 10, "", "?2")
		})
		c := connect(t, s.URL, nil)
		req := things("a")
		req.RowLimit = limit
		r, err := c.Open(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Next(context.Background())
		if err != nil || b.N != 10 {
			t.Fatal(b, err)
		}
		if limit == 0 {
			<-second // without another call of Next
		} else {
			if n := r.Stats().Requests; n != 1 {
				t.Errorf("%d requests before the second page is needed", n)
			}
		}
		if b, err = r.Next(context.Background()); err != nil || b.N != 10 || b.Cols[0].Value(9).I != 19 {
			t.Fatal(b, err)
		}
		<-second
		_ = r.Close()
	}
}

// TestCloseEndsTheRequest: whoever closes early leaves nothing running, neither here nor there.
func TestCloseEndsTheRequest(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		_, _ = io.WriteString(w, `{"value":[{"a":1}`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := connect(t, s.URL, nil)
	ctx, cancel := context.WithCancel(context.Background())
	r, err := c.Open(ctx, things("a"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.Next(ctx); err != nil || b.N != 1 {
		t.Fatal(b, err)
	}
	cancel()
	_, err = r.Next(context.Background())
	_ = wantKind(t, err, odata.KindCanceled)
	<-ended
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Open(context.Background(), things("a")); err != nil {
		t.Error(err)
	}
	_ = c.Close()
	_, err = c.Open(context.Background(), things("a"))
	_ = wantKind(t, err, odata.KindClosed)
}

func TestGzipAndHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Header.Get("OData-MaxVersion") == "" || r.Header.Get("User-Agent") != "odatagres" {
			t.Errorf("headers %v", r.Header)
		}
		if got := r.Header.Get("Accept"); got != "application/json;odata.metadata=minimal" {
			t.Errorf("Accept %q", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		writeRows(z, 0, 5000, "zipped", "")
		_ = z.Close()
	})
	rows, stats, _, err := readAll(context.Background(), connect(t, s.URL, nil), things("a", "s"))
	if err != nil || len(rows) != 5000 || rows[4999][1].S != "zipped4999" || stats.Bytes < 100000 {
		t.Error(len(rows), stats, err)
	}
}

// TestIEEE754: Int64 is asked for as text where the profile allows it, and without that where the service refuses the header.
func TestIEEE754(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "IEEE754Compatible=true") {
			if strings.HasSuffix(r.URL.Path, "strict") {
				w.WriteHeader(http.StatusNotAcceptable)
				return
			}
			_, _ = io.WriteString(w, `{"value":[{"n":"9007199254740993"}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"value":[{"n":9007199254740992}]}`)
	})
	st, _ := edm.Of(edm.KindInt64).SQL()
	for _, c := range []struct {
		set  string
		p    *profile.Profile
		want int64
	}{{"x", profile.Standard(), 9007199254740993}, {"x", profile.Intune(), 9007199254740992}, {"strict", profile.Standard(), 9007199254740992}} {
		req := odata.Request{
			Query:   query.Query{EntitySet: c.set},
			Columns: []odata.Column{{Path: query.Path{"n"}, Edm: edm.Of(edm.KindInt64), Type: st}},
		}
		rows, _, _, err := readAll(context.Background(), connect(t, s.URL, func(conf *odata.Config) { conf.Profile = c.p }), req)
		if err != nil || len(rows) != 1 || rows[0][0].I != c.want {
			t.Errorf("%s %s: %v %v", c.set, c.p.Name, rows, err)
		}
	}
}

// TestBudget: what is decoded ahead is paid for, given back at the end, and a budget that is too small is an error.
func TestBudget(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, 20000, strings.Repeat("x", 100), "") })
	c := connect(t, s.URL, nil)
	for _, limit := range []int64{0, 600 << 10, 80 << 10} {
		b := vector.NewBudget(nil, "query", limit)
		req := things("a", "s")
		req.Budget = b
		rows, _, _, err := readAll(context.Background(), c, req)
		if limit == 80<<10 {
			if pgerr.CodeOf(err) != pgerr.OutOfMemory {
				t.Errorf("limit %d: %v", limit, err)
			}
		} else if err != nil || len(rows) != 20000 || b.Peak() == 0 {
			t.Errorf("limit %d: %d rows, peak %d, %v", limit, len(rows), b.Peak(), err)
		}
		if b.Used() != 0 {
			t.Errorf("limit %d: %d bytes were not given back", limit, b.Used())
		}
	}
}

// TestMemory: a page of 100 MB takes no more than one of 1 MB.
func TestMemory(t *testing.T) {
	peak := func(rows int) uint64 {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, rows, strings.Repeat("x", 80), "") })
		c := connect(t, s.URL, nil)
		r, err := c.Open(context.Background(), things("a", "s"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		var most uint64
		var m runtime.MemStats
		n := 0
		for i := 0; ; i++ {
			b, err := r.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if b == nil {
				break
			}
			n += b.N
			if i%16 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if n != rows {
			t.Fatalf("%d rows", n)
		}
		return most
	}
	small, large := peak(10000), peak(1000000)
	if large > small+8<<20 {
		t.Errorf("%d bytes for a large page, %d for a small one", large, small)
	}
}

func TestSingletonAndNoContent(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "none") {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, `{"@odata.context":"x","a":7,"s":"one"}`)
	})
	c := connect(t, s.URL, nil)
	req := things("a", "s")
	req.Singleton = true
	rows, _, _, err := readAll(context.Background(), c, req)
	if err != nil || len(rows) != 1 || rows[0][0].I != 7 {
		t.Error(rows, err)
	}
	req.Query.EntitySet = "none"
	if rows, _, _, err = readAll(context.Background(), c, req); err != nil || len(rows) != 0 {
		t.Error(rows, err)
	}
}

// TestMetadataForms: the document comes through redirects, compression and a service that takes no Accept header.
func TestMetadataForms(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/old/$metadata":
			http.Redirect(w, r, "/new/$metadata?"+r.URL.RawQuery, http.StatusMovedPermanently)
		case r.Header.Get("Accept") != "*/*":
			w.WriteHeader(http.StatusNotAcceptable)
		case r.URL.RawQuery != "api-version=1":
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.Header().Set("ETag", `W/"7"`)
			_, _ = io.WriteString(w, "\xEF\xBB\xBF"+`<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="N" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="T"><Property Name="a" Type="Edm.Int32"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="things" EntityType="N.T"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
		}
	})
	m, err := connect(t, s.URL+"/old/?api-version=1", nil).Metadata(context.Background())
	if err != nil || m.ETag != `W/"7"` || len(m.Raw) == 0 || len(m.Model.Set("things").Columns()) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}
