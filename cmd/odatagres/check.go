package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/engine"
	"github.com/odatagres/odatagres/internal/config"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

func (p *program) check() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check --config FILE",
		Short: "connect to every service, and print what it offers",
		Long: "check reads every service's metadata and one row, and prints what was found and what the service is trusted to do.\n" +
			"The exit code is 1 if a service does not answer. It does not listen.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			return p.runCheck(cmd.Context(), c)
		},
	}
	configFlag(cmd, &file)
	return cmd
}

func (p *program) runCheck(ctx context.Context, c *config.Config) (err error) {
	e, err := p.startInspection(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	// Faults are told service by service below.
	_ = e.WaitMetadata(ctx)
	failed := 0
	for i := range c.Services {
		fault, err := p.checkService(ctx, c, &c.Services[i], e)
		if err != nil {
			return err
		}
		if fault != nil {
			failed++
			if err := p.print("  fault     %v\n", fault); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d services failed", failed, len(c.Services))
	}
	return p.print("ok\n")
}

// checkService prints one service. fault says why it cannot be used, err that the check cannot go on.
func (p *program) checkService(ctx context.Context, c *config.Config, s *config.Service, e *engine.Engine) (fault, err error) {
	options, err := serviceOptions(s, zerolog.Nop())
	if err != nil {
		return nil, err
	}
	if err := p.print("service %s  %s\n", s.Schema, s.URL); err != nil {
		return nil, err
	}
	options.Client.Profile = options.Profile
	client, err := odata.NewClient(options.Client)
	if err != nil {
		return err, nil
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	begin := time.Now()
	m, fault := client.Metadata(ctx)
	if fault != nil {
		return oneLine(fault), nil
	}
	if err := p.printMetadata(m.Model, time.Since(begin)); err != nil {
		return nil, err
	}
	if err := p.printProfile(options.Profile); err != nil {
		return nil, err
	}
	return p.probe(ctx, c, s, e)
}

// probe reads one row, by the way that every query takes.
func (p *program) probe(ctx context.Context, c *config.Config, s *config.Service, e *engine.Engine) (fault, err error) {
	session, err := openLocal(ctx, e, inspector, c.Database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.close()) }()
	sets, err := session.query(ctx, "select c.oid::regclass::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "+
		"where n.nspname = "+quoteLiteral(s.Schema)+" and c.relkind = 'r' order by 1")
	if err != nil {
		return nil, sqlError(err)
	}
	if len(sets.rows) == 0 {
		return errors.New("there is no table"), nil
	}
	// An empty set proves only that it answers, so the next one is asked, but not all of a large service.
	const most = 5
	for i, row := range sets.rows {
		name := cell(row[0])
		begin := time.Now()
		r, fault := session.query(ctx, "select * from "+name+" limit 1")
		if fault != nil {
			return fmt.Errorf("reading one row of %s: %w", name, sqlError(fault)), nil
		}
		if len(r.rows) == 0 && i+1 < min(most, len(sets.rows)) {
			continue
		}
		return nil, p.print("  probe     %s: %d row of %d columns in %s\n", name, len(r.rows), len(r.columns), roughly(time.Since(begin)))
	}
	return nil, nil
}

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func roughly(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

func oneLine(err error) error { return errors.New(strings.ReplaceAll(err.Error(), "\n", " ")) }

func (p *program) printMetadata(m *edm.Model, took time.Duration) error {
	sets, columns := 0, 0
	for _, set := range m.Sets {
		sets++
		columns += len(set.Columns())
	}
	if err := p.print("  metadata  OData %s, %d entity sets with %d columns, in %s\n", m.Version, sets, columns, roughly(took)); err != nil {
		return err
	}
	for _, set := range m.Sets {
		if err := p.print("  set       %s: %d columns\n", set.Name, len(set.Columns())); err != nil {
			return err
		}
	}
	for _, problem := range m.Problems {
		if err := p.print("  left out  line %d: %s\n", problem.Line, problem.Text); err != nil {
			return err
		}
	}
	return nil
}

// printProfile says option by option what is sent to the service.
func (p *program) printProfile(f *profile.Profile) error {
	if err := p.print("  profile   %s\n", f.Name); err != nil {
		return err
	}
	for _, line := range filterLines(f) {
		if err := p.print("  $filter   %s\n", line); err != nil {
			return err
		}
	}
	for _, o := range []struct {
		name  string
		taken bool
		why   string
	}{
		{"$select", f.Select, f.NoSelect},
		{"$orderby", len(f.OrderBy) > 0, f.NoOrderBy},
		{"$top", f.Top, f.NoTop},
		{"$skip", f.Skip, f.NoSkip},
		{"$count", f.Count, f.NoCount},
	} {
		answer := "sent"
		if !o.taken {
			answer = "not sent: " + o.why
		}
		if err := p.print("  %-9s %s\n", o.name, answer); err != nil {
			return err
		}
	}
	return nil
}

// filterLines has a line for each rule that grants conditions, and one for why the rest is not sent.
func filterLines(f *profile.Profile) []string {
	var lines []string
	for _, r := range f.Filter {
		if r.Verdict == profile.Local {
			continue
		}
		ops := make([]string, len(r.Ops))
		for i, op := range r.Ops {
			ops[i] = op.String()
		}
		of := r.Property
		if of == "" {
			of = "any property"
		}
		if r.Set != "" {
			of = r.Set + "." + of
		}
		line := fmt.Sprintf("%s: %s, %s", of, strings.Join(ops, " "), r.Verdict)
		if len(r.Kinds) > 0 && r.Property == "" {
			kinds := make([]string, len(r.Kinds))
			for i, k := range r.Kinds {
				kinds[i] = k.String()
			}
			line += " (" + strings.Join(kinds, ", ") + ")"
		}
		lines = append(lines, line)
	}
	switch {
	case len(lines) == 0:
		lines = append(lines, "not sent: "+f.Reason)
	case f.Reason != "":
		lines = append(lines, "otherwise not sent: "+f.Reason)
	}
	return lines
}
