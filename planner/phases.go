package planner

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
	"github.com/odatagres/odatagres/planner/pushdown"
	"github.com/odatagres/odatagres/planner/rules"
)

// Input is what planning needs.
type Input struct {
	Root   plan.Node
	Output []plan.ColID // the columns of the result, in order
	IDs    *plan.IDs
	Params []sqltype.Value

	Consts   pushdown.Consts // evaluates expressions without columns
	Services pushdown.Services
	Indexes  rules.Indexes

	// Disable names phases to leave out, for tests; pushFilter, pushLimit, pushOrder and pushCount name parts of push.
	Disable map[string]bool
	// Check is called after every phase, for tests. Nil: not.
	Check func(phase string, n plan.Node) error
}

// Phase is one step of planning.
type Phase struct {
	Name string
	Run  func(in *Input, n plan.Node) (plan.Node, error)
}

// Phases is everything that happens to a plan, in order. The order matters where a comment says so.
func Phases() []Phase {
	rule := func(f func(in *Input, n plan.Node) plan.Node) func(*Input, plan.Node) (plan.Node, error) {
		return func(in *Input, n plan.Node) (plan.Node, error) { return f(in, n), nil }
	}
	simplify := rule(func(_ *Input, n plan.Node) plan.Node { return rules.Simplify(n) })
	move := rule(func(in *Input, n plan.Node) plan.Node { return rules.MovePredicates(n, in.IDs) })
	prune := rule(func(in *Input, n plan.Node) plan.Node { return rules.PruneColumns(n, in.Output) })
	return []Phase{
		// First: what nobody reads of a CTE that stands in place of its reference, or of one without references, is never computed and
		// cannot fail.
		{"inlineCTEs", rule(func(in *Input, n plan.Node) plan.Node { return rules.InlineCTEs(n, in.IDs) })},
		// Before the others: parameters and stable functions become constants, which every later phase looks for.
		{"fold", func(in *Input, n plan.Node) (plan.Node, error) { return rules.Fold(n, in.Output, in.Params, in.Consts) }},
		{"simplify", simplify},
		{"decorrelate", rule(func(_ *Input, n plan.Node) plan.Node { return rules.Decorrelate(n) })},
		{"movePredicates", move},
		// Moving predicates makes constants of columns that a subquery or a branch of UNION gives.
		{"foldMoved", func(in *Input, n plan.Node) (plan.Node, error) { return rules.Fold(n, in.Output, in.Params, in.Consts) }},
		{"simplifyMoved", simplify},
		// After predicates have reached their joins, which makes cross joins equi-joins.
		{"orderJoins", rule(func(_ *Input, n plan.Node) plan.Node { return rules.OrderJoins(n) })},
		{"pruneColumns", prune},
		{"useLookups", rule(func(in *Input, n plan.Node) plan.Node { return rules.UseLookups(n, in.Indexes) })},
		// Before a sort that need not be becomes one with its limit.
		{"useWindowOrder", rule(func(_ *Input, n plan.Node) plan.Node { return rules.UseWindowOrder(n) })},
		// After predicates have reached their windows.
		{"endWindows", rule(func(_ *Input, n plan.Node) plan.Node { return rules.EndWindows(n) })},
		// Before the line is drawn: ORDER BY with LIMIT is pushed as one.
		{"topN", rule(func(_ *Input, n plan.Node) plan.Node { return rules.TopN(n) })},
		{"push", rule(func(in *Input, n plan.Node) plan.Node { return pushdown.Push(n, in.Services, in.Consts, in.Disable) })},
		// Last: for the others, an order gives what its input gives.
		{"stopUnread", rule(func(in *Input, n plan.Node) plan.Node { return rules.StopUnread(n, in.Output) })},
	}
}

// Plan applies the phases.
func Plan(in Input) (plan.Node, error) {
	n := in.Root
	for _, p := range Phases() {
		if in.Disable[p.Name] && p.Name != "push" {
			continue
		}
		var err error
		if n, err = p.Run(&in, n); err != nil {
			return nil, err
		}
		if in.Check != nil {
			if err := in.Check(p.Name, n); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}
