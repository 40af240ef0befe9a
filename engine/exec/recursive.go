package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// recursiveOp gives the rows of Start and then, round by round, those of Step over the last round's rows.
type recursiveOp struct {
	start, step Operator
	types       []sqltype.Type
	all         bool
	mem         *memory
	limit       int64 // of mem
	work        *workStore

	seen    *seenRows // without ALL
	fresh   *Spool    // rows of the round that is being made
	inStep  bool
	opened  bool
	settles bool // the round's input has ended; rows of which it was not known whether they are new come out
}

// workStore is what the work tables of one recursive query read.
type workStore struct {
	rows *Spool
	read func(ctx context.Context, need func() error) error // does what reads rows, with room made for it
}

func (b *builder) recursive(n *plan.Recursive) (Operator, error) {
	start, err := b.build(n.Start)
	if err != nil {
		return nil, err
	}
	if start, err = b.pick(start, n.Start.Columns(), n.StartIn); err != nil {
		return nil, err
	}
	mem, err := b.memory()
	if err != nil {
		return nil, err
	}
	o := &recursiveOp{start: start, types: columnTypes(n.Cols), all: n.All, mem: mem, limit: b.mem.each(), work: &workStore{}}
	o.work.read = func(ctx context.Context, need func() error) error { return o.seen.read(ctx, need) }
	// The step is opened once a round; what in it does not read the work table is kept between rounds.
	step := *b
	step.again = true
	step.work = map[int]*workEntry{}
	for id, w := range b.work {
		step.work[id] = w
	}
	step.work[n.CTE] = &workEntry{store: o.work, cols: n.Cols}
	if o.step, err = step.build(n.Step); err != nil {
		return nil, err
	}
	if o.step, err = b.pick(o.step, n.Step.Columns(), n.StepIn); err != nil {
		return nil, err
	}
	return o, nil
}

type workEntry struct {
	store *workStore
	cols  []plan.Column
}

func (o *recursiveOp) Open(ctx context.Context) error {
	if err := o.release(); err != nil {
		return err
	}
	if !o.all {
		o.seen = newSeenRows(o.types, o.mem, o.limit, func() error {
			if err := o.fresh.yield(); err != nil {
				return err
			}
			if f := o.fresh.file; f != nil { // its buffers too
				if err := f.Rest(); err != nil {
					return err
				}
			}
			return o.work.rows.yield()
		})
	}
	o.fresh = newSpool(o.types, o.mem)
	return o.start.Open(ctx)
}

func (o *recursiveOp) Ready() bool { return o.inStep || o.start.Ready() }

func (o *recursiveOp) Close() error {
	err := o.start.Close()
	if err2 := o.step.Close(); err == nil {
		err = err2
	}
	if err2 := o.release(); err == nil {
		err = err2
	}
	return err
}

func (o *recursiveOp) release() error {
	err := o.seen.close()
	if err2 := o.fresh.Close(); err == nil {
		err = err2
	}
	if err2 := o.work.rows.Close(); err == nil {
		err = err2
	}
	o.seen, o.fresh, o.work.rows, o.inStep, o.opened, o.settles = nil, nil, nil, false, false, false
	return err
}

func (o *recursiveOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := o.rows(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			more, err := o.turn()
			if err != nil || !more {
				return nil, err
			}
			continue
		}
		if b.Rows() == 0 {
			continue
		}
		if err := o.fresh.Append(b); err != nil {
			return nil, err
		}
		return b, nil
	}
}

// rows gives some new rows of the round, or none for now; nil at its end.
func (o *recursiveOp) rows(ctx context.Context) (*vector.Batch, error) {
	if o.settles {
		return o.seen.settle(ctx)
	}
	in := o.start
	if o.inStep {
		in = o.step
		if !o.opened {
			o.opened = true
			if err := o.step.Open(ctx); err != nil {
				return nil, err
			}
		}
	}
	b, err := in.Next(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case o.all:
		return b, nil
	case b == nil:
		o.settles = true
		if err := in.Close(); err != nil { // what it holds, settle may need
			return nil, err
		}
		return o.seen.settle(ctx)
	}
	fresh, err := o.seen.add(ctx, b)
	if err != nil {
		return nil, err
	}
	if fresh == nil {
		return &vector.Batch{}, nil
	}
	return fresh, nil
}

// turn ends a round; false when the last one gave no rows.
func (o *recursiveOp) turn() (bool, error) {
	in := o.start
	if o.inStep {
		in = o.step
	}
	if err := in.Close(); err != nil {
		return false, err
	}
	if o.fresh.Rows() == 0 {
		return false, nil
	}
	if err := o.work.rows.Close(); err != nil {
		return false, err
	}
	o.work.rows, o.fresh = o.fresh, newSpool(o.types, o.mem)
	o.inStep, o.opened, o.settles = true, false, false
	return true, nil
}

func (b *builder) workTable(n *plan.WorkTable) (Operator, error) {
	w, ok := b.work[n.CTE]
	if !ok {
		return nil, pgerr.Internal("no work table for %q", n.Name)
	}
	o := &workTableOp{store: w.store}
	for _, id := range n.Source {
		k := columnAt(w.cols, id)
		if k < 0 {
			return nil, pgerr.Internal("the work table of %q has no column %d", n.Name, id)
		}
		o.places = append(o.places, k)
	}
	return o, nil
}

type workTableOp struct {
	store  *workStore
	places []int
	reader *SpoolReader
	out    vector.Batch
}

func (o *workTableOp) Open(context.Context) error {
	o.reader.Close()
	o.reader = o.store.rows.Reader()
	return nil
}
func (o *workTableOp) Ready() bool { return true }

func (o *workTableOp) Close() error {
	o.reader.Close()
	o.reader = nil
	return nil
}

func (o *workTableOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.reader == nil {
		return nil, nil
	}
	b, err := o.reader.Next()
	if o.store.rows.mem.full(err) {
		err = o.store.read(ctx, func() error { b, err = o.reader.Next(); return err })
	}
	if b == nil || err != nil {
		return nil, err
	}
	o.out = narrowed(o.out.Cols, b, o.places)
	return &o.out, nil
}
