package exec

import (
	"context"
	"sort"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// sortedInput keeps an aggregate's rows until all are there, to feed them group by group, in order and without duplicates: sorted by the
// order keys and, with DISTINCT, by the arguments, as PostgreSQL does. Rows of a group that compare equal stay in their order of arrival.
type sortedInput struct {
	call   *aggCall
	rows   *sorter
	same   []compareFunc // with DISTINCT: of the arguments
	groups *vector.Vector
	wide   vector.Batch

	batch *vector.Batch // that is being fed
	at    int
	sel   []int32
	last  []*vector.Vector // with DISTINCT: group and arguments of the last row of the batch before
	picks []int32          // groups of sel
}

func newSortedInput(c *aggCall, mem *memory) *sortedInput {
	group := sqltype.Of(sqltype.OIDInt4)
	keys := []sortColumn{{col: 0, typ: group}}
	first := 1 + len(c.types) - len(c.call.Order)
	for k, o := range c.call.Order {
		keys = append(keys, sortColumn{col: first + k, typ: c.types[first+k-1], desc: o.Desc, first: o.NullsFirst})
	}
	in := &sortedInput{call: c, groups: vector.New(group)}
	if c.call.Distinct {
		for k := range c.nargs {
			keys = append(keys, sortColumn{col: 1 + k, typ: c.types[k]})
		}
		in.same = comparatorsOf(append([]sqltype.Type{group}, c.types[:c.nargs]...))
	}
	in.rows = newSorter(mem, append([]sqltype.Type{group}, c.types...), keys)
	return in
}

// keep takes rows: f's groups and rows, and all inputs of the call.
func (in *sortedInput) keep(ctx context.Context, f *feed) error {
	n := f.n
	if f.rows != nil {
		n = int(f.rows[f.n-1]) + 1
	}
	in.groups.Reset(n)
	to := in.groups.I32
	switch {
	case f.groups == nil:
		fill(to, f.group)
	case f.rows == nil:
		copy(to, f.groups[:n])
	default:
		for i, r := range f.rows[:f.n] {
			to[r] = f.groups[i]
		}
	}
	in.wide.Cols = append(append(in.wide.Cols[:0], in.groups), f.args...)
	in.wide.N, in.wide.Sel = n, f.rows
	if f.rows != nil {
		in.wide.Sel = f.rows[:f.n]
	}
	return in.rows.add(ctx, &in.wide)
}

// finish sorts. No row is kept after it.
func (in *sortedInput) finish(ctx context.Context) error { return in.rows.finish(ctx) }

// feed gives the next rows, all of groups below limit; nil where there are none.
func (in *sortedInput) feed(ctx context.Context, limit int32) (*feed, error) {
	for {
		if in.batch == nil || in.at == in.batch.N {
			if in.batch != nil && in.same != nil {
				in.keepLast()
			}
			var err error
			if in.batch, err = in.rows.read(ctx, 1+in.call.nargs); in.batch == nil || err != nil {
				return nil, err
			}
			in.at = 0
		}
		groups := in.batch.Cols[0].I32[:in.batch.N]
		from := in.at
		in.at += sort.Search(len(groups)-from, func(i int) bool { return groups[from+i] >= limit })
		if in.at == from {
			return nil, ctx.Err()
		}
		if f := in.between(groups, from, in.at); f.n > 0 {
			return f, ctx.Err()
		}
	}
}

// between gives rows of the batch, without those that are duplicates.
func (in *sortedInput) between(groups []int32, from, to int) *feed {
	f := &feed{n: to - from, args: in.batch.Cols[1:]}
	in.sel = in.sel[:0]
	for r := from; r < to; r++ {
		if in.same == nil || !in.repeats(r) {
			in.sel = append(in.sel, int32(r))
		}
	}
	f.n, f.rows = len(in.sel), in.sel
	if groups[from] == groups[to-1] {
		f.group = groups[from]
		return f
	}
	in.picks = growInts(in.picks, f.n)
	for i, r := range in.sel {
		in.picks[i] = groups[r]
	}
	f.groups = in.picks
	return f
}

// repeats reports whether a row has the group and the arguments of the one before it.
func (in *sortedInput) repeats(r int) bool {
	cols := in.batch.Cols[:1+in.call.nargs]
	if r > 0 {
		return eval.RowsEqual(cols, r-1, cols, r, in.same)
	}
	return in.last != nil && eval.RowsEqual(in.last, 0, cols, 0, in.same)
}

func (in *sortedInput) keepLast() {
	if in.last == nil {
		in.last = make([]*vector.Vector, 1+in.call.nargs)
	}
	for i := range in.last {
		in.last[i] = vector.Gather(in.last[i], in.batch.Cols[i], []int32{int32(in.batch.N - 1)})
	}
}

// release gives files and memory back.
func (in *sortedInput) release() error {
	in.batch, in.last = nil, nil
	return in.rows.release()
}

// late reports whether rows of the call may have to wait in files until its groups come out.
func (c *aggCall) late() bool { return c.listed || c.call.Distinct || len(c.call.Order) > 0 }

// share is the memory of one of them: it is sure of a floor, in which an input can be sorted and merged while groups take the rest. Where lists
// are made when groups come out, that is also all it gets.
func (o *aggregateOp) share(lists bool) (*memory, error) {
	n := int64(0)
	for i := range o.calls {
		if o.calls[i].late() {
			n += int64(len(o.sets))
		}
	}
	if o.limit == 0 {
		return o.mem, nil
	}
	most := o.limit / 3 / max(n, 1)
	p := &memory{dir: o.mem.dir, floor: min(mostFloor, most)}
	if !lists {
		most = 0
	}
	p.Budget = vector.NewBudget(o.mem.Budget, "query", most)
	return p, p.Reserve(p.floor)
}
