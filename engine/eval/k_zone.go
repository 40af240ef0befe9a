package eval

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// zone is what AT TIME ZONE names: a zone of the database, or a fixed offset in seconds east of Greenwich.
type zone struct {
	loc    *time.Location
	offset int
}

func findZone(name string) (zone, error) {
	loc, off, err := sqltype.Zone(name)
	if err != nil {
		if west, ok := bareOffset(name); ok {
			return zone{offset: -west}, nil
		}
	}
	return zone{loc, off}, err
}

// bareOffset reads [+-]hh[:mm[:ss]], which counts as a POSIX zone without a name: in seconds west of Greenwich.
func bareOffset(s string) (west int, ok bool) {
	sign, rest := 1, s
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	parts := strings.Split(rest, ":")
	if len(parts) > 3 {
		return 0, false
	}
	unit := 3600
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || p[0] == '+' || i == 0 && n > 167 || i > 0 && n > 59 {
			return 0, false
		}
		west += n * unit
		unit /= 60
	}
	return sign * west, true
}

// numericZone reads an ISO offset for make_timestamptz (parse_sane_timezone, DecodeTimezone): in seconds east of Greenwich. ok is false for
// what is no offset but may be the name of a zone.
func numericZone(s string) (east int64, ok bool, err error) {
	if s == "" {
		return 0, false, nil
	}
	if s[0] >= '0' && s[0] <= '9' {
		return 0, false, pgerr.Newf(pgerr.InvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", s).
			WithHint(`Numeric time zones must have "-" or "+" as first character.`)
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false, nil
	}
	rest := s[1:]
	field := func() int64 {
		n := int64(0)
		for rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			n = min(n*10+int64(rest[0]-'0'), math.MaxInt32)
			rest = rest[1:]
		}
		return n
	}
	var m, sec int64
	h := field()
	switch {
	case strings.HasPrefix(rest, ":"):
		rest = rest[1:]
		m = field()
		if strings.HasPrefix(rest, ":") {
			rest = rest[1:]
			sec = field()
		}
	case rest == "" && len(s) > 3:
		h, m = h/100, h%100
	}
	if h > 15 || m > 59 || sec > 59 {
		return 0, false, pgerr.Newf(pgerr.InvalidParameterValue, `numeric time zone "%s" out of range`, s)
	}
	if east = h*3600 + m*60 + sec; s[0] == '-' {
		east = -east
	}
	return east, rest == "", nil
}

// offsetAt is the offset at a timestamptz, offsetOfLocal that of a local timestamp.
func (z zone) offsetAt(ts int64) int {
	if z.loc == nil {
		return z.offset
	}
	off, _ := sqltype.ZoneOffset(z.loc, ts)
	return off
}

func (z zone) offsetOfLocal(ts int64) int {
	if z.loc == nil {
		return z.offset
	}
	return sqltype.LocalOffset(z.loc, ts)
}

// fromZone reads a local timestamp in a named zone.
func fromZone(name string, ts int64) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	z, err := findZone(name)
	if err != nil {
		return 0, err
	}
	return inRange(ts - int64(z.offsetOfLocal(ts))*microsPerSecond)
}

func inRange(ts int64) (int64, error) {
	if !sqltype.ValidTimestamp(ts) {
		return 0, errTimestampRange()
	}
	return ts, nil
}

// intervalZone is the offset that an interval gives as a zone, which must not have months or days.
func intervalZone(iv sqltype.Interval) (int64, error) {
	if iv.Months != 0 || iv.Days != 0 {
		text := sqltype.AppendInterval(nil, iv, nil)
		return 0, invalid("interval time zone \"%s\" must not include months or days", text)
	}
	return iv.Micros, nil
}

func rotateTimeTZ(t sqltype.Interval, west int32) sqltype.Interval {
	return sqltype.Interval{
		Micros: floorMod(t.Micros+int64(t.Months-west)*microsPerSecond, microsPerDay),
		Months: west,
	}
}

func zoneKernels() []Kernel {
	byInterval := func(name string, sign int64) Kernel {
		return try2(name, func(iv sqltype.Interval, ts int64) (int64, error) {
			if infinite(ts) {
				return ts, nil
			}
			off, err := intervalZone(iv)
			if err != nil {
				return 0, err
			}
			return inRange(ts + sign*(off/microsPerSecond*microsPerSecond))
		})
	}
	return []Kernel{
		inNamedZone("timestamp_zone", (*zoneClock).fromLocal),
		inNamedZone("timestamptz_zone", (*zoneClock).toLocal),
		byInterval("timestamp_izone", -1),
		byInterval("timestamptz_izone", 1),
		scalar("timetz_zone", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			z, err := findZone(a[0].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			off := z.offsetAt(timeMicros(c.Env().TransactionTime()))
			return sqltype.Value{Iv: rotateTimeTZ(a[1].Iv, int32(-off))}, nil
		}),
		scalar("timetz_izone", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			off, err := intervalZone(a[0].Iv)
			if err != nil {
				return sqltype.Value{}, err
			}
			return sqltype.Value{Iv: rotateTimeTZ(a[1].Iv, int32(-(off / microsPerSecond)))}, nil
		}),
	}
}
