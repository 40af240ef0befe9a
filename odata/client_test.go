package odata_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
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
	wantKind(t, err, odata.KindCanceled)
	close(more)
	b, err = r.Next(ctx)
	if err != nil || b.N != 1 || b.Cols[0].Value(0).I != 3 {
		t.Fatal(b, err)
	}
	if b, err = r.Next(ctx); b != nil || err != nil || !r.Ready() {
		t.Fatal(b, err)
	}
}

// TestTokensStayHome: whatever the service's links say, the token goes to its origin and to those listed with credentials.
func TestTokensStayHome(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	var hits atomic.Int32
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		got.Store(r.Header.Get("Authorization"))
		writeRows(w, 5, 1, "", "")
	})
	tokens := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"the-secret-token","token_type":"Bearer","expires_in":3600}`)
	})
	for _, how := range []string{"next", "redirect"} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer the-secret-token" {
				t.Errorf("the service got %q", r.Header.Get("Authorization"))
			}
			if how == "redirect" {
				http.Redirect(w, r, other.URL+"/x", http.StatusFound)
				return
			}
			writeRows(w, 0, 5, "", other.URL+"/x")
		})
		for _, c := range []struct {
			allowed []odata.Origin
			token   string
		}{
			{nil, ""},
			{[]odata.Origin{{Origin: other.URL}}, ""},
			{[]odata.Origin{{Origin: strings.ToUpper(other.URL) + "/", Credentials: true}}, "Bearer the-secret-token"},
		} {
			hits.Store(0)
			got.Store("none")
			cl := connect(t, s.URL, func(conf *odata.Config) {
				conf.AllowOrigins = c.allowed
				conf.Auth = odata.Auth{Kind: odata.AuthClientCredentials, TokenURL: tokens.URL, ClientID: "i", ClientSecret: "s"}
			})
			rows, _, _, err := readAll(context.Background(), cl, things("a"))
			if c.allowed == nil {
				e := wantKind(t, err, odata.KindForeignLink)
				if hits.Load() != 0 || !strings.Contains(e.Error(), other.URL) || !strings.Contains(e.Error(), "allow_origins") {
					t.Errorf("%s: %d requests reached it; %v", how, hits.Load(), e)
				}
				continue
			}
			if err != nil || hits.Load() != 1 || got.Load() != c.token || rows[len(rows)-1][0].I != 5 {
				t.Errorf("%s: %v, %d rows, %d hits, token %q", how, err, len(rows), hits.Load(), got.Load())
			}
		}
	}
}

// TestLinksAreOpaque: a next link is sent as it came, resolved against the request.
func TestLinksAreOpaque(t *testing.T) {
	t.Parallel()
	var seen []string
	var mu sync.Mutex
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.URL.Path+"?"+r.URL.RawQuery)
		n := len(seen)
		mu.Unlock()
		switch n {
		case 1:
			writeRows(w, 0, 1, "", "things?%24skiptoken=a%2Bb%27c&x=1+2")
		case 2:
			writeRows(w, 1, 1, "", "../root/other?y")
		case 3:
			_, _ = io.WriteString(w, `{"@nextLink":"?z","value":[{"a":2}]}`)
		default:
			writeRows(w, 3, 1, "", "")
		}
	})
	c := connect(t, s.URL+"/root?api-version=1", func(c *odata.Config) { c.Custom = []query.Option{{Name: "k", Value: "v"}} })
	rows, stats, _, err := readAll(context.Background(), c, things("a"))
	if err != nil || len(rows) != 4 || stats.Pages != 4 {
		t.Fatal(len(rows), stats, err)
	}
	want := []string{"/root/things?api-version=1&k=v&$select=a", "/root/things?%24skiptoken=a%2Bb%27c&x=1+2", "/root/other?y", "/root/other?z"}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", seen, want)
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
	wantKind(t, err, odata.KindCanceled)
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
	wantKind(t, err, odata.KindClosed)
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "slow") {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, `{"value":[`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := connect(t, s.URL, func(c *odata.Config) {
		c.Timeouts = odata.Timeouts{FirstByte: 30 * time.Millisecond, Idle: 30 * time.Millisecond}
	})
	for _, set := range []string{"slow", "stalls"} {
		req := things("a")
		req.Query.EntitySet = set
		_, _, _, err := readAll(context.Background(), c, req)
		wantKind(t, err, odata.KindTimeout)
	}
}

// TestIdleIsNotSuspended: a consumer that takes its time is no idle service.
func TestIdleIsNotSuspended(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, 200000, strings.Repeat("x", 50), "") })
	c := connect(t, s.URL, func(c *odata.Config) { c.Timeouts.Idle = 200 * time.Millisecond; c.Limits.PrefetchBytes = 1 })
	ctx := context.Background()
	r, err := c.Open(ctx, things("a", "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	n := 0
	for i := 0; ; i++ {
		b, err := r.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		if n += b.N; i == 3 {
			time.Sleep(500 * time.Millisecond) // longer than the idle timeout: that is the point
		}
	}
	if n != 200000 {
		t.Errorf("%d rows", n)
	}
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

// TestTokenLife: a token is used by all until shortly before its end, and renewed once after a 401.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	var issued, refused atomic.Int64
	tokens := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.Form.Get("resource") != "https://api/" || r.Form.Get("scope") != "a b" || r.Form.Get("client_secret") != "geheim" {
			t.Errorf("form %v, %v", r.Form, err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer","expires_in":"3600"}`, issued.Add(1))
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer t1" && r.URL.RawQuery == "2" {
			refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.RawQuery == "2" {
			writeRows(w, 1, 1, "", "")
			return
		}
		writeRows(w, 0, 1, "", "?2")
	})
	c := connect(t, s.URL, func(c *odata.Config) {
		c.Auth = odata.Auth{
			Kind: odata.AuthClientCredentials, TokenURL: tokens.URL, ClientID: "id", ClientSecret: "geheim", Scopes: []string{"a", "b"},
			Params: url.Values{"resource": {"https://api/"}},
		}
	})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			rows, _, _, err := readAll(context.Background(), c, things("a"))
			if err != nil || len(rows) != 2 {
				t.Error(len(rows), err)
			}
		})
	}
	wg.Wait()
	if issued.Load() != 2 {
		t.Errorf("%d tokens were issued, want 2 (%d refusals)", issued.Load(), refused.Load())
	}
}

// TestSecretsStayOut: nothing that a service or a token endpoint echoes brings a secret into an error.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	const secret, token = "p&ssw0rd geheim", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	bad := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, "you sent "+string(body)+" with "+secret)
	})
	good := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, token)
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, "headers were Authorization: %s", r.Header.Get("Authorization"))
	})
	for tokenURL, kind := range map[string]odata.Kind{bad.URL: odata.KindToken, good.URL: odata.KindBadRequest} {
		c := connect(t, s.URL+"?sig=abc&api-key=def", func(c *odata.Config) {
			c.Auth = odata.Auth{Kind: odata.AuthClientCredentials, TokenURL: tokenURL, ClientID: "id", ClientSecret: secret}
		})
		_, stats, _, err := readAll(context.Background(), c, things("a"))
		e := wantKind(t, err, kind)
		text := fmt.Sprintf("%v %+v %v", err, *e, stats.URLs)
		for _, leak := range []string{secret, url.QueryEscape(secret), token, "abc", "def"} {
			if strings.Contains(text, leak) {
				t.Errorf("%q stands in %s", leak, text)
			}
		}
	}
}

// TestErrorBodies: what a service says is passed on, in whatever form it says it.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status              int
		body, code, message string
		kind                odata.Kind
	}{
		{400, `{"error":{"code":"C1","message":"no such property","details":[{"message":"more"}]}}`, "C1", "no such property; more", odata.KindBadRequest},
		{400, `{"error":{"code":null,"message":"m"}}`, "", "m", odata.KindBadRequest},
		{501, `{"odata.error":{"code":"x","message":{"lang":"en","value":"old form"}}}`, "x", "old form", odata.KindBadRequest},
		{400, `{"_version":3,"Message":"An error has occurred - Activity ID: 1","CustomApiErrorPhrase":"","RetryAfter":null}`, "", "An error has occurred - Activity ID: 1", odata.KindBadRequest},
		{403, `{"Message":"not allowed"}`, "", "not allowed", odata.KindForbidden},
		{404, "Not here", "", "Not here", odata.KindNotFound},
		{410, "", "", "Gone", odata.KindNotFound},
		{500, "<html><head><title>Oops</title><style>x{}</style></head><body>long</body></html>", "", "Oops", odata.KindServerError},
		{500, `<?xml version="1.0"?><m:error xmlns:m="m"><m:code>1</m:code><m:message xml:lang="en">in XML</m:message></m:error>`, "", "in XML", odata.KindServerError},
		{502, "\xEF\xBB\xBF{\"title\":\"Bad\",\"detail\":\"gateway\"}", "", "gateway", odata.KindServerError},
		{401, "", "", "Unauthorized", odata.KindAuth},
		{429, `{"error":{"code":"TooMany","message":"slow down"}}`, "TooMany", "slow down", odata.KindThrottled},
		{200, `{"error":{"code":"C2","message":"after all"}}`, "C2", "after all", odata.KindServerError},
		{200, `{"value":[{"a":1},{"error":{"code":"C3","message":"in the middle"}}`, "C3", "in the middle", odata.KindServerError},
		{200, `{"value":[{"a":1}],"error":{"code":5,"message":"behind"}}`, "5", "behind", odata.KindServerError},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("request-id", "r-1")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, _, _, err := readAll(context.Background(), connect(t, s.URL, nil), things("a"))
		e := wantKind(t, err, c.kind)
		if e.Code != c.code || e.Message != c.message || (c.status != 200 && (e.Status != c.status || e.RequestID != "r-1")) || e.Set != "things" || e.Service != "test" {
			t.Errorf("%d %s: %+v", c.status, c.body, *e)
		}
	}
}

// TestRetryAfter: a wait that is asked for is waited for, one that is too long is reported at once.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "long") {
			w.Header().Set("Retry-After", "7200")
		} else if n.Add(1) > 2 {
			writeRows(w, 0, 1, "", "")
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	c := connect(t, s.URL, nil)
	rows, stats, _, err := readAll(context.Background(), c, things("a"))
	if err != nil || len(rows) != 1 || stats.Requests != 3 || stats.Retries != 2 {
		t.Error(rows, stats, err)
	}
	req := things("a")
	req.Query.EntitySet = "long"
	started := time.Now()
	_, _, _, err = readAll(context.Background(), c, req)
	if e := wantKind(t, err, odata.KindThrottled); e.RetryAfter != 2*time.Hour || time.Since(started) > 30*time.Second {
		t.Errorf("%+v", *e)
	}
}

// TestResume: a broken page goes on where it broke off if its beginning is the same, and fails if it is not.
func TestResume(t *testing.T) {
	t.Parallel()
	for _, change := range []bool{false, true} {
		var n atomic.Int32
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "2" {
				writeRows(w, 0, 100, "", "?2")
				return
			}
			from := 100
			if n.Add(1) == 1 {
				w.Header().Set("Content-Length", "1000000")
				_, _ = io.WriteString(w, strings.TrimSuffix(rowsText(100, 5000), "]}"))
				return
			}
			if change {
				from = 101
			}
			writeRows(w, from, 6000, "", "")
		})
		rows, stats, _, err := readAll(context.Background(), connect(t, s.URL, nil), things("a", "s"))
		if change {
			wantKind(t, err, odata.KindTruncated)
		} else if err != nil || len(rows) != 6100 || stats.Retries == 0 {
			t.Fatal(len(rows), stats.Retries, err)
		}
		for i, r := range rows {
			if r[0].I != int64(i) || r[1].S != strconv.Itoa(i) {
				t.Fatalf("row %d is %v", i, r)
			}
		}
	}
}

func rowsText(from, n int) string {
	var b strings.Builder
	writeRows(&b, from, n, "", "")
	return b.String()
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	for _, root := range []string{gone.URL, tls.URL, "http://nowhere.invalid"} {
		_, _, _, err := readAll(context.Background(), connect(t, root, nil), things("a"))
		e := wantKind(t, err, odata.KindConnect)
		if e.Message == "" {
			t.Errorf("%+v", *e)
		}
	}
	for _, root := range []string{"", "ftp://x/", "http://", "http://u:p@h/", "://"} {
		if _, err := odata.NewClient(odata.Config{Root: root}); err == nil {
			t.Errorf("%q was taken", root)
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

// TestValueFault names the row, and an override makes it null.
func TestValueFault(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"value":[{"a":1,"s":"x"},{"a":2,"s":"y"},{"s":"z","a":"many"},{"a":null,"s":null}]}`)
	})
	c := connect(t, s.URL, nil)
	req := things("a", "s")
	req.Columns[1].Key = true
	rows, _, _, err := readAll(context.Background(), c, req)
	e := wantKind(t, err, odata.KindValue)
	if len(rows) != 2 || e.Property != "a" || !strings.Contains(e.Row, `s="z"`) {
		t.Errorf("%d rows, %+v", len(rows), *e)
	}
	req.Columns[0].OnError, req.Columns[0].Nullable = odata.Null, false
	rows, _, notices, err := readAll(context.Background(), c, req)
	if err != nil || len(rows) != 4 || !rows[2][0].Null || rows[2][1].S != "z" || len(notices) != 2 {
		t.Errorf("%v %v %v", rows, notices, err)
	}
	req.Columns[0].Type = sqltype.Of(sqltype.OIDText)
	rows, _, _, err = readAll(context.Background(), c, req)
	if err != nil || rows[0][0].S != "1" || rows[2][0].S != "many" {
		t.Errorf("%v %v", rows, err)
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
