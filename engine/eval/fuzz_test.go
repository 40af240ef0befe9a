package eval_test

import (
	"testing"
	"unicode/utf8"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func callOf(tb testing.TB, oid uint32) *eval.CallFunction {
	tb.Helper()
	f := builtin.Load().FunctionByOID(oid)
	types := make([]sqltype.Type, len(f.Args))
	for i, a := range f.Args {
		types[i] = sqltype.Of(a)
	}
	c, err := eval.NewCallFunction(f, types, sqltype.Of(f.Result))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// likeByDefinition is LIKE by the documentation, in quadratic time: places[i] says that the pattern so far can match the first i characters.
func likeByDefinition(text, pattern []rune) bool {
	places := make([]bool, len(text)+1)
	places[0] = true
	for i := 0; i < len(pattern); i++ {
		next := make([]bool, len(places))
		switch c := pattern[i]; {
		case c == '%':
			on := false
			for j := range places {
				on = on || places[j]
				next[j] = on
			}
		default:
			one := c == '_'
			if c == '\\' && i+1 < len(pattern) {
				i++
				c = pattern[i]
			}
			for j := 1; j < len(places); j++ {
				next[j] = places[j-1] && (one || text[j-1] == c)
			}
		}
		places = next
	}
	return places[len(text)]
}

const oidTextLike = 850

func FuzzLike(f *testing.F) {
	for _, s := range [][2]string{{"abc", "a%"}, {"abc", "%b_"}, {"a%c", `a\%c`}, {"日本語", "_本%"}, {"", "%%"}, {"aaab", "%a_b"}} {
		f.Add(s[0], s[1])
	}
	call := callOf(f, oidTextLike)
	ctx := &eval.Ctx{Env: newTestEnv("UTC")}
	f.Fuzz(func(t *testing.T, text, pattern string) {
		if !utf8.ValidString(text) || !utf8.ValidString(pattern) || len(text) > 200 || len(pattern) > 50 {
			return
		}
		v, err := call.Call(ctx, sqltype.Text(text), sqltype.Text(pattern))
		if err != nil {
			return // the pattern ends in its escape character
		}
		p := []rune(pattern)
		for i := 0; i < len(p); i++ {
			if p[i] == '\\' {
				if i++; i == len(p) {
					return // ends in its escape, but the text did not reach it
				}
			}
		}
		if want := likeByDefinition([]rune(text), p); (v.I != 0) != want {
			t.Fatalf("%q like %q is %v, want %v", text, pattern, v.I != 0, want)
		}
	})
}

// FuzzFormats calls the formatting functions with any pattern: they must answer or refuse, not crash.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{"YYYY-MM-DD HH24:MI:SS", "FM999,990.00PR", "9.99EEEE", "RN", `"quoted"TH`, "S9V99", "IYYY-IW-ID TZ"} {
		f.Add(s, "2024-02-29 13:14:15", int64(1234567890123))
	}
	ctx := &eval.Ctx{Env: newTestEnv("Europe/Berlin")}
	var toChar, parse []*eval.CallFunction
	for _, fn := range builtin.Load().FunctionsNamed("to_char") {
		toChar = append(toChar, callOf(f, fn.OID))
	}
	for _, name := range []string{"to_date", "to_number"} {
		parse = append(parse, callOf(f, builtin.Load().FunctionsNamed(name)[0].OID))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, n int64) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern) > 100 {
			return
		}
		v := sqltype.Value{I: n % (1 << 31), F: float64(n), Num: sqltype.NumericInt(n), Iv: sqltype.Interval{Micros: n, Days: int32(n % 1000), Months: int32(n % 5000)}}
		for _, c := range toChar {
			if r, err := c.Call(ctx, v, sqltype.Text(pattern)); err == nil && !r.Null && !utf8.ValidString(r.S) {
				t.Fatalf("%q is no UTF-8", r.S)
			}
		}
		for _, c := range parse {
			_, _ = c.Call(ctx, sqltype.Text(text), sqltype.Text(pattern))
		}
	})
}
