package wire_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgproto3/v2"
	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/wire"
	"github.com/odatagres/odatagres/wire/wiretest"
)

// selfMade makes a certificate and the configuration of a client that trusts it.
func selfMade(t *testing.T) (server *wire.Certificate, client *tls.Config) {
	t.Helper()
	certificate, err := wire.SelfMade(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(certificate.Path())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the file")
	}
	return certificate, &tls.Config{RootCAs: roots, ServerName: "localhost"}
}

func TestSelfMadeCertificate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	first, err := wire.SelfMade(dir)
	if err != nil {
		t.Fatal(err)
	}
	leaf := leafOf(t, first)
	if k, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok || k.Curve != elliptic.P256() || leaf.SignatureAlgorithm != x509.ECDSAWithSHA256 {
		t.Errorf("key %T, signature %v", leaf.PublicKey, leaf.SignatureAlgorithm)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", host} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, wire.KeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file %v, %v", info.Mode(), err)
	}
	if info, err = os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory %v, %v", info.Mode(), err)
	}
	again, err := wire.SelfMade(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !leafOf(t, again).Equal(leaf) {
		t.Error("the second start made another certificate")
	}
	for name, spoil := range map[string]func(){
		"a key that others can read": func() { _ = os.Chmod(filepath.Join(dir, wire.KeyFile), 0o644) },
		"no key":                     func() { _ = os.Remove(filepath.Join(dir, wire.KeyFile)) },
		"a broken certificate":       func() { _ = os.WriteFile(first.Path(), []byte("x"), 0o644) },
	} {
		spoil()
		other, err := wire.SelfMade(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if leafOf(t, other).Equal(leaf) {
			t.Errorf("%s: not replaced", name)
		}
		leaf = leafOf(t, other)
		if info, err := os.Stat(filepath.Join(dir, wire.KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: key file %v, %v", name, info.Mode(), err)
		}
	}
}

func leafOf(t *testing.T, c *wire.Certificate) *x509.Certificate {
	t.Helper()
	got, err := c.TLS().GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(got.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestTLSModes(t *testing.T) {
	t.Parallel()
	certificate, trusting := selfMade(t)
	engine := newMemory()
	allowed, _ := serve(t, engine, wire.Options{TLS: certificate.TLS()})
	required, _ := serve(t, newMemory(), wire.Options{TLS: certificate.TLS(), RequireTLS: true})
	off, _ := serve(t, newMemory(), wire.Options{})

	for _, c := range []struct {
		name, address string
		tls           *tls.Config
		code          string
	}{
		{"allowed, used", allowed, trusting, ""},
		{"allowed, not used", allowed, nil, ""},
		{"required, used", required, trusting, ""},
		{"required, not used", required, nil, "28000"},
		{"off, not used", off, nil, ""},
		{"other name", allowed, &tls.Config{RootCAs: trusting.RootCAs, ServerName: "elsewhere"}, "TLS"},
		{"other root", allowed, &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost"}, "TLS"},
		{"off, wanted", off, trusting, "TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := clientConfig(c.address)
			config.TLS = c.tls
			client, err := wiretest.Connect(context.Background(), config)
			var e *wiretest.ServerError
			switch {
			case c.code == "" && err != nil:
				t.Fatal(err)
			case c.code == "":
				send(t, client, &pgproto3.Query{String: "select repeat('x', 1000) from generate_series(1, 1000) g"})
				if rows := readyForQuery(t, client); rows != 1000 {
					t.Errorf("%d rows", rows)
				}
				_ = client.Close()
			case c.code == "TLS":
				if err == nil || errors.As(err, &e) {
					t.Errorf("error %v", err)
				}
			case !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Message, "no encryption"):
				t.Errorf("error %v", err)
			}
		})
	}
	if got := engine.last.Load().TLS; got != "TLSv1.3" && got != "" {
		t.Errorf("session was told %q", got)
	}
}

func TestDirectTLS(t *testing.T) {
	t.Parallel()
	certificate, trusting := selfMade(t)
	address, _ := serve(t, newMemory(), wire.Options{TLS: certificate.TLS()})
	dial := func(protocols ...string) (*tls.Conn, error) {
		config := trusting.Clone()
		config.NextProtos = protocols
		return tls.Dial("tcp", address, config)
	}
	conn, err := dial("postgresql")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(packet(3<<16, "user\x00postgres\x00\x00")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 9)
	if _, err := io.ReadFull(conn, answer); err != nil || answer[0] != 'R' {
		t.Errorf("answer %q, %v", answer, err)
	}
	if other, err := dial("h2"); err == nil {
		_ = other.Close()
		t.Error("another protocol was accepted")
	}
	plain, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	got, err := io.ReadAll(plain)
	if err != nil || !strings.Contains(string(got), "received direct SSL connection request without ALPN protocol negotiation extension") {
		t.Errorf("answer %q, %v", got, err)
	}
	// SSLRequest inside TLS would be a second layer.
	twice, err := dial("postgresql")
	if err != nil {
		t.Fatal(err)
	}
	defer twice.Close()
	if _, err := twice.Write(packet(80877103, "")); err != nil {
		t.Fatal(err)
	}
	if got, err = io.ReadAll(twice); err != nil || !bytes.Contains(got, []byte("0A000")) {
		t.Errorf("answer %q, %v", got, err)
	}
}

// Bytes that an attacker sends in clear text behind the SSLRequest must not be read as the client's.
func TestBytesBeforeTLS(t *testing.T) {
	t.Parallel()
	certificate, _ := selfMade(t)
	address, _ := serve(t, newMemory(), wire.Options{TLS: certificate.TLS()})
	got := exchange(t, address, append(packet(80877103, ""), packet(3<<16, "user\x00postgres\x00\x00")...))
	if !strings.Contains(got, "received unencrypted data after SSL request") || strings.HasPrefix(got, "S") {
		t.Errorf("answer %q", got)
	}
	if got := exchange(t, address, append(packet(80877103, ""), 0x16)); !strings.Contains(got, "received unencrypted data") {
		t.Errorf("answer %q", got)
	}
}

func TestStalledHandshake(t *testing.T) {
	t.Parallel()
	certificate, _ := selfMade(t)
	address, _ := serve(t, newMemory(), wire.Options{TLS: certificate.TLS(), LoginTimeout: 200 * time.Millisecond})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(packet(80877103, "")); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if got, err := io.ReadAll(conn); err != nil || string(got) != "S" {
		t.Errorf("answer %q, %v", got, err)
	}
}

func TestTLSWithDrivers(t *testing.T) {
	t.Parallel()
	certificate, _ := selfMade(t)
	address, _ := serve(t, newMemory(), wire.Options{TLS: certificate.TLS(), RequireTLS: true})
	_, port, _ := net.SplitHostPort(address)
	psql, err := oracle.Binary("psql")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode string
		ok   bool
	}{{"disable", false}, {"require", true}, {"verify-ca", true}, {"verify-full", true}} {
		t.Run("pgx/"+c.mode, func(t *testing.T) {
			config, err := pgx.ParseConfig("host=localhost port=" + port + " user=postgres database=postgres sslmode=" + c.mode + " sslrootcert=" + certificate.Path())
			if err != nil {
				t.Fatal(err)
			}
			config.Password = testPassword
			conn, err := pgx.ConnectConfig(context.Background(), config)
			if (err == nil) != c.ok {
				t.Fatal(err)
			}
			if err == nil {
				_ = conn.Close(context.Background())
			}
		})
		t.Run("psql/"+c.mode, func(t *testing.T) {
			cmd := exec.Command(psql, "-X", "-Atc", "select 'encrypted'",
				"host=localhost port="+port+" user=postgres dbname=postgres sslmode="+c.mode+" sslrootcert="+certificate.Path())
			cmd.Env = append(os.Environ(), "PGPASSWORD="+testPassword)
			out, err := cmd.CombinedOutput()
			if (err == nil) != c.ok || c.ok && string(out) != "encrypted\n" {
				t.Errorf("%s, %v", out, err)
			}
		})
	}
}
