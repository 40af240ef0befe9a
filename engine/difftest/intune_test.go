package difftest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/odatagres/odatagres/odata/profile"
)

// TestIntuneQuestions asks the warehouse's questions over every protocol, compares the answers with PostgreSQL's and the requests
// with the golden. With -rewrite the goldens are written anew.
func TestIntuneQuestions(t *testing.T) {
	p := startPair(t, gatewayOptions{profile: profile.Intune()})
	for _, path := range caseFiles(t, "intune") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
				q, err := parse(d)
				if err != nil {
					t.Fatal(err)
				}
				if q.skipped() {
					return d.Expected
				}
				return p.askEachWay(t, q)
			})
		})
	}
}

// askEachWay compares the answers over every protocol and gives the requests sent, which must be the same.
func (p *pair) askEachWay(t *testing.T, q *question) string {
	t.Helper()
	var requests string
	for _, f := range formats(q) {
		p.front.reset()
		if diff := p.compare(t, q, f); diff != "" {
			t.Errorf("%s: %s: %s\n%s", q.place, f, diff, q.sql)
		}
		got := strings.Join(p.front.sent(), "\n") + "\n"
		if requests != "" && got != requests {
			t.Errorf("%s: %s sent other requests:\n%s", q.place, f, got)
		}
		requests = got
	}
	return requests
}
