package clienttest

import (
	"strings"
	"testing"
)

// described are psql's commands whose output must be PostgreSQL's, character by character.
func described() []string {
	return []string{
		`\d`, `\dt`, `\dn`, `\dn+`, `\d devices`, `\d "mamCheckins"`, `\d+ devices`, `\d users`, `\d intune.*`, `\dt intune.*`, `\dt *.dev*`,
		`\l warehouse`, `\du`, `\du+`, `\dg`, `\di`, `\dv`, `\dm`, `\ds`, `\dE`, `\dT`, `\dD`, `\dp devices`, `\z`, `\ddp`, `\drds`, `\dx`,
		`\d devices_pkey`, `\d pg_class`, `\d pg_catalog.pg_type`, `\dS pg_n*`, `\d information_schema.tables`, `\df abs`, `\da sum`, `\do ~~`,
		`\dC date`, `\dT uuid`, `\dL`, `\dO "C"`, `\dd`, `\des`, `\dew`, `\det`, `\dF`, `\dA`, `\dAc btree uuid`, `\dy`, `\dRp`, `\dX`, `\dP`,
		`\dconfig search_path`, `\encoding`, `\d nosuch`, `\dt nosuch`, `\d "Devices"`, `\d DEVICES`,
	}
}

// excusedDescriptions say why a command's output may differ.
func excusedDescriptions() map[string]string {
	return map[string]string{
		`\d DEVICES`: "names of a service match without regard to case where they are folded (service's nature)",
	}
}

func TestPsqlDescribes(t *testing.T) {
	t.Parallel()
	ours, theirs := besidePostgres(t)
	printed := func(address, command string) string {
		out, errs, err := psql(t, address, "-v", "ON_ERROR_STOP=0", "-c", command)
		if err != nil && errs == "" {
			t.Fatalf("%s: %v", command, err)
		}
		return trimmed(out + errs)
	}
	for _, command := range described() {
		want, got := printed(theirs, command), printed(ours, command)
		_, excused := excusedDescriptions()[command]
		if got == want {
			if excused && command != `\d DEVICES` {
				t.Errorf("%s needs no excuse", command)
			}
			continue
		}
		if !excused {
			t.Errorf("%s prints\n%s", command, difference(got, want))
		}
	}
}

// difference shows the lines that only one of two texts has.
func difference(got, want string) string {
	in := func(text string) map[string]bool {
		m := map[string]bool{}
		for line := range strings.Lines(text) {
			m[line] = true
		}
		return m
	}
	var b strings.Builder
	g, w := in(got), in(want)
	n := 0
	for line := range strings.Lines(got) {
		if !w[line] && n < 8 {
			b.WriteString("  ours:   " + line)
			n++
		}
	}
	n = 0
	for line := range strings.Lines(want) {
		if !g[line] && n < 8 {
			b.WriteString("  theirs: " + line)
			n++
		}
	}
	if b.Len() == 0 {
		return "  the same lines in another order\n"
	}
	return b.String()
}
