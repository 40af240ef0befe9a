package exec

import "math/bits"

// bitmap is a set of numbers.
type bitmap []uint64

func newBitmap(n int) bitmap { return make(bitmap, n/64+1) }

func (b bitmap) has(i int) bool { return i>>6 < len(b) && b[i>>6]&(1<<(uint(i)&63)) != 0 }
func (b bitmap) add(i int)      { b[i>>6] |= 1 << (uint(i) & 63) }

// next is the first number of the set that is at least i; limit if none is below it.
func (b bitmap) next(i, limit int) int {
	if i >= limit {
		return limit
	}
	w := b[i>>6] >> (uint(i) & 63) << (uint(i) & 63)
	for k := i >> 6; ; w = b[k] {
		if w != 0 {
			return min(limit, k<<6+bits.TrailingZeros64(w))
		}
		if k++; k >= len(b) || k<<6 >= limit {
			return limit
		}
	}
}

// tiesOf is the set of pairs whose keys are those of the pair before; with before, only of those that are in it. It is nil if there is none.
func tiesOf(a []pair, before bitmap) bitmap {
	var out bitmap
	for i := 1; i < len(a); i++ {
		if a[i].key == a[i-1].key && (before == nil || before.has(i)) {
			if out == nil {
				out = newBitmap(len(a))
			}
			out.add(i)
		}
	}
	return out
}

// runs calls f for each run of two or more that tie.
func (b bitmap) runs(n int, f func(from, to int) error) error {
	for i := b.next(1, n); i < n; i = b.next(i, n) {
		from := i - 1
		for i < n && b.has(i) {
			i++
		}
		if err := f(from, i); err != nil {
			return err
		}
	}
	return nil
}
