package eval

import (
	"github.com/odatagres/odatagres/internal/vector"
)

// selector is a predicate that finds the rows for which it is true without a vector of booleans. It writes them to dst[:0]; after an error
// they may reach beyond the failing row.
type selector interface {
	selectRows(f *frame, sel, dst []int32) []int32
}

// selectRows returns the rows of sel for which a predicate is true.
func selectRows(n node, f *frame, sel, dst []int32) []int32 {
	if s, ok := n.(selector); ok {
		return s.selectRows(f, sel, dst)
	}
	v := n.eval(f, sel)
	return trueRows(v, f.cut(sel), dst)
}

// trueRows writes to dst[:0] the rows of sel in which the boolean vector is true. dst may be sel.
func trueRows(v *vector.Vector, sel, dst []int32) []int32 { return rowsThatAre(true, v, sel, dst) }

// rowsThatAre is trueRows for either value.
func rowsThatAre(want bool, v *vector.Vector, sel, dst []int32) []int32 {
	if len(sel) == 0 {
		return dst[:0]
	}
	if v.Form == vector.Constant {
		if !v.IsNull(0) && v.Bools[0] == want {
			return append(dst[:0], sel...)
		}
		return dst[:0]
	}
	dst = room(dst, len(sel))
	k := 0
	switch bools := v.Bools; {
	case v.Form == vector.Dictionary:
		for _, r := range sel {
			dst[k] = r
			if c := v.Codes[r]; c >= 0 && v.Dict.Values.Bools[c] == want {
				k++
			}
		}
	case v.Valid != nil:
		for _, r := range sel {
			dst[k] = r
			if v.Valid[r>>6]>>(uint(r)&63)&1 != 0 && bools[r] == want {
				k++
			}
		}
	case int(sel[len(sel)-1])+1 == len(sel):
		for i, b := range bools[:len(sel)] {
			dst[k] = int32(i)
			if b == want {
				k++
			}
		}
	default:
		for _, r := range sel {
			dst[k] = r
			if bools[r] == want {
				k++
			}
		}
	}
	return dst[:k]
}

// splitRows divides rows into those in which a boolean vector is true and the others. no may be rows.
func splitRows(v *vector.Vector, rows, yes, no []int32) (isTrue, isNot []int32) {
	yes, no = room(yes, len(rows)), room(no, len(rows))
	i, j := 0, 0
	plain := v.Form == vector.Flat && v.Valid == nil
	for _, r := range rows {
		yes[i], no[j] = r, r
		var is bool
		if plain {
			is = v.Bools[r]
		} else {
			val, null := boolAt(v, r)
			is = val && !null
		}
		if is {
			i++
		} else {
			j++
		}
	}
	return yes[:i], no[:j]
}

// splitNulls divides rows into those in which a vector is not null and the others. null may be rows.
func splitNulls(v *vector.Vector, rows, full, null []int32) (isFull, isNull []int32) {
	if !v.MayHaveNulls() {
		return append(full[:0], rows...), null[:0]
	}
	full, null = room(full, len(rows)), room(null, len(rows))
	i, j := 0, 0
	for _, r := range rows {
		full[i], null[j] = r, r
		if v.IsNull(int(r)) {
			j++
		} else {
			i++
		}
	}
	return full[:i], null[:j]
}
