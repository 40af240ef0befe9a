package engine

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

func TestQueriesEnterInTheirOrderAsMemoryAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := vector.NewBudget(nil, "server", 100)
		a := &admission{most: time.Hour}
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		enter := func(i int, n int64, hold time.Duration) {
			wg.Go(func() {
				q := vector.NewBudget(server, "query", 0)
				if err := a.enter(t.Context(), q, n); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(hold)
				a.leave(q)
			})
			synctest.Wait()
		}
		enter(0, 60, time.Second)
		enter(1, 60, time.Second) // waits for 0
		enter(2, 10, time.Second) // would fit, and waits behind 1
		enter(3, 40, time.Second) // waits for 1: 60 + 10 + 40 do not fit
		mu.Lock()
		a.mu.Lock()
		if len(order) != 1 || len(a.waiting) != 3 {
			t.Errorf("inside: %v, %d wait", order, len(a.waiting))
		}
		a.mu.Unlock()
		mu.Unlock()
		wg.Wait()
		want := []int{0, 1, 2, 3}
		for i := range want {
			if order[i] != want[i] {
				t.Fatalf("entered in the order %v", order)
			}
		}
		if server.Used() != 0 || a.inside != 0 || len(a.waiting) != 0 {
			t.Errorf("left: %d bytes, %d inside, %d waiting", server.Used(), a.inside, len(a.waiting))
		}
	})
}

func TestWaitingForMemoryEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := vector.NewBudget(nil, "server", 100)
		a := &admission{most: time.Minute}
		first := vector.NewBudget(server, "query", 0)
		if err := a.enter(t.Context(), first, 90); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		late := vector.NewBudget(server, "query", 0)
		if err := a.enter(t.Context(), late, 20); pgerr.CodeOf(err) != pgerr.OutOfMemory || time.Since(begin) != time.Minute {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		a.leave(late)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		canceled := vector.NewBudget(server, "query", 0)
		if err := a.enter(ctx, canceled, 20); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		a.leave(canceled)
		small := vector.NewBudget(server, "query", 0)
		if err := a.enter(t.Context(), small, 10); err != nil {
			t.Error(err)
		}
		a.leave(small)
		a.leave(first)
		if a.inside != 0 || server.Used() != 0 {
			t.Errorf("%d inside, %d bytes", a.inside, server.Used())
		}
	})
}

func TestAQueryThatNeverFitsFailsAtOnce(t *testing.T) {
	t.Parallel()
	a := &admission{most: time.Hour}
	q := vector.NewBudget(vector.NewBudget(nil, "server", 100), "query", 0)
	if err := a.enter(t.Context(), q, 101); pgerr.CodeOf(err) != pgerr.OutOfMemory {
		t.Fatal(err)
	}
	a.leave(q)
	if err := a.enter(t.Context(), q, 0); err != nil || a.inside != 0 {
		t.Fatalf("a query that keeps nothing: %v, %d inside", err, a.inside)
	}
}
