package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/internal/config"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// inspector is the user of check and explain: nobody can log in as it, and it may read every service.
const inspector = "odatagres"

func (p *program) explain() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "explain --config FILE 'SQL'",
		Short: "print the plan of a statement, and the requests that it would send",
		Long:  "explain reads the services' metadata and prints the plan of one statement. It runs nothing and does not listen.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("one SQL statement is expected, in quotes")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			return p.runExplain(cmd.Context(), c, args[0])
		},
	}
	configFlag(cmd, &file)
	return cmd
}

func (p *program) runExplain(ctx context.Context, c *config.Config, sql string) (err error) {
	e, err := p.startInspection(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	// A statement that needs a service without metadata fails and says why.
	metadata := e.WaitMetadata(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := openLocal(ctx, e, inspector, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	// The statement must be one before EXPLAIN is put in front: what follows a semicolon would be run.
	statements, err := s.session.Parse(ctx, sql)
	if err != nil {
		return sqlError(err)
	}
	if len(statements) != 1 {
		return usagef("one statement is expected, not %d", len(statements))
	}
	const prefix = "explain "
	r, err := s.query(ctx, prefix+statements[0].Text())
	if e := pgerr.As(err); e != nil && e.Position > len(prefix) {
		err = e.WithPosition(e.Position - len(prefix))
	}
	if err != nil {
		return sqlError(err)
	}
	for _, row := range r.rows {
		if err := p.print("%s\n", cell(row[0])); err != nil {
			return err
		}
	}
	if metadata != nil {
		_, err = fmt.Fprintf(p.stderr, "odatagres: warning: %v\n", oneLine(metadata))
	}
	return err
}

// startInspection makes an engine of the configuration's services for the inspector alone.
func (p *program) startInspection(ctx context.Context, c *config.Config) (*engine.Engine, error) {
	level := c.Log
	level.Level = config.LogError
	log, err := newLogger(p.stderr, level)
	if err != nil {
		return nil, err
	}
	o, err := engineOptions(c, log)
	if err != nil {
		return nil, err
	}
	o.Users = []engine.User{{Name: inspector}}
	// A server that runs keeps what it learned; a plan of this process must not write over it.
	o.StateDir = ""
	e, err := engine.New(o)
	if err != nil {
		return nil, err
	}
	e.Start(ctx)
	return e, nil
}
