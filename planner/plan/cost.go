package plan

import "slices"

// The costs of PostgreSQL's functions (pg_proc.procost): those written in SQL are taken to cost a hundred times the others.
const (
	callCost     = 1
	sqlBodyCost  = 100
	subqueryCost = 10000
	arrayCost    = 5 // calls for each array whose length nobody knows: half of ten
)

// ByCost orders conditions that must all hold as PostgreSQL does (order_qual_clauses): the cheap ones first, equal ones as they
// were written. A cheap condition thus guards a dear one from the rows that it removes, wherever it was written.
func ByCost(conds []Expr) []Expr {
	if len(conds) < 2 {
		return conds
	}
	type priced struct {
		e    Expr
		cost int
	}
	list := make([]priced, len(conds))
	for i, c := range conds {
		list[i] = priced{c, cost(c)}
	}
	slices.SortStableFunc(list, func(a, b priced) int { return a.cost - b.cost })
	out := make([]Expr, len(conds))
	for i, p := range list {
		out[i] = p.e
	}
	return out
}

// cost is what cost_qual_eval counts: the calls in an expression.
func cost(e Expr) int {
	sum := 0
	WalkExpr(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Call:
			sum += callCost
			if e.Fn.Language == "sql" {
				sum += sqlBodyCost - callCost
			}
		case *Cast:
			switch e.Method {
			case CastArray, CastTypmod:
				sum += callCost
			case CastIO:
				sum += 2 * callCost
			}
		case *NullIf, *MinMax, *SQLValue, *DistinctTest:
			sum += callCost
		case *ArrayOp:
			sum += arrayCost * callCost
		case *RowCompare:
			sum += len(e.Left) * callCost
		case *Subquery:
			sum += subqueryCost
		}
		return true
	})
	return sum
}
