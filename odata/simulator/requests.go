package simulator

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// requestKind classes requests for the log and for faults.
type requestKind string

const (
	kindOther    requestKind = ""
	kindAny      requestKind = "any"
	kindRows     requestKind = "rows"
	kindCount    requestKind = "count"
	kindMetadata requestKind = "metadata"
	kindService  requestKind = "service"
	kindToken    requestKind = "token"
)

const (
	originMain    = "main"
	originSecond  = "second"
	originForeign = "foreign"
)

// Request is one received request with what was answered.
type Request struct {
	Time     time.Time
	Origin   string // main | second | foreign: which listener took it
	Kind     string // rows | count | metadata | service | token | "" for anything else
	Method   string
	Path     string
	RawQuery string
	Query    string // decoded, options in the order sent
	Set      string
	Host     string
	Header   http.Header // Accept, Accept-Encoding, Prefer, OData-*, User-Agent, client-request-id
	Bearer   bool        // an access token was sent
	Status   int
	Rows     int
	Bytes    int64 // of the body as sent
	Gzip     bool
	Faults   []string // that fired
}

// requestLog keeps the newest requests.
type requestLog struct {
	mu   sync.Mutex
	list []Request
}

const maxLogged = 100_000

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxLogged {
		l.list = slices.Clone(l.list[maxLogged/2:])
	}
	l.list = append(l.list, r)
}

// Requests returns what was received since the last reset, oldest first.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.list)
}

// ResetRequests empties the log.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.list = nil
}

// interesting copies the headers that tests ask about; never a token.
func interesting(h http.Header) http.Header {
	out := http.Header{}
	for _, name := range []string{"Accept", "Accept-Encoding", "Accept-Language", "Prefer", "Odata-Maxversion", "Odata-Version", "User-Agent", "Client-Request-Id"} {
		if v := h.Values(name); len(v) > 0 {
			out[name] = slices.Clone(v)
		}
	}
	return out
}
