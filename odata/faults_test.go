package odata_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata"
)

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
		_ = wantKind(t, err, odata.KindTimeout)
	}
}

// TestIdleIsNotSuspended: a consumer that takes its time is no idle service.
func TestIdleIsNotSuspended(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, 200000, strings.Repeat("x", 50), "") })
	c := connect(t, s.URL, func(c *odata.Config) { c.Timeouts.Idle = 2 * time.Second; c.Limits.PrefetchBytes = 1 })
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
			time.Sleep(3 * time.Second) // longer than the idle timeout: that is the point
		}
	}
	if n != 200000 {
		t.Errorf("%d rows", n)
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
			_ = wantKind(t, err, odata.KindTruncated)
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

// TestCircle: a service that sends one page again and again behind new links is found out by the key; without it, equal pages
// are honest.
func TestCircle(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		next := ""
		if i := n.Add(1); i < 20 {
			next = "?" + strconv.Itoa(int(i))
		}
		writeRows(w, 0, 5, "", next)
	})
	req := things("a", "s")
	rows, _, _, err := readAll(context.Background(), connect(t, s.URL, nil), req)
	if err != nil || len(rows) != 100 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	n.Store(0)
	req.Columns[0].Key, req.WholeKey = true, true
	_, _, _, err = readAll(context.Background(), connect(t, s.URL, nil), req)
	_ = wantKind(t, err, odata.KindEndlessLink)
}

// TestHostileAnswers: whatever comes, the read ends with an error of the right kind and nothing is left running.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	raw := func(w http.ResponseWriter, answer string) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, answer)
		_ = c.Close()
	}
	header := func(w http.ResponseWriter, kv ...string) {
		for i := 0; i < len(kv); i += 2 {
			w.Header().Set(kv[i], kv[i+1])
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   odata.Kind
	}{
		"no http": {func(w http.ResponseWriter, _ *http.Request) { raw(w, "SSH-2.0-OpenSSH\r\n") }, odata.KindConnect},
		"bad chunk": {func(w http.ResponseWriter, _ *http.Request) {
			raw(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}")
		}, odata.KindTruncated},
		"missing chunk": {func(w http.ResponseWriter, _ *http.Request) {
			raw(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"value\":[{\"a\":1}\r\n")
		}, odata.KindTruncated},
		"no gzip": {func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Encoding", "gzip")
			writeRows(w, 0, 3, "", "")
		}, odata.KindTruncated},
		"brotli": {func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Encoding", "br")
			writeRows(w, 0, 3, "", "")
		}, odata.KindMalformed},
		"cut gzip": {func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Encoding", "gzip")
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			writeRows(z, 0, 3000, "", "")
			_ = z.Close()
			_, _ = w.Write(b.Bytes()[:b.Len()-20])
		}, odata.KindTruncated},
		"redirect loop":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, odata.KindEndlessLink},
		"redirect where": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }, odata.KindMalformed},
		"file link":      {func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, 1, "", "file:///etc/passwd") }, odata.KindForeignLink},
		"user link":      {func(w http.ResponseWriter, r *http.Request) { writeRows(w, 0, 1, "", "http://u:p@"+r.Host+"/x") }, odata.KindForeignLink},
		"bad link":       {func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, 1, "", "http://[x/%zz") }, odata.KindMalformed},
		"long link":      {func(w http.ResponseWriter, _ *http.Request) { writeRows(w, 0, 1, "", "?"+strings.Repeat("x", 100000)) }, odata.KindLimit},
		"deep": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"value":[{"x":`+strings.Repeat("[", 1<<20))
		}, odata.KindLimit},
		"deep outside": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"x":`+strings.Repeat(`{"x":`, 1<<20))
		}, odata.KindLimit},
		"not UTF-8": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "{\"value\":[{\"a\":1,\"s\":\"\xE4\"}]}")
		}, odata.KindMalformed},
		"partial":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }, odata.KindServerError},
		"teapot":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, odata.KindBadRequest},
		"only blanks": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "   \n ") }, odata.KindTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.answer)
			_, _, _, err := readAll(context.Background(), connect(t, s.URL, func(c *odata.Config) { c.Limits.RowBytes = 4 << 20 }), things("a", "s"))
			_ = wantKind(t, err, c.kind)
		})
	}
}
