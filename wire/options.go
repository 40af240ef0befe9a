package wire

import (
	"crypto/tls"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/wire/backend"
)

// Options configures a server. The zero value of every field but Backend is usable.
type Options struct {
	// Backend answers the statements.
	Backend backend.Backend
	// TLS holds the certificate; nil turns TLS off.
	TLS *tls.Config
	// RequireTLS refuses sessions without TLS. It has no effect on CancelRequest and on unix sockets.
	RequireTLS bool
	// MaxConnections bounds the sessions, those being authenticated included; 0 means 100. One more gets 53300.
	MaxConnections int
	// MessageBytes bounds one message of an authenticated client; 0 means 64 MiB.
	MessageBytes int64
	// PipelineBytes bounds what is read ahead of the statement that runs, besides one message; 0 means 4 MiB. While rows wait
	// for the client to take them, as much as MessageBytes is read ahead.
	PipelineBytes int64
	// LoginTimeout bounds TLS handshake and authentication together; 0 means 30 s.
	LoginTimeout time.Duration
	// WriteTimeout ends a connection whose client took no byte for so long while there was something to send; 0 means 5 minutes.
	WriteTimeout time.Duration
	// ServerSecret makes the salts of users that have no verifier. It should be equal on all replicas and after a restart;
	// nil means a random one.
	ServerSecret []byte
	// Logger gets one line per connection, and the faults that are the server's own.
	Logger zerolog.Logger
}

const (
	defaultConnections   = 100
	defaultMessageBytes  = 64 << 20
	defaultPipelineBytes = 4 << 20
	defaultLoginTimeout  = 30 * time.Second
	defaultWriteTimeout  = 5 * time.Minute
)

// withDefaults fills in what was left zero.
func (o Options) withDefaults() Options {
	if o.MaxConnections <= 0 {
		o.MaxConnections = defaultConnections
	}
	if o.MessageBytes <= 0 {
		o.MessageBytes = defaultMessageBytes
	}
	if o.PipelineBytes <= 0 {
		o.PipelineBytes = defaultPipelineBytes
	}
	if o.LoginTimeout <= 0 {
		o.LoginTimeout = defaultLoginTimeout
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = defaultWriteTimeout
	}
	if len(o.ServerSecret) == 0 {
		o.ServerSecret = randomBytes(32)
	}
	return o
}
