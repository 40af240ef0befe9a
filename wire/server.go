package wire

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// forceGrace is how long a connection that is terminated has to take its last message.
const forceGrace = time.Second

// abandonAfter is how long Shutdown waits for sessions that do not heed their cancelled contexts: a process that is told to
// end must end.
const abandonAfter = 10 * time.Second

// Server accepts connections and runs a session on each. Make one with NewServer.
type Server struct {
	options Options
	tls     *tls.Config
	ctx     context.Context // ends when Shutdown has no more patience
	cancel  context.CancelFunc

	mu          sync.Mutex
	listeners   map[net.Listener]struct{}
	connections map[*connection]struct{}
	byPID       map[uint32]*connection // those that have a cancel key
	sessions    int                    // connections that count against MaxConnections
	lastPID     uint32
	lastID      uint64
	draining    bool
	drain       chan struct{} // closed when draining
	wg          sync.WaitGroup
}

// ErrServerClosed is returned by Serve after Shutdown.
var ErrServerClosed = errors.New("wire: server closed")

// NewServer returns a server that does not listen yet.
func NewServer(options Options) *Server {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // connections outlive Serve's context, Shutdown ends them
	return &Server{
		options: options.withDefaults(), tls: serverTLS(options.TLS), ctx: ctx, cancel: cancel,
		listeners: map[net.Listener]struct{}{}, connections: map[*connection]struct{}{}, byPID: map[uint32]*connection{},
		drain: make(chan struct{}),
	}
}

// Serve accepts connections until ctx ends (it returns nil) or Shutdown is called (it returns ErrServerClosed), and closes
// the listener. Connections live on until Shutdown. It may be called for several listeners.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if !s.addListener(l) {
		_ = l.Close()
		return ErrServerClosed
	}
	defer s.removeListener(l)
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var delay time.Duration
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			delay = 0
			s.start(conn)
			continue
		case s.isDraining():
			return ErrServerClosed
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		}
		// Out of file descriptors, or a client that left before it was accepted: others still want to be served.
		delay = min(max(2*delay, 5*time.Millisecond), time.Second)
		s.options.Logger.Warn().Err(err).Dur("retry_in", delay).Msg("accept failed")
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		case <-s.drain:
		}
	}
}

// Shutdown ends the server: no new connection, idle sessions end at once with 57P01, busy ones when their statement has
// ended. When ctx is done the rest is cancelled. It returns when every connection has ended, with ctx's error if they had to
// be cancelled; a session that does not heed that is left behind after a while.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.draining {
		s.draining = true
		close(s.drain)
	}
	for l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.connections {
		c.drainLogin()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		s.cancel()
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for c := range s.connections {
		c.terminate(errAdminShutdown())
	}
	s.mu.Unlock()
	s.cancel()
	select {
	case <-done:
		return ctx.Err()
	case <-time.After(abandonAfter):
		return fmt.Errorf("wire: connections did not end when they were cancelled: %w", ctx.Err())
	}
}

func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

func (s *Server) addListener(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) removeListener(l net.Listener) {
	_ = l.Close()
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
}

// start runs a connection on a goroutine of its own. Connections that have not sent a startup packet are bounded too, since
// each costs a descriptor: beyond twice the sessions they are closed unheard, as PostgreSQL's postmaster does.
func (s *Server) start(conn net.Conn) {
	s.mu.Lock()
	if s.draining || len(s.connections) >= 2*s.options.MaxConnections+16 {
		s.mu.Unlock()
		_ = conn.Close()
		return
	}
	s.lastID++
	c := newConnection(s, conn, s.lastID)
	s.connections[c] = struct{}{}
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		defer s.forget(c)
		c.serve()
	}()
}

func (s *Server) forget(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.connections, c)
	if c.pid != 0 {
		delete(s.byPID, c.pid)
		s.sessions--
	}
}

// admit gives a connection its process id and cancel key, or reports that there are too many sessions.
func (s *Server) admit(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions >= s.options.MaxConnections {
		return false
	}
	for {
		// Positive as an Int32, which is how clients print it, and never that of another session.
		s.lastPID = s.lastPID&0x7fffffff + 1
		if s.lastPID > 0x7fffffff {
			s.lastPID = 1
		}
		if s.byPID[s.lastPID] == nil {
			break
		}
	}
	s.sessions++
	c.pid, c.key = s.lastPID, randomBytes(4)
	s.byPID[c.pid] = c
	return true
}

// cancelSession cancels the statement of the session that has both halves of the key. Nothing tells the caller whether
// there was one.
func (s *Server) cancelSession(pid uint32, key []byte) {
	s.mu.Lock()
	c := s.byPID[pid]
	s.mu.Unlock()
	want := make([]byte, 4)
	if c != nil {
		want = c.key
	}
	if subtle.ConstantTimeCompare(want, key) == 1 && c != nil {
		c.cancelStatement(errUserCancel())
	}
}
