package exec

import (
	"math/bits"

	"github.com/odatagres/odatagres/internal/vector"
)

// dictionaryCodes remembers the numbers of keys whose columns are dictionary vectors by their codes, so that each combination is looked up
// once and not once a row.
type dictionaryCodes struct {
	dicts  []*vector.Dict
	shifts []uint
	nums   []int32 // number + 1 by combined code; 0: not known

	places []int32 // rows of the batch that are not known, by their order among the rows that count
	sel    []int32 // and their places in the columns
	codes  []uint32
	found  []int32
	batch  vector.Batch
}

// mostCodes bounds the table of combinations.
const mostCodes = 1 << 14

// known reports whether all columns of b are dictionaries small enough, and sets the numbers that are known. The rest are left to rest and
// learn.
func (c *dictionaryCodes) known(b *vector.Batch, nums []int32) bool {
	if len(b.Cols) == 0 || b.Rows() == 1 {
		return false
	}
	for _, v := range b.Cols {
		if v.Form != vector.Dictionary {
			return false
		}
	}
	if !c.fits(b.Cols) {
		return false
	}
	c.places, c.sel, c.codes = c.places[:0], c.sel[:0], c.codes[:0]
	one := len(b.Cols) == 1
	for i := range nums[:b.Rows()] {
		row := b.Row(i)
		code := uint32(b.Cols[0].Codes[row] + 1)
		if !one {
			for k, v := range b.Cols[1:] {
				code |= uint32(v.Codes[row]+1) << c.shifts[k+1]
			}
		}
		if num := c.nums[code]; num > 0 {
			nums[i] = num - 1
			continue
		}
		c.places, c.sel, c.codes = append(c.places, int32(i)), append(c.sel, int32(row)), append(c.codes, code)
	}
	return true
}

// fits begins anew where a dictionary is another one or has outgrown its bits.
func (c *dictionaryCodes) fits(cols []*vector.Vector) bool {
	same := len(c.dicts) == len(cols)
	for i := 0; same && i < len(cols); i++ {
		same = c.dicts[i] == cols[i].Dict && cols[i].Dict.Values.N < 1<<c.width(i)
	}
	if same {
		return true
	}
	c.dicts, c.shifts = c.dicts[:0], c.shifts[:0]
	shift := uint(0)
	for _, v := range cols {
		c.dicts, c.shifts = append(c.dicts, v.Dict), append(c.shifts, shift)
		shift += uint(bits.Len(uint(v.Dict.Values.N)))
	}
	if 1<<shift > mostCodes {
		c.dicts = c.dicts[:0]
		return false
	}
	c.shifts = append(c.shifts, shift)
	if n := 1 << shift; cap(c.nums) >= n {
		c.nums = c.nums[:n]
		clear(c.nums)
	} else {
		c.nums = make([]int32, n)
	}
	return true
}

func (c *dictionaryCodes) width(i int) uint { return c.shifts[i+1] - c.shifts[i] }

// rest are the rows whose numbers known did not know.
func (c *dictionaryCodes) rest(b *vector.Batch) *vector.Batch {
	c.batch = vector.Batch{Cols: b.Cols, N: b.N, Sel: c.sel}
	return &c.batch
}

// learn takes the numbers found for the rest. Keys that are not there are looked for again the next time.
func (c *dictionaryCodes) learn(nums []int32) {
	for i, num := range c.found {
		nums[c.places[i]] = num
		c.nums[c.codes[i]] = num + 1
	}
}
