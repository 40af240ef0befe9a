package exec

import (
	"context"
	"slices"

	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// sortOp keeps all rows and gives them in order. It is stable, so rows that are equal in all keys come as they arrived.
type sortOp struct {
	ctx    *eval.Ctx
	in     Operator
	keys   sortKeys
	types  []sqltype.Type // of the input's columns
	budget *vector.Budget

	store  *rowStore
	order  []int32
	next   int
	sorted bool
	out    *vector.Batch
	extra  int64 // charged for order
}

// sortKeys computes keys and compares rows of a store that holds input columns and then keys.
type sortKeys struct {
	exprs computed
	types []sqltype.Type
	desc  []bool
	first []bool // nulls first
}

func (b *builder) sortKeys(keys []plan.SortKey, cols []plan.Column) (sortKeys, error) {
	es := make([]plan.Expr, len(keys))
	out := sortKeys{}
	for i, k := range keys {
		es[i] = k.Expr
		out.types = append(out.types, k.Expr.Type())
		out.desc = append(out.desc, k.Desc)
		out.first = append(out.first, k.NullsFirst)
	}
	var err error
	out.exprs, err = b.computed(es, cols)
	return out, err
}

// comparer compares two rows of the store by the keys, which stand at the columns from first on.
func (k *sortKeys) comparer(s *rowStore, first int) func(a, b int32) int {
	cmps := make([]compareFunc, len(k.types))
	for i, t := range k.types {
		cmps[i] = comparatorOf(t)
	}
	return func(a, b int32) int {
		ca, ia := s.at(int(a))
		cb, ib := s.at(int(b))
		for i, cmp := range cmps {
			if c := compareNulls(cmp, ca.Cols[first+i], ia, cb.Cols[first+i], ib, k.desc[i], k.first[i]); c != 0 {
				return c
			}
		}
		return 0
	}
}

func compareNulls(cmp compareFunc, a *vector.Vector, i int, b *vector.Vector, j int, desc, nullsFirst bool) int {
	an, bn := a.IsNull(i), b.IsNull(j)
	switch {
	case an && bn:
		return 0
	case an:
		if nullsFirst {
			return -1
		}
		return 1
	case bn:
		if nullsFirst {
			return 1
		}
		return -1
	}
	c := cmp(a, i, b, j)
	if desc {
		return -c
	}
	return c
}

func (b *builder) sort(n *plan.Sort) (Operator, error) {
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	keys, err := b.sortKeys(n.Keys, n.Input.Columns())
	if err != nil {
		return nil, err
	}
	return &sortOp{ctx: b.ctx, in: in, keys: keys, types: columnTypes(n.Input.Columns()), budget: b.rt.Budget}, nil
}

func (o *sortOp) Open(ctx context.Context) error {
	o.release()
	return o.in.Open(ctx)
}

func (o *sortOp) Ready() bool { return o.sorted }

func (o *sortOp) Close() error {
	o.release()
	return o.in.Close()
}

func (o *sortOp) release() {
	o.store.release()
	o.budget.Shrink(o.extra)
	o.store, o.order, o.next, o.sorted, o.extra = nil, nil, 0, false, 0
}

func (o *sortOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.sorted {
		if err := o.read(ctx); err != nil {
			return nil, err
		}
	}
	if o.next >= len(o.order) {
		return nil, nil
	}
	n := min(len(o.order)-o.next, vector.BatchRows)
	o.out = gatherBatch(o.out, o.store, o.types, o.order[o.next:o.next+n])
	o.next += n
	return o.out, nil
}

func (o *sortOp) read(ctx context.Context) error {
	o.store = newRowStore(append(append([]sqltype.Type(nil), o.types...), o.keys.types...), o.budget)
	if err := keepWithKeys(ctx, o.ctx, o.in, o.store, &o.keys); err != nil {
		return err
	}
	o.extra = int64(o.store.n) * 8 // the order, and room to merge
	if err := o.budget.Grow(o.extra); err != nil {
		o.extra = 0
		return err
	}
	o.order = make([]int32, o.store.n)
	for i := range o.order {
		o.order[i] = int32(i)
	}
	if err := sortRows(ctx, o.order, o.keys.comparer(o.store, len(o.types))); err != nil {
		return err
	}
	o.sorted = true
	return o.in.Close()
}

// sortRun is how many rows are sorted between two looks at the context.
const sortRun = 1 << 15

// sortRows sorts stably, in runs that are then merged, so that it can be cancelled.
func sortRows(ctx context.Context, order []int32, compare func(a, b int32) int) error {
	for lo := 0; lo < len(order); lo += sortRun {
		if err := ctx.Err(); err != nil {
			return err
		}
		slices.SortStableFunc(order[lo:min(lo+sortRun, len(order))], compare)
	}
	if len(order) <= sortRun {
		return nil
	}
	from, to := order, make([]int32, len(order))
	for width := sortRun; width < len(order); width *= 2 {
		for lo := 0; lo < len(order); lo += 2 * width {
			mid, hi := min(lo+width, len(order)), min(lo+2*width, len(order))
			if err := mergeRuns(ctx, to[lo:hi], from[lo:mid], from[mid:hi], compare); err != nil {
				return err
			}
		}
		from, to = to, from
	}
	copy(order, from)
	return nil
}

// mergeRuns merges two sorted runs into out; of equal rows those of a come first.
func mergeRuns(ctx context.Context, out, a, b []int32, compare func(a, b int32) int) error {
	for i := range out {
		if i%sortRun == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) <= 0 {
			out[i], a = a[0], a[1:]
		} else {
			out[i], b = b[0], b[1:]
		}
	}
	return nil
}

// keepWithKeys drains in into the store: its columns, then the keys.
func keepWithKeys(ctx context.Context, ec *eval.Ctx, in Operator, store *rowStore, keys *sortKeys) error {
	for {
		b, err := in.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			return nil
		}
		ec.Context = ctx
		cols, _, err := keys.exprs.eval(ec, b)
		if err != nil {
			return err
		}
		all := &vector.Batch{Cols: append(append([]*vector.Vector(nil), b.Cols...), cols...), N: b.N, Sel: b.Sel}
		if err := store.append(all); err != nil {
			return err
		}
	}
}

// gatherBatch fills a batch with the first len(types) columns of some rows of the store, reusing out.
func gatherBatch(out *vector.Batch, s *rowStore, types []sqltype.Type, rows []int32) *vector.Batch {
	if out == nil {
		out = &vector.Batch{Cols: make([]*vector.Vector, len(types))}
		for i, t := range types {
			out.Cols[i] = vector.New(t)
		}
	}
	out.N = len(rows)
	for k := range types {
		s.gather(out.Cols[k], k, rows)
	}
	return out
}
