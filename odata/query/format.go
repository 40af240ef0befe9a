package query

import (
	"fmt"

	"github.com/odatagres/odatagres/odata/edm"
)

// Precedences, low to high (OData URL Conventions 4.01 section 5.1.1.17).
const (
	precNone = iota
	precOr
	precAnd
	precEquality
	precRelational
	precAdditive
	precMultiplicative
	precUnary
	precPrimary
)

type opInfo struct {
	name string
	prec int
}

// ops is indexed by Op and never written.
var ops = [opCount]opInfo{
	Eq: {"eq", precEquality}, Ne: {"ne", precEquality},
	Lt: {"lt", precRelational}, Le: {"le", precRelational}, Gt: {"gt", precRelational}, Ge: {"ge", precRelational},
	And: {"and", precAnd}, Or: {"or", precOr},
	Add: {"add", precAdditive}, Sub: {"sub", precAdditive},
	Mul: {"mul", precMultiplicative}, Div: {"div", precMultiplicative}, DivBy: {"divby", precMultiplicative}, Mod: {"mod", precMultiplicative},
	Has: {"has", precPrimary},
}

// String is the operator's word in OData.
func (o Op) String() string {
	if o >= opCount || ops[o].name == "" {
		return "(invalid)"
	}
	return ops[o].name
}

// writer prints an expression. In a URL, blanks are %20 and names and literals are percent-encoded as they are written, so
// that the slash of a path stays readable while a slash inside a literal does not.
type writer struct {
	buf []byte
	url bool
	err error
}

func (w *writer) text(s string) { w.buf = append(w.buf, s...) }

func (w *writer) blank() {
	if w.url {
		w.text("%20")
	} else {
		w.text(" ")
	}
}

func (w *writer) value(s []byte) {
	if w.url {
		w.buf = appendEscaped(w.buf, s)
	} else {
		w.buf = append(w.buf, s...)
	}
}

func (w *writer) path(p Path) {
	if len(p) == 0 {
		w.fail(fmt.Errorf("query: empty property path"))
	}
	for i, name := range p {
		if i > 0 {
			w.text("/")
		}
		w.value([]byte(name))
	}
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// expr prints e; parentheses stand around it if it binds weaker than prec.
func (w *writer) expr(e Expr, prec int) {
	switch e := e.(type) {
	case *Binary:
		w.binary(e, prec)
	case *Not:
		// "not" binds tighter than comparisons, and a blank must stand between it and a parenthesis for some services.
		own := precUnary
		w.open(own < prec)
		w.text("not")
		w.blank()
		if _, ok := e.Arg.(*Func); ok {
			w.expr(e.Arg, precPrimary)
		} else {
			w.text("(")
			w.expr(e.Arg, precNone)
			w.text(")")
		}
		w.close(own < prec)
	case *Func:
		w.value([]byte(e.Name))
		w.list(e.Args)
	case *In:
		// A second "in" or "has" to the right of this one would read it as its operand, so as an operand it is always
		// parenthesized.
		paren := prec > precEquality
		w.open(paren)
		w.expr(e.Arg, precPrimary)
		w.blank()
		w.text("in")
		w.blank()
		w.list(e.List)
		w.close(paren)
	case *Property:
		w.path(e.Path)
	case *Literal:
		b, err := edm.AppendLiteral(nil, e.Type, e.Value)
		if err != nil {
			w.fail(err)
		}
		w.value(b)
	default:
		w.fail(fmt.Errorf("query: unknown expression %T", e))
	}
}

func (w *writer) binary(e *Binary, prec int) {
	if e.Op >= opCount || ops[e.Op].name == "" {
		w.fail(fmt.Errorf("query: invalid operator %d", e.Op))
		return
	}
	own := ops[e.Op].prec
	left, right := own, own+1
	if own == precEquality || own == precRelational || own == precPrimary {
		// Chains of comparisons are legal, but services disagree on how they read them.
		left = precPrimary
		right = precPrimary
		if own != precPrimary {
			left, right = precAdditive, precAdditive
		}
	}
	paren := own < prec || (own == precPrimary && prec > precEquality)
	w.open(paren)
	w.expr(e.Left, left)
	w.blank()
	w.text(ops[e.Op].name)
	w.blank()
	w.expr(e.Right, right)
	w.close(paren)
}

func (w *writer) list(es []Expr) {
	w.text("(")
	for i, a := range es {
		if i > 0 {
			w.text(",")
		}
		w.expr(a, precNone)
	}
	w.text(")")
}

func (w *writer) open(paren bool) {
	if paren {
		w.text("(")
	}
}

func (w *writer) close(paren bool) {
	if paren {
		w.text(")")
	}
}

// FilterText is the filter as OData text without percent-encoding, for people. An expression that cannot be sent is shown as
// far as it can be.
func FilterText(e Expr) string {
	if e == nil {
		return ""
	}
	w := &writer{}
	w.expr(e, precNone)
	return string(w.buf)
}

// Check reports whether an expression can be sent: every literal has a form, every operator exists.
func Check(e Expr) error {
	if e == nil {
		return nil
	}
	w := &writer{}
	w.expr(e, precNone)
	return w.err
}

// Nodes counts the nodes of a filter as services with a limit do: operators, functions, properties and literals.
func Nodes(e Expr) int {
	n := 0
	Walk(e, func(Expr) { n++ })
	return n
}
