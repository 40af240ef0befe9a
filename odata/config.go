package odata

import (
	"crypto/tls"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
)

// Config is one service. Zero values mean the defaults named at the fields.
type Config struct {
	Name    string         // the schema: how errors and logs call the service
	Root    string         // service root URL; its own query string, if it has one, moves into Custom
	Custom  []query.Option // sent with every request that is built here, never added to a link
	Profile *profile.Profile
	Auth    Auth
	// AllowOrigins lists origins besides the service's own where links and redirects may lead.
	AllowOrigins []Origin
	Connections  int // requests at once, default 4
	Timeouts     Timeouts
	Limits       Limits
	Retry        Retry
	UserAgent    string      // default odatagres
	TLS          *tls.Config // nil: the system's roots
	Log          zerolog.Logger
}

// Origin is an origin other than the service's.
type Origin struct {
	Origin      string // scheme://host[:port]
	Credentials bool   // tokens go there too
}

// Auth says how requests authenticate.
type Auth struct {
	Kind         AuthKind
	TokenURL     string
	ClientID     string
	ClientSecret string
	Scopes       []string
	Params       url.Values // further parameters of the token request: resource for a v1 endpoint
	Style        AuthStyle
}

// AuthKind is the way of authentication.
type AuthKind uint8

// The ways of authentication.
const (
	AuthNone AuthKind = iota
	AuthClientCredentials
)

// AuthStyle says where the client's id and secret stand in a token request.
type AuthStyle uint8

// The styles.
const (
	StyleInParams AuthStyle = iota
	StyleInHeader
)

// Timeouts bound one request. Negative values mean none.
type Timeouts struct {
	Connect   time.Duration // name, TCP and TLS, default 10s
	FirstByte time.Duration // until the response's header, default 120s
	Idle      time.Duration // between bytes of a body while bytes are wanted, default 60s
}

// Limits bound what a service may make the process hold.
type Limits struct {
	ValueBytes    int    // one JSON value, default 16 MiB
	RowBytes      int    // one entity, default 64 MiB
	Depth         int    // of JSON nesting, default 64
	MetadataBytes int64  // of $metadata after decompression, default 256 MiB
	PrefetchBytes int64  // of decoded pages ahead of the consumer, default 4 MiB
	SpoolBytes    int64  // of a response read ahead because its connection is needed, default 4 GiB
	SpoolDir      string // where such bytes go beyond 1 MiB, default the system's directory for temporary files
	Disk          Disk   // what such files may hold together with the process's other temporary files; nil: no limit
}

// Disk is the bytes that temporary files may hold. An error of Take, which has its SQLSTATE, ends the read.
type Disk interface {
	Take(bytes int64) error
	Give(bytes int64)
}

// Retry says how often 429, 503, 504 and connections that end before the first byte are tried again.
type Retry struct {
	Attempts int           // requests in all, default 5
	Base     time.Duration // of exponential back-off without Retry-After, default 500ms
	Max      time.Duration // the longest single wait; a Retry-After above it ends the read at once, default 60s
}

func (c Config) withDefaults() Config {
	def := func(p *time.Duration, v time.Duration) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.Timeouts.Connect, 10*time.Second)
	def(&c.Timeouts.FirstByte, 120*time.Second)
	def(&c.Timeouts.Idle, 60*time.Second)
	def(&c.Retry.Base, 500*time.Millisecond)
	def(&c.Retry.Max, 60*time.Second)
	if c.Connections <= 0 {
		c.Connections = 4
	}
	if c.Retry.Attempts <= 0 {
		c.Retry.Attempts = 5
	}
	if c.Limits.ValueBytes <= 0 {
		c.Limits.ValueBytes = 16 << 20
	}
	if c.Limits.RowBytes <= 0 {
		c.Limits.RowBytes = 64 << 20
	}
	if c.Limits.Depth <= 0 {
		c.Limits.Depth = 64
	}
	if c.Limits.MetadataBytes <= 0 {
		c.Limits.MetadataBytes = 256 << 20
	}
	if c.Limits.PrefetchBytes <= 0 {
		c.Limits.PrefetchBytes = 4 << 20
	}
	if c.Limits.SpoolBytes <= 0 {
		c.Limits.SpoolBytes = 4 << 30
	}
	if c.UserAgent == "" {
		c.UserAgent = "odatagres"
	}
	if c.Profile == nil {
		c.Profile = profile.Generic()
	}
	return c
}
