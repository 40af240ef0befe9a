package main

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"sort"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/internal/config"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/wire"
)

// engineOptions is the engine's part of the configuration.
func engineOptions(c *config.Config, log zerolog.Logger) (engine.Options, error) {
	o := engine.Options{
		Database: c.Database, StateDir: c.StateDir, Logger: log, Version: productVersion(),
		Limits: engine.Limits{
			QueryMemory: int64(c.Limits.QueryMemory), ServerMemory: int64(c.Limits.ServerMemory),
			StatementBytes: int64(c.Limits.StatementBytes), StatementTimeout: time.Duration(c.Limits.StatementTimeout),
			SpillDir: c.Limits.SpillDir, SpillBytes: int64(c.Limits.SpillBytes),
		},
	}
	if c.Limits.SpillBytes == 0 {
		o.Limits.SpillBytes = -1
	}
	for i := range c.Users {
		o.Users = append(o.Users, userOptions(&c.Users[i]))
	}
	for i := range c.Services {
		s, err := serviceOptions(&c.Services[i], log)
		if err != nil {
			return engine.Options{}, err
		}
		o.Services = append(o.Services, s)
	}
	return o, nil
}

func userOptions(u *config.User) engine.User {
	user := engine.User{Name: u.Name, Services: u.Services, MemberOf: u.MemberOf}
	if _, ok := u.Verifier(); ok {
		user.Verifier = u.Password.Reveal()
	} else {
		user.Password = u.Password.Reveal()
	}
	return user
}

func serviceOptions(s *config.Service, log zerolog.Logger) (engine.ServiceOptions, error) {
	p := profile.ByName(string(s.Profile))
	if p == nil {
		return engine.ServiceOptions{}, fmt.Errorf("service %s: there is no profile %q", s.Schema, s.Profile)
	}
	columns, err := columnOverrides(s)
	if err != nil {
		return engine.ServiceOptions{}, err
	}
	return engine.ServiceOptions{
		Schema: s.Schema, Profile: p, Names: nameMode(s.Names), Columns: columns, Client: clientConfig(s, log),
	}, nil
}

func clientConfig(s *config.Service, log zerolog.Logger) odata.Config {
	client := odata.Config{
		Name: s.Schema, Root: s.URL, Connections: s.Connections, UserAgent: "odatagres/" + productVersion(), Log: log,
		Timeouts: odata.Timeouts{
			Connect: time.Duration(s.Timeouts.Connect), FirstByte: time.Duration(s.Timeouts.FirstByte), Idle: time.Duration(s.Timeouts.Idle),
		},
	}
	for _, name := range sortedKeys(s.Query) {
		client.Custom = append(client.Custom, query.Option{Name: name, Value: s.Query[name]})
	}
	for _, o := range s.AllowOrigins {
		client.AllowOrigins = append(client.AllowOrigins, odata.Origin{Origin: o.Origin, Credentials: o.Credentials})
	}
	if s.Auth.Kind == config.AuthClientCredentials {
		client.Auth = odata.Auth{
			Kind: odata.AuthClientCredentials, TokenURL: s.Auth.TokenURL, ClientID: s.Auth.ClientID,
			ClientSecret: s.Auth.ClientSecret.Reveal(), Scopes: s.Auth.Scopes, Style: odata.StyleInParams,
		}
		if s.Auth.Style == config.StyleInHeader {
			client.Auth.Style = odata.StyleInHeader
		}
		if len(s.Auth.Params) > 0 {
			client.Auth.Params = url.Values{}
			for name, value := range s.Auth.Params {
				client.Auth.Params.Set(name, value)
			}
		}
	}
	return client
}

func nameMode(n config.NameStyle) catalog.NameMode {
	switch n {
	case config.NamesLower:
		return catalog.NamesLower
	case config.NamesSnake:
		return catalog.NamesSnake
	case config.NamesService:
	}
	return catalog.NamesService
}

func columnOverrides(s *config.Service) (map[string]catalog.ColumnOverride, error) {
	if len(s.Columns) == 0 {
		return nil, nil
	}
	out := make(map[string]catalog.ColumnOverride, len(s.Columns))
	for key, c := range s.Columns {
		o := catalog.ColumnOverride{Unique: c.Unique}
		if c.OnError == config.OnErrorNull {
			o.OnError = "null"
		}
		if c.Type != "" {
			info, ok := sqltype.ByName(string(c.Type))
			if !ok {
				return nil, fmt.Errorf("service %s: column %s: there is no type %q", s.Schema, key, c.Type)
			}
			o.Type = sqltype.Of(info.OID)
		}
		out[key] = o
	}
	return out, nil
}

// wireOptions is the listener's part of the configuration, but for the backend.
func wireOptions(c *config.Config, log zerolog.Logger) (wire.Options, error) {
	o := wire.Options{
		RequireTLS: c.TLS.Mode == config.TLSRequire, MaxConnections: c.Limits.Connections, MessageBytes: int64(c.Limits.MessageBytes),
		LoginTimeout: time.Duration(c.Limits.LoginTimeout), Logger: log,
	}
	var err error
	if o.ServerSecret, err = serverSecret(c.StateDir); err != nil {
		return wire.Options{}, err
	}
	if c.TLS.Mode == config.TLSOff {
		return o, nil
	}
	if o.TLS, err = tlsConfig(c); err != nil {
		return wire.Options{}, err
	}
	return o, nil
}

// tlsConfig is the configured certificate, else a self-made one in the state directory.
func tlsConfig(c *config.Config) (*tls.Config, error) {
	if c.TLS.Cert == "" {
		made, err := wire.SelfMade(c.StateDir)
		if err != nil {
			return nil, err
		}
		return made.TLS(), nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLS.Cert, c.TLS.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
