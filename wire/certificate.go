package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// The files of the self-made certificate. A client that wants verify-full is given the certificate as its root.
const (
	CertificateFile = "server.crt"
	KeyFile         = "server.key"
)

const (
	certificateLife = 397 * 24 * time.Hour // what clients of public roots accept at most
	renewBefore     = 30 * 24 * time.Hour
	clockSkew       = time.Hour
)

// Certificate is a server certificate that this machine makes for itself and renews before it expires.
type Certificate struct {
	dir string
	now func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	expires time.Time
}

// SelfMade loads the certificate in the directory, or makes one there: ECDSA P-256 with SHA-256, for localhost, the host's
// name, 127.0.0.1 and ::1. One that is about to expire, cannot be read or lacks a name is replaced.
func SelfMade(dir string) (*Certificate, error) {
	return selfMade(dir, time.Now)
}

func selfMade(dir string, now func() time.Time) (*Certificate, error) {
	c := &Certificate{dir: dir, now: now}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c, c.ensure()
}

// Path is the certificate's file.
func (c *Certificate) Path() string { return filepath.Join(c.dir, CertificateFile) }

// TLS is a configuration that presents the certificate, the renewed one once there is one.
func (c *Certificate) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := c.ensure(); err != nil && c.current == nil {
			return nil, err
		}
		return c.current, nil
	}}
}

// ensure leaves a certificate in current that is valid for some time, or an error.
func (c *Certificate) ensure() error {
	if c.current != nil && c.now().Before(c.expires.Add(-renewBefore)) {
		return nil
	}
	if cert, err := c.load(); err == nil {
		c.current, c.expires = cert, cert.Leaf.NotAfter
		return nil
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return fmt.Errorf("self-made certificate: %w", err)
	}
	certPEM, keyPEM, err := makeCertificate(c.now())
	if err != nil {
		return fmt.Errorf("self-made certificate: %w", err)
	}
	// The key first: a certificate without its key would be replaced, a key without its certificate too.
	if err := writeFile(filepath.Join(c.dir, KeyFile), keyPEM, 0o600); err != nil {
		return fmt.Errorf("self-made certificate: %w", err)
	}
	if err := writeFile(c.Path(), certPEM, 0o644); err != nil {
		return fmt.Errorf("self-made certificate: %w", err)
	}
	cert, err := c.load()
	if err != nil {
		return fmt.Errorf("self-made certificate: %w", err)
	}
	c.current, c.expires = cert, cert.Leaf.NotAfter
	return nil
}

// load reads the files and refuses a certificate that should be replaced.
func (c *Certificate) load() (*tls.Certificate, error) {
	keyPath := filepath.Join(c.dir, KeyFile)
	info, err := os.Stat(keyPath)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s is readable by others", keyPath)
	}
	cert, err := tls.LoadX509KeyPair(c.Path(), keyPath)
	if err != nil {
		return nil, err
	}
	if cert.Leaf == nil {
		if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return nil, err
		}
	}
	if c.now().After(cert.Leaf.NotAfter.Add(-renewBefore)) || c.now().Before(cert.Leaf.NotBefore) {
		return nil, errors.New("certificate is about to expire")
	}
	for _, name := range certificateNames() {
		if !slices.Contains(cert.Leaf.DNSNames, name) {
			return nil, fmt.Errorf("certificate lacks the name %s", name)
		}
	}
	return &cert, nil
}

func certificateNames() []string {
	names := []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names = append(names, host)
	}
	return names
}

// makeCertificate signs a certificate with its own key. It may sign as an authority, since clients are given it as a root.
func makeCertificate(now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	names := certificateNames()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: names[len(names)-1], Organization: []string{"odatagres self-made certificate"}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(certificateLife),
		SignatureAlgorithm:    x509.ECDSAWithSHA256,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              names,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}

// writeFile replaces a file in one step, so that nobody reads half of it.
func writeFile(path string, data []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err = f.Chmod(mode); err == nil {
		_, err = f.Write(data)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
