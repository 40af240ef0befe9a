package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// lastDay pins the clock of all tests.
func lastDay() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }

// start runs a small service; the test ends it.
func start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Until.IsZero() {
		o.Until = lastDay()
	}
	if o.Devices == 0 && o.Model != modelTypes {
		o.Devices = 60
	}
	if o.Days == 0 {
		o.Days = 7
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// answer is a response read to its end.
type answerT struct {
	status int
	header http.Header
	body   string
	err    error // of reading the body
}

func get(t testing.TB, link string, headers ...string) answerT {
	t.Helper()
	a, err := tryGet(t, link, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryGet(t testing.TB, link string, headers ...string) (answerT, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return answerT{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answerT{resp.StatusCode, resp.Header, string(body), err}, nil
}

// pageT is a page as a careful client reads it.
type pageT struct {
	Context string           `json:"@odata.context"`
	Count   *int             `json:"@odata.count"`
	Value   []map[string]any `json:"value"`
	Next    string           `json:"@odata.nextLink"`
}

func parsePage(t testing.TB, body string) pageT {
	t.Helper()
	var p pageT
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&p); err != nil {
		t.Fatalf("%v in %.300s", err, body)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("the body goes on after its end: %.300s", body)
	}
	return p
}

// readAll follows links until the end.
func readAll(t testing.TB, link string, headers ...string) (rows []map[string]any, pages int) {
	t.Helper()
	for link != "" {
		if pages++; pages > 10_000 {
			t.Fatal("endless read")
		}
		a := get(t, link, headers...)
		if a.status != http.StatusOK || a.err != nil {
			t.Fatalf("%s: %d %v %s", link, a.status, a.err, a.body)
		}
		p := parsePage(t, a.body)
		rows = append(rows, p.Value...)
		if p.Next == "" {
			return rows, pages
		}
		base, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		next, err := base.Parse(p.Next)
		if err != nil {
			t.Fatal(err)
		}
		link = next.String()
	}
	return rows, pages
}

// q builds a request for rows of a version of the warehouse; options are given as name, value.
func q(s *Server, set string, options ...string) string {
	parts := []string{"api-version=v1.0"}
	if !s.opts.versioned() {
		parts = nil
	}
	for i := 0; i+1 < len(options); i += 2 {
		parts = append(parts, options[i]+"="+url.PathEscape(strings.ReplaceAll(options[i+1], "+", "%2B")))
	}
	for i, p := range parts {
		parts[i] = strings.NewReplacer("&", "%26", "%252B", "%2B").Replace(p)
	}
	return s.URL() + "/" + set + "?" + strings.Join(parts, "&")
}

func key(row map[string]any, names ...string) string {
	var parts []string
	for _, n := range names {
		parts = append(parts, fmt.Sprint(row[n]))
	}
	return strings.Join(parts, "|")
}
