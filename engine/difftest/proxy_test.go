package difftest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// front stands between the gateway and the warehouse. It notes requests when they arrive, before they are answered, and may
// change them or what comes back.
type front struct {
	handler http.Handler

	mu   sync.Mutex
	list []string
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	set := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if set != "$metadata" {
		text, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil {
			text = r.URL.RawQuery
		}
		f.mu.Lock()
		f.list = append(f.list, r.Method+" /"+set+"?"+text)
		f.mu.Unlock()
	}
	f.handler.ServeHTTP(w, r)
}

// reset forgets the requests noted so far.
func (f *front) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// sent are the requests noted, sorted, as those of different tables go out at once.
func (f *front) sent() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := slices.Clone(f.list)
	slices.Sort(out)
	return out
}
