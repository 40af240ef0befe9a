package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// cteStore keeps what a CTE, a read that occurs several times, or a part of a correlated subquery has given so far. Every reference reads
// it from the beginning; whoever comes to the end pulls the next batch, so a CTE that nobody reads to the end is not run to the end.
type cteStore struct {
	in     Operator
	ctx    context.Context // the portal's
	cols   []plan.Column
	rows   *Spool
	varies bool // other rows at another opening of its scope
	opened bool
	ended  bool

	again   bool  // a reference is opened many times
	waiting int   // references that were never opened
	active  int   // references that are open
	left    bool  // the input was closed before its end, since nobody was there to read it
	resets  int   // how often the rows were forgotten
	failed  error // of the row after those that are here: every reader that comes so far meets it
}

func (b *builder) newStore(in Operator, cols []plan.Column) (*cteStore, error) {
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	return &cteStore{in: in, ctx: b.rt.Context, cols: cols, rows: newSpool(columnTypes(cols), mem)}, nil
}

func (b *builder) with(n *plan.With) (Operator, error) {
	var stores []*cteStore
	for _, c := range n.CTEs {
		in, err := b.build(c.Plan)
		if err != nil {
			return nil, err
		}
		s, err := b.newStore(in, c.Plan.Columns())
		if err != nil {
			return nil, err
		}
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
	err := s.rows.Close()
	s.ended, s.left, s.failed = false, false, nil
	s.resets++
	if !s.opened {
		return err
	}
	s.opened = false
	if err2 := s.in.Close(); err == nil {
		err = err2
	}
	return err
}

// enter is called by a reference that is opened, leave when it is closed.
func (s *cteStore) enter(first bool) error {
	if first {
		s.waiting--
	}
	s.active++
	if s.left && s.active == 1 {
		return s.reset()
	}
	return nil
}

// leave closes the input when the last reference has gone, as one under a LIMIT does early: nobody keeps a service's response open without
// reading it. References that are opened again and again may all be closed for a moment.
func (s *cteStore) leave() error {
	s.active--
	if s.active > 0 || s.waiting > 0 || s.again || !s.opened {
		return nil
	}
	s.opened, s.left = false, true
	return s.in.Close()
}

// more reads the next batch into the store; false at the end.
func (s *cteStore) more(ctx context.Context) (bool, error) {
	if s.ended || s.failed != nil {
		return false, s.failed
	}
	if !s.opened {
		s.opened = true
		if err := s.in.Open(s.ctx); err != nil {
			return false, err
		}
	}
	b, err := s.in.Next(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.failed = err
		}
		return false, err
	}
	if b == nil {
		s.ended, s.opened = true, false
		return false, s.in.Close()
	}
	if s.failed = s.rows.Append(b); s.failed != nil {
		return false, s.failed // rows of b are missing: nobody may read past them
	}
	return true, nil
}

// ready reports whether a reader at a row would not wait.
func (s *cteStore) ready(row int64) bool {
	return s.ended || row < s.rows.Rows() || s.opened && s.in.Ready()
}

// keep makes a store for rows that are read several times, until the statement ends.
func (b *builder) keep(in Operator, cols []plan.Column) (*cteStore, error) {
	s, err := b.newStore(in, cols)
	if err != nil {
		return nil, err
	}
	*b.cleanup = append(*b.cleanup, s.reset)
	return s, nil
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
	s, places, err := b.cteColumns(n)
	if err != nil {
		return nil, err
	}
	return b.scanOf(s, places), nil
}

// cteColumns are the store that a scan reads and the places of its columns there.
func (b *builder) cteColumns(n *plan.CTEScan) (*cteStore, []int, error) {
	s, ok := b.ctes[n.CTE]
	if !ok {
		return nil, nil, pgerr.Internal("WITH query %q is not in scope", n.Name)
	}
	var places []int
	for _, id := range n.Source {
		k := columnAt(s.cols, id)
		if k < 0 {
			return nil, nil, pgerr.Internal("WITH query %q does not give column %d", n.Name, id)
		}
		places = append(places, k)
	}
	return s, places, nil
}

// scanOf reads some columns of a store.
func (b *builder) scanOf(s *cteStore, places []int) Operator {
	s.again = s.again || b.again
	s.waiting++
	return &cteScanOp{store: s, places: places}
}

type cteScanOp struct {
	store  *cteStore
	places []int
	open   bool
	before bool // it was open before
	reader *SpoolReader
	out    vector.Batch
}

func (o *cteScanOp) Open(context.Context) error {
	if !o.open {
		first := !o.before
		o.open, o.before = true, true
		if err := o.store.enter(first); err != nil {
			return err
		}
	}
	if o.reader == nil {
		o.reader = o.store.rows.Reader()
	}
	o.reader.SeekRow(0)
	return nil
}

func (o *cteScanOp) Ready() bool { return o.reader == nil || o.store.ready(o.reader.next) }

func (o *cteScanOp) Close() error {
	if !o.open {
		return nil
	}
	o.open = false
	o.reader.Close()
	return o.store.leave()
}

func (o *cteScanOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		b, err := o.reader.Next()
		if err != nil {
			return nil, err
		}
		if b != nil {
			o.out = narrowed(o.out.Cols, b, o.places)
			return &o.out, nil
		}
		if more, err := o.store.more(ctx); err != nil || !more {
			return nil, err
		}
	}
}

// narrowed is the batch with some of its columns, whose list is kept in cols.
func narrowed(cols []*vector.Vector, b *vector.Batch, places []int) vector.Batch {
	cols = cols[:0]
	for _, p := range places {
		cols = append(cols, b.Cols[p])
	}
	return vector.Batch{Cols: cols, N: b.N, Sel: b.Sel}
}
