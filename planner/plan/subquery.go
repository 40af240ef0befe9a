package plan

import "github.com/odatagres/odatagres/internal/sqltype"

// SubqueryKind is how an expression uses a plan.
type SubqueryKind uint8

// The kinds of a subquery.
const (
	Exists SubqueryKind = iota // EXISTS (…)
	Scalar                     // (…): the first column of its only row; a second row is 21000
	Any                        // Test over the rows: op ANY (…), IN (…)
	All                        // Test over the rows: op ALL (…), NOT IN is Not over Any
	Array                      // ARRAY(…)
	RowSub                     // (…) with several columns, compared with or assigned to a row: its only row as a record
)

// Subquery is an expression that holds a plan. Ids that are free in Plan are columns of the outer query; Test compares
// expressions of the outer query with ColRefs of Plan's columns. Plan is not an operand; Test is, and so its ColRefs of
// Plan's columns must not be taken for columns of the outer query.
type Subquery struct {
	Kind SubqueryKind
	Plan Node
	Test Expr // Any and All, else nil
	T    sqltype.Type
}

// Type implements Expr.
func (e *Subquery) Type() sqltype.Type { return e.T }

// Operands implements Expr.
func (e *Subquery) Operands() []Expr { return list([]Expr{e.Test}) }

// WithOperands implements Expr.
func (e *Subquery) WithOperands(a []Expr) Expr {
	if e.Test == nil || a[0] == e.Test {
		return e
	}
	c := *e
	c.Test = a[0]
	return &c
}

// WithPlan returns the subquery over another plan.
func (e *Subquery) WithPlan(p Node) *Subquery {
	if p == e.Plan {
		return e
	}
	c := *e
	c.Plan = p
	return &c
}
