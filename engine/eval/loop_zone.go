package eval

import (
	"math"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// zoneClock is a zone with memory: it keeps the offsets of stretches of time in which the zone's clocks do not change.
type zoneClock struct {
	zone   zone
	utc    []stretch // by the middle bits of a timestamptz; nil: the offset never changes
	local  []stretch // by those of a local timestamp
	offset int64     // in microseconds, where it never changes
}

// stretch is the 1.6 days that share all but the last bits of their timestamps.
type stretch struct {
	id     int32
	offset int32 // seconds, or a mark
}

const (
	stretchBits           = 37
	stretches             = 4096 // of the years 2016 to 2033, say
	noStretch             = math.MinInt32
	mixedStretch          = math.MinInt32 // of stretch.offset: the clocks change within or close by
	microsPerStretch      = int64(1) << stretchBits
	microsOfTwoDays       = 2 * microsPerDay
	firstStretchOfMemory  = sqltype.MinTimestamp
	behindStretchOfMemory = sqltype.EndTimestamp - 4*microsPerDay
)

func newZoneClock(z zone) *zoneClock {
	c := &zoneClock{zone: z}
	switch {
	case z.loc == nil:
		c.offset = int64(z.offset) * microsPerSecond
	case z.loc != time.UTC:
		c.utc, c.local = make([]stretch, stretches), make([]stretch, stretches)
		for i := range c.utc {
			c.utc[i].id, c.local[i].id = noStretch, noStretch
		}
	}
	return c
}

// at is the offset in microseconds at a finite timestamptz.
func (c *zoneClock) at(ts int64) int64 {
	if c.utc == nil {
		return c.offset
	}
	id := int32(ts >> stretchBits)
	if s := c.utc[id&(stretches-1)]; s.id == id && s.offset != mixedStretch {
		return int64(s.offset) * microsPerSecond
	}
	return c.find(c.utc, id, ts, 0, func() int { return c.zone.offsetAt(ts) })
}

// ofLocal is the offset in microseconds that a finite local timestamp is read with.
func (c *zoneClock) ofLocal(ts int64) int64 {
	if c.utc == nil {
		return c.offset
	}
	id := int32(ts >> stretchBits)
	if s := c.local[id&(stretches-1)]; s.id == id && s.offset != mixedStretch {
		return int64(s.offset) * microsPerSecond
	}
	// sqltype.LocalOffset looks at the day before and at the next change.
	return c.find(c.local, id, ts, microsOfTwoDays, func() int { return c.zone.offsetOfLocal(ts) })
}

// find computes an offset, and remembers it for the stretch if the clocks do not change in it or margin before and behind.
func (c *zoneClock) find(memory []stretch, id int32, ts, margin int64, of func() int) int64 {
	off := of()
	if s := &memory[id&(stretches-1)]; s.id != id && ts >= firstStretchOfMemory && ts < behindStretchOfMemory {
		from := int64(id) << stretchBits
		*s = stretch{id, mixedStretch}
		t := sqltype.TimeFromTimestamp(from - margin).In(c.zone.loc)
		if _, end := t.ZoneBounds(); end.IsZero() || !end.Before(sqltype.TimeFromTimestamp(from+microsPerStretch+margin)) {
			s.offset = int32(off)
		}
	}
	return int64(off) * microsPerSecond
}

// clockState is what a call keeps of the zones that it meets.
type clockState struct {
	clock *zoneClock
	name  string
	err   error
}

func clockStateOf(c *Call) *clockState {
	st, _ := c.State.(*clockState)
	if st == nil {
		st = &clockState{}
		c.State = st
	}
	return st
}

// session is the clock of the session's zone.
func (st *clockState) session(c *Call) *zoneClock {
	if loc := c.Env().Location(); st.clock == nil || st.clock.zone.loc != loc {
		st.clock = newZoneClock(zone{loc: loc})
	}
	return st.clock
}

// named is the clock of a zone by its name, which may be a vector's bytes.
func (st *clockState) named(name []byte) (*zoneClock, error) {
	if st.clock == nil && st.err == nil || st.name != string(name) {
		st.name = string(name)
		z, err := findZone(st.name)
		st.clock, st.err = nil, err
		if err == nil {
			st.clock = newZoneClock(z)
		}
	}
	return st.clock, st.err
}

// toLocal is what the zone's clocks show at a timestamptz, fromLocal reads what they show.
func (c *zoneClock) toLocal(ts int64) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	return inRange(ts + c.at(ts))
}

func (c *zoneClock) fromLocal(ts int64) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	return inRange(ts - c.ofLocal(ts))
}

// inSession makes a kernel of a function of one argument that reads the session's clock.
func inSession[A, R fixed](name string, op func(*zoneClock, A) (R, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		clock := clockStateOf(c).session(c)
		a, dst := viewOf[A](v[0]), buffer[R](out)
		for _, r := range sel {
			x, err := op(clock, a.d[r&a.mask])
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = x
		}
	}}
}

// inNamedZone makes timestamp AT TIME ZONE name, either way.
func inNamedZone(name string, op func(*zoneClock, int64) (int64, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		st := clockStateOf(c)
		zones, a := textsOf(v[0]), viewOf[int64](v[1])
		for _, r := range sel {
			ts := a.d[r&a.mask]
			if infinite(ts) { // before the zone's name is looked at
				out.I64[r] = ts
				continue
			}
			clock, err := st.named(zones.at(r))
			if err == nil {
				ts, err = op(clock, ts)
			}
			if err != nil {
				c.fail(r, err)
				return
			}
			out.I64[r] = ts
		}
	}}
}
