package engine

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/wire/backend"
)

// logFinished writes the line of a statement that ended: who, how long by phase, and what it cost. Whatever may hold literals, the text
// and what errors quote of it, is written at debug level only. A statement that is suspended gets its line when it ends.
func (s *Session) logFinished(f backend.Finished) {
	p, _ := f.Portal.(*portal)
	began := s.asked
	if p != nil {
		p.sentRows += f.Rows
		p.sentBytes += f.BytesSent
		f.Rows, f.BytesSent, began = p.sentRows, p.sentBytes, p.asked
		if p.suspended = f.Suspended; f.Suspended {
			return
		}
		p.sentRows, p.sentBytes = 0, 0
	}
	log := s.e.opts.Logger
	if log.GetLevel() > zerolog.InfoLevel {
		return
	}
	s.finished++
	ev := log.Info().Uint32("pid", s.conn.PID).Int64("statement", s.finished).Str("user", s.conn.User).Int64("rows", f.Rows).Int64("sent_bytes", f.BytesSent)
	if !began.IsZero() {
		ev = ev.Dur("duration", time.Since(began)).Dur("parse", s.parse)
	}
	text := s.query
	if p != nil {
		text = p.text
		ev = ev.Str("tag", p.tag)
		if p.query != nil {
			ev = p.query.logged(ev)
		}
	}
	debug := log.GetLevel() <= zerolog.DebugLevel
	if f.Err != nil {
		ev = ev.Str("sqlstate", f.Err.SQLState())
		if fault := odata.AsError(f.Err); fault != nil {
			ev = ev.Str("service", fault.Service).Str("entity_set", fault.Set).Int("http_status", fault.Status).Str("service_code", fault.Code)
		}
		if debug || !quotes(f.Err) {
			ev = ev.Str("error", f.Err.Message)
		}
	}
	if debug {
		ev = ev.Str("query", text)
	}
	ev.Msg("statement")
}

// quotes reports an error whose message may hold a literal of the statement, or a value.
func quotes(e *pgerr.Error) bool {
	switch e.SQLState()[:2] {
	case "25", "26", "34", "53", "54", "57", "XX":
		return false
	}
	return e.Code != pgerr.FDWUnableToEstablishConnection
}

// logged adds what the query cost.
func (q *queryRun) logged(ev *zerolog.Event) *zerolog.Event {
	ev = ev.Dur("plan", q.planning).Dur("run", q.running)
	if q.stats == nil {
		return ev
	}
	r := q.stats.Remote
	return ev.Int64("requests", r.Requests).Int64("retries", r.Retries).Int64("pages", r.Pages).Int64("read_rows", r.Rows).
		Int64("read_bytes", r.Bytes).Dur("waiting", r.Waiting).Int64("peak_memory", q.budget.Peak())
}
