package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/internal/config"
	"github.com/odatagres/odatagres/odata/simulator"
)

// day is a flag that holds a date.
type day struct{ time.Time }

func (d *day) Set(text string) error {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fmt.Errorf("%q is not a date as YYYY-MM-DD", text)
	}
	d.Time = t
	return nil
}

func (d *day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

func (d *day) Type() string { return "YYYY-MM-DD" }

// warehouseFlags declares what demo and simulate have in common.
func warehouseFlags(cmd *cobra.Command, o *simulator.Options, until *day) {
	f := cmd.Flags()
	f.IntVar(&o.Devices, "devices", 2000, "managed devices in the sample warehouse")
	f.IntVar(&o.Days, "days", 30, "days of history in the sample warehouse")
	f.Var(until, "until", "the last day of the history (default today, UTC)")
	f.Int64Var(&o.Seed, "seed", 1, "another number gives other rows")
}

// checkWarehouse refuses what the simulator would take for its own default.
func checkWarehouse(o *simulator.Options) error {
	switch {
	case o.Devices < 1:
		return usagef("--devices must be at least 1")
	case o.Days < 1:
		return usagef("--days must be at least 1")
	case o.Seed == 0:
		return usagef("--seed must not be 0")
	}
	return nil
}

func (p *program) simulate() *cobra.Command {
	var o simulator.Options
	var until day
	var listen, secret string
	cmd := &cobra.Command{
		Use:   "simulate --profile intune|full",
		Short: "serve a sample Intune Data Warehouse over HTTP",
		Long: "simulate serves generated rows in the form of the Intune Data Warehouse, with an OAuth 2.0 token endpoint,\n" +
			"until SIGINT or SIGTERM. The profile intune refuses what Intune refuses; full takes $filter, $select, $orderby,\n" +
			"$top, $skip and $count by the standard.\n\nVariants: " + strings.Join(simulator.VariantNames(), ", ") +
			".\n\nFaults: " + strings.Join(simulator.FaultNames(), ", ") + ".",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWarehouse(&o); err != nil {
				return err
			}
			if !cmd.Flags().Changed("profile") {
				return usagef("--profile intune or full is missing")
			}
			if o.PageSize < 1 {
				return usagef("--page-size must be at least 1")
			}
			o.Until = until.Time
			value, err := secretFlag(secret)
			if err != nil {
				return err
			}
			o.ClientSecret = value
			return p.runSimulate(cmd.Context(), o, listen)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Profile, "profile", "", "what the service takes: intune or full")
	f.StringVar(&o.Model, "model", "intune", "which service: intune, or types with a property of every type")
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 takes a free one")
	warehouseFlags(cmd, &o, &until)
	f.IntVar(&o.PageSize, "page-size", 10_000, "rows of a page")
	f.DurationVar(&o.Latency, "latency", 0, "added to every answer, such as 50ms")
	f.DurationVar(&o.TokenTTL, "token-ttl", time.Hour, "life of an access token")
	f.StringSliceVar(&o.Variants, "variant", nil, "a `NAME` from the list above; may be repeated")
	f.StringSliceVar(&o.Faults, "fault", nil, "a `NAME` from the list above, :N after it for page N only; may be repeated")
	f.StringVar(&o.ClientID, "client-id", "sample", "the `ID` that gets tokens")
	f.StringVar(&secret, "client-secret", "sample-secret", "its secret: `VALUE`, env:NAME or file:PATH")
	f.BoolVar(&o.Prerender, "prerender", false, "keep every page that was rendered in memory and repeat it, for benchmarks")
	return cmd
}

// secretFlag is a secret's value, or what a reference leads to.
func secretFlag(text string) (string, error) {
	if !strings.HasPrefix(text, "env:") && !strings.HasPrefix(text, "file:") {
		return text, nil
	}
	s, err := config.ReadSecret(text)
	if err != nil {
		return "", fmt.Errorf("--client-secret: %w", err)
	}
	return s.Reveal(), nil
}

func (p *program) runSimulate(ctx context.Context, o simulator.Options, listen string) error {
	s, err := simulator.New(o)
	if err != nil {
		return &usageError{err}
	}
	if err := s.Start(ctx, listen); err != nil {
		return err
	}
	id, secret := s.Credentials()
	if err := p.print("warehouse %s\noauth %s %s %s\n", s.URL(), s.TokenURL(), id, secret); err != nil {
		_ = s.Close()
		return err
	}
	<-ctx.Done()
	return s.Close()
}
