package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/internal/config"
	"github.com/odatagres/odatagres/odata/simulator"
)

// The demo's names. They are no secrets: the rows are made up, and the address is this machine's own.
const (
	demoDatabase = "warehouse"
	demoUser     = "demo"
	demoPassword = "demo"
	demoSchema   = "intune"
)

type demoOptions struct {
	listen, warehouse string
	quiet             bool
	sample            simulator.Options
}

func (p *program) demo() *cobra.Command {
	var o demoOptions
	var until day
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "serve a sample Intune Data Warehouse, ready for psql",
		Long: "demo starts a sample warehouse and the gateway in one process, prints how to connect, asks one question, and\n" +
			"serves until SIGINT or SIGTERM.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWarehouse(&o.sample); err != nil {
				return err
			}
			if until.IsZero() {
				until.Time = time.Now().UTC()
			}
			o.sample.Until = until.Time
			return p.runDemo(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:5433", "`ADDRESS` for PostgreSQL clients; port 0 takes a free one")
	f.StringVar(&o.warehouse, "warehouse-listen", "127.0.0.1:0", "`ADDRESS` of the sample warehouse")
	warehouseFlags(cmd, &o.sample, &until)
	f.BoolVar(&o.quiet, "quiet", false, "print the two addresses only")
	return cmd
}

func (p *program) runDemo(ctx context.Context, o demoOptions) (err error) {
	dir, err := os.MkdirTemp("", "odatagres-demo-") // its mode is 0700
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	sample, err := simulator.New(o.sample)
	if err != nil {
		return &usageError{err}
	}
	if err := sample.Start(context.WithoutCancel(ctx), o.warehouse); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sample.Close()) }()
	if err := p.print("warehouse %s\n", sample.URL()); err != nil {
		return err
	}

	c, err := demoConfig(o, sample, dir)
	if err != nil {
		return err
	}
	log, err := newLogger(p.stderr, c.Log)
	if err != nil {
		return err
	}
	g, metadata, err := startGateway(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close(ctx)) }()
	if ctx.Err() != nil {
		return nil
	}
	if metadata != nil {
		return metadata
	}
	address := g.url(url.UserPassword(demoUser, demoPassword))
	if err := p.print("postgres %s\n", address); err != nil {
		return err
	}
	if !o.quiet {
		text, err := askQuestion(ctx, address, o.sample.Until)
		if err == nil {
			err = p.print("%s", text)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return g.wait(ctx)
}

// demoConfig is what a file for the sample warehouse would say.
func demoConfig(o demoOptions, sample *simulator.Server, dir string) (*config.Config, error) {
	c := config.Default()
	c.Listen = o.listen
	c.Database = demoDatabase
	c.StateDir = filepath.Join(dir, "state")
	c.Limits.SpillDir = filepath.Join(c.StateDir, "spill")
	c.Log = config.Log{Level: config.LogInfo, Format: config.LogConsole}
	if !onLoopback(o.listen) {
		c.TLS.Mode = config.TLSRequire
	}
	c.Users = []config.User{{Name: demoUser, Password: config.NewSecret(demoPassword)}}
	s := config.DefaultService(demoSchema, sample.URL())
	s.Profile = config.ProfileIntune
	s.Query = map[string]string{"api-version": "v1.0"}
	id, secret := sample.Credentials()
	s.Auth = config.Auth{
		Kind: config.AuthClientCredentials, Style: config.StyleInParams, TokenURL: sample.TokenURL(), ClientID: id,
		ClientSecret: config.NewSecret(secret), Scopes: []string{"https://api.manage.microsoft.com//.default"},
	}
	c.Services = []config.Service{s}
	return c, c.Validate()
}

// onLoopback says that only this machine reaches an address.
func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // listening will fail
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
