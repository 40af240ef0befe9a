package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/odatagres/odatagres/engine"
)

// productVersion is the module's version if it was built as a released one.
func productVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			return p.print("odatagres %s (as PostgreSQL %s, %s)\n", productVersion(), engine.ServerVersion, runtime.Version())
		},
	}
}
