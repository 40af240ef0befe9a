package simulator

import (
	"slices"
	"strings"
)

// evalLies are ways in which real services evaluate otherwise than the standard says.
type evalLies struct {
	fold        bool // texts lose case and trailing blanks before they are compared
	sqlNulls    bool // a comparison with null is null
	nullsLast   bool // the order of nulls is turned round
	cutLiterals bool // timestamp literals have milliseconds only
}

// fold is what a case-insensitive collation compares.
func fold(s string) string { return strings.ToUpper(strings.TrimRight(s, " ")) }

// bend changes the literals of an expression as the lies want.
func (e *expr) bend(l evalLies) {
	if e.op == xLiteral {
		const millisecond = ticksPerSecond / 1000
		switch {
		case l.fold && e.k == kString:
			e.val.s = fold(e.val.s)
		case l.cutLiterals && e.k == kTimestamp:
			e.val.n = floorDiv(e.val.n, millisecond) * millisecond
		}
	}
	for _, a := range e.args {
		a.bend(l)
	}
}

// unsupported is the refusal of an operation that the expression holds.
func (e *expr) unsupported(ops []exprOp) error {
	if slices.Contains(ops, e.op) {
		name := e.name
		if e.op == xIn {
			name = "in"
		}
		return badRequest("'%s' is not supported in $filter", name)
	}
	for _, a := range e.args {
		if err := a.unsupported(ops); err != nil {
			return err
		}
	}
	return nil
}

// isNullLiteral tells `x eq null` from `x eq y` with a null in y.
func (e *expr) isNullLiteral() bool { return e.op == xLiteral && e.k == kNull }
