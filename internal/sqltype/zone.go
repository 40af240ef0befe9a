package sqltype

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/odatagres/odatagres/internal/pgerr"
)

// zoneAbbrev is an entry of PostgreSQL's default set of abbreviations: an offset in seconds east of Greenwich, or a zone
// whose history says what the abbreviation means at a time.
type zoneAbbrev struct {
	offset int
	dst    bool
	zone   string
}

var zoneNames = indexZones()

func indexZones() map[string]string {
	m := make(map[string]string, 600)
	for _, n := range ZoneNames() {
		m[strings.ToLower(n)] = n
	}
	return m
}

// ZoneNames lists the names of all zones in byte order, as pg_timezone_names does.
func ZoneNames() []string { return strings.Fields(zoneList) }

// Abbreviation is a row of pg_timezone_abbrevs.
type Abbreviation struct {
	Name   string
	Offset int // seconds east of Greenwich
	DST    bool
}

// ZoneAbbreviations lists the abbreviations in upper case with what they mean at a time. The order is not defined.
func ZoneAbbreviations(now time.Time) []Abbreviation {
	list := make([]Abbreviation, 0, len(zoneAbbrevs))
	for name, z := range zoneAbbrevs {
		a := Abbreviation{Name: strings.ToUpper(name), Offset: z.offset, DST: z.dst}
		if z.zone != "" {
			loc, err := LoadLocation(z.zone)
			if err != nil {
				continue
			}
			at := now.In(loc)
			if t, ok := findAbbrev(at, a.Name); ok {
				at = t
			}
			_, a.Offset = at.Zone()
			a.DST = at.IsDST()
		}
		list = append(list, a)
	}
	return list
}

func lookupAbbrev(name string) (zoneAbbrev, bool) {
	z, ok := zoneAbbrevs[name]
	return z, ok
}

// LoadLocation finds a zone as SET TIME ZONE does: a name of the time zone database in any case, or a POSIX specification
// as UTC+3 (which lies west of Greenwich) and <+02>-2. Its String is the name that SHOW TimeZone prints.
func LoadLocation(name string) (*time.Location, error) {
	lower := strings.ToLower(name)
	if lower == "utc" {
		return time.UTC, nil
	}
	if real, ok := zoneNames[lower]; ok {
		loc, err := time.LoadLocation(real)
		if err != nil {
			return nil, pgerr.Newf(pgerr.InvalidParameterValue, "time zone \"%s\" not recognized", name).WithCause(err)
		}
		return loc, nil
	}
	if loc, ok := posixZone(strings.ToUpper(name)); ok {
		return loc, nil
	}
	return nil, pgerr.Newf(pgerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
}

// Zone answers AT TIME ZONE: an abbreviation before a name. offset is meant where loc is nil.
func Zone(name string) (loc *time.Location, offset int, err error) {
	if z, ok := lookupAbbrev(strings.ToLower(name)); ok {
		if z.zone == "" {
			return nil, z.offset, nil
		}
		loc, err = LoadLocation(z.zone)
		return loc, 0, err
	}
	loc, err = LoadLocation(name)
	return loc, 0, err
}

// fixedOffset tells a zone that has only ever had one offset.
func fixedOffset(loc *time.Location) (seconds int, ok bool) {
	t := time.Unix(0, 0).In(loc)
	start, end := t.ZoneBounds()
	_, seconds = t.Zone()
	return seconds, start.IsZero() && end.IsZero() || isPosixFixed(loc)
}

func isPosixFixed(loc *time.Location) bool {
	_, rest, ok := posixName(loc.String())
	if !ok {
		return false
	}
	_, rest, ok = posixOffset(rest)
	return ok && rest == ""
}

// abbrevOffset finds what an abbreviation means in its zone at a local time: the last meaning before, else the next after,
// else what the zone's clocks show.
func abbrevOffset(loc *time.Location, abbrev string, local int64) int {
	off := LocalOffset(loc, local)
	at := TimeFromTimestamp(local - int64(off)*MicrosPerSecond).In(loc)
	if t, ok := findAbbrev(at, strings.ToUpper(abbrev)); ok {
		_, off = t.Zone()
	}
	return off
}

// maxChanges bounds the search through a zone's changes; no abbreviation that is listed is older.
const maxChanges = 400

func findAbbrev(at time.Time, abbrev string) (time.Time, bool) {
	if at.Year() > 2100 {
		at = time.Date(2100, 1, 1, 0, 0, 0, 0, at.Location())
	}
	t := at
	for range maxChanges {
		if name, _ := t.Zone(); name == abbrev {
			return t, true
		}
		start, _ := t.ZoneBounds()
		if start.IsZero() {
			break
		}
		t = start.Add(-time.Second)
	}
	t = at
	for range maxChanges {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.Year() > 2101 {
			break
		}
		t = end
		if name, _ := t.Zone(); name == abbrev {
			return t, true
		}
	}
	return at, false
}

// posixName takes the name off a POSIX specification: anything but digits, signs and commas, or anything in angle brackets.
func posixName(s string) (name, rest string, ok bool) {
	if strings.HasPrefix(s, "<") {
		end := strings.IndexByte(s, '>')
		if end < 2 {
			return "", "", false
		}
		return s[1:end], s[end+1:], true
	}
	i := 0
	for i < len(s) && strings.IndexByte("0123456789,+-", s[i]) < 0 {
		i++
	}
	return s[:i], s[i:], i > 0
}

// posixOffset takes [+-]hh[:mm[:ss]] off; the result is in seconds west of Greenwich.
func posixOffset(s string) (west int, rest string, ok bool) {
	sign := 1
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	limits := [...]int{167, 59, 60}
	units := [...]int{3600, 60, 1}
	for i := range limits {
		if i > 0 {
			if !strings.HasPrefix(s, ":") {
				break
			}
			s = s[1:]
		}
		if s == "" || !isDigit(s[0]) {
			return 0, "", false
		}
		n, after, over := small(s)
		if over || n > limits[i] {
			return 0, "", false
		}
		west += n * units[i]
		s = after
	}
	return sign * west, s, true
}

// posixZone builds the zone of a POSIX specification. Rules for summer time are those of the United States where none are
// given.
func posixZone(spec string) (*time.Location, bool) {
	std, rest, ok := posixName(spec)
	if !ok {
		return nil, false
	}
	west, rest, ok := posixOffset(rest)
	if !ok {
		return nil, false
	}
	if rest == "" {
		if west == 0 && std == "GMT" {
			return time.FixedZone(spec, 0), true
		}
		return zoneFromFile(spec, std, -west, "")
	}
	dst, rules, ok := posixName(rest)
	if !ok {
		return nil, false
	}
	dstWest := west - 3600
	if rules != "" && rules[0] != ',' {
		if dstWest, rules, ok = posixOffset(rules); !ok {
			return nil, false
		}
	}
	if rules == "" {
		rules = ",M3.2.0,M11.1.0"
	}
	if strings.Count(rules, ",") != 2 || strings.Contains(dst+std, ">") {
		return nil, false
	}
	footer := "<" + std + ">" + posixClock(west) + "<" + dst + ">" + posixClock(dstWest) + rules
	return zoneFromFile(spec, std, -west, footer)
}

func posixClock(west int) string {
	sign := ""
	if west < 0 {
		sign, west = "-", -west
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, west/3600, west/60%60, west%60)
}

// zoneFromFile makes a zone through the format of the time zone database (RFC 8536), which alone lets Go follow POSIX
// rules: one change in the distant past, then the rules.
func zoneFromFile(name, std string, east int, rules string) (*time.Location, bool) {
	be := binary.BigEndian
	block := func(long bool) []byte {
		var b []byte
		b = append(b, "TZif2"...)
		b = append(b, make([]byte, 15)...)
		b = be.AppendUint32(b, 0)
		b = be.AppendUint32(b, 0)
		b = be.AppendUint32(b, 0)
		b = be.AppendUint32(b, 1)
		b = be.AppendUint32(b, 1)
		b = be.AppendUint32(b, uint32(len(std)+1))
		if long {
			start := int64(-1 << 59)
			b = be.AppendUint64(b, uint64(start))
		} else {
			b = be.AppendUint32(b, 1<<31)
		}
		b = append(b, 0)
		b = be.AppendUint32(b, uint32(int32(east)))
		b = append(b, 0, 0)
		b = append(b, std...)
		return append(b, 0)
	}
	data := append(block(false), block(true)...)
	data = append(data, '\n')
	data = append(data, rules...)
	data = append(data, '\n')
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, false
	}
	if rules != "" {
		// Go ignores rules that it cannot read, which would give the wrong time.
		_, end := time.Unix(1700000000, 0).In(loc).ZoneBounds()
		if end.IsZero() {
			return nil, false
		}
	}
	return loc, true
}
