package eval

import (
	"slices"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// timeMicros is a point of time as a timestamptz.
func timeMicros(t time.Time) int64 {
	m, _ := sqltype.TimestampFromTime(t)
	return m
}

// localMicros is what a zone's clock shows at a point of time, as a timestamp.
func localMicros(t time.Time, loc *time.Location) int64 {
	_, off := t.In(loc).Zone()
	return timeMicros(t) + int64(off)*sqltype.MicrosPerSecond
}

// infinite reports an infinite timestamp.
func infinite(micros int64) bool {
	return micros == sqltype.TimestampInfinity || micros == sqltype.TimestampNegInfinity
}

// infiniteDate reports an infinite date.
func infiniteDate(days int32) bool {
	return int64(days) == sqltype.DateInfinity || int64(days) == sqltype.DateNegInfinity
}

func sortInt32(s []int32)      { slices.Sort(s) }
func sortIDs(ids []plan.ColID) { slices.Sort(ids) }
