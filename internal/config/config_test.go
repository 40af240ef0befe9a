package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"go.yaml.in/yaml/v3"

	"github.com/odatagres/odatagres/internal/config"
)

// hidden is in every secret of the tests, and may be in no message.
const hidden = "hunter2"

const verifier = "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$" +
	"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func testEnv(name string) (string, bool) {
	value, ok := map[string]string{
		"ANALYST_PASSWORD": hidden,
		"INTUNE_SECRET":    hidden + "-secret",
		"EMPTY":            "",
		"VERIFIER":         verifier,
		"MD5":              "md50123456789abcdef0123456789abcdef",
		"BAD_VERIFIER":     "SCRAM-SHA-256$" + hidden,
	}[name]
	return value, ok
}

// TestCases runs testdata/config: `faults` expects all faults of a file, `show`
// the configuration in force.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"faults", "values"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			datadriven.RunTest(t, "../../testdata/config/"+file, func(t *testing.T, d *datadriven.TestData) string {
				c, err := config.Loader{LookupEnv: testEnv}.Parse([]byte(d.Input), "file.yaml")
				var got string
				switch d.Cmd {
				case "faults":
					var faults *config.Faults
					if !errors.As(err, &faults) {
						t.Fatalf("%s: no faults but %v", d.Pos, err)
					}
					got = faults.Error() + "\n"
				case "show":
					if err != nil {
						t.Fatalf("%s: %v", d.Pos, err)
					}
					got = c.String()
				default:
					t.Fatalf("%s: unknown directive %s", d.Pos, d.Cmd)
				}
				if strings.Contains(got, hidden) {
					t.Errorf("%s: a secret is shown:\n%s", d.Pos, got)
				}
				return got
			})
		})
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c := loadFull(t)
	if got := c.Users[0].Password.Reveal(); got != hidden {
		t.Fatalf("the password is %q", got)
	}
	secret := c.Users[0].Password
	foreign := struct{ unexported config.Secret }{secret}
	printed := []string{secret.String(), secret.GoString(), c.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, secret), fmt.Sprintf(verb, *c), fmt.Sprintf(verb, c), fmt.Sprintf(verb, foreign))
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		for _, v := range []any{secret, c, map[string]any{"x": secret}} {
			b, err := marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			printed = append(printed, string(b))
		}
	}
	hex := fmt.Sprintf("%x", hidden)
	for _, p := range printed {
		if strings.Contains(p, hidden) || strings.Contains(strings.ToLower(p), hex) {
			t.Errorf("the secret is printed: %s", p)
		}
	}
	if !strings.Contains(c.String(), "password: '***'") {
		t.Errorf("the redacted form does not show where a password stands:\n%s", c)
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret": "from a file\r\n",
		"conf.yaml": "database: d\nstate_dir: here\ntls: {cert: a/b.crt, key: /abs/b.key}\n" +
			"users: [{name: u, password: 'file:secret'}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "conf.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ got, want string }{
		{c.StateDir, filepath.Join(dir, "here")},
		{c.Limits.SpillDir, filepath.Join(dir, "here", "spill")},
		{c.TLS.Cert, filepath.Join(dir, "a", "b.crt")},
		{c.TLS.Key, "/abs/b.key"},
		{c.Users[0].Password.Reveal(), "from a file"},
	} {
		if one.got != one.want {
			t.Errorf("%q, not %q", one.got, one.want)
		}
	}
}

func TestASecretIsReadByReference(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(hidden+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := config.ReadSecret("file:" + path); err != nil || s.Reveal() != hidden {
		t.Errorf("%q %v", s.Reveal(), err)
	}
	if _, err := config.ReadSecret(hidden); err == nil || strings.Contains(err.Error(), hidden) {
		t.Errorf("%v", err)
	}
}

func TestAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestDefaultNeedsOnlyWhatIsRequired(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Database = "warehouse"
	c.Users = []config.User{{Name: "demo", Password: config.NewSecret("demo")}}
	c.Services = []config.Service{config.DefaultService("intune", "http://127.0.0.1:1234/root/?api-version=v1.0")}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s := c.Services[0]
	if s.URL != "http://127.0.0.1:1234/root" || s.Query["api-version"] != "v1.0" {
		t.Errorf("url %s, query %v", s.URL, s.Query)
	}
	if time.Duration(s.Timeouts.FirstByte) != 2*time.Minute {
		t.Errorf("first_byte is %s", s.Timeouts.FirstByte)
	}
	c.Database = ""
	if err := c.Validate(); err == nil || err.Error() != "database: is empty" {
		t.Errorf("%v", err)
	}
}

func TestUsersReadTheirServices(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		services []string
		want     bool
	}{{nil, true}, {[]string{}, false}, {[]string{"a"}, false}, {[]string{"a", "b"}, true}} {
		u := config.User{Services: one.services}
		if got := u.MayRead("b"); got != one.want {
			t.Errorf("services %#v: %v", one.services, got)
		}
	}
}

func TestVerifierIsToldFromAPassword(t *testing.T) {
	t.Parallel()
	u := config.User{Password: config.NewSecret(verifier)}
	if v, ok := u.Verifier(); !ok || v.Iterations != 4096 || string(v.Salt) != "saltsaltsaltsalt" || len(v.StoredKey) != 32 {
		t.Errorf("%v %v", v, ok)
	}
	u.Password = config.NewSecret("SCRAM-SHA-256")
	if _, ok := u.Verifier(); ok {
		t.Error("a password was taken for a verifier")
	}
}

func TestColumnOverridesAreFoundByName(t *testing.T) {
	t.Parallel()
	c := loadFull(t)
	if o, ok := c.Services[0].Column("devices", "imei"); !ok || o.Type != "text" {
		t.Errorf("%+v %v", o, ok)
	}
	if _, ok := c.Services[0].Column("devices", "IMEI"); ok {
		t.Error("names of a service are told apart by case")
	}
}

// TestThePrintedFormCanBeRead proves that what String prints says the same as
// the file did, but for the secrets.
func TestThePrintedFormCanBeRead(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(fullFile)
	if err != nil {
		t.Fatal(err)
	}
	loader := config.Loader{LookupEnv: testEnv}
	full, err := loader.Parse(data, "/etc/odatagres/file.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(full.String(), "password: '***'", "password: env:ANALYST_PASSWORD")
	text = strings.ReplaceAll(text, "client_secret: '***'", "client_secret: env:INTUNE_SECRET")
	again, err := loader.Parse([]byte(text), "/elsewhere/file.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if again.String() != full.String() {
		t.Errorf("read again:\n%s\nprinted:\n%s", again, full)
	}
}
