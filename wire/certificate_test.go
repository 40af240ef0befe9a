package wire

import (
	"crypto/tls"
	"testing"
	"time"
)

func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c, err := selfMade(t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	config := c.TLS()
	get := func() *tls.Certificate {
		cert, err := config.GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		if now.Before(cert.Leaf.NotBefore) || now.After(cert.Leaf.NotAfter) {
			t.Errorf("certificate valid from %v to %v at %v", cert.Leaf.NotBefore, cert.Leaf.NotAfter, now)
		}
		return cert
	}
	first := get()
	now = now.Add(certificateLife - renewBefore - time.Hour)
	if get() != first {
		t.Error("renewed too early")
	}
	now = now.Add(2 * time.Hour)
	second := get()
	if second.Leaf.Equal(first.Leaf) {
		t.Error("not renewed")
	}
	if get() != second {
		t.Error("renewed twice")
	}
}
