package profile

// Verdict says what a pushed condition is worth.
type Verdict uint8

// The verdicts, from worst to best.
const (
	Local    Verdict = iota // must not be sent: rows could be lost
	Superset                // may be sent, never loses a row that SQL keeps; surplus rows are dropped here
	Exact                   // the service keeps exactly the rows that SQL keeps
)

func (v Verdict) String() string { return [...]string{"local", "superset", "exact"}[v] }

// Op is a condition on one property that a profile judges.
type Op uint8

// The conditions. All compare with a constant that is not null, but the null tests and Has.
const (
	Eq Op = iota + 1
	Ne    // as "p ne v and p ne null"
	Lt
	Le
	Gt
	Ge
	In // membership in a list of constants, as the operator in; where it is Local an or of eq may still be possible
	IsNull
	IsNotNull
	StartsWith
	EndsWith
	Contains
	opEnd
)

// Ops are all conditions.
func Ops() []Op {
	ops := make([]Op, 0, opEnd-1)
	for o := Eq; o < opEnd; o++ {
		ops = append(ops, o)
	}
	return ops
}

func (o Op) String() string {
	return [...]string{"", "eq", "ne", "lt", "le", "gt", "ge", "in", "eq null", "ne null", "startswith", "endswith", "contains"}[o]
}

// OrderProof says how the service's order relates to SQL's.
type OrderProof uint8

// The proofs of order.
const (
	Unordered OrderProof = iota // not proved
	Finer                       // rows that SQL holds equal are ordered too (fractions finer than a microsecond), so only good as the last key
	SameOrder                   // SQL's order
)
