package eval

import (
	"math/bits"

	"github.com/odatagres/odatagres/internal/vector"
)

// span is how many rows from 0 on a loop should run over instead of over sel, where computing rows that nobody asked for does no harm: it
// then needs no list of rows. 0 where too few of them are wanted.
func span(sel []int32) int {
	if n := len(sel); n > 0 {
		if all := int(sel[n-1]) + 1; all <= 2*n {
			return all
		}
	}
	return 0
}

// andValid clears the bits of the vector's null rows, and reports whether there are any among sel. A bitmap's bits may be cleared for
// rows outside of sel as well.
func andValid(valid []uint64, v *vector.Vector, sel []int32) bool {
	switch {
	case v.Form == vector.Dictionary:
		some := false
		for _, r := range sel {
			if v.Codes[r] < 0 {
				valid[r>>6] &^= 1 << (uint(r) & 63)
				some = true
			}
		}
		return some
	case v.Valid == nil:
		return false
	case v.Form == vector.Constant:
		if v.Valid[0]&1 == 0 {
			clear(valid)
			return true
		}
		return false
	}
	for i, w := range v.Valid[:len(valid)] {
		valid[i] &= w
	}
	return true
}

// validRows appends to dst[:0] the rows of sel whose bits are set; n is the number of rows there are.
func validRows(valid []uint64, n int, sel, dst []int32) []int32 {
	dst = room(dst, len(sel))
	k := 0
	if len(sel) < n {
		for _, r := range sel {
			dst[k] = r
			k += int(valid[r>>6] >> (uint(r) & 63) & 1)
		}
		return dst[:k]
	}
	for i, w := range valid {
		at := int32(i * 64)
		if rest := n - i*64; rest < 64 {
			w &= 1<<uint(rest) - 1
		}
		if w == ^uint64(0) {
			for j := range dst[k : k+64] {
				dst[k+j] = at + int32(j)
			}
			k += 64
			continue
		}
		for ; w != 0; w &= w - 1 {
			dst[k] = at + int32(bits.TrailingZeros64(w))
			k++
		}
	}
	return dst[:k]
}

// room is a list of n+1 undefined places: one more than a caller needs that writes before it knows whether to keep what it wrote.
func room(buf []int32, n int) []int32 {
	if cap(buf) <= n {
		buf = make([]int32, max(n+1, vector.BatchRows+1))
	}
	return buf[:n+1]
}

// texts reads the rows of a bytes-like vector.
type texts struct {
	data    []byte
	offsets []int32
	codes   []int32 // of a dictionary
	mask    int32
}

func textsOf(v *vector.Vector) texts {
	switch v.Form {
	case vector.Constant:
		return texts{data: v.Data, offsets: v.Offsets}
	case vector.Dictionary:
		return texts{data: v.Dict.Values.Data, offsets: v.Dict.Values.Offsets, codes: v.Codes, mask: -1}
	}
	return texts{data: v.Data, offsets: v.Offsets, mask: -1}
}

// at is the text of a row, which aliases the vector.
func (t *texts) at(r int32) []byte {
	r &= t.mask
	if t.codes != nil {
		r = t.codes[r]
	}
	return t.data[t.offsets[r]:t.offsets[r+1]]
}
