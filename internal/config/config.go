package config

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is the whole configuration. The yaml tag of a field is its key.
type Config struct {
	// Listen is the address of the PostgreSQL listener, host:port. Port 0 takes
	// a free one.
	Listen string `yaml:"listen"`
	// Database is the one database name that clients connect to.
	Database string `yaml:"database" config:"required"`
	// StateDir keeps attribute numbers, learned capabilities, the metadata cache
	// and the self-made certificate. It may be deleted at the price of those.
	StateDir string `yaml:"state_dir" config:"path"`
	// TLS says how clients may connect.
	TLS TLS `yaml:"tls"`
	// Log says what is logged and in which form.
	Log Log `yaml:"log"`
	// Limits bounds what clients may make the gateway use.
	Limits Limits `yaml:"limits"`
	// Users may log in. Without any, nobody can.
	Users []User `yaml:"users"`
	// Services are the OData services, one schema each, in the order in which
	// they stand on the default search_path.
	Services []Service `yaml:"services"`
}

// TLS is the listener's transport security.
type TLS struct {
	// Mode says whether clients must, may or cannot use TLS.
	Mode TLSMode `yaml:"mode"`
	// Cert is the PEM file of the certificate chain; with Key empty too, a
	// self-made certificate from the state directory is used.
	Cert string `yaml:"cert,omitempty" config:"path"`
	// Key is the PEM file of the certificate's private key.
	Key string `yaml:"key,omitempty" config:"path"`
	// OffLoopback accepts that passwords and rows cross a network in the clear.
	// Without it a listener off loopback must have Mode require.
	OffLoopback bool `yaml:"off_loopback"`
}

// Log is where and how much the gateway tells about itself.
type Log struct {
	// Level is the least severe level that is written.
	Level LogLevel `yaml:"level"`
	// Format is the form of a line.
	Format LogFormat `yaml:"format"`
}

// Limits bounds connections, messages, memory, disk and time.
type Limits struct {
	// Connections is the number of clients at once; one more is refused with 53300.
	Connections int `yaml:"connections"`
	// MessageBytes is the largest protocol message after authentication.
	MessageBytes Size `yaml:"message_bytes"`
	// StatementBytes is the longest SQL text; longer ones are refused with 54000.
	StatementBytes Size `yaml:"statement_bytes"`
	// QueryMemory is what one query may hold in memory.
	QueryMemory Size `yaml:"query_memory"`
	// ServerMemory is what all queries together may hold in memory.
	ServerMemory Size `yaml:"server_memory"`
	// SpillDir holds the files of queries that need more than their memory.
	// Its default is the folder spill in StateDir.
	SpillDir string `yaml:"spill_dir" config:"path"`
	// SpillBytes is what all those files may hold together; 0 forbids them.
	SpillBytes Size `yaml:"spill_bytes"`
	// StatementTimeout ends a statement that takes longer; 0 means never. It is
	// the initial value of the setting statement_timeout of each session.
	StatementTimeout Duration `yaml:"statement_timeout"`
	// LoginTimeout ends a connection that has not authenticated by then.
	LoginTimeout Duration `yaml:"login_timeout"`
}

// User is somebody who may log in, and what he may see.
type User struct {
	// Name is the role name that clients send.
	Name string `yaml:"name" config:"required"`
	// Password is the password, or a SCRAM-SHA-256 verifier of it in the form
	// that PostgreSQL stores; see Verifier.
	Password Secret `yaml:"password" config:"required,verifier"`
	// Services lists the schemas that the user may read. Nil (no such key) means
	// all of them, empty means none; see MayRead.
	Services []string `yaml:"services"`
	// MemberOf lists predefined roles: pg_monitor sees what others run,
	// pg_signal_backend may cancel it.
	MemberOf []string `yaml:"member_of"`
}

// Service is one OData service, shown as one schema.
type Service struct {
	// Schema is the name of the schema.
	Schema string `yaml:"schema" config:"required"`
	// Profile says what the service can be trusted to do.
	Profile Profile `yaml:"profile"`
	// URL is the service root, without a query and without a slash at its end:
	// after loading, what stood behind the question mark is in Query.
	URL string `yaml:"url" config:"required"`
	// Names says how the service's names become SQL names.
	Names NameStyle `yaml:"names"`
	// Query is sent with every request that the gateway builds; it is never
	// added to a link that the service gave.
	Query map[string]string `yaml:"query"`
	// Auth says how requests are authorised.
	Auth Auth `yaml:"auth"`
	// AllowOrigins lists where redirects and links may lead besides the service
	// itself.
	AllowOrigins []Origin `yaml:"allow_origins"`
	// Connections is the number of requests to the service at once.
	Connections int `yaml:"connections"`
	// Timeouts bounds the waits of one request.
	Timeouts Timeouts `yaml:"timeouts"`
	// Columns overrides single columns, keyed by "set.property" in the
	// service's own names.
	Columns map[string]Column `yaml:"columns"`
}

// Auth is how the gateway proves to a service who it is.
type Auth struct {
	// Kind is the method; all other keys belong to client_credentials.
	Kind AuthKind `yaml:"kind"`
	// TokenURL is the OAuth 2.0 token endpoint.
	TokenURL string `yaml:"token_url,omitempty"`
	// Style is where the client's id and secret are put in a token request.
	Style AuthStyle `yaml:"style"`
	// ClientID is the application's id.
	ClientID string `yaml:"client_id,omitempty"`
	// ClientSecret is the application's secret.
	ClientSecret Secret `yaml:"client_secret,omitempty"`
	// Scopes are the scopes asked for, as a v2 endpoint takes them.
	Scopes []string `yaml:"scopes,omitempty"`
	// Params are further parameters of a token request, such as resource for a
	// v1 endpoint.
	Params map[string]string `yaml:"params,omitempty"`
}

// Origin is a place besides the service where its links may lead.
type Origin struct {
	// Origin is scheme, host and port, such as https://cdn.example.com.
	Origin string `yaml:"origin" config:"required"`
	// Credentials says that the service's token may be sent there.
	Credentials bool `yaml:"credentials"`
}

// Timeouts bounds the waits of one request to a service.
type Timeouts struct {
	// Connect bounds connecting, TLS included.
	Connect Duration `yaml:"connect"`
	// FirstByte bounds the wait for the head of a response.
	FirstByte Duration `yaml:"first_byte"`
	// Idle bounds the wait for more of a body, while somebody wants more.
	Idle Duration `yaml:"idle"`
}

// Default is the configuration of a file that says nothing: no users, no
// services and no database name, everything else at its default. Paths are
// relative to the working directory. Load starts from it, and so can a command
// that needs no file.
func Default() *Config {
	c := &Config{}
	c.setDefaults()
	c.deriveDefaults()
	return c
}

// DefaultService is a service about which only its schema and URL are said.
func DefaultService(schema, url string) Service {
	s := Service{}
	s.setDefaults()
	s.Schema, s.URL = schema, url
	return s
}

func (c *Config) setDefaults() {
	c.Listen = "127.0.0.1:5433"
	c.StateDir = "state"
	c.TLS = TLS{Mode: TLSAllow}
	c.Log = Log{Level: LogInfo, Format: LogJSON}
	c.Limits = Limits{
		Connections:      500,
		MessageBytes:     64 * MiB,
		StatementBytes:   1 * MiB,
		QueryMemory:      256 * MiB,
		ServerMemory:     1 * GiB,
		SpillBytes:       10 * GiB,
		StatementTimeout: 0,
		LoginTimeout:     Duration(30 * time.Second),
	}
}

func (s *Service) setDefaults() {
	s.Profile = ProfileGeneric
	s.Names = NamesService
	s.Auth = Auth{Kind: AuthNone, Style: StyleInParams}
	s.Connections = 4
	s.Timeouts = Timeouts{
		Connect:   Duration(10 * time.Second),
		FirstByte: Duration(120 * time.Second),
		Idle:      Duration(60 * time.Second),
	}
}

// MayRead says whether the user may read the schema.
func (u *User) MayRead(schema string) bool {
	if u.Services == nil {
		return true
	}
	for _, s := range u.Services {
		if s == schema {
			return true
		}
	}
	return false
}

// Column is the override of one property of one entity set, if there is one.
func (s *Service) Column(set, property string) (Column, bool) {
	c, ok := s.Columns[set+"."+property]
	return c, ok
}

// MarshalYAML tells no services key from an empty one, which mean the opposite.
func (u User) MarshalYAML() (any, error) {
	printed := struct {
		Name     string    `yaml:"name"`
		Password Secret    `yaml:"password"`
		Services *[]string `yaml:"services,omitempty"`
		MemberOf []string  `yaml:"member_of"`
	}{u.Name, u.Password, nil, u.MemberOf}
	if u.Services != nil {
		printed.Services = &u.Services
	}
	return printed, nil
}

// String prints the configuration in force as YAML, every secret as ***.
func (c *Config) String() string {
	text, err := yaml.Marshal(c)
	if err != nil {
		return fmt.Sprintf("configuration cannot be printed: %v", err)
	}
	return string(text)
}
