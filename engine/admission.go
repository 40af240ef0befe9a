package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// admission lets queries in one after another as the server's memory allows. A query enters once the floor of its operators is reserved;
// from then on other queries can make it slower, because it spills, but they cannot make it fail. Those that wait enter in the order in
// which they came, whenever one that is inside leaves.
type admission struct {
	most time.Duration // a query waits so long, and then fails with 53200

	mu      sync.Mutex
	inside  int
	waiting []*waiter
}

type waiter struct{ wake chan struct{} } // of one place: a call is not lost while the waiter looks

// enter reserves n bytes of the query's budget, waiting for them if need be. ctx ends the waiting. leave follows in any case.
func (a *admission) enter(ctx context.Context, query *vector.Budget, n int64) error {
	if n == 0 {
		return nil
	}
	a.mu.Lock()
	if len(a.waiting) == 0 {
		if err := a.reserve(query, n); err == nil || a.inside == 0 {
			a.mu.Unlock()
			return err
		}
	}
	w := &waiter{wake: make(chan struct{}, 1)}
	a.waiting = append(a.waiting, w)
	a.mu.Unlock()
	timer := time.NewTimer(a.most)
	defer timer.Stop()
	for {
		var ended error
		select {
		case <-w.wake:
		case <-ctx.Done():
			ended = ctx.Err()
		case <-timer.C:
			ended = pgerr.Newf(pgerr.OutOfMemory, "out of memory").
				WithDetail("The query waited %s for memory that other queries hold.", a.most).
				WithHint("Run fewer queries at once, or raise limits.server_memory.")
		}
		if done, err := a.try(w, query, n, ended); done {
			return err
		}
	}
}

// try lets a waiter in, or takes it out of the queue for its error.
func (a *admission) try(w *waiter, query *vector.Budget, n int64, ended error) (done bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ended == nil {
		if a.waiting[0] != w {
			return false, nil
		}
		if err := a.reserve(query, n); err != nil && a.inside > 0 {
			return false, nil
		} else if err != nil {
			ended = err
		}
	}
	a.waiting = slices.DeleteFunc(a.waiting, func(o *waiter) bool { return o == w })
	a.call()
	return true, ended
}

func (a *admission) reserve(query *vector.Budget, n int64) error {
	if err := query.Reserve(n); err != nil {
		return err
	}
	a.inside++
	return nil
}

// call wakes the first waiter.
func (a *admission) call() {
	if len(a.waiting) == 0 {
		return
	}
	select {
	case a.waiting[0].wake <- struct{}{}:
	default:
	}
}

// leave gives back what enter reserved, and lets others look again. It is called when the query's operators have ended, and may be
// called when it never entered.
func (a *admission) leave(query *vector.Budget) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if query.Release() {
		a.inside--
	}
	a.call()
}
