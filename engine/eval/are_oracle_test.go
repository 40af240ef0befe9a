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

// callByName calls a function of text arguments by its kernel.
func callByName(t *testing.T, ctx *eval.Ctx, kernel string, args ...string) string {
	t.Helper()
	for _, f := range builtin.Load().AllFunctions() {
		if f.KernelName() != kernel || f.Namespace != builtin.PgCatalog || len(f.Args) != len(args) {
			continue
		}
		c := differentialCase{fn: f, result: sqltype.Of(f.Result)}
		for i, a := range args {
			v, err := sqltype.ParseText(sqltype.Of(f.Args[i]), a, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.types, c.values = append(c.types, sqltype.Of(f.Args[i])), append(c.values, v)
		}
		return c.ours(ctx)
	}
	t.Fatalf("no function of kernel %s", kernel)
	return ""
}

var _ = pgerr.CodeOf

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
