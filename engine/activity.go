package engine

import (
	"slices"
	"sync"
	"time"

	"github.com/odatagres/odatagres/catalog/system"
)

// activity is the list of sessions, for pg_stat_activity and pg_cancel_backend.
type activity struct {
	mu       sync.Mutex
	sessions map[uint32]*Session
}

func (a *activity) add(s *Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sessions[s.conn.PID] = s
}

func (a *activity) remove(s *Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sessions[s.conn.PID] == s {
		delete(a.sessions, s.conn.PID)
	}
}

func (a *activity) find(pid uint32) *Session {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sessions[pid]
}

// all lists the sessions by pid.
func (a *activity) all() []*Session {
	a.mu.Lock()
	out := make([]*Session, 0, len(a.sessions))
	for _, s := range a.sessions {
		out = append(out, s)
	}
	a.mu.Unlock()
	slices.SortFunc(out, func(x, y *Session) int { return int(x.conn.PID) - int(y.conn.PID) })
	return out
}

// status is what others see of a session; it is guarded by its own lock.
type status struct {
	mu          sync.Mutex
	application string
	state       string
	query       string
	began       time.Time // of the connection
	xact, since time.Time
	queryStart  time.Time
}

func (st *status) set(change func(*status)) {
	st.mu.Lock()
	defer st.mu.Unlock()
	change(st)
}

// row is the session as pg_stat_activity shows it.
func (s *Session) row() system.Activity {
	s.status.mu.Lock()
	defer s.status.mu.Unlock()
	addr, port := splitAddr(s.conn.Remote)
	return system.Activity{
		PID: int32(s.conn.PID), User: s.conn.User, ApplicationName: s.status.application, ClientAddr: addr, ClientPort: int32(port),
		BackendStart: s.status.began, XactStart: s.status.xact, QueryStart: s.status.queryStart, StateChange: s.status.since,
		State: s.status.state, Query: s.status.query, TLSVersion: s.conn.TLS,
		WaitEventType: waitType(s.status.state), WaitEvent: waitEvent(s.status.state),
	}
}

func waitType(state string) string {
	if state == "active" {
		return ""
	}
	return "Client"
}

func waitEvent(state string) string {
	if state == "active" {
		return ""
	}
	return "ClientRead"
}
