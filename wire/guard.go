package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
)

const (
	// loginMessageBytes bounds a message before authentication, and the startup packet (MAX_STARTUP_PACKET_LENGTH).
	loginMessageBytes = 10_000
	// firstChunk is what is reserved for a body on the word of its header alone; more is reserved as bytes arrive.
	firstChunk = 64 << 10
	// arenaBytes is the size of the blocks that small bodies are carved from.
	arenaBytes = 4 << 10
	readBuffer = 8 << 10
	headerLen  = 5
)

// message is one message of the client. Its memory is its own.
type message struct {
	kind byte
	// body is the decoded message; nil for a malformed message and for those that are never decoded.
	body pgproto3.FrontendMessage
	// malformed is the error that the message gets for its answer.
	malformed *pgerr.Error
	size      int
}

// wrong reports whether the message is malformed.
func (m *message) wrong() bool { return m.malformed != nil }

// guard reads frames and lets only those through to the codec that are legal in the connection's state, within the limit
// and of the right shape. It is the codec's pgproto3.ChunkReader: the codec sees a frame that has been read and checked.
type guard struct {
	in     *bufio.Reader
	codec  *pgproto3.Backend
	limit  int64
	login  bool // only password messages are legal, within loginMessageBytes
	header [headerLen]byte
	body   []byte
	given  int // what the codec has been given: 0 nothing, 1 the header
	arena  []byte
}

func newGuard(in *bufio.Reader, limit int64) *guard {
	g := &guard{in: in, limit: limit, login: true}
	g.codec = pgproto3.NewBackend(g, io.Discard)
	return g
}

// authenticated makes the messages of a session legal, and password messages illegal.
func (g *guard) authenticated() { g.login = false }

// Next gives the codec the header and then the body of the frame that was checked.
func (g *guard) Next(n int) ([]byte, error) {
	switch {
	case g.given == 0 && n == headerLen:
		g.given = 1
		return g.header[:], nil
	case g.given == 1 && n == len(g.body):
		g.given = 0
		return g.body, nil
	}
	return nil, fmt.Errorf("the codec asked for %d bytes of a frame of %d", n, len(g.body))
}

// receive reads the next message of a session. A *pgerr.Error as the error is fatal and meant for the client; any other
// error means that the connection is gone.
func (g *guard) receive() (message, error) {
	n, err := g.readHeader(g.limit)
	if err != nil {
		return message{}, err
	}
	kind := g.header[0]
	if shapes[kind] == nil {
		return message{}, pgerr.Newf(pgerr.ProtocolViolation, "invalid frontend message type %d", kind).WithSeverity(pgerr.SeverityFatal)
	}
	if err := g.readBody(n); err != nil {
		return message{}, err
	}
	m := message{kind: kind, size: n + headerLen}
	m.malformed = checkShape(kind, g.body)
	if m.wrong() || undecoded(kind) {
		return m, nil
	}
	if decoded, cause := g.decode(); cause != nil {
		m.malformed = pgerr.New(pgerr.ProtocolViolation, "invalid message format").WithCause(cause)
	} else {
		m.body = own(decoded)
	}
	return m, nil
}

// password reads a SASLInitialResponse (first) or SASLResponse; nothing else is legal before authentication.
func (g *guard) password(first bool) (pgproto3.FrontendMessage, error) {
	n, err := g.readHeader(loginMessageBytes)
	if err != nil {
		return nil, err
	}
	if g.header[0] != 'p' {
		return nil, fatal(pgerr.ProtocolViolation, "expected SASL response, got message type %d", g.header[0])
	}
	if err := g.readBody(n); err != nil {
		return nil, err
	}
	authType := uint32(pgproto3.AuthTypeSASLContinue)
	if first {
		authType = pgproto3.AuthTypeSASL
		if e := checkInitialResponse(g.body); e != nil {
			return nil, e.WithSeverity(pgerr.SeverityFatal)
		}
	}
	if err := g.codec.SetAuthType(authType); err != nil {
		return nil, err
	}
	return g.decode()
}

func (g *guard) readHeader(limit int64) (int, error) {
	if _, err := io.ReadFull(g.in, g.header[:1]); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(g.in, g.header[1:]); err != nil {
		return 0, unexpected(err)
	}
	n := int64(binary.BigEndian.Uint32(g.header[1:])) - 4
	if n < 0 {
		return 0, fatal(pgerr.ProtocolViolation, "invalid message length")
	}
	if n > limit {
		if g.login {
			return 0, fatal(pgerr.ProtocolViolation, "invalid message length")
		}
		return 0, fatal(pgerr.ProgramLimitExceeded, "message of %d bytes is longer than the limit of %d bytes", n, limit)
	}
	return int(n), nil
}

// readBody reads n bytes into memory of their own. What is reserved ahead of the bytes that have arrived is bounded by
// firstChunk and by their number.
func (g *guard) readBody(n int) error {
	if n <= arenaBytes/4 {
		if len(g.arena) < n {
			g.arena = make([]byte, arenaBytes)
		}
		g.body, g.arena = g.arena[:n:n], g.arena[n:]
		_, err := io.ReadFull(g.in, g.body)
		return unexpected(err)
	}
	body := make([]byte, 0, min(n, firstChunk))
	for len(body) < n {
		if len(body) == cap(body) {
			grown := make([]byte, len(body), min(n, 2*cap(body)))
			copy(grown, body)
			body = grown
		}
		got, err := io.ReadFull(g.in, body[len(body):cap(body)])
		body = body[:len(body)+got]
		if err != nil {
			return unexpected(err)
		}
	}
	g.body = body
	return nil
}

// decode gives the checked frame to the codec. The recover is the last line: shape.go should have refused the frame.
func (g *guard) decode() (m pgproto3.FrontendMessage, err error) {
	g.given = 0
	defer func() {
		if p := recover(); p != nil {
			// The codec keeps a half-read frame, so it is not used again.
			g.codec = pgproto3.NewBackend(g, io.Discard)
			err = fmt.Errorf("codec: %v", p)
		}
	}()
	return g.codec.Receive()
}

// undecoded says which messages the codec never sees: FunctionCall, which it cannot decode if an argument is null, and the COPY messages.
func undecoded(kind byte) bool { return kind == 'F' || kind == 'c' || kind == 'd' || kind == 'f' }

// own copies a message out of the codec's flyweight. Slices inside alias the frame's body, which is not used again.
func own(m pgproto3.FrontendMessage) pgproto3.FrontendMessage {
	switch m := m.(type) {
	case *pgproto3.Query:
		c := *m
		return &c
	case *pgproto3.Parse:
		c := *m
		return &c
	case *pgproto3.Bind:
		c := *m
		return &c
	case *pgproto3.Describe:
		c := *m
		return &c
	case *pgproto3.Execute:
		c := *m
		return &c
	case *pgproto3.Close:
		c := *m
		return &c
	}
	return m // without fields that are read: Sync, Flush, Terminate
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func fatal(code pgerr.Code, format string, args ...any) *pgerr.Error {
	return pgerr.Newf(code, format, args...).WithSeverity(pgerr.SeverityFatal)
}
