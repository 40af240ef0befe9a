package query

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
)

// Expr is a node of a filter expression: *Binary, *Not, *Func, *In, *Property or *Literal. Nodes are immutable.
type Expr interface{ expr() }

// Op is a binary operator.
type Op uint8

// The binary operators (OData URL Conventions 4.01 section 5.1.1).
const (
	OpInvalid Op = iota
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	And
	Or
	Add
	Sub
	Mul
	Div
	DivBy
	Mod
	Has
	opCount
)

// Binary is a binary operation.
type Binary struct {
	Op          Op
	Left, Right Expr
}

// Not is a negation.
type Not struct{ Arg Expr }

// Func is a call of a canonical function: startswith, contains, tolower, year and so on.
type Func struct {
	Name string
	Args []Expr
}

// In is membership in a list of literals.
type In struct {
	Arg  Expr
	List []Expr
}

// Property is the value of a property.
type Property struct {
	Path Path
	Type edm.Type
}

// Literal is a constant. Its value is one of the SQL type that edm's table gives for Type, and is written as a literal of Type.
type Literal struct {
	Type  edm.Type
	Value sqltype.Value
}

func (*Binary) expr()   {}
func (*Not) expr()      {}
func (*Func) expr()     {}
func (*In) expr()       {}
func (*Property) expr() {}
func (*Literal) expr()  {}

// Null returns the literal null.
func Null() *Literal { return &Literal{Value: sqltype.NullValue()} }

// AndAll joins conditions by and; nil for none.
func AndAll(cs ...Expr) Expr { return join(And, cs) }

// OrAll joins conditions by or; nil for none.
func OrAll(cs ...Expr) Expr { return join(Or, cs) }

func join(op Op, cs []Expr) Expr {
	var out Expr
	for _, c := range cs {
		switch {
		case c == nil:
		case out == nil:
			out = c
		default:
			out = &Binary{Op: op, Left: out, Right: c}
		}
	}
	return out
}

// Conjuncts splits an expression at its outer ands.
func Conjuncts(e Expr) []Expr {
	if e == nil {
		return nil
	}
	if b, ok := e.(*Binary); ok && b.Op == And {
		return append(Conjuncts(b.Left), Conjuncts(b.Right)...)
	}
	return []Expr{e}
}

// Walk calls f for e and every expression below it, outer ones first.
func Walk(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch e := e.(type) {
	case *Binary:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *Not:
		Walk(e.Arg, f)
	case *Func:
		for _, a := range e.Args {
			Walk(a, f)
		}
	case *In:
		Walk(e.Arg, f)
		for _, a := range e.List {
			Walk(a, f)
		}
	}
}

// RenameProperties returns e with the path of every property passed through f; e itself where nothing changes.
func RenameProperties(e Expr, f func(Path) Path) Expr {
	switch e := e.(type) {
	case *Binary:
		l, r := RenameProperties(e.Left, f), RenameProperties(e.Right, f)
		if l != e.Left || r != e.Right {
			return &Binary{e.Op, l, r}
		}
	case *Not:
		if a := RenameProperties(e.Arg, f); a != e.Arg {
			return &Not{a}
		}
	case *Func:
		if args, changed := renameAll(e.Args, f); changed {
			return &Func{e.Name, args}
		}
	case *In:
		a := RenameProperties(e.Arg, f)
		list, changed := renameAll(e.List, f)
		if changed || a != e.Arg {
			return &In{a, list}
		}
	case *Property:
		if p := f(e.Path); !p.Equal(e.Path) {
			return &Property{p, e.Type}
		}
	}
	return e
}

func renameAll(es []Expr, f func(Path) Path) ([]Expr, bool) {
	out, changed := make([]Expr, len(es)), false
	for i, e := range es {
		out[i] = RenameProperties(e, f)
		changed = changed || out[i] != e
	}
	return out, changed
}
