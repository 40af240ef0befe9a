package exec

import (
	"context"
	"time"

	"github.com/odatagres/odatagres/internal/vector"
)

// instrumented counts what an operator does, for EXPLAIN ANALYZE. Times include those of the operators below, as PostgreSQL's do.
type instrumented struct {
	op    Operator
	st    *NodeStats
	begun time.Time
	rows  int64
}

func (o *instrumented) Open(ctx context.Context) error {
	o.st.Loops++
	o.begun, o.rows = time.Now(), 0
	err := o.op.Open(ctx)
	o.st.Time += time.Since(o.begun)
	return err
}

func (o *instrumented) Ready() bool  { return o.op.Ready() }
func (o *instrumented) Close() error { return o.op.Close() }

func (o *instrumented) Next(ctx context.Context) (*vector.Batch, error) {
	start := time.Now()
	b, err := o.op.Next(ctx)
	o.st.Time += time.Since(start)
	if b != nil {
		if o.st.Rows == 0 {
			o.st.First = o.st.Time
		}
		o.st.Rows += int64(b.Rows())
	}
	return b, err
}
