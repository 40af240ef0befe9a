package simulator

import (
	"math"
	"sort"
)

// ref names one row of a dataset: the running number, and for sets by day the
// number of the day and the number within it.
type ref struct{ i, part, k int }

// column makes one value of one row. Columns are independent of each other, so
// that a request pays only for the properties it reads.
type column func(ref) value

// dataset generates the rows of one entity set. Rows have random access.
//
// Invariants: len(offsets) == len(partKeys)+1 when the set is by day, offsets
// and partKeys ascend, and offsets[last] == rows.
type dataset struct {
	rows     int
	partKeys []int64 // dateKey of each part; nil when the set is not by day
	offsets  []int   // first row of each part, and the number of rows at the end
	cols     map[string]column
}

// static is a set without days.
func static(rows int, cols map[string]column) *dataset {
	return &dataset{rows: rows, cols: cols}
}

// daily is a set with perDay(d) rows on day d; dateKey is filled in here.
func daily(days []int64, perDay func(day int) int, cols map[string]column) *dataset {
	d := &dataset{partKeys: make([]int64, len(days)), offsets: make([]int, len(days)+1), cols: cols}
	for i, day := range days {
		d.partKeys[i] = dateKeyOf(day)
		d.offsets[i+1] = d.offsets[i] + perDay(i)
	}
	d.rows = d.offsets[len(days)]
	cols[dateKeyName] = func(r ref) value { return integer(d.partKeys[r.part]) }
	return d
}

// at locates row i.
func (d *dataset) at(i int) ref {
	if d.partKeys == nil {
		return ref{i: i, k: i}
	}
	part := sort.SearchInts(d.offsets, i+1) - 1
	return ref{i: i, part: part, k: i - d.offsets[part]}
}

// next is at(r.i+1), found without searching.
func (d *dataset) next(r ref) ref {
	r.i++
	r.k++
	for d.partKeys != nil && r.part < len(d.partKeys)-1 && r.i >= d.offsets[r.part+1] {
		r.part++
		r.k = 0
	}
	return r
}

// dayRange are the rows whose dateKey lies between lo and hi, both included.
func (d *dataset) dayRange(lo, hi int64) (from, to int) {
	if d.partKeys == nil {
		return 0, d.rows
	}
	a := sort.Search(len(d.partKeys), func(i int) bool { return d.partKeys[i] >= lo })
	b := len(d.partKeys)
	if hi < math.MaxInt64 {
		b = sort.Search(len(d.partKeys), func(i int) bool { return d.partKeys[i] > hi })
	}
	if b < a {
		b = a
	}
	return d.offsets[a], d.offsets[b]
}

// columns gives the generators of a set's properties in the order of the declaration.
func (d *dataset) columns(set *entitySet) []column {
	out := make([]column, len(set.props))
	for i, p := range set.props {
		out[i] = d.cols[p.name]
	}
	return out
}
