package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire/backend"
)

// goneGrace is how long a statement goes on after the client closed its side: one that sent all it had and still reads gets
// the answers to what is quick.
const goneGrace = 250 * time.Millisecond

// session is the part of a connection after authentication. One goroutine runs it.
type session struct {
	*connection
	backend backend.Session
	inbox   *inbox
	// skipping: an extended-protocol message failed, everything up to Sync is discarded.
	skipping bool
	// ready: ReadyForQuery was the last thing sent, so the client has nothing to wait for.
	ready  bool
	status backend.TxStatus
	// greeted: BackendKeyData was sent, which belongs between the first settings and the first ReadyForQuery.
	greeted bool
	// deadline of the statement by statement_timeout, from its first message on; zero if none runs.
	deadline time.Time
	rows     rowEncoder
}

// session runs the reader goroutine and the session, and ends both.
func (c *connection) session(b backend.Session) error {
	s := &session{connection: c, backend: b, inbox: newInbox(c.server.options.PipelineBytes, c.server.options.MessageBytes)}
	c.out.sending = s.inbox.sending
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { c.read(s.inbox, stop) })
	err := c.protected(s.loop)
	c.tell(err)
	close(stop)
	// Nothing the client sends counts any more; this also wakes the reader. Closing the connection is left to serve.
	_ = c.raw.SetReadDeadline(time.Unix(1, 0))
	reader.Wait()
	c.cancel(errClientGone)
	if cerr := c.protected(b.Close); cerr != nil {
		c.log.Error().Err(cerr).Msg("closing the session failed")
	}
	return err
}

// read is the reader goroutine: it fills the inbox until the client leaves or breaks the protocol.
func (c *connection) read(in *inbox, stop <-chan struct{}) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error().Interface("panic", p).Msg("reader failed")
			in.end(fatal(pgerr.ProtocolViolation, "invalid message format"))
		}
	}()
	for {
		m, err := c.guard.receive()
		if err == nil {
			if !in.put(m, stop) {
				return
			}
			if m.kind != 'X' {
				continue
			}
			// Terminate is handled in its turn. What is waited for now is that the client closes.
			_, err = io.Copy(io.Discard, c.in)
		}
		if pgerr.As(err) != nil {
			in.end(err)
			return
		}
		in.end(errClientGone)
		if err == nil || errors.Is(err, io.EOF) {
			select {
			case <-time.After(goneGrace):
			case <-stop:
				return
			}
		}
		c.cancel(errClientGone)
		return
	}
}

// loop handles messages until the session ends. A *pgerr.Error is FATAL.
func (s *session) loop() error {
	if err := s.sync(); err != nil {
		return err
	}
	for {
		m, err := s.next()
		if err != nil {
			return err
		}
		if err := s.handle(m); err != nil {
			return err
		}
	}
}

// next waits for the client's next message, and for what may end the session meanwhile.
func (s *session) next() (message, error) {
	if s.draining() && s.ready {
		return message{}, errAdminShutdown()
	}
	var idle <-chan time.Time
	var idleError *pgerr.Error
	for {
		if e := s.ending(); e != nil {
			return message{}, e
		}
		m, ok, err := s.inbox.take()
		if ok {
			return m, nil
		}
		if err != nil {
			return message{}, err
		}
		if s.draining() {
			return message{}, errAdminShutdown()
		}
		if idle == nil && s.ready {
			var limit time.Duration
			if limit, idleError = s.idleLimit(); limit > 0 {
				timer := time.NewTimer(limit)
				defer timer.Stop()
				idle = timer.C
			}
		}
		select {
		case <-s.inbox.arrived:
		case <-s.ended:
		case <-s.server.drain:
		case <-idle:
			return message{}, idleError
		}
	}
}

func (s *session) draining() bool {
	select {
	case <-s.server.drain:
		return true
	default:
		return false
	}
}

// ending is the error that terminate set, or nil.
func (s *session) ending() *pgerr.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

// idleLimit is how long the client may stay silent in the state that it was told, and what it gets then.
func (s *session) idleLimit() (time.Duration, *pgerr.Error) {
	idle, inTransaction := s.backend.IdleTimeouts()
	if s.status == backend.Idle {
		return time.Duration(idle) * time.Millisecond, fatal(pgerr.IdleSessionTimeout, "terminating connection due to idle-session timeout")
	}
	return time.Duration(inTransaction) * time.Millisecond,
		fatal(idleInTransactionTimeout, "terminating connection due to idle-in-transaction timeout")
}

const (
	idleInTransactionTimeout pgerr.Code = "25P03"
	connectionFailure        pgerr.Code = "08006"
)

// handle answers one message. An error ends the session.
func (s *session) handle(m message) error {
	if m.kind == 'X' {
		return errClientLeft
	}
	if s.skipping && m.kind != 'S' {
		return nil
	}
	s.ready = false
	s.setBusy(true)
	defer s.setBusy(false)
	if m.malformed != nil {
		return s.handleMalformed(m)
	}
	switch m.kind {
	case 'Q':
		if err := s.simpleQuery(m.body.(*pgproto3.Query).String); err != nil {
			return err
		}
		return s.sync()
	case 'S':
		s.skipping = false
		return s.sync()
	case 'H':
		return s.out.flush()
	case 'F':
		s.reject(pgerr.Unsupported("Call the function with SELECT.", "function calls by protocol message are not supported"))
		return s.sync()
	case 'c', 'd', 'f':
		return s.out.err
	}
	if e := s.extended(m.body); e != nil {
		s.reject(e)
		if e.Severity == pgerr.SeverityFatal {
			return e
		}
		s.skipping = true
		return s.out.flush()
	}
	return s.out.full()
}

// handleMalformed answers a message of the wrong shape as PostgreSQL does: its frame was whole, so the session goes on.
func (s *session) handleMalformed(m message) error {
	s.reject(m.malformed)
	switch m.kind {
	case 'Q', 'F', 'S':
		s.skipping = false
		return s.sync()
	}
	s.skipping = true
	return s.out.flush()
}

// reject fails the transaction and tells the client, unless the error ends the session, which tells it itself.
func (s *session) reject(e *pgerr.Error) {
	s.backend.Fail(e)
	s.notices()
	s.deadline = time.Time{}
	if e.Severity != pgerr.SeverityFatal {
		s.out.message(errorResponse(e))
	}
}

// notices sends what the backend has queued.
func (s *session) notices() {
	for _, n := range s.backend.DrainNotices() {
		s.out.message(noticeResponse(n))
	}
}

// sync ends the implicit transaction, tells of changed settings and gives the turn to the client.
func (s *session) sync() error {
	status, settings := s.backend.Sync(s.ctx)
	s.deadline = time.Time{}
	s.notices()
	for _, p := range settings {
		s.out.message(&pgproto3.ParameterStatus{Name: p.Name, Value: p.Value})
		if p.Name == "application_name" {
			s.application = p.Value
		}
	}
	if !s.greeted {
		s.greeted = true
		s.out.message(&pgproto3.BackendKeyData{ProcessID: s.pid, SecretKey: binary.BigEndian.Uint32(s.key)})
	}
	s.out.message(&pgproto3.ReadyForQuery{TxStatus: byte(status)})
	s.status, s.ready = status, true
	return s.out.flush()
}

// begin starts a statement, or the next part of one: the context ends by CancelRequest, by statement_timeout and with the
// connection. Its cause is the error to report. The returned function must be called when the part has ended.
func (s *session) begin() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	s.mu.Lock()
	s.statement = cancel
	if s.pending != nil {
		cancel(s.pending)
		s.pending = nil
	}
	s.mu.Unlock()
	var timer *time.Timer
	if limit := s.backend.StatementTimeout(); limit > 0 {
		if s.deadline.IsZero() {
			s.deadline = time.Now().Add(time.Duration(limit) * time.Millisecond)
		}
		timer = time.AfterFunc(time.Until(s.deadline), func() {
			cancel(pgerr.New(pgerr.QueryCanceled, "canceling statement due to statement timeout"))
		})
	}
	return ctx, func() {
		if timer != nil {
			timer.Stop()
		}
		s.mu.Lock()
		s.statement = nil
		s.mu.Unlock()
		cancel(nil)
	}
}

// fault makes what the client is told of a backend's error. If the statement was cancelled, that is the reason, whatever
// the error says.
func (s *session) fault(ctx context.Context, err error) *pgerr.Error {
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		if e := pgerr.As(cause); e != nil {
			return e
		}
		return fatal(connectionFailure, "connection to client lost").WithCause(cause)
	}
	if e := pgerr.As(err); e != nil {
		return e
	}
	s.log.Error().Err(err).Msg("the backend returned an error without a code")
	return pgerr.New(pgerr.InternalError, "internal error").WithHint("The server's log has the details.").WithCause(err)
}
