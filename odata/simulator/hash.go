package simulator

import "fmt"

// salt separates the random streams of different facts about one thing.
type salt uint64

// mix is the finalizer of splitmix64: every bit of the input moves every bit of the output.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// dice is a deterministic source of randomness with random access: the same
// salt and number give the same draw, whatever was drawn before. Rows can
// therefore be made in any order, and a read of one day makes that day alone.
type dice struct{ seed uint64 }

func (d dice) roll(s salt, i int) uint64 {
	return mix(d.seed ^ mix(uint64(s)<<40^uint64(i)))
}

// of rolls a number from 0 to n-1.
func (d dice) of(s salt, i, n int) int {
	return int(d.roll(s, i) >> 33 % uint64(n))
}

// chance is true in percent of all cases.
func (d dice) chance(s salt, i, percent int) bool {
	return d.of(s, i, 100) < percent
}

// guid makes a version 4 GUID in lower case.
func (d dice) guid(s salt, i int) string {
	a, b := d.roll(s, i), mix(d.roll(s, i))
	a = a&^0xF000 | 0x4000
	b = b&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xFFFF, a&0xFFFF, b>>48, b&0xFFFFFFFFFFFF)
}

// weighted is an item with its share.
type weighted[T any] struct {
	item   T
	weight int
}

// pick chooses by weight.
func pick[T any](d dice, s salt, i int, items []weighted[T]) T {
	total := 0
	for _, w := range items {
		total += w.weight
	}
	n := d.of(s, i, total)
	for _, w := range items {
		if n -= w.weight; n < 0 {
			return w.item
		}
	}
	return items[len(items)-1].item
}
