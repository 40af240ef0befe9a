package config

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// verifierPrefix begins a password that is a verifier.
const verifierPrefix = "SCRAM-SHA-256$"

// Verifier is what SCRAM-SHA-256 needs to check a password without having it
// (RFC 5803).
type Verifier struct {
	Iterations int
	Salt       []byte
	StoredKey  []byte
	ServerKey  []byte
}

var errVerifier = errors.New("is not a SCRAM-SHA-256 verifier as PostgreSQL stores it: SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY")

// ParseVerifier reads the form that PostgreSQL keeps in pg_authid.rolpassword
// (parse_scram_secret in auth-scram.c).
func ParseVerifier(text string) (Verifier, error) {
	rest, ok := strings.CutPrefix(text, verifierPrefix)
	head, keys, ok2 := strings.Cut(rest, "$")
	iterations, salt, ok3 := strings.Cut(head, ":")
	stored, server, ok4 := strings.Cut(keys, ":")
	if !ok || !ok2 || !ok3 || !ok4 {
		return Verifier{}, errVerifier
	}
	var v Verifier
	var err error
	if v.Iterations, err = strconv.Atoi(iterations); err != nil || v.Iterations < 1 {
		return Verifier{}, errVerifier
	}
	for _, part := range []struct {
		dst  *[]byte
		text string
		size int
	}{{&v.Salt, salt, 0}, {&v.StoredKey, stored, sha256.Size}, {&v.ServerKey, server, sha256.Size}} {
		*part.dst, err = base64.StdEncoding.DecodeString(part.text)
		if err != nil || len(*part.dst) == 0 || part.size > 0 && len(*part.dst) != part.size {
			return Verifier{}, errVerifier
		}
	}
	return v, nil
}

// Verifier is the user's password as a verifier; false if it is a plain one.
func (u *User) Verifier() (Verifier, bool) {
	v, err := ParseVerifier(u.Password.Reveal())
	return v, err == nil
}
