package exec_test

import (
	"testing"

	"github.com/odatagres/odatagres/engine/exec"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
	"github.com/odatagres/odatagres/planner/plan"
)

// A plan that cannot be carried out gives back what its first operators had reserved.
func TestAPlanThatCannotBeBuiltHoldsNoMemory(t *testing.T) {
	t.Parallel()
	budget := vector.NewBudget(nil, "query", 1<<20)
	one := func(id plan.ColID) *plan.Values {
		return &plan.Values{Cols: []plan.Column{{ID: id, Type: sqltype.Of(sqltype.OIDInt4)}}}
	}
	sorted := &plan.Sort{Input: one(1), Keys: []plan.SortKey{{Expr: &plan.ColRef{ID: 1, T: sqltype.Of(sqltype.OIDInt4)}}}}
	root := &plan.SetOp{Kind: plan.Union, All: true, L: sorted, R: &plan.Scan{Table: "unplanned"}}
	if _, err := exec.Build(root, nil, &exec.Runtime{Context: t.Context(), Budget: budget}); err == nil {
		t.Fatal("a scan that was not planned was built")
	}
	if budget.Peak() == 0 || budget.Used() != 0 {
		t.Errorf("%d bytes are held, %d were", budget.Used(), budget.Peak())
	}
}
