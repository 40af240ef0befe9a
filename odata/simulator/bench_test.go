package simulator

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// discard is a response writer that counts.
type discard struct {
	header http.Header
	n      int64
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Write(p []byte) (int, error) {
	d.n += int64(len(p))
	return len(p), nil
}

func benchmarkPage(b *testing.B, o Options, path string) {
	o.NoAuth, o.Until, o.Days = true, lastDay(), 7
	s, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	h := s.Handler()
	b.ReportAllocs()
	for b.Loop() {
		w := &discard{header: http.Header{}}
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, s.roots()[0]+path, nil))
		b.SetBytes(w.n)
		s.ResetRequests()
	}
}

func BenchmarkPageOfHistory(b *testing.B) {
	benchmarkPage(b, Options{Devices: 10_000}, "/devicePropertyHistories?api-version=v1.0")
}

func BenchmarkPageOfDevices(b *testing.B) {
	benchmarkPage(b, Options{Devices: 10_000}, "/devices?api-version=v1.0")
}

func BenchmarkPagePrerendered(b *testing.B) {
	benchmarkPage(b, Options{Devices: 10_000, Prerender: true}, "/devicePropertyHistories?api-version=v1.0")
}

func BenchmarkPageFiltered(b *testing.B) {
	benchmarkPage(b, Options{Devices: 10_000, Profile: "full"}, "/devices?api-version=v1.0&$filter=contains(osVersion,'10.0.22')%20and%20isDeleted%20eq%20false")
}

// BenchmarkOneDay reads one day of a warehouse of a hundred thousand devices.
func BenchmarkOneDay(b *testing.B) {
	benchmarkPage(b, Options{Devices: 100_000, PageSize: 100_000}, "/devicePropertyHistories?api-version=v1.0&$filter=dateKey%20eq%2020261118")
}

// BenchmarkNew makes a warehouse of a hundred thousand devices.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(Options{Devices: 100_000, Days: 30, Until: lastDay()}); err != nil {
			b.Fatal(err)
		}
	}
}
