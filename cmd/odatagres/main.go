package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/odatagres/odatagres/planner/bind/parser"
)

func main() {
	// The parser runs in a process of its own, which is this program again.
	parser.MaybeRunWorker()
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// The first signal asks for a clean end; the second one, which is no longer caught, ends the process at once.
	defer context.AfterFunc(ctx, stop)()
	p := &program{stdout: os.Stdout, stderr: os.Stderr}
	return p.main(ctx, os.Args[1:])
}
