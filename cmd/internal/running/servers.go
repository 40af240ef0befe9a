package running

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// LastDay pins the sample warehouse's rows.
const LastDay = "2026-11-20"

// Warehouse is a sample service in a process of its own.
type Warehouse struct {
	*Process
	URL                        string
	TokenURL, ClientID, Secret string
}

// Simulate starts a sample service.
func Simulate(tb testing.TB, args ...string) *Warehouse {
	tb.Helper()
	p := Start(tb, nil, append([]string{"simulate", "--listen", "127.0.0.1:0", "--until", LastDay}, args...)...)
	w := &Warehouse{Process: p, URL: p.Line("warehouse")}
	oauth := strings.Fields(p.Line("oauth"))
	if len(oauth) != 3 {
		tb.Fatalf("the line oauth is %q", oauth)
	}
	w.TokenURL, w.ClientID, w.Secret = oauth[0], oauth[1], oauth[2]
	return w
}

// Service is a service of a configuration. Auth "" is the sample warehouse's.
type Service struct {
	Schema, Profile, URL, TokenURL string
	More                           string // further lines, each with four blanks before it
}

// Gateway is a gateway in a process of its own, or inside demo.
type Gateway struct {
	*Process
	URL string // with user and password
}

// The user of gateways that Serve starts.
const (
	User     = "analyst"
	Password = "correct horse"
)

// Config writes a configuration for services and returns its file. more is put at its top.
func Config(tb testing.TB, more string, services ...Service) string {
	tb.Helper()
	var b strings.Builder
	b.WriteString(more)
	b.WriteString("database: warehouse\nusers:\n  - {name: " + User + ", password: env:TEST_PASSWORD}\nservices:")
	if len(services) == 0 {
		b.WriteString(" []")
	}
	b.WriteString("\n")
	for _, s := range services {
		b.WriteString("  - schema: " + s.Schema + "\n    profile: " + s.Profile + "\n    url: " + s.URL + "\n")
		if s.TokenURL != "" {
			b.WriteString("    auth: {kind: client_credentials, token_url: \"" + s.TokenURL +
				"\", client_id: sample, client_secret: env:TEST_SECRET, scopes: [\"https://api.manage.microsoft.com//.default\"]}\n")
		}
		b.WriteString(s.More)
	}
	path := filepath.Join(tb.TempDir(), "odatagres.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Environment is what a file of Config refers to.
func Environment() []string {
	return []string{"TEST_PASSWORD=" + Password, "TEST_SECRET=sample-secret"}
}

// Serve starts a gateway over services.
func Serve(tb testing.TB, services ...Service) *Gateway {
	tb.Helper()
	return ServeWith(tb, "", services...)
}

// ServeWith starts a gateway with further keys at the top of its configuration.
func ServeWith(tb testing.TB, more string, services ...Service) *Gateway {
	tb.Helper()
	path := Config(tb, "listen: 127.0.0.1:0\n"+more, services...)
	p := Start(tb, Environment(), "serve", "--config", path)
	u, err := url.Parse(p.Line("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	u.User = url.UserPassword(User, Password)
	return &Gateway{Process: p, URL: u.String()}
}

// Demo starts a gateway with a sample warehouse.
func Demo(tb testing.TB, args ...string) *Gateway {
	tb.Helper()
	p := Start(tb, nil, append([]string{"demo", "--listen", "127.0.0.1:0", "--until", LastDay}, args...)...)
	return &Gateway{Process: p, URL: p.Line("postgres")}
}

// Intune is the service of a sample warehouse, as the profile intune reads it.
func (w *Warehouse) Intune() Service {
	return Service{Schema: "intune", Profile: "intune", URL: w.URL + "?api-version=v1.0", TokenURL: w.TokenURL}
}

// Address is host and port of a gateway.
func (g *Gateway) Address() string {
	u, err := url.Parse(g.URL)
	if err != nil {
		g.tb.Fatal(err)
	}
	return u.Host
}
