package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// fieldPlan is a field of extract and date_part taken apart: a function of the day, or the time of day divided.
type fieldPlan struct {
	days  *dayMemory
	div   int64 // of the time of day, after the remainder by mod
	mod   int64
	scale uint8
	epoch bool
}

// newFieldPlan returns nil for a field that a timestamp does not have, or that is too rarely asked for.
func newFieldPlan(name string) *fieldPlan {
	u, _ := findUnit(name)
	switch u {
	case "microseconds":
		return &fieldPlan{mod: 60 * microsPerSecond, div: 1}
	case "milliseconds":
		return &fieldPlan{mod: 60 * microsPerSecond, div: 1, scale: 3}
	case "second":
		return &fieldPlan{mod: 60 * microsPerSecond, div: 1, scale: 6}
	case "minute":
		return &fieldPlan{mod: 3600 * microsPerSecond, div: 60 * microsPerSecond}
	case "hour":
		return &fieldPlan{mod: microsPerDay, div: 3600 * microsPerSecond}
	case "epoch":
		return &fieldPlan{epoch: true, scale: 6}
	}
	if _, ok := dateField(u, civilTime{year: 2000, mon: 1, day: 1}); !ok {
		return nil
	}
	return &fieldPlan{days: newDayMemory(func(day int64) (int64, bool) {
		ct := civilTime{days: day}
		ct.year, ct.mon, ct.day = sqltype.CivilFromDays(day)
		f, _ := dateField(u, ct)
		return f.coef, true
	})}
}

// of is the field of a finite local timestamp; utc is what epoch counts.
func (p *fieldPlan) of(local, utc int64, day *divisor) (coef int64, ok bool) {
	if p.epoch {
		return utc + unixEpoch, utc <= math.MaxInt64-unixEpoch
	}
	midnight := int64(day.floor(uint64(local+epochShift))) - epochShift
	if p.days != nil {
		return p.days.at(floorDiv(midnight, microsPerDay))
	}
	return (local - midnight) % p.mod / p.div, true
}

// unixEpoch is from 1970 to 2000.
const unixEpoch = 946684800 * microsPerSecond

// fieldState is what extract and date_part keep.
type fieldState struct {
	clockState
	unit string
	plan *fieldPlan
	day  divisor
}

// fieldKernel makes extract (numeric) or date_part (float8) of a date or timestamp. slow is the function over values that knows all fields,
// infinities and errors.
func fieldKernel(name string, t uint32, slow func(c *Call, unit string, v sqltype.Value) (sqltype.Value, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		st, _ := c.State.(*fieldState)
		if st == nil {
			st = &fieldState{day: newDivisor(microsPerDay)}
			c.State = st
		}
		var clock *zoneClock
		if t == sqltype.OIDTimestampTZ {
			clock = st.session(c)
		}
		units := textsOf(v[0])
		for _, r := range sel {
			if unit := units.at(r); st.unit == "" || st.unit != string(unit) {
				st.unit = string(unit)
				st.plan = newFieldPlan(st.unit)
			}
			local, ok := timestampOf(v[1], int(r), t)
			utc := local
			ok = ok && st.plan != nil
			if ok && clock != nil {
				local += clock.at(local)
				ok = sqltype.ValidTimestamp(local)
			}
			coef := int64(0)
			if ok && (t != sqltype.OIDDate || st.plan.days != nil || out.Kind == sqltype.KindFloat64) {
				coef, ok = st.plan.of(local, utc, &st.day)
			} else {
				ok = false // extract of a date has no times, and its epoch no fraction
			}
			switch {
			case !ok:
				val, err := slow(c, st.unit, v[1].Value(int(r)))
				switch {
				case err != nil:
					c.fail(r, err)
					return
				case val.Null:
					setNull(out, r)
				default:
					out.SetValue(int(r), val)
				}
			case out.Kind == sqltype.KindFloat64:
				out.F64[r] = field{coef: coef, scale: st.plan.scale}.float()
			default:
				out.I64[r], out.Scales[r] = coef, st.plan.scale
			}
		}
	}}
}

// timestampOf is a row as a timestamp; false if it is infinite, or a date out of a timestamp's range.
func timestampOf(v *vector.Vector, row int, t uint32) (ts int64, ok bool) {
	if t == sqltype.OIDDate {
		d := v.I32[v.Index(row)]
		if infiniteDate(d) {
			return 0, false
		}
		return dateTimestamp(d)
	}
	ts = v.I64[v.Index(row)]
	return ts, !infinite(ts)
}
