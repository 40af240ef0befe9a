package plan_test

import (
	"strings"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

func column(id plan.ColID) plan.Column {
	return plan.Column{ID: id, Name: "c", Type: sqltype.Of(sqltype.OIDInt4)}
}

func values(ids ...plan.ColID) *plan.Values {
	v := &plan.Values{Rows: [][]plan.Expr{{}}}
	for _, id := range ids {
		v.Cols = append(v.Cols, column(id))
		v.Rows[0] = append(v.Rows[0], &plan.Const{Value: sqltype.Int(1), T: sqltype.Of(sqltype.OIDInt4)})
	}
	return v
}

func ref(id plan.ColID) *plan.ColRef {
	return &plan.ColRef{ID: id, T: sqltype.Of(sqltype.OIDInt4), Name: "c"}
}

func isNull(id plan.ColID) plan.Expr { return &plan.NullTest{Arg: ref(id)} }

// TestValidateFindsWhatRulesCouldBreak breaks each invariant once.
func TestValidateFindsWhatRulesCouldBreak(t *testing.T) {
	t.Parallel()
	good := &plan.Filter{Input: &plan.Join{Kind: plan.Inner, L: values(1), R: values(2), On: []plan.Expr{isNull(2)}}, Preds: []plan.Expr{isNull(1)}}
	if err := plan.Validate(good); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		n    plan.Node
		want string
	}{
		"a column of no input":           {&plan.Filter{Input: values(1), Preds: []plan.Expr{isNull(2)}}, "not in scope"},
		"one id twice":                   {&plan.Join{Kind: plan.Inner, L: values(1), R: values(1)}, "gives id 1"},
		"a column without an id":         {values(0), "without an id"},
		"an inner column outside":        {&plan.Filter{Input: values(1), Preds: []plan.Expr{&plan.Subquery{Kind: plan.Exists, Plan: values(2)}, isNull(2)}}, "not in scope"},
		"the nullable side's old name":   {&plan.Filter{Input: &plan.Join{Kind: plan.Left, L: values(1), R: values(2), RightOut: []plan.Rename{{Out: column(3), In: 2}}}, Preds: []plan.Expr{isNull(7)}}, "not in scope"},
		"a rename of nothing":            {&plan.Join{Kind: plan.Left, L: values(1), R: values(2), RightOut: []plan.Rename{{Out: column(3), In: 9}}}, "names id 9"},
		"a set operation's input":        {&plan.SetOp{L: values(1), R: values(2), Cols: []plan.Column{column(3)}, LeftIn: []plan.ColID{1}, RightIn: []plan.ColID{1}}, "names id 1"},
		"a CTE out of scope":             {&plan.CTEScan{CTE: 4, Name: "x"}, "in scope"},
		"an outer id that is not given":  {&plan.Apply{Kind: plan.Inner, L: values(1), R: &plan.Filter{Input: values(2), Preds: []plan.Expr{isNull(3)}}, Outer: []plan.ColID{3}}, "outer id 3"},
		"an outer column not named":      {&plan.Apply{Kind: plan.Inner, L: values(1), R: &plan.Filter{Input: values(2), Preds: []plan.Expr{isNull(1)}}}, "not in scope"},
		"a nil input":                    {&plan.Filter{}, "nil input"},
		"a DISTINCT ON of another table": {&plan.Distinct{Input: values(1), On: []plan.ColID{2}}, "names id 2"},
	} {
		if err := plan.Validate(c.n); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRewriteKeepsWhatDoesNotChange: a rule that changes nothing must cost nothing above it.
func TestRewriteKeepsWhatDoesNotChange(t *testing.T) {
	t.Parallel()
	root := &plan.Filter{Input: &plan.Sort{Input: values(1), Keys: []plan.SortKey{{Expr: ref(1)}}}, Preds: []plan.Expr{&plan.Not{Arg: isNull(1)}}}
	same := plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		return plan.MapExprs(n, func(e plan.Expr) plan.Expr { return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr { return e }) })
	})
	if same != plan.Node(root) {
		t.Error("the tree was copied")
	}
	changed := plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		if v, ok := n.(*plan.Values); ok {
			return &plan.Values{Cols: v.Cols}
		}
		return n
	})
	if changed == plan.Node(root) || len(changed.(*plan.Filter).Input.(*plan.Sort).Input.(*plan.Values).Rows) != 0 {
		t.Error("the change is lost")
	}
}

// TestCloneFreshSharesNoID: both copies may stand in one plan.
func TestCloneFreshSharesNoID(t *testing.T) {
	t.Parallel()
	var ids plan.IDs
	for range 10 {
		ids.Next()
	}
	left := &plan.Join{Kind: plan.Left, L: values(1), R: values(2), RightOut: []plan.Rename{{Out: column(3), In: 2}}, On: []plan.Expr{isNull(2)}}
	agg := &plan.Aggregate{Input: left, Keys: []plan.Named{{Column: column(4), Expr: ref(3)}}}
	sub := &plan.Filter{Input: agg, Preds: []plan.Expr{&plan.Subquery{Kind: plan.Exists, Plan: &plan.Filter{Input: values(5), Preds: []plan.Expr{isNull(4)}}}}}
	clone, to := plan.CloneFresh(sub, &ids)
	if err := plan.Validate(&plan.Join{Kind: plan.Inner, L: sub, R: clone}); err != nil {
		t.Error(err)
	}
	if len(to) != 5 {
		t.Errorf("%d ids are mapped: %v", len(to), to)
	}
	if len(plan.FreeIDs(clone)) != 0 {
		t.Errorf("the clone names %v from outside", plan.FreeIDs(clone))
	}
}
