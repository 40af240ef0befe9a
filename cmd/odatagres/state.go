package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretFile holds the secret from which unknown users get their salts. Were it another one after a restart, somebody who
// tries names would see which salts changed, and so which users exist.
const secretFile = "server.secret"

const secretBytes = 32

// leftovers are the files that a process which was killed may have left in the spill directory. Its other files are not ours.
const leftovers = "odatagres-*"

// prepareState makes the state and the spill directory, for us alone, and removes what a killed process left.
func prepareState(stateDir, spillDir string) error {
	for _, dir := range []string{stateDir, spillDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("state directory: %w", err)
		}
	}
	left, err := filepath.Glob(filepath.Join(escapeGlob(spillDir), leftovers))
	if err != nil {
		return fmt.Errorf("spill directory: %w", err)
	}
	for _, path := range left {
		if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("spill directory: %w", err)
		}
	}
	return nil
}

// escapeGlob makes a directory's name mean itself in a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// serverSecret reads the secret, or makes it.
func serverSecret(stateDir string) ([]byte, error) {
	path := filepath.Join(stateDir, secretFile)
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	secret = make([]byte, secretBytes)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("server secret: %w", err)
	}
	f, err := os.CreateTemp(stateDir, ".secret-*") // its mode is 0600
	if err != nil {
		return nil, fmt.Errorf("server secret: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // linked under its own name in the good case
	_, err = f.WriteString(hex.EncodeToString(secret) + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("server secret: %w", err)
	}
	// A link fails where the file exists: of two processes that start at once the first one's secret holds for both.
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return readSecret(path)
		}
		return nil, fmt.Errorf("server secret: %w", err)
	}
	return secret, nil
}

func readSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("server secret: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != secretBytes {
		return nil, fmt.Errorf("server secret: %s does not hold %d bytes in hexadecimal; remove it to have a new one made", path, secretBytes)
	}
	return secret, nil
}
