package builtin

// Function is one row of pg_proc, with PostgreSQL's OID.
type Function struct {
	OID       uint32
	Name      string
	Namespace uint32 // pg_catalog or information_schema
	Kind      byte   // prokind: f function, a aggregate, w window, p procedure
	Args      []uint32
	AllArgs   []uint32 // with OUT and TABLE arguments; nil: only Args
	ArgModes  string   // one of i o b v t for each of AllArgs; "": all i
	ArgNames  []string // for AllArgs or Args; nil: none
	Variadic  uint32   // element type of the variadic argument (the last of Args), 0: none; "any" for VARIADIC "any"
	Result    uint32
	RetSet    bool
	Strict    bool
	Volatile  byte     // i immutable, s stable, v volatile
	Defaults  []string // SQL text of the defaults of the last arguments, as pg_get_expr prints them
	Language  string   // internal, sql, c
	Source    string   // prosrc
	// Kernel names the code that computes it, which package engine/eval holds (functions and set-returning functions),
	// or engine/exec (aggregates and window functions); "" where there is none: the binder then refuses the call with 0A000.
	Kernel string
}

// Operator is one row of pg_operator.
type Operator struct {
	OID         uint32
	Name        string
	Kind        byte   // b binary, l prefix
	Left, Right uint32 // Left is 0 for a prefix operator
	Result      uint32
	Function    uint32 // oprcode
	Commutator  uint32
	Negator     uint32
	CanMerge    bool
	CanHash     bool
}

// Cast is one row of pg_cast.
type Cast struct {
	OID            uint32
	Source, Target uint32
	Function       uint32 // 0: none
	Context        byte   // e explicit, a assignment, i implicit
	Method         byte   // f function, i through text, b binary coercible
}

// Aggregate is what pg_aggregate adds to a function of kind a.
type Aggregate struct {
	Function   uint32
	Kind       byte // n normal, o ordered-set, h hypothetical-set
	DirectArgs int
	SortOp     uint32 // of min and max, else 0
	HasInitial bool
}
