// Package eval evaluates scalar expressions over batches of vectors: it compiles a plan.Expr to a program and runs it.
//
// It does no I/O and knows no operators. What it needs of the session (settings, clock, zone, catalog look-ups, notices)
// comes through Env; what it needs of the executor (subqueries) through SubqueryRunner. Aggregates and window functions live
// in engine/exec.
//
// Reading order: env.go (what a session gives), program.go (Compile, Eval, Select), frame.go (how a row's error ends the rows
// behind it), charge.go (what calls pay for memory and time), full.go (batches whose values are too large), compile.go (one
// case per expression), node_*.go (the nodes, over merge.go, which puts rows of several vectors together, and member.go, look-
// up in an array), kernel.go (the table of kernels), call.go (how a call runs), adapt.go (typed loops), loop.go and loop_*.go
// (loops over the rows that count, or over all where that is faster), set.go (set-returning functions), compare.go and hash.go
// (order and equality of rows), then one file per family of kernels (k_*.go, with array.go, json_build.go, time.go, precise.go,
// precise_pair.go and errors.go under them), numbers and dates by patterns (format_*.go), and regular expressions as PostgreSQL has them
// (are_*.go, from are_lex.go to are_regex.go, over the characters of ctype.go).
//
// Invariants: an evaluation error belongs to its row; rows before it have their values, and of several errors that of the
// earliest row wins, within a row that of the operand that PostgreSQL evaluates first. A program belongs to one goroutine;
// its result is valid until its next Eval. A kernel's name is PostgreSQL's prosrc (builtin.Function.Kernel), and the lists in
// catalog/builtin/kernels name exactly the kernels of this package's table.
package eval
