package plan

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// IsVolatile reports whether evaluating e again may give another value, or has an effect.
func IsVolatile(e Expr) bool {
	found := false
	WalkExpr(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Call:
			found = found || e.Fn.Volatile == 'v'
		case *Subquery:
			found = found || TreeIsVolatile(e.Plan)
		}
		return !found
	})
	return found
}

// TreeIsVolatile reports whether running n again may give other rows, the plans inside its expressions included.
func TreeIsVolatile(n Node) bool {
	found := false
	Walk(n, func(n Node) bool {
		for _, e := range Exprs(n) {
			found = found || IsVolatile(e)
		}
		return !found
	})
	return found
}

// HasSubquery reports whether e holds a plan.
func HasSubquery(e Expr) bool {
	found := false
	WalkExpr(e, func(e Expr) bool {
		if _, ok := e.(*Subquery); ok {
			found = true
		}
		return !found
	})
	return found
}

// SplitOnce separates the predicates over a node that name none of its columns and are not volatile: they are true for all of
// its rows or for none, and are tested once, before the node is read (PostgreSQL's pseudoconstant quals).
func SplitOnce(preds []Expr, input Node) (once, each []Expr) {
	own := IDsOf(input)
	for _, p := range preds {
		if Place(p, own, nil) == OnNeither && !IsVolatile(p) {
			once = append(once, p)
		} else {
			each = append(each, p)
		}
	}
	return once, each
}

// WalkDeep calls f for every node of the tree, those of the plans inside expressions included.
func WalkDeep(root Node, f func(Node)) {
	Walk(root, func(n Node) bool {
		f(n)
		for _, e := range Exprs(n) {
			WalkExpr(e, func(e Expr) bool {
				if s, ok := e.(*Subquery); ok {
					WalkDeep(s.Plan, f)
				}
				return true
			})
		}
		return true
	})
}

// IDsOf is the set of the columns that a node gives.
func IDsOf(n Node) Set {
	s := Set{}
	for _, c := range n.Columns() {
		s.Add(c.ID)
	}
	return s
}

// Placement says which of two sides' columns an expression names.
type Placement uint8

// The placements.
const (
	OnNeither Placement = iota
	OnLeft
	OnRight
	OnBoth
)

// Place says which side's columns e names. Columns of outer queries count for no side.
func Place(e Expr, left, right Set) Placement {
	refs := Set{}
	Refs(e, refs)
	l, r := false, false
	for id := range refs {
		l, r = l || left.Has(id), r || right.Has(id)
	}
	switch {
	case l && r:
		return OnBoth
	case l:
		return OnLeft
	case r:
		return OnRight
	}
	return OnNeither
}

// IsEquiJoin reports a comparison by = of an expression over one side with one over the other.
func IsEquiJoin(p Expr, left, right Set) bool {
	c, ok := p.(*Call)
	if !ok || c.Form != FormOperator || c.Op != "=" || len(c.Args) != 2 {
		return false
	}
	a, b := Place(c.Args[0], left, right), Place(c.Args[1], left, right)
	return a == OnLeft && b == OnRight || a == OnRight && b == OnLeft
}

// NegatedComparison is the comparison that is true where c is false (pg_operator.oprnegate), nil where c is no comparison.
func NegatedComparison(c *Call) Expr {
	if c.Form != FormOperator || len(c.Args) != 2 || c.T.OID != sqltype.OIDBool || c.Rows != nil {
		return nil
	}
	switch c.Op {
	case "=", "<>", "<", "<=", ">", ">=":
	default:
		return nil
	}
	all := builtin.Load()
	op := all.OperatorOf(c.Op, c.Fn.Args[0], c.Fn.Args[1])
	if op == nil || op.Function != c.Fn.OID || op.Negator == 0 {
		return nil
	}
	neg := all.OperatorByOID(op.Negator)
	fn := all.FunctionByOID(neg.Function)
	if fn == nil || fn.Kernel == "" || !fn.Strict {
		return nil
	}
	out := *c
	out.Fn, out.Op = fn, neg.Name
	return &out
}
