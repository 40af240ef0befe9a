package main

import (
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/internal/config"
)

// newLogger writes lines in the configured form. The caller's writer is standard error: standard output belongs to the
// command's own lines.
func newLogger(w io.Writer, l config.Log) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(string(l.Level))
	if err != nil {
		return zerolog.Nop(), fmt.Errorf("log level: %w", err)
	}
	w = zerolog.SyncWriter(w) // lines of concurrent queries must not mix
	if l.Format == config.LogConsole {
		w = zerolog.ConsoleWriter{Out: w, NoColor: true, TimeFormat: time.RFC3339}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), nil
}
