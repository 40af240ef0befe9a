package difftest

import (
	"testing"

	"github.com/odatagres/odatagres/odata/profile"
)

// TestSQL compares the language, topic by topic, with PostgreSQL. The warehouse of this gateway takes the whole standard.
func TestSQL(t *testing.T) {
	p := startPair(t, gatewayOptions{profile: profile.Standard()})
	known := readDifferences(t)
	for _, q := range questions(t, "sql") {
		for _, f := range formats(q) {
			diff := p.compare(t, q, f)
			if diff == "" || known.excuses(q.place, diff) {
				continue
			}
			t.Errorf("%s: %s: %s\n%s", q.place, f, diff, q.sql)
			break
		}
	}
	known.check(t)
}
