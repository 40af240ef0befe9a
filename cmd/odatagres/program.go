package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

// program is what a command gets of the process.
type program struct {
	stdout, stderr io.Writer
}

// usageError is a command line that cannot be understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// errReported is the error of a command that has said everything itself.
var errReported = errors.New("reported already")

// main runs a command line and returns the exit code.
func (p *program) main(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	command, err := root.ExecuteContextC(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
		return exitFault
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(p.stderr, "odatagres: %v\nTry: %s --help\n", err, command.CommandPath())
		return exitUsage
	}
	_, _ = fmt.Fprintf(p.stderr, "odatagres: %v\n", err)
	return exitFault
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "odatagres",
		Short: "OData services as a PostgreSQL database",
		Long: "odatagres speaks PostgreSQL's protocol and answers SQL from OData v4 services,\n" +
			"such as the Microsoft Intune Data Warehouse.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("which command?")
			}
			message := fmt.Sprintf("there is no command %q", args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				message += fmt.Sprintf("; did you mean %q?", near[0])
			}
			return usagef("%s", message)
		},
		RunE:              func(*cobra.Command, []string) error { return nil },
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(p.demo(), p.simulate(), p.serve(), p.check(), p.explain(), p.version())
	return root
}

// noArguments refuses arguments that a command does not take.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q", args[0])
	}
	return nil
}

// print writes to standard output; that nobody reads it any more is an error.
func (p *program) print(format string, args ...any) error {
	if _, err := fmt.Fprintf(p.stdout, format, args...); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	return nil
}
