package engine

import (
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// sessionEnv is a session as expressions see it (eval.Env), with one catalog snapshot.
type sessionEnv struct {
	s    *Session
	snap *catalog.Snapshot
	look *lookups
}

func (s *Session) env(snap *catalog.Snapshot) *sessionEnv {
	if snap == nil {
		snap = s.snapshot()
	}
	return &sessionEnv{s: s, snap: snap}
}

// Location implements sqltype.Env.
func (e *sessionEnv) Location() *time.Location { return e.s.settings.location() }

// DateOrder implements sqltype.Env.
func (e *sessionEnv) DateOrder() string {
	_, order, _ := strings.Cut(e.s.settings.value("datestyle"), ", ")
	return order
}

// DateStyle implements sqltype.Env.
func (e *sessionEnv) DateStyle() string {
	style, _, _ := strings.Cut(e.s.settings.value("datestyle"), ", ")
	return style
}

// IntervalStyle implements sqltype.Env.
func (e *sessionEnv) IntervalStyle() string { return e.s.settings.value("intervalstyle") }

// ExtraFloatDigits implements sqltype.Env.
func (e *sessionEnv) ExtraFloatDigits() int {
	v := e.s.settings.value("extra_float_digits")
	neg := strings.HasPrefix(v, "-")
	n := 0
	for _, c := range strings.TrimPrefix(v, "-") {
		n = n*10 + int(c-'0')
	}
	if neg {
		return -n
	}
	return n
}

// ByteaOutput implements sqltype.Env.
func (e *sessionEnv) ByteaOutput() string { return e.s.settings.value("bytea_output") }

// Now implements sqltype.Env.
func (e *sessionEnv) Now() time.Time { return e.TransactionTime() }

// Setting implements eval.Env.
func (e *sessionEnv) Setting(name string) (string, bool) {
	name = strings.ToLower(name)
	if !e.s.mayExamine(name) {
		return "", false
	}
	return e.s.settings.shown(name)
}

// SetSetting implements eval.Env.
func (e *sessionEnv) SetSetting(name, value string, local bool) error {
	return e.s.setParameter(name, value, local)
}

// ResetSetting implements eval.Resetter.
func (e *sessionEnv) ResetSetting(name string, local bool) error {
	return e.s.resetParameter(name, local)
}

// Channels implements eval.Listener.
func (e *sessionEnv) Channels() []string { return slices.Sorted(maps.Keys(e.s.channels)) }

// StatementTime implements eval.Env.
func (e *sessionEnv) StatementTime() time.Time { return e.s.tx.stmt }

// TransactionTime implements eval.Env.
func (e *sessionEnv) TransactionTime() time.Time {
	if e.s.tx.began.IsZero() {
		return e.s.e.clock()
	}
	return e.s.tx.began
}

// ClockTime implements eval.Env.
func (e *sessionEnv) ClockTime() time.Time { return e.s.e.clock() }

// User implements eval.Env.
func (e *sessionEnv) User() string { return e.s.conn.User }

// SessionUser implements eval.Env.
func (e *sessionEnv) SessionUser() string { return e.s.conn.User }

// Database implements eval.Env.
func (e *sessionEnv) Database() string { return e.s.conn.Database }

// BackendPID implements eval.Env.
func (e *sessionEnv) BackendPID() int32 { return int32(e.s.conn.PID) }

// Query implements eval.Env.
func (e *sessionEnv) Query() string { return e.s.query }

// ServerStart implements eval.Env.
func (e *sessionEnv) ServerStart() time.Time { return e.s.e.started }

// ConfigTime implements eval.Env.
func (e *sessionEnv) ConfigTime() time.Time { return e.s.e.started }

// LocalAddr implements eval.Env.
func (e *sessionEnv) LocalAddr() (string, int) {
	if _, ok := e.s.conn.Remote.(*net.TCPAddr); !ok {
		return "", 0
	}
	return "127.0.0.1", e.s.e.opts.ListenPort
}

// RemoteAddr implements eval.Env.
func (e *sessionEnv) RemoteAddr() (string, int) { return splitAddr(e.s.conn.Remote) }

// TransactionID implements eval.Env.
func (e *sessionEnv) TransactionID() uint64 { return e.s.tx.id + 3 }

// Signal implements eval.Env: a member of pg_signal_backend may signal others, everybody himself.
func (e *sessionEnv) Signal(pid int32, terminate bool) (bool, error) {
	other := e.s.e.activity.find(uint32(pid))
	if other == nil {
		return false, nil // whoever asked warns
	}
	if other.conn.User != e.s.conn.User && !e.memberOf("pg_signal_backend") {
		return false, pgerr.Newf(pgerr.InsufficientPrivilege,
			"must be a member of the role whose %s is being %s or member of pg_signal_backend", map[bool]string{true: "process", false: "query"}[terminate],
			map[bool]string{true: "terminated", false: "canceled"}[terminate])
	}
	if terminate {
		if other.conn.Terminate != nil {
			other.conn.Terminate()
		}
		return true, nil
	}
	if other.conn.Cancel != nil {
		other.conn.Cancel()
	}
	return true, nil
}

func (e *sessionEnv) memberOf(role string) bool {
	me, of := e.snap.RoleByName(e.s.conn.User), e.snap.RoleByName(role)
	return e.snap.Inherits(me, of)
}

// Random implements eval.Env.
func (e *sessionEnv) Random() float64 { return e.s.random.Float64() }

// SeedRandom implements eval.Env.
func (e *sessionEnv) SeedRandom(seed float64) { e.s.random = seededRandom(seed) }

// Notice implements eval.Env.
func (e *sessionEnv) Notice(n *pgerr.Error) { e.s.notice(n) }

// systemEnv is a session as system relations see it (catalog.SystemEnv).
type systemEnv struct {
	s    *Session
	snap *catalog.Snapshot
}

// Snapshot implements catalog.SystemEnv.
func (e systemEnv) Snapshot() *catalog.Snapshot { return e.snap }

// Live implements catalog.SystemEnv.
func (e systemEnv) Live() any { return system.Live(live{e.s}) }

// User implements catalog.SystemEnv.
func (e systemEnv) User() string { return e.s.conn.User }

// Database implements catalog.SystemEnv.
func (e systemEnv) Database() string { return e.s.conn.Database }

var (
	_ eval.Env      = (*sessionEnv)(nil)
	_ eval.Resetter = (*sessionEnv)(nil)
	_ eval.Listener = (*sessionEnv)(nil)
)
