package plan

import (
	"math"
)

// Rows estimates how many rows a node gives. Nothing but costs and join order depends on it.
func Rows(n Node) float64 {
	switch n := n.(type) {
	case *Remote:
		return n.EstimatedRows
	case *Scan:
		return scanRows
	case *SystemScan:
		if n.Lookup != nil {
			return 4
		}
		return systemRows
	case *Values:
		return float64(len(n.Rows))
	case *FunctionScan:
		return 100
	case *CTEScan, *WorkTable:
		return 1000
	case *Filter:
		return max(1, Rows(n.Input)*Selectivity(n.Preds))
	case *ProjectSet:
		return Rows(n.Input) * 10
	case *Limit:
		return limited(n.Count, Rows(n.Input))
	case *TopN:
		return limited(n.Count, Rows(n.Input))
	case *Aggregate:
		if len(n.Keys) == 0 {
			return 1
		}
		return max(1, math.Sqrt(Rows(n.Input))*2)
	case *Distinct:
		return max(1, Rows(n.Input)/3)
	case *Join:
		return JoinRows(n.Kind, Rows(n.L), Rows(n.R), n.On, n.L, n.R)
	case *Apply:
		return JoinRows(n.Kind, Rows(n.L), Rows(n.R), n.On, n.L, n.R)
	case *SetOp:
		if n.Kind == Union {
			return Rows(n.L) + Rows(n.R)
		}
		return Rows(n.L) / 2
	case *Recursive:
		return Rows(n.Start) * 10
	case *With:
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

func limited(count Expr, rows float64) float64 {
	if k, ok := count.(*Const); ok && !k.Value.Null {
		return max(0, min(rows, float64(k.Value.I)))
	}
	return rows
}

// Selectivity is the share of rows that pass the predicates, with PostgreSQL's default guesses.
func Selectivity(preds []Expr) float64 {
	s := 1.0
	for _, p := range preds {
		s *= selectivity(p)
	}
	return max(s, 1e-6)
}

func selectivity(p Expr) float64 {
	switch p := p.(type) {
	case *Call:
		switch p.Op {
		case "=":
			return 0.02
		case "<>":
			return 0.98
		case "<", "<=", ">", ">=":
			return 1.0 / 3
		}
	case *Logic:
		s := 1.0
		for _, a := range p.Args {
			if p.Op == And {
				s *= selectivity(a)
			} else {
				s *= 1 - selectivity(a)
			}
		}
		if p.Op == Or {
			return 1 - s
		}
		return s
	case *Not:
		return 1 - selectivity(p.Arg)
	case *NullTest:
		if p.Not {
			return 0.95
		}
		return 0.05
	case *ArrayOp:
		return 0.1
	}
	return 1.0 / 3
}

// JoinRows estimates the rows of a join of inputs with l and r rows.
func JoinRows(kind JoinKind, l, r float64, on []Expr, left, right Node) float64 {
	rows := l * r
	lids, rids := IDsOf(left), IDsOf(right)
	for _, p := range on {
		if IsEquiJoin(p, lids, rids) {
			rows /= max(1, min(max(l, r), 1e9))
		} else {
			rows *= selectivity(p)
		}
	}
	switch kind {
	case Left:
		rows = max(rows, l)
	case Right:
		rows = max(rows, r)
	case Full:
		rows = max(rows, l+r)
	case Semi, Anti:
		rows = l / 2
	}
	return max(1, rows)
}
