package engine

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/wire/backend"
)

// logFinished writes the line of a statement that ended: who, how long by phase, and what it cost. The text, which may hold
// literals, is written at debug level only.
func (s *Session) logFinished(f backend.Finished) {
	log := s.e.opts.Logger
	level := zerolog.InfoLevel
	ev := log.WithLevel(level)
	if log.GetLevel() > level {
		return
	}
	ev = ev.Uint32("pid", s.conn.PID).Str("user", s.conn.User).Int64("rows", f.Rows).Int64("sent_bytes", f.BytesSent).Dur("parse", s.parse)
	if p, ok := f.Portal.(*portal); ok && p != nil {
		ev = ev.Str("tag", p.tag)
		if q := p.query; q != nil {
			ev = ev.Dur("plan", q.planning).Dur("run", q.running)
			if q.stats != nil {
				r := q.stats.Remote
				ev = ev.Int64("requests", r.Requests).Int64("retries", r.Retries).Int64("pages", r.Pages).Int64("read_rows", r.Rows).
					Int64("read_bytes", r.Bytes).Dur("waiting", r.Waiting).Int64("peak_memory", q.budget.Peak())
			}
		}
	}
	if !s.tx.stmt.IsZero() {
		ev = ev.Dur("duration", max(0, time.Since(s.tx.stmt)))
	}
	if f.Err != nil {
		ev = ev.Str("sqlstate", f.Err.SQLState()).Str("error", f.Err.Message)
	}
	if log.GetLevel() <= zerolog.DebugLevel {
		ev = ev.Str("query", s.query)
	}
	ev.Msg("statement")
}
