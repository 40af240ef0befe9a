package plan

import "github.com/odatagres/odatagres/catalog/builtin"

// AggCall is one aggregate. Direct holds the direct arguments of an ordered-set aggregate, whose Order is its WITHIN GROUP.
type AggCall struct {
	Out      Column
	Fn       *builtin.Function
	Args     []Expr // none for count(*)
	Direct   []Expr
	Distinct bool
	Order    []SortKey
	Filter   Expr         // nil: all rows
	Rows     [][]RowField // as in Call
}

// Aggregate groups its input. Keys are computed from the input and get fresh ids; Sets, where it is not nil, lists grouping sets as
// places in Keys (a key outside of the set is null). Without keys and sets there is exactly one group, also over no rows.
// Grouping, where it is not nil, gives grouping() values: for each a bit mask over Keys.
type Aggregate struct {
	Input    Node
	Keys     []Named
	Sets     [][]int
	Aggs     []AggCall
	Grouping []GroupingCall
}

// GroupingCall is grouping(…): bit i from the right is set if the i-th last key is not part of the set.
type GroupingCall struct {
	Out  Column
	Keys []int
}

// FrameMode is ROWS, RANGE or GROUPS.
type FrameMode uint8

// The frame modes.
const (
	FrameRange FrameMode = iota
	FrameRows
	FrameGroups
)

// BoundKind is where a frame begins or ends.
type BoundKind uint8

// The bounds of a frame.
const (
	UnboundedPreceding BoundKind = iota
	OffsetPreceding
	CurrentRow
	OffsetFollowing
	UnboundedFollowing
)

// Exclusion is EXCLUDE.
type Exclusion uint8

// The exclusions of a frame.
const (
	ExcludeNoOthers Exclusion = iota
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// Frame is a window frame.
type Frame struct {
	Mode                   FrameMode
	Start, End             BoundKind
	StartOffset, EndOffset Expr
	Exclude                Exclusion
	// InRangeStart and InRangeEnd are the in_range functions of a RANGE offset, nil otherwise.
	InRangeStart, InRangeEnd *builtin.Function
}

// WindowCall is one window function, or aggregate used as one.
type WindowCall struct {
	Out    Column
	Fn     *builtin.Function
	Args   []Expr
	Filter Expr
	Rows   [][]RowField // as in Call
}

// Window computes window functions that share partition, order and frame. It gives the input's columns and then the calls'.
type Window struct {
	Input     Node
	Partition []Expr
	Order     []SortKey
	Frame     Frame
	Calls     []WindowCall
	While     []RowLimit // rows that are wanted
}

// RowLimit says that rows of a partition are not wanted from the first one on where a call's value is greater than Most.
type RowLimit struct {
	Call ColID
	Most int64
}

// Columns implements Node.
func (n *Aggregate) Columns() []Column {
	out := namedColumns(n.Keys)
	for _, a := range n.Aggs {
		out = append(out, a.Out)
	}
	for _, g := range n.Grouping {
		out = append(out, g.Out)
	}
	return out
}

// Columns implements Node.
func (n *Window) Columns() []Column {
	out := append([]Column(nil), n.Input.Columns()...)
	for _, c := range n.Calls {
		out = append(out, c.Out)
	}
	return out
}

// Children implements Node.
func (n *Aggregate) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Window) Children() []Node { return []Node{n.Input} }

// WithChildren implements Node.
func (n *Aggregate) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	c := *n
	c.Input = in[0]
	return &c
}

// WithChildren implements Node.
func (n *Window) WithChildren(in []Node) Node {
	if in[0] == n.Input {
		return n
	}
	c := *n
	c.Input = in[0]
	return &c
}

func (*Aggregate) node() {}
func (*Window) node()    {}
