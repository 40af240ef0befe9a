package oracle

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Options are how a server differs from the one that Start gives.
type Options struct {
	// Settings are PostgreSQL settings, such as "timezone=Europe/Berlin". They
	// come after the package's own and so overrule them.
	Settings []string
	// Clock, unless zero, is the instant at which the server's clock stands. It
	// needs libfaketime. Under it pg_sleep never ends.
	Clock time.Time
}

// Server is a running PostgreSQL.
type Server struct {
	port     int
	alive    *os.File // the server ends when this end of a pipe is closed
	watchdog *exec.Cmd
	close    func() error
}

// shared is the process's one server; test binaries are one package each, so
// every package that needs the oracle has its own.
var shared = sync.OnceValues(func() (*Server, error) {
	return New(context.Background(), Options{})
})

// Start gives the server that all tests of the process share, started by the
// first of them. It ends with the process. Tests that change more than their own
// schema or database should make their own by New.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := shared()
	if err != nil {
		tb.Fatalf("the oracle does not start: %v", err)
	}
	return s
}

// startTimeout is far more than a start takes (1 to 2 s), for machines that run
// many tests at once.
const startTimeout = 90 * time.Second

// portTries is how often a free port is looked for; between finding it and
// PostgreSQL's listening another process may take it.
const portTries = 5

// New starts a server of the caller's own, who closes it. A caller that forgets
// only keeps it until the end of the process.
func New(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var err error
	for range portTries {
		var s *Server
		if s, err = start(ctx, o); err == nil {
			return s, nil
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, err
}

func start(ctx context.Context, o Options) (*Server, error) {
	postgres, err := Binary("postgres")
	if err != nil {
		return nil, err
	}
	cred, err := unprivileged()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	env, err := clockEnv(o.Clock)
	if err != nil {
		return nil, err
	}
	dir, err := makeDir(cred)
	if err != nil {
		return nil, err
	}
	alive, cmd, err := startWatchdog(dir, filepath.Dir(postgres), cred, env, settings(dir, port, o))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Server{port: port, alive: alive, watchdog: cmd}
	s.close = sync.OnceValue(func() error { return errors.Join(alive.Close(), cmd.Wait(), os.RemoveAll(dir)) })
	if err := s.awaitReady(ctx, dir); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the server and removes its folder. More calls do nothing.
func (s *Server) Close() error { return s.close() }

// Port is the server's TCP port on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// DSN is the connection string of the database postgres, as its superuser.
func (s *Server) DSN() string { return s.DSNOf("postgres") }

// DSNOf is the connection string of a database.
func (s *Server) DSNOf(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, url.PathEscape(database))
}

// settings trades durability for speed: the data dies with the tests.
func settings(dir string, port int, o Options) []string {
	list := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=" + dir,
		"fsync=off",
		"synchronous_commit=off",
		"full_page_writes=off",
		"autovacuum=off",
		"shared_buffers=64MB",
		"max_connections=60",
		// Answers must not depend on the machine.
		"timezone=UTC",
		"log_timezone=UTC",
		"lc_messages=C",
		"datestyle=ISO, MDY",
	}
	return append(list, o.Settings...)
}

// unprivileged is whom PostgreSQL runs as: nil for ourselves, and somebody else
// when we are root, as whom it refuses to run.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var errs []error
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("root has nobody to run PostgreSQL as: %w", errors.Join(errs...))
}

func makeDir(cred *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "odatagres-oracle-")
	if err != nil || cred == nil {
		return dir, err
	}
	if err := os.Chown(dir, int(cred.Uid), int(cred.Gid)); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return 0, err
	}
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(fmt.Errorf("listening gave the address %s", l.Addr()), l.Close())
	}
	return addr.Port, l.Close()
}

// clockEnv makes the clock stand. Time that only measures waits keeps running,
// else PostgreSQL would sleep for ever.
func clockEnv(clock time.Time) ([]string, error) {
	if clock.IsZero() {
		return nil, nil
	}
	found, err := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if err != nil || len(found) == 0 {
		return nil, errors.New("a standing clock needs libfaketime (Debian's package faketime); `make test` installs it")
	}
	return []string{
		"LD_PRELOAD=" + found[0],
		"FAKETIME=" + clock.UTC().Format("2006-01-02 15:04:05"),
		"FAKETIME_DONT_FAKE_MONOTONIC=1",
		"TZ=UTC",
	}, nil
}

var errPortTaken = errors.New("another process took the port")

// awaitReady polls until the server answers, its start has failed, or the time
// is over.
func (s *Server) awaitReady(ctx context.Context, dir string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", ctx.Err(), readLog(dir))
		case <-tick.C:
		}
		if _, err := os.Stat(filepath.Join(dir, exitFile)); err == nil {
			log := readLog(dir)
			if strings.Contains(log, "Address already in use") {
				return errPortTaken
			}
			return fmt.Errorf("PostgreSQL ended instead of serving:\n%s", log)
		}
		// Another process's server could sit on the port: ours has said so first.
		if !strings.Contains(readLog(dir), "ready to accept connections") {
			continue
		}
		c, err := pgconn.Connect(ctx, s.DSN())
		if err != nil {
			continue
		}
		return c.Close(ctx)
	}
}

func readLog(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, logFile))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
