package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/pgerr"
)

func frame(kind byte, body string) []byte {
	b := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(b, body...)
}

func sessionGuard(r io.Reader, limit int64) *guard {
	g := newGuard(bufio.NewReaderSize(r, readBuffer), limit)
	g.authenticated()
	return g
}

// frames are one good message of each type, and hostile ones.
func frames() [][]byte {
	var out [][]byte
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.Query{String: "select 1"},
		&pgproto3.Parse{Name: "s", Query: "select $1", ParameterOIDs: []uint32{23}},
		&pgproto3.Bind{DestinationPortal: "p", PreparedStatement: "s", ParameterFormatCodes: []int16{1}, Parameters: [][]byte{nil, {1, 2}}, ResultFormatCodes: []int16{0, 1}},
		&pgproto3.Describe{ObjectType: 'S', Name: "s"},
		&pgproto3.Execute{Portal: "p", MaxRows: 5},
		&pgproto3.Close{ObjectType: 'P', Name: "p"},
		&pgproto3.FunctionCall{Function: 1, Arguments: [][]byte{nil}},
		&pgproto3.Flush{}, &pgproto3.Sync{}, &pgproto3.Terminate{}, &pgproto3.CopyDone{},
		&pgproto3.CopyData{Data: []byte("x")}, &pgproto3.CopyFail{Message: "x"},
	} {
		b, err := m.Encode(nil)
		if err != nil {
			continue
		}
		out = append(out, b)
	}
	return append(
		out,
		frame('Q', ""), frame('f', ""), frame('B', ""), frame('B', "\x00\x00\x00\x00\x00\x01\xff\xff\xff\xfe\x00\x00"),
		frame('B', "\x00\x00\xff\xff"), frame('F', ""), frame('F', "\x00\x00\x00\x01\xff\xff"), frame('P', "\x00\x00\xff\xff"),
		[]byte("Q\xff\xff\xff\xff"), []byte("Q\x00\x00\x00\x03"), []byte("p\x00\x00\x00\x04"), []byte("\x00\x00\x00\x00\x00"),
	)
}

func TestGuardLetsGoodFramesThrough(t *testing.T) {
	t.Parallel()
	var all []byte
	good := frames()[:6]
	for _, f := range good {
		all = append(all, f...)
	}
	for name, r := range map[string]io.Reader{
		"at once":      bytes.NewReader(all),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(all)),
	} {
		g := sessionGuard(r, 1<<20)
		var kept []message
		for range good {
			m, err := g.receive()
			if err != nil || m.malformed != nil || m.body == nil {
				t.Fatalf("%s: %+v, %v", name, m, err)
			}
			kept = append(kept, m)
		}
		if _, err := g.receive(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: error %v at the end", name, err)
		}
		// Earlier messages are untouched by later ones.
		for i, m := range kept {
			again, err := m.body.Encode(nil)
			if err != nil || !bytes.Equal(again, good[i]) {
				t.Errorf("%s: message %c became %q", name, m.kind, again)
			}
		}
	}
}

// A header alone must not make the server reserve what it promises.
func TestGuardReservesAsBytesArrive(t *testing.T) {
	head := []byte("Q\x3f\xff\xff\xff")
	r := io.MultiReader(bytes.NewReader(head), strings.NewReader(strings.Repeat("x", 100_000)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := sessionGuard(r, 1<<30).receive()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 2<<20 {
		t.Errorf("reserved %d bytes for 100,000 that came", got)
	}
}

func TestGuardLimits(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 999) + "\x00"
	if m, err := sessionGuard(bytes.NewReader(frame('Q', body)), 1000).receive(); err != nil || m.malformed != nil {
		t.Errorf("message at the limit: %v, %v", m.malformed, err)
	}
	_, err := sessionGuard(bytes.NewReader(frame('Q', "x"+body)), 1000).receive()
	if e := pgerr.As(err); e == nil || e.Severity != pgerr.SeverityFatal || e.Code != pgerr.ProgramLimitExceeded {
		t.Errorf("message beyond the limit: %v", err)
	}
}

// checkFrames runs the guard over bytes as a session's and as a login's. Nothing may panic, and a message that passed the
// shape check must be one that the codec can decode.
func checkFrames(t *testing.T, data []byte) {
	g := sessionGuard(bytes.NewReader(data), 1<<16)
	for {
		m, err := g.receive()
		if err != nil {
			break
		}
		switch {
		case m.malformed != nil:
			if m.malformed.Unwrap() != nil {
				t.Fatalf("the shape of %c was let through to a codec that fails: %v", m.kind, m.malformed.Unwrap())
			}
		case m.body == nil && !undecoded(m.kind):
			t.Fatalf("message %c without a body", m.kind)
		}
	}
	for _, first := range []bool{true, false} {
		_, _ = newGuard(bufio.NewReader(bytes.NewReader(data)), 1<<16).password(first)
	}
}

func TestHostileFrames(t *testing.T) {
	t.Parallel()
	for _, f := range frames() {
		checkFrames(t, f)
		for cut := range f {
			checkFrames(t, f[:cut])
		}
		// Every byte changed, and every length.
		for i := range f {
			for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff} {
				g := bytes.Clone(f)
				g[i] = b
				checkFrames(t, g)
			}
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, b := range frames() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkFrames(t, data) })
}

func FuzzStartup(f *testing.F) {
	for _, s := range []string{
		"\x00\x00\x00\x08\x04\xd2\x16\x2f", "\x00\x00\x00\x08\x04\xd2\x16\x30", "\x00\x00\x00\x10\x04\xd2\x16\x2e\x00\x00\x00\x01abcd",
		"\x00\x00\x00\x13\x00\x03\x00\x00user\x00me\x00\x00", "\x00\x00\x00\x09\x00\x03\x00\x02\x00",
		"\x00\x00\x00\x2a\x00\x03\x00\x00user\x00x\x00options\x00-c a=b --c-d=e\\ f\x00\x00", "\x00\x00\x00\x14\x00\x03\x27\x0f_pq_.a\x00b\x00\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readStartup(bufio.NewReader(bytes.NewReader(data)))
		if err != nil {
			return
		}
		if s.parameters == nil {
			if s.code != sslRequestCode && s.code != gssRequestCode && s.code != cancelRequestCode {
				t.Fatalf("code %d without parameters", s.code)
			}
			return
		}
		negotiation := s.negotiation(nil)
		if len(negotiation) > 0 && int(binary.BigEndian.Uint32(negotiation[1:])) != len(negotiation)-1 {
			t.Fatalf("NegotiateProtocolVersion %q has a wrong length", negotiation)
		}
		user, database, settings, err := s.session()
		if err != nil {
			if pgerr.As(err) == nil || pgerr.As(err).Severity != pgerr.SeverityFatal {
				t.Fatalf("error %v", err)
			}
			return
		}
		if user == "" || database == "" || settings == nil {
			t.Fatalf("session of %q in %q", user, database)
		}
	})
}

func FuzzVerifier(f *testing.F) {
	f.Add("SCRAM-SHA-256$4096:c2FsdA==$AAAA:AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseVerifier(s); err == nil && (c.Iters < 1 || len(c.StoredKey) != 32 || len(c.ServerKey) != 32) {
			t.Fatalf("%+v", c)
		}
	})
}
