package plan

// The operands of each expression, in evaluation order, and the same expression over other operands.

func sameExprs(a, b []Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func list(parts ...[]Expr) []Expr {
	var out []Expr
	for _, p := range parts {
		for _, e := range p {
			if e != nil {
				out = append(out, e)
			}
		}
	}
	return out
}

// refill gives each non-nil slot the next of args.
func refill(slots []Expr, args *[]Expr) []Expr {
	out := make([]Expr, len(slots))
	for i, s := range slots {
		if s != nil {
			out[i] = (*args)[0]
			*args = (*args)[1:]
		}
	}
	return out
}

// Operands implements Expr.
func (*ColRef) Operands() []Expr { return nil }

// Operands implements Expr.
func (*Const) Operands() []Expr { return nil }

// Operands implements Expr.
func (*Param) Operands() []Expr { return nil }

// Operands implements Expr.
func (*CaseValue) Operands() []Expr { return nil }

// Operands implements Expr.
func (*SQLValue) Operands() []Expr { return nil }

// WithOperands implements Expr.
func (e *ColRef) WithOperands([]Expr) Expr { return e }

// WithOperands implements Expr.
func (e *Const) WithOperands([]Expr) Expr { return e }

// WithOperands implements Expr.
func (e *Param) WithOperands([]Expr) Expr { return e }

// WithOperands implements Expr.
func (e *CaseValue) WithOperands([]Expr) Expr { return e }

// WithOperands implements Expr.
func (e *SQLValue) WithOperands([]Expr) Expr { return e }

// Operands implements Expr.
func (e *Call) Operands() []Expr { return e.Args }

// WithOperands implements Expr.
func (e *Call) WithOperands(a []Expr) Expr {
	if sameExprs(e.Args, a) {
		return e
	}
	c := *e
	c.Args = a
	return &c
}

// Operands implements Expr. Elem is not an operand: it has a scope of its own.
func (e *Cast) Operands() []Expr { return []Expr{e.Arg} }

// WithOperands implements Expr.
func (e *Cast) WithOperands(a []Expr) Expr {
	if a[0] == e.Arg {
		return e
	}
	c := *e
	c.Arg = a[0]
	return &c
}

// Operands implements Expr.
func (e *Logic) Operands() []Expr { return e.Args }

// WithOperands implements Expr.
func (e *Logic) WithOperands(a []Expr) Expr {
	if sameExprs(e.Args, a) {
		return e
	}
	return &Logic{Op: e.Op, Args: a}
}

// Operands implements Expr.
func (e *Not) Operands() []Expr { return []Expr{e.Arg} }

// WithOperands implements Expr.
func (e *Not) WithOperands(a []Expr) Expr {
	if a[0] == e.Arg {
		return e
	}
	return &Not{Arg: a[0]}
}

// Operands implements Expr.
func (e *NullTest) Operands() []Expr { return []Expr{e.Arg} }

// WithOperands implements Expr.
func (e *NullTest) WithOperands(a []Expr) Expr {
	if a[0] == e.Arg {
		return e
	}
	c := *e
	c.Arg = a[0]
	return &c
}

// Operands implements Expr.
func (e *BoolTest) Operands() []Expr { return []Expr{e.Arg} }

// WithOperands implements Expr.
func (e *BoolTest) WithOperands(a []Expr) Expr {
	if a[0] == e.Arg {
		return e
	}
	c := *e
	c.Arg = a[0]
	return &c
}

// Operands implements Expr.
func (e *DistinctTest) Operands() []Expr { return []Expr{e.Left, e.Right} }

// WithOperands implements Expr.
func (e *DistinctTest) WithOperands(a []Expr) Expr {
	if a[0] == e.Left && a[1] == e.Right {
		return e
	}
	c := *e
	c.Left, c.Right = a[0], a[1]
	return &c
}

// Operands implements Expr.
func (e *Case) Operands() []Expr {
	out := list([]Expr{e.Arg})
	for _, w := range e.Whens {
		out = append(out, w.Cond, w.Result)
	}
	return append(out, e.Else)
}

// WithOperands implements Expr.
func (e *Case) WithOperands(a []Expr) Expr {
	if sameExprs(e.Operands(), a) {
		return e
	}
	c := &Case{T: e.T, Whens: make([]When, len(e.Whens))}
	if e.Arg != nil {
		c.Arg, a = a[0], a[1:]
	}
	for i := range c.Whens {
		c.Whens[i] = When{Cond: a[2*i], Result: a[2*i+1]}
	}
	c.Else = a[len(a)-1]
	return c
}

// Operands implements Expr.
func (e *Coalesce) Operands() []Expr { return e.Args }

// WithOperands implements Expr.
func (e *Coalesce) WithOperands(a []Expr) Expr {
	if sameExprs(e.Args, a) {
		return e
	}
	return &Coalesce{Args: a, T: e.T}
}

// Operands implements Expr.
func (e *NullIf) Operands() []Expr { return []Expr{e.Left, e.Right, e.Test} }

// WithOperands implements Expr.
func (e *NullIf) WithOperands(a []Expr) Expr {
	if sameExprs(e.Operands(), a) {
		return e
	}
	return &NullIf{Left: a[0], Right: a[1], Test: a[2], T: e.T}
}

// Operands implements Expr.
func (e *MinMax) Operands() []Expr { return e.Args }

// WithOperands implements Expr.
func (e *MinMax) WithOperands(a []Expr) Expr {
	if sameExprs(e.Args, a) {
		return e
	}
	return &MinMax{Least: e.Least, Args: a, T: e.T}
}

// Operands implements Expr.
func (e *ArrayOp) Operands() []Expr { return []Expr{e.Left, e.Array} }

// WithOperands implements Expr.
func (e *ArrayOp) WithOperands(a []Expr) Expr {
	if a[0] == e.Left && a[1] == e.Array {
		return e
	}
	c := *e
	c.Left, c.Array = a[0], a[1]
	return &c
}

// Operands implements Expr.
func (e *ArrayExpr) Operands() []Expr { return e.Elems }

// WithOperands implements Expr.
func (e *ArrayExpr) WithOperands(a []Expr) Expr {
	if sameExprs(e.Elems, a) {
		return e
	}
	return &ArrayExpr{Elems: a, T: e.T, Nested: e.Nested}
}

// Operands implements Expr.
func (e *RowExpr) Operands() []Expr { return e.Fields }

// WithOperands implements Expr.
func (e *RowExpr) WithOperands(a []Expr) Expr {
	if sameExprs(e.Fields, a) {
		return e
	}
	return &RowExpr{Fields: a, Names: e.Names, T: e.T, Whole: e.Whole, Extended: e.Extended}
}

// Operands implements Expr.
func (e *Field) Operands() []Expr { return []Expr{e.Arg} }

// WithOperands implements Expr.
func (e *Field) WithOperands(a []Expr) Expr {
	if a[0] == e.Arg {
		return e
	}
	c := *e
	c.Arg = a[0]
	return &c
}

// Operands implements Expr.
func (e *Subscript) Operands() []Expr { return list([]Expr{e.Arg}, e.Lower, e.Upper) }

// WithOperands implements Expr.
func (e *Subscript) WithOperands(a []Expr) Expr {
	if sameExprs(e.Operands(), a) {
		return e
	}
	c := *e
	c.Arg, a = a[0], a[1:]
	c.Lower = refill(e.Lower, &a)
	c.Upper = refill(e.Upper, &a)
	return &c
}

// Operands implements Expr.
func (e *RowCompare) Operands() []Expr { return list(e.Left, e.Right) }

// WithOperands implements Expr.
func (e *RowCompare) WithOperands(a []Expr) Expr {
	if sameExprs(e.Operands(), a) {
		return e
	}
	c := *e
	c.Left, c.Right = a[:len(e.Left)], a[len(e.Left):]
	return &c
}
