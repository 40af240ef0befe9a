package exec

import (
	"context"
	"time"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/odata"
	"github.com/odatagres/odatagres/planner/plan"
)

// Operator gives the rows of a plan node. Next returns nil, nil at the end, and never an empty batch. Ready reports whether
// Next would return without waiting for a service.
type Operator interface {
	Open(ctx context.Context) error
	Next(ctx context.Context) (*vector.Batch, error)
	Ready() bool
	Close() error
}

// Services finds what answers a service's reads.
type Services interface {
	// Source is nil for a service that is not known.
	Source(service string) odata.Source
	// Columns completes the columns of a scan for the decoder: types and what becomes of values that do not convert.
	Columns(scan *plan.Scan) []odata.Column
	// ShortPage reports that fewer rows than $top without a link are the end, proved by the service's profile.
	ShortPage(service string) bool
	// Fault gives an OData fault its SQLSTATE.
	Fault(err error) error
	// Lied is told of a row for which an exactly pushed predicate is not true.
	Lied(r *plan.Remote, pred plan.Expr)
}

// Runtime is what one execution of a plan is given.
type Runtime struct {
	// Context is the portal's: requests live under it. The context of a call of Next bounds that call only.
	Context context.Context
	Env     eval.Env
	Params  []sqltype.Value
	Budget  *vector.Budget
	// Spill is where operators put what does not fit the budget; nil: nowhere.
	Spill     *spill.Dir
	Services  Services
	Principal string
	Snapshot  *catalog.Snapshot
	System    catalog.SystemEnv
	// Complete, where it is not nil, adds to a read's request what the plan does not say.
	Complete func(n *plan.Remote, r *odata.Request)
	// Instrument keeps counters for each node, for EXPLAIN ANALYZE.
	Instrument bool
	// Requests sums up what the reads cost so far.
	Stats *Stats
}

// Stats is what an execution cost.
type Stats struct {
	Remote odata.Stats
	Nodes  map[plan.Node]*NodeStats
}

// NodeStats is what a node did, over all its runs.
type NodeStats struct {
	Loops   int64
	Rows    int64
	Time    time.Duration
	First   time.Duration // until the first row of the first run
	Removed int64         // rows that the node's filter dropped
	Peak    int64         // bytes in memory
	Disk    int64         // bytes in files
	Batches int64         // passes over parts of the rows, of a node that divides them by hash
	Remote  *odata.Stats
}

// later keeps an error that belongs to the row after those already returned.
type later struct{ err error }

// take returns the kept error once its row is asked for.
func (l *later) take() error {
	err := l.err
	l.err = nil
	return err
}
