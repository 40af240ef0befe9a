package eval_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// kernelCall prepares a call of the function with the kernel.
func kernelCall(t *testing.T, kernel string) *eval.CallFunction {
	t.Helper()
	for _, f := range builtin.Load().AllFunctions() {
		if f.KernelKindOf() != builtin.ScalarKernel || f.KernelName() != kernel {
			continue
		}
		types := make([]sqltype.Type, len(f.Args))
		for i, a := range f.Args {
			types[i] = sqltype.Of(a)
			if a == 2277 { // anyarray
				types[i] = sqltype.Of(1007)
			}
		}
		c, err := eval.NewCallFunction(f, types, sqltype.Of(f.Result))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Fatalf("no function has the kernel %s", kernel)
	return nil
}

func manyInts(n int) sqltype.Value {
	vals := make([]sqltype.Value, n)
	for i := range vals {
		vals[i] = sqltype.Int(int64(i))
	}
	return eval.MakeArray(sqltype.OIDInt4, vals)
}

// TestCallsPayFirst proves that functions whose results or parts are large ask for their memory before they take it.
func TestCallsPayFirst(t *testing.T) {
	commas, text := sqltype.Text(strings.Repeat("a,", 4<<20)), sqltype.Text
	for _, c := range []struct {
		kernel string
		args   []sqltype.Value
	}{
		{"text_to_array", []sqltype.Value{commas, text(",")}},
		{"text_to_array", []sqltype.Value{commas, sqltype.NullValue()}},
		{"regexp_split_to_array_no_flags", []sqltype.Value{commas, text(",")}},
		{"textregexreplace", []sqltype.Value{commas, text("(a)"), text(`\1\1\1\1\1\1\1\1`), text("g")}},
		{"repeat", []sqltype.Value{commas, sqltype.Int(20)}},
		{"array_to_text", []sqltype.Value{manyInts(1 << 20), text(",")}},
		{"jsonb_strip_nulls", []sqltype.Value{text("[" + strings.Repeat("1, ", 1<<20) + "1]")}},
		{"textregexeq", []sqltype.Value{text("a"), commas}},
	} {
		call := kernelCall(t, c.kernel)
		budget := vector.NewBudget(nil, "query", 4<<20)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := call.Call(&eval.Ctx{Env: newTestEnv("UTC"), Mem: budget}, c.args...)
		runtime.ReadMemStats(&after)
		if pgerr.CodeOf(err) != pgerr.OutOfMemory {
			t.Errorf("%s: %v", c.kernel, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 96<<20 {
			t.Errorf("%s: took %d MiB", c.kernel, took>>20)
		}
		if budget.Used() != 0 {
			t.Errorf("%s: %d bytes are charged after the call", c.kernel, budget.Used())
		}
	}
}

// TestLengthsOpenNothing proves that functions that look at an argument's beginning or count its elements take no memory for them.
func TestLengthsOpenNothing(t *testing.T) {
	ints, json := manyInts(1<<18), sqltype.Text("["+strings.Repeat(`{"a": [1]}, `, 1<<16)+"1]")
	for _, c := range []struct {
		kernel string
		args   []sqltype.Value
		want   int64
	}{
		{"array_length", []sqltype.Value{ints, sqltype.Int(1)}, 1 << 18},
		{"array_upper", []sqltype.Value{ints, sqltype.Int(1)}, 1 << 18},
		{"array_ndims", []sqltype.Value{ints}, 1},
		{"array_cardinality", []sqltype.Value{ints}, 1 << 18},
		{"json_array_length", []sqltype.Value{json}, 1<<16 + 1},
		{"jsonb_array_length", []sqltype.Value{json}, 1<<16 + 1},
	} {
		v, err := kernelCall(t, c.kernel).Call(&eval.Ctx{Env: newTestEnv("UTC"), Mem: vector.NewBudget(nil, "query", 1<<18)}, c.args...)
		if err != nil || v.I != c.want {
			t.Errorf("%s: %d %v", c.kernel, v.I, err)
		}
	}
}

// TestLongCallsEnd proves that functions that would run for very long end with their query.
func TestLongCallsEnd(t *testing.T) {
	as, text := sqltype.Text(strings.Repeat("a", 4<<20)), sqltype.Text
	ints := manyInts(1 << 18)
	for _, c := range []struct {
		kernel string
		args   []sqltype.Value
	}{
		{"textlike", []sqltype.Value{as, text("%_" + strings.Repeat("a", 1<<18) + "b%")}},
		{"arraycontains", []sqltype.Value{ints, ints}},
	} {
		call := kernelCall(t, c.kernel)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		start := time.Now()
		_, err := call.Call(&eval.Ctx{Context: ctx, Env: newTestEnv("UTC")}, c.args...)
		cancel()
		if pgerr.CodeOf(err) != pgerr.QueryCanceled || time.Since(start) > 10*time.Second {
			t.Errorf("%s: %v after %v", c.kernel, err, time.Since(start))
		}
	}
}

// TestLikeOfManyParts proves that a pattern takes memory for its own length alone, and that its depth is bounded.
func TestLikeOfManyParts(t *testing.T) {
	call, ctx := kernelCall(t, "textlike"), &eval.Ctx{Env: newTestEnv("UTC")}
	v, err := call.Call(ctx, sqltype.Text(strings.Repeat("xa", 1<<16)), sqltype.Text(strings.Repeat("%_a", 1<<16)))
	if err != nil || v.I == 0 {
		t.Errorf("%v %v", v.I, err)
	}
	_, err = call.Call(ctx, sqltype.Text(strings.Repeat("a", 1<<20)), sqltype.Text(strings.Repeat("%a", 1<<18)+`\`))
	if pgerr.CodeOf(err) != pgerr.StatementTooComplex {
		t.Errorf("a deep pattern: %v", err)
	}
}
