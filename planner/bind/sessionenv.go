package bind

import (
	"sort"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// recordingEnv is the session's value environment with a memory of what was read.
type recordingEnv struct {
	env  sqltype.Env
	read map[string]struct{}
}

func (r *recordingEnv) note(what string) {
	if r.read == nil {
		r.read = map[string]struct{}{}
	}
	r.read[what] = struct{}{}
}

// list gives what was read, sorted.
func (r *recordingEnv) list() []string {
	out := make([]string, 0, len(r.read))
	for k := range r.read {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (r *recordingEnv) Location() *time.Location {
	r.note("TimeZone")
	if r.env == nil {
		return time.UTC
	}
	return r.env.Location()
}

func (r *recordingEnv) DateOrder() string {
	r.note("DateStyle")
	if r.env == nil {
		return "MDY"
	}
	return r.env.DateOrder()
}

func (r *recordingEnv) DateStyle() string {
	r.note("DateStyle")
	if r.env == nil {
		return "ISO"
	}
	return r.env.DateStyle()
}

func (r *recordingEnv) IntervalStyle() string {
	r.note("IntervalStyle")
	if r.env == nil {
		return "postgres"
	}
	return r.env.IntervalStyle()
}

func (r *recordingEnv) ExtraFloatDigits() int {
	r.note("extra_float_digits")
	if r.env == nil {
		return 1
	}
	return r.env.ExtraFloatDigits()
}

func (r *recordingEnv) ByteaOutput() string {
	r.note("bytea_output")
	if r.env == nil {
		return "hex"
	}
	return r.env.ByteaOutput()
}

func (r *recordingEnv) Now() time.Time {
	r.note("now")
	if r.env == nil {
		return time.Now()
	}
	return r.env.Now()
}

func (r *recordingEnv) RegOut(typ, oid uint32) (string, bool) {
	r.note("search_path")
	if r.env == nil {
		return "", false
	}
	return r.env.RegOut(typ, oid)
}

func (r *recordingEnv) RegIn(typ uint32, name string) (uint32, error) {
	r.note("search_path")
	if r.env == nil {
		return 0, pgerr.Unsupported("use the object's OID", "names of type %s cannot be looked up without a session", sqltype.FormatType(typ, -1))
	}
	return r.env.RegIn(typ, name)
}
