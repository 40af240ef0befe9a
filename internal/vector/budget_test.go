package vector_test

import (
	"testing"

	"github.com/odatagres/odatagres/internal/vector"
)

func TestReservedBytesAreTakenFromTheParentOnce(t *testing.T) {
	t.Parallel()
	server := vector.NewBudget(nil, "server", 100)
	query := vector.NewBudget(server, "query", 80)
	if err := query.Reserve(30); err != nil {
		t.Fatal(err)
	}
	other := vector.NewBudget(server, "query", 0)
	if err := other.Grow(70); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		grow, used, server int64
		fails              bool
	}{
		{20, 20, 100, false},
		{10, 30, 100, false},
		{1, 30, 100, true}, // the server has nothing left beyond what is reserved
	} {
		if err := query.Grow(step.grow); (err != nil) != step.fails {
			t.Fatalf("growing by %d: %v", step.grow, err)
		}
		if query.Used() != step.used || server.Used() != step.server {
			t.Fatalf("after %d: query %d, server %d", step.grow, query.Used(), server.Used())
		}
	}
	other.Shrink(70)
	if err := query.Grow(20); err != nil {
		t.Fatal(err)
	}
	query.Shrink(45)
	if server.Used() != 30 {
		t.Fatalf("server has %d, want what is reserved", server.Used())
	}
	query.Release()
	if server.Used() != 5 {
		t.Fatalf("server has %d, want what is used", server.Used())
	}
	query.Shrink(5)
	if server.Used() != 0 || query.Peak() != 50 || server.Peak() != 100 {
		t.Fatalf("left %d, peaks %d and %d", server.Used(), query.Peak(), server.Peak())
	}
}

func TestAReserveThatDoesNotFitTakesNothing(t *testing.T) {
	t.Parallel()
	server := vector.NewBudget(nil, "server", 10)
	query := vector.NewBudget(server, "query", 0)
	if err := query.Reserve(11); err == nil {
		t.Fatal("reserved more than there is")
	}
	if err := query.Grow(10); err != nil {
		t.Fatal(err)
	}
	if server.Used() != 10 {
		t.Fatalf("server has %d", server.Used())
	}
}
