package exec

import (
	"context"
	"math/bits"
	"slices"
)

// Radix sort of keys with their rows. All of it is stable: equal keys stay in the order of their rows.
//
// Where key and row fit one word together they are sorted as one (packed), which halves the memory that is moved; else as pairs. Large inputs are divided by
// their highest bits until a part fits the cache, and parts are sorted from the lowest byte to the highest. The code stands twice since
// Go's generic functions cannot reach fields without a call.

// pair is a word of a row's normalised key, and the row.
type pair struct {
	key uint64
	row uint32
}

const (
	// fewRows are sorted by comparing.
	fewRows = 192
	// cachedRows are sorted in the cache of a core.
	cachedRows = 1 << 13
	// mostDigit is the number of bits by which large inputs are divided at once; each part of them is a place in memory that is written.
	mostDigit = 9
)

// radix sorts under a context.
type radix struct {
	ctx        context.Context
	goroutines int // that may sort parts
	since      int // rows since the last look
}

func (r *radix) look(n int) error {
	if r.since += n; r.since < lookRows {
		return nil
	}
	r.since = 0
	return r.ctx.Err()
}

// lookRows is how many rows are worked on between two looks at the context.
const lookRows = 1 << 16

// digitOf is how many bits divide n rows, of which hi - lo bits are left, into parts for the cache.
func digitOf(n, left int) int {
	return max(1, min(left, mostDigit, bits.Len(uint(n/cachedRows))+1))
}

// sortPacked sorts a by the bits from lo to hi of its keys; b is as long. The result is in b if toB is set, else in a.
func (r *radix) sortPacked(a, b []uint64, hi, lo int, toB bool) error {
	if err := r.look(len(a)); err != nil {
		return err
	}
	switch {
	case len(a) <= fewRows || hi <= lo:
		if hi > lo && len(a) > 1 {
			slices.Sort(a) // the rows are the lowest bits, and all bits above hi are the same
		}
		if toB {
			copy(b, a)
		}
		return nil
	case len(a) <= cachedRows || hi-lo <= 8:
		if bytewisePacked(a, b, hi, lo) != toB {
			if toB {
				copy(b, a)
			} else {
				copy(a, b)
			}
		}
		return nil
	}
	d := digitOf(len(a), hi-lo)
	var ends [1<<mostDigit + 1]int
	shift, mask := uint(hi-d), uint64(1)<<d-1
	for i := range a {
		ends[a[i]>>shift&mask+1]++
	}
	if ends[a[0]>>shift&mask+1] == len(a) {
		return r.sortPacked(a, b, hi-d, lo, toB)
	}
	for i := 1; i <= 1<<d; i++ {
		ends[i] += ends[i-1]
	}
	at := ends
	for i := range a {
		k := a[i] >> shift & mask
		b[at[k]] = a[i]
		at[k]++
	}
	if r.goroutines > 1 && len(a) >= parallelRows {
		parts := ends
		return inParallel(r.ctx, r.goroutines, 1<<d, func(ctx context.Context, i int) error {
			one := radix{ctx: ctx}
			return one.sortPacked(b[parts[i]:parts[i+1]], a[parts[i]:parts[i+1]], hi-d, lo, !toB)
		})
	}
	for i := range 1 << d {
		from, to := ends[i], ends[i+1]
		if from == to {
			continue
		}
		if err := r.sortPacked(b[from:to], a[from:to], hi-d, lo, !toB); err != nil {
			return err
		}
	}
	return nil
}

// bytewisePacked sorts by bytes, the lowest first, and reports whether the result is in b.
func bytewisePacked(a, b []uint64, hi, lo int) (inB bool) {
	var counts [8][256]uint32
	n := (hi - lo + 7) / 8
	top := uint64(1)<<(hi-lo-8*(n-1)) - 1 // of the highest byte, which bits above hi are no part of
	for i := range a {
		k := a[i] >> uint(lo)
		for d := range n - 1 {
			counts[d&7][k&255]++
			k >>= 8
		}
		counts[(n-1)&7][k&top&255]++
	}
	for d := range n {
		c := &counts[d&7]
		shift, mask := uint(lo+8*d), uint64(255)
		if d == n-1 {
			mask = top & 255
		}
		if c[a[0]>>shift&mask] == uint32(len(a)) {
			continue
		}
		sum := uint32(0)
		for i := range c {
			c[i], sum = sum, sum+c[i]
		}
		for i := range a {
			k := a[i] >> shift & mask & 255
			b[c[k]] = a[i]
			c[k]++
		}
		a, b, inB = b, a, !inB
	}
	return inB
}

// sortPairs sorts a by the bits from lo to hi of its keys; b is as long. The result is in b if toB is set, else in a.
func (r *radix) sortPairs(a, b []pair, hi, lo int, toB bool) error {
	if err := r.look(len(a)); err != nil {
		return err
	}
	switch {
	case len(a) <= fewRows || hi <= lo:
		if hi > lo && len(a) > 1 {
			slices.SortFunc(a, comparePairs)
		}
		if toB {
			copy(b, a)
		}
		return nil
	case len(a) <= cachedRows || hi-lo <= 8:
		if bytewisePairs(a, b, hi, lo) != toB {
			if toB {
				copy(b, a)
			} else {
				copy(a, b)
			}
		}
		return nil
	}
	d := digitOf(len(a), hi-lo)
	var ends [1<<mostDigit + 1]int
	shift, mask := uint(hi-d), uint64(1)<<d-1
	for i := range a {
		ends[a[i].key>>shift&mask+1]++
	}
	if ends[a[0].key>>shift&mask+1] == len(a) {
		return r.sortPairs(a, b, hi-d, lo, toB)
	}
	for i := 1; i <= 1<<d; i++ {
		ends[i] += ends[i-1]
	}
	at := ends
	for i := range a {
		k := a[i].key >> shift & mask
		b[at[k]] = a[i]
		at[k]++
	}
	if r.goroutines > 1 && len(a) >= parallelRows {
		parts := ends
		return inParallel(r.ctx, r.goroutines, 1<<d, func(ctx context.Context, i int) error {
			one := radix{ctx: ctx}
			return one.sortPairs(b[parts[i]:parts[i+1]], a[parts[i]:parts[i+1]], hi-d, lo, !toB)
		})
	}
	for i := range 1 << d {
		from, to := ends[i], ends[i+1]
		if from == to {
			continue
		}
		if err := r.sortPairs(b[from:to], a[from:to], hi-d, lo, !toB); err != nil {
			return err
		}
	}
	return nil
}

// bytewisePairs sorts by bytes, the lowest first, and reports whether the result is in b.
func bytewisePairs(a, b []pair, hi, lo int) (inB bool) {
	var counts [8][256]uint32
	n := (hi - lo + 7) / 8
	top := uint64(1)<<(hi-lo-8*(n-1)) - 1 // of the highest byte, which bits above hi are no part of
	for i := range a {
		k := a[i].key >> uint(lo)
		for d := range n - 1 {
			counts[d&7][k&255]++
			k >>= 8
		}
		counts[(n-1)&7][k&top&255]++
	}
	for d := range n {
		c := &counts[d&7]
		shift, mask := uint(lo+8*d), uint64(255)
		if d == n-1 {
			mask = top & 255
		}
		if c[a[0].key>>shift&mask] == uint32(len(a)) {
			continue
		}
		sum := uint32(0)
		for i := range c {
			c[i], sum = sum, sum+c[i]
		}
		for i := range a {
			k := a[i].key >> shift & mask & 255
			b[c[k]] = a[i]
			c[k]++
		}
		a, b, inB = b, a, !inB
	}
	return inB
}

// comparePairs orders by key and row; bits above those being sorted by are the same in all.
func comparePairs(x, y pair) int {
	switch {
	case x.key < y.key:
		return -1
	case x.key > y.key:
		return 1
	case x.row < y.row:
		return -1
	case x.row > y.row:
		return 1
	}
	return 0
}
