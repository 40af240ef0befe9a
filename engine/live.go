package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odatagres/odatagres/catalog/system"
)

// live shows a session and the server to system views (system.Live).
type live struct{ s *Session }

// PID implements system.Live.
func (l live) PID() int32 { return int32(l.s.conn.PID) }

// Activity implements system.Live.
func (l live) Activity() []system.Activity {
	var out []system.Activity
	for _, s := range l.s.e.activity.all() {
		out = append(out, s.row())
	}
	return out
}

// Cursors implements system.Live.
func (l live) Cursors() []system.Cursor {
	var out []system.Cursor
	for name, p := range l.s.portals {
		if p.rows == nil {
			continue
		}
		out = append(out, system.Cursor{
			Name: name, Statement: p.text, Hold: p.hold, Binary: p.binary, Scroll: p.scroll, Created: p.created,
		})
	}
	slices.SortFunc(out, func(a, b system.Cursor) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// PreparedStatements implements system.Live.
func (l live) PreparedStatements() []system.PreparedStatement {
	var out []system.PreparedStatement
	for name, p := range l.s.stmts {
		if name == "" || p.stmt == nil {
			continue
		}
		out = append(out, system.PreparedStatement{
			Name: name, Statement: p.stmt.Source(), PrepareTime: p.at, ParameterTypes: p.ParamOIDs(), FromSQL: p.fromSQL, CustomPlans: p.runs,
		})
	}
	slices.SortFunc(out, func(a, b system.PreparedStatement) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Settings implements system.Live.
func (l live) Settings() []system.Setting {
	st := l.s.settings
	names := map[string]bool{}
	for n := range st.base {
		names[n] = true
	}
	for n := range st.session {
		names[n] = true
	}
	for n := range st.local {
		names[n] = true
	}
	var out []system.Setting
	for key := range names {
		if g := gucs()[key]; g == nil || g.hidden {
			continue
		}
		name := st.name(key)
		source := "default"
		_, local := st.local[key]
		_, session := st.session[key]
		switch {
		case local || session:
			source = "session"
		case st.client[key]:
			source = "client"
		}
		out = append(out, system.Setting{Name: name, Value: st.value(key), ResetValue: st.resetValue(key), Source: source})
	}
	slices.SortFunc(out, func(a, b system.Setting) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out
}

// Locks implements system.Live: a statement holds its virtual transaction and reads pg_locks itself.
func (l live) Locks() []system.Lock {
	vx := fmt.Sprintf("%d/%d", l.s.conn.PID, l.s.tx.id)
	const pgLocks = 12073 // the view's OID in PostgreSQL 15
	return []system.Lock{
		{PID: l.PID(), Relation: pgLocks, VirtualTransaction: vx, Mode: "AccessShareLock", Granted: true, FastPath: true},
		{PID: l.PID(), VirtualTransaction: vx, Mode: "ExclusiveLock", Granted: true, FastPath: true},
	}
}

// Now implements system.Live.
func (l live) Now() time.Time { return l.s.env(nil).TransactionTime() }

// Capabilities implements system.Capable: what profiles say, then what was learned.
func (l live) Capabilities() []system.Capability {
	var out []system.Capability
	for _, sv := range l.s.e.services.list {
		p := sv.opts.Profile
		if p == nil {
			continue
		}
		for _, r := range p.Filter {
			ops := make([]string, len(r.Ops))
			for i, op := range r.Ops {
				ops[i] = op.String()
			}
			out = append(out, system.Capability{
				Schema: sv.opts.Schema, Set: r.Set, Property: r.Property, Operation: strings.Join(ops, ", "), Verdict: r.Verdict.String(), Reason: r.Why,
			})
		}
		for _, o := range []struct {
			name    string
			granted bool
			why     string
		}{
			{"$select", p.Select, p.NoSelect},
			{"$orderby", len(p.OrderBy) > 0, p.NoOrderBy},
			{"$top", p.Top, p.NoTop},
			{"$skip", p.Skip, p.NoSkip},
			{"$count", p.Count, p.NoCount},
		} {
			c := system.Capability{Schema: sv.opts.Schema, Operation: o.name, Verdict: "granted"}
			if !o.granted {
				c.Verdict, c.Reason = "not granted", o.why
			}
			out = append(out, c)
		}
	}
	for _, r := range l.s.e.services.learned.rows() {
		out = append(out, system.Capability{
			Schema: r.service, Set: r.set, Property: r.property, Operation: r.operation, Verdict: "refused", Reason: r.Why, At: r.At, Until: r.Until,
		})
	}
	return out
}
