package rules

import (
	"math"

	"github.com/odatagres/odatagres/planner/plan"
)

// Rows estimates how many rows a node gives. Nothing but costs and join order depends on it.
func Rows(n plan.Node) float64 {
	switch n := n.(type) {
	case *plan.Remote:
		return n.EstimatedRows
	case *plan.Scan:
		return scanRows
	case *plan.SystemScan:
		if n.Lookup != nil {
			return 4
		}
		return systemRows
	case *plan.Values:
		return float64(len(n.Rows))
	case *plan.FunctionScan:
		return 100
	case *plan.CTEScan, *plan.WorkTable:
		return 1000
	case *plan.Filter:
		return max(1, Rows(n.Input)*Selectivity(n.Preds))
	case *plan.ProjectSet:
		return Rows(n.Input) * 10
	case *plan.Limit:
		return limited(n.Count, Rows(n.Input))
	case *plan.TopN:
		return limited(n.Count, Rows(n.Input))
	case *plan.Aggregate:
		if len(n.Keys) == 0 {
			return 1
		}
		return max(1, math.Sqrt(Rows(n.Input))*2)
	case *plan.Distinct:
		return max(1, Rows(n.Input)/3)
	case *plan.Join:
		return joinRows(n.Kind, Rows(n.L), Rows(n.R), n.On, n.L, n.R)
	case *plan.Apply:
		return joinRows(n.Kind, Rows(n.L), Rows(n.R), n.On, n.L, n.R)
	case *plan.SetOp:
		if n.Kind == plan.Union {
			return Rows(n.L) + Rows(n.R)
		}
		return Rows(n.L) / 2
	case *plan.Recursive:
		return Rows(n.Start) * 10
	case *plan.With:
		return Rows(n.Input)
	}
	if in := n.Children(); len(in) == 1 {
		return Rows(in[0])
	}
	return scanRows
}

// Rows of an entity set and of a system relation of which nothing is known.
const (
	scanRows   = 10000
	systemRows = 500
)

func limited(count plan.Expr, rows float64) float64 {
	if k, ok := count.(*plan.Const); ok && !k.Value.Null {
		return max(0, min(rows, float64(k.Value.I)))
	}
	return rows
}

// Selectivity is the share of rows that pass the predicates, with PostgreSQL's default guesses.
func Selectivity(preds []plan.Expr) float64 {
	s := 1.0
	for _, p := range preds {
		s *= selectivity(p)
	}
	return max(s, 1e-6)
}

func selectivity(p plan.Expr) float64 {
	switch p := p.(type) {
	case *plan.Call:
		switch p.Op {
		case "=":
			return 0.02
		case "<>":
			return 0.98
		case "<", "<=", ">", ">=":
			return 1.0 / 3
		}
	case *plan.Logic:
		s := 1.0
		for _, a := range p.Args {
			if p.Op == plan.And {
				s *= selectivity(a)
			} else {
				s *= 1 - selectivity(a)
			}
		}
		if p.Op == plan.Or {
			return 1 - s
		}
		return s
	case *plan.Not:
		return 1 - selectivity(p.Arg)
	case *plan.NullTest:
		if p.Not {
			return 0.95
		}
		return 0.05
	case *plan.ArrayOp:
		return 0.1
	}
	return 1.0 / 3
}

func joinRows(kind plan.JoinKind, l, r float64, on []plan.Expr, left, right plan.Node) float64 {
	rows := l * r
	lids, rids := ids(left), ids(right)
	for _, p := range on {
		if IsEquiJoin(p, lids, rids) {
			rows /= max(1, min(max(l, r), 1e9))
		} else {
			rows *= selectivity(p)
		}
	}
	switch kind {
	case plan.Left:
		rows = max(rows, l)
	case plan.Right:
		rows = max(rows, r)
	case plan.Full:
		rows = max(rows, l+r)
	case plan.Semi, plan.Anti, plan.AntiNotIn:
		rows = l / 2
	}
	return max(1, rows)
}

// IsEquiJoin reports a comparison by = of an expression over one side with one over the other.
func IsEquiJoin(p plan.Expr, left, right plan.Set) bool {
	c, ok := p.(*plan.Call)
	if !ok || c.Form != plan.FormOperator || c.Op != "=" || len(c.Args) != 2 {
		return false
	}
	a, b := place(c.Args[0], left, right), place(c.Args[1], left, right)
	return a == onLeft && b == onRight || a == onRight && b == onLeft
}
