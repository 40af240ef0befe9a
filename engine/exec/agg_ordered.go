package exec

import (
	"math"
	"slices"
	"unsafe"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// orderedSetAgg is percentile_cont, percentile_disc and mode. Its rows come sorted: the value first, then the direct argument. How many a
// group has is known before (expect), so that no more is kept of them than the values at the places that count.
type orderedSetAgg struct {
	flatStates[orderedState]
	types []sqltype.Type
	name  string
	out   sqltype.Type
	size  int64 // of what is behind states
	// fraction is the direct argument of groups without rows, if it reads no column; wrong is one out of range that came with nothing but nulls.
	fraction *eval.Program
	ctx      *eval.Ctx
	wrong    map[int]float64
}

// orderedState is what is known of a group before its values come: how many.
type orderedState struct {
	n int64
	*orderedValues
}

// orderedValues is what is kept of a group's values.
type orderedValues struct {
	at     int64         // values that came
	direct sqltype.Value // the direct argument, of the first value's row
	places []int64       // of values that are kept, ascending
	kept   []sqltype.Value

	// Of mode: the value before and how often it came, the most frequent value and how often that came.
	last, best       sqltype.Value
	count, bestCount int64
}

func makePercentile(c aggCall) aggregator {
	a := &orderedSetAgg{types: c.types[:c.nargs], name: c.call.Fn.Name, out: c.call.Out.Type, ctx: c.ctx}
	if len(c.call.Direct) == 1 {
		read := plan.Set{}
		if plan.Refs(c.call.Direct[0], read); len(read) == 0 {
			a.fraction = c.inputs.programs[len(c.call.Order)]
		}
	}
	return a
}

// orderedBytes is the size of orderedValues.
const orderedBytes = int64(unsafe.Sizeof(orderedValues{}))

// expect counts rows that are sorted and come with add.
func (a *orderedSetAgg) expect(f *feed) error {
	return f.present(f.args[0], func(g int32, _ int) error {
		a.s[g].n++
		return nil
	})
}

func (a *orderedSetAgg) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		switch r := int(rows[i]); {
		case !args[0].IsNull(r):
			a.take(&a.s[g], args, r)
		case len(args) > 1 && a.types[1].Kind() == sqltype.KindFloat64 && !args[1].IsNull(r):
			if f := args[1].Value(r).F; !isFraction(f) {
				if a.wrong == nil {
					a.wrong = map[int]float64{}
				}
				a.wrong[int(g)] = f
			}
		}
	}
	return nil
}

// take takes in the next value of a group.
func (a *orderedSetAgg) take(s *orderedState, args []*vector.Vector, row int) {
	if s.orderedValues == nil {
		s.orderedValues = &orderedValues{}
		a.size += orderedBytes
	}
	if a.name == "mode" {
		a.count(s, args[0].Value(row))
		return
	}
	if s.at == 0 {
		s.direct = args[1].Value(row)
		s.places = a.placesOf(s.direct, s.n)
		a.size += int64(len(s.direct.S)) + 8*int64(len(s.places))
	}
	if k := len(s.kept); k < len(s.places) && s.places[k] == s.at {
		v := args[0].Value(row)
		s.kept = append(s.kept, v)
		a.size += 96 + int64(len(v.S))
	}
	s.at++
}

// count finds the most frequent value, the first of several in sort order.
func (a *orderedSetAgg) count(s *orderedState, v sqltype.Value) {
	if s.count == 0 || sqltype.Compare(a.types[0], s.last, v) != 0 {
		s.count = 0
	}
	a.size += int64(len(v.S) - len(s.last.S))
	s.last = v
	if s.count++; s.count > s.bestCount {
		a.size += int64(len(v.S) - len(s.best.S))
		s.best, s.bestCount = v, s.count
	}
}

// placesOf says which of n values the fractions need.
func (a *orderedSetAgg) placesOf(direct sqltype.Value, n int64) []int64 {
	var out []int64
	add := func(p sqltype.Value) {
		if !p.Null && isFraction(p.F) {
			first, second := a.between(p.F, n)
			out = append(out, first, second)
		}
	}
	switch {
	case direct.Null:
	case a.types[1].Info().IsArray:
		fractions, err := sqltype.DecodeArray(direct.S)
		if err == nil { // else the result is the error
			for _, f := range fractions.Elems {
				add(f)
			}
		}
	default:
		add(direct)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// between is the places of the two values that a fraction lies between.
func (a *orderedSetAgg) between(p float64, n int64) (first, second int64) {
	if a.name == "percentile_disc" {
		k := max(int64(math.Ceil(p*float64(n))), 1) - 1
		return k, k
	}
	return int64(math.Floor(p * float64(n-1))), int64(math.Ceil(p * float64(n-1)))
}

func (a *orderedSetAgg) bytes() int64 { return a.size }

// drop gives up what is kept of groups that have come out.
func (a *orderedSetAgg) drop(from, n int) {
	for g := from; g < from+n; g++ {
		s := &a.s[g]
		if s.orderedValues == nil {
			continue
		}
		a.size -= orderedBytes + int64(len(s.direct.S)+len(s.last.S)+len(s.best.S)) + 8*int64(len(s.places))
		for _, v := range s.kept {
			a.size -= 96 + int64(len(v.S))
		}
		*s = orderedState{}
	}
}

// none is the result without rows. PostgreSQL looks at a fraction before it looks at the rows, but at an array of them after.
func (a *orderedSetAgg) none(g int) (sqltype.Value, error) {
	if f, ok := a.wrong[g]; ok {
		return sqltype.Value{}, outOfRange(f)
	}
	if a.fraction == nil {
		return null()
	}
	v, _, err := a.fraction.Eval(a.ctx, &vector.Batch{N: 1})
	if err != nil {
		return sqltype.Value{}, err
	}
	if a.types[1].Kind() == sqltype.KindFloat64 && !v.IsNull(0) {
		if f := v.Value(0).F; !isFraction(f) {
			return sqltype.Value{}, outOfRange(f)
		}
	}
	return null()
}

func (a *orderedSetAgg) result(g int) (sqltype.Value, error) {
	s := &a.s[g]
	if s.orderedValues == nil {
		return a.none(g)
	}
	if a.name == "mode" {
		return s.best, nil
	}
	if s.direct.Null {
		return null()
	}
	if !a.types[1].Info().IsArray {
		return a.at(s, s.direct.F)
	}
	fractions, err := sqltype.DecodeArray(s.direct.S)
	if err != nil {
		return sqltype.Value{}, err
	}
	for i, f := range fractions.Elems {
		if f.Null {
			continue
		}
		if fractions.Elems[i], err = a.at(s, f.F); err != nil {
			return sqltype.Value{}, err
		}
	}
	fractions.ElemOID = sqltype.ElemOf(a.out.OID)
	return sqltype.EncodeArray(fractions), nil
}

func (a *orderedSetAgg) at(s *orderedState, p float64) (sqltype.Value, error) {
	if !isFraction(p) {
		return sqltype.Value{}, outOfRange(p)
	}
	first, second := a.between(p, s.n)
	lo, hi := s.value(first), s.value(second)
	if first == second {
		return lo, nil
	}
	share := p*float64(s.n-1) - float64(first)
	if a.types[0].OID == sqltype.OIDInterval {
		return sqltype.Value{Iv: lerpInterval(lo.Iv, hi.Iv, share)}, nil
	}
	return sqltype.Float(lo.F + share*(hi.F-lo.F)), nil
}

func (s *orderedState) value(place int64) sqltype.Value {
	k, _ := slices.BinarySearch(s.places, place)
	return s.kept[k]
}

func isFraction(p float64) bool { return p >= 0 && p <= 1 }

func outOfRange(p float64) error {
	return pgerr.Newf(pgerr.NumericValueOutOfRange, "percentile value %g is not between 0 and 1", p)
}

// lerpInterval is interval_lerp: lo + (hi - lo) * share, with interval_mul's cascade of fractions.
func lerpInterval(lo, hi sqltype.Interval, share float64) sqltype.Interval {
	d := sqltype.Interval{Micros: hi.Micros - lo.Micros, Days: hi.Days - lo.Days, Months: hi.Months - lo.Months}
	d = divideInterval(d, 1/share)
	return sqltype.Interval{Micros: lo.Micros + d.Micros, Days: lo.Days + d.Days, Months: lo.Months + d.Months}
}
