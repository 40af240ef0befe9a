package eval

import (
	"math"
	"math/bits"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// divisor divides by one number many times, by multiplying with its reciprocal (Granlund and Montgomery). It takes dividends below 2^63
// and divisors that are even, which all lengths of time here are, and no power of 2.
type divisor struct {
	d     uint64
	m     uint64
	zeros uint8
	shift uint8
}

func newDivisor(d int64) divisor {
	zeros := bits.TrailingZeros64(uint64(d))
	odd := uint64(d) >> zeros
	shift := bits.Len64(odd) - 1
	m, _ := bits.Div64(1<<shift, 0, odd) // 2^(64+shift) / odd, below 2^64
	return divisor{uint64(d), m + 1, uint8(zeros), uint8(shift)}
}

// floor is the greatest multiple of the divisor that is not above x.
func (v *divisor) floor(x uint64) uint64 {
	hi, _ := bits.Mul64(x>>(v.zeros&63), v.m)
	return hi >> (v.shift & 63) * v.d
}

// epochShift makes every finite timestamp a positive number; it is whole days.
const epochShift = -sqltype.MinDate * microsPerDay

// dayMemory remembers a function of days.
type dayMemory struct {
	of      func(day int64) (value int64, ok bool)
	entries []dayEntry
}

type dayEntry struct{ day, value int32 }

const dayEntries = 4096 // eleven years

func newDayMemory(of func(day int64) (value int64, ok bool)) *dayMemory {
	m := &dayMemory{of: of, entries: make([]dayEntry, dayEntries)}
	for i := range m.entries {
		m.entries[i].day = math.MinInt32
	}
	return m
}

// at is the function's value for a day of a finite timestamp.
func (m *dayMemory) at(day int64) (int64, bool) {
	e := &m.entries[day&(dayEntries-1)]
	if int64(e.day) == day {
		return int64(e.value), true
	}
	v, ok := m.of(day)
	if ok {
		*e = dayEntry{int32(day), int32(v)}
	}
	return v, ok
}

// truncPlan is a unit of date_trunc taken apart: a length of time, or a function from a day to the day that the unit begins at.
type truncPlan struct {
	name  string
	step  divisor
	clock bool // smaller than a day
	days  *dayMemory
}

// newTruncPlan returns nil for a unit that date_trunc does not know, or knows too rarely asked for.
func newTruncPlan(name string) *truncPlan {
	p := &truncPlan{name: name, step: newDivisor(microsPerDay)}
	u, _ := findTruncUnit(name)
	switch u {
	case "milliseconds":
		p.step, p.clock = newDivisor(1000), true
	case "second":
		p.step, p.clock = newDivisor(microsPerSecond), true
	case "minute":
		p.step, p.clock = newDivisor(60*microsPerSecond), true
	case "hour":
		p.step, p.clock = newDivisor(3600*microsPerSecond), true
	case "day":
	case "week", "month", "quarter", "year", "decade", "century", "millennium":
		p.days = newDayMemory(func(day int64) (int64, bool) {
			ts, err := truncLocal(name, day*microsPerDay, sqltype.OIDTimestamp)
			return floorDiv(ts, microsPerDay), err == nil
		})
	default:
		return nil
	}
	return p
}

// local truncates a finite local timestamp; ok is false where the result is out of range.
func (p *truncPlan) local(ts int64) (r int64, ok bool) {
	r = int64(p.step.floor(uint64(ts+epochShift))) - epochShift
	if p.days == nil {
		return r, true
	}
	day, ok := p.days.at(floorDiv(r, microsPerDay))
	return day * microsPerDay, ok
}

// zoned truncates a finite timestamptz by a zone's clock: units of a day and more begin at midnight, smaller ones keep the offset.
func (p *truncPlan) zoned(ts int64, clock *zoneClock) (r int64, ok bool) {
	off := clock.at(ts)
	l := ts + off
	if !sqltype.ValidTimestamp(l) {
		return 0, false
	}
	r, ok = p.local(l)
	if p.clock {
		return r - off, ok && sqltype.ValidTimestamp(r-off)
	}
	r -= clock.ofLocal(r)
	return r, ok && sqltype.ValidTimestamp(r)
}

// truncState is what date_trunc keeps: the unit, and the zone.
type truncState struct {
	clockState
	unit string
	plan *truncPlan
}

func (st *truncState) planOf(unit []byte) *truncPlan {
	if st.unit != string(unit) || st.unit == "" {
		st.unit = string(unit)
		st.plan = newTruncPlan(st.unit)
	}
	return st.plan
}

// truncKernel makes date_trunc of timestamps. clock gives the zone's clock of a row, nil for local timestamps; slow is the function that
// knows all units, ranges and errors.
func truncKernel(name string, clock func(c *Call, st *truncState, v []*vector.Vector, r int32) (*zoneClock, error), slow func(unit string, ts int64, z zone) (int64, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		st, _ := c.State.(*truncState)
		if st == nil {
			st = &truncState{}
			c.State = st
		}
		units, a := textsOf(v[0]), viewOf[int64](v[1])
		var plan *truncPlan
		var zc *zoneClock
		// A unit and a zone that are the same for all rows are looked up once.
		fixed := v[0].Form == vector.Constant && (len(v) < 3 || v[2].Form == vector.Constant)
		for i, r := range sel {
			ts := a.d[r&a.mask]
			if infinite(ts) {
				out.I64[r] = ts
				continue
			}
			if i == 0 || !fixed || plan == nil {
				plan = st.planOf(units.at(r))
				if clock != nil {
					var err error
					if zc, err = clock(c, st, v, r); err != nil {
						c.fail(r, err)
						return
					}
				}
			}
			ok := false
			switch {
			case plan == nil:
			case zc == nil:
				out.I64[r], ok = plan.local(ts)
			default:
				out.I64[r], ok = plan.zoned(ts, zc)
			}
			if ok {
				continue
			}
			var z zone
			if zc != nil {
				z = zc.zone
			}
			x, err := slow(string(units.at(r)), ts, z)
			if err != nil {
				c.fail(r, err)
				return
			}
			out.I64[r] = x
		}
	}}
}
