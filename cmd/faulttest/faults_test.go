package faulttest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/odatagres/odatagres/cmd/internal/running"
	"github.com/odatagres/odatagres/odata/simulator"
)

// errorCodes are the SQLSTATEs that a service's fault may have.
func errorCodes() []string {
	return []string{"HV000", "HV00N", "HV00R", "42501", "53000", "58000", "58030", "54000"}
}

// lasting are faults that no retry and no fallback mends: every question that needs a page fails, with this SQLSTATE.
func lasting() map[string]string {
	return map[string]string{
		"429-always": "53000", "429-long": "53000", "503-always": "53000", "500-always": "HV000",
		"reset-always": "58030", "eof-always": "58030", "truncated-json": "58030", "malformed-json": "58030",
		"error-200": "HV000", "error-mid-body": "HV000",
		"repeated-nextlink": "58030", "endless-nextlink": "58030", "foreign-nextlink": "58030", "foreign-redirect": "58030",
		"unauthorized-always": "42501", "forbidden-always": "42501",
		"html": "58030", "empty-body": "58030", "bad-value": "58030",
		"stalled-body": "HV000", "stalled-headers": "HV000",
	}
}

// mended are faults after which the answer must be right.
func mended() []string {
	return []string{
		"latency", "429-retry-after", "429-retry-date", "429-bare", "429-page2", "503-once", "503-twice", "503-page2", "504-once",
		"reset-page2-once", "reset-before-headers-once", "redirect-once", "select-refused", "filter-refused", "orderby-refused",
		"count-refused", "top-refused", "in-refused", "or-refused", "functions-refused", "url-limit", "token-expires", "slow-body",
		"content-type-wrong", "metadata-503", "metadata-broken", "metadata-html", "token-503", "token-503-once",
		"metadata-foreign-reference", "metadata-foreign-redirect", "token-foreign-redirect",
	}
}

// unnoticed are lies that nobody can notice who believes that the service keeps the standard, as the profile standard says.
// Each must spoil an answer here, else it does not belong into the list.
func unnoticed() map[string]string {
	return map[string]string{
		"ne-as-eq":       "rows that the service leaves out are not seen",
		"filter-ignored": "a count over a condition that the service ignored is a number all the same",
		"short-page":     "fewer rows than asked for and no link mean the end",
		"count-wrong":    "a count is not counted again",
	}
}

// TestFaults switches each fault on while the gateway serves, asks through every profile, and switches it off.
func TestFaults(t *testing.T) {
	t.Parallel()
	running.Binary(t)
	workers := make(chan struct{}, 10) // most of them wait
	var wg sync.WaitGroup
	for _, f := range simulator.Faults() {
		wg.Go(func() {
			workers <- struct{}{}
			defer func() { <-workers }()
			t.Run(f.Name, func(t *testing.T) { testFault(t, f.Name) })
		})
	}
	wg.Wait()
}

func testFault(t *testing.T, fault string) {
	intune, full, honest := sample(t, "intune"), sample(t, "full"), sample(t, "full")
	g := running.Serve(t, service("intune", "intune", intune), service("std", "standard", full), service("gen", "generic", full),
		service("honest", "generic", honest))
	c, bystander := connect(t, g.URL), connect(t, g.URL)

	truth := map[string]string{}
	for _, schema := range []string{"intune", "std", "gen"} {
		for _, q := range questions() {
			a := ask(t, bystander, "honest", q)
			if a.rows == "" {
				t.Fatalf("%s has no rows, or fails: %s %s", q, a.code, a.message)
			}
			truth[q] = a.rows
			if a := ask(t, c, schema, q); a.rows != truth[q] {
				t.Fatalf("%s without a fault: %s gave %+v, not\n%s", schema, q, a, truth[q])
			}
		}
	}
	spoilt := 0
	for _, schema := range []string{"intune", "std", "gen"} {
		for i, q := range questions() {
			if slow(fault) && i%5 != 0 && i != 3 {
				continue
			}
			for _, s := range []*simulator.Server{intune, full} {
				if err := s.SetFaults(fault); err != nil {
					t.Fatal(err)
				}
			}
			a := ask(t, c, schema, q)
			if !judge(t, fault, schema, q, a, truth[q]) {
				spoilt++
			}
			if b := ask(t, bystander, "honest", questions()[2]); b.rows != truth[questions()[2]] {
				t.Errorf("a bystander got %+v", b)
			}
		}
	}
	if _, listed := unnoticed()[fault]; listed && spoilt == 0 {
		t.Errorf("the profile standard notices %s, or is not asked for what it spoils", fault)
	}
	for _, s := range []*simulator.Server{intune, full} {
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
	}
	for _, schema := range []string{"intune", "std", "gen"} {
		for _, q := range questions() {
			if a := ask(t, c, schema, q); a.rows != truth[q] {
				t.Errorf("%s after the fault: %s gave %+v, not\n%s", schema, q, a, truth[q])
			}
		}
	}
}

// slow are faults that take seconds each time: fewer questions are asked.
func slow(fault string) bool {
	_, fails := lasting()[fault]
	return fails || strings.HasSuffix(fault, "once") || fault == "429-retry-date" || fault == "slow-body" || fault == "latency" ||
		strings.HasPrefix(fault, "503") || fault == "429-retry-after" || fault == "429-bare"
}

// judge reports an answer that is neither right nor the right error. It returns false for one that may be wrong.
func judge(t *testing.T, fault, schema, question string, a answer, truth string) bool {
	t.Helper()
	_, excused := unnoticed()[fault]
	switch code, fails := lasting()[fault]; {
	case fault == "null-in-key" && a.code == "" && !strings.Contains(question, "select count(*) from"):
		return true // the null is delivered, with a NOTICE
	case a.rows == truth:
		// Other questions may need no link, no value that is broken, or no page at all.
		if fails && question == questions()[0] {
			t.Errorf("%s: %s was answered, %s is expected", schema, question, code)
		}
	case a.code == "" && schema == "std" && excused:
		return false
	case a.code == "":
		t.Errorf("%s: %s gave WRONG ROWS\n%snot\n%s", schema, question, a.rows, truth)
	case slices.Contains(mended(), fault):
		t.Errorf("%s: %s failed with %s: %s", schema, question, a.code, a.message)
	case fails && a.code != code:
		t.Errorf("%s: %s failed with %s, not %s: %s", schema, question, a.code, code, a.message)
	case !slices.Contains(errorCodes(), a.code):
		t.Errorf("%s: %s failed with %s: %s", schema, question, a.code, a.message)
	}
	return true
}
