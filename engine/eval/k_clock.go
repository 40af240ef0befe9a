package eval

import (
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// overlaps decides (s1, e1) OVERLAPS (s2, e2) for values that less orders; any may be null. It follows overlaps_timestamp: ends are put in
// order, and a null is only a matter where the others cannot decide.
func overlaps(t sqltype.Type, a []sqltype.Value) sqltype.Value {
	gt := func(x, y sqltype.Value) bool { return sqltype.Compare(t, x, y) > 0 }
	ts1, te1, ts2, te2 := a[0], a[1], a[2], a[3]
	order := func(s, e *sqltype.Value) bool {
		if s.Null {
			if e.Null {
				return false
			}
			*s, *e = *e, sqltype.NullValue()
		} else if !e.Null && gt(*s, *e) {
			*s, *e = *e, *s
		}
		return true
	}
	if !order(&ts1, &te1) || !order(&ts2, &te2) {
		return sqltype.NullValue()
	}
	decide := func(te, other sqltype.Value, start sqltype.Value) sqltype.Value {
		if te.Null {
			return sqltype.NullValue()
		}
		if gt(te, start) {
			return sqltype.Bool(true)
		}
		if other.Null {
			return sqltype.NullValue()
		}
		return sqltype.Bool(false)
	}
	switch {
	case gt(ts1, ts2):
		return decide(te2, te1, ts1)
	case gt(ts2, ts1):
		return decide(te1, te2, ts2)
	case te1.Null || te2.Null:
		return sqltype.NullValue()
	}
	return sqltype.Bool(true)
}

// overlapsKernel makes the function for one type; ends that are intervals are added to their start.
func overlapsKernel(name string, t uint32, first, second bool, add func(c *Call, s, iv sqltype.Value) (sqltype.Value, error)) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		a = append([]sqltype.Value(nil), a...)
		for i, isInterval := range []bool{first, second} {
			if !isInterval {
				continue
			}
			s, e := a[2*i], &a[2*i+1]
			if s.Null || e.Null {
				*e = sqltype.NullValue()
				continue
			}
			v, err := add(c, s, *e)
			if err != nil {
				return v, err
			}
			*e = v
		}
		return overlaps(sqltype.Of(t), a), nil
	})
}

// clockKernels are the functions that tell the time, and OVERLAPS.
func clockKernels() []Kernel {
	clock := func(name string, of func(Env) time.Time) Kernel {
		return scalar(name, func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(timeMicros(of(c.Env()))), nil
		})
	}
	addTS := func(_ *Call, s, iv sqltype.Value) (sqltype.Value, error) {
		ts, err := timestampPlus(s.I, iv.Iv)
		return sqltype.Int(ts), err
	}
	addTZ := func(c *Call, s, iv sqltype.Value) (sqltype.Value, error) {
		ts, err := timestamptzPlus(c, s.I, iv.Iv)
		return sqltype.Int(ts), err
	}
	addTime := func(_ *Call, s, iv sqltype.Value) (sqltype.Value, error) {
		return sqltype.Int(timePlus(s.I, iv.Iv, 1)), nil
	}
	ks := []Kernel{
		clock("now", Env.TransactionTime), clock("statement_timestamp", Env.StatementTime), clock("clock_timestamp", Env.ClockTime),
		clock("pg_postmaster_start_time", Env.ServerStart), clock("pg_conf_load_time", Env.ConfigTime),
		scalar("timeofday", func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Text(c.Env().ClockTime().In(c.Env().Location()).Format("Mon Jan 02 15:04:05.000000 2006 MST")), nil
		}),
		overlapsKernel("overlaps_timestamp", sqltype.OIDTimestamp, false, false, nil),
		overlapsKernel("overlaps_time", sqltype.OIDTime, false, false, nil),
		overlapsKernel("overlaps_timetz", sqltype.OIDTimeTZ, false, false, nil),
	}
	for _, f := range []struct {
		typ string
		oid uint32
		add func(*Call, sqltype.Value, sqltype.Value) (sqltype.Value, error)
	}{{"timestamp", sqltype.OIDTimestamp, addTS}, {"timestamptz", sqltype.OIDTimestampTZ, addTZ}, {"time", sqltype.OIDTime, addTime}} {
		for _, form := range []struct {
			a, b          string
			first, second bool
		}{{"interval", "interval", true, true}, {"interval", f.typ, true, false}, {f.typ, "interval", false, true}} {
			name := "overlaps_" + f.typ + "_" + form.a + "_" + f.typ + "_" + form.b
			ks = append(ks, overlapsKernel(name, f.oid, form.first, form.second, f.add))
		}
	}
	return ks
}
