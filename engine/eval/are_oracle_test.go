package eval_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// patternGrammar makes regular expressions at random.
type patternGrammar struct {
	rnd    *rand.Rand
	groups int
}

func (g *patternGrammar) pick(words ...string) string { return words[g.rnd.IntN(len(words))] }

func (g *patternGrammar) alternatives(depth int) string {
	n := 1
	if g.rnd.IntN(3) == 0 {
		n += 1 + g.rnd.IntN(2)
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i] = g.branch(depth)
	}
	return strings.Join(parts, "|")
}

func (g *patternGrammar) branch(depth int) string {
	var b strings.Builder
	for range 1 + g.rnd.IntN(3) {
		b.WriteString(g.atom(depth))
	}
	return b.String()
}

func (g *patternGrammar) atom(depth int) string {
	var s string
	switch k := g.rnd.IntN(20); {
	case k < 5 && depth > 0:
		g.groups++
		s = "(" + g.alternatives(depth-1) + ")"
	case k < 7 && depth > 0:
		s = "(?:" + g.alternatives(depth-1) + ")"
	case k == 7 && g.groups > 0:
		s = `\` + strconv.Itoa(1+g.rnd.IntN(g.groups))
	case k == 8:
		return g.pick("^", "$", `\m`, `\M`, `\y`, `\Y`, `\A`, `\Z`)
	case k == 9 && depth > 0:
		return "(" + g.pick("?=", "?!", "?<=", "?<!") + g.alternatives(depth-1) + ")"
	case k < 12:
		s = g.pick(".", "[ab]", "[^a]", `\w`, `\d`, `\s`, `\W`, "[[:alpha:]]", "[b-d]", `[\d_]`, `[^\w]`, "[[:upper:]x]")
	default:
		s = g.pick("a", "b", "c", "a", "b", "ä", "A", "1", "_", " ", "\n")
	}
	if g.rnd.IntN(3) == 0 {
		s += g.pick("*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}", "{1,}", "{1,2}?", "{0,2}?", "{2,}?", "{1}", "{1,1}?", "{1,1}", "{0}")
	}
	return s
}

func (g *patternGrammar) text() string {
	var b strings.Builder
	for range g.rnd.IntN(9) {
		b.WriteString(g.pick("a", "b", "c", "a", "b", "ä", "Ä", "A", "1", "_", " ", "\n", "ab", "d"))
	}
	return b.String()
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// functionOf finds a function of pg_catalog by its kernel and its number of arguments.
func functionOf(t *testing.T, kernel string, args int) *builtin.Function {
	t.Helper()
	for _, f := range builtin.Load().AllFunctions() {
		if f.KernelName() == kernel && f.Namespace == builtin.PgCatalog && len(f.Args) == args {
			return f
		}
	}
	t.Fatalf("no function of kernel %s", kernel)
	return nil
}

// callByName calls a function by its kernel.
func callByName(t *testing.T, ctx *eval.Ctx, kernel string, args ...string) string {
	t.Helper()
	f := functionOf(t, kernel, len(args))
	c := differentialCase{fn: f, result: sqltype.Of(f.Result)}
	for i, a := range args {
		v, err := sqltype.ParseText(sqltype.Of(f.Args[i]), a, ctx.Env)
		if err != nil {
			t.Fatal(err)
		}
		c.types, c.values = append(c.types, sqltype.Of(f.Args[i])), append(c.values, v)
	}
	return c.ours(ctx)
}

// rowsByName calls a set-returning function of texts and returns its rows as an array's text.
func rowsByName(t *testing.T, ctx *eval.Ctx, kernel string, args ...string) string {
	t.Helper()
	f := functionOf(t, kernel, len(args))
	call := &plan.Call{Fn: f, T: sqltype.Of(f.Result)}
	for _, a := range args {
		call.Args = append(call.Args, &plan.Const{T: sqltype.Of(sqltype.OIDText), Value: sqltype.Text(a)})
	}
	p, err := eval.CompileSet(call, eval.Layout{}, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	it, err := p.Open(ctx, &vector.Batch{N: 1}, 0)
	row, rows := make([]sqltype.Value, 1), []sqltype.Value(nil)
	for err == nil {
		var ok bool
		if ok, err = it.Next(row); !ok {
			break
		}
		rows = append(rows, sqltype.Text(string(sqltype.AppendText(nil, call.T, row[0], ctx.Env))))
	}
	switch {
	case err != nil:
		return "e" + string(pgerr.CodeOf(err)) + " " + err.Error()
	case rows == nil:
		return "n"
	}
	return "v" + string(sqltype.AppendText(nil, sqltype.Of(sqltype.ArrayOf(sqltype.OIDText)), eval.MakeArray(sqltype.OIDText, rows), ctx.Env))
}

// TestPatternsAgainstPostgreSQL compares matches, captures and replacements of generated patterns with PostgreSQL's.
func TestPatternsAgainstPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	conn := connectOracle(t)
	ctx := &eval.Ctx{Env: newTestEnv("UTC")}
	seed, count := uint64(1), 4000
	if s := os.Getenv("ODATAGRES_EVAL_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
		count = 40000
	}
	rnd := rand.New(rand.NewPCG(seed, 7))
	var sqls []string
	type pair struct{ pattern, text, flags string }
	var pairs []pair
	for range count {
		g := &patternGrammar{rnd: rnd}
		p := pair{pattern: g.alternatives(2), text: g.text(), flags: g.pick("", "", "", "i", "n", "p", "w", "x")}
		pairs = append(pairs, p)
		sqls = append(sqls,
			fmt.Sprintf("select coalesce('v' || regexp_match(%s, %s, %s)::text, 'n')", quoted(p.text), quoted(p.pattern), quoted(p.flags)),
			fmt.Sprintf("select 'v' || regexp_replace(%s, %s, %s, %s)", quoted(p.text), quoted(p.pattern), quoted(`<\&:\1>`), quoted("g"+p.flags)),
			fmt.Sprintf("select 'v' || regexp_like(%s, %s, %s)", quoted(p.text), quoted(p.pattern), quoted(p.flags)))
	}
	failed, matched := 0, 0
	for i, want := range askOracle(t, conn, sqls) {
		p := pairs[i/3]
		var got string
		switch i % 3 {
		case 0:
			got = callByName(t, ctx, "regexp_match", p.text, p.pattern, p.flags)
			if want[0] == 'v' {
				matched++
			}
		case 1:
			got = callByName(t, ctx, "textregexreplace", p.text, p.pattern, `<\&:\1>`, "g"+p.flags)
		default:
			got = callByName(t, ctx, "regexp_like", p.text, p.pattern, p.flags)
			got = strings.Replace(strings.Replace(got, "vt", "vtrue", 1), "vf", "vfalse", 1)
		}
		if got != want {
			if failed++; failed <= 20 {
				t.Errorf("%d: pattern %q text %q flags %q\n  got  %q\n  want %q", i%3, p.pattern, p.text, p.flags, got, want)
			}
		}
	}
	t.Logf("%d patterns, %d of them matched, %d differences", count, matched, failed)
	if matched < count/5 {
		t.Fatalf("only %d of %d patterns matched", matched, count)
	}
}

// patternScraps are what damaged patterns are made of.
func patternScraps() []string {
	return []string{
		"(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "^", "$", ".", "-", ",", "1", "2", "10", "256", "a", "b", "ä", "\\", "(?:", "(?#", "(?=", "(?<!",
		"(?i)", "(?e)", "(?b)", "(?q)", "(?xn)", "(?z)", "***=", "***:", "***", "[[:<:]]", "[[:>:]]", "[[.hyphen.]]", "[[.a.]-", "[[=b=]]", "[:digit:]", "[[:foo:]]",
		"[^]", "[]a]", "[a-", "[\\d-", `\d`, `\D`, `\w`, `\W`, `\s`, `\S`, `\m`, `\y`, `\1`, `\2`, `\12`, `\0`, `\101`, `\x61`, `\xfffffffff`, `\u0062`, `\u12`, `\U00000061`,
		`\cA`, `\B`, `\a`, `\e`, `\z`, `\q`, "{1}", "{1,2}", "{2,1}", "{,3}", "{1,}?", " ", "#", "\n", "*?", "(a)", "(a|b)", `\{1,2\}`, `\(`, `\)`, `\<`, "A", "x",
	}
}

// TestSyntaxAgainstPostgreSQL compares what damaged patterns and all options mean, errors included.
func TestSyntaxAgainstPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	conn := connectOracle(t)
	ctx := &eval.Ctx{Env: newTestEnv("UTC")}
	seed, count := uint64(1), 4000
	if s := os.Getenv("ODATAGRES_EVAL_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
		count = 40000
	}
	rnd := rand.New(rand.NewPCG(seed, 8))
	g := &patternGrammar{rnd: rnd}
	scraps := patternScraps()
	var sqls []string
	var cases [][3]string
	for range count {
		pattern := ""
		for range 1 + rnd.IntN(6) {
			pattern += scraps[rnd.IntN(len(scraps))]
		}
		text := g.text()
		if rnd.IntN(3) == 0 {
			text = pattern
		}
		flags := ""
		if rnd.IntN(3) == 0 {
			for range 1 + rnd.IntN(2) {
				flags += g.pick("b", "c", "e", "i", "m", "n", "p", "q", "s", "t", "w", "x", "g", "z", "1")
			}
		}
		cases = append(cases, [3]string{text, pattern, flags})
		sqls = append(sqls, fmt.Sprintf("select coalesce('v' || regexp_match(%s, %s, %s)::text, 'n')", quoted(text), quoted(pattern), quoted(flags)))
	}
	failed, valid := 0, 0
	for i, want := range askOracle(t, conn, sqls) {
		if want[0] != 'e' {
			valid++
		}
		c := cases[i]
		if got := callByName(t, ctx, "regexp_match", c[0], c[1], c[2]); got != want {
			if failed++; failed <= 20 {
				t.Errorf("pattern %q text %q flags %q\n  got  %q\n  want %q", c[1], c[0], c[2], got, want)
			}
		}
	}
	t.Logf("%d patterns, %d of them valid, %d differences", count, valid, failed)
	if valid < count/5 || valid > count*9/10 {
		t.Fatalf("%d of %d patterns are valid", valid, count)
	}
}

// TestRegexFunctionsAgainstPostgreSQL compares the other functions.
func TestRegexFunctionsAgainstPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	conn := connectOracle(t)
	ctx := &eval.Ctx{Env: newTestEnv("UTC")}
	rnd := rand.New(rand.NewPCG(3, 9))
	var sqls []string
	var ours []func() string
	number := func() string { return strconv.Itoa(rnd.IntN(5) - rnd.IntN(2)) }
	for range 4000 {
		g := &patternGrammar{rnd: rnd}
		text, pattern, flags := g.text()+g.text(), g.alternatives(1), g.pick("", "", "i", "n", "g", "x")
		args, kernel, call := []string{text, pattern}, "", ""
		switch rnd.IntN(11) {
		case 9, 10:
			set := g.pick("regexp_matches", "regexp_split_to_table")
			sqls = append(sqls, fmt.Sprintf("select case when x is null then 'n' else 'v' || x::text end from (select array_agg(m::text order by n) as x from %s(%s, %s, %s) with ordinality r(m, n)) s",
				set, quoted(text), quoted(pattern), quoted(flags)))
			ours = append(ours, func() string { return rowsByName(t, ctx, set, text, pattern, flags) })
			continue
		case 0:
			kernel, call = "textregexsubstr", "substring"
		case 1:
			kernel, call = "regexp_split_to_array", "regexp_split_to_array"
			args = append(args, flags)
		case 2:
			kernel, call = "regexp_count", "regexp_count"
			args = append(args, number(), flags)
		case 3:
			kernel, call = "regexp_instr", "regexp_instr"
			args = append(args, number(), number(), strconv.Itoa(rnd.IntN(2)), flags, number())
		case 4:
			kernel, call = "regexp_substr", "regexp_substr"
			args = append(args, number(), number(), flags, number())
		case 5:
			kernel, call = "textregexreplace_extended", "regexp_replace"
			args = append(args, g.pick("X", "", `[\1]`, `\&\&`, `\\`, `\`, `\9`, `\x`, `ä\2`), number(), number(), flags)
		case 6:
			kernel, call = "textregexreplace", "regexp_replace"
			args = append(args, g.pick("X", `[\1]`, `\&`), g.pick("", "g", "gi", "1", "z", "gx"))
		case 7:
			kernel, call = "nameregexeq", "nameregexeq"
			args[1] = g.pick(`\w`, "[[:alpha:]]", "^ä", "(?i)Ä", `^\W`, "[[:upper:]]") + g.pick("", "b", "$")
		default:
			kernel, call = "similar_to_escape_2", "similar_to_escape"
			args = []string{"", g.pick(`\`, "#", "", "ä", "ab")}
			for range 1 + rnd.IntN(7) {
				args[0] += g.pick("%", "_", "a", "[", "]", "^", "[^", "(", ")", "|", "*", `\`, `\"`, "#", `#"`, ".", "$", "{2}", "ä", "[:alpha:]", "?", `ä"`)
			}
		}
		list := make([]string, len(args))
		for i, a := range args {
			list[i] = quoted(a)
			if kernel == "nameregexeq" && i == 0 {
				list[i] += "::name"
			}
			if i >= 2 && (call == "regexp_instr" || call == "regexp_substr" || call == "regexp_count" || kernel == "textregexreplace_extended") {
				if _, err := strconv.Atoi(a); err == nil {
					list[i] = a
				}
			}
		}
		sqls = append(sqls, fmt.Sprintf("select case when x is null then 'n' else 'v' || concat(x) end from (select %s(%s) as x) s", call, strings.Join(list, ", ")))
		ours = append(ours, func() string { return callByName(t, ctx, kernel, args...) })
	}
	failed := 0
	for i, want := range askOracle(t, conn, sqls) {
		if got := ours[i](); got != want {
			if failed++; failed <= 20 {
				t.Errorf("%s\n  got  %q\n  want %q", sqls[i][60:], got, want)
			}
		}
	}
}
