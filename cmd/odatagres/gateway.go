package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/internal/config"
	"github.com/odatagres/odatagres/wire"
)

const (
	// drainTime is how long statements that run may go on after a signal. Orchestrators kill after 10 s and more.
	drainTime = 8 * time.Second
	// metadataTime is how long the first clients wait for metadata that is not on disk; a service may be down for long.
	metadataTime = 5 * time.Second
)

// gateway is an engine and the listener before it.
type gateway struct {
	config   *config.Config
	log      zerolog.Logger
	engine   *engine.Engine
	server   *wire.Server
	listener net.Listener
	served   chan error
}

// startGateway listens, and serves from when the services' metadata is known or has been waited for long enough: until
// then clients wait in the listener's queue. The error of WaitMetadata is given beside the gateway, which works all the same.
func startGateway(ctx context.Context, c *config.Config, log zerolog.Logger) (g *gateway, metadata, err error) {
	if err := prepareState(c.StateDir, c.Limits.SpillDir); err != nil {
		return nil, nil, err
	}
	wo, err := wireOptions(c, log)
	if err != nil {
		return nil, nil, err
	}
	eo, err := engineOptions(c, log)
	if err != nil {
		return nil, nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, nil, err
	}
	if a, ok := listener.Addr().(*net.TCPAddr); ok {
		eo.ListenPort = a.Port
	}
	e, err := engine.New(eo)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	g = &gateway{config: c, log: log, engine: e, listener: listener, served: make(chan error, 1)}
	// Background reads end with Close, after the sessions that need them.
	e.Start(context.WithoutCancel(ctx))
	waiting, cancel := context.WithTimeout(ctx, metadataTime)
	defer cancel()
	metadata = e.WaitMetadata(waiting)
	wo.Backend = e
	g.server = wire.NewServer(wo)
	go func() { g.served <- g.server.Serve(context.WithoutCancel(ctx), listener) }()
	log.Info().Str("address", listener.Addr().String()).Str("database", c.Database).Int("services", len(c.Services)).
		Str("version", productVersion()).Msg("listening")
	return g, metadata, nil
}

// url is the address for clients, with a password only where it is no secret.
func (g *gateway) url(user *url.Userinfo) string {
	u := url.URL{Scheme: "postgres", User: user, Host: g.listener.Addr().String(), Path: "/" + g.config.Database}
	return u.String()
}

// wait returns when ctx ends or serving failed.
func (g *gateway) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-g.served:
		g.served <- err
		return fmt.Errorf("serving ended: %w", err)
	}
}

// close lets statements end, ends sessions, and then what they stand on.
func (g *gateway) close(ctx context.Context) error {
	g.log.Info().Msg("shutting down")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := g.server.Shutdown(ctx); err != nil {
		g.log.Warn().Dur("after", drainTime).Msg("statements still ran and were cancelled")
	}
	if err := <-g.served; !errors.Is(err, wire.ErrServerClosed) {
		g.log.Error().Err(err).Msg("serving ended by itself")
	}
	err := g.engine.Close()
	g.log.Info().Msg("ended")
	return err
}
