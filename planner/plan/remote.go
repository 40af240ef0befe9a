package plan

import "github.com/odatagres/odatagres/odata/query"

// Remote is what lies below the line: exactly one OData query, which the executor may send as several requests.
type Remote struct {
	Scan  *Scan // the entity set that it came from, with its columns narrowed to those that are read
	Query query.Query
	// Count: the query asks for the number of rows only, and the node gives the one column CountCol.
	Count    bool
	CountCol Column

	Pushed []Pushed
	Kept   []Kept
	// Check holds the pushed predicates whose verdict is Exact: a row for which one is not true proves that the service
	// lied. Filter holds those that the rows must still pass: kept ones and supersets. Both are evaluated here.
	Check  []Expr
	Filter []Expr
	// Ordered: the service's order is relied upon. Limited: its $top is; a short answer without a link is then a doubt.
	Ordered, Limited bool
	// Order is the order that the service was asked for, as sort keys over the scan's columns; the rows are checked against it.
	Order []SortKey
	// RowLimit is how many rows the query above wants at the most, 0 if unknown: no page is then fetched ahead of demand.
	RowLimit int64

	// EstimatedRows serves costs and join order.
	EstimatedRows float64
}

// Pushed is a fragment that the service evaluates. Pred and Conditions are set for predicates: the conditions on properties
// that the predicate was sent as.
type Pushed struct {
	Text, Verdict string
	Pred          Expr
	Conditions    []Condition
}

// Condition is a condition on a property, by the profile's name of the operator.
type Condition struct{ Property, Op string }

// Kept is a fragment that stays here, and why, for EXPLAIN.
type Kept struct{ Text, Why string }

// Columns implements Node.
func (n *Remote) Columns() []Column {
	if n.Count {
		return []Column{n.CountCol}
	}
	return n.Scan.Columns()
}

// Children implements Node.
func (*Remote) Children() []Node { return nil }

// WithChildren implements Node.
func (n *Remote) WithChildren([]Node) Node { return n }

func (*Remote) node() {}
