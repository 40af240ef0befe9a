package vector

import (
	"fmt"
	"sync"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Budget accounts for memory in bytes. Budgets form a chain operator → query → server: what a budget takes, its parent
// takes too. A nil budget accepts everything.
type Budget struct {
	parent  *Budget
	name    string
	limit   int64 // 0: only the parent's limit counts
	reserve int64 // taken from the parent whether it is used or not

	mu   sync.Mutex
	used int64
	peak int64
}

// NewBudget returns a budget of limit bytes (0: no limit of its own) under parent, which may be nil.
func NewBudget(parent *Budget, name string, limit int64) *Budget {
	return &Budget{parent: parent, name: name, limit: limit}
}

// Reserve takes n bytes from the parent in advance: whatever else happens there, that much can be used here. Release gives them back. It
// is called before anything is taken, and not again before Release; on an error (53200) nothing is reserved.
func (b *Budget) Reserve(n int64) error {
	if b == nil || n <= 0 {
		return nil
	}
	if err := b.parent.Grow(n); err != nil {
		return err
	}
	b.mu.Lock()
	b.reserve = n
	b.mu.Unlock()
	return nil
}

// Release gives back what is reserved and not used, and reports whether anything was reserved.
func (b *Budget) Release() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	reserved := b.reserve > 0
	b.parent.Shrink(max(b.reserve-b.used, 0))
	b.reserve = 0
	return reserved
}

// Grow takes n bytes. If a limit would be passed nothing is taken and the error is 53200.
func (b *Budget) Grow(n int64) error {
	if b == nil || n <= 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock() // also while the parent is asked: a failure must find used as it was
	if b.limit > 0 && b.used+n > b.limit {
		return pgerr.New(pgerr.OutOfMemory, "out of memory").
			WithDetail("Failed on request of %d bytes: %s has used %d of its %d bytes.", n, b.name, b.used, b.limit).
			WithHint("%s", fmt.Sprintf("Reduce the rows or columns that the query must hold at once, or raise the memory limit of the %s.", b.name))
	}
	if err := b.parent.Grow(max(b.used+n, b.reserve) - max(b.used, b.reserve)); err != nil {
		return err
	}
	b.used += n
	b.peak = max(b.peak, b.used)
	return nil
}

// Shrink gives n bytes back.
func (b *Budget) Shrink(n int64) {
	if b == nil || n <= 0 {
		return
	}
	b.mu.Lock()
	above := max(b.used, b.reserve) - max(b.used-n, b.reserve)
	b.used -= n
	b.mu.Unlock()
	b.parent.Shrink(above)
}

// Limit is what may be taken at the most; 0 where only the parent's limit counts.
func (b *Budget) Limit() int64 {
	if b == nil {
		return 0
	}
	return b.limit
}

// Used is what is taken now.
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
