package wiretest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgproto3/v2"
)

// Walk runs every file of a directory, each as a subtest with connections of its own.
func Walk(t *testing.T, dir string, config Config) {
	datadriven.Walk(t, dir, func(t *testing.T, path string) { RunFile(t, path, config) })
}

// RunFile runs one file.
func RunFile(t *testing.T, path string, config Config) {
	s := &script{config: config, clients: map[string]*Client{}}
	defer s.close()
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		out, err := s.run(t.Context(), d)
		if err != nil {
			d.Fatalf(t, "%v\nread before it:\n%s", err, out)
		}
		return out
	})
}

type script struct {
	config  Config
	clients map[string]*Client
}

func (s *script) close() {
	for _, c := range s.clients {
		_ = c.Send(&pgproto3.Terminate{})
		_ = c.Close()
	}
}

// client is the connection that the directive names.
func (s *script) client(ctx context.Context, d *datadriven.TestData) (*Client, error) {
	name := "main"
	if arg, ok := d.Arg("conn"); ok {
		name = arg.Vals[0]
	}
	if c := s.clients[name]; c != nil {
		return c, nil
	}
	if name != "main" && d.Cmd != "connect" {
		return nil, fmt.Errorf("connection %s was not opened", name)
	}
	config := s.config
	config.Parameters = map[string]string{}
	for k, v := range s.config.Parameters {
		config.Parameters[k] = v
	}
	for _, arg := range d.CmdArgs {
		if d.Cmd == "connect" && arg.Key != "conn" {
			config.Parameters[arg.Key] = strings.Join(arg.Vals, ",")
		}
	}
	c, err := Connect(ctx, config)
	if err != nil {
		return nil, err
	}
	s.clients[name] = c
	return c, nil
}

func (s *script) run(ctx context.Context, d *datadriven.TestData) (string, error) {
	c, err := s.client(ctx, d)
	if err != nil {
		return "", err
	}
	switch d.Cmd {
	case "connect":
		return "", nil
	case "send":
		return "", send(c, d.Input)
	case "raw":
		return "", raw(c, d.Input)
	case "until":
		return until(c, d)
	case "cancel":
		if d.HasArg("once") {
			return "", c.Cancel(ctx)
		}
		return "", c.CancelStatement(ctx)
	case "eof":
		return eof(c, d)
	case "close":
		return "", c.Close()
	}
	return "", fmt.Errorf("unknown directive %s", d.Cmd)
}

func send(c *Client, input string) error {
	var messages []pgproto3.FrontendMessage
	for _, line := range lines(input) {
		m, err := parseMessage(line)
		if err != nil {
			return err
		}
		messages = append(messages, m)
	}
	return c.Send(messages...)
}

func raw(c *Client, input string) error {
	var text strings.Builder
	for _, line := range lines(input) {
		line, _, _ = strings.Cut(line, "#")
		text.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(text.String())
	if err != nil {
		return err
	}
	return c.SendRaw(b)
}

func until(c *Client, d *datadriven.TestData) (string, error) {
	var out strings.Builder
	ignore, f := filters(d)
	want := lines(d.Input)
	if len(want) == 0 {
		return "", errors.New("until needs a message type")
	}
	for len(want) > 0 {
		m, err := c.Receive()
		if err != nil {
			return out.String(), fmt.Errorf("waiting for %s: %w", want[0], err)
		}
		name := typeName(m)
		if name == want[0] {
			want = want[1:]
		} else if slices.Contains(ignore, name) {
			continue
		}
		out.WriteString(printMessage(m, f))
		out.WriteByte('\n')
	}
	return out.String(), nil
}

// eof prints what comes before the server closes.
func eof(c *Client, d *datadriven.TestData) (string, error) {
	var out strings.Builder
	ignore, f := filters(d)
	for {
		m, err := c.Receive()
		var timeout net.Error
		switch {
		case err == nil:
			if !slices.Contains(ignore, typeName(m)) {
				out.WriteString(printMessage(m, f))
				out.WriteByte('\n')
			}
		case errors.As(err, &timeout) && timeout.Timeout():
			return out.String(), errors.New("the server did not close the connection")
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
			out.WriteString("EOF\n")
			return out.String(), nil
		default:
			return out.String(), err
		}
	}
}

func filters(d *datadriven.TestData) (ignore []string, f filter) {
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "ignore":
			ignore = arg.Vals
		case "ignore-fields":
			f.ignore = arg.Vals
		case "only-fields":
			f.only = arg.Vals
		}
	}
	return ignore, f
}

func lines(input string) []string {
	var out []string
	for _, line := range strings.Split(input, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
