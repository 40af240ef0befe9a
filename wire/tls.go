package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"

	"github.com/odatagres/odatagres/internal/pgerr"
)

const (
	// alpnProtocol is what PostgreSQL 17's clients offer, and must offer when they begin with TLS at once.
	alpnProtocol = "postgresql"
	// tlsHandshakeByte is the first byte of a TLS handshake record; as the first byte of a startup packet's length it would
	// mean 369 MB.
	tlsHandshakeByte = 0x16
)

// serverTLS is the configuration with what the protocol adds to it.
func serverTLS(c *tls.Config) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	c.NextProtos = []string{alpnProtocol}
	if c.MinVersion < tls.VersionTLS12 {
		c.MinVersion = tls.VersionTLS12
	}
	return c
}

// upgrade answers an SSLRequest and runs the handshake. Bytes that came with the request in clear text would be taken for
// the client's own inside TLS (CVE-2021-23214), so they end the connection.
func (c *connection) upgrade(ctx context.Context) error {
	if c.in.Buffered() > 0 {
		return fatal(pgerr.ProtocolViolation, "received unencrypted data after SSL request").
			WithDetail("This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.")
	}
	if _, err := c.conn.Write([]byte{'S'}); err != nil {
		return err
	}
	return c.handshake(ctx, c.conn)
}

// directTLS runs the handshake of a client that began with it. What was read ahead belongs to the handshake.
func (c *connection) directTLS(ctx context.Context) error {
	if err := c.handshake(ctx, &prefixedConn{Conn: c.conn, in: c.in}); err != nil {
		return err
	}
	if c.tls.ConnectionState().NegotiatedProtocol != alpnProtocol {
		return fatal(pgerr.ProtocolViolation, "received direct SSL connection request without ALPN protocol negotiation extension")
	}
	return nil
}

func (c *connection) handshake(ctx context.Context, conn net.Conn) error {
	t := tls.Server(conn, c.server.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		return &handshakeError{err}
	}
	c.tls = t
	c.conn = t
	c.in = bufio.NewReaderSize(t, readBuffer)
	c.out.conn = t
	return nil
}

// handshakeError is a TLS handshake that failed: there is no channel to tell the client by.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// prefixedConn reads first what a buffer holds.
type prefixedConn struct {
	net.Conn
	in *bufio.Reader
}

func (c *prefixedConn) Read(p []byte) (int, error) {
	if c.in.Buffered() > 0 {
		return c.in.Read(p[:min(len(p), c.in.Buffered())])
	}
	return c.Conn.Read(p)
}

// tlsVersionName is the name that pg_stat_ssl shows: TLSv1.3.
func tlsVersionName(v uint16) string {
	switch v {
	case tls.VersionTLS13:
		return "TLSv1.3"
	case tls.VersionTLS12:
		return "TLSv1.2"
	}
	return tls.VersionName(v)
}
