package eval

import (
	"math"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// encodingNames are PostgreSQL's encodings by number (pg_wchar.h).
func encodingNames() []string {
	return strings.Fields(`SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6 LATIN7
		LATIN8 LATIN9 LATIN10 WIN1256 WIN1258 WIN866 WIN874 KOI8R WIN1251 WIN1252 ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8 WIN1250 WIN1253 WIN1254
		WIN1255 WIN1257 KOI8U SJIS BIG5 GBK UHC GB18030 JOHAB SHIFT_JIS_2004`)
}

func textOf(of func(c *Call) string) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, _ []sqltype.Value) (sqltype.Value, error) { return sqltype.Text(of(c)), nil }
}

func constant(v sqltype.Value) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(*Call, []sqltype.Value) (sqltype.Value, error) { return v, nil }
}

func nullOf(*Call, []sqltype.Value) (sqltype.Value, error) { return sqltype.NullValue(), nil }

func void() sqltype.Value { return sqltype.Text("") }

func showConfig(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	missingOK := len(a) > 1 && !a[1].Null && a[1].I != 0
	if v, ok := c.Env().Setting(lowerName(a[0].S)); ok {
		return sqltype.Text(v), nil
	}
	if missingOK {
		return sqltype.NullValue(), nil
	}
	return sqltype.Value{}, pgerr.Newf(pgerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", strings.Clone(a[0].S))
}

// Resetter is implemented by an Env that can set a parameter to its default, which set_config does with null.
type Resetter interface {
	ResetSetting(name string, local bool) error
}

func setConfig(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	if a[0].Null {
		return sqltype.Value{}, pgerr.New(pgerr.NullValueNotAllowed, "SET requires parameter name")
	}
	value := ""
	if !a[1].Null {
		value = strings.Clone(a[1].S)
	}
	name := lowerName(strings.Clone(a[0].S))
	if r, ok := c.Env().(Resetter); ok && a[1].Null {
		if err := r.ResetSetting(name, !a[2].Null && a[2].I != 0); err != nil {
			return sqltype.Value{}, err
		}
	} else if err := c.Env().SetSetting(name, value, !a[2].Null && a[2].I != 0); err != nil {
		return sqltype.Value{}, err
	}
	if v, ok := c.Env().Setting(name); ok {
		return sqltype.Text(v), nil
	}
	return sqltype.Text(value), nil
}

type sizeUnit struct {
	name  string
	limit int64
	round bool
	bits  uint
}

func sizeUnits() []sizeUnit {
	const big = 20*1024 - 1
	return []sizeUnit{{"bytes", 10 * 1024, false, 0}, {"kB", big, true, 10}, {"MB", big, true, 20}, {"GB", big, true, 30}, {"TB", big, true, 40}, {"PB", big, true, 50}}
}

func halfRounded(x int64) int64 {
	if x < 0 {
		return (x - 1) / 2
	}
	return (x + 1) / 2
}

func sizePretty(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	size, units := a[0].I, sizeUnits()
	for i, u := range units {
		last := i == len(units)-1
		if last || size > math.MinInt64 && max(size, -size) < u.limit {
			if u.round {
				size = halfRounded(size)
			}
			return sqltype.Text(string(sqltype.AppendInt(nil, size)) + " " + u.name), nil
		}
		size /= 1 << shiftBetween(u, units[i+1])
	}
	return sqltype.NullValue(), nil
}

// shiftBetween is by how many bits a size is divided on its way to the next unit; a unit that is rounded keeps one bit for it.
func shiftBetween(u, next sizeUnit) uint {
	bits := next.bits - u.bits
	if next.round {
		bits--
	}
	if u.round {
		bits++
	}
	return bits
}

func sizePrettyNumeric(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	size, units := a[0].Num, sizeUnits()
	if size.IsSpecial() {
		return sqltype.Text(size.String() + " PB"), nil // no limit is beyond it
	}
	for i, u := range units {
		last := i == len(units)-1
		if last || size.Abs().Cmp(sqltype.NumericInt(u.limit)) < 0 {
			if u.round {
				one := sqltype.NumericInt(1)
				if size.Sign() < 0 {
					one = one.Neg()
				}
				sum, err := size.Add(one)
				if err != nil {
					return sqltype.Value{}, err
				}
				if size, err = sum.DivTrunc(sqltype.NumericInt(2)); err != nil {
					return sqltype.Value{}, err
				}
			}
			return sqltype.Text(size.String() + " " + u.name), nil
		}
		var err error
		if size, err = size.DivTrunc(sqltype.NumericInt(1 << shiftBetween(u, units[i+1]))); err != nil {
			return sqltype.Value{}, err
		}
	}
	return sqltype.NullValue(), nil
}

func sizeBytes(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	s := strings.Trim(a[0].S, " \t\n\r\v\f")
	fail := func() (sqltype.Value, error) {
		return sqltype.Value{}, invalid("invalid size: \"%s\"", strings.Clone(a[0].S))
	}
	i, digits := 0, false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		digits = true
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			digits = true
		}
	}
	if !digits {
		return fail()
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '-' || s[j] == '+') {
			j++
		}
		k := j
		for k < len(s) && s[k] >= '0' && s[k] <= '9' {
			k++
		}
		if k > j {
			i = k
		}
	}
	n, err := sqltype.ParseNumeric(s[:i])
	if err != nil {
		return sqltype.Value{}, err
	}
	unitName := strings.TrimLeft(s[i:], " \t\n\r\v\f")
	if unitName != "" {
		found := false
		for _, u := range sizeUnits() {
			if strings.EqualFold(unitName, u.name) || u.bits == 0 && strings.EqualFold(unitName, "b") {
				if n, err = n.Mul(sqltype.NumericInt(1 << u.bits)); err != nil {
					return sqltype.Value{}, err
				}
				found = true
			}
		}
		if !found {
			e := invalid("invalid size: \"%s\"", strings.Clone(a[0].S))
			return sqltype.Value{}, e.WithDetail("Invalid size unit: \"%s\".", strings.Clone(unitName)).
				WithHint("%s", `Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".`)
		}
	}
	v, err := n.Int64(sqltype.OIDInt8)
	return sqltype.Int(v), err
}

// countNulls is num_nulls and num_nonnulls.
func countNulls(want bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		n := int64(0)
		if c.VariadicArray {
			if a[0].Null {
				return sqltype.NullValue(), nil
			}
			vals, err := arrayValues(a[0].S)
			if err != nil {
				return sqltype.Value{}, err
			}
			a = vals
		}
		for _, v := range a {
			if v.Null == want {
				n++
			}
		}
		return sqltype.Int(n), nil
	}
}

// sleep waits as pg_sleep does; a cancelled statement ends it.
func sleep(c *Call, seconds float64) error {
	if !(seconds > 0) {
		return nil
	}
	ctx := c.Ctx().Context
	var done <-chan struct{} // without a context nothing ends the wait early
	if ctx != nil {
		done = ctx.Done()
	}
	t := time.NewTimer(time.Duration(math.Min(seconds, 1e9) * float64(time.Second)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-done:
		return pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request").WithCause(ctx.Err())
	}
}

func advisoryKernels() []Kernel {
	var ks []Kernel
	for _, form := range []string{"int4", "int8"} {
		for _, kind := range []string{"", "_shared"} {
			ks = append(ks,
				scalar("pg_advisory_lock"+kind+"_"+form, constant(void())), scalar("pg_advisory_xact_lock"+kind+"_"+form, constant(void())),
				scalar("pg_try_advisory_lock"+kind+"_"+form, constant(sqltype.Bool(true))), scalar("pg_try_advisory_xact_lock"+kind+"_"+form, constant(sqltype.Bool(true))),
				scalar("pg_advisory_unlock"+kind+"_"+form, constant(sqltype.Bool(true))))
		}
	}
	return append(ks, scalar("pg_advisory_unlock_all", constant(void())))
}

func currentSchema(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
	if path := c.Env().Catalog().SearchPath(false); len(path) > 0 {
		return sqltype.Text(path[0]), nil
	}
	return sqltype.NullValue(), nil
}

func nameArray(words []string) sqltype.Value {
	vals := make([]sqltype.Value, len(words))
	for i, w := range words {
		vals[i] = sqltype.Text(w)
	}
	return MakeArray(sqltype.OIDName, vals)
}

func address(local, port bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
		addr, p := c.Env().RemoteAddr()
		if local {
			addr, p = c.Env().LocalAddr()
		}
		switch {
		case addr == "":
			return sqltype.NullValue(), nil
		case port:
			return sqltype.Int(int64(p)), nil
		}
		return sqltype.Text(addr), nil
	}
}

func signal(terminate bool) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		ok, err := c.Env().Signal(int32(a[0].I), terminate)
		if err == nil && !ok {
			c.Env().Notice(pgerr.Warning(pgerr.WarningCode, "PID %d is not a PostgreSQL backend process", a[0].I))
		}
		return sqltype.Bool(ok), err
	}
}

func systemKernels() []Kernel {
	ks := []Kernel{
		scalar("pgsql_version", textOf(func(c *Call) string {
			v, _ := c.Env().Setting("server_version")
			return "PostgreSQL " + v + " on x86_64-pc-linux-gnu, compiled by go, 64-bit"
		})),
		scalar("current_database", textOf(func(c *Call) string { return c.Env().Database() })),
		scalar("current_user", textOf(func(c *Call) string { return c.Env().User() })),
		scalar("session_user", textOf(func(c *Call) string { return c.Env().SessionUser() })),
		scalar("current_query", textOf(func(c *Call) string { return c.Env().Query() })),
		scalar("current_schema", currentSchema),
		scalar("current_schemas", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			return nameArray(c.Env().Catalog().SearchPath(a[0].I != 0)), nil
		}),
		scalar("show_config_by_name", showConfig), scalar("show_config_by_name_missing_ok", showConfig),
		scalar("set_config_by_name", setConfig),
		scalar("pg_backend_pid", func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(c.Env().BackendPID())), nil
		}),
		scalar("pg_is_in_recovery", constant(sqltype.Bool(false))),
		scalar("pg_jit_available", constant(sqltype.Bool(false))),
		scalar("pg_client_encoding", textOf(func(c *Call) string {
			if v, ok := c.Env().Setting("client_encoding"); ok {
				return v
			}
			return "UTF8"
		})),
		scalar("getdatabaseencoding", textOf(func(*Call) string { return "UTF8" })),
		scalar("PG_encoding_to_char", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if names := encodingNames(); a[0].I >= 0 && a[0].I < int64(len(names)) {
				return sqltype.Text(names[a[0].I]), nil
			}
			return sqltype.Text(""), nil
		}),
		scalar("PG_char_to_encoding", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(encodingNumber(a[0].S))), nil
		}),
		scalar("pg_typeof", func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(c.ArgTypes[0].OID)), nil
		}),
		scalar("pg_collation_for", func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
			switch i := c.ArgTypes[0].Info(); {
			case i.OID == sqltype.OIDName, i.IsArray && sqltype.ElemOf(i.OID) == sqltype.OIDName:
				return sqltype.Text(`"C"`), nil
			case i.Collation != 0:
				return sqltype.Text(`"default"`), nil
			case i.OID == sqltype.OIDUnknown:
				return sqltype.NullValue(), nil
			default:
				return sqltype.Value{}, pgerr.Newf(pgerr.DatatypeMismatch, "collations are not supported by type %s", c.ArgTypes[0])
			}
		}),
		scalar("pg_size_pretty", sizePretty), scalar("pg_size_pretty_numeric", sizePrettyNumeric), scalar("pg_size_bytes", sizeBytes),
		scalar("pg_num_nulls", countNulls(true)), scalar("pg_num_nonnulls", countNulls(false)),
		scalar("pg_my_temp_schema", constant(sqltype.Int(0))), scalar("pg_is_other_temp_schema", constant(sqltype.Bool(false))),
		scalar("pg_current_xact_id", func(c *Call, _ []sqltype.Value) (sqltype.Value, error) {
			return sqltype.Int(int64(c.Env().TransactionID())), nil
		}),
		scalar("pg_current_xact_id_if_assigned", nullOf),
		scalar("pg_trigger_depth", constant(sqltype.Int(0))),
		scalar("pg_cancel_backend", signal(false)), scalar("pg_terminate_backend", signal(true)),
		scalar("pg_blocking_pids", constant(MakeArray(sqltype.OIDInt4, nil))),
		scalar("pg_safe_snapshot_blocking_pids", constant(MakeArray(sqltype.OIDInt4, nil))),
		scalar("pg_notification_queue_usage", constant(sqltype.Float(0))),
		scalar("pg_stat_clear_snapshot", constant(void())),
		scalar("inet_client_addr", address(false, false)), scalar("inet_client_port", address(false, true)),
		scalar("inet_server_addr", address(true, false)), scalar("inet_server_port", address(true, true)),
		scalar("pg_sleep", func(c *Call, a []sqltype.Value) (sqltype.Value, error) { return void(), sleep(c, a[0].F) }),
		scalar("pg_sleep_for_interval", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			iv := a[0].Iv
			return void(), sleep(c, float64(iv.Micros)/1e6+float64(iv.Days)*86400+float64(iv.Months)*30*86400)
		}),
		scalar("pg_sleep_until_timestamptz", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			return void(), sleep(c, float64(a[0].I-timeMicros(c.Env().ClockTime()))/1e6)
		}),
	}
	return append(ks, advisoryKernels()...)
}
