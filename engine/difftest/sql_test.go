package difftest

import (
	"testing"

	"github.com/odatagres/odatagres/odata/profile"
)

// TestSQL compares the language, topic by topic, with PostgreSQL. The warehouse of this gateway takes the whole standard.
func TestSQL(t *testing.T) {
	p := startPair(t, gatewayOptions{profile: profile.Standard()})
	known := readDifferences(t)
	count, refused := 0, 0
	for _, q := range questions(t, "sql") {
		count++
		if q.refused {
			refused++
			p.mustRefuse(t, q)
			continue
		}
		for _, f := range formats(q) {
			diff, advice := p.compareAdvice(t, q, f)
			if diff == "" {
				diff = advice
			}
			if diff != "" && !known.excuses(q) {
				t.Errorf("%s: %s: %s\n%s", q.place, f, diff, q.sql)
				break
			}
		}
	}
	t.Logf("%d statements, of which %d are not supported", count, refused)
	if *only == "" {
		known.check(t)
	}
}

// mustRefuse checks that what is not supported is said so, and never answered approximately.
func (p *pair) mustRefuse(t *testing.T, q *question) {
	t.Helper()
	got := p.answer(t, q, extendedText)
	switch {
	case got == nil:
		t.Errorf("%s: the connection is lost", q.place)
	case got.fault == nil:
		t.Errorf("%s: answered, though marked as refused\n%s", q.place, q.sql)
	case got.fault.Code != "0A000" || got.fault.Hint == "":
		t.Errorf("%s: %s %s, hint %q, instead of 0A000 with a hint", q.place, got.fault.Code, got.fault.Message, got.fault.Hint)
	}
}
