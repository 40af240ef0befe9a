package faulttest

import (
	"testing"
	"time"

	"github.com/odatagres/odatagres/cmd/internal/running"
)

// TestFaultsAtTheStart starts the gateway while metadata or tokens cannot be had: it serves, says why, and goes on once they can.
func TestFaultsAtTheStart(t *testing.T) {
	t.Parallel()
	running.Binary(t)
	for _, fault := range []string{
		"metadata-503", "metadata-broken", "metadata-html", "metadata-foreign-reference", "metadata-foreign-redirect", "token-503",
		"token-503-once", "token-foreign-redirect", "latency",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s, honest := sample(t, "intune"), sample(t, "intune")
			if err := s.SetFaults(fault); err != nil {
				t.Fatal(err)
			}
			g := running.Serve(t, service("intune", "intune", s), service("honest", "intune", honest))
			c := connect(t, g.URL)
			question := questions()[0]
			truth := ask(t, c, "honest", question)
			if truth.rows == "" {
				t.Fatalf("the honest service gave %+v", truth)
			}
			if a := ask(t, c, "intune", question); a.code != "HV00N" && a.rows != truth.rows {
				t.Errorf("with the fault: %+v", a)
			}
			for _, r := range s.Requests() {
				if r.Origin == "foreign" && r.Bearer {
					t.Errorf("a token went to another host: %s", r.Path)
				}
			}
			if err := s.SetFaults(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(100 * time.Millisecond) {
				a := ask(t, c, "intune", question)
				if a.rows == truth.rows {
					break
				}
				if a.code != "HV00N" || time.Now().After(deadline) {
					t.Fatalf("after the fault: %+v", a)
				}
			}
		})
	}
}
