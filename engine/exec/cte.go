package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// cteStore keeps what a CTE, a read that occurs several times, or a part of a correlated subquery has given so far. Every reference reads it from the beginning; whoever comes to the end pulls the
// next batch, so a CTE that nobody reads to the end is not run to the end.
type cteStore struct {
	in     Operator
	ctx    context.Context // the portal's
	cols   []plan.Column
	types  []sqltype.Type
	budget *vector.Budget
	store  *rowStore
	varies bool // other rows at another opening of its scope
	opened bool
	ended  bool
}

func (b *builder) with(n *plan.With) (Operator, error) {
	var stores []*cteStore
	for _, c := range n.CTEs {
		in, err := b.build(c.Plan)
		if err != nil {
			return nil, err
		}
		s := &cteStore{in: in, ctx: b.rt.Context, cols: c.Plan.Columns(), types: columnTypes(c.Plan.Columns()), budget: b.rt.Budget}
		s.varies = !b.constant(c.Plan)
		b.ctes[c.ID] = s
		stores = append(stores, s)
	}
	in, err := b.build(n.Input)
	if err != nil {
		return nil, err
	}
	return &withOp{in: in, stores: stores}, nil
}

// withOp forgets the CTEs' rows when the statement part that defines them is opened again or closed.
type withOp struct {
	in     Operator
	stores []*cteStore
}

func (o *withOp) Open(ctx context.Context) error {
	if err := o.reset(); err != nil {
		return err
	}
	return o.in.Open(ctx)
}
func (o *withOp) Ready() bool { return o.in.Ready() }
func (o *withOp) Next(ctx context.Context) (*vector.Batch, error) {
	return o.in.Next(ctx)
}

func (o *withOp) Close() error {
	err := o.in.Close()
	if err2 := o.reset(); err == nil {
		err = err2
	}
	return err
}

func (o *withOp) reset() error {
	var first error
	for _, s := range o.stores {
		if err := s.reset(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (s *cteStore) reset() error {
	s.store.release()
	s.store, s.ended = nil, false
	if !s.opened {
		return nil
	}
	s.opened = false
	return s.in.Close()
}

// more reads the next batch into the store; false at the end.
func (s *cteStore) more(ctx context.Context) (bool, error) {
	if s.ended {
		return false, nil
	}
	if !s.opened {
		s.opened = true
		s.store = newRowStore(s.types, s.budget)
		if err := s.in.Open(s.ctx); err != nil {
			return false, err
		}
	}
	b, err := s.in.Next(ctx)
	if err != nil {
		return false, err
	}
	if b == nil {
		s.ended, s.opened = true, false
		return false, s.in.Close()
	}
	return true, s.store.append(b)
}

// keep makes a store for rows that are read several times, until the statement ends.
func (b *builder) keep(in Operator, cols []plan.Column) *cteStore {
	s := &cteStore{in: in, ctx: b.rt.Context, cols: cols, types: columnTypes(cols), budget: b.rt.Budget}
	*b.cleanup = append(*b.cleanup, s.reset)
	return s
}

// all are the places of all columns.
func (s *cteStore) all() []int {
	places := make([]int, len(s.cols))
	for i := range places {
		places[i] = i
	}
	return places
}

func (b *builder) cteScan(n *plan.CTEScan) (Operator, error) {
	s, ok := b.ctes[n.CTE]
	if !ok {
		return nil, pgerr.Internal("WITH query %q is not in scope", n.Name)
	}
	o := &cteScanOp{store: s}
	for _, id := range n.Source {
		k := columnAt(s.cols, id)
		if k < 0 {
			return nil, pgerr.Internal("WITH query %q does not give column %d", n.Name, id)
		}
		o.places = append(o.places, k)
	}
	return o, nil
}

type cteScanOp struct {
	store  *cteStore
	places []int
	next   int
	out    vector.Batch
}

func (o *cteScanOp) Open(context.Context) error {
	o.next = 0
	return nil
}

func (o *cteScanOp) Ready() bool {
	s := o.store
	return s.ended || s.store != nil && o.next < s.store.n || s.opened && s.in.Ready()
}
func (o *cteScanOp) Close() error { return nil }

func (o *cteScanOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for o.store.store == nil || o.next >= o.store.store.n {
		ok, err := o.store.more(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, nil
		}
	}
	o.next = scanStore(&o.out, o.store.store, o.next, o.places)
	return &o.out, nil
}

// scanStore points out at the rows of the store from next to the end of their chunk, and returns where to go on.
func scanStore(out *vector.Batch, s *rowStore, next int, places []int) int {
	c, i := s.at(next)
	n := min(c.N, s.n-(next-i))
	cols := out.Cols[:0]
	for _, p := range places {
		cols = append(cols, c.Cols[p])
	}
	*out = vector.Batch{Cols: cols, N: n}
	for k := i; i > 0 && k < n; k++ {
		out.Sel = append(out.Sel, int32(k))
	}
	return next - i + n
}
