package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// appendOp gives the rows of the left input and then those of the right one. Both are opened at once, so that a service is asked for the
// right one's rows while the left one's are read, unless whoever reads may stop before: then the right one is opened when it is needed.
type appendOp struct {
	l, r   Operator
	lazy   bool
	right  bool
	opened bool  // r is
	failed error // r could not be opened: its rows are not asked for yet
}

func (o *appendOp) Open(ctx context.Context) error {
	o.right, o.opened, o.failed = false, false, nil
	if err := o.l.Open(ctx); err != nil || o.lazy {
		return err
	}
	o.opened, o.failed = true, o.r.Open(ctx)
	return nil
}

func (o *appendOp) Ready() bool {
	if o.right {
		return o.failed != nil || o.r.Ready()
	}
	return o.l.Ready()
}

func (o *appendOp) Close() error {
	err := o.l.Close()
	if err2 := o.r.Close(); err == nil {
		err = err2
	}
	return err
}

func (o *appendOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !o.right {
		b, err := o.l.Next(ctx)
		if b != nil || err != nil {
			return b, err
		}
		if err := o.l.Close(); err != nil {
			return nil, err
		}
		o.right = true
		if !o.opened {
			o.opened, o.failed = true, o.r.Open(ctx)
		}
	}
	if o.failed != nil {
		return nil, o.failed
	}
	return o.r.Next(ctx)
}

// mayStop finds the unions whose rows may not all be read: those that a LIMIT reaches through operators that pass rows on as they come.
func mayStop(root plan.Node) map[*plan.SetOp]bool {
	out := map[*plan.SetOp]bool{}
	var mark func(n plan.Node)
	mark = func(n plan.Node) {
		switch n := n.(type) {
		case *plan.SetOp:
			if n.Kind == plan.Union {
				out[n] = true
				mark(n.L)
				mark(n.R)
			}
		case *plan.Project, *plan.ProjectSet, *plan.Filter, *plan.Distinct, *plan.Limit:
			mark(n.Children()[0])
		case *plan.Join:
			mark(n.L)
		case *plan.Apply:
			mark(n.L)
		}
	}
	plan.WalkDeep(root, func(n plan.Node) {
		if l, ok := n.(*plan.Limit); ok && l.Count != nil {
			mark(l.Input)
		}
	})
	return out
}
