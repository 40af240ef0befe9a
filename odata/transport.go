package odata

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// newHTTP makes the HTTP client of one service. It follows no redirects by itself: each goes past the guard first.
func newHTTP(c Config) *http.Client {
	positive := func(d time.Duration) time.Duration { return max(d, 0) }
	dialer := &net.Dialer{Timeout: positive(c.Timeouts.Connect), KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: positive(c.Timeouts.Connect),
			TLSClientConfig:     c.TLS,
			ForceAttemptHTTP2:   true,
			DisableCompression:  true, // inflate.go does it
			MaxIdleConns:        c.Connections + 2,
			MaxIdleConnsPerHost: c.Connections,
			IdleConnTimeout:     90 * time.Second,
			// A page is read in pieces of 64 KiB; smaller reads from the socket would only cost system calls.
			ReadBufferSize:         64 << 10,
			MaxResponseHeaderBytes: 1 << 20,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newTokenHTTP is for the token endpoint, which has no business redirecting a request that holds the client's secret.
func newTokenHTTP(c Config, shared *http.Client) *http.Client {
	limit := time.Duration(0)
	if c.Timeouts.Connect > 0 && c.Timeouts.FirstByte > 0 {
		limit = c.Timeouts.Connect + c.Timeouts.FirstByte
	}
	return &http.Client{
		Transport: shared.Transport, Timeout: limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it redirects elsewhere") },
	}
}
