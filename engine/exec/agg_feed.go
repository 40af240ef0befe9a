package exec

import (
	"unsafe"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// feed is rows for an aggregate, all of them or those in rows, and the group of each.
type feed struct {
	groups []int32 // nil: all rows belong to group
	group  int32
	rows   []int32 // places in the arguments; nil: the first n
	n      int
	args   []*vector.Vector
}

// batchAggregator is an aggregate that works on vectors.
type batchAggregator interface {
	// grow makes states for groups up to n.
	grow(n int)
	addBatch(f *feed) error
	// results writes the values of n groups into dst, which is flat and has n rows.
	results(dst *vector.Vector, from, n int) error
	width() int64
	bytes() int64
}

// columnar makes an aggregator of one that works on vectors.
type columnar struct {
	batchAggregator
	one *vector.Vector
}

func byBatch(c aggCall, a batchAggregator) aggregator {
	return &columnar{batchAggregator: a, one: vector.New(c.call.Out.Type)}
}

func (a *columnar) add(groups, rows []int32, args []*vector.Vector) error {
	return a.addBatch(&feed{groups: groups, rows: rows, n: len(groups), args: args})
}

func (a *columnar) result(group int) (sqltype.Value, error) {
	a.one.Reset(1)
	if err := a.results(a.one, group, 1); err != nil {
		return sqltype.Value{}, err
	}
	a.one.Finish()
	return a.one.Value(0), nil
}

// flatStates are states without anything behind them.
type flatStates[T any] struct{ s []T }

func (s *flatStates[T]) grow(n int) {
	if n > cap(s.s) {
		out := make([]T, n)
		copy(out, s.s)
		s.s = out
	}
	s.s = s.s[:max(n, len(s.s))]
}

func (s *flatStates[T]) width() int64 {
	var one T
	return int64(unsafe.Sizeof(one))
}

func (s *flatStates[T]) bytes() int64 { return 0 }

// scratch keeps the buffers that values and groups are picked into.
type scratch[T any] struct {
	vals   []T
	groups []int32
}

// pick gives the values that are not null one behind the other, and the group of each where there are several. src is the buffer of v's
// values. They are valid until the next call.
func (s *scratch[T]) pick(f *feed, v *vector.Vector, src []T) (vals []T, groups []int32) {
	plain := v.Form == vector.Flat && v.Valid == nil
	if plain && f.rows == nil {
		return src[:f.n], f.groups
	}
	if cap(s.vals) < f.n {
		s.vals = make([]T, max(f.n, vector.InitialRows))
	}
	vals = s.vals[:f.n]
	if plain {
		for i, r := range f.rows[:f.n] {
			vals[i] = src[r]
		}
		return vals, f.groups
	}
	if v.Form == vector.Constant {
		if v.IsNull(0) {
			return nil, nil
		}
		for i := range vals {
			vals[i] = src[0]
		}
		return vals, f.groups
	}
	if f.groups != nil {
		s.groups = growInts(s.groups, f.n)
	}
	k := 0
	for i := range vals {
		r := i
		if f.rows != nil {
			r = int(f.rows[i])
		}
		if v.IsNull(r) {
			continue
		}
		vals[k] = src[v.Index(r)]
		if f.groups != nil {
			s.groups[k] = f.groups[i]
		}
		k++
	}
	if f.groups == nil {
		return vals[:k], nil
	}
	return vals[:k], s.groups[:k]
}

// present visits the rows that are not null.
func (f *feed) present(v *vector.Vector, visit func(group int32, row int) error) error {
	nulls := v.MayHaveNulls()
	for i := range f.n {
		r, g := i, f.group
		if f.rows != nil {
			r = int(f.rows[i])
		}
		if nulls && v.IsNull(r) {
			continue
		}
		if f.groups != nil {
			g = f.groups[i]
		}
		if err := visit(g, r); err != nil {
			return err
		}
	}
	return nil
}

// spread lists groups and rows one by one for an aggregator that does not work on vectors.
func (f *feed) spread(groups, rows []int32) (g, r []int32) {
	g, r = f.groups, f.rows
	if g == nil {
		g = growInts(groups, f.n)
		fill(g, f.group)
	}
	if r == nil {
		r = growInts(rows, f.n)
		for i := range r {
			r[i] = int32(i)
		}
	}
	return g[:f.n], r[:f.n]
}
