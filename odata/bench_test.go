package odata_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/odata/simulator"
)

// BenchmarkRead reads a set of the sample service over HTTP on loopback; the pages are rendered before. The service runs in the
// same process, so its share of the time counts too.
func BenchmarkRead(b *testing.B) {
	s, err := simulator.New(simulator.Options{
		Devices: 2000, Days: 10, Until: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Prerender: true, NoAuth: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Start(b.Context(), "127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c, err := odata.NewClient(odata.Config{
		Name: "sample", Root: s.URL(), Profile: profile.Intune(), Custom: []query.Option{{Name: "api-version", Value: "v1.0"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	m, err := c.Metadata(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, set := range []string{"devices", "devicePropertyHistories"} {
		req := odata.Request{Query: query.Query{EntitySet: set}}
		for _, col := range m.Model.Set(set).Columns() {
			st, _ := col.Type.SQL()
			req.Columns = append(req.Columns, odata.Column{Path: col.Path, Edm: col.Type, Type: st, Nullable: col.Nullable})
			req.Query.Select = append(req.Query.Select, col.Path)
		}
		b.Run(set, func(b *testing.B) {
			b.ReportAllocs()
			var stats odata.Stats
			for b.Loop() {
				stats = drain(b, c, req)
			}
			b.SetBytes(stats.Bytes)
			b.ReportMetric(float64(stats.Rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(stats.Bytes)/1e6/stats.Decoding.Seconds(), "decode-MB/s")
		})
	}
}

func drain(b *testing.B, c *odata.Client, req odata.Request) odata.Stats {
	r, err := c.Open(context.Background(), req)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		batch, err := r.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if batch == nil {
			return r.Stats()
		}
	}
}

// BenchmarkReadPlain is the same over a handler that only writes bytes.
func BenchmarkReadPlain(b *testing.B) {
	page := []byte(rowsText(0, 20000))
	page = []byte(strings.ReplaceAll(string(page), `"s":"`, `"s":"some text of usual length `))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) }))
	defer s.Close()
	c, err := odata.NewClient(odata.Config{Name: "test", Root: s.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		if n := drain(b, c, things("a", "s")).Rows; n != 20000 {
			b.Fatal(n)
		}
	}
}
