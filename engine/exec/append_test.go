package exec

import (
	"context"
	"errors"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// fakeInput gives some batches of one row and counts how often it is opened.
type fakeInput struct {
	rows, left int
	opened     int
	fails      error
}

func (o *fakeInput) Open(context.Context) error {
	o.opened++
	o.left = o.rows
	return o.fails
}
func (o *fakeInput) Ready() bool  { return true }
func (o *fakeInput) Close() error { return nil }

func (o *fakeInput) Next(context.Context) (*vector.Batch, error) {
	if o.left == 0 {
		return nil, nil
	}
	o.left--
	return &vector.Batch{Cols: []*vector.Vector{vector.NewConstant(sqltype.Of(sqltype.OIDInt4), sqltype.Int(1), 1)}, N: 1}, nil
}

// TestAppendOpens looks when the right side is opened, and that its failure comes behind the left side's rows.
func TestAppendOpens(t *testing.T) {
	t.Parallel()
	for _, lazy := range []bool{false, true} {
		l, r := &fakeInput{rows: 2}, &fakeInput{rows: 1, fails: errors.New("no such service")}
		o := &appendOp{l: l, r: r, lazy: lazy}
		if err := o.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{false: 1, true: 0}[lazy]; r.opened != want {
			t.Errorf("lazy %v: the right side is opened %d times with the left one", lazy, r.opened)
		}
		for range 2 {
			if b, err := o.Next(t.Context()); b == nil || err != nil {
				t.Fatal("a row of the left side is missing", err)
			}
			if lazy && r.opened != 0 {
				t.Error("the right side is opened before it is needed")
			}
		}
		if _, err := o.Next(t.Context()); !errors.Is(err, r.fails) {
			t.Errorf("lazy %v: %v", lazy, err)
		}
		if r.opened != 1 {
			t.Errorf("lazy %v: the right side is opened %d times", lazy, r.opened)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestMayStop finds unions under a limit, but not those that are read to their end.
func TestMayStop(t *testing.T) {
	t.Parallel()
	union := func() *plan.SetOp {
		return &plan.SetOp{Kind: plan.Union, All: true, L: &plan.Values{}, R: &plan.Values{}}
	}
	one := &plan.Const{T: sqltype.Of(sqltype.OIDInt8), Value: sqltype.Int(1)}
	streamed, sorted, nested, offset := union(), union(), union(), union()
	nested.L = streamed
	for _, c := range []struct {
		root plan.Node
		u    *plan.SetOp
		want bool
	}{
		{&plan.Limit{Input: &plan.Project{Input: nested}, Count: one}, streamed, true},
		{&plan.Limit{Input: &plan.Sort{Input: sorted}, Count: one}, sorted, false},
		{&plan.Limit{Input: offset, Offset: one}, offset, false},
		{sorted, sorted, false},
	} {
		if got := mayStop(c.root)[c.u]; got != c.want {
			t.Errorf("%T: %v", c.root, got)
		}
	}
}
