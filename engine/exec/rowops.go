package exec

import (
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

type compareFunc = eval.Compare

func comparatorOf(t sqltype.Type) compareFunc { return eval.Comparator(t) }

func comparatorsOf(types []sqltype.Type) []compareFunc {
	out := make([]compareFunc, len(types))
	for i, t := range types {
		out[i] = eval.Comparator(t)
	}
	return out
}

// hashRows hashes the rows of b that count over all columns.
func hashRows(b *vector.Batch, buf []uint64) []uint64 {
	n := b.Rows()
	if cap(buf) < n {
		buf = make([]uint64, n, max(n, vector.BatchRows))
	}
	buf = buf[:n]
	places := make([]int, len(b.Cols))
	for i := range places {
		places[i] = i
	}
	eval.HashColumns(b, places, buf)
	return buf
}
