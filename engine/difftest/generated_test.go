package difftest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/odatagres/odatagres/odata/profile"
	"github.com/odatagres/odatagres/planner"
)

var (
	generate = flag.Int("generate", 300, "how many statements are generated")
	seed     = flag.Uint64("seed", 20261120, "seed of the generated statements")
	showDull = flag.Bool("dull", false, "print the generated statements without rows")
	number   = flag.Int("number", -1, "run only the generated statement of this number")
)

// reader is a gateway by which generated statements are asked.
type reader struct {
	name string
	o    gatewayOptions
}

// readers are the ways in which a service is read: by every profile, with nothing pushed down, and with phases of the planner left
// out by chance.
func readers() []reader {
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
	r := rand.New(rand.NewPCG(*seed, 1)) //nolint:gosec // not a secret
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

// TestGenerated compares statements made by chance, read in every way, with PostgreSQL.
func TestGenerated(t *testing.T) {
	server, db := database(t)
	oracle := connect(t, server.DSNOf(db)+"&statement_timeout=5s")
	s, err := readSchema(t.Context(), oracle)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []*pair
	list := readers()
	for _, r := range list {
		g := start(t, r.o)
		pairs = append(pairs, &pair{gateway: g, oracle: oracle, ours: connect(t, g.dsn)})
	}
	asked, dull, bad := 0, 0, 0
	for i := range *generate {
		if *number >= 0 && i != *number {
			continue
		}
		g := &generator{Rand: rand.New(rand.NewPCG(*seed, uint64(i)+100)), schema: s} //nolint:gosec // not a secret
		q := &question{place: fmt.Sprintf("-seed %d -number %d", *seed, i), sql: g.statement()}
		asked++
		f := formats(q)[i%3]
		want, err := ask(t.Context(), oracle, q.sql, nil, f)
		if err != nil {
			t.Fatal(err)
		}
		if want.fault != nil && want.fault.Code[:2] == "42" {
			t.Errorf("%s is wrong: %s\n%s", q.place, want.fault.Message, q.sql)
			continue
		}
		if want.fault != nil || len(want.rows) == 0 {
			dull++
			if *showDull {
				t.Logf("%s: %s\n%s", q.place, want, q.sql)
			}
		}
		if want.fault != nil {
			continue // which row fails first, and whether it is reached, is left open
		}
		for j, p := range pairs {
			got := p.answer(t, q, f)
			diff := "the connection is lost"
			if got != nil {
				diff = differ(want, got, f, true)
			}
			if diff != "" {
				bad++
				t.Errorf("%s: %s: %s: %s\n%s", q.place, list[j].name, f, diff, q.sql)
				break
			}
		}
		if bad > 20 {
			t.Fatal("enough")
		}
	}
	t.Logf("%d statements, %d without rows or with an error (%d %%)", asked, dull, dull*100/max(asked, 1))
	if *number < 0 && dull*5 > asked {
		t.Errorf("%d of %d statements say nothing", dull, asked)
	}
}
