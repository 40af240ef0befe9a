package rules

import "github.com/odatagres/odatagres/planner/plan"

// TopN joins a Limit and the Sort below it, also through projections that only pass rows on, so that a sort keeps no more
// rows than are wanted.
//
// Counter-examples: WITH TIES needs the rows after the last one; a Limit without a count sorts everything; a limit so large
// that it bounds nothing is left to Sort.
func TopN(root plan.Node) plan.Node {
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok || l.Count == nil || l.WithTies {
			return n
		}
		k, ok := l.Count.(*plan.Const)
		if !ok || k.Value.Null || k.Value.I < 0 || k.Value.I > largestTopN {
			return n
		}
		if o, ok := l.Offset.(*plan.Const); l.Offset != nil && (!ok || o.Value.Null || o.Value.I < 0 || o.Value.I > largestTopN) {
			return n
		}
		return topNBelow(l, l.Input, n)
	})
}

// largestTopN: above it a heap costs more than a sort saves.
const largestTopN = 1_000_000

func topNBelow(l *plan.Limit, in, otherwise plan.Node) plan.Node {
	switch x := in.(type) {
	case *plan.Sort:
		return &plan.TopN{Input: x.Input, Keys: x.Keys, Count: l.Count, Offset: l.Offset}
	case *plan.Project:
		if below := topNBelow(l, x.Input, nil); below != nil {
			return x.WithChildren([]plan.Node{below})
		}
	}
	return otherwise
}
