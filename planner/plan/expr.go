package plan

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// Expr is a scalar expression. Operands are the direct sub-expressions in evaluation order; WithOperands returns the same
// expression over others (the same count), or the receiver itself if they are the same.
type Expr interface {
	Type() sqltype.Type
	Operands() []Expr
	WithOperands([]Expr) Expr
	expr()
}

// ColRef is a column of the node's input, or of the outer query.
type ColRef struct {
	ID        ColID
	T         sqltype.Type
	Name      string // for printing
	Qualifier string // the table's alias, for printing
}

// Const is a constant.
type Const struct {
	Value sqltype.Value
	T     sqltype.Type
}

// Param is a parameter of the statement, from 1.
type Param struct {
	N int
	T sqltype.Type
}

// CallForm says how a call was written, for printing.
type CallForm uint8

// The forms of a call.
const (
	FormFunction CallForm = iota
	FormOperator          // Op holds the operator's name
	FormImplicitCast
	FormExplicitCast
	FormSQLSyntax // EXTRACT, OVERLAY, AT TIME ZONE …
)

// Call is a call of a built-in function, also through an operator or a cast that has a function. Args are coerced to the
// declared types. The last argument of a call with VariadicArray is the variadic array itself; otherwise variadic arguments
// are already collected into an ArrayExpr (not so for VARIADIC "any": they follow one by one).
type Call struct {
	Fn            *builtin.Function
	Args          []Expr
	T             sqltype.Type
	Form          CallForm
	Op            string
	VariadicArray bool
	// Rows lists, by argument, the fields of rows among the arguments; nil where there are none. Result lists those of the rows
	// that the call gives, for functions that make rows of any type.
	Rows   [][]RowField
	Result []RowField
}

// CastMethod says how a Cast converts.
type CastMethod uint8

// The methods of a cast. Casts by a function are Calls with a cast form.
const (
	CastRelabel CastMethod = iota // same representation, another type
	CastIO                        // through the text form
	CastArray                     // element by element, with Elem over a CaseValue
	CastTypmod                    // same type, value made to fit T.Typmod
	CastRow                       // record to a composite type or text
)

// Cast converts Arg to T.
type Cast struct {
	Arg      Expr
	T        sqltype.Type
	Method   CastMethod
	Row      []RowField // of a cast from text to a row type: its fields
	Elem     Expr       // CastArray: conversion of a CaseValue of the element type
	Explicit bool
	// Collate is the collation of a COLLATE clause, which binding takes out of the plan before it ends; CollateAt is its place in the text.
	Collate   string
	CollateAt int
}

// LogicOp is AND or OR.
type LogicOp uint8

// The connectives.
const (
	And LogicOp = iota
	Or
)

// Logic is AND or OR over two or more operands, evaluated from left to right; a later one only over rows that the earlier
// ones have not decided.
type Logic struct {
	Op   LogicOp
	Args []Expr
}

// Not is NOT.
type Not struct{ Arg Expr }

// NullTest is IS NULL, or IS NOT NULL when Not is set. For a row, Row is set and every field is tested.
type NullTest struct {
	Arg Expr
	Not bool
	Row bool
}

// BoolTestKind is TRUE, FALSE or UNKNOWN.
type BoolTestKind uint8

// The kinds of a boolean test.
const (
	IsTrue BoolTestKind = iota
	IsFalse
	IsUnknown
)

// BoolTest is IS [NOT] TRUE, FALSE or UNKNOWN.
type BoolTest struct {
	Arg  Expr
	Kind BoolTestKind
	Not  bool
}

// DistinctTest is IS DISTINCT FROM, or IS NOT DISTINCT FROM when Not is set; Eq is the function of the = operator.
type DistinctTest struct {
	Left, Right Expr
	Eq          *builtin.Function
	Not         bool
}

// When is one arm of a Case.
type When struct{ Cond, Result Expr }

// Case is CASE. With Arg, conditions compare a CaseValue, which stands for Arg evaluated once.
type Case struct {
	Arg   Expr // nil for the searched form
	Whens []When
	Else  Expr // never nil: a null constant where ELSE is missing
	T     sqltype.Type
}

// CaseValue stands for the value that the innermost enclosing Case with Arg, or array cast, is working on.
type CaseValue struct{ T sqltype.Type }

// Coalesce is COALESCE.
type Coalesce struct {
	Args []Expr
	T    sqltype.Type
}

// NullIf is NULLIF(Left, Right); Test compares CaseValue (Left, once evaluated, coerced as = needs it) with Right.
type NullIf struct {
	Left, Right Expr
	Test        Expr
	T           sqltype.Type
}

// MinMax is GREATEST, or LEAST when Least is set. Nulls are ignored.
type MinMax struct {
	Least bool
	Args  []Expr
	T     sqltype.Type
}

// ArrayOp is Left op ANY (array), or ALL when All is set. Fn is the operator's function.
type ArrayOp struct {
	Left, Array Expr
	Fn          *builtin.Function
	Op          string
	All         bool
}

// ArrayExpr is ARRAY[…]. Of a Nested one the elements are arrays of the same type.
type ArrayExpr struct {
	Elems  []Expr
	T      sqltype.Type
	Nested bool
}

// RowExpr is ROW(…) or a whole-row reference. Names are the field names ("f1", …, or the table's columns).
type RowExpr struct {
	Fields []Expr
	Names  []string
	T      sqltype.Type
	// Whole marks a whole-row reference. Extended: one to the nullable side of an outer join, where fields that are all null
	// make the row null as a whole.
	Whole, Extended bool
}

// Field selects a field of a row value by its place from 0.
type Field struct {
	Arg   Expr
	Index int
	Name  string
	T     sqltype.Type
}

// Subscript takes an element, or a slice if Slice is set. Lower and Upper have one entry per dimension; in a slice an entry
// may be nil (open). Without Slice only Upper counts. Subscripts of jsonb are Calls.
type Subscript struct {
	Arg          Expr
	Lower, Upper []Expr
	Slice        bool
	T            sqltype.Type
}

// RowCompare compares rows by <, <=, > or >=: pairs are compared in order, the first unequal decides. = and <> of rows are
// Logic over the pairs. Eq and Less are the functions of = and < for each pair.
type RowCompare struct {
	Op          string
	Left, Right []Expr
	Eq, Less    []*builtin.Function
}

// SQLValue is CURRENT_DATE and its kin, which have no function: current_date, current_time(p), localtime, current_timestamp, localtimestamp,
// current_role, current_user, user, session_user, current_catalog, current_schema.
type SQLValue struct {
	Name string
	T    sqltype.Type
}

// SortKey is one item of ORDER BY. NullsFirst is already resolved (PostgreSQL: false for ASC, true for DESC).
type SortKey struct {
	Expr       Expr
	Desc       bool
	NullsFirst bool
}

func boolType() sqltype.Type { return sqltype.Of(sqltype.OIDBool) }

// Type implements Expr.
func (e *ColRef) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Const) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Param) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Call) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Cast) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Logic) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *Not) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *NullTest) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *BoolTest) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *DistinctTest) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *Case) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *CaseValue) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Coalesce) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *NullIf) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *MinMax) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *ArrayOp) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *ArrayExpr) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *RowExpr) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Field) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *Subscript) Type() sqltype.Type { return e.T }

// Type implements Expr.
func (e *RowCompare) Type() sqltype.Type { return boolType() }

// Type implements Expr.
func (e *SQLValue) Type() sqltype.Type { return e.T }

func (*ColRef) expr()       {}
func (*Const) expr()        {}
func (*Param) expr()        {}
func (*Call) expr()         {}
func (*Cast) expr()         {}
func (*Logic) expr()        {}
func (*Not) expr()          {}
func (*NullTest) expr()     {}
func (*BoolTest) expr()     {}
func (*DistinctTest) expr() {}
func (*Case) expr()         {}
func (*CaseValue) expr()    {}
func (*Coalesce) expr()     {}
func (*NullIf) expr()       {}
func (*MinMax) expr()       {}
func (*ArrayOp) expr()      {}
func (*ArrayExpr) expr()    {}
func (*RowExpr) expr()      {}
func (*Field) expr()        {}
func (*Subscript) expr()    {}
func (*RowCompare) expr()   {}
func (*SQLValue) expr()     {}
func (*Subquery) expr()     {}
