package plan

import "fmt"

// Validate checks the invariants of a whole plan: every id is given once, and every expression names only ids of its
// node's inputs or of an enclosing query. Tests call it after every rule; an error is a bug of the rule.
func Validate(root Node) error {
	v := validator{given: map[ColID]Node{}, ctes: map[int]bool{}}
	return v.node(root, Set{})
}

type validator struct {
	given map[ColID]Node
	ctes  map[int]bool
}

func (v *validator) node(n Node, outer Set) error {
	for _, c := range n.Children() {
		if c == nil {
			return fmt.Errorf("%T has a nil input", n)
		}
	}
	switch n := n.(type) {
	case *With:
		for _, c := range n.CTEs {
			v.ctes[c.ID] = true
		}
	case *CTEScan:
		if !v.ctes[n.CTE] {
			return fmt.Errorf("CTEScan on %q: no CTE %d is in scope", n.Name, n.CTE)
		}
		if len(n.Cols) != len(n.Source) {
			return fmt.Errorf("CTEScan on %q: %d columns from %d", n.Name, len(n.Cols), len(n.Source))
		}
	}
	visible := Set{}
	for id := range outer {
		visible.Add(id)
	}
	for i, c := range n.Children() {
		in := outer
		if a, ok := n.(*Apply); ok && i == 1 {
			in = Set{}
			for id := range outer {
				in.Add(id)
			}
			left := Set{}
			for _, c := range a.L.Columns() {
				left.Add(c.ID)
			}
			for _, id := range a.Outer {
				if !left.Has(id) {
					return fmt.Errorf("Apply: outer id %d is not a column of its left side", id)
				}
				in.Add(id)
			}
		}
		if err := v.node(c, in); err != nil {
			return err
		}
		for _, col := range c.Columns() {
			visible.Add(col.ID)
		}
	}
	if err := v.fresh(n); err != nil {
		return err
	}
	for _, e := range Exprs(n) {
		if r, ok := n.(*Remote); ok {
			for _, c := range r.Scan.Columns() {
				visible.Add(c.ID)
			}
		}
		if err := v.expr(n, e, visible); err != nil {
			return err
		}
	}
	return v.references(n)
}

// fresh checks that ids which a node makes itself were not made elsewhere.
func (v *validator) fresh(n Node) error {
	passed := Set{}
	for _, c := range n.Children() {
		for _, col := range c.Columns() {
			passed.Add(col.ID)
		}
	}
	for _, c := range n.Columns() {
		if c.ID == 0 {
			return fmt.Errorf("%T gives a column %q without an id", n, c.Name)
		}
		if passed.Has(c.ID) {
			continue
		}
		if other, dup := v.given[c.ID]; dup {
			return fmt.Errorf("%T gives id %d (%s), which %T gives too", n, c.ID, c.Name, other)
		}
		v.given[c.ID] = n
	}
	return nil
}

// references checks the ids that nodes name outside of expressions.
func (v *validator) references(n Node) error {
	has := func(in Node, ids []ColID) error {
		cols := Set{}
		for _, c := range in.Columns() {
			cols.Add(c.ID)
		}
		for _, id := range ids {
			if !cols.Has(id) {
				return fmt.Errorf("%T names id %d, which its input does not give", n, id)
			}
		}
		return nil
	}
	ins := func(rs []Rename) []ColID {
		out := make([]ColID, len(rs))
		for i, r := range rs {
			out[i] = r.In
		}
		return out
	}
	switch n := n.(type) {
	case *Distinct:
		return has(n.Input, n.On)
	case *SetOp:
		if err := has(n.L, n.LeftIn); err != nil {
			return err
		}
		return has(n.R, n.RightIn)
	case *Recursive:
		if err := has(n.Start, n.StartIn); err != nil {
			return err
		}
		return has(n.Step, n.StepIn)
	case *Join:
		if err := has(n.L, ins(n.LeftOut)); err != nil {
			return err
		}
		return has(n.R, ins(n.RightOut))
	case *Apply:
		return has(n.R, ins(n.RightOut))
	}
	return nil
}

func (v *validator) expr(n Node, e Expr, visible Set) error {
	var err error
	WalkExpr(e, func(e Expr) bool {
		if err != nil {
			return false
		}
		switch e := e.(type) {
		case *ColRef:
			if !visible.Has(e.ID) {
				err = fmt.Errorf("%T: expression names id %d (%s), which is not in scope", n, e.ID, e.Name)
			}
		case *Subquery:
			if err = v.node(e.Plan, visible); err != nil {
				return false
			}
			if e.Test != nil {
				inner := Set{}
				for id := range visible {
					inner.Add(id)
				}
				for _, c := range e.Plan.Columns() {
					inner.Add(c.ID)
				}
				err = v.expr(n, e.Test, inner)
			}
			return false
		}
		return true
	})
	return err
}
