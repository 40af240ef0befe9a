package exec

import (
	"context"

	"github.com/odatagres/odatagres/internal/vector"
)

// pickOp passes some columns of its input on, in another order.
type pickOp struct {
	in     Operator
	places []int
	out    vector.Batch
}

func (o *pickOp) Open(ctx context.Context) error { return o.in.Open(ctx) }
func (o *pickOp) Ready() bool                    { return o.in.Ready() }
func (o *pickOp) Close() error                   { return o.in.Close() }

func (o *pickOp) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := o.in.Next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	cols := o.out.Cols[:0]
	for _, p := range o.places {
		cols = append(cols, b.Cols[p])
	}
	o.out = vector.Batch{Cols: cols, N: b.N, Sel: b.Sel}
	return &o.out, nil
}
