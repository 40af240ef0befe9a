package rules

import "github.com/odatagres/odatagres/planner/plan"

// StopUnread lets columns that a join's condition or an order alone reads end there: they need not be copied into the rows that
// come out.
//
// It is the last of all rules, because others take what these nodes give for what their inputs give.
func StopUnread(root plan.Node, output []plan.ColID) plan.Node {
	need := plan.Set{}
	need.Add(output...)
	p := &pruner{ctes: map[int]plan.Set{}, stop: true}
	return p.node(root, need)
}

func stopUnread(n plan.Node, need plan.Set) plan.Node {
	var unread []plan.ColID
	for _, c := range n.Columns() {
		if !need.Has(c.ID) {
			unread = append(unread, c.ID)
		}
	}
	if len(unread) == 0 {
		return n
	}
	switch n := n.(type) {
	case *plan.Sort:
		c := *n
		c.Unread = unread
		return &c
	case *plan.TopN:
		c := *n
		c.Unread = unread
		return &c
	case *plan.Join:
		c := *n
		c.Unread = unread
		return &c
	}
	return n
}
