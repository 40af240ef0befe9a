package difftest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/planner"
)

var (
	generate = flag.Int("generate", 5000, "how many statements are generated")
	seed     = flag.Uint64("seed", 20261129, "seed of the generated statements")
	queryNo  = flag.Int("query", -1, "run only the generated statement of this number, in every way of reading")
	showDull = flag.Bool("dull", false, "print the generated statements without rows")
	strict   = flag.Bool("strict", false, "an error in a value that only one of the two computes is a difference too")
	patience = flag.Duration("patience", 30*time.Second, "how long a gateway may think about a generated statement")
	most     = flag.Int("most", 20, "how many differences of generated statements are shown")
)

// reader is a gateway by which generated statements are asked.
type reader struct {
	name string
	o    gatewayOptions
}

// readers are the ways in which a service is read: by every profile, with nothing pushed down, and with phases of the planner left
// out by chance.
func readers(seed uint64) []reader {
	out := []reader{
		{"standard", gatewayOptions{profile: profile.Standard()}},
		{"generic", gatewayOptions{profile: profile.Generic()}},
		{"intune", gatewayOptions{profile: profile.Intune()}},
		{"nothing pushed", gatewayOptions{profile: profile.Standard(), disable: []string{"push"}}},
	}
	var names []string
	for _, p := range planner.Phases() {
		// Folding and simplifying decide, as in PostgreSQL, that "1 / 0 > 1 and false" is no error.
		if p.Name != "fold" && p.Name != "simplify" {
			names = append(names, p.Name)
		}
	}
	names = append(names, "pushFilter", "pushCount", "pushLimit", "pushOrder")
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // not a secret
	for i := range 3 {
		var off []string
		for _, n := range names {
			if r.IntN(2) == 0 {
				off = append(off, n)
			}
		}
		out = append(out, reader{fmt.Sprintf("without %d phases (%d)", len(off), i+1), gatewayOptions{profile: profile.Standard(), disable: off}})
	}
	return out
}

// generatedDB is the database with the rows of all services.
var generatedDB = sync.OnceValue(func() error {
	server, err := pg()
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := server.CreateDatabase(ctx, "generated"); err != nil {
		return err
	}
	for _, s := range []string{"intune", "types"} {
		o, version := warehouse(), "v1.0"
		if s == "types" {
			o, version = typesService(), ""
		}
		m, err := model(o)
		if err != nil {
			return err
		}
		if err := load(ctx, server, "generated", s, version, o, m); err != nil {
			return err
		}
	}
	return loadRich(ctx, server, "generated")
})

func generatedDatabase(t *testing.T) (*oracle.Server, string) {
	t.Helper()
	if err := generatedDB(); err != nil {
		t.Fatal(err)
	}
	server, err := pg()
	if err != nil {
		t.Fatal(err)
	}
	return server, "generated"
}

// outcomes counts what became of the statements.
type outcomes struct {
	mu     sync.Mutex
	counts map[string]int
	wrong  int
	times  [2]time.Duration
}

func (c *outcomes) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what]++
}

// littleMemory is the reader whose queries spill; some of them cannot, and are refused.
const (
	littleMemory     = "little memory"
	withLittle       = "(asked with little memory)"
	refusedForMemory = "(refused for memory)"
)

// asker compares generated statements over connections of its own.
type asker struct {
	t       *testing.T
	schema  *schema
	oracle  *pgconn.PgConn
	dsn     string
	readers []reader
	gates   []*gateway
	ours    []*pgconn.PgConn
	tally   *outcomes
}

// TestGenerated compares statements made by chance with PostgreSQL.
func TestGenerated(t *testing.T) {
	server, db := generatedDatabase(t)
	dsn := server.DSNOf(db)
	s, err := readSchema(t.Context(), connect(t, dsn))
	if err != nil {
		t.Fatal(err)
	}
	list := readers(*seed)
	var gates []*gateway
	list = append(list, reader{littleMemory, gatewayOptions{profile: profile.Standard(), memory: 192 << 10}})
	for _, r := range list {
		r.o.rich = true
		gates = append(gates, start(t, r.o))
	}
	t.Logf("seed %d", *seed)
	count := &outcomes{counts: map[string]int{}}
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) + 1 {
		a := &asker{t: t, schema: s, dsn: dsn, oracle: connect(t, dsn), readers: list, gates: gates, tally: count}
		for _, g := range gates {
			a.ours = append(a.ours, connect(t, g.dsn))
		}
		workers.Go(func() {
			for n := range numbers {
				a.check(n)
			}
		})
	}
	for i := range *generate {
		count.mu.Lock()
		enough := count.wrong >= *most
		count.mu.Unlock()
		if enough || t.Context().Err() != nil {
			break
		}
		if *queryNo < 0 || i == *queryNo {
			numbers <- i
		}
	}
	close(numbers)
	workers.Wait()
	count.report(t)
}

// report prints the shares, and fails if too many statements say nothing.
func (c *outcomes) report(t *testing.T) {
	t.Helper()
	var names []string
	asked := 0
	for n, k := range c.counts {
		names = append(names, n)
		if !strings.HasPrefix(n, "(") {
			asked += k
		}
	}
	sort.Strings(names)
	for _, n := range names {
		t.Logf("%6d %s", c.counts[n], n)
	}
	dull := c.counts["empty"] + c.counts["error"]
	t.Logf("%d statements, %d empty or with an error (%.1f %%); PostgreSQL %v, the gateways %v", asked, dull, float64(dull)*100/float64(max(asked, 1)), c.times[0].Round(time.Millisecond), c.times[1].Round(time.Millisecond))
	if few := 3 + asked/150; *queryNo < 0 && c.counts[oneSided] > few {
		t.Errorf("%d errors that only one of the two meets", c.counts[oneSided])
	}
	if little, refused := c.counts[withLittle], c.counts[refusedForMemory]; *queryNo < 0 && refused > 5+little/4 {
		t.Errorf("%d of %d statements are refused for memory", refused, little)
	}
	if *queryNo < 0 && dull*5 > asked {
		t.Errorf("%d of %d statements say nothing", dull, asked)
	}
}

// attempts is how often a statement is made anew when it says nothing.
const attempts = 4

// make gives the statement of a number with PostgreSQL's answer: of some attempts the first that says something.
func (a *asker) make(number int) (st *statement, f format, want *answer) {
	for attempt := range attempts {
		g := newGenerator(a.schema, *seed, uint64(number), uint64(attempt))
		st = g.statement()
		sql, args := st.root.print()
		f = formats(&question{args: args})[0]
		if list := formats(&question{args: args}); len(list) > 1 {
			f = list[number%len(list)]
		}
		began := time.Now()
		want = a.askOracle(sql, args, f)
		a.tally.mu.Lock()
		a.tally.times[0] += time.Since(began)
		a.tally.mu.Unlock()
		switch {
		case want.fault == nil && len(want.rows) > 0:
			return st, f, want
		case want.fault != nil && want.fault.Code == "57014":
			a.tally.add("(made anew: too slow in PostgreSQL)")
			continue
		case attempt == attempts-1 || number%20 == attempt+1:
			return st, f, want // some of them are compared all the same
		case want.fault != nil:
			if *showDull {
				a.t.Logf("%d: %s %s\n%s", number, want.fault.Code, want.fault.Message, indent(sql))
			}
			a.tally.add("(made anew: error " + want.fault.Code[:2] + ")")
		default:
			a.tally.add("(made anew: empty)")
		}
	}
	return st, f, want
}

// oraclePatience is how long PostgreSQL may think about a statement.
const oraclePatience = 3 * time.Second

func (a *asker) askOracle(sql string, args []*string, f format) *answer {
	conn := a.oracle
	// PostgreSQL's own statement_timeout needs a clock that goes.
	timer := time.AfterFunc(oraclePatience, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.CancelRequest(ctx) // a connection that is gone needs none
	})
	want, err := ask(a.t.Context(), conn, sql, args, f)
	if !timer.Stop() || err != nil {
		if err != nil {
			a.t.Logf("PostgreSQL: %v\n%s", err, indent(sql))
		}
		_ = conn.Close(a.t.Context())
		a.oracle = connect(a.t, a.dsn)
		return &answer{fault: &pgconn.PgError{Code: "57014"}}
	}
	return want
}

func (a *asker) askOurs(i int, sql string, args []*string, f format) *answer {
	ctx, cancel := context.WithTimeout(a.t.Context(), *patience)
	defer cancel()
	got, err := ask(ctx, a.ours[i], sql, args, f)
	if err != nil {
		a.ours[i] = connect(a.t, a.gates[i].dsn)
		return &answer{fault: &pgconn.PgError{Code: "lost", Message: err.Error()}}
	}
	return got
}

// check compares the statement of a number, by one of the ways of reading, or by all.
func (a *asker) check(number int) {
	st, f, want := a.make(number)
	sql, args := st.root.print()
	switch {
	case want.fault != nil && want.fault.Code == "57014":
		a.tally.add("too slow in PostgreSQL")
		return
	case want.fault != nil:
		a.tally.add("error")
	case len(want.rows) == 0:
		a.tally.add("empty")
	default:
		a.tally.add("with rows")
	}
	for i := range a.ours {
		if *queryNo < 0 && i != number%len(a.ours) {
			continue
		}
		began := time.Now()
		got := a.askOurs(i, sql, args, f)
		a.tally.mu.Lock()
		a.tally.times[1] += time.Since(began)
		a.tally.mu.Unlock()
		diff := a.judge(want, got, f, st.ordered)
		if a.readers[i].name == littleMemory {
			a.tally.add(withLittle)
			if got.fault != nil && got.fault.Code == "53200" {
				a.tally.add(refusedForMemory)
				continue
			}
		}
		if strings.Contains(diff, "the type modifier") {
			diff = a.describes(sql, want, got, f, st.ordered)
		}
		if diff == "" {
			continue
		}
		kind := kindOf(diff)
		if want.fault == nil && (strings.HasPrefix(kind, "22") || kind == "0A000") && a.provoked(st, f, kind) {
			a.tally.add("(an error in a row that PostgreSQL's plan drops before)")
			continue
		}
		if !*strict && (want.fault == nil) != (got.fault == nil) && (want.fault == nil || ofValues(want.fault)) && (got.fault == nil || ofValues(got.fault) && !refuses(got.fault)) {
			a.tally.add(oneSided)
			a.t.Logf("-seed %d -query %d: %s: %s: %s\n%s", *seed, number, a.readers[i].name, f, diff, indent(sql+shownArgs(args)))
			continue
		}
		shrink(st.root, func(sql string, args []*string) bool {
			w := a.askOracle(sql, args, f)
			if w.fault != nil && (w.fault.Code == "57014" || want.fault == nil || w.fault.Code != want.fault.Code) {
				return false
			}
			d := a.judge(w, a.askOurs(i, sql, args, f), f, st.ordered)
			return d != "" && kindOf(d) == kind && !(w.fault == nil && (strings.HasPrefix(kind, "22") || kind == "0A000") && a.provoked(st, f, kind))
		}, 20*time.Second)
		small, smallArgs := st.root.print()
		w := a.askOracle(small, smallArgs, f)
		d := a.judge(w, a.askOurs(i, small, smallArgs, f), f, st.ordered)
		a.tally.mu.Lock()
		a.tally.wrong++
		a.tally.mu.Unlock()
		a.t.Errorf("-seed %d -query %d: %s: %s: %s\n%s\nas it was: %s\n%s", *seed, number, a.readers[i].name, f, d, indent(small+shownArgs(smallArgs)), diff, indent(sql+shownArgs(args)))
		return
	}
}

// oneSided counts errors in values that only one of the two met: in a constant that the other one's plan does not hold, or in a row
// that it does not read. They are shown, and may be few.
const oneSided = "(an error in a value that only one of the two computes)"

// describes compares type modifiers with those that PostgreSQL gives before it plans: a planned statement shows those of the
// expressions that are left when others are simplified away.
func (a *asker) describes(sql string, want, got *answer, f format, ordered bool) string {
	d, err := a.oracle.Prepare(a.t.Context(), "", sql, nil)
	if err != nil || len(d.Fields) != len(want.columns) {
		return differ(want, got, f, ordered)
	}
	again := *want
	again.columns = append([]pgconn.FieldDescription(nil), want.columns...)
	for i := range again.columns {
		again.columns[i].TypeModifier = d.Fields[i].TypeModifier
	}
	return differ(&again, got, f, ordered)
}

// ofValues tells of an error that some row's values raised.
func ofValues(e *pgconn.PgError) bool {
	return e.Code[:2] == "22" || e.Code == "54000" || e.Code == "0A000" && e.Position == 0 || e.Code == "XX000" && strings.Contains(strings.ToLower(e.Message), "interval typmod")
}

// refuses tells of our own refusals, which have a hint, from PostgreSQL's 0A000 for a value.
func refuses(e *pgconn.PgError) bool { return e.Code == "0A000" && e.Hint != "" }

// provoked tells whether PostgreSQL meets an error too once no condition drops rows before it. In which order conditions are tested,
// and whether before or after a join, is the plan's choice.
func (a *asker) provoked(st *statement, f format, code string) bool {
	var drops []*piece
	for _, n := range everything(st.root) {
		if n.drops && !n.gone {
			drops = append(drops, n)
		}
	}
	if len(drops) > 8 {
		drops = drops[:8]
	}
	without := func(list ...*piece) bool {
		for _, n := range list {
			n.gone = true
		}
		sql, args := st.root.print()
		for _, n := range list {
			n.gone = false
		}
		if len(args) == 0 {
			f = simple
		}
		w := a.askOracle(sql, args, f)
		return w.fault != nil && w.fault.Code == code
	}
	for _, n := range drops {
		if without(n) {
			return true
		}
	}
	return len(drops) > 1 && without(drops...)
}

// kindOf keeps an error an error and a row a row while a statement is cut down.
func kindOf(diff string) string {
	word, rest, _ := strings.Cut(diff, " ")
	if word == "error" {
		code, _, _ := strings.Cut(rest, " ")
		return code
	}
	return "answer"
}

func shownArgs(args []*string) string {
	var b strings.Builder
	for i, v := range args {
		fmt.Fprintf(&b, "\n-- $%d = %s", i+1, quoteText(*v))
	}
	return b.String()
}

// judge tells what differs. Which row's error comes first, and whether it is reached, depends on the plan: two errors in values are
// as good as each other, and are counted.
func (a *asker) judge(want, got *answer, f format, ordered bool) string {
	if want.fault != nil && got.fault != nil && ofValues(want.fault) && ofValues(got.fault) {
		if want.fault.Code != got.fault.Code {
			a.tally.add("(another error first)")
		}
		return ""
	}
	return differ(want, got, f, ordered)
}
