package eval_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// What a call over values of about largeSize bytes may allocate where its query has largeBudget, and how long it may take where the query
// has enough but is told to end after largeEnd.
const (
	largeSize   = 32 << 10
	largeBudget = 256 << 10
	largeHeap   = 24 << 20
	largeEnough = 64 << 20
	largeEnd    = 5 * time.Millisecond
	largeTime   = 30 * time.Second
)

// largeRows is how many rows of a set are read, and largeShare how many of a function's calls are made, which differ from function to function,
// unless ODATAGRES_LARGE=all is set, which takes a minute.
const (
	largeRows  = 10
	largeShare = 2
)

// largeValues are values by type: a small one, then large ones.
func largeValues(t *testing.T) map[uint32][]sqltype.Value {
	t.Helper()
	num := func(s string) sqltype.Value {
		n, err := sqltype.ParseNumeric(s)
		if err != nil {
			t.Fatal(err)
		}
		return sqltype.Num(n)
	}
	read := func(oid uint32, s string) sqltype.Value {
		v, err := sqltype.ParseText(sqltype.Of(oid), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	array := func(elem uint32, n int, vals ...sqltype.Value) sqltype.Value {
		all := make([]sqltype.Value, n)
		for i := range all {
			all[i] = vals[i%len(vals)]
		}
		return eval.MakeArray(elem, all)
	}
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"%d": 1, `, i)
		}
		return b.String()
	}
	text, ints := sqltype.Text, []sqltype.Value{sqltype.Int(1), sqltype.Int(100_000_000)}
	texts := []sqltype.Value{
		text("a"), text(strings.Repeat("a,", largeSize/2)), text(strings.Repeat("%_ä", largeSize/4)), text(strings.Repeat("9", largeSize)),
		text(strings.Repeat("Mon", largeSize/3)), text(strings.Repeat("%s%1$I", largeSize/6)), text(strings.Repeat("a.", largeSize/2) + "a"),
		text("{" + strings.Repeat("a,", largeSize/2) + "b}"), text("[" + strings.Repeat(`1,`, largeSize/2) + `1]`),
	}
	texts = append(texts, text(strings.Repeat("%1$9999s", largeSize/8)), text(strings.Repeat(`\1\&`, largeSize/4)))
	var many strings.Builder
	for r := rune(0x4e00); many.Len() < largeSize; r++ {
		many.WriteRune(0x4e00 + (r-0x4e00)%0x5000)
	}
	texts = append(texts, text(many.String()))
	interval := read(sqltype.OIDInterval, "178000000 years 11 mons 2147483647 days")
	return map[uint32][]sqltype.Value{
		sqltype.OIDBool: {sqltype.Bool(true)}, sqltype.OIDInt2: {sqltype.Int(1), sqltype.Int(32767)}, sqltype.OIDInt4: ints, sqltype.OIDInt8: ints,
		sqltype.OIDFloat4: {read(sqltype.OIDFloat4, "2"), read(sqltype.OIDFloat4, "3e38")}, sqltype.OIDFloat8: {read(sqltype.OIDFloat8, "2"), read(sqltype.OIDFloat8, "1e308")},
		sqltype.OIDOID: {sqltype.Int(1)}, sqltype.OIDRegClass: {sqltype.Int(1)}, sqltype.OIDUUID: {read(sqltype.OIDUUID, "a0eebc999c0b4ef8bb6d6bb9bd380a11")},
		sqltype.OIDNumeric: {
			num("3"), num("100000"), num("1." + strings.Repeat("7", 16000)), num(strings.Repeat("7", 60_000) + "." + strings.Repeat("3", 16000)),
			num("0." + strings.Repeat("0", 15000) + "1"), num("-12345." + strings.Repeat("3", 16000)),
		},
		sqltype.OIDText: texts, sqltype.OIDVarChar: texts, sqltype.OIDBPChar: texts, sqltype.OIDCString: texts, sqltype.OIDUnknown: texts,
		sqltype.OIDName: {text("a")}, sqltype.OIDChar: {text("a")}, sqltype.OIDBytea: texts[:4],
		sqltype.OIDJSON: {
			text(`{"a": [1]}`), text("[" + strings.Repeat("1,", largeSize*2) + "1]"), text("{" + keys(largeSize/10) + `"b": 1}`),
			text("[" + strings.Repeat(`{"a": "b"}, `, largeSize/10) + "1]"), text(`"` + strings.Repeat("a", largeSize) + `"`),
		},
		sqltype.OIDJSONB: {
			text(`{"a": [1]}`), text("[" + strings.Repeat("1, ", largeSize*2) + "1]"), read(sqltype.OIDJSONB, "{"+keys(largeSize/10)+`"b": 1}`),
			text("[" + strings.Repeat(`{"a": "b"}, `, largeSize/10) + "1]"), text(`"` + strings.Repeat("a", largeSize) + `"`),
		},
		sqltype.OIDDate: {read(sqltype.OIDDate, "2026-02-03"), read(sqltype.OIDDate, "5874897-12-31")}, sqltype.OIDTime: {read(sqltype.OIDTime, "12:00")},
		sqltype.OIDTimestamp: {read(sqltype.OIDTimestamp, "2026-02-03"), read(sqltype.OIDTimestamp, "294276-12-31")}, sqltype.OIDTimestampTZ: {read(sqltype.OIDTimestamp, "2026-02-03")},
		sqltype.OIDInterval: {read(sqltype.OIDInterval, "1 day"), interval},
		2249:                {eval.MakeRecord([]sqltype.Type{sqltype.Of(sqltype.OIDText)}, texts[:1]), eval.MakeRecord([]sqltype.Type{sqltype.Of(sqltype.OIDText)}, texts[1:2])},
		1007:                {array(sqltype.OIDInt4, 2, ints...), array(sqltype.OIDInt4, largeSize*2, ints...)},
		1009:                {array(sqltype.OIDText, 2, texts[0]), array(sqltype.OIDText, largeSize*2, text("ab"), text("1"))},
		1231:                {array(sqltype.OIDNumeric, 2, num("1")), array(sqltype.OIDNumeric, largeSize, num("3"))},
	}
}

// boundTypes are what polymorphic arguments are called with, in turn.
func boundTypes() []map[uint32]uint32 {
	with := func(elem, array uint32) map[uint32]uint32 {
		return map[uint32]uint32{2283: elem, 2776: elem, 5077: elem, 5079: elem, 2276: elem, 2277: array, 5078: array}
	}
	return []map[uint32]uint32{with(sqltype.OIDInt4, 1007), with(sqltype.OIDText, 1009), with(sqltype.OIDJSONB, 1007), with(1009, 1009)}
}

// largeExempt are functions that are not called here, with the reason.
func largeExempt() map[string]string {
	const waits, internal = "waits, as it is asked to", "fails with an internal error of PostgreSQL's own"
	return map[string]string{
		"pg_sleep":       waits,
		"interval_scale": internal, "setval_oid": internal, "setval3_oid": internal,
	}
}

// largeCalls are the calls of a function in which one argument is large, and those in which all are.
func largeCalls(fn *builtin.Function, values map[uint32][]sqltype.Value, bind map[uint32]uint32) []*plan.Call {
	concrete := func(oid uint32) sqltype.Type {
		if b := bind[oid]; b != 0 {
			oid = b
		}
		return sqltype.Of(oid)
	}
	types, small, most := make([]sqltype.Type, len(fn.Args)), make([]sqltype.Value, len(fn.Args)), 0
	for i, a := range fn.Args {
		types[i], small[i] = concrete(a), sqltype.NullValue()
		if vs := values[types[i].OID]; len(vs) > 0 {
			small[i] = vs[0]
			most = max(most, len(vs)-1)
		}
	}
	var calls []*plan.Call
	call := func(large func(i int) []sqltype.Value, k int) {
		c := &plan.Call{Fn: fn, T: concrete(fn.Result), VariadicArray: fn.Variadic == 2276 && types[len(types)-1].Info().IsArray}
		for i, v := range small {
			if vs := large(i); len(vs) > 1 {
				v = vs[1+k%(len(vs)-1)]
			}
			c.Args = append(c.Args, &plan.Const{T: types[i], Value: v})
		}
		calls = append(calls, c)
	}
	for at, t := range types {
		for k := range max(len(values[t.OID])-1, 0) {
			call(func(i int) []sqltype.Value { return map[bool][]sqltype.Value{true: values[t.OID]}[i == at] }, k)
		}
	}
	for k := 0; k < most && len(types) > 1; k++ {
		call(func(i int) []sqltype.Value { return values[types[i].OID] }, k)
	}
	return calls
}

// TestEveryFunctionIsBounded calls every function of the registry, and with them the operators and casts, with large arguments: what it
// builds is within the query's memory, or it fails before it builds it, and what takes long ends with the query.
func TestEveryFunctionIsBounded(t *testing.T) {
	values, env, exempt, seen := largeValues(t), newTestEnv("UTC"), largeExempt(), map[string]bool{}
	for _, fn := range builtin.Load().AllFunctions() {
		if kind := fn.KernelKindOf(); kind != builtin.ScalarKernel && kind != builtin.SetKernel || fn.Kernel == "" || exempt[fn.Kernel] != "" {
			continue
		}
		for _, bind := range boundTypes() {
			calls := largeCalls(fn, values, bind)
			for i, call := range calls {
				if (i+int(fn.OID))%max(len(calls)/largeShare, 1) != 0 && os.Getenv("ODATAGRES_LARGE") != "all" {
					continue
				}
				name := fn.Kernel
				for _, a := range call.Args {
					c := a.(*plan.Const)
					name += fmt.Sprintf(" %s %d %.8q", c.T.Info().Name, len(c.Value.S), c.Value.S)
				}
				if name = fmt.Sprintf("%s #%d", name, i); !seen[name] { // functions that share a kernel, or take no argument of any type
					seen[name] = true
					boundedCall(t, name, call, env)
				}
			}
		}
	}
	for name := range exempt {
		if !eval.HasKernel(name) {
			t.Errorf("%s is exempt, but there is no such function", name)
		}
	}
}

// boundedCall calls a function with little memory, and if that is not enough with more.
func boundedCall(t *testing.T, name string, call *plan.Call, env *testEnv) {
	t.Helper()
	watch := time.AfterFunc(10*time.Minute, func() { panic(name + " does not end") })
	defer watch.Stop()
	for _, memory := range []int64{largeBudget, largeEnough, largeEnough} {
		grown, took, err := runLarge(t, call, env, memory)
		if code := pgerr.CodeOf(err); err != nil && strings.HasPrefix(string(code), "XX") {
			t.Errorf("%s: %v", name, err)
		}
		switch {
		case memory == largeBudget && grown > largeHeap:
			t.Errorf("%s: allocates %d MiB of a budget of %d MiB (%v)", name, grown>>20, memory>>20, err)
		case memory == largeBudget && pgerr.CodeOf(err) == pgerr.OutOfMemory:
			continue
		}
		if took < largeTime {
			return
		}
		if memory == largeEnough {
			t.Errorf("%s: goes on for %v (%v)", name, took.Round(time.Millisecond), err)
		}
	}
}

// runLarge calls a function and says what it allocated and how long it took.
func runLarge(t *testing.T, call *plan.Call, env *testEnv, memory int64) (grown uint64, took time.Duration, err error) {
	t.Helper()
	p, err := eval.CompileSet(call, eval.Layout{}, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	budget := vector.NewBudget(nil, "query", memory)
	ctx, cancel := context.WithTimeout(context.Background(), largeEnd)
	defer cancel()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	it, err := p.Open(&eval.Ctx{Context: ctx, Env: env, Mem: budget}, &vector.Batch{N: 1}, 0)
	row := make([]sqltype.Value, len(p.Columns()))
	for i, ok := 0, true; err == nil && ok && i < largeRows; i++ {
		ok, err = it.Next(row)
	}
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	if budget.Used() != 0 {
		t.Errorf("%s: %d bytes are charged after the call", call.Fn.Name, budget.Used())
	}
	return after.TotalAlloc - before.TotalAlloc, took, err
}
