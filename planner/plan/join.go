package plan

// JoinKind is the kind of a Join or Apply.
type JoinKind uint8

// The kinds of a join.
const (
	Inner JoinKind = iota // also a cross join, without On
	Left
	Right
	Full
	Semi // the left rows that have a partner
	Anti // the left rows that have none (NOT EXISTS)
)

// Rename gives an input column a fresh id above an outer join, where it may be null.
type Rename struct {
	Out Column
	In  ColID
}

// Join joins two inputs; On is tested in order, in terms of the inputs' ids. Inner, Left, Semi and Anti pass the left
// columns with their ids, Inner the right ones too. A side that may be null-extended comes out renamed: the right side of Left and Full
// by RightOut, the left side of Right and Full by LeftOut. Unread are passed columns that stop here, because nothing above reads them.
type Join struct {
	Kind              JoinKind
	L, R              Node
	On                []Expr
	LeftOut, RightOut []Rename
	Unread            []ColID
}

// Apply is a join whose right side may use columns of the left (Outer lists them): LATERAL. Kind is Inner, Left, Semi or
// Anti.
type Apply struct {
	Kind     JoinKind
	L, R     Node
	Outer    []ColID
	On       []Expr
	RightOut []Rename
}

func renamed(rs []Rename) []Column {
	out := make([]Column, len(rs))
	for i, r := range rs {
		out[i] = r.Out
	}
	return out
}

func joinColumns(kind JoinKind, l, r Node, leftOut, rightOut []Rename) []Column {
	left := func() []Column { return append([]Column(nil), l.Columns()...) }
	switch kind {
	case Inner:
		return append(left(), r.Columns()...)
	case Left:
		return append(left(), renamed(rightOut)...)
	case Right:
		return append(renamed(leftOut), r.Columns()...)
	case Full:
		return append(renamed(leftOut), renamed(rightOut)...)
	default:
		return left()
	}
}

// Columns implements Node.
func (n *Join) Columns() []Column {
	return Without(joinColumns(n.Kind, n.L, n.R, n.LeftOut, n.RightOut), n.Unread)
}

// Columns implements Node.
func (n *Apply) Columns() []Column { return joinColumns(n.Kind, n.L, n.R, nil, n.RightOut) }

// Children implements Node.
func (n *Join) Children() []Node { return []Node{n.L, n.R} }

// Children implements Node.
func (n *Apply) Children() []Node { return []Node{n.L, n.R} }

// WithChildren implements Node.
func (n *Join) WithChildren(in []Node) Node {
	if in[0] == n.L && in[1] == n.R {
		return n
	}
	c := *n
	c.L, c.R = in[0], in[1]
	return &c
}

// WithChildren implements Node.
func (n *Apply) WithChildren(in []Node) Node {
	if in[0] == n.L && in[1] == n.R {
		return n
	}
	c := *n
	c.L, c.R = in[0], in[1]
	return &c
}

func (*Join) node()  {}
func (*Apply) node() {}
