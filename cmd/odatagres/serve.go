package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/internal/config"
)

func (p *program) serve() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "serve the services of a configuration",
		Long: "serve answers SQL on the configured address until SIGINT or SIGTERM. It starts whatever the services do:\n" +
			"tables of a service that does not answer appear when it does.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			return p.runServe(cmd.Context(), c)
		},
	}
	configFlag(cmd, &file)
	return cmd
}

// configFlag declares --config, which loadConfig demands.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "config", "", "the configuration `FILE`")
}

func loadConfig(file string) (*config.Config, error) {
	if file == "" {
		return nil, usagef("--config FILE is missing")
	}
	return config.Load(file)
}

func (p *program) runServe(ctx context.Context, c *config.Config) error {
	log, err := newLogger(p.stderr, c.Log)
	if err != nil {
		return err
	}
	// What a service's metadata lacks is logged by the engine, and told to every client that connects.
	g, _, err := startGateway(ctx, c, log)
	if err != nil {
		return err
	}
	if err := p.print("postgres %s\n", g.url(nil)); err != nil {
		return errors.Join(err, g.close(ctx))
	}
	return errors.Join(g.wait(ctx), g.close(ctx))
}
