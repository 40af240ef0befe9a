package config

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// redacted is what every way of printing a Secret gives.
const redacted = "***"

// Secret is a value that is never printed, only revealed on purpose.
//
// The value is held by a pointer because fmt prints an unexported field of
// somebody else's struct without asking its methods; then it prints an address.
type Secret struct {
	value *string
}

// NewSecret makes a Secret of a value that was not read from a configuration.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal is the value itself; empty if there is none.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet says whether a value was given.
func (s Secret) IsSet() bool { return s.value != nil }

// IsZero leaves out of YAML what was not given.
func (s Secret) IsZero() bool { return !s.IsSet() }

// Format prints *** for every verb, so that neither %+v nor %x shows the value.
func (s Secret) Format(st fmt.State, _ rune) { _, _ = io.WriteString(st, redacted) }

// String is ***.
func (s Secret) String() string { return redacted }

// GoString is ***.
func (s Secret) GoString() string { return redacted }

// MarshalText is ***.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON is "***".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalYAML is ***.
func (s Secret) MarshalYAML() (any, error) { return redacted, nil }

// ReadSecret follows a reference, env:NAME or file:PATH, that was given to a
// command instead of standing in a file; a path is relative to the working
// directory.
func ReadSecret(reference string) (Secret, error) {
	return Loader{}.readSecret(reference, "", false)
}

// readSecret follows a reference to a secret. Its errors never hold the text,
// because the text is the secret itself when somebody forgot the reference.
func (l Loader) readSecret(text, dir string, allowVerifier bool) (Secret, error) {
	kind, name, _ := strings.Cut(text, ":")
	switch {
	case kind == "env" && name != "":
		value, ok := l.lookupEnv(name)
		if !ok {
			return Secret{}, fmt.Errorf("environment variable %s is not set", name)
		}
		if value == "" {
			return Secret{}, fmt.Errorf("environment variable %s is empty", name)
		}
		return NewSecret(value), nil
	case kind == "file" && name != "":
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		content, err := l.readFile(name)
		if err != nil {
			return Secret{}, err
		}
		// Editors and echo end a file with a newline that is not meant.
		value := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
		if value == "" {
			return Secret{}, fmt.Errorf("file %s is empty", name)
		}
		return NewSecret(value), nil
	case allowVerifier && strings.HasPrefix(text, verifierPrefix):
		return NewSecret(text), nil
	case allowVerifier:
		return Secret{}, errors.New("must be env:NAME, file:PATH or a SCRAM-SHA-256 verifier")
	default:
		return Secret{}, errors.New("must be env:NAME or file:PATH")
	}
}
