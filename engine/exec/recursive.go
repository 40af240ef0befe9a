package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// recursiveOp gives the rows of Start and then, round by round, those of Step over the last round's rows.
type recursiveOp struct {
	start, step Operator
	cols        []plan.Column
	all         bool
	budget      *vector.Budget
	work        *workStore

	table  *hashTable // rows seen, without ALL
	nums   []int32
	fresh  *rowStore // rows of the round that is being made
	inStep bool
	opened bool
	out    vector.Batch
	sel    []int32
}

// workStore is what the work tables of one recursive query read.
type workStore struct{ rows *rowStore }

func (b *builder) recursive(n *plan.Recursive) (Operator, error) {
	start, err := b.build(n.Start)
	if err != nil {
		return nil, err
	}
	if start, err = b.pick(start, n.Start.Columns(), n.StartIn); err != nil {
		return nil, err
	}
	o := &recursiveOp{start: start, cols: n.Cols, all: n.All, budget: b.rt.Budget, work: &workStore{}}
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
	o.release()
	if !o.all {
		o.table = newHashTable(columnTypes(o.cols), o.budget)
	}
	o.fresh = newRowStore(columnTypes(o.cols), o.budget)
	return o.start.Open(ctx)
}

func (o *recursiveOp) Ready() bool { return o.inStep || o.start.Ready() }

func (o *recursiveOp) Close() error {
	o.release()
	err := o.start.Close()
	if err2 := o.step.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *recursiveOp) release() {
	o.table.release()
	o.fresh.release()
	o.work.rows.release()
	o.table, o.fresh, o.work.rows, o.inStep, o.opened = nil, nil, nil, false, false
}

func (o *recursiveOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
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
		if b == nil {
			more, err := o.turn()
			if err != nil || !more {
				return nil, err
			}
			continue
		}
		if b, err = o.unseen(b); err != nil {
			return nil, err
		}
		if b == nil {
			continue
		}
		if err := o.fresh.append(b); err != nil {
			return nil, err
		}
		return b, nil
	}
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
	if o.fresh.n == 0 {
		return false, nil
	}
	o.work.rows.release()
	o.work.rows, o.fresh = o.fresh, newRowStore(columnTypes(o.cols), o.budget)
	o.inStep, o.opened = true, false
	return true, nil
}

// unseen drops rows that came before.
func (o *recursiveOp) unseen(b *vector.Batch) (*vector.Batch, error) {
	if o.all {
		return b, nil
	}
	seen := int32(o.table.len())
	o.nums = growInts(o.nums, b.Rows())
	if err := o.table.insert(b, o.nums); err != nil {
		return nil, err
	}
	o.sel = o.sel[:0]
	for i, n := range o.nums {
		if n >= seen {
			o.sel = append(o.sel, int32(b.Row(i)))
			seen++
		}
	}
	if len(o.sel) == 0 {
		return nil, nil
	}
	o.out = vector.Batch{Cols: b.Cols, N: b.N, Sel: o.sel}
	return &o.out, nil
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
	next   int
	out    vector.Batch
}

func (o *workTableOp) Open(context.Context) error {
	o.next = 0
	return nil
}
func (o *workTableOp) Ready() bool  { return true }
func (o *workTableOp) Close() error { return nil }

func (o *workTableOp) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.store.rows == nil || o.next >= o.store.rows.n {
		return nil, nil
	}
	o.next = scanStore(&o.out, o.store.rows, o.next, o.places)
	return &o.out, nil
}
