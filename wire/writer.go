package wire

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgproto3/v2"
)

const (
	// flushBytes is when output is sent although nobody asked for it yet.
	flushBytes = 64 << 10
	// keepBytes is the largest buffer that is kept after a flush: one huge row does not hold its memory for the session.
	keepBytes = 4 * flushBytes
)

// writer collects output and sends it. After a failed write it stays failed: the connection ends.
type writer struct {
	conn net.Conn
	buf  []byte
	sent int64
	err  error
	// sending is told before and after a write, which may wait for the client; nil before there is a session.
	sending func(now bool)
}

func newWriter(conn net.Conn) *writer { return &writer{conn: conn} }

// message appends a message.
func (w *writer) message(m pgproto3.BackendMessage) {
	buf, err := m.Encode(w.buf)
	if err != nil {
		if w.err == nil {
			w.err = err
		}
		return
	}
	w.buf = buf
}

// total is the number of bytes written so far, those in the buffer included.
func (w *writer) total() int64 { return w.sent + int64(len(w.buf)) }

// failed reports whether a write failed; the client is lost then.
func (w *writer) failed() bool { return w.err != nil }

// full flushes if there is enough in the buffer to be worth it.
func (w *writer) full() error {
	if len(w.buf) < flushBytes {
		return w.err
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.err != nil {
		return w.err
	}
	if len(w.buf) == 0 {
		return nil
	}
	if w.sending != nil {
		w.sending(true)
	}
	n, err := w.conn.Write(w.buf)
	if w.sending != nil {
		w.sending(false)
	}
	w.sent += int64(n)
	if err != nil {
		w.err = err
	}
	if cap(w.buf) > keepBytes {
		w.buf = nil
	}
	w.buf = w.buf[:0]
	return w.err
}

// patientConn is a TCP connection on which a write fails only if the client took no byte at all for the timeout: a slow
// client that still reads is waited for. It sits below TLS, whose records cannot be resumed after a failed write.
type patientConn struct {
	net.Conn
	timeout time.Duration
	last    atomic.Pointer[time.Time] // set by stopWrites
}

func (c *patientConn) Write(p []byte) (int, error) {
	done := 0
	for {
		if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
			return done, err
		}
		// Looked at after the deadline was set, so that stopWrites cannot be overtaken.
		last := c.last.Load()
		if last != nil {
			if err := c.SetWriteDeadline(*last); err != nil {
				return done, err
			}
		}
		n, err := c.Conn.Write(p[done:])
		done += n
		if err == nil || n == 0 || last != nil || !errors.Is(err, os.ErrDeadlineExceeded) || done == len(p) {
			return done, err
		}
	}
}

// stopWrites makes the write that waits, and later ones, end by then: the server has no more time for this client.
func (c *patientConn) stopWrites(by time.Time) {
	c.last.Store(&by)
	_ = c.SetWriteDeadline(by)
}
