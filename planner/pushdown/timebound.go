package pushdown

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/odata/query"
	"github.com/odatagres/odatagres/planner/plan"
)

// Instants have 100 ns there and 1 µs here: a value v there is read as floor(v) here. So, for a constant t of whole
// microseconds,
//
//	floor(v) >= t  is  v >= t           floor(v) > t  is  v >= t + 1µs
//	floor(v) <  t  is  v <  t           floor(v) <= t is  v <  t + 1µs      floor(v) = t is both bounds of t
//
// A service may cut a literal to its own precision (milliseconds, say). A cut lower bound only lets more rows in. A cut
// upper bound would lose rows: v < t cut down excludes v between the cut and t. Hence upper bounds are widened by `le`
// unless the profile proves that six digits are kept; then they are Exact with `lt`.
//
// Counter-example: v = 10:00:00.0000005 and <= 10:00:00: here v is 10:00:00 and belongs to the rows, there it is greater
// than the literal.
func (p *pusher) instant(r *plan.Remote, prof *profile.Profile, col plan.ScanColumn, op profile.Op, k *plan.Const) (condition, *local) {
	t, l := p.microseconds(col, k)
	if l != nil {
		return condition{}, l
	}
	proved := prof.FractionDigits >= 6
	known := col.Property.Type.Facets.Precision
	if known < 0 {
		known = 0
	}
	kept := max(known, prof.FractionDigits)
	lit := func(micros int64) (*query.Literal, *local) {
		v := sqltype.Int(micros)
		if out := outOfRange(col, micros); out {
			return nil, &local{why: "the bound is beyond what the service can hold"}
		}
		return &query.Literal{Type: col.Property.Type, Value: v}, nil
	}
	bound := func(op query.Op, micros int64) (query.Expr, *local) {
		v, l := lit(micros)
		if l != nil {
			return nil, l
		}
		return &query.Binary{Op: op, Left: propertyExpr(col), Right: v}, nil
	}
	verdict := profile.Exact
	lower := func(micros int64) (query.Expr, *local) {
		if digits(micros) > kept {
			verdict = profile.Superset
		}
		return bound(query.Ge, micros)
	}
	// upper is the bound "v < micros" or, to be safe, "v <= micros".
	upper := func(micros int64, wholeKept bool) (query.Expr, *local) {
		if proved || wholeKept && digits(micros) <= kept {
			if !proved {
				verdict = profile.Superset
			}
			return bound(query.Lt, micros)
		}
		verdict = profile.Superset
		return bound(query.Le, micros)
	}
	var parts []query.Expr
	add := func(e query.Expr, l2 *local) {
		if l2 != nil {
			l = l2
			return
		}
		parts = append(parts, e)
	}
	asked := op
	switch op {
	case profile.Ge:
		add(lower(t))
	case profile.Gt:
		asked = profile.Ge
		add(lower(t + 1))
	case profile.Lt:
		add(upper(t, true))
	case profile.Le:
		add(upper(t+1, false))
	case profile.Eq:
		add(lower(t))
		add(upper(t+1, false))
	default:
		return stays("the service may hold fractions finer than a microsecond")
	}
	if l != nil {
		return condition{}, l
	}
	if len(parts) > 1 && !prof.And {
		return stays("the service takes one condition only")
	}
	c, l := p.leaf(r, prof, col, asked, query.AndAll(parts...))
	if l != nil {
		return condition{}, l
	}
	// What is sent are lt, le or ge, which must be granted too.
	for _, part := range parts {
		if _, l := p.leaf(r, prof, col, sent(part), part); l != nil {
			return condition{}, l
		}
	}
	if asked == profile.Ge || !proved {
		c.verdict = min(c.verdict, verdict)
	} else {
		c.verdict = verdict // the profile's doubt is about fractions, which the proof dispels
	}
	return c, nil
}

func sent(e query.Expr) profile.Op {
	switch e.(*query.Binary).Op {
	case query.Lt:
		return profile.Lt
	case query.Le:
		return profile.Le
	}
	return profile.Ge
}

// digits is how many digits of a second's fraction the microseconds need.
func digits(micros int64) int {
	f := micros % 1e6
	if f == 0 {
		return 0
	}
	n := 6
	for f%10 == 0 {
		f /= 10
		n--
	}
	return n
}

// outOfRange: years 1 to 9999 for instants, 00:00 to 24:00 (excluded) for times of day.
func outOfRange(col plan.ScanColumn, micros int64) bool {
	if col.Property.Type.Kind == edm.KindTimeOfDay {
		return micros < 0 || micros >= sqltype.MicrosPerDay
	}
	day := micros / sqltype.MicrosPerDay
	if micros%sqltype.MicrosPerDay < 0 {
		day--
	}
	if int64(int32(day)) != day {
		return true
	}
	y := year(day)
	return y < 1 || y > 9999
}

// microseconds reads the constant as the column's type. A date or timestamp compared with an instant means that time in the
// session's zone, as the comparison here takes it.
func (p *pusher) microseconds(col plan.ScanColumn, k *plan.Const) (int64, *local) {
	if col.Property.Type.Kind == edm.KindDuration {
		return 0, &local{why: "intervals are compared by their parts here"}
	}
	want := col.Type.OID
	v := k.Value
	if k.T.OID != want {
		if want != sqltype.OIDTimestampTZ || k.T.OID != sqltype.OIDDate && k.T.OID != sqltype.OIDTimestamp {
			return 0, &local{why: "the constant's type is not the property's"}
		}
		var err error
		if v, err = p.consts.Instant(k); err != nil || v.Null {
			return 0, &local{why: "the constant has no instant"}
		}
	}
	const least, most = -1 << 63, 1<<63 - 1
	if v.I == least || v.I == most {
		return 0, &local{why: "infinity has no literal there"}
	}
	return v.I, nil
}
