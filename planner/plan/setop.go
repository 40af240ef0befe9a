package plan

// SetOpKind is UNION, INTERSECT or EXCEPT.
type SetOpKind uint8

// The set operations.
const (
	Union SetOpKind = iota
	Intersect
	Except
)

// SetOp combines two inputs. It gives fresh columns; LeftIn and RightIn list for each the input's column.
type SetOp struct {
	Kind            SetOpKind
	All             bool
	L, R            Node
	Cols            []Column
	LeftIn, RightIn []ColID
}

// CTE is a named query of WITH. ID is unique within the statement.
type CTE struct {
	ID           int
	Name         string
	Plan         Node // of a recursive one: a Recursive
	Cols         []Column
	Materialized Materialization
	Recursive    bool
	References   int
}

// Materialization is what WITH says about a CTE.
type Materialization uint8

// The materializations.
const (
	MaterializedDefault Materialization = iota
	MaterializedAlways
	MaterializedNever
)

// With defines CTEs for its input and for the later ones among them.
type With struct {
	CTEs  []*CTE
	Input Node
}

// CTEScan reads a CTE. Its columns have fresh ids; Source lists the CTE's for each.
type CTEScan struct {
	CTE    int
	Name   string
	Alias  string
	Cols   []Column
	Source []ColID
}

// Recursive is the plan of a recursive CTE: Start, then Step over the rows of the last round (read by WorkTable nodes with the same CTE) until a
// round gives no new rows. Without All, rows that were seen before are dropped.
type Recursive struct {
	CTE             int
	All             bool
	Start, Step     Node
	Cols            []Column
	StartIn, StepIn []ColID
}

// WorkTable reads the last round's rows of a Recursive.
type WorkTable struct {
	CTE    int
	Name   string
	Alias  string
	Cols   []Column
	Source []ColID
}

// Columns implements Node.
func (n *SetOp) Columns() []Column { return n.Cols }

// Columns implements Node.
func (n *With) Columns() []Column { return n.Input.Columns() }

// Columns implements Node.
func (n *CTEScan) Columns() []Column { return n.Cols }

// Columns implements Node.
func (n *Recursive) Columns() []Column { return n.Cols }

// Columns implements Node.
func (n *WorkTable) Columns() []Column { return n.Cols }

// Children implements Node. The children of a With are its CTEs' plans and then its input.
func (n *With) Children() []Node {
	out := make([]Node, 0, len(n.CTEs)+1)
	for _, c := range n.CTEs {
		out = append(out, c.Plan)
	}
	return append(out, n.Input)
}

// Children implements Node.
func (n *SetOp) Children() []Node { return []Node{n.L, n.R} }

// Children implements Node.
func (n *CTEScan) Children() []Node { return nil }

// Children implements Node.
func (n *Recursive) Children() []Node { return []Node{n.Start, n.Step} }

// Children implements Node.
func (n *WorkTable) Children() []Node { return nil }

// WithChildren implements Node.
func (n *SetOp) WithChildren(in []Node) Node {
	if in[0] == n.L && in[1] == n.R {
		return n
	}
	c := *n
	c.L, c.R = in[0], in[1]
	return &c
}

// WithChildren implements Node.
func (n *With) WithChildren(in []Node) Node {
	same := in[len(in)-1] == n.Input
	for i, c := range n.CTEs {
		same = same && in[i] == c.Plan
	}
	if same {
		return n
	}
	out := &With{Input: in[len(in)-1], CTEs: make([]*CTE, len(n.CTEs))}
	for i, c := range n.CTEs {
		cc := *c
		cc.Plan = in[i]
		out.CTEs[i] = &cc
	}
	return out
}

// WithChildren implements Node.
func (n *CTEScan) WithChildren([]Node) Node { return n }

// WithChildren implements Node.
func (n *WorkTable) WithChildren([]Node) Node { return n }

// WithChildren implements Node.
func (n *Recursive) WithChildren(in []Node) Node {
	if in[0] == n.Start && in[1] == n.Step {
		return n
	}
	c := *n
	c.Start, c.Step = in[0], in[1]
	return &c
}

func (*SetOp) node()     {}
func (*With) node()      {}
func (*CTEScan) node()   {}
func (*Recursive) node() {}
func (*WorkTable) node() {}
