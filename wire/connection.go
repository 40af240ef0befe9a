package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire/backend"
)

// connection is one client's connection from accept to close.
type connection struct {
	server *Server
	raw    *patientConn
	conn   net.Conn  // raw, or TLS over it
	tls    *tls.Conn // nil without TLS
	in     *bufio.Reader
	guard  *guard
	out    *writer
	log    zerolog.Logger
	since  time.Time

	pid            uint32 // 0 until admitted
	key            []byte
	told           bool // a FATAL error was sent
	user, database string
	application    string

	ctx    context.Context // ends with the connection; its cause is what the client is told
	cancel context.CancelCauseFunc

	mu        sync.Mutex
	statement context.CancelCauseFunc // of the statement that runs, else nil
	busy      bool                    // a message is being handled
	pending   error                   // a cancel that met a busy session between two statements
	loggedIn  bool
	end       *pgerr.Error  // why the connection must end
	ended     chan struct{} // closed when end is set
}

var (
	errClientGone   = errors.New("client disconnected")
	errClientLeft   = errors.New("client terminated the session")
	errCancelServed = errors.New("cancel request served")
)

func errUserCancel() *pgerr.Error {
	return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request")
}

func errAdminShutdown() *pgerr.Error {
	return fatal(pgerr.AdminShutdown, "terminating connection due to administrator command")
}

func newConnection(s *Server, conn net.Conn, id uint64) *connection {
	keepAlive(conn)
	raw := &patientConn{Conn: conn, timeout: s.options.WriteTimeout}
	c := &connection{
		server: s, raw: raw, conn: raw, in: bufio.NewReaderSize(raw, readBuffer), out: newWriter(raw), since: time.Now(),
		log:   s.options.Logger.With().Uint64("connection", id).Str("remote", conn.RemoteAddr().String()).Logger(),
		ended: make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancelCause(s.ctx)
	return c
}

// keepAlive lets the system find out that a client's machine is gone while nothing is sent.
func keepAlive(conn net.Conn) {
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 10 * time.Second, Count: 6})
		_ = t.SetNoDelay(true)
	}
}

// serve runs the connection to its end and logs it in one line.
func (c *connection) serve() {
	err := c.protected(func() error {
		b, err := c.login()
		if err != nil {
			return err
		}
		return c.session(b)
	})
	c.tell(err)
	c.cancel(errClientGone)
	c.raw.stopWrites(time.Now().Add(forceGrace)) // what closing TLS writes must not wait for a client that does not read
	c.lingeringClose()
	_ = c.conn.Close()
	_ = c.raw.Close()
	c.logEnd(err)
}

// protected turns a panic into an XX000 that ends this connection alone.
func (c *connection) protected(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("session failed")
			err = fatal(pgerr.InternalError, "internal error").WithHint("The server's log has the details.")
		}
	}()
	return f()
}

// tell sends a FATAL error, once. Nobody is there to take it before TLS is up or after the client has left.
func (c *connection) tell(err error) {
	e := pgerr.As(err)
	if e == nil || c.told || errors.Is(err, errClientGone) {
		return
	}
	c.told = true
	c.out.message(errorResponse(e.WithSeverity(pgerr.SeverityFatal)))
	_ = c.out.flush()
}

// lingeringClose gives the client a moment to read the last error: closing with unread input resets the connection, and a
// reset may overtake what was sent.
func (c *connection) lingeringClose() {
	half, ok := c.raw.Conn.(interface{ CloseWrite() error })
	if !ok || !c.told || c.out.err != nil {
		return
	}
	if c.tls != nil {
		_ = c.tls.CloseWrite()
	}
	if half.CloseWrite() != nil {
		return
	}
	_ = c.raw.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, c.raw, lingerBytes)
}

const (
	lingerTime  = 200 * time.Millisecond
	lingerBytes = 1 << 20
)

func (c *connection) logEnd(err error) {
	e := pgerr.As(err)
	level, reason := zerolog.InfoLevel, "closed"
	switch {
	case errors.Is(err, errClientGone):
		e, reason = nil, "client disconnected"
	case e != nil:
		level, reason = zerolog.WarnLevel, e.Message
		if e.Code == pgerr.AdminShutdown {
			level = zerolog.InfoLevel
		}
	case errors.Is(err, errClientLeft):
	case errors.Is(err, errCancelServed):
		level, reason = zerolog.DebugLevel, err.Error()
	case c.user == "":
		// Port checks connect and leave.
		level, reason = zerolog.DebugLevel, "left before it sent a startup packet"
	case err != nil:
		reason = "connection lost: " + err.Error()
	}
	event := c.log.WithLevel(level).Dur("duration", time.Since(c.since)).Int64("bytes_sent", c.out.sent).Str("reason", reason)
	if c.user != "" {
		event = event.Str("user", c.user).Str("database", c.database).Str("application", c.application).Uint32("pid", c.pid)
	}
	if c.tls != nil {
		event = event.Str("tls", c.tlsVersion())
	}
	if e != nil {
		event = event.Str("sqlstate", string(e.Code))
	}
	event.Msg("connection")
}

func (c *connection) tlsVersion() string {
	if c.tls == nil {
		return ""
	}
	return tlsVersionName(c.tls.ConnectionState().Version)
}

// login is everything before the session, within the login timeout.
func (c *connection) login() (backend.Session, error) {
	limit := c.server.options.LoginTimeout
	_ = c.raw.SetReadDeadline(time.Now().Add(limit))
	c.raw.timeout = limit
	ctx, cancel := context.WithTimeout(c.ctx, limit)
	defer cancel()
	b, err := c.loginSteps(ctx)
	if err != nil {
		return nil, c.loginFault(err)
	}
	c.mu.Lock()
	c.loggedIn = true
	end := c.end
	_ = c.raw.SetReadDeadline(time.Time{})
	c.mu.Unlock()
	c.raw.timeout = c.server.options.WriteTimeout
	if end != nil {
		_ = b.Close()
		return nil, end
	}
	return b, nil
}

// loginFault says why the login ended, where the error is that of a deadline.
func (c *connection) loginFault(err error) error {
	c.mu.Lock()
	end := c.end
	c.mu.Unlock()
	if end != nil {
		return end
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		var h *handshakeError
		if c.user != "" && !errors.As(err, &h) {
			return fatal(pgerr.QueryCanceled, "canceling authentication due to timeout")
		}
	}
	return err
}

func (c *connection) loginSteps(ctx context.Context) (backend.Session, error) {
	packet, err := c.startup(ctx)
	if err != nil {
		return nil, err
	}
	user, database, settings, err := packet.session()
	if err != nil {
		return nil, err
	}
	c.user, c.database, c.application = user, database, settings["application_name"]
	c.out.buf = packet.negotiation(c.out.buf)
	if c.server.isDraining() {
		return nil, fatal(pgerr.CannotConnectNow, "the database system is shutting down")
	}
	if c.server.options.RequireTLS && c.tls == nil && c.raw.RemoteAddr().Network() != "unix" {
		return nil, c.refuseClearText()
	}
	if !c.server.admit(c) {
		return nil, fatal(pgerr.TooManyConnections, "sorry, too many clients already")
	}
	c.guard = newGuard(c.in, c.server.options.MessageBytes)
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	c.guard.authenticated()
	b, err := c.server.options.Backend.Connect(ctx, backend.Connection{
		User: user, Database: database, Parameters: settings, PID: c.pid, SecretKey: c.key,
		Remote: c.raw.RemoteAddr(), TLS: c.tlsVersion(),
		Cancel:    func() { c.cancelStatement(errUserCancel()) },
		Terminate: func() { c.terminate(errAdminShutdown()) },
	})
	if err != nil {
		if e := pgerr.As(err); e != nil {
			return nil, e.WithSeverity(pgerr.SeverityFatal)
		}
		c.log.Error().Err(err).Msg("session refused without a code")
		return nil, fatal(pgerr.InternalError, "internal error").WithHint("The server's log has the details.")
	}
	return b, nil
}

// startup reads packets until one starts a session, answering requests for encryption on the way, each kind once.
func (c *connection) startup(ctx context.Context) (*startup, error) {
	first, err := c.in.Peek(1)
	if err != nil {
		return nil, err
	}
	if first[0] == tlsHandshakeByte && c.server.tls != nil {
		if err := c.directTLS(ctx); err != nil {
			return nil, err
		}
	}
	sslDone, gssDone := c.tls != nil, false
	for {
		packet, err := readStartup(c.in)
		if err != nil {
			return nil, err
		}
		switch {
		case packet.code == cancelRequestCode:
			c.server.cancelSession(packet.cancelPID, packet.cancelKey)
			return nil, errCancelServed
		case packet.code == sslRequestCode && !sslDone:
			sslDone = true
			if c.server.tls != nil {
				err = c.upgrade(ctx)
			} else {
				_, err = c.conn.Write([]byte{'N'})
			}
		case packet.code == gssRequestCode && !gssDone:
			gssDone = true
			_, err = c.conn.Write([]byte{'N'})
		case packet.parameters == nil:
			return nil, fatal(pgerr.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0",
				packet.code>>16, packet.code&0xffff)
		default:
			return packet, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// refuseClearText has PostgreSQL's text for it, which clients that try again with TLS know.
func (c *connection) refuseClearText() *pgerr.Error {
	host := c.raw.RemoteAddr().String()
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return fatal(pgerr.InvalidAuthorizationSpecification, `no pg_hba.conf entry for host "%s", user "%s", database "%s", no encryption`,
		host, c.user, c.database).WithHint("This server requires TLS: connect with sslmode=require or stronger.")
}

// cancelStatement ends the statement that runs, or the next one of the message that is being handled. A session that waits
// for its client is left alone, as PostgreSQL's is. Safe from any goroutine.
func (c *connection) cancelStatement(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.statement != nil:
		c.statement(cause)
	case c.busy:
		c.pending = cause
	}
}

// setBusy says whether a message is being handled. A cancel that no statement took is void when it has been.
func (c *connection) setBusy(busy bool) {
	c.mu.Lock()
	c.busy, c.pending = busy, nil
	c.mu.Unlock()
}

// terminate ends the connection with the error: at once if it waits for the client, else when the statement, which is
// cancelled, has returned. Safe from any goroutine.
func (c *connection) terminate(e *pgerr.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return
	}
	c.end = e
	close(c.ended)
	if !c.loggedIn {
		_ = c.raw.SetReadDeadline(time.Unix(1, 0))
	}
	c.raw.stopWrites(time.Now().Add(forceGrace))
	c.cancel(e)
}

// drainLogin ends a connection that is still logging in; a session looks at the server's drain channel itself.
func (c *connection) drainLogin() {
	c.mu.Lock()
	loggedIn := c.loggedIn
	c.mu.Unlock()
	if !loggedIn {
		c.terminate(errAdminShutdown())
	}
}
