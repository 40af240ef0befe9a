package exec

import (
	"math/bits"

	"github.com/odatagres/odatagres/internal/vector"
)

// seenFilter is a set of hashes that may hold others too: a Bloom filter whose bits of one hash lie in one line of the cache. Without words
// it may hold everything.
type seenFilter struct {
	lines  [][8]uint64
	probes int // bits of a hash
	budget *vector.Budget
}

const (
	lineBytes  = 64
	lineBits   = 9 // a bit's place in a line
	mostProbes = 6 // that many places are in a hash
)

// newSeenFilter makes a filter for n hashes, as precise as the budget allows.
func newSeenFilter(budget *vector.Budget, n int64) seenFilter {
	f := seenFilter{budget: budget}
	for _, each := range []int64{16, 12, 8, 6, 4} { // bits; of the first one in a thousand hashes is held that was not added
		lines := max(1, n*each/8/lineBytes)
		if budget.Grow(lines*lineBytes) == nil {
			f.lines, f.probes = make([][8]uint64, lines), min(mostProbes, int(each*2/3))
			return f
		}
	}
	return f
}

func (f *seenFilter) line(h uint64) *[8]uint64 {
	at, _ := bits.Mul64(h, uint64(len(f.lines)))
	return &f.lines[at]
}

// lineBitsOf are the bits of a hash in its line.
func lineBitsOf(h uint64) uint64 {
	_, low := bits.Mul64(h, 0x9e3779b97f4a7c15)
	return low ^ low>>32
}

func (f *seenFilter) add(h uint64) {
	if f.lines == nil {
		return
	}
	line, p := f.line(h), lineBitsOf(h)
	for range f.probes {
		line[p>>6&7] |= 1 << (p & 63)
		p >>= lineBits
	}
}

func (f *seenFilter) mayHold(h uint64) bool {
	if f.lines == nil {
		return true
	}
	line, p := f.line(h), lineBitsOf(h)
	for range f.probes {
		if line[p>>6&7]&(1<<(p&63)) == 0 {
			return false
		}
		p >>= lineBits
	}
	return true
}

func (f *seenFilter) release() {
	f.budget.Shrink(int64(len(f.lines)) * lineBytes)
	f.lines = nil
}
