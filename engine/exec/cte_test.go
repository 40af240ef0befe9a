package exec

import (
	"context"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// fullFor gives batches of numbers, and has somebody else take all of the memory while its second one is kept.
type fullFor struct {
	budget *vector.Budget
	given  int
}

func (o *fullFor) Open(context.Context) error { return nil }
func (o *fullFor) Ready() bool                { return true }
func (o *fullFor) Close() error               { return nil }

func (o *fullFor) Next(context.Context) (*vector.Batch, error) {
	o.given++
	switch o.given {
	case 2:
		if err := o.budget.Grow(o.budget.Limit() - o.budget.Used()); err != nil {
			return nil, err
		}
	case 3:
		o.budget.Shrink(o.budget.Used() / 2)
	case 4:
		return nil, nil
	}
	v := vector.New(sqltype.Of(sqltype.OIDInt8))
	v.Extend(vector.BatchRows)
	clear(v.I64)
	return &vector.Batch{Cols: []*vector.Vector{v}, N: v.N}, nil
}

// TestRowsThatWereNotKeptEndTheStore looks that nobody reads past rows that could not be kept, although there is memory for those behind them.
func TestRowsThatWereNotKeptEndTheStore(t *testing.T) {
	t.Parallel()
	budget := vector.NewBudget(nil, "query", 1<<20)
	types := []sqltype.Type{sqltype.Of(sqltype.OIDInt8)}
	s := &cteStore{in: &fullFor{budget: budget}, ctx: t.Context(), rows: newSpool(types, &memory{Budget: budget})}
	if more, err := s.more(t.Context()); !more || err != nil {
		t.Fatal(more, err)
	}
	_, first := s.more(t.Context())
	if first == nil {
		t.Fatal("there was memory for the second batch")
	}
	for range 2 {
		if more, err := s.more(t.Context()); more || err != first { //nolint:errorlint // it is the very same
			t.Errorf("more: %v, %v; not %v", more, err, first)
		}
	}
}
