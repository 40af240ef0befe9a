package rules

import (
	"reflect"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/planner/plan"
)

// UseWindowOrder drops a sort whose order its rows have already, because a window's rows come partition by partition in the window's
// order. As in PostgreSQL, which then has no sort either, rows are given before a later row's evaluation fails.
//
// Counter-example: a window that another one stands on is sorted anew by that one, unless it has neither partition nor order.
func UseWindowOrder(root plan.Node) plan.Node {
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		if s, ok := n.(*plan.Sort); ok && s.Unread == nil && comeSorted(s.Input, s.Keys) {
			return s.Input
		}
		return n
	})
}

// comeSorted reports that a window below n gives its rows in the order of the keys.
func comeSorted(n plan.Node, keys []plan.SortKey) bool {
	switch n := n.(type) {
	case *plan.Filter:
		return comeSorted(n.Input, keys)
	case *plan.Project:
		below := make([]plan.SortKey, len(keys))
		for i, k := range keys {
			if k.Expr = substitute(k.Expr, n.Exprs); plan.IsVolatile(k.Expr) || plan.HasSubquery(k.Expr) {
				return false
			}
			below[i] = k
		}
		return comeSorted(n.Input, below)
	case *plan.Window:
		var have []plan.SortKey
		for _, p := range n.Partition {
			have = append(have, plan.SortKey{Expr: p})
		}
		have = append(have, n.Order...)
		if len(have) == 0 {
			return comeSorted(n.Input, keys)
		}
		return begins(have, keys)
	}
	return false
}

// begins reports that rows in the order of have are in the order of keys.
func begins(have, keys []plan.SortKey) bool {
	at := 0
next:
	for _, k := range keys {
		for _, h := range have[:at] {
			if sameValue(h.Expr, k.Expr) {
				continue next // rows that are equal so far are equal in it
			}
		}
		if at == len(have) || have[at].Desc != k.Desc || have[at].NullsFirst != k.NullsFirst || !sameValue(have[at].Expr, k.Expr) {
			return false
		}
		at++
	}
	return true
}

func sameValue(a, b plan.Expr) bool {
	x, ok := a.(*plan.ColRef)
	y, ok2 := b.(*plan.ColRef)
	if ok && ok2 {
		return x.ID == y.ID
	}
	return !ok && !ok2 && !plan.IsVolatile(a) && !plan.HasSubquery(a) && reflect.DeepEqual(a, b)
}

// EndWindows finds conditions on numbers of rows that only grow within a partition: where one is false it is false for all rows behind,
// which the window then need not compute (PostgreSQL's run conditions). The filter stays.
//
// Counter-example: a filter that stands on another window above this one; that one needs the rows.
func EndWindows(root plan.Node) plan.Node {
	return plan.RewriteDeep(root, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		w, ok := f.Input.(*plan.Window)
		if !ok {
			return n
		}
		var limits []plan.RowLimit
		for _, p := range f.Preds {
			if l, ok := rowLimit(w, p); ok {
				limits = append(limits, l)
			}
		}
		if len(limits) == 0 {
			return n
		}
		c := *w
		c.While = limits
		return &plan.Filter{Input: &c, Preds: f.Preds}
	})
}

// rowLimit is what a predicate requires of a number that only grows.
func rowLimit(w *plan.Window, p plan.Expr) (plan.RowLimit, bool) {
	none := plan.RowLimit{}
	c, ok := p.(*plan.Call)
	if !ok || c.Form != plan.FormOperator || len(c.Args) != 2 {
		return none, false
	}
	op, x, y := c.Op, c.Args[0], c.Args[1]
	if _, ok := y.(*plan.ColRef); ok {
		x, y = y, x
		turned := map[string]string{">": "<", ">=": "<=", "=": "="}
		op = turned[op]
	}
	ref, ok := x.(*plan.ColRef)
	k, ok2 := y.(*plan.Const)
	if !ok || !ok2 || k.Value.Null || !integer(k.T) || !integer(ref.T) {
		return none, false
	}
	l := plan.RowLimit{Call: ref.ID, Most: k.Value.I}
	switch op {
	case "<":
		if l.Most--; l.Most > k.Value.I {
			return none, false
		}
	case "<=", "=":
	default:
		return none, false
	}
	for _, call := range w.Calls {
		if call.Out.ID == ref.ID {
			return l, grows(w, &call)
		}
	}
	return none, false
}

func integer(t sqltype.Type) bool {
	return t.OID == sqltype.OIDInt2 || t.OID == sqltype.OIDInt4 || t.OID == sqltype.OIDInt8
}

// grows reports a call whose value never falls within a partition (window_row_number_support and its kin, int8inc_support).
func grows(w *plan.Window, c *plan.WindowCall) bool {
	switch c.Fn.Name {
	case "row_number", "rank", "dense_rank":
		return true
	case "count":
		return w.Frame.Start == plan.UnboundedPreceding && w.Frame.Exclude == plan.ExcludeNoOthers
	}
	return false
}
