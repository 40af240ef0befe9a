package rules

import "github.com/odatagres/odatagres/planner/plan"

// OrderJoins reorders clusters of three or more inner-joined inputs: the smallest first, then always the one that is connected
// by an equality and gives the fewest rows, and an unconnected one only when nothing else is left. Comma joins of catalog
// queries would otherwise multiply whole catalogs.
//
// Sound because inner joins commute and associate, and each condition is tested as soon as both of its sides are there.
// Counter-examples: outer, semi and anti joins and Apply are inputs as a whole; a cluster with a volatile condition stays.
func OrderJoins(root plan.Node) plan.Node {
	if j, ok := root.(*plan.Join); ok && j.Kind == plan.Inner {
		return orderCluster(j)
	}
	return orderWithin(root)
}

// orderWithin treats the inputs of a node and the plans inside its expressions. A cluster is ordered once, from its top.
func orderWithin(n plan.Node) plan.Node {
	if in := n.Children(); len(in) > 0 {
		out := make([]plan.Node, len(in))
		for i, c := range in {
			out[i] = OrderJoins(c)
		}
		n = n.WithChildren(out)
	}
	return plan.MapExprs(n, orderInExpr)
}

func orderInExpr(e plan.Expr) plan.Expr {
	return plan.RewriteExpr(e, func(e plan.Expr) plan.Expr {
		if s, ok := e.(*plan.Subquery); ok {
			return s.WithPlan(OrderJoins(s.Plan))
		}
		return e
	})
}

type cluster struct {
	inputs []plan.Node
	on     []plan.Expr
}

func (c *cluster) add(n plan.Node) {
	if j, ok := n.(*plan.Join); ok && j.Kind == plan.Inner {
		c.add(j.L)
		c.add(j.R)
		c.on = append(c.on, j.On...)
		return
	}
	c.inputs = append(c.inputs, n)
}

func orderCluster(j *plan.Join) plan.Node {
	var c cluster
	c.add(j)
	keep := len(c.inputs) < 3
	for _, p := range c.on {
		keep = keep || plan.IsVolatile(p)
	}
	if keep {
		return orderWithin(j)
	}
	rest, on := make([]plan.Node, len(c.inputs)), make([]plan.Expr, len(c.on))
	for i, n := range c.inputs {
		rest[i] = orderWithin(n)
	}
	for i, p := range c.on {
		on[i] = orderInExpr(p)
	}
	best := 0
	for i, n := range rest {
		if plan.Rows(n) < plan.Rows(rest[best]) {
			best = i
		}
	}
	tree := rest[best]
	rest = without(rest, best)
	for len(rest) > 0 {
		pick, usable := nextInput(tree, rest, on)
		tree = &plan.Join{Kind: plan.Inner, L: tree, R: rest[pick], On: usable}
		on = unused(on, usable)
		rest = without(rest, pick)
	}
	if len(on) > 0 { // conditions without columns of the cluster
		tree = &plan.Filter{Input: tree, Preds: on}
	}
	return tree
}

func without(ns []plan.Node, i int) []plan.Node {
	out := append([]plan.Node(nil), ns[:i]...)
	return append(out, ns[i+1:]...)
}

func unused(on, used []plan.Expr) []plan.Expr {
	var out []plan.Expr
	for _, p := range on {
		found := false
		for _, u := range used {
			found = found || u == p
		}
		if !found {
			out = append(out, p)
		}
	}
	return out
}

// nextInput chooses the input to join next and the conditions that then can be tested.
func nextInput(tree plan.Node, rest []plan.Node, on []plan.Expr) (pick int, usable []plan.Expr) {
	have := plan.IDsOf(tree)
	all := plan.Set{}
	for _, n := range rest {
		for id := range plan.IDsOf(n) {
			all.Add(id)
		}
	}
	bestRows, bestLinked := 0.0, false
	for i, n := range rest {
		own := plan.IDsOf(n)
		var can []plan.Expr
		linked := false
		for _, p := range on {
			refs := plan.Set{}
			plan.Refs(p, refs)
			ready, touches := true, false
			for id := range refs {
				if all.Has(id) && !own.Has(id) {
					ready = false
				}
				touches = touches || own.Has(id) || have.Has(id)
			}
			if !ready || !touches {
				continue
			}
			can = append(can, p)
			linked = linked || plan.IsEquiJoin(p, have, own)
		}
		rows := plan.JoinRows(plan.Inner, plan.Rows(tree), plan.Rows(n), can, tree, n)
		if i == 0 || linked && !bestLinked || linked == bestLinked && rows < bestRows {
			pick, usable, bestRows, bestLinked = i, can, rows, linked
		}
	}
	return pick, usable
}
