package exec

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallelRows are enough to be sorted by several goroutines.
const parallelRows = 1 << 17

// mostSorters is how many goroutines sort: the processor's other cores are other queries'.
const mostSorters = 2

// sorters is how many goroutines may sort n rows.
func sorters(n int) int {
	if n < parallelRows {
		return 1
	}
	return min(mostSorters, runtime.GOMAXPROCS(0))
}

// inParallel calls f for 0 to n-1 from some goroutines and waits for them. An error ends the others.
func inParallel(ctx context.Context, goroutines, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, goroutines)
	for k := range errs {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[k] == nil; i = int(next.Add(1)) - 1 {
				if errs[k] = f(ctx, i); errs[k] != nil {
					cancel(errs[k])
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}
