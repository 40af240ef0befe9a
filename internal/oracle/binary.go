package oracle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Major is the version of PostgreSQL whose behaviour is the measure.
const Major = "15"

// Binary finds one of PostgreSQL's programs, of version 15: beside the pg_config
// named by PG_CONFIG, where Debian and Red Hat put it, beside the pg_config of
// the path, or on the path.
func Binary(name string) (string, error) {
	var candidates []string
	if config := os.Getenv("PG_CONFIG"); config != "" {
		candidates = append(candidates, beside(config, name)...)
	}
	candidates = append(candidates,
		filepath.Join("/usr/lib/postgresql", Major, "bin", name),
		filepath.Join("/usr/pgsql-"+Major, "bin", name))
	if config, err := exec.LookPath("pg_config"); err == nil {
		candidates = append(candidates, beside(config, name)...)
	}
	if onPath, err := exec.LookPath(name); err == nil {
		candidates = append(candidates, onPath)
	}
	var errs []error
	for _, path := range candidates {
		err := checkVersion(path)
		if err == nil {
			return path, nil
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("PostgreSQL %s's %s is not found; `make test` installs it: %w", Major, name, errors.Join(errs...))
}

func beside(config, name string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, config, "--bindir").Output()
	if err != nil {
		return nil
	}
	return []string{filepath.Join(strings.TrimSpace(string(out)), name)}
}

// checkVersion asks the program, as Debian's psql on the path is a wrapper that
// chooses a version.
func checkVersion(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return err
	}
	if !strings.Contains(string(out), "(PostgreSQL) "+Major+".") {
		return fmt.Errorf("%s is %s", path, strings.TrimSpace(string(out)))
	}
	return nil
}
