package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgproto3/v2"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/wiretest"
)

// packet is a startup packet with any code.
func packet(code uint32, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(binary.BigEndian.AppendUint32(b, code), body...)
}

// exchange sends bytes and returns all that comes back until the server closes or has nothing more to say.
func exchange(t *testing.T, address string, b []byte) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("after %q: %v", got, err)
	}
	return string(got)
}

func TestStartupPackets(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	const fatal = "SFATAL\x00VFATAL\x00C"
	for _, c := range []struct {
		name string
		send []byte
		want string
	}{
		{"protocol 2", packet(2<<16, "x\x00\x00"), fatal + "0A000\x00Munsupported frontend protocol 2.0: server supports 3.0 to 3.0"},
		{"protocol 4", packet(4<<16, "x\x00\x00"), fatal + "0A000\x00Munsupported frontend protocol 4.0: server supports 3.0 to 3.0"},
		{"no user", packet(3<<16, "database\x00x\x00\x00"), fatal + "28000\x00Mno PostgreSQL user name specified in startup packet"},
		{"no terminator", packet(3<<16, "user\x00x\x00"), fatal + "08P01\x00Minvalid startup packet layout: expected terminator as last byte"},
		{"after the terminator", packet(3<<16, "user\x00x\x00\x00y"), fatal + "08P01\x00Minvalid startup packet layout"},
		{"name without value", packet(3<<16, "user\x00"), fatal + "08P01\x00Minvalid startup packet layout"},
		{"too short", []byte{0, 0, 0, 7, 0, 3, 0, 0}, fatal + "08P01\x00Minvalid length of startup packet"},
		{"too long", []byte{0, 0, 0x40, 0, 0, 3, 0, 0}, fatal + "08P01\x00Minvalid length of startup packet"},
		{"huge", []byte{0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0}, fatal + "08P01\x00Minvalid length of startup packet"},
		{"replication", packet(3<<16, "user\x00x\x00replication\x00true\x00\x00"), fatal + "0A000\x00Mreplication connections are not supported"},
		{"bad option", packet(3<<16, "user\x00x\x00options\x00-z\x00\x00"), fatal + "42601\x00Minvalid command-line argument for server process: -z"},
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), fatal + "08P01\x00Minvalid length of startup packet"},
		{"TLS where there is none", append([]byte{0x16, 3, 1, 2, 0}, make([]byte, 512)...), fatal + "08P01\x00Minvalid length of startup packet"},
		{"GSS and SSL", append(packet(80877104, ""), append(packet(80877103, ""), packet(2<<16, "\x00")...)...), "NNE"},
		{"SSL twice", append(packet(80877103, ""), packet(80877103, "")...), "NE"},
		{"cancel of nobody", packet(80877102, "\x00\x00\x00\x07abcd"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := exchange(t, address, c.send)
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("answer %q, want %q", got, c.want)
			}
		})
	}
}

func TestNegotiateProtocolVersion(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	sasl := "R\x00\x00\x00\x17\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00"
	for _, c := range []struct {
		name string
		send []byte
		want string
	}{
		{"3.0", packet(3<<16, "user\x00x\x00\x00"), sasl},
		{"3.2", packet(3<<16|2, "user\x00x\x00\x00"), "v\x00\x00\x00\x0c\x00\x03\x00\x00\x00\x00\x00\x00" + sasl},
		{
			"3.9999 with options", packet(3<<16|9999, "user\x00x\x00_pq_.grease\x00y\x00_pq_.z\x00\x00\x00"),
			"v\x00\x00\x00\x1f\x00\x03\x00\x00\x00\x00\x00\x02_pq_.grease\x00_pq_.z\x00" + sasl,
		},
		{"3.0 with an option", packet(3<<16, "user\x00x\x00_pq_.a\x00y\x00\x00"), "v\x00\x00\x00\x13\x00\x03\x00\x00\x00\x00\x00\x01_pq_.a\x00" + sasl},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			if _, err := conn.Write(c.send); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(c.want))
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != c.want {
				t.Errorf("answer %q, want %q, %v", got, c.want, err)
			}
		})
	}
}

func TestSettingsOfTheStartupPacket(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	config := clientConfig(address)
	config.Database = ""
	config.Parameters = map[string]string{
		"options":          `-c bytea_output=escape -cextra_float_digits=3 --search-path=a\ b --application_name=lost`,
		"application_name": "wins",
	}
	c, err := wiretest.Connect(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := engine.last.Load()
	for name, want := range map[string]string{"bytea_output": "escape", "extra_float_digits": "3", "search_path": "a b", "application_name": "wins"} {
		if got.Parameters[name] != want {
			t.Errorf("%s is %q, want %q", name, got.Parameters[name], want)
		}
	}
	if got.Database != testUser || got.User != testUser || len(got.Parameters) != 4 {
		t.Errorf("connection %+v", got)
	}
	if c.Parameters["application_name"] != "wins" || c.Parameters["server_version"] == "" || c.Parameters["client_encoding"] != "UTF8" {
		t.Errorf("ParameterStatus %v", c.Parameters)
	}
	if pid, _ := c.Key(); pid != got.PID {
		t.Errorf("BackendKeyData has pid %d, the session %d", pid, got.PID)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	address, _ := serve(t, engine, wire.Options{})
	for _, c := range []struct{ name, user, password, code, message string }{
		{"plain", testUser, testPassword, "", ""},
		{"SASLprep", "prepared", "a 1\u20442", "", ""},
		{"verifier", "verified", "pencil", "", ""},
		{"wrong", testUser, "pencil", "28P01", `password authentication failed for user "postgres"`},
		{"wrong with verifier", "verified", "pencils", "28P01", `password authentication failed for user "verified"`},
		{"empty", testUser, "", "28P01", `password authentication failed for user "postgres"`},
		{"unknown user", "nobody", "pencil", "28P01", `password authentication failed for user "nobody"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := clientConfig(address)
			config.User, config.Password = c.user, c.password
			client, err := wiretest.Connect(context.Background(), config)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				_ = client.Close()
				return
			}
			var e *wiretest.ServerError
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if e.Severity != "FATAL" || e.Code != c.code || e.Message != c.message {
				t.Errorf("error %v", e)
			}
		})
	}
}

func TestConnectRefused(t *testing.T) {
	t.Parallel()
	engine := newMemory()
	engine.refuse = pgerr.New(pgerr.InvalidCatalogName, `database "x" does not exist`)
	address, _ := serve(t, engine, wire.Options{})
	_, err := wiretest.Connect(context.Background(), clientConfig(address))
	var e *wiretest.ServerError
	if !errors.As(err, &e) || e.Severity != "FATAL" || e.Code != "3D000" {
		t.Errorf("error %v", err)
	}
}

// A salt that changes, or another number of iterations, would tell that a user does not exist.
func TestUnknownUsersLookLikeKnownOnes(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{ServerSecret: []byte("secret")})
	challenge := func(user string) string {
		c, err := wiretest.Dial(context.Background(), clientConfig(address))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		send(t, c, &pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": user}},
			&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte("n,,n=,r=abcdefgh")})
		for {
			m, err := c.Receive()
			if err != nil {
				t.Fatal(err)
			}
			if m, ok := m.(*pgproto3.AuthenticationSASLContinue); ok {
				_, rest, _ := strings.Cut(string(m.Data), ",")
				return rest
			}
		}
	}
	known, unknown, again, other := challenge(testUser), challenge("nobody"), challenge("nobody"), challenge("somebody")
	if unknown != again {
		t.Errorf("salt of an unknown user changed: %s, %s", unknown, again)
	}
	if unknown == other || unknown == known {
		t.Errorf("users share a salt")
	}
	if len(known) != len(unknown) || !strings.HasSuffix(known, ",i=4096") || !strings.HasSuffix(unknown, ",i=4096") {
		t.Errorf("known %s, unknown %s", known, unknown)
	}
}

func TestHostileAuthentication(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{})
	start := packet(3<<16, "user\x00postgres\x00\x00")
	initial := func(data string) []byte {
		b, err := (&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte(data)}).Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name string
		send []byte
		want string
	}{
		{"Bind with length -2", []byte("B\x00\x00\x00\x10\x00\x00\x00\x00\x00\x01\xff\xff\xff\xfe\x00\x00"), "expected SASL response, got message type 66"},
		{"FunctionCall", []byte("F\x00\x00\x00\x06\x00\x00"), "expected SASL response, got message type 70"},
		{"Query", []byte("Q\x00\x00\x00\x04"), "expected SASL response, got message type 81"},
		{"no mechanism", []byte("p\x00\x00\x00\x04"), "invalid string in message"},
		{"no length", []byte("p\x00\x00\x00\x06x\x00"), "insufficient data left in message"},
		{"length beyond the end", []byte("p\x00\x00\x00\x0ax\x00\x7f\xff\xff\xff"), "insufficient data left in message"},
		{"negative length", []byte("p\x00\x00\x00\x0ax\x00\xff\xff\xff\xfe"), "insufficient data left in message"},
		{"other mechanism", []byte("p\x00\x00\x00\x0ax\x00\xff\xff\xff\xff"), "client selected an invalid SASL authentication mechanism"},
		{"huge", []byte("p\xff\xff\xff\xff"), "invalid message length"},
		{"longer than allowed", []byte("p\x00\x00\x30\x00"), "invalid message length"},
		{"length below four", []byte("p\x00\x00\x00\x03"), "invalid message length"},
		{"authorization identity", initial("n,a=other,n=,r=abc"), "client uses authorization identity, but it is not supported"},
		{"channel binding", initial("p=tls-server-end-point,,n=,r=abc"), "malformed SCRAM message"},
		{"extension", initial("n,,m=x,n=,r=abc"), "client requires an unsupported SCRAM extension"},
		{"garbage", initial("\x00\xff"), "malformed SCRAM message"},
		{"garbage as proof", append(initial("n,,n=,r=abc"), "p\x00\x00\x00\x06\x00\xff"...), "malformed SCRAM message"},
		{"another nonce", append(initial("n,,n=,r=abc"), "p\x00\x00\x00\x13c=biws,r=x,p=AAAA"[:20]...), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := exchange(t, address, append(append([]byte{}, start...), c.send...))
			if !strings.Contains(got, "SFATAL\x00") || !strings.Contains(got, c.want) {
				t.Errorf("answer %q, want %q", got, c.want)
			}
		})
	}
	// The server still serves.
	_ = connect(t, address).Close()
}

func TestLoginTimeout(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{LoginTimeout: 100 * time.Millisecond})
	if got := exchange(t, address, nil); got != "" {
		t.Errorf("silent client got %q", got)
	}
	if got := exchange(t, address, packet(3<<16, "user\x00x\x00\x00")); !strings.Contains(got, "canceling authentication due to timeout") {
		t.Errorf("client without a password got %q", got)
	}
}

func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, newMemory(), wire.Options{MaxConnections: 2})
	first, second := connect(t, address), connect(t, address)
	_, err := wiretest.Connect(context.Background(), clientConfig(address))
	var e *wiretest.ServerError
	if !errors.As(err, &e) || e.Code != "53300" || e.Message != "sorry, too many clients already" || e.Severity != "FATAL" {
		t.Fatalf("error %v", err)
	}
	// CancelRequest still works, and a place that is left can be taken.
	send(t, second, &pgproto3.Query{String: "select pg_sleep(100)"})
	cancelUntil(t, second, "57014")
	send(t, first, &pgproto3.Terminate{})
	drainToEOF(t, first)
	deadline := time.Now().Add(5 * time.Second)
	for {
		c, err := wiretest.Connect(context.Background(), clientConfig(address))
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestRunningPsql(t *testing.T) {
	t.Parallel()
	psql, err := oracle.Binary("psql")
	if err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, newMemory(), wire.Options{})
	host, port, _ := net.SplitHostPort(address)
	run := func(user, password string, args ...string) (string, error) {
		cmd := exec.Command(psql, append([]string{"-X", "-h", host, "-p", port, "-U", user, "-d", "postgres"}, args...)...)
		cmd.Env = append(os.Environ(), "PGPASSWORD="+password, "PGSSLMODE=prefer")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run(testUser, testPassword, "-c", "select 1 as a, 'x' as b; select g from generate_series(1, 2) g",
		"-c", `\copy (values (1, 'a,b'), (2, null)) to stdout with (format csv)`, "-c", "begin; select 1/0")
	want := " a | b \n---+---\n 1 | x\n(1 row)\n\n g \n---\n 1\n 2\n(2 rows)\n\n1,\"a,b\"\n2,\nBEGIN\nERROR:  division by zero\n"
	if out != want {
		t.Errorf("psql printed %q (%v), want %q", out, err, want)
	}
	if out, err = run(testUser, "wrong", "-c", "select 1"); err == nil || !strings.Contains(out, `FATAL:  password authentication failed for user "postgres"`) {
		t.Errorf("psql printed %q (%v)", out, err)
	}
	for user, password := range map[string]string{"prepared": "a \u00bd", "raw": "a\x01b", "verified": "pencil"} {
		if out, err := run(user, password, "-Atc", "select 'in'"); out != "in\n" {
			t.Errorf("%s: psql printed %q (%v)", user, out, err)
		}
	}
}
