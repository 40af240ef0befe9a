package vector

import (
	"fmt"
	"sync"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Budget accounts for memory in bytes. Budgets form a chain operator → query → server: what a budget takes, its parent
// takes too. A nil budget accepts everything.
type Budget struct {
	parent *Budget
	name   string
	limit  int64 // 0: only the parent's limit counts

	mu   sync.Mutex
	used int64
	peak int64
}

// NewBudget returns a budget of limit bytes (0: no limit of its own) under parent, which may be nil.
func NewBudget(parent *Budget, name string, limit int64) *Budget {
	return &Budget{parent: parent, name: name, limit: limit}
}

// Grow takes n bytes. If a limit would be passed nothing is taken and the error is 53200.
func (b *Budget) Grow(n int64) error {
	if b == nil || n <= 0 {
		return nil
	}
	b.mu.Lock()
	if b.limit > 0 && b.used+n > b.limit {
		used := b.used
		b.mu.Unlock()
		return pgerr.New(pgerr.OutOfMemory, "out of memory").
			WithDetail("Failed on request of %d bytes: %s has used %d of its %d bytes.", n, b.name, used, b.limit).
			WithHint("%s", fmt.Sprintf("Reduce the rows or columns that the query must hold at once, or raise the memory limit of the %s.", b.name))
	}
	b.used += n
	b.peak = max(b.peak, b.used)
	b.mu.Unlock()
	if err := b.parent.Grow(n); err != nil {
		b.mu.Lock()
		b.used -= n
		b.mu.Unlock()
		return err
	}
	return nil
}

// Shrink gives n bytes back.
func (b *Budget) Shrink(n int64) {
	if b == nil || n <= 0 {
		return
	}
	b.mu.Lock()
	b.used -= n
	b.mu.Unlock()
	b.parent.Shrink(n)
}

// Used is what is taken now, Peak the most that ever was.
func (b *Budget) Used() int64 {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Peak is the most that was ever taken at once.
func (b *Budget) Peak() int64 {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.peak
}
