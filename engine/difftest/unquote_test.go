package difftest

import (
	"strings"
	"testing"

	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

// unquote writes a statement as people type it: names that come from the metadata without quotes, everything else as it is.
// What stands after AS is a name of the statement's own.
func unquote(sql string, names map[string]bool) string {
	var b strings.Builder
	at := 0
	before := ""
	for _, t := range tokens(sql) {
		if t.comment {
			continue
		}
		text := sql[t.start:t.end]
		if inner := strings.Trim(text, `"`); text[0] == '"' && names[inner] && before != "as" {
			b.WriteString(sql[at:t.start] + inner)
			at = t.end
		}
		before = t.text
	}
	return b.String() + sql[at:]
}

// metadataNames are the names of sets and columns.
func metadataNames(m *edm.Model) map[string]bool {
	names := map[string]bool{}
	for _, s := range m.Sets {
		names[s.Name] = true
		for _, c := range s.Columns() {
			names[c.Name] = true
		}
	}
	return names
}

// TestIntuneQuestionsUnquoted asks the questions without quotes; rows and names must be those of the quoted question.
func TestIntuneQuestionsUnquoted(t *testing.T) {
	p := startPair(t, gatewayOptions{profile: profile.Intune()})
	m, err := model(warehouse())
	if err != nil {
		t.Fatal(err)
	}
	names := metadataNames(m)
	for _, q := range questions(t, "intune") {
		bare := *q
		bare.sql = unquote(q.sql, names)
		want, err := ask(t.Context(), p.oracle, q.sql, q.args, extendedText)
		if err != nil {
			t.Fatal(err)
		}
		got := p.answer(t, &bare, extendedText)
		if got == nil {
			t.Errorf("%s: the connection is lost\n%s", q.place, bare.sql)
			continue
		}
		if diff := differ(want, got, extendedText, orders(q.sql) && q.tie == ""); diff != "" {
			t.Errorf("%s: unquoted: %s\n%s", q.place, diff, bare.sql)
		}
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	got := unquote(`select d."deviceKey" as "deviceKey", "Own" from "devices" d -- "devices"`, map[string]bool{"deviceKey": true, "devices": true})
	if want := `select d.deviceKey as "deviceKey", "Own" from devices d -- "devices"`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
