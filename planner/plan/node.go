package plan

import (
	"github.com/odatagres/odatagres/odata/query"
)

// Node is a relational operator. Children are its inputs in order; WithChildren returns the same node over others, or the
// receiver itself if they are the same.
type Node interface {
	Columns() []Column
	Children() []Node
	WithChildren([]Node) Node
	node()
}

// Named is an expression with the column that it becomes.
type Named struct {
	Column Column
	Expr   Expr
}

// ScanColumn is a column of an entity set.
type ScanColumn struct {
	Column
	Property query.Property // path and Edm type
	Claims   Claims
}

// Claims is what the service says of a property. It serves estimates; only the profile can make it a proof.
type Claims struct{ NotNull, Key, Unique bool }

// Scan reads an entity set: what the binder makes of a table. The pushdown turns it into a Remote.
type Scan struct {
	Service   string // name of the service: its schema in the configuration
	Schema    string
	Table     string
	Alias     string
	EntitySet string
	TableOID  uint32
	Cols      []ScanColumn
}

// SystemScan reads a relation of pg_catalog, information_schema or the server's own schema. Cols name its columns by
// Attnum. Lookup, where it is not nil, restricts the scan to rows whose column equals the expression, which may use ids of
// the outer query: an index-lookup.
type SystemScan struct {
	Schema   string
	Table    string
	Alias    string
	TableOID uint32
	Cols     []Column
	Lookup   *Lookup
}

// Lookup is an equality on a column that a system relation can search by.
type Lookup struct {
	Attnum int16
	Value  Expr // of the column's type
	List   bool // Value is an array: any of its elements
}

// Values gives constant rows. One row without columns is a SELECT without FROM; no rows is a FALSE filter.
type Values struct {
	Cols []Column
	Rows [][]Expr
}

// FunctionScan calls set-returning (or other) functions in FROM, side by side as ROWS FROM does: a shorter one is filled with
// nulls. Cols holds the columns of all of them, in order, then the ordinality column if there is one.
type FunctionScan struct {
	Alias      string
	Calls      []FunctionCall
	Ordinality bool
	Cols       []Column
}

// FunctionCall is one function of a FunctionScan and how many columns it gives. A function that returns a composite or has OUT arguments
// gives its fields as columns.
type FunctionCall struct {
	Expr    Expr
	Columns int
	// Composite says that the call's value is a record whose fields become the columns.
	Composite bool
}

// Project computes expressions. It gives exactly Exprs.
type Project struct {
	Input Node
	Exprs []Named
}

// ProjectSet is Project with set-returning functions among the expressions: every input row gives as many rows as its
// longest set; shorter ones are filled with nulls (PostgreSQL since 10).
type ProjectSet struct {
	Input Node
	Exprs []Named
}

// Filter keeps the rows for which every predicate is true, tested in order.
type Filter struct {
	Input Node
	Preds []Expr
}

// Sort orders the rows. Unread are the input's columns that stop here, because nothing above reads them.
type Sort struct {
	Input  Node
	Keys   []SortKey
	Unread []ColID
}

// TopN is Sort and Limit in one: the first Count rows after Offset.
type TopN struct {
	Input         Node
	Keys          []SortKey
	Count, Offset Expr // int8; Offset may be nil
	Unread        []ColID
}

// Limit passes Count rows after Offset; either may be nil. WithTies also passes the rows that equal the last one in Ties,
// by which the input is sorted.
type Limit struct {
	Input         Node
	Count, Offset Expr
	WithTies      bool
	Ties          []SortKey
}

// Distinct removes duplicates. With On, the first row of each group of equal On columns stays, and the input is sorted so that equal rows
// are adjacent.
type Distinct struct {
	Input Node
	On    []ColID
}

// Columns implements Node.
func (n *Scan) Columns() []Column {
	out := make([]Column, len(n.Cols))
	for i, c := range n.Cols {
		out[i] = c.Column
	}
	return out
}

// Columns implements Node.
func (n *SystemScan) Columns() []Column { return n.Cols }

// Columns implements Node.
func (n *Values) Columns() []Column { return n.Cols }

// Columns implements Node.
func (n *FunctionScan) Columns() []Column { return n.Cols }

// Columns implements Node.
func (n *Project) Columns() []Column { return namedColumns(n.Exprs) }

// Columns implements Node.
func (n *ProjectSet) Columns() []Column { return namedColumns(n.Exprs) }

// Columns implements Node.
func (n *Filter) Columns() []Column { return n.Input.Columns() }

// Columns implements Node.
func (n *Sort) Columns() []Column { return Without(n.Input.Columns(), n.Unread) }

// Columns implements Node.
func (n *TopN) Columns() []Column { return Without(n.Input.Columns(), n.Unread) }

// Columns implements Node.
func (n *Limit) Columns() []Column { return n.Input.Columns() }

// Columns implements Node.
func (n *Distinct) Columns() []Column { return n.Input.Columns() }

func namedColumns(named []Named) []Column {
	out := make([]Column, len(named))
	for i, x := range named {
		out[i] = x.Column
	}
	return out
}

// Children implements Node.
func (*Scan) Children() []Node { return nil }

// Children implements Node.
func (*SystemScan) Children() []Node { return nil }

// Children implements Node.
func (*Values) Children() []Node { return nil }

// Children implements Node.
func (*FunctionScan) Children() []Node { return nil }

// Children implements Node.
func (n *Project) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *ProjectSet) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Filter) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Sort) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *TopN) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Limit) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Distinct) Children() []Node { return []Node{n.Input} }

// WithChildren implements Node.
func (n *Scan) WithChildren([]Node) Node { return n }

// WithChildren implements Node.
func (n *SystemScan) WithChildren([]Node) Node { return n }

// WithChildren implements Node.
func (n *Values) WithChildren([]Node) Node { return n }

// WithChildren implements Node.
func (n *FunctionScan) WithChildren([]Node) Node { return n }

// WithChildren implements Node.
func (n *Project) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	return &Project{Input: in[0], Exprs: n.Exprs}
}

// WithChildren implements Node.
func (n *ProjectSet) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	return &ProjectSet{Input: in[0], Exprs: n.Exprs}
}

// WithChildren implements Node.
func (n *Filter) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	return &Filter{Input: in[0], Preds: n.Preds}
}

// WithChildren implements Node.
func (n *Sort) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	c := *n
	c.Input = in[0]
	return &c
}

// WithChildren implements Node.
func (n *TopN) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	c := *n
	c.Input = in[0]
	return &c
}

// WithChildren implements Node.
func (n *Limit) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	c := *n
	c.Input = in[0]
	return &c
}

// WithChildren implements Node.
func (n *Distinct) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	return &Distinct{Input: in[0], On: n.On}
}

func (*Scan) node()         {}
func (*SystemScan) node()   {}
func (*Values) node()       {}
func (*FunctionScan) node() {}
func (*Project) node()      {}
func (*ProjectSet) node()   {}
func (*Filter) node()       {}
func (*Sort) node()         {}
func (*TopN) node()         {}
func (*Limit) node()        {}
func (*Distinct) node()     {}
