package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"
	"github.com/xdg-go/stringprep"

	"github.com/odatagres/odatagres/wire/backend"
)

const (
	scramMechanism = "SCRAM-SHA-256"
	// scramIterations is PostgreSQL's scram_iterations.
	scramIterations = 4096
	scramSaltLen    = 16
)

// storedCredentials are the keys that a client's proof is checked with. The same work is done for every user: one who is not known gets a salt
// that stays the same from one attempt to the next, and keys that no password has.
func storedCredentials(secret []byte, user string, c backend.Credential) (scram.StoredCredentials, error) {
	salt := derivedSalt(secret, user)
	password := c.Password
	if !c.Known {
		password = rand.Text()
	}
	derived, err := deriveKeys(password, salt)
	if err != nil || !c.Known || c.Verifier == "" {
		return derived, err
	}
	return ParseVerifier(c.Verifier)
}

// derivedSalt depends on the server's secret and the user's name alone, so it says nothing about whether the user exists.
func derivedSalt(secret []byte, user string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("scram salt\x00"))
	h.Write([]byte(user))
	return h.Sum(nil)[:scramSaltLen]
}

func deriveKeys(password string, salt []byte) (scram.StoredCredentials, error) {
	// PostgreSQL uses a password that SASLprep refuses as it is, and so do its clients.
	if prepared, err := stringprep.SASLprep.Prepare(password); err == nil {
		password = prepared
	}
	client, err := scram.SHA256.NewClientUnprepped("", password, "")
	if err != nil {
		return scram.StoredCredentials{}, err
	}
	return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: string(salt), Iters: scramIterations})
}

// ParseVerifier reads a SCRAM-SHA-256 verifier as PostgreSQL stores it in pg_authid.rolpassword:
// SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>. The error does not quote the verifier.
func ParseVerifier(verifier string) (scram.StoredCredentials, error) {
	var c scram.StoredCredentials
	rest, ok := strings.CutPrefix(verifier, scramMechanism+"$")
	factors, keys, ok2 := strings.Cut(rest, "$")
	iterations, salt64, ok3 := strings.Cut(factors, ":")
	stored64, server64, ok4 := strings.Cut(keys, ":")
	if !ok || !ok2 || !ok3 || !ok4 {
		return c, fmt.Errorf("not a %s verifier", scramMechanism)
	}
	n, err := strconv.Atoi(iterations)
	if err != nil || n < 1 {
		return c, fmt.Errorf("%s verifier: bad number of iterations", scramMechanism)
	}
	salt, err := base64.StdEncoding.DecodeString(salt64)
	if err != nil || len(salt) == 0 {
		return c, fmt.Errorf("%s verifier: bad salt", scramMechanism)
	}
	stored, err := base64.StdEncoding.DecodeString(stored64)
	if err != nil || len(stored) != sha256.Size {
		return c, fmt.Errorf("%s verifier: bad stored key", scramMechanism)
	}
	server, err := base64.StdEncoding.DecodeString(server64)
	if err != nil || len(server) != sha256.Size {
		return c, fmt.Errorf("%s verifier: bad server key", scramMechanism)
	}
	c.Salt, c.Iters, c.StoredKey, c.ServerKey = string(salt), n, stored, server
	return c, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}
