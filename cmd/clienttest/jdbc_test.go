package clienttest

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// jdbcDriver is where Debian's package puts it.
const jdbcDriver = "/usr/share/java/postgresql.jar"

// javaClasses is the folder that compiled made.
var javaClasses atomic.Pointer[string]

// compiled is the Java program, compiled once for the tests of the process.
var compiled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "odatagres-java-")
	if err != nil {
		return "", err
	}
	javaClasses.Store(&dir)
	out, err := exec.Command("javac", "-cp", jdbcDriver, "-d", dir, "testdata/Jdbc.java").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return dir, nil
})

func java(t *testing.T, args ...string) []byte {
	t.Helper()
	dir, err := compiled()
	if err != nil {
		t.Fatalf("javac: %v\n%s", err, dir)
	}
	return program(t, nil, "java", append([]string{"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC", "-cp", jdbcDriver + ":" + dir, "Jdbc"}, args...)...)
}

// jdbcURL is the address as JDBC writes it.
func jdbcURL(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	q := url.Values{"user": {u.User.Username()}, "password": {password}}
	return "jdbc:postgresql://" + u.Host + u.Path + "?" + q.Encode()
}

func TestJDBC(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	qs := questions(t, g.URL)
	file := filepath.Join(t.TempDir(), "questions")
	if err := os.WriteFile(file, []byte(strings.Join(texts(qs), "\x00")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"simple", "extended-text", "extended-binary", "prepared", "cache-everything", "portals"} {
		t.Run(mode, func(t *testing.T) {
			checkProgram(t, "pgjdbc, "+mode, qs, java(t, mode, jdbcURL(t, g.URL), file))
		})
	}
}

func TestJDBCSession(t *testing.T) {
	t.Parallel()
	g := startDemo(t)
	if out := java(t, "session", jdbcURL(t, g.URL)); len(out) > 0 {
		t.Errorf("%s", out)
	}
}
