package wiretest

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/jackc/chunkreader/v2"
	"github.com/jackc/pgproto3/v2"
	"github.com/xdg-go/scram"
)

// Timeout bounds every step of a client: a server that does not answer fails the test instead of hanging it.
const Timeout = 20 * time.Second

// Config says how to connect.
type Config struct {
	Address                  string // host:port, or the path of a unix socket
	User, Password, Database string
	Parameters               map[string]string // further startup parameters
	TLS                      *tls.Config       // nil: no TLS
}

// Client is one connection.
type Client struct {
	conn     net.Conn
	in       *bufio.Reader
	frontend *pgproto3.Frontend
	config   Config
	pid, key uint32
	// Parameters are the settings that the server told, kept up to date.
	Parameters map[string]string
}

// Connect opens a connection and logs in.
func Connect(ctx context.Context, config Config) (*Client, error) {
	c, err := Dial(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := c.login(); err != nil {
		_ = c.conn.Close()
		return nil, err
	}
	return c, nil
}

// Dial opens a connection, with TLS if the configuration has it, and sends nothing more.
func Dial(ctx context.Context, config Config) (*Client, error) {
	network := "tcp"
	if len(config.Address) > 0 && config.Address[0] == '/' {
		network = "unix"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, config.Address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(Timeout))
	if config.TLS != nil {
		if conn, err = startTLS(ctx, conn, config.TLS); err != nil {
			return nil, err
		}
	}
	in := bufio.NewReaderSize(conn, peekBytes)
	return &Client{
		conn: conn, in: in, frontend: pgproto3.NewFrontend(chunkreader.New(in), conn), config: config, Parameters: map[string]string{},
	}, nil
}

func startTLS(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	request := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 8), 80877103)
	var answer [1]byte
	_, err := conn.Write(request)
	if err == nil {
		_, err = io.ReadFull(conn, answer[:])
	}
	if err == nil && answer[0] != 'S' {
		err = fmt.Errorf("server answered SSLRequest with %q", answer[0])
	}
	t := tls.Client(conn, config)
	if err == nil {
		err = t.HandshakeContext(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return t, nil
}

// Conn is the network connection, for tests of what goes wrong below the protocol.
func (c *Client) Conn() net.Conn { return c.conn }

// Key is the session's cancel key.
func (c *Client) Key() (pid, key uint32) { return c.pid, c.key }

// Close closes the connection without a message.
func (c *Client) Close() error { return c.conn.Close() }

// Send sends messages.
func (c *Client) Send(messages ...pgproto3.FrontendMessage) error {
	var buf []byte
	for _, m := range messages {
		var err error
		if buf, err = m.Encode(buf); err != nil {
			return err
		}
	}
	return c.SendRaw(buf)
}

// SendRaw sends bytes.
func (c *Client) SendRaw(b []byte) error {
	_ = c.conn.SetWriteDeadline(time.Now().Add(Timeout))
	_, err := c.conn.Write(b)
	return err
}

// Receive reads one message. It is valid until the next call.
func (c *Client) Receive() (pgproto3.BackendMessage, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(Timeout))
	m, err := c.frontend.Receive()
	if p, ok := m.(*pgproto3.ParameterStatus); ok {
		c.Parameters[p.Name] = p.Value
	}
	return m, err
}

// Cancel sends a CancelRequest for the session, and waits until the server has closed that connection.
func (c *Client) Cancel(ctx context.Context) error {
	other, err := Dial(ctx, Config{Address: c.config.Address})
	if err != nil {
		return err
	}
	defer other.Close()
	if err := other.Send(&pgproto3.CancelRequest{ProcessID: c.pid, SecretKey: c.key}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, other.conn)
	return err
}

const (
	// peekBytes is how far CancelStatement looks ahead.
	peekBytes = 64 << 10
	// cancelAgain is how long a cancel has to show its effect before the next one.
	cancelAgain = 100 * time.Millisecond
)

// CancelStatement sends CancelRequests until the session has answered with an error: one that comes before the statement
// has begun has no effect.
func (c *Client) CancelStatement(ctx context.Context) error {
	deadline := time.Now().Add(Timeout)
	for time.Now().Before(deadline) {
		if err := c.Cancel(ctx); err != nil {
			return err
		}
		if ok, err := c.awaitError(cancelAgain); ok || err != nil {
			return err
		}
	}
	return errors.New("the statement was not cancelled")
}

// awaitError waits for an ErrorResponse without taking anything from the stream.
func (c *Client) awaitError(wait time.Duration) (bool, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(wait))
	at := 0
	for {
		head, err := c.in.Peek(at + 5)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if head[at] == 'E' {
			return true, nil
		}
		at += 1 + int(binary.BigEndian.Uint32(head[at+1:]))
	}
}

// ServerError is an ErrorResponse that ended the login.
type ServerError struct{ pgproto3.ErrorResponse }

func (e *ServerError) Error() string {
	return e.Severity + ": " + e.Message + " (SQLSTATE " + e.Code + ")"
}

func (c *Client) login() error {
	parameters := map[string]string{"user": c.config.User, "database": c.config.Database}
	for k, v := range c.config.Parameters {
		parameters[k] = v
	}
	err := c.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: parameters})
	if err != nil {
		return err
	}
	var conversation *scram.ClientConversation
	for {
		m, err := c.Receive()
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case *pgproto3.ErrorResponse:
			return &ServerError{*m}
		case *pgproto3.AuthenticationSASL:
			client, err := scram.SHA256.NewClient(c.config.User, c.config.Password, "")
			if err != nil {
				return err
			}
			conversation = client.NewConversation()
			first, err := conversation.Step("")
			if err != nil {
				return err
			}
			if err := c.Send(&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte(first)}); err != nil {
				return err
			}
		case *pgproto3.AuthenticationSASLContinue:
			second, err := conversation.Step(string(m.Data))
			if err != nil {
				return err
			}
			if err := c.Send(&pgproto3.SASLResponse{Data: []byte(second)}); err != nil {
				return err
			}
		case *pgproto3.AuthenticationSASLFinal:
			if _, err := conversation.Step(string(m.Data)); err != nil {
				return err
			}
		case *pgproto3.BackendKeyData:
			c.pid, c.key = m.ProcessID, m.SecretKey
		case *pgproto3.ReadyForQuery:
			return nil
		}
	}
}
