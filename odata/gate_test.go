package odata

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestGate: never more than its places at once, first come first served, and those who give up lose no place.
func TestGate(t *testing.T) {
	t.Parallel()
	g := newGate(2)
	var inside, most atomic.Int32
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%3 == 0 {
				cancel() // may still get a place that is free
			}
			if g.acquire(ctx) != nil {
				return
			}
			n := inside.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			inside.Add(-1)
			g.release()
		})
	}
	wg.Wait()
	if g.free != 2 || len(g.waiting) != 0 || most.Load() > 2 {
		t.Errorf("free %d, waiting %d, at once %d", g.free, len(g.waiting), most.Load())
	}
	select {
	case <-g.pressed():
		t.Error("pressed without anybody waiting")
	default:
	}
	for range 2 {
		if err := g.acquire(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	press := g.pressed()
	got := make(chan error)
	go func() { got <- g.acquire(context.Background()) }()
	<-press
	<-g.pressed() // still
	g.release()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	select {
	case <-g.pressed():
		t.Error("pressed although nobody waits any more")
	default:
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	root, _ := url.Parse("https://Host.example/service")
	g, err := newGuard(root, []Origin{{Origin: "https://other.example:8443", Credentials: true}, {Origin: "http://[::1]:80"}})
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]string{
		"https://host.example/x?y": "token", "https://HOST.EXAMPLE:443/": "token", "https://host.example./": "token",
		"http://host.example/": "refused", "https://host.example:444/": "refused", "https://host.example.evil/": "refused",
		"https://sub.host.example/": "refused", "https://user@host.example/": "refused", "https://host.example@evil/": "refused",
		"https://other.example:8443/a": "token", "https://other.example/": "refused", "http://[::1]/": "bare", "ftp://host.example/": "refused",
		"//host.example/": "refused", "https:///x": "refused", "file:///etc/passwd": "refused", "https://other.example:8443@evil/": "refused",
	} {
		u, err := url.Parse(addr)
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := g.check(u)
		got := "refused"
		switch {
		case err == nil && credentials:
			got = "token"
		case err == nil:
			got = "bare"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
	for _, bad := range []string{"other", "https://x/path", "https://x?q", "https://u:p@x", "ldap://x"} {
		if _, err := newGuard(root, []Origin{{Origin: bad}}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	u, _ := url.Parse("https://u:p@h/x?$filter=a%20eq%20'token'&$skiptoken=s1&access%5Ftoken=s2&sig=s3&Subscription-Key=s4&x=1#s5")
	want := "https://h/x?$filter=a%20eq%20'token'&$skiptoken=s1&access%5Ftoken=***&sig=***&Subscription-Key=***&x=1"
	if got := redacted(u); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestRetryAfterForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0": 0, "-3": 0, "1.5": 1500 * time.Millisecond, "soon": 0, "NaN": 0, "99999999999999": 1e9 * time.Second,
		"Tue, 24 Nov 2026 08:01:00 GMT": time.Minute, "Tue, 24 Nov 2026 07:00:00 GMT": 0,
	} {
		h := http.Header{}
		h.Set("Retry-After", v)
		if got := retryAfter(h, now); got != want {
			t.Errorf("%q: %s, want %s", v, got, want)
		}
	}
	r := Retry{Base: time.Second, Max: 10 * time.Second}
	for attempt := 1; attempt < 80; attempt++ {
		if d := r.backoff(attempt); d <= 0 || d > r.Max {
			t.Errorf("attempt %d: %s", attempt, d)
		}
	}
}

func TestSpool(t *testing.T) {
	t.Parallel()
	s := &spool{dir: t.TempDir(), limit: 5 << 20}
	defer s.close()
	var wrote, read uint64
	buf := make([]byte, 70000)
	piece := func(n int, from uint64) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte((from + uint64(i)) * 7 >> 3)
		}
		return b
	}
	for i := range 60 {
		p := piece(65536, wrote)
		if _, err := s.Write(p); err != nil {
			t.Fatal(err)
		}
		wrote += uint64(len(p))
		for range i % 3 {
			n, err := s.Read(buf)
			if err != nil && read < wrote {
				t.Fatal(err)
			}
			if string(buf[:n]) != string(piece(n, read)) {
				t.Fatalf("other bytes at %d", read)
			}
			read += uint64(n)
		}
	}
	for read < wrote {
		n, err := s.Read(buf)
		if err != nil || string(buf[:n]) != string(piece(n, read)) {
			t.Fatal(n, err)
		}
		read += uint64(n)
	}
	if _, err := s.Write(make([]byte, 2<<20)); err == nil {
		t.Error("the limit was passed")
	}
}
